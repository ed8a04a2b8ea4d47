//! The commit's tests against the base's code: those that pass there as well prove nothing.

use std::path::Path;

use gangline_domain::verdict::{CheckResult, Verdict};
use gangline_policy::{CheckPolicy, NewTests};

use super::{Layout, Trial, Trials};
use crate::inline::with_tests_of;
use crate::registry::count;
use crate::subject::Bench;
use crate::test_changes;
use crate::tree;

impl<L: Layout> Trials<'_, L> {
    /// Left out when there is no new test, unless the policy requires a proof.
    pub(super) async fn new_tests(&self, check: &CheckPolicy) -> Option<CheckResult> {
        let suite = &self.facts.policy.tests;
        let required = suite.new == NewTests::Require;
        let trial = Trial { check, what: "new-tests" };
        let only_tests = self.facts.changed.iter().all(|changed| suite.contains(&changed.path));
        if only_tests {
            return self.only_tests(&trial);
        }
        let new = test_changes::changes(self.facts).new.len();
        if new == 0 {
            let fact = "no test is new, so none proves the change".to_owned();
            return required.then(|| trial.result(Verdict::Fail, fact));
        }
        let bench = match self.with_new_tests(&trial).await {
            Ok(bench) => bench,
            Err(why) => return Some(CheckResult { required, ..trial.unlaid(&why) }),
        };
        let measured = self.run(bench, &trial).await.result;
        let tests = count(new, "new test");
        let proves_nothing = measured.verdict == Verdict::Pass;
        let (verdict, fact) = match (measured.verdict, &measured.evidence) {
            (Verdict::Pass, _) => {
                let verdict = if required { Verdict::Fail } else { Verdict::Pass };
                (
                    verdict,
                    format!("{tests}: all tests pass without the change, too; they prove nothing"),
                )
            }
            (Verdict::Fail, _) | (Verdict::Inconclusive, Some(_)) => (
                Verdict::Pass,
                format!("{tests}: without the change they do not pass: {}", measured.fact),
            ),
            (Verdict::Inconclusive, None) => (Verdict::Inconclusive, measured.fact.clone()),
        };
        let mut result = CheckResult { verdict, fact, required, lines: vec![], ..measured };
        if proves_nothing && suite.new == NewTests::Review {
            result.doubts.push(format!("{tests}, and all tests pass without the change, too"));
        }
        Some(result)
    }

    /// Nothing was done but to write tests: that may be what was asked for.
    fn only_tests(&self, trial: &Trial<'_>) -> Option<CheckResult> {
        let wanted = self.subject.title.to_lowercase().contains("test");
        let wanted = wanted || self.facts.changed.is_empty();
        if wanted || self.facts.policy.tests.new != NewTests::Review {
            return None;
        }
        let fact = "only tests changed, and the ticket speaks of none".to_owned();
        let mut result = trial.result(Verdict::Pass, fact.clone());
        result.doubts.push(fact);
        Some(result)
    }

    /// The base with the commit's tests.
    async fn with_new_tests(&self, trial: &Trial<'_>) -> Result<Bench, String> {
        let suite = &self.facts.policy.tests;
        let edit = |tree: &Path, commit: &Path| {
            for changed in self.facts.changed {
                let path = changed.path.as_str();
                if suite.contains(path) {
                    tree::restore(commit, tree, path)?;
                } else if let (Some(before), Some(after)) =
                    (changed.text_before(), changed.text_after())
                    && let Some(mixed) = with_tests_of(path, before, after)
                {
                    tree::write(tree, path, &mixed)?;
                }
            }
            Ok(())
        };
        self.lay_mixed((&self.subject.base, &self.subject.commit), trial, edit).await
    }
}
