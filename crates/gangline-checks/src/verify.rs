//! Measuring one commit: cheap facts first, then setup, then the policy's commands.

use std::cell::RefCell;
use std::future::Ready;
use std::time::{Duration, Instant, SystemTime};

use gangline_domain::verdict::{CheckResult, Claim, Verdict};
use gangline_policy::{CheckPolicy, Policy};
use gangline_process::Tier;

use crate::command::Measured;
use crate::registry::{CHECKS, Facts};
use crate::setup::run_setup;
use crate::start::{self, Start};
use crate::subject::{Bench, Merged, Progress, Subject};
use crate::together::{Part, beside, together};
use crate::trial::{Layout, Trials};
use crate::{command, commits, coverage, rewritten, truth};

/// Measures the commit that an attempt left, by `policy`, which must be the base commit's.
///
/// Commands are left out, and the check that stopped them says so, when there is nothing to
/// measure (no new commit, another history) or nothing to measure with (setup did not pass). A
/// claim that nothing needs to change is measured like a change: on the commit as it is.
///
/// All commands together get `policy.limits.verification`. Dropping the future ends what runs.
///
/// When all of that has passed, `layout` gives trees to see whether the tests can be believed.
pub async fn verify<L: Layout>(
    subject: &Subject,
    policy: &Policy,
    bench: &Bench,
    layout: &L,
    progress: impl FnMut(Progress),
) -> Vec<CheckResult> {
    verify_beside(subject, policy, bench, layout, (None::<Ready<_>>, progress)).await
}

/// The same, with a check that is carried out elsewhere. It begins when nothing is wrong with the
/// facts, and not before: whoever carries it out is handed the commit. It runs beside the commands,
/// and is dropped when one of them has failed.
pub async fn verify_beside<L: Layout>(
    subject: &Subject,
    policy: &Policy,
    bench: &Bench,
    layout: &L,
    (outside, progress): (Option<impl Future<Output = CheckResult>>, impl FnMut(Progress)),
) -> Vec<CheckResult> {
    let measured = measured(subject, policy, bench, layout, (outside, progress));
    let mut results = Box::pin(measured).await;
    truth::tell(&mut results, subject, policy);
    results
}

async fn measured<L: Layout>(
    subject: &Subject,
    policy: &Policy,
    bench: &Bench,
    layout: &L,
    (outside, mut progress): (Option<impl Future<Output = CheckResult>>, impl FnMut(Progress)),
) -> Vec<CheckResult> {
    let facts = Facts {
        policy,
        changed: &subject.changed,
        approved_paths: &subject.approved_paths,
        unshown: &subject.unshown,
        tests: &subject.tests,
        checkout: &bench.checkout,
        left: Some(subject),
    };
    let end = Instant::now() + Duration::from(policy.limits.verification);
    let trials = Trials { facts: &facts, subject, layout, end };
    let known = of_facts(&facts, &mut progress);
    let outside = outside.filter(|_| !known.stopped && known.checks.iter().all(is_fine));
    let own = own(&trials, bench, known, &mut progress);
    let Some(outside) = outside else { return own.await };
    let (mut results, found) = beside(own, outside, |results| !results.iter().all(is_fine)).await;
    if let Some(found) = found {
        progress(finished(&found));
        results.push(found);
    }
    results
}

/// Whether it does not keep the commit from passing.
fn is_fine(check: &CheckResult) -> bool {
    !check.required || check.verdict == Verdict::Pass
}

/// All that is measured here: the commands, and trials when they have passed.
async fn own<L: Layout>(
    trials: &Trials<'_, L>,
    bench: &Bench,
    known: Known,
    mut progress: impl FnMut(Progress),
) -> Vec<CheckResult> {
    let Trials { facts, subject, end, .. } = trials;
    let policy = facts.policy;
    let claim = Some(&subject.claim);
    let mut measured = measure(facts, claim, (bench, *end), (known, &mut progress)).await;
    for measured in &mut measured {
        if let Some(check) = command_of(policy, measured) {
            let first = std::mem::replace(measured, Measured::not_run(check, ""));
            *measured = trials.again(check, first).await;
        }
    }
    let all_fine = measured.iter().all(|measured| is_fine(&measured.result));
    if subject.no_change_claimed || !all_fine {
        return results(measured);
    }
    let mut all = Vec::with_capacity(measured.len());
    for measured in measured.drain(..) {
        let tried = match command_of(policy, &measured) {
            Some(check) => trials.of(check, &measured).await,
            None => vec![],
        };
        all.push(measured.result);
        for result in tried {
            progress(finished(&result));
            all.push(result);
        }
    }
    all
}

/// The command of the policy that this is the result of.
fn command_of<'p>(policy: &'p Policy, measured: &Measured) -> Option<&'p CheckPolicy> {
    policy.checks.iter().find(|check| check.name.as_str() == measured.result.name)
}

fn results(measured: Vec<Measured>) -> Vec<CheckResult> {
    measured.into_iter().map(|measured| measured.result).collect()
}

/// Measures a merge candidate, by `policy`, which must be the target tip's: the same commands on
/// the merged tree, and what the tree alone can tell.
pub async fn verify_candidate(
    merged: &Merged,
    policy: &Policy,
    bench: &Bench,
    mut progress: impl FnMut(Progress),
) -> Vec<CheckResult> {
    let facts = Facts {
        policy,
        changed: &merged.changed,
        approved_paths: &merged.approved_paths,
        unshown: &merged.unshown,
        tests: &[],
        checkout: &bench.checkout,
        left: None,
    };
    let end = Instant::now() + Duration::from(policy.limits.verification);
    let known = of_facts(&facts, &mut progress);
    results(measure(&facts, None, (bench, end), (known, &mut progress)).await)
}

/// What is known without running anything.
struct Known {
    checks: Vec<CheckResult>,
    /// Whether there is nothing to run anything for.
    stopped: bool,
}

fn of_facts(facts: &Facts<'_>, mut progress: impl FnMut(Progress)) -> Known {
    let mut checks: Vec<CheckResult> = CHECKS.iter().filter_map(|check| check(facts)).collect();
    let commits = checks.iter_mut().find(|check| check.name == commits::NAME);
    let stopped = commits.filter(|commits| commits.verdict != Verdict::Pass);
    let stopped = match stopped {
        Some(commits) => {
            commits.fact.push_str(NOT_RUN);
            true
        }
        None => false,
    };
    for check in &checks {
        progress(finished(check));
    }
    Known { checks, stopped }
}

async fn measure(
    facts: &Facts<'_>,
    claim: Option<&Claim>,
    (bench, end): (&Bench, Instant),
    (known, mut progress): (Known, impl FnMut(Progress)),
) -> Vec<Measured> {
    let Known { checks, stopped } = known;
    let mut checks: Vec<Measured> = checks.into_iter().map(Measured::of_facts).collect();
    if stopped {
        return checks;
    }
    if let Some(mut setup) = run_setup(&facts.policy.setup, bench, &mut progress).await {
        let stopped = setup.verdict != Verdict::Pass;
        if stopped {
            setup.fact.push_str(NOT_RUN);
        }
        checks.push(Measured::of_facts(setup));
        if stopped {
            return checks;
        }
    }
    let groups = groups(&facts.policy.checks);
    let at_once = usize::from(facts.policy.limits.checks).min(groups.len());
    let run = Run { facts, claim, end, progress: &RefCell::new(&mut progress) };
    let measured = if at_once > 1 && bench.sandbox.tier == Tier::L2 {
        run.at_once(&groups, bench, at_once).await
    } else {
        run.one_by_one(&groups, bench).await
    };
    checks.extend(measured);
    checks
}

/// Commands that go on where the one before them ended, each behind that one.
fn groups(checks: &[CheckPolicy]) -> Vec<Vec<&CheckPolicy>> {
    let mut groups: Vec<Vec<&CheckPolicy>> = vec![];
    for check in checks {
        match groups.last_mut() {
            Some(group) if check.continues => group.push(check),
            Some(_) | None => groups.push(vec![check]),
        }
    }
    groups
}

/// The commands of a policy, about to be run.
struct Run<'a, P> {
    facts: &'a Facts<'a>,
    claim: Option<&'a Claim>,
    end: Instant,
    progress: &'a RefCell<P>,
}

impl<P: FnMut(Progress)> Run<'_, P> {
    /// All groups in the one checkout, which each finds as setup left it.
    async fn one_by_one(&self, groups: &[Vec<&CheckPolicy>], bench: &Bench) -> Vec<Measured> {
        let mut start = Start::keep(bench, groups.len(), self.end).await;
        let mut all = vec![];
        for (n, group) in groups.iter().enumerate() {
            if let Ok(kept) = &mut start
                && n > 0
                && let Err(why) = kept.again(self.end).await
            {
                start = Err(why);
            }
            match &start {
                Ok(_) => all.extend(self.group(group, bench).await),
                Err(why) => all.extend(group.iter().map(|check| Measured::not_run(check, why))),
            }
        }
        all
    }

    /// Each group in a copy of its own.
    async fn at_once(
        &self,
        groups: &[Vec<&CheckPolicy>],
        bench: &Bench,
        at_once: usize,
    ) -> Vec<Measured> {
        let benches = match start::copies(bench, groups.len(), self.end).await {
            Ok(benches) => benches,
            Err(why) => {
                let checks = groups.iter().flatten();
                return checks.map(|check| Measured::not_run(check, &why)).collect();
            }
        };
        let parts = groups.iter().zip(&benches).map(|(group, bench)| {
            let part: Part<'_, Vec<Measured>> = Box::pin(self.group(group, bench));
            part
        });
        together(parts.collect(), at_once).await.into_iter().flatten().collect()
    }

    async fn group(&self, group: &[&CheckPolicy], bench: &Bench) -> Vec<Measured> {
        let mut all = vec![];
        for check in group {
            let name = check.name.to_string();
            self.tell(Progress::Started { name, command: Some(check.run.to_string()) });
            let before = rewritten::texts(self.facts.changed, &bench.checkout);
            let began = SystemTime::now();
            let measured = command::measure(check, self.claim, bench, self.end).await;
            let found = rewritten::found(check, (self.facts.changed, &before), &bench.checkout);
            // What never ran wrote nothing.
            let ran = measured.result.evidence.is_some();
            let covered = ran.then(|| coverage::measure(check, self.facts, bench, began));
            self.tell(finished(&measured.result));
            all.push(measured);
            for found in found.into_iter().chain(covered.flatten()) {
                self.tell(finished(&found));
                all.push(Measured::of_facts(found));
            }
        }
        all
    }

    fn tell(&self, progress: Progress) {
        (self.progress.borrow_mut())(progress);
    }
}

/// What the check says that kept the commands from being run.
pub(crate) const NOT_RUN: &str = "; the commands were not run";

fn finished(check: &CheckResult) -> Progress {
    Progress::Finished {
        name: check.name.clone(),
        verdict: check.verdict,
        fact: check.fact.clone(),
    }
}

#[cfg(test)]
mod tests;
