//! What was read in a runner's output.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};

use gangline_domain::verdict::{DECISIVE_LINES_MAX, TestCounts};

/// Failing tests that are named.
const FAILED_MAX: usize = 15;
/// Lines that are taken from one failing test.
pub(super) const DETAIL_MAX: usize = 4;
/// Tests whose results are held by name.
pub(crate) const TESTS_MAX: usize = 50_000;
/// Bytes that their names may have together.
const NAMES_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How a test ended. The order is that of severity: of two results of one name the worse counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TestStatus {
    /// It was not run, or not counted on.
    Skipped,
    /// It ran and held.
    Passed,
    /// It ran and did not.
    Failed,
}

/// What was read in a runner's output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// As its summaries count.
    pub(crate) counts: TestCounts,
    /// Names of tests that failed, at most [`FAILED_MAX`].
    pub(crate) failed: Vec<String>,
    /// Lines that say why, most decisive first.
    pub(crate) lines: Vec<String>,
    /// Results by name, as far as the output tells them.
    pub(crate) tests: Tests,
}

/// Results of tests by name: all that the output told, or none where there were too many.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Tests {
    by_name: HashMap<String, TestStatus>,
    names_bytes: usize,
    too_many: bool,
}

impl Tests {
    pub(crate) fn by_name(&self) -> BTreeMap<&str, TestStatus> {
        self.by_name.iter().map(|(name, status)| (name.as_str(), *status)).collect()
    }

    /// Whether they are only counted: there were more than [`TESTS_MAX`], or their names too long.
    pub(crate) fn too_many(&self) -> bool {
        self.too_many
    }

    pub(crate) fn insert(&mut self, name: &str, status: TestStatus) {
        if self.too_many {
            return;
        }
        if self.by_name.len() == TESTS_MAX && !self.by_name.contains_key(name) {
            return self.forget();
        }
        match self.by_name.entry(name.to_owned()) {
            Entry::Occupied(mut known) => *known.get_mut() = status.max(*known.get()),
            Entry::Vacant(place) => {
                place.insert(status);
                self.names_bytes += name.len();
            }
        }
        if self.names_bytes > NAMES_BYTES_MAX {
            self.forget();
        }
    }

    /// Some of them would be taken for all of them.
    fn forget(&mut self) {
        *self = Self { too_many: true, ..Self::default() };
    }

    fn append(&mut self, other: Self) {
        if other.too_many {
            *self = other;
            return;
        }
        for (name, status) in other.by_name {
            self.insert(&name, status);
        }
    }

    /// How many ended like this.
    pub(crate) fn number_of(&self, status: TestStatus) -> u32 {
        let number = self.by_name.values().filter(|ended| **ended == status).count();
        u32::try_from(number).unwrap_or(u32::MAX)
    }
}

impl Reading {
    /// As the summaries count.
    pub fn counts(&self) -> TestCounts {
        self.counts
    }

    pub(crate) fn add(&mut self, counts: TestCounts) {
        add(&mut self.counts, counts);
    }

    /// Names a test that failed.
    pub(crate) fn name(&mut self, name: &str) {
        let name = name.trim();
        if self.failed.len() < FAILED_MAX
            && !name.is_empty()
            && !self.failed.iter().any(|known| known == name)
        {
            self.failed.push(name.to_owned());
        }
    }

    pub(crate) fn line(&mut self, line: &str) {
        let line = line.trim();
        if self.lines.len() < DECISIVE_LINES_MAX
            && !line.is_empty()
            && !self.lines.iter().any(|known| known == line)
        {
            self.lines.push(line.to_owned());
        }
    }

    /// Says how a test ended.
    pub(crate) fn test(&mut self, name: &str, status: TestStatus) {
        let name = name.trim();
        if !name.is_empty() {
            self.tests.insert(name, status);
        }
    }

    /// A summary that counts no failure cannot take back one that was told by name.
    pub(super) fn settled(mut self) -> Self {
        if self.counts.failed == 0 {
            self.counts.failed = self.tests.number_of(TestStatus::Failed);
            self.counts.passed = self.counts.passed.saturating_sub(self.counts.failed);
        }
        self
    }

    /// Both: one command may run several suites.
    pub(super) fn and(mut self, other: Self) -> Self {
        self.add(other.counts);
        other.failed.iter().for_each(|name| self.name(name));
        other.lines.iter().for_each(|line| self.line(line));
        self.tests.append(other.tests);
        self
    }
}

pub(super) fn add(all: &mut TestCounts, more: TestCounts) {
    all.passed = all.passed.saturating_add(more.passed);
    all.failed = all.failed.saturating_add(more.failed);
    all.skipped = all.skipped.saturating_add(more.skipped);
}

/// Of two summaries of one run the later counts; but what failed in either has failed.
pub(super) fn later(earlier: Option<TestCounts>, later: TestCounts) -> TestCounts {
    let failed = earlier.map_or(0, |earlier| earlier.failed).max(later.failed);
    TestCounts { failed, ..later }
}

/// The number in front of a word, as in `3 failed`.
pub(super) fn counted(part: &str) -> Option<(u32, &str)> {
    let (number, word) = part.trim().split_once(' ')?;
    Some((number.parse().ok()?, word.trim()))
}
