//! Maven's surefire: `Tests run: 4, Failures: 1, Errors: 1, Skipped: 1`, once for each module.

use gangline_domain::verdict::TestCounts;

use super::{Marks, Reader, Reading, TestStatus, Wants};

/// `[ERROR] …` and the other labels, which some settings leave out: `Tests run`, `Failures:`,
/// `Errors:`, `No tests to run.`, and what is listed, indented.
pub(super) const MARKS: Marks = Marks { first: b"[TFEN", last: b"", indented: true, panics: false };

#[derive(Debug, Default)]
pub(super) struct Surefire {
    reading: Reading,
    seen: bool,
    /// Within the list of what failed.
    listing: bool,
}

impl Reader for Surefire {
    fn line(&mut self, line: &str) -> Wants {
        let text = unlabelled(line);
        if let Some(counts) = summary(text) {
            self.seen = true;
            self.listing = false;
            self.reading.add(counts);
        } else if matches!(text.trim(), "Failures:" | "Errors:") {
            self.listing = true;
        } else if self.listing {
            match text.strip_prefix("  ") {
                Some(failure) => self.failure(failure),
                None => self.listing = false,
            }
        } else if line.starts_with("[ERROR] ") && text.contains(".java:[") {
            self.reading.line(text);
        }
        self.seen |= text.starts_with("No tests to run.");
        Wants::Marked
    }

    fn finish(self: Box<Self>) -> Option<Reading> {
        self.seen.then_some(self.reading)
    }
}

impl Surefire {
    /// `CartTest.empty:4 an empty cart ==> expected: <1> but was: <0>`
    fn failure(&mut self, failure: &str) {
        let place = failure.split(' ').next().unwrap_or(failure);
        let name = place.split(':').next().unwrap_or(place);
        self.reading.name(name);
        self.reading.test(name, TestStatus::Failed);
        self.reading.line(failure);
    }
}

/// What stands behind `[INFO] `, `[WARNING] ` or `[ERROR] `.
fn unlabelled(line: &str) -> &str {
    let labels = ["[INFO] ", "[WARNING] ", "[ERROR] "];
    labels.iter().find_map(|label| line.strip_prefix(label)).unwrap_or(line)
}

/// A module's sum. Lines of single classes have a time behind them.
fn summary(text: &str) -> Option<TestCounts> {
    let rest = text.strip_prefix("Tests run: ")?;
    let mut numbers = [0u32; 4];
    let mut parts = rest.split(", ");
    for (number, label) in numbers.iter_mut().zip(["", "Failures: ", "Errors: ", "Skipped: "]) {
        *number = parts.next()?.strip_prefix(label)?.trim().parse().ok()?;
    }
    if parts.next().is_some() {
        return None;
    }
    let [run, failures, errors, skipped] = numbers;
    let failed = failures.saturating_add(errors);
    let passed = run.saturating_sub(failed).saturating_sub(skipped);
    Some(TestCounts { passed, failed, skipped })
}
