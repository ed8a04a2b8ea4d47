//! Gradle. It tells of single tests only where `testLogging` says so: `CartTest > adds() PASSED`;
//! and it counts only when one failed: `3 tests completed, 1 failed, 1 skipped`.

use gangline_domain::verdict::TestCounts;

use super::{DETAIL_MAX, Marks, Reader, Reading, TestStatus, Wants, counted};

/// Sums begin with a number; results end with `PASSED`, `FAILED` or `SKIPPED`, and what explains
/// one is indented.
pub(super) const MARKS: Marks =
    Marks { first: b"0123456789", last: b"D", indented: true, panics: false };

#[derive(Debug, Default)]
pub(super) struct Gradle {
    reading: Reading,
    /// Tests that were told one by one, in tasks whose sum was not.
    told: TestCounts,
    sums: TestCounts,
    seen: bool,
    /// Lines that are still taken from a failing test.
    detail: usize,
}

impl Reader for Gradle {
    fn line(&mut self, line: &str) -> Wants {
        if let Some((name, status)) = result(line) {
            self.test(name, status);
        } else if let Some(counts) = summary(line) {
            self.seen = true;
            // The same tests, counted once more.
            self.told = TestCounts::default();
            super::reading::add(&mut self.sums, counts);
        } else if self.detail > 0 && line.starts_with("    ") {
            self.detail -= 1;
            if !line.trim_start().starts_with("at ") {
                self.reading.line(line);
            }
        }
        Wants::Marked
    }

    fn finish(mut self: Box<Self>) -> Option<Reading> {
        self.reading.add(self.told);
        self.reading.add(self.sums);
        self.seen.then_some(self.reading)
    }
}

impl Gradle {
    fn test(&mut self, name: &str, status: TestStatus) {
        self.seen = true;
        self.detail = 0;
        match status {
            TestStatus::Passed => self.told.passed = self.told.passed.saturating_add(1),
            TestStatus::Skipped => self.told.skipped = self.told.skipped.saturating_add(1),
            TestStatus::Failed => {
                self.told.failed = self.told.failed.saturating_add(1);
                self.reading.name(name);
                self.detail = DETAIL_MAX;
            }
        }
        self.reading.test(name, status);
    }
}

/// `CartTest > adds() PASSED`
fn result(line: &str) -> Option<(&str, TestStatus)> {
    let (name, status) = line.rsplit_once(' ')?;
    let status = match status {
        "PASSED" => TestStatus::Passed,
        "FAILED" => TestStatus::Failed,
        "SKIPPED" => TestStatus::Skipped,
        _other => return None,
    };
    let is_test = name.contains(" > ") && !line.starts_with([' ', '>']);
    is_test.then_some((name, status))
}

/// `3 tests completed, 1 failed, 1 skipped`
fn summary(line: &str) -> Option<TestCounts> {
    let mut parts = line.split(", ").map(counted);
    let (total, word) = parts.next()??;
    if !matches!(word, "tests completed" | "test completed") {
        return None;
    }
    let mut counts = TestCounts::default();
    for part in parts {
        match part? {
            (number, "failed") => counts.failed = number,
            (number, "skipped") => counts.skipped = number,
            _other => return None,
        }
    }
    counts.passed = total.saturating_sub(counts.failed).saturating_sub(counts.skipped);
    Some(counts)
}
