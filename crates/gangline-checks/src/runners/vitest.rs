//! `vitest`: `Tests  1 failed | 1 passed | 1 skipped (3)`.

use super::{DETAIL_MAX, Reading, counted};

pub(super) fn read(lines: &[String]) -> Option<Reading> {
    let mut reading = Reading::default();
    let mut seen = lines.iter().any(|line| line.starts_with("No test files found, exiting"));
    for line in lines {
        let Some(summary) = line.trim_start().strip_prefix("Tests  ") else { continue };
        seen = true;
        let (summary, _total) = summary.split_once('(').unwrap_or((summary, ""));
        for (number, word) in summary.split('|').filter_map(counted) {
            let mut counts = gangline_domain::verdict::TestCounts::default();
            match word {
                "passed" => counts.passed = number,
                "failed" => counts.failed = number,
                "skipped" | "todo" => counts.skipped = number,
                _other => {}
            }
            reading.add(counts);
        }
    }
    if !seen {
        return None;
    }
    for (at, line) in lines.iter().enumerate() {
        let Some(name) = line.trim_start().strip_prefix("FAIL  ") else { continue };
        reading.name(name);
        let detail = lines[at + 1..].iter().take_while(|line| !line.trim_start().starts_with('❯'));
        let detail =
            detail.filter(|line| !matches!(line.as_str(), "" | "- Expected" | "+ Received"));
        detail.take(DETAIL_MAX).for_each(|line| reading.line(line));
    }
    Some(reading)
}
