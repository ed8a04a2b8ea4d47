//! Reads the words that the glossary rules out.

use super::tree::{Finding, Tree};

/// Where one word per thing is chosen.
pub(super) const GLOSSARY: &str = "docs/glossary.md";

/// A synonym that is not used here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Banned {
    /// Its words, in lower case.
    pub(super) words: Vec<String>,
    /// The term to use instead.
    pub(super) instead: String,
}

/// Reads entries of the form `**term**: meaning`, followed by a line `not: a, b c`.
pub(super) fn banned(tree: &Tree) -> Result<Vec<Banned>, Finding> {
    let Some(file) = tree.file(GLOSSARY) else {
        return Err(Finding::new("words", GLOSSARY, "the glossary is missing"));
    };
    let mut term: Option<&str> = None;
    let mut found = Vec::new();
    for (at, line) in file.text.lines().enumerate() {
        if let Some((name, _)) = line.strip_prefix("**").and_then(|line| line.split_once("**")) {
            term = Some(name);
        }
        let Some(synonyms) = line.strip_prefix("not: ") else { continue };
        let Some(instead) = term else {
            return Err(Finding::new("words", GLOSSARY, "`not:` without a term").at(at + 1));
        };
        for synonym in synonyms.split(',').map(str::trim).filter(|synonym| !synonym.is_empty()) {
            let words = synonym.split([' ', '-']).map(str::to_lowercase).collect();
            found.push(Banned { words, instead: instead.to_owned() });
        }
    }
    Ok(found)
}
