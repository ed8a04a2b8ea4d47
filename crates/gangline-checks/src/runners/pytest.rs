//! `pytest`: the last line counts, the lines before it name.

use super::{Reading, counted};

pub(super) fn read(lines: &[String]) -> Option<Reading> {
    let summary = lines.iter().rev().find_map(|line| summary(line))?;
    let mut reading = Reading::default();
    for (number, word) in summary.split(',').filter_map(counted) {
        let mut counts = gangline_domain::verdict::TestCounts::default();
        match word {
            "passed" | "xpassed" => counts.passed = number,
            "failed" | "error" | "errors" => counts.failed = number,
            "skipped" | "xfailed" => counts.skipped = number,
            _deselected_or_warnings => {}
        }
        reading.add(counts);
    }
    let named = lines.iter().rposition(|line| line.contains(" short test summary info "));
    for line in named.map_or(&[][..], |at| &lines[at + 1..]) {
        let Some((status, rest)) = line.split_once(' ') else { continue };
        if matches!(status, "FAILED" | "ERROR") {
            reading.name(rest.split(" - ").next().unwrap_or(rest));
        }
    }
    for line in lines.iter().filter(|line| line.starts_with("E  ")) {
        reading.line(line);
    }
    Some(reading)
}

/// What pytest counts. Plugins count more.
const WORDS: [&str; 8] =
    ["passed", "failed", "error", "errors", "skipped", "xfailed", "xpassed", "deselected"];

/// The counts in `== 1 failed, 1 passed in 0.02s ==`, with or without the frame.
fn summary(line: &str) -> Option<&str> {
    let (counts, time) = line.trim_matches(['=', ' ']).rsplit_once(" in ")?;
    let seconds = time.split(' ').next()?.strip_suffix('s')?;
    seconds.parse::<f64>().ok()?;
    let mut parts = counts.split(',').map(counted);
    let all_counts = parts.clone().all(|part| part.is_some());
    let any_known = parts.any(|part| part.is_some_and(|(_, word)| WORDS.contains(&word)));
    (counts == "no tests ran" || (all_counts && any_known)).then_some(counts)
}
