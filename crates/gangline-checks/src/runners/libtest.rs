//! `cargo test`: Rust's own harness. Every test binary has a summary of its own.

use super::{Reading, counted, panics};

pub(super) fn read(lines: &[String]) -> Option<Reading> {
    let mut reading = Reading::default();
    let mut seen = false;
    for line in lines {
        if let Some(name) =
            line.strip_prefix("test ").and_then(|rest| rest.strip_suffix(" ... FAILED"))
        {
            reading.name(name);
        }
        let Some((_, summary)) =
            line.strip_prefix("test result: ").and_then(|rest| rest.split_once(". "))
        else {
            continue;
        };
        seen = true;
        for (number, word) in summary.split(';').filter_map(counted) {
            let mut counts = gangline_domain::verdict::TestCounts::default();
            match word {
                "passed" => counts.passed = number,
                "failed" => counts.failed = number,
                "ignored" => counts.skipped = number,
                _measured_or_filtered => {}
            }
            reading.add(counts);
        }
    }
    panics(lines, &mut reading);
    seen.then_some(reading)
}
