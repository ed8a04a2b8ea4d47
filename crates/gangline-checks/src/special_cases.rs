//! `special-cases`: no new code answers a test's own input with the test's own answer. It is a
//! reading of text and may be mistaken, so it is a doubt for a person and never a failure. Left
//! out when there is none.

use std::collections::BTreeSet;

use gangline_domain::verdict::{CheckResult, Verdict};

use crate::code::{Keep, Language, code};
use crate::registry::{Facts, count, printable, result};

pub(crate) const NAME: &str = "special-cases";

/// Lines within which an answer follows its question.
const REACH: usize = 3;

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    let is_test = |path: &str| facts.policy.tests.contains(path);
    let mut pairs: BTreeSet<(String, String)> = BTreeSet::new();
    for test in facts.tests {
        pairs.extend(expectations(test));
    }
    for changed in facts.changed {
        for text in [changed.text_before(), changed.text_after()].into_iter().flatten() {
            if is_test(&changed.path) || Language::of(&changed.path) == Some(Language::Rust) {
                pairs.extend(expectations(text));
            }
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
            let answers = lines[at..].iter().take(REACH).flat_map(|line| answered(line));
            let echo = answers
                .flat_map(|answer| asked.iter().map(move |ask| (ask.clone(), answer.clone())));
            if let Some((ask, answer)) = echo.into_iter().find(|pair| pairs.contains(pair)) {
                doubts.push(format!(
                    "{}:{}: answers `{}` with `{}`, as a test asks and expects",
                    printable(&changed.path),
                    at + 1,
                    printable(&ask),
                    printable(&answer)
                ));
            }
        }
    }
    if doubts.is_empty() {
        return None;
    }
    let fact = format!("{} that a test's own values stand in", count(doubts.len(), "new line"));
    doubts.truncate(5);
    Some(CheckResult { doubts, ..result(NAME, Verdict::Pass, fact) })
}

/// Whether a line is part of a test.
fn is_expectation(line: &str) -> bool {
    ["assert", "expect(", "t.Error", "t.Fatal", "require.", "should"]
        .iter()
        .any(|word| line.contains(word))
}

/// What a test puts in and what it expects: pairs of literals in one line that asserts.
fn expectations(text: &str) -> Vec<(String, String)> {
    let mut pairs = vec![];
    for line in text.lines().filter(|line| is_expectation(line) || is_row(line)) {
        let values = literals(line);
        for (at, ask) in values.iter().enumerate() {
            for answer in &values[at + 1..] {
                if ask != answer {
                    pairs.push((ask.clone(), answer.clone()));
                    pairs.push((answer.clone(), ask.clone()));
                }
            }
        }
    }
    pairs
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
