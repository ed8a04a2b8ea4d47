//! `cargo test`: Rust's own harness. Every test binary has a summary of its own.

use gangline_domain::verdict::TestCounts;

use super::panics::Panics;
use super::{Marks, Reader, Reading, TestStatus, Wants, counted};

/// `test …`, `thread …`, `running …`, `error: …`, and what cargo says: `Running`, `Doc-tests`.
pub(super) const MARKS: Marks =
    Marks { first: b"treRD", last: b"", indented: false, panics: false };

#[derive(Debug, Default)]
pub(super) struct Libtest {
    reading: Reading,
    seen: bool,
    /// What is put before its tests' names: several binaries may have a test of the same name.
    binary: String,
    /// Tests that the binary said it would run. Only a summary of just as many is its own.
    running: Option<u32>,
    panics: Panics,
}

impl Reader for Libtest {
    fn line(&mut self, line: &str) -> Wants {
        if let Some(rest) = line.strip_prefix("test ") {
            match rest.strip_prefix("result: ") {
                Some(summary) => self.sum(summary),
                None => self.test(rest),
            }
        } else if let Some(rest) = line.strip_prefix("running ") {
            let number = rest.strip_suffix(" tests").or_else(|| rest.strip_suffix(" test"));
            let number = number.and_then(|number| number.parse().ok());
            self.running = self.running.or(number);
        } else if let Some(rest) = line.strip_prefix("     Running ") {
            self.begin(binary(rest));
        } else if let Some(name) = line.strip_prefix("   Doc-tests ") {
            self.begin(format!("{name} (doc) "));
        } else if line.starts_with("error: test failed") {
            self.running = None;
        }
        self.panics.line(line, &mut self.reading)
    }

    fn finish(self: Box<Self>) -> Option<Reading> {
        self.seen.then_some(self.reading)
    }
}

impl Libtest {
    fn begin(&mut self, binary: String) {
        // The one before may have died without a summary.
        self.running = None;
        self.binary = binary;
    }

    fn test(&mut self, rest: &str) {
        let Some((name, status)) = result(rest) else { return };
        if status == TestStatus::Failed {
            self.reading.name(name);
        }
        if !self.reading.tests.too_many() {
            let binary = self.binary.len();
            self.binary.push_str(name);
            self.reading.test(&self.binary, status);
            self.binary.truncate(binary);
        }
    }

    fn sum(&mut self, summary: &str) {
        let Some((_, summary)) = summary.split_once(". ") else { return };
        let mut counts = TestCounts::default();
        let mut run = 0_u32;
        for (number, word) in summary.split(';').filter_map(counted) {
            match word {
                "passed" => counts.passed = number,
                "failed" => counts.failed = number,
                "ignored" => counts.skipped = number,
                "measured" => {}
                _filtered_or_finished => continue,
            }
            run = run.saturating_add(number);
        }
        if self.running == Some(run) {
            self.running = None;
        } else {
            // A test printed it. What failed is believed of anybody.
            counts = TestCounts { failed: counts.failed, ..TestCounts::default() };
        }
        self.seen |= run == 0 || counts != TestCounts::default();
        self.reading.add(counts);
    }
}

/// `tests::adds ... ok`. What most lines say is looked at first, and without a search.
fn result(rest: &str) -> Option<(&str, TestStatus)> {
    if let Some(name) = rest.strip_suffix(" ... ok") {
        return Some((name, TestStatus::Passed));
    }
    let (name, ended) = rest.rsplit_once(" ... ")?;
    match ended.split([' ', ',']).next() {
        Some("ok") => Some((name, TestStatus::Passed)),
        Some("FAILED") => Some((name, TestStatus::Failed)),
        Some("ignored") => Some((name, TestStatus::Skipped)),
        Some(_) | None => None,
    }
}

/// `unittests src/lib.rs (target/debug/deps/shop-507999230d6984fa)` is `shop src/lib.rs`.
fn binary(rest: &str) -> String {
    let (source, path) = rest.rsplit_once(" (").unwrap_or((rest, ""));
    let file = path.trim_end_matches(')').rsplit('/').next().unwrap_or_default();
    let name = file.rsplit_once('-').map_or(file, |(name, _hash)| name);
    format!("{name} ({}) ", source.trim_start_matches("unittests "))
}
