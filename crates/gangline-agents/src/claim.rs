//! What an agent claims: the outcome file that the brief asks for, or failing that what its
//! final message can be read to say. A claim is never believed; it is put beside the facts.

use std::collections::BTreeMap;

use gangline_domain::verdict::{Claim, ClaimSource, SUMMARY_CHARS_MAX};
use serde::Deserialize;

use crate::driver::AgentEnd;

/// Names the outcome file to the agent.
pub const OUTCOME_ENV: &str = "GANGLINE_OUTCOME";
/// Bytes that an outcome file may have.
pub const OUTCOME_BYTES_MAX: usize = 64 * 1024;
/// Files that a claim may name; more are dropped.
pub const CLAIMED_FILES_MAX: usize = 1_000;

/// How the agent says it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It did what the ticket asks for.
    Completed,
    /// It cannot do it.
    GaveUp,
    /// Nothing needs to change.
    NoChangeNeeded,
}

impl Status {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::GaveUp => "gave_up",
            Self::NoChangeNeeded => "no_change_needed",
        }
    }
}

/// A well-formed outcome file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How the agent says it ended.
    pub status: Status,
    /// What it says it did.
    pub claim: Claim,
    /// Keys of the file that were not understood, and left aside.
    pub ignored: Vec<String>,
}

/// Why an outcome file says nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadOutcome {
    /// Too large to be what the brief asked for.
    #[error("the outcome file has {bytes} bytes, more than {OUTCOME_BYTES_MAX}")]
    TooLarge {
        /// Its size.
        bytes: usize,
    },
    /// Not JSON of the described shape.
    #[error("the outcome file is not as described: {detail}")]
    Shape {
        /// What the parser says, with line and column.
        detail: String,
    },
    /// Of a version that is not known.
    #[error("the outcome file has version {version}; 1 is known")]
    Version {
        /// As given.
        version: u64,
    },
}

#[derive(Deserialize)]
struct Raw {
    #[serde(default = "first_version")]
    version: u64,
    status: Status,
    #[serde(default)]
    summary: String,
    #[serde(default)]
    commits: Option<u32>,
    #[serde(default)]
    files: Option<Vec<String>>,
    #[serde(default)]
    tests_pass: Option<bool>,
    #[serde(default)]
    checks: BTreeMap<String, bool>,
    #[serde(flatten)]
    ignored: BTreeMap<String, serde_json::Value>,
}

fn first_version() -> u64 {
    1
}

/// Reads an outcome file. Unknown keys are left aside; a wrong type or version is an error,
/// because half a claim would be worse than none.
pub fn read_outcome(text: &str) -> Result<Outcome, BadOutcome> {
    if text.len() > OUTCOME_BYTES_MAX {
        return Err(BadOutcome::TooLarge { bytes: text.len() });
    }
    let shape = |error: serde_json::Error| BadOutcome::Shape { detail: error.to_string() };
    let raw: Raw = serde_json::from_str(text.trim_start_matches('\u{feff}')).map_err(shape)?;
    if raw.version != 1 {
        return Err(BadOutcome::Version { version: raw.version });
    }
    let mut checks = raw.checks;
    if let Some(pass) = raw.tests_pass {
        checks.entry("test".to_owned()).or_insert(pass);
    }
    let files = raw.files.map(|mut files| {
        files.truncate(CLAIMED_FILES_MAX);
        files
    });
    let claim = Claim {
        source: ClaimSource::Outcome,
        summary: short_summary(&raw.summary),
        commits: raw.commits,
        files,
        checks,
        lessons: vec![],
    };
    Ok(Outcome { status: raw.status, claim, ignored: raw.ignored.into_keys().collect() })
}

/// How a session ended when its agent's outcome file is heard too: an agent that ends well and
/// writes that it gave up has given up.
pub fn end_with(end: AgentEnd, outcome: &Outcome) -> AgentEnd {
    let AgentEnd::Completed { summary } = end else { return end };
    let words = |summary: String| match outcome.claim.summary.as_str() {
        "" => summary,
        own => own.to_owned(),
    };
    match outcome.status {
        Status::Completed => AgentEnd::Completed { summary },
        Status::GaveUp => AgentEnd::GaveUp { reason: words(summary) },
        Status::NoChangeNeeded => AgentEnd::NoChangeNeeded { reason: words(summary) },
    }
}

/// The claim of an attempt: its outcome file where there is a well-formed one, otherwise a
/// reading of its final message. A malformed file is handed back beside that reading.
pub fn claim_of(outcome: Option<&str>, final_message: &str) -> (Claim, Option<BadOutcome>) {
    match outcome.map(read_outcome) {
        Some(Ok(outcome)) => (outcome.claim, None),
        Some(Err(bad)) => (read_message(final_message), Some(bad)),
        None => (read_message(final_message), None),
    }
}

/// Reads what a final message seems to claim. Errs on the side of finding nothing: whatever it
/// misses is only a claim less.
pub fn read_message(message: &str) -> Claim {
    let summary = short_summary(message);
    if summary.is_empty() {
        return Claim::default();
    }
    let text = message.to_lowercase();
    let mut checks = BTreeMap::new();
    if let Some(pass) = tests_pass(&text) {
        checks.insert("test".to_owned(), pass);
    }
    let commits = commits(&text);
    Claim { source: ClaimSource::Message, summary, commits, checks, ..Claim::default() }
}

fn tests_pass(text: &str) -> Option<bool> {
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| text.contains(phrase));
    let doubts = [
        "tests fail",
        "test fails",
        "tests are failing",
        "tests still fail",
        "failing test",
        "tests do not pass",
        "tests don't pass",
        "not all tests pass",
    ];
    let claims = [
        "all tests pass",
        "tests pass",
        "tests are passing",
        "tests are green",
        "test suite passes",
        "tests now pass",
        "tests passed",
    ];
    match (says(&doubts), says(&claims)) {
        (true, _) => Some(false),
        (false, true) => Some(true),
        (false, false) => None,
    }
}

/// `committed abc1234`, `3 commits`, `commit abc1234`; and a plain "committed" as one.
fn commits(text: &str) -> Option<u32> {
    let denied = ["not committed", "nothing committed", "no commits", "without committing"];
    if denied.iter().any(|phrase| text.contains(phrase)) {
        return Some(0);
    }
    let words: Vec<&str> =
        text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    for pair in words.windows(2) {
        let &[first, second] = pair else { continue };
        match second {
            "commit" | "commits" => {
                if let Ok(count) = first.parse() {
                    return Some(count);
                }
            }
            _ => {}
        }
        if matches!(first, "commit" | "committed") && is_short_id(second) {
            return Some(1);
        }
    }
    words.contains(&"committed").then_some(1)
}

fn is_short_id(word: &str) -> bool {
    let hexadecimal = word.bytes().all(|b| b.is_ascii_hexdigit());
    (7..=64).contains(&word.len()) && hexadecimal && word.bytes().any(|b| b.is_ascii_digit())
}

/// Trimmed, without control characters but line ends, and at most [`SUMMARY_CHARS_MAX`].
fn short_summary(text: &str) -> String {
    let shown = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    let clean: String = text.trim().chars().filter(shown).take(SUMMARY_CHARS_MAX + 1).collect();
    match clean.char_indices().nth(SUMMARY_CHARS_MAX) {
        None => clean,
        Some(_) => clean.chars().take(SUMMARY_CHARS_MAX - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests;
