//! `cargo nextest run`. Each test is a process of its own; their output is indented.

use gangline_domain::verdict::TestCounts;

use super::{Reading, counted, panics};

pub(super) fn read(lines: &[String]) -> Option<Reading> {
    let at = lines.iter().rposition(|line| line.trim_start().starts_with("Summary ["))?;
    let (_, summary) = lines[at].split_once("run: ")?;
    let mut reading = Reading::default();
    let mut counts = TestCounts::default();
    for (number, word) in without_brackets(summary).split(',').filter_map(counted) {
        match word {
            "passed" => counts.passed += number,
            "skipped" => counts.skipped += number,
            "failed" | "timed out" | "exec failed" => counts.failed += number,
            _other => {}
        }
    }
    reading.add(counts);
    // Behind the summary every test that did not pass is listed once more.
    for line in &lines[at + 1..] {
        let Some((status, rest)) = line.trim_start().split_once(" [") else { continue };
        let failed =
            matches!(status.trim(), "FAIL" | "TIMEOUT" | "ABORT") || status.starts_with("SIG");
        if let (true, Some((_, rest))) = (failed, rest.split_once("] ")) {
            let name = rest.trim().strip_prefix('(').and_then(|rest| rest.split_once(") "));
            reading.name(name.map_or(rest, |(_, name)| name));
        }
    }
    panics(lines, &mut reading);
    Some(reading)
}

/// `2 passed (1 slow, 1 leaky)` counts the slow one twice otherwise.
fn without_brackets(text: &str) -> String {
    let mut depth = 0u32;
    let outside = |c: &char| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _text => return depth == 0,
        }
        false
    };
    text.chars().filter(outside).collect()
}
