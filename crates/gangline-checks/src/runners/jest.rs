//! `jest`: `Tests:       1 failed, 1 skipped, 1 passed, 3 total`.

use super::{DETAIL_MAX, Reading, counted};

pub(super) fn read(lines: &[String]) -> Option<Reading> {
    let mut reading = Reading::default();
    let mut seen = lines.iter().any(|line| line.starts_with("No tests found, exiting"));
    for line in lines {
        let Some(summary) = line.strip_prefix("Tests: ") else { continue };
        seen = true;
        for (number, word) in summary.split(',').filter_map(counted) {
            let mut counts = gangline_domain::verdict::TestCounts::default();
            match word {
                "passed" => counts.passed = number,
                "failed" => counts.failed = number,
                "skipped" | "todo" => counts.skipped = number,
                _total => {}
            }
            reading.add(counts);
        }
    }
    if !seen {
        return None;
    }
    let mut file = "";
    for (at, line) in lines.iter().enumerate() {
        file = line.strip_prefix("FAIL ").unwrap_or(file);
        let Some(name) = line.trim_start().strip_prefix("● ") else { continue };
        reading.name(if name == "Test suite failed to run" { file } else { name });
        let detail = lines[at + 1..].iter().filter(|line| !line.is_empty());
        let detail = detail.take_while(|line| !line.contains(" | ") && !line.contains("● "));
        detail.take(DETAIL_MAX).for_each(|line| reading.line(line));
    }
    Some(reading)
}
