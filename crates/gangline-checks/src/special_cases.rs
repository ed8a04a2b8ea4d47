//! `special-cases`: no new code answers a test's own input with the test's own answer. It is a
//! reading of text and may be mistaken, so it is a doubt for a person and never a failure. Left
//! out when there is none.

use std::collections::BTreeSet;

use gangline_domain::verdict::{CheckResult, Verdict};

use crate::code::{Keep, Language, code};
use crate::registry::{Facts, count, printable};

pub(crate) const NAME: &str = "special-cases";

/// Lines within which an answer follows its question.
const REACH: usize = 3;

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    let is_test = |path: &str| facts.policy.tests.contains(path);
    // Tests, their fixtures and what they share stand in several files.
    let mut known = Expected::default();
    for text in facts.tests {
        known.read(text);
    }
    for changed in facts.changed {
        let holds = is_test(&changed.path) || Language::of(&changed.path) == Some(Language::Rust);
        let texts = [changed.text_before(), changed.text_after()].into_iter().flatten();
        for text in texts.filter(|_| holds) {
            known.read(text);
        }
    }
    let mut doubts = vec![];
    for changed in facts.changed.iter().filter(|changed| !is_test(&changed.path)) {
        let Some(language) = Language::of(&changed.path) else { continue };
        let text = code(changed.text_after().unwrap_or_default(), language, Keep::Strings);
        let new: BTreeSet<usize> = changed.new_lines().into_iter().map(|(line, _)| line).collect();
        let lines: Vec<&str> = text.lines().collect();
        for (at, line) in lines.iter().enumerate() {
            if !new.contains(&(at + 1)) || is_expectation(line) {
                continue;
            }
            let Some(asked) = compared(line) else { continue };
            let answers: Vec<String> =
                lines[at..].iter().take(REACH).flat_map(|line| answered(line)).collect();
            let echo = known.echo(&asked, &answers);
            if let Some((ask, answer)) = echo {
                doubts.push(format!(
                    "{}:{}: answers `{}` with `{}`, as a test asks and expects",
                    printable(&changed.path),
                    at + 1,
                    printable(ask),
                    printable(answer)
                ));
            }
        }
    }
    if doubts.is_empty() {
        return None;
    }
    let fact = format!("{} that a test's own values stand in", count(doubts.len(), "new line"));
    doubts.truncate(5);
    Some(CheckResult { doubts, ..CheckResult::required(NAME, Verdict::Pass, fact) })
}

/// Whether a line is part of a test.
fn is_expectation(line: &str) -> bool {
    ["assert", "expect(", "t.Error", "t.Fatal", "require.", "should"]
        .iter()
        .any(|word| line.contains(word))
}

/// What tests put in and what they expect.
#[derive(Debug, Default)]
struct Expected {
    /// Literals that stand in one line that asserts.
    pairs: BTreeSet<(String, String)>,
    /// All literals.
    all: BTreeSet<String>,
    /// Those in lines that assert.
    asserted: BTreeSet<String>,
}

impl Expected {
    fn read(&mut self, text: &str) {
        for line in text.lines() {
            let values = literals(line);
            self.all.extend(values.iter().cloned());
            if !(is_expectation(line) || is_row(line)) {
                continue;
            }
            self.asserted.extend(values.iter().cloned());
            for ask in &values {
                let others = values.iter().filter(|answer| *answer != ask);
                self.pairs.extend(others.map(|answer| (ask.clone(), answer.clone())));
            }
        }
    }

    /// A question and its answer that are those of the tests: of one line, or of several where more
    /// than one value is asked for.
    fn echo<'v>(&self, asked: &'v [String], answers: &'v [String]) -> Option<(&'v str, &'v str)> {
        let several = asked.iter().filter(|ask| self.all.contains(*ask)).count() > 1;
        let mut both = answers.iter().flat_map(|answer| asked.iter().map(move |ask| (ask, answer)));
        let echo = both.find(|(ask, answer)| {
            let pair = ((*ask).clone(), (*answer).clone());
            let far = several && self.asserted.contains(*answer) && !asked.contains(*answer);
            ask != answer && (self.pairs.contains(&pair) || far && self.all.contains(*ask))
        });
        echo.map(|(ask, answer)| (ask.as_str(), answer.as_str()))
    }
}

/// A row of a table of tests: `(1234, "x"),`, `{1234, "x"},`, `[1234, 'x'],`.
fn is_row(line: &str) -> bool {
    let line = line.trim();
    line.starts_with(['(', '{', '[']) && line.ends_with([',', ')', '}', ']'])
}

/// The literals that a line compares something with.
fn compared(line: &str) -> Option<Vec<String>> {
    let asks = ["==", "===", " is ", ".equals(", "case ", "=> ", "matches!("]
        .iter()
        .any(|word| line.contains(word));
    let conditional = ["if ", "if(", "case ", "elif ", "when ", "? ", "=>", "switch", " if "]
        .iter()
        .any(|word| line.contains(word));
    let values = literals(line);
    (asks && conditional && !values.is_empty()).then_some(values)
}

/// The literals that a line gives back.
fn answered(line: &str) -> Vec<String> {
    let gives = ["return", "=>", "? ", "yield", ":"].iter().any(|word| line.contains(word));
    if gives { literals(line) } else { vec![] }
}

/// Strings of three characters and more, and numbers of three digits and more: what is shorter
/// stands in honest code, too.
fn literals(line: &str) -> Vec<String> {
    let mut found = vec![];
    let mut rest = line;
    while let Some(at) =
        rest.find(|c: char| c == '"' || c == '\'' || c == '`' || c.is_ascii_digit())
    {
        let first = rest[at..].chars().next().unwrap_or(' ');
        let in_word = rest[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if first.is_ascii_digit() {
            let end = rest[at..].find(|c: char| !(c.is_ascii_digit() || "._".contains(c)));
            let end = end.map_or(rest.len(), |end| at + end);
            let number = rest[at..end].trim_end_matches(['.', '_']).replace('_', "");
            let digits = number.chars().filter(char::is_ascii_digit).count();
            if digits >= 3 && !in_word && !is_round(&number) {
                found.push(number);
            }
            rest = &rest[end..];
        } else {
            let text = &rest[at + 1..];
            let Some(end) = text.find(first) else { break };
            if text[..end].chars().count() >= 3 {
                found.push(text[..end].to_owned());
            }
            rest = &text[end + 1..];
        }
    }
    found
}

/// Numbers that stand everywhere.
fn is_round(number: &str) -> bool {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let trimmed = digits.trim_start_matches('0').trim_end_matches('0');
    trimmed.len() <= 1
        || matches!(digits.as_str(), "255" | "256" | "1024" | "3600" | "65535" | "65536")
}

#[cfg(test)]
mod tests;
