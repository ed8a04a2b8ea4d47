//! `mocha`, in its `spec` report: `3 passing (5ms)`, `1 pending`, `1 failing`.

use gangline_domain::verdict::TestCounts;

use super::nested::{Nested, indent, untimed};
use super::{DETAIL_MAX, Marks, Reader, Reading, TestStatus, Wants, counted};

/// All of it is indented.
pub(super) const MARKS: Marks = Marks { first: b"", last: b"", indented: true, panics: false };

#[derive(Debug, Default)]
pub(super) struct Mocha {
    reading: Reading,
    seen: bool,
    suites: Nested,
    part: Part,
}

#[derive(Debug, Default)]
enum Part {
    /// The tests, in their suites.
    #[default]
    Tests,
    /// Behind `passing`.
    Sums,
    /// The list of failures, between them.
    Failures,
    /// Within the name of one, which takes several lines.
    Name(String),
    /// Within the reason of one: lines that are still taken.
    Detail(usize),
}

impl Reader for Mocha {
    fn line(&mut self, line: &str) -> Wants {
        let text = line.trim_start();
        if let Some((number, word)) = counted(text).filter(|_| indent(line) == 2)
            && self.sum(number, word)
        {
            return Wants::Marked;
        }
        match std::mem::take(&mut self.part) {
            Part::Tests => self.test(indent(line), text),
            Part::Sums | Part::Failures => self.failure(text),
            Part::Name(begun) => self.named(&begun, text),
            Part::Detail(left) => self.explain(left, text),
        }
        Wants::Marked
    }

    fn finish(self: Box<Self>) -> Option<Reading> {
        self.seen.then_some(self.reading)
    }
}

impl Mocha {
    /// Whether this was a sum.
    fn sum(&mut self, number: u32, word: &str) -> bool {
        let mut counts = TestCounts::default();
        let summing = matches!(self.part, Part::Sums);
        match word {
            "pending" if summing => counts.skipped = number,
            "failing" if summing => counts.failed = number,
            passing if passing.starts_with("passing (") => counts.passed = number,
            _other => return false,
        }
        self.seen = true;
        self.part = Part::Sums;
        self.suites.close(0);
        self.reading.add(counts);
        true
    }

    /// `✔ adds (5ms)`, `1) is one`, `- later`, or a suite's name.
    fn test(&mut self, depth: usize, text: &str) {
        let (mark, name) = text.split_once(' ').unwrap_or((text, ""));
        let failed = mark.strip_suffix(')').is_some_and(|number| number.parse::<u32>().is_ok());
        let status = match mark {
            "✔" | "✓" => TestStatus::Passed,
            "-" => TestStatus::Skipped,
            _number if failed => TestStatus::Failed,
            _suite => return self.suites.open(depth, text),
        };
        self.suites.close(depth);
        let name = self.suites.name(untimed(name), " > ");
        self.reading.test(&name, status);
    }

    /// `1) Cart` begins the next one.
    fn failure(&mut self, text: &str) {
        match text.split_once(") ") {
            Some((number, name)) if number.parse::<u32>().is_ok() => self.named("", name),
            Some(_) | None => self.part = Part::Failures,
        }
    }

    /// `Cart`, then `empty`, then `is one:`.
    fn named(&mut self, begun: &str, text: &str) {
        let name = match (begun, text.trim_end_matches(':')) {
            ("", text) => text.to_owned(),
            (begun, text) => format!("{begun} > {text}"),
        };
        self.part = if text.ends_with(':') {
            self.reading.name(&name);
            Part::Detail(DETAIL_MAX)
        } else if name.len() < 1_000 {
            Part::Name(name)
        } else {
            Part::Failures
        };
    }

    fn explain(&mut self, left: usize, text: &str) {
        if left == 0 || text.starts_with("at ") {
            return self.failure(text);
        }
        if !matches!(text, "" | "+ expected - actual") {
            self.reading.line(text);
        }
        self.part = Part::Detail(left - 1);
    }
}
