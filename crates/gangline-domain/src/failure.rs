//! What kind of failure it was, and whether it is the same as one before.
//!
//! Decided from what was measured: names of checks, what they counted, and their decisive lines.
//! What an agent says of its failure decides nothing, save how it says that it gave up.

mod class;
mod fingerprint;

use serde::{Deserialize, Serialize};

use crate::ids::JobId;
use crate::ticket::{Ticket, TryRecord};
use crate::verdict::{CheckResult, Report, Verdict};

pub use class::{FailureClass, NO_NEW_COMMIT, UNTRUE_FILES};
pub use fingerprint::normalised;

/// Names of failing checks that are kept.
const CHECKS_MAX: usize = 16;

/// A failure, as far as it takes to recognise it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// What kind it is of: that of the first required check that failed.
    pub class: FailureClass,
    /// The required checks that failed, by name, at most 16; those that could not be measured where
    /// none failed; none where nothing was measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checks: Vec<String>,
    /// 64 bits over the decisive lines without what differs from run to run, in hexadecimal.
    pub fingerprint: String,
}

impl Failure {
    /// Of a report with a required check that did not pass.
    pub fn of_report(report: &Report) -> Self {
        let mut open: Vec<&CheckResult> = report.not_passed().collect();
        // What could not be measured beside what failed is chance, and says nothing of the work.
        if open.iter().any(|check| check.verdict == Verdict::Fail) {
            open.retain(|check| check.verdict == Verdict::Fail);
        }
        let class =
            open.first().map_or(FailureClass::NotMeasured, |check| FailureClass::of_check(check));
        let lines = open.iter().flat_map(|check| &check.lines).map(String::as_str);
        let lines: Vec<&str> = lines.collect();
        let facts = || open.iter().map(|check| check.fact.as_str());
        let fingerprint = match lines.is_empty() {
            true => fingerprint::of(facts()),
            false => fingerprint::of(lines),
        };
        let mut checks: Vec<String> = open.iter().map(|check| check.name.clone()).collect();
        checks.sort_unstable();
        checks.truncate(CHECKS_MAX);
        Self { class, checks, fingerprint }
    }

    /// Of what was not measured, by the words that tell it.
    pub fn told<'t>(class: FailureClass, lines: impl IntoIterator<Item = &'t str>) -> Self {
        Self { class, checks: vec![], fingerprint: fingerprint::of(lines) }
    }

    /// Whether it is the same again: of one class, in the same checks, with the same decisive
    /// lines but for what differs from run to run.
    pub fn is_same(&self, other: &Self) -> bool {
        self == other
    }
}

impl TryRecord {
    /// What kind of failure it was. Records of versions that did not say it tell as much as their
    /// cause does.
    pub fn class(&self) -> FailureClass {
        let known = self.failure.as_ref().map(|failure| failure.class);
        known.unwrap_or_else(|| FailureClass::of_cause(self.cause))
    }
}

impl Ticket {
    /// The last attempt before that failed in just this way.
    pub fn failed_before(&self, failure: &Failure) -> Option<&JobId> {
        let same = |record: &&TryRecord| {
            record.spent && record.failure.as_ref().is_some_and(|known| known.is_same(failure))
        };
        self.records.iter().rev().find(same).map(|record| &record.attempt)
    }

    /// How many of the tries that were spent last, one after another, failed as one had before:
    /// each of them changes how the next one goes about it.
    pub fn repeats(&self) -> usize {
        let spent = self.records.iter().rev().filter(|record| record.spent);
        let since_retry = spent.take(usize::from(self.tries_spent));
        since_retry.take_while(|record| record.same_as.is_some()).count()
    }
}

#[cfg(test)]
mod tests;
