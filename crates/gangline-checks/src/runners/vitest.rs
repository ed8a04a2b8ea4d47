//! `vitest`: `Tests  1 failed | 1 passed | 1 skipped (3)`.

use gangline_domain::verdict::TestCounts;

use super::{DETAIL_MAX, Marks, Reader, Reading, TestStatus, Wants, counted};

/// `Tests  …`, `FAIL  …`, `No test files found`, and the marks `✓`, `×`, `↓`, `□`, `❯`.
pub(super) const MARKS: Marks =
    Marks { first: b"TFN\xe2\xc3", last: b"", indented: false, panics: false };

#[derive(Debug, Default)]
pub(super) struct Vitest {
    reading: Reading,
    seen: bool,
    /// Lines that are still taken from a failing test.
    detail: usize,
}

impl Reader for Vitest {
    fn line(&mut self, line: &str) -> Wants {
        let text = line.trim_start();
        if let Some(summary) = text.strip_prefix("Tests  ") {
            self.sum(summary);
        } else if line.starts_with("No test files found, exiting") {
            self.seen = true;
        } else if let Some(name) = text.strip_prefix("FAIL  ") {
            self.reading.name(name);
            if name.contains(" > ") {
                self.reading.test(name, TestStatus::Failed);
            }
            self.detail = DETAIL_MAX;
        } else if self.detail > 0 {
            self.explain(text);
        } else {
            self.list(text);
        }
        Wants::next_if(self.detail > 0)
    }

    fn finish(self: Box<Self>) -> Option<Reading> {
        self.seen.then_some(self.reading)
    }
}

impl Vitest {
    fn sum(&mut self, summary: &str) {
        self.seen = true;
        self.detail = 0;
        let (summary, _total) = summary.split_once('(').unwrap_or((summary, ""));
        let mut counts = TestCounts::default();
        for (number, word) in summary.split('|').filter_map(counted) {
            match word {
                "passed" => counts.passed = number,
                "failed" => counts.failed = number,
                "skipped" | "todo" => counts.skipped = counts.skipped.saturating_add(number),
                _other => {}
            }
        }
        self.reading.add(counts);
    }

    fn explain(&mut self, text: &str) {
        if text.starts_with('❯') {
            self.detail = 0;
        } else if !matches!(text, "" | "- Expected" | "+ Received") {
            self.reading.line(text);
            self.detail -= 1;
        }
    }

    /// `✓ v.test.mjs > empty > is one 2ms`, as the verbose reporter lists it.
    fn list(&mut self, text: &str) {
        let status = match text.chars().next() {
            Some('✓' | '√') => TestStatus::Passed,
            Some('×') => TestStatus::Failed,
            Some('↓' | '□') => TestStatus::Skipped,
            Some(_) | None => return,
        };
        let name = text.split_once(' ').map_or("", |(_, name)| name);
        if name.contains(" > ") {
            self.reading.test(unclocked(name), status);
        }
    }
}

/// Without the time behind it.
fn unclocked(name: &str) -> &str {
    let is_time = |word: &str| {
        let number = word.strip_suffix("ms").or_else(|| word.strip_suffix('s'));
        number.is_some_and(|number| number.parse::<f64>().is_ok())
    };
    let timed = name.rsplit_once(' ').filter(|(_, last)| is_time(last));
    timed.map_or(name, |(name, _)| name)
}
