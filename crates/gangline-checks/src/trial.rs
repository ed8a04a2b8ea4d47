//! Trials: the project's own test commands in trees that are neither the commit's nor the base's,
//! to learn whether what they said of the commit can be believed.
//!
//! ```text
//!   tree of the trial                              must be    says
//!   the commit, with the base's tests              green      that no test was bent to the code
//!   the commit, with a test that fails             red        that a failing test is noticed
//!   the base, with the commit's tests              red        that the new tests prove something
//!   the base                                       –          how many tests there were
//!   the commit, where nothing says that it is checked  green  that it is no other there
//! ```
//!
//! Each has a fresh checkout, a home and a setup of its own. They are carried out only when all
//! else has passed, and only where the change gives a reason to.

mod again;
mod base_tests;
mod canary;
mod elsewhere;
mod kept;
mod new_tests;
mod reason;

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use gangline_domain::ids::CommitId;
use gangline_domain::verdict::{CheckResult, Verdict};
use gangline_policy::{Canary, CheckKind, CheckPolicy, NewTests};

use crate::command::{self, Measured};
use crate::registry::Facts;
use crate::setup::run_setup;
use crate::subject::{Bench, Subject};
use crate::together::{Part, together};

/// A suite that takes less is run again without a special reason.
const QUICK: Duration = Duration::from_secs(10);
/// A suite that takes less is run again to learn something that fails nothing.
const MODERATE: Duration = Duration::from_mins(1);

/// Lays out fresh checkouts, each with a home, a sandbox and a folder for logs of its own.
#[expect(async_fn_in_trait, reason = "a job has one thread, and its futures stay there")]
pub trait Layout {
    /// A bench with a fresh checkout of `commit`; `name` tells it from others of one verification.
    /// An error says in words why there is none.
    async fn lay(&self, commit: &CommitId, name: &str) -> Result<Bench, String>;

    /// Takes it away again.
    fn clear(&self, bench: Bench);
}

/// What trials are made of.
pub(crate) struct Trials<'a, L> {
    pub(crate) facts: &'a Facts<'a>,
    pub(crate) subject: &'a Subject,
    pub(crate) layout: &'a L,
    /// When all checks must have ended.
    pub(crate) end: Instant,
}

impl<L: Layout> Trials<'_, L> {
    /// All trials of one test command that passed: what they add to the report.
    pub(crate) async fn of(&self, check: &CheckPolicy, passed: &Measured) -> Vec<CheckResult> {
        if check.kind != CheckKind::Test || passed.result.verdict != Verdict::Pass {
            return vec![];
        }
        let took = passed.duration;
        let tests = &self.facts.policy.tests;
        let why = reason::to_doubt(self.facts);
        let plant = match tests.canary {
            Canary::Never => None,
            Canary::Always => Some("the policy asks for it".to_owned()),
            Canary::Auto if took < QUICK && why.is_none() => Some("the suite is quick".to_owned()),
            Canary::Auto => why.clone(),
        };
        let prove = match tests.new {
            NewTests::Off => false,
            NewTests::Note | NewTests::Review => took < MODERATE,
            NewTests::Require => true,
        };
        let mut trials: Vec<Part<'_, Option<CheckResult>>> = vec![Box::pin(self.base_tests(check))];
        trials.push(Box::pin(self.elsewhere(check)));
        if let Some(why) = &plant {
            trials.push(Box::pin(self.canary(check, why)));
        }
        if prove {
            trials.push(Box::pin(self.new_tests(check)));
        }
        if why.is_some() {
            trials.push(Box::pin(self.kept(check, passed)));
        }
        let at_once = usize::from(self.facts.policy.limits.checks);
        together(trials, at_once).await.into_iter().flatten().collect()
    }

    /// A fresh checkout of `commit` for one trial.
    async fn lay(&self, commit: &CommitId, trial: &Trial<'_>) -> Result<Bench, String> {
        self.layout.lay(commit, &trial.name()).await
    }

    /// A fresh checkout of `commit` that `edit` makes another one, with a checkout of `other` to take
    /// from: their folders, in that order.
    async fn lay_mixed(
        &self,
        (commit, other): (&CommitId, &CommitId),
        trial: &Trial<'_>,
        edit: impl FnOnce(&Path, &Path) -> io::Result<()>,
    ) -> Result<Bench, String> {
        let from = self.layout.lay(other, &format!("{}-from", trial.name())).await?;
        let laid = self.lay(commit, trial).await;
        let edited = laid.and_then(|bench| match edit(&bench.checkout, &from.checkout) {
            Ok(()) => Ok(bench),
            Err(error) => {
                self.layout.clear(bench);
                Err(format!("its tests could not be laid out: {error}"))
            }
        });
        self.layout.clear(from);
        edited
    }

    /// Runs setup and the check's command, and clears the tree away.
    async fn run(&self, bench: Bench, trial: &Trial<'_>) -> Measured {
        let setup = run_setup(&self.facts.policy.setup, &bench, |_progress| ()).await;
        let measured = match setup.filter(|setup| setup.verdict != Verdict::Pass) {
            Some(setup) => {
                let why = format!("its setup did not pass: {}", setup.fact);
                Measured::of_facts(trial.unlaid(&why))
            }
            None => command::measure_as(&trial.name(), trial.check, &bench, self.end).await,
        };
        self.layout.clear(bench);
        measured
    }
}

/// One trial of one check.
struct Trial<'a> {
    check: &'a CheckPolicy,
    what: &'static str,
}

impl Trial<'_> {
    /// Its name in the report: no check of a policy can have a colon in its name.
    fn name(&self) -> String {
        format!("{}:{}", self.check.name, self.what)
    }

    /// A result that is as required as the check itself.
    fn result(&self, verdict: Verdict, fact: String) -> CheckResult {
        let mut result = CheckResult::required(&self.name(), verdict, fact);
        result.required = self.check.required;
        result
    }

    /// What a tree that could not be laid out comes to.
    fn unlaid(&self, why: &str) -> CheckResult {
        self.result(Verdict::Inconclusive, format!("not run: {why}"))
    }
}

#[cfg(test)]
mod tests;
