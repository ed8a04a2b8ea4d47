//! The new lines of a change that have code in them, and what is known of each.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use super::aside::set_aside;
use crate::code::{Keep, Language, code};
use crate::registry::Facts;
use crate::size;
use crate::subject::ChangedPath;

/// Endings of files that are remembered as covered by the tool.
const ENDINGS_MAX: usize = 64;

/// What is known of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// The data says nothing of it: most often there is nothing that runs.
    Unknown,
    /// It ran.
    Ran,
    /// It did not.
    Missed,
    /// The change itself keeps the tool from looking at it.
    Aside,
}

/// Wanted lines of each file, by its path.
pub(super) struct Wanted<'a> {
    files: BTreeMap<&'a str, File>,
    /// Endings of all files that the data tells of: what the tool can measure.
    endings: BTreeSet<String>,
}

struct File {
    lines: BTreeMap<u32, Line>,
    told: bool,
    /// Whether something in the lines could run, by their looks.
    runs: bool,
}

impl<'a> Wanted<'a> {
    /// Without tests, generated and moved files, and those that a person has approved.
    pub(super) fn of(facts: &Facts<'a>) -> Self {
        let moved = size::moved(facts.changed);
        let looked_at = |changed: &&'a ChangedPath| {
            let path = changed.path.as_str();
            !facts.policy.tests.contains(path)
                && !moved.contains(path)
                && !size::is_generated(facts, changed)
                && !facts.approved_paths.contains(path)
        };
        let changed = facts.changed.iter().filter(looked_at);
        let files = changed.filter_map(|changed| Some((changed.path.as_str(), File::of(changed)?)));
        Self { files: files.collect(), endings: BTreeSet::new() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub(super) fn paths(&self) -> Vec<&'a str> {
        self.files.keys().copied().collect()
    }

    /// The data tells of this file, wanted or not.
    pub(super) fn tells_of(&mut self, path: &str) {
        let ending = ending(path);
        if self.endings.len() < ENDINGS_MAX && !self.endings.contains(ending) {
            self.endings.insert(ending.to_owned());
        }
    }

    /// The data has this wanted file, perhaps without a line.
    pub(super) fn has(&mut self, path: &str) {
        if let Some(file) = self.files.get_mut(path) {
            file.told = true;
        }
    }

    /// What the data says of some lines of a file. Of two that disagree, one ran the line.
    pub(super) fn say(&mut self, path: &str, lines: RangeInclusive<u32>, ran: bool) {
        let Some(file) = self.files.get_mut(path) else { return };
        if lines.is_empty() {
            return;
        }
        for (_, line) in file.lines.range_mut(lines) {
            *line = match (*line, ran) {
                (Line::Aside, _) => Line::Aside,
                (Line::Ran, _) | (Line::Unknown | Line::Missed, true) => Line::Ran,
                (Line::Unknown | Line::Missed, false) => Line::Missed,
            };
        }
    }

    pub(super) fn count(&self, what: Line) -> usize {
        let lines = self.files.values().flat_map(|file| file.lines.values());
        lines.filter(|line| **line == what).count()
    }

    /// Changed files that the tool should have told of, and did not.
    pub(super) fn without_data(&self) -> Vec<&'a str> {
        let missing = |(path, file): &(&&str, &File)| {
            !file.told && file.runs && self.endings.contains(ending(path))
        };
        self.files.iter().filter(missing).map(|(path, _)| *path).collect()
    }

    /// `src/a.py:12-18`, where lines did not run.
    pub(super) fn uncovered(&self) -> impl Iterator<Item = String> {
        self.files.iter().flat_map(|(path, file)| {
            file.missed().into_iter().map(move |lines| match (lines.start(), lines.end()) {
                (first, last) if first == last => format!("{path}:{first}"),
                (first, last) => format!("{path}:{first}-{last}"),
            })
        })
    }

    pub(super) fn uncovered_paths(&self) -> Vec<String> {
        let missed = self.files.iter().filter(|(_, file)| !file.missed().is_empty());
        missed.map(|(path, _)| (*path).to_owned()).collect()
    }
}

impl File {
    /// `None` for what is no code, or has no new line of it.
    fn of(changed: &ChangedPath) -> Option<Self> {
        let text = changed.text_after()?;
        let language =
            Language::of(&changed.path).filter(|language| *language != Language::Hash)?;
        let bare = code(text, language, Keep::Strings);
        let bare: Vec<&str> = bare.lines().collect();
        let new: BTreeSet<usize> =
            changed.new_lines().into_iter().map(|(number, _)| number).collect();
        let has_code = |number: &usize| {
            bare.get(number - 1).is_some_and(|line| line.contains(char::is_alphanumeric))
        };
        let aside = set_aside(text, &bare, &new);
        let lines: BTreeMap<u32, Line> = new
            .iter()
            .filter(|number| has_code(number))
            .filter_map(|number| {
                let line = if aside.contains(number) { Line::Aside } else { Line::Unknown };
                Some((u32::try_from(*number).ok()?, line))
            })
            .collect();
        let said = |word: &str| new.iter().any(|number| bare[number - 1].contains(word));
        // Types and constants of Go are in no profile.
        let runs = language != Language::Go || said("func ") || changed.before.is_some();
        (!lines.is_empty()).then_some(Self { lines, told: false, runs })
    }

    /// Lines behind one another that did not run.
    fn missed(&self) -> Vec<RangeInclusive<u32>> {
        let mut all: Vec<RangeInclusive<u32>> = vec![];
        for (number, line) in &self.lines {
            match (line, all.last_mut()) {
                (Line::Unknown | Line::Ran, _) => {}
                (Line::Missed | Line::Aside, Some(last)) if *last.end() + 1 == *number => {
                    *last = *last.start()..=*number;
                }
                (Line::Missed | Line::Aside, _) => all.push(*number..=*number),
            }
        }
        all
    }
}

fn ending(path: &str) -> &str {
    path.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(_, ending)| ending)
}
