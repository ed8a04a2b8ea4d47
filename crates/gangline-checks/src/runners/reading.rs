//! What was read in a runner's output.

use std::collections::BTreeMap;
use std::hash::BuildHasher as _;

use foldhash::quality::RandomState;
use gangline_domain::verdict::{DECISIVE_LINES_MAX, TestCounts};
use hashbrown::HashTable;

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

/// Results of tests by name: all that the output told, or none where there were too many. Names
/// stand behind one another: a long output has tens of thousands of them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tests {
    names: String,
    results: HashTable<Found>,
    hasher: RandomState,
    too_many: bool,
}

#[derive(Debug, Clone, Copy)]
struct Found {
    hash: u64,
    /// Where its name begins and ends.
    name: (usize, usize),
    status: TestStatus,
}

impl Tests {
    fn results(&self) -> impl Iterator<Item = (&str, TestStatus)> {
        self.results.iter().map(|found| (found.name_in(&self.names), found.status))
    }

    pub(crate) fn by_name(&self) -> BTreeMap<&str, TestStatus> {
        self.results().collect()
    }

    /// Whether they are only counted: there were more than [`TESTS_MAX`], or their names too long.
    pub(crate) fn too_many(&self) -> bool {
        self.too_many
    }

    pub(crate) fn insert(&mut self, name: &str, status: TestStatus) {
        if self.too_many {
            return;
        }
        let hash = self.hasher.hash_one(name);
        let is_same = |found: &Found| found.name_in(&self.names) == name;
        if let Some(known) = self.results.find_mut(hash, is_same) {
            known.status = status.max(known.status);
            return;
        }
        if self.results.len() == TESTS_MAX || self.names.len() + name.len() > NAMES_BYTES_MAX {
            // Some of them would be taken for all of them.
            *self = Self { too_many: true, ..Self::default() };
            return;
        }
        let begin = self.names.len();
        self.names.push_str(name);
        let found = Found { hash, name: (begin, self.names.len()), status };
        self.results.insert_unique(hash, found, |known| known.hash);
    }

    fn append(&mut self, other: Self) {
        if other.too_many {
            *self = other;
            return;
        }
        for (name, status) in other.results() {
            self.insert(name, status);
        }
    }

    /// How many ended like this.
    pub(crate) fn number_of(&self, status: TestStatus) -> u32 {
        let number = self.results().filter(|(_, ended)| *ended == status).count();
        u32::try_from(number).unwrap_or(u32::MAX)
    }
}

impl Found {
    fn name_in(self, names: &str) -> &str {
        &names[self.name.0..self.name.1]
    }
}

impl PartialEq for Tests {
    fn eq(&self, other: &Self) -> bool {
        self.too_many == other.too_many && self.by_name() == other.by_name()
    }
}

impl Eq for Tests {}

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
