//! `cargo nextest run`. Each test is a process of its own; their output is indented.

use gangline_domain::verdict::TestCounts;

use super::panics::Panics;
use super::reading::{add, later};
use super::{Marks, Reader, Reading, TestStatus, Wants, counted};

/// `Starting`, `Summary`, statuses in capitals, `thread …`.
pub(super) const MARKS: Marks =
    Marks { first: b"SPFTALX", last: b"", indented: false, panics: true };

#[derive(Debug, Default)]
pub(super) struct Nextest {
    reading: Reading,
    /// Runs that are over.
    runs: TestCounts,
    /// The summary of this run.
    run: Option<TestCounts>,
    seen: bool,
    panics: Panics,
}

impl Reader for Nextest {
    fn line(&mut self, line: &str) -> Wants {
        let text = line.trim_start();
        if !text.starts_with(|c: char| c.is_ascii_uppercase()) {
            return self.panics.line(line, &mut self.reading);
        }
        if text.starts_with("Starting ") && text.contains(" across ") {
            self.end();
        } else if let Some(summary) = text.strip_prefix("Summary [") {
            if let Some((_, summary)) = summary.split_once("run: ") {
                self.run = Some(later(self.run, counts(summary)));
            }
        } else {
            self.test(text);
        }
        self.panics.line(line, &mut self.reading)
    }

    fn finish(mut self: Box<Self>) -> Option<Reading> {
        self.end();
        self.reading.add(self.runs);
        self.seen.then_some(self.reading)
    }
}

impl Nextest {
    fn end(&mut self) {
        if let Some(run) = self.run.take() {
            self.seen = true;
            add(&mut self.runs, run);
        }
    }

    /// `FAIL [   0.004s] (1/3) shop tests::finds`, when it ends and again behind the summary.
    fn test(&mut self, text: &str) {
        let Some((status, rest)) = text.split_once('[') else { return };
        let status = match status.trim() {
            "PASS" | "LEAK" => TestStatus::Passed,
            "SKIP" => TestStatus::Skipped,
            "FAIL" | "TIMEOUT" | "ABORT" | "XFAIL" | "LEAK-FAIL" => TestStatus::Failed,
            signal if signal.starts_with("SIG") => TestStatus::Failed,
            // It was tried several times and passed at last.
            flaky if flaky.starts_with("FLAKY ") => TestStatus::Passed,
            _other => return,
        };
        let Some((time, rest)) = rest.split_once("] ") else { return };
        if !time.ends_with('s') {
            return;
        }
        let name = rest.trim().strip_prefix('(').and_then(|rest| rest.split_once(") "));
        let name = name.map_or(rest, |(_, name)| name).trim();
        if status == TestStatus::Failed {
            self.reading.name(name);
        }
        self.reading.test(name, status);
    }
}

fn counts(summary: &str) -> TestCounts {
    let mut counts = TestCounts::default();
    for (number, word) in without_brackets(summary).split(',').filter_map(counted) {
        let more = match word {
            "passed" => TestCounts { passed: number, ..TestCounts::default() },
            "skipped" => TestCounts { skipped: number, ..TestCounts::default() },
            "failed" | "timed out" | "exec failed" => {
                TestCounts { failed: number, ..TestCounts::default() }
            }
            _other => TestCounts::default(),
        };
        add(&mut counts, more);
    }
    counts
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
