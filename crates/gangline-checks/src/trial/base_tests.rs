//! The base's versions of changed tests, against the commit's code.

use std::path::Path;

use gangline_domain::verdict::{CheckResult, Verdict};
use gangline_policy::CheckPolicy;

use super::{Layout, Trial, Trials, again};
use crate::cases::cases;
use crate::inline::with_tests_of;
use crate::registry::listed;
use crate::subject::{Bench, ChangedPath};
use crate::test_changes::weakened;
use crate::tree;

/// How the trial's tree differs from the commit's.
#[derive(Debug, Default)]
struct Restored<'a> {
    /// Files that become what the base has there.
    whole: Vec<&'a str>,
    /// New test files, which are taken out.
    out: Vec<&'a str>,
    /// Other new files among the tests, which are taken out at first: the base's tests do not know
    /// them, but the code may.
    beside: Vec<&'a str>,
    /// Files whose tests become the base's, with the text that comes of it.
    mixed: Vec<(&'a str, String)>,
}

impl<L: Layout> Trials<'_, L> {
    /// Left out when no test changed or came, or the ticket lets all of them change: a new test may
    /// change what the others find.
    pub(super) async fn base_tests(&self, check: &CheckPolicy) -> Option<CheckResult> {
        let mut restored = self.restored();
        if restored.is_empty() {
            return None;
        }
        let trial = Trial { check, what: "base-tests" };
        let (mut measured, mut runs) = match self.run_restored(&restored, &trial).await {
            Ok(measured) => measured,
            Err(why) => return Some(trial.unlaid(&why)),
        };
        let beside = std::mem::take(&mut restored.beside);
        if measured.verdict != Verdict::Pass && !beside.is_empty() {
            let again = match self.run_restored(&restored, &trial).await {
                Ok(again) => again,
                Err(why) => return Some(trial.unlaid(&why)),
            };
            if again.0.verdict == Verdict::Pass {
                (measured, runs) = again;
                let doubt = "the base's tests pass only with what is new among them";
                measured.doubts.push(format!("{doubt}: {}", listed(&beside)));
            }
        }
        let paths = restored.paths();
        let which = match paths.as_slice() {
            [] => "the base's tests, without the new ones,".to_owned(),
            paths => format!("tests as they are on the base ({})", listed(paths)),
        };
        if measured.verdict == Verdict::Pass {
            let late = if runs > 1 { format!(", at run {runs}") } else { String::new() };
            let fact = format!("{which} pass against the new code{late}: {}", measured.fact);
            return Some(CheckResult { fact, ..measured });
        }
        if measured.verdict == Verdict::Inconclusive && measured.evidence.is_none() {
            return Some(measured);
        }
        // What cannot be collected or built against the new code does not pass either.
        let fact = format!("{which} do not pass against the new code: {}", measured.fact);
        let mut failed = CheckResult { verdict: Verdict::Fail, fact, ..measured };
        failed.permit = paths.iter().map(|path| (*path).to_owned()).collect();
        Some(weakened(self.facts, failed))
    }

    /// The result, and how many runs it took: a test of the base that fails now and then fails here
    /// now and then.
    async fn run_restored(
        &self,
        restored: &Restored<'_>,
        trial: &Trial<'_>,
    ) -> Result<(CheckResult, u8), String> {
        let few = 1 + self.facts.policy.tests.reruns;
        let (mut runs, mut runs_max) = (0, few);
        loop {
            let bench = self.laid(restored, trial).await?;
            let measured = self.run(bench, trial).await;
            runs += 1;
            let by_chance = again::by_chance(&measured);
            // It may be this unlucky: the base says how lucky it is itself.
            if by_chance && runs == few && self.base_fails_in(trial.check, &measured).await {
                runs_max = few.max(self.runs_max());
            }
            if !by_chance || runs >= runs_max {
                return Ok((measured.result, runs));
            }
        }
    }

    fn restored(&self) -> Restored<'_> {
        let suite = &self.facts.policy.tests;
        let mut restored = Restored::default();
        let mine = |changed: &&ChangedPath| !self.facts.approved_paths.contains(&changed.path);
        for changed in self.facts.changed.iter().filter(mine) {
            let path = changed.path.as_str();
            let is_test = suite.contains(path);
            if is_test && changed.before.is_some() {
                restored.whole.push(path);
            } else if is_test && !cases(path, changed.text_after().unwrap_or_default()).is_empty() {
                restored.out.push(path);
            } else if is_test {
                restored.beside.push(path);
            } else if let (Some(before), Some(after)) =
                (changed.text_before(), changed.text_after())
            {
                let mixed = with_tests_of(path, after, before);
                restored.mixed.extend(mixed.map(|text| (path, text)));
            }
        }
        restored
    }

    async fn laid(&self, restored: &Restored<'_>, trial: &Trial<'_>) -> Result<Bench, String> {
        let trees = (&self.subject.commit, &self.subject.base);
        let edit = |tree: &Path, base: &Path| {
            for path in restored.out.iter().chain(&restored.beside) {
                tree::remove(tree, path)?;
            }
            for path in &restored.whole {
                tree::restore(base, tree, path)?;
            }
            for (path, text) in &restored.mixed {
                tree::write(tree, path, text)?;
            }
            Ok(())
        };
        self.lay_mixed(trees, trial, edit).await
    }
}

impl<'a> Restored<'a> {
    fn is_empty(&self) -> bool {
        self.whole.is_empty()
            && self.mixed.is_empty()
            && self.out.is_empty()
            && self.beside.is_empty()
    }

    fn paths(&self) -> Vec<&'a str> {
        self.whole.iter().copied().chain(self.mixed.iter().map(|(path, _)| *path)).collect()
    }
}
