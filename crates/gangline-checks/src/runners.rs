//! What test runners say about themselves: counts and the tests that failed.
//!
//! The exit code decides whether a suite passed. What is read here says how many tests ran, so
//! that an empty suite is not taken for a green one, and which lines a person would look at.

mod go;
mod jest;
mod libtest;
mod nextest;
mod node;
mod pytest;
mod surefire;
mod tap;
mod unittest;
mod vitest;

use gangline_domain::verdict::TestCounts;

/// Failing tests that are named.
const NAMES_MAX: usize = 15;
/// Lines that are taken from one failing test.
const DETAIL_MAX: usize = 4;

/// What was read in a runner's output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    /// As its summaries count.
    pub(crate) counts: TestCounts,
    /// Names of tests that failed, at most [`NAMES_MAX`].
    pub(crate) failed: Vec<String>,
    /// Lines that say why, most decisive first.
    pub(crate) lines: Vec<String>,
}

/// Reads one runner's output, or finds none of it.
struct Runner {
    name: &'static str,
    read: fn(&[String]) -> Option<Reading>,
    /// The runner that drives this one and counts the same tests.
    counted_by: Option<&'static str>,
}

const RUNNERS: [Runner; 10] = [
    Runner { name: "nextest", read: nextest::read, counted_by: None },
    Runner { name: "libtest", read: libtest::read, counted_by: Some("nextest") },
    Runner { name: "pytest", read: pytest::read, counted_by: None },
    Runner { name: "unittest", read: unittest::read, counted_by: Some("pytest") },
    Runner { name: "jest", read: jest::read, counted_by: None },
    Runner { name: "vitest", read: vitest::read, counted_by: None },
    Runner { name: "node", read: node::read, counted_by: None },
    Runner { name: "tap", read: tap::read, counted_by: Some("node") },
    Runner { name: "go", read: go::read, counted_by: None },
    Runner { name: "surefire", read: surefire::read, counted_by: None },
];

/// Reads `lines` with every runner that recognises them, and adds up what they counted: one
/// command may run several suites. `None` when no runner recognises anything.
pub(crate) fn read(lines: &[String]) -> Option<Reading> {
    let mut found: Vec<(&'static str, Reading)> = Vec::new();
    for runner in &RUNNERS {
        let counted = runner.counted_by.is_some_and(|by| found.iter().any(|(name, _)| *name == by));
        if !counted {
            found.extend((runner.read)(lines).map(|reading| (runner.name, reading)));
        }
    }
    found.into_iter().map(|(_, reading)| reading).reduce(|mut all, reading| {
        all.add(reading.counts);
        all.failed.extend(reading.failed);
        all.lines.extend(reading.lines);
        all
    })
}

impl Reading {
    fn add(&mut self, counts: TestCounts) {
        let all = &mut self.counts;
        all.passed = all.passed.saturating_add(counts.passed);
        all.failed = all.failed.saturating_add(counts.failed);
        all.skipped = all.skipped.saturating_add(counts.skipped);
    }

    fn name(&mut self, name: &str) {
        let name = name.trim().to_owned();
        if self.failed.len() < NAMES_MAX && !name.is_empty() && !self.failed.contains(&name) {
            self.failed.push(name);
        }
    }

    fn line(&mut self, line: &str) {
        let line = line.trim().to_owned();
        if !line.is_empty() && !self.lines.contains(&line) {
            self.lines.push(line);
        }
    }
}

/// The number in front of a word, as in `3 failed`.
fn counted(part: &str) -> Option<(u32, &str)> {
    let (number, word) = part.trim().split_once(' ')?;
    Some((number.parse().ok()?, word.trim()))
}

/// How the output of a Rust test says why it panicked: where, and the lines of its message.
fn panics(lines: &[String], reading: &mut Reading) {
    for (at, line) in lines.iter().enumerate() {
        if !line.contains("panicked at ") {
            continue;
        }
        reading.line(line);
        let message = lines[at + 1..].iter().take_while(|line| {
            let line = line.trim();
            !(line.is_empty() || line.starts_with("note: ") || line == "stack backtrace:")
        });
        message.take(DETAIL_MAX).for_each(|line| reading.line(line));
    }
}

#[cfg(test)]
mod tests;
