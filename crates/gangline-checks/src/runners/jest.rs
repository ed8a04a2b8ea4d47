//! `jest`: `Tests:       1 failed, 1 skipped, 1 passed, 3 total`.

use gangline_domain::verdict::TestCounts;

use super::nested::{Nested, indent, untimed};
use super::{DETAIL_MAX, Marks, Reader, Reading, TestStatus, Wants, counted};

/// `Tests:`, `PASS`, `FAIL`, `No tests found`, and the marks `●`, `✓`, `✕`, `○`, `✎` of UTF-8's E2.
/// Suites and what explains a failure are indented.
pub(super) const MARKS: Marks =
    Marks { first: b"TPFN\xe2", last: b"", indented: true, panics: false };

#[derive(Debug, Default)]
pub(super) struct Jest {
    reading: Reading,
    seen: bool,
    file: String,
    /// Within the tests of `file`, as `--verbose` lists them.
    listing: bool,
    suites: Nested,
    /// Lines that are still taken from a failing test.
    detail: usize,
}

impl Reader for Jest {
    fn line(&mut self, line: &str) -> Wants {
        let text = line.trim_start();
        if let Some(summary) = line.strip_prefix("Tests: ") {
            self.sum(summary);
        } else if line.starts_with("No tests found, exiting") {
            self.seen = true;
        } else if let Some(file) = line.strip_prefix("FAIL ").or(line.strip_prefix("PASS ")) {
            file.trim().clone_into(&mut self.file);
            self.suites.close(0);
            (self.listing, self.detail) = (true, 0);
        } else if let Some(name) = text.strip_prefix("● ") {
            let broken = name == "Test suite failed to run";
            self.reading.name(if broken { &self.file } else { name });
            (self.listing, self.detail) = (false, DETAIL_MAX);
        } else if self.detail > 0 {
            self.explain(line);
        } else if self.listing {
            self.list(line);
        }
        Wants::Marked
    }

    fn finish(self: Box<Self>) -> Option<Reading> {
        self.seen.then_some(self.reading)
    }
}

impl Jest {
    fn sum(&mut self, summary: &str) {
        self.seen = true;
        self.listing = false;
        let mut counts = TestCounts::default();
        for (number, word) in summary.split(',').filter_map(counted) {
            match word {
                "passed" => counts.passed = counts.passed.saturating_add(number),
                "failed" => counts.failed = counts.failed.saturating_add(number),
                "skipped" | "todo" => counts.skipped = counts.skipped.saturating_add(number),
                _total => {}
            }
        }
        self.reading.add(counts);
    }

    fn explain(&mut self, line: &str) {
        if line.is_empty() {
            return;
        }
        if line.contains(" | ") {
            self.detail = 0;
        } else {
            self.reading.line(line);
            self.detail -= 1;
        }
    }

    /// `    ✓ is one (2 ms)`, within the suites above it.
    fn list(&mut self, line: &str) {
        let (depth, text) = (indent(line), line.trim_start());
        let status = match text.chars().next() {
            Some('✓' | '√') => TestStatus::Passed,
            Some('✕' | '×') => TestStatus::Failed,
            Some('○' | '✎') => TestStatus::Skipped,
            Some(_) if depth > 0 => return self.suites.open(depth, text),
            Some(_) | None => return self.listing = false,
        };
        self.suites.close(depth);
        let name = text.split_once(' ').map_or("", |(_, name)| name);
        let skipped = name.strip_prefix("skipped ").or_else(|| name.strip_prefix("todo "));
        let name = untimed(skipped.filter(|_| status == TestStatus::Skipped).unwrap_or(name));
        let name = format!("{} › {}", self.file, self.suites.name(name, " › "));
        self.reading.test(&name, status);
    }
}
