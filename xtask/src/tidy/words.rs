//! One word per thing; no module that attracts everything; no path of somebody's machine.

use super::glossary::{Banned, GLOSSARY, banned};
use super::tree::{Entry, Finding, Tree};

/// Names that repel nothing, so that everything lands there.
const ATTRACTORS: &[&str] = &[
    "common", "helper", "helpers", "manager", "managers", "misc", "service", "services", "util",
    "utils",
];

/// Top folders that exist on the machine of whoever wrote the text, and nowhere else.
const MACHINE_FOLDERS: &[&str] = &["root", "work"];

/// Looks at names of files and modules, at identifiers, comments and documents.
pub(super) fn findings(tree: &Tree) -> Vec<Finding> {
    let (synonyms, mut found) = match banned(tree) {
        Ok(synonyms) => (synonyms, Vec::new()),
        Err(finding) => (Vec::new(), vec![finding]),
    };
    for file in tree.files.iter().filter(|file| !file.is_fixture()) {
        found.extend(machine_paths(file));
        if file.is("rs") {
            found.extend(attractor(file));
        }
        let spoken = ["rs", "md", "toml", "sql", "yaml", "yml"].iter().any(|ext| file.is(ext));
        if spoken && file.path != GLOSSARY {
            found.extend(spoken_synonyms(file, &synonyms));
        }
    }
    found
}

/// A file, a folder below a crate or an inline module with a name that attracts everything.
fn attractor(file: &Entry) -> Vec<Finding> {
    let is_attractor = |name: &str| {
        let last = name.rsplit(['_', '-']).next().unwrap_or(name);
        ATTRACTORS.contains(&last)
    };
    let message =
        |name: &str| format!("a module called `{name}` attracts everything: name what it is for");
    let mut found = Vec::new();
    let parts = file.path.trim_end_matches(".rs").split('/');
    if let Some(name) = parts.into_iter().find(|part| is_attractor(part)) {
        found.push(Finding::new("words", &file.path, message(name)));
    }
    for (at, line) in file.text.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        let (["mod", name, "{", ..] | [_, "mod", name, "{", ..]) = words.as_slice() else {
            continue;
        };
        if is_attractor(name) {
            found.push(Finding::new("words", &file.path, message(name)).at(at + 1));
        }
    }
    found
}

fn machine_paths(file: &Entry) -> Vec<Finding> {
    let mut found = Vec::new();
    for folder in MACHINE_FOLDERS {
        let path = format!("/{folder}/");
        for (at, line) in file.text.lines().enumerate() {
            let absolute = line.match_indices(&path).any(|(start, _)| {
                let before = line[..start].chars().next_back();
                !before.is_some_and(|c| c.is_alphanumeric() || "_-./})~*>".contains(c))
            });
            if absolute {
                let message = format!("`{path}` is a path of one machine");
                found.push(Finding::new("words", &file.path, message).at(at + 1));
            }
        }
    }
    found
}

fn spoken_synonyms(file: &Entry, synonyms: &[Banned]) -> Vec<Finding> {
    let words = words(&file.text);
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        for synonym in synonyms.iter().filter(|synonym| stands_at(&words[at..], &synonym.words)) {
            let message = format!(
                "`{}` is not a word of ours: say {}",
                synonym.words.join(" "),
                synonym.instead
            );
            found.push(Finding::new("words", &file.path, message).at(word.line));
        }
    }
    found
}

/// Whether the synonym begins here, spelled apart, joined, or in the plural.
fn stands_at(words: &[Word], synonym: &[String]) -> bool {
    let same = |found: &str, wanted: &str| {
        found == wanted || found.strip_suffix('s').is_some_and(|found| found == wanted)
    };
    let Some(first) = words.first() else { return false };
    if same(&first.text, &synonym.concat()) {
        return true;
    }
    let mut places = words.iter();
    synonym.iter().enumerate().all(|(at, wanted)| {
        let last = at + 1 == synonym.len();
        places.next().is_some_and(|found| {
            (at == 0 || found.follows)
                && (found.text == *wanted || last && same(&found.text, wanted))
        })
    })
}

/// One word of an identifier or of prose, in lower case.
struct Word {
    text: String,
    line: usize,
    /// Whether only a blank, `-`, `_` or a change of case stands between it and the word before.
    follows: bool,
}

fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let mut word = String::new();
        let mut gap = 2;
        let mut lower_before = false;
        for c in line.chars().chain(['\n']) {
            let hump = c.is_uppercase() && lower_before;
            if (hump || !c.is_alphanumeric()) && !word.is_empty() {
                found.push(Word {
                    text: std::mem::take(&mut word),
                    line: at + 1,
                    follows: gap <= 1,
                });
                gap = 0;
            }
            if c.is_alphanumeric() {
                word.extend(c.to_lowercase());
            } else {
                gap += if matches!(c, ' ' | '-' | '_') { 1 } else { 2 };
            }
            lower_before = c.is_lowercase() || c.is_ascii_digit();
        }
    }
    found
}

#[cfg(test)]
mod tests;
