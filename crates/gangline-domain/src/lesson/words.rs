//! Texts of lessons, and the words that tell them apart.

use std::collections::BTreeSet;

/// Words that tell nothing apart, in any ticket of any project.
const STOP: [&str; 70] = [
    "about", "add", "added", "after", "again", "all", "also", "and", "any", "are", "because",
    "been", "before", "but", "can", "change", "changed", "code", "commit", "could", "did", "does",
    "done", "each", "error", "fail", "failed", "fails", "file", "files", "fix", "fixed", "for",
    "from", "had", "has", "have", "into", "its", "line", "make", "must", "new", "not", "now",
    "one", "only", "other", "out", "should", "some", "src", "test", "tests", "than", "that", "the",
    "them", "then", "there", "they", "this", "use", "used", "was", "when", "which", "will", "with",
    "you",
];
/// Letters that a word has at least.
const LETTERS_MIN: usize = 3;

/// In one line of at most `chars_max` characters, without characters that steer a terminal, turn
/// text around or have no width.
pub fn one_line(text: &str, chars_max: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut told: String = words.chars().filter(|c| !is_unseen(*c)).collect();
    if told.chars().count() > chars_max {
        told = told.chars().take(chars_max.saturating_sub(1)).collect::<String>() + "…";
    }
    told.trim().to_owned()
}

fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// The words of a text in small letters, in order: without those that tell nothing apart, and
/// without the plural's s. A name such as `round_total` is both of its parts and itself.
pub fn tokens(text: &str) -> Vec<String> {
    let mut found = vec![];
    for name in text.split(|c: char| !c.is_alphanumeric() && c != '_') {
        if name.contains('_') {
            found.extend(stemmed(name));
        }
        found.extend(name.split('_').filter_map(stemmed));
    }
    found
}

fn stemmed(word: &str) -> Option<String> {
    let word = word.to_lowercase();
    let letters = word.chars().filter(|c| c.is_alphabetic()).count();
    if letters < LETTERS_MIN || STOP.contains(&word.as_str()) {
        return None;
    }
    let plural = word.len() > 4 && !word.ends_with("ss");
    Some(match word.strip_suffix('s').filter(|_| plural) {
        Some(stem) => stem.to_owned(),
        None => word,
    })
}

pub(super) fn distinct(text: &str) -> BTreeSet<String> {
    tokens(text).into_iter().collect()
}
