//! How many tests ran on the base, and whether as many run now.

use gangline_domain::verdict::{CheckResult, Verdict};
use gangline_policy::CheckPolicy;

use super::{Layout, Trial, Trials};
use crate::command::Measured;
use crate::registry::{count, listed};
use crate::runners::TestStatus;
use crate::test_changes::weakened;

/// Tests that are named.
const NAMED_MAX: usize = 20;

impl<L: Layout> Trials<'_, L> {
    /// Left out when the base cannot be counted: then there is nothing to compare with.
    pub(super) async fn kept(&self, check: &CheckPolicy, now: &Measured) -> Option<CheckResult> {
        let trial = Trial { check, what: "kept" };
        let bench = match self.lay(&self.subject.base, &trial).await {
            Ok(bench) => bench,
            Err(why) => return Some(trial.unlaid(&why)),
        };
        let base = self.run(bench, &trial).await;
        let (was, is) = (base.reading.as_ref()?, now.reading.as_ref()?);
        let (ran, runs) = (was.counts.ran(), is.counts.ran());
        if base.result.verdict != Verdict::Pass {
            // A base that is red says nothing about how many there are.
            return None;
        }
        if runs >= ran {
            let fact = format!("{} run, {ran} on the base", count(runs as usize, "test"));
            return Some(CheckResult { fact, lines: vec![], ..base.result });
        }
        let (before, after) = (was.tests.by_name(), is.tests.by_name());
        let runs_not = |name: &str| after.get(name).is_none_or(|now| *now == TestStatus::Skipped);
        let ran_once = before.iter().filter(|(_, status)| **status != TestStatus::Skipped);
        let gone: Vec<String> = ran_once
            .filter(|(name, _)| runs_not(name))
            .map(|(name, _)| (*name).to_owned())
            .collect();
        let fact = match gone.as_slice() {
            [] => format!("{runs} tests run, {ran} ran on the base"),
            gone => {
                format!("{runs} tests run, {ran} ran on the base; not any more: {}", listed(gone))
            }
        };
        let lines = gone.into_iter().take(NAMED_MAX).collect();
        let failed = CheckResult { verdict: Verdict::Fail, fact, lines, ..base.result };
        // Whoever lets tests be taken away lets them be fewer.
        let permitted = self.facts.changed.iter().any(|changed| {
            let before = changed.before.is_some();
            before && self.facts.approved_paths.contains(&changed.path)
        });
        match permitted {
            true => Some(CheckResult { verdict: Verdict::Pass, ..failed }),
            false => Some(weakened(self.facts, failed)),
        }
    }
}
