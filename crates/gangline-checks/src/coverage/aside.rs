//! Comments that keep a coverage tool from looking at lines. One that was there before is the
//! project's own; one that a change brings along exempts the change from being measured.

use std::collections::BTreeSet;

/// As they are written without blanks, in small letters.
const MARKS: [&str; 13] = [
    "pragma:nocover",
    "pragmanocover",
    "istanbulignore",
    "c8ignore",
    "v8ignore",
    "node:coverageignore",
    "node:coveragedisable",
    "lcov_excl_",
    "gcov_excl_",
    "gcovr_excl_",
    "coverage:ignore",
    "coverage(off)",
    "codecoverageignore",
];
/// What follows a mark that holds until another one ends it, and what ends it.
const RANGES: [&str; 4] = ["start", "disable", "begin", "ignorefile"];
const ENDS: [&str; 3] = ["stop", "enable", "end"];

/// Lines, from 1, that the marks in `new` lines take out. `bare` is the text without comments.
///
/// A mark behind code takes out that line, one that stands alone the next line of code, and both
/// what is written further in below it: a function's body, a branch.
pub(super) fn set_aside(text: &str, bare: &[&str], new: &BTreeSet<usize>) -> BTreeSet<usize> {
    let lines: Vec<&str> = text.lines().collect();
    let mut aside = BTreeSet::new();
    for number in new {
        let Some(line) = lines.get(number - 1) else { continue };
        let Some(rest) = behind_mark(line) else { continue };
        let last = if RANGES.iter().any(|word| rest.contains(word)) {
            let end = (*number..lines.len()).find(|at| is_end(lines[*at]));
            end.unwrap_or(lines.len())
        } else {
            end_of_block(bare, *number).max(*number + numbered(&rest))
        };
        aside.extend(*number..=last);
    }
    aside
}

/// What stands from the mark on, without blanks, when one ends nothing.
fn behind_mark(line: &str) -> Option<String> {
    let small: String =
        line.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let at = MARKS.iter().filter_map(|mark| small.find(mark)).min()?;
    let rest = small[at..].to_owned();
    (!ENDS.iter().any(|word| rest.contains(word))).then_some(rest)
}

fn is_end(line: &str) -> bool {
    let small: String =
        line.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect();
    let mark = MARKS.iter().map(|mark| mark.trim_end_matches("ignore")).any(|m| small.contains(m));
    (mark || small.contains("node:coverage")) && ENDS.iter().any(|word| small.contains(word))
}

/// `… ignore next 3`
fn numbered(rest: &str) -> usize {
    let digits = rest.split_once("next").map_or("", |(_, digits)| digits);
    let digits: String = digits.chars().take_while(char::is_ascii_digit).collect();
    digits.parse::<usize>().unwrap_or(0).min(100_000)
}

/// The last line of what begins at `number`, or at the next line of code behind it.
fn end_of_block(bare: &[&str], number: usize) -> usize {
    let is_code = |line: &str| line.contains(char::is_alphanumeric);
    let indent = |line: &str| line.len() - line.trim_start().len();
    let Some(mut head) = (number - 1..bare.len()).find(|at| is_code(bare[*at])) else {
        return number;
    };
    // What decorates a function belongs to it.
    while bare[head].trim_start().starts_with(['@', '#']) && head + 1 < bare.len() {
        head += 1;
    }
    let further_in = |line: &&&str| line.trim().is_empty() || indent(line) > indent(bare[head]);
    let below = bare[head + 1..].iter().take_while(further_in).count();
    head + 1 + below
}
