//! Lessons by words, the best first.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{distinct, tokens};
use super::{Lesson, LessonSource};

/// How soon more of the same word counts for little; see `BM25_B`.
const BM25_K: f64 = 1.2;
/// How much longer texts count for less. Both are usual: Robertson and Zaragoza, "The Probabilistic
/// Relevance Framework: BM25 and Beyond" (2009).
const BM25_B: f64 = 0.75;
/// How much a word counts that only begins as the one that is looked for.
const BEGINNING: f64 = 0.5;

/// A lesson that was found.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Found<'l> {
    /// The lesson.
    pub lesson: &'l Lesson,
    /// How well it fits; only to be compared within one search.
    pub score: f64,
}

/// All that can be searched of a lesson.
pub(super) fn text(lesson: &Lesson) -> String {
    let mut text = lesson.text.clone();
    let mut add = |more: &str| {
        text.push(' ');
        text.push_str(more);
    };
    if let Some(against) = &lesson.against {
        add(against.class.words());
        add(&against.line);
    }
    lesson.paths.iter().for_each(|path| add(path));
    match &lesson.source {
        LessonSource::Attempt { job, title, .. } => {
            add(title);
            add(&job.ticket.key.to_string());
        }
        LessonSource::Person { .. } => {}
    }
    text
}

/// Those of `lessons` that have any of the words, best first. A word also finds longer ones that
/// begin with it, for less.
pub fn search<'l>(lessons: impl IntoIterator<Item = &'l Lesson>, words: &str) -> Vec<Found<'l>> {
    let wanted: BTreeSet<String> = distinct(words);
    let texts: Vec<(&Lesson, Vec<String>)> =
        lessons.into_iter().map(|lesson| (lesson, tokens(&text(lesson)))).collect();
    if wanted.is_empty() || texts.is_empty() {
        return vec![];
    }
    let count = as_f64(texts.len());
    let mean = as_f64(texts.iter().map(|(_, words)| words.len()).sum()) / count;
    let mut scores: BTreeMap<usize, f64> = BTreeMap::new();
    for word in &wanted {
        let weights: Vec<f64> = texts.iter().map(|(_, words)| weight(word, words)).collect();
        let having = as_f64(weights.iter().filter(|weight| **weight > 0.0).count());
        let rarity = (1.0 + (count - having + 0.5) / (having + 0.5)).ln();
        for (at, weight) in weights.iter().enumerate().filter(|(_, weight)| **weight > 0.0) {
            let length = as_f64(texts[at].1.len()) / mean.max(1.0);
            let norm = BM25_K * (1.0 - BM25_B + BM25_B * length);
            *scores.entry(at).or_default() += rarity * weight * (BM25_K + 1.0) / (weight + norm);
        }
    }
    let mut found: Vec<Found<'l>> =
        scores.into_iter().map(|(at, score)| Found { lesson: texts[at].0, score }).collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score).then(a.lesson.id.cmp(&b.lesson.id)));
    found
}

/// How often the word is there.
fn weight(wanted: &str, words: &[String]) -> f64 {
    let of = |word: &String| match word {
        word if word == wanted => 1.0,
        word if word.starts_with(wanted) => BEGINNING,
        _other => 0.0,
    };
    words.iter().map(of).sum()
}

fn as_f64(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}
