//! Measuring one commit: cheap facts first, then setup, then the policy's commands.

use std::time::{Duration, Instant};

use gangline_domain::verdict::{CheckResult, Claim, Verdict};
use gangline_policy::{CheckPolicy, Policy};

use crate::command::Measured;
use crate::registry::{CHECKS, Facts};
use crate::setup::run_setup;
use crate::start::Start;
use crate::subject::{Bench, Merged, Progress, Subject};
use crate::trial::{Layout, Trials};
use crate::{command, commits, rewritten};

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
    mut progress: impl FnMut(Progress),
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
    let mut measured = measure(&facts, Some(&subject.claim), (bench, end), &mut progress).await;
    let trials = Trials { facts: &facts, subject, layout, end };
    for measured in &mut measured {
        if let Some(check) = command_of(policy, measured) {
            let first = std::mem::replace(measured, Measured::not_run(check, ""));
            *measured = trials.again(check, first).await;
        }
    }
    let passed =
        |measured: &Measured| !measured.result.required || measured.result.verdict == Verdict::Pass;
    if subject.no_change_claimed || !measured.iter().all(passed) {
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
    results(measure(&facts, None, (bench, end), &mut progress).await)
}

async fn measure(
    facts: &Facts<'_>,
    claim: Option<&Claim>,
    (bench, end): (&Bench, Instant),
    mut progress: impl FnMut(Progress),
) -> Vec<Measured> {
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
    let commands = &facts.policy.checks;
    let mut start = Start::keep(bench, commands, end).await;
    for (n, check) in commands.iter().enumerate() {
        let name = check.name.to_string();
        progress(Progress::Started { name, command: Some(check.run.to_string()) });
        if let Ok(kept) = &mut start
            && n > 0
            && !check.continues
            && let Err(why) = kept.again(end).await
        {
            start = Err(why);
        }
        let before = rewritten::texts(facts.changed, &bench.checkout);
        let measured = match &start {
            Ok(_) => command::measure(check, claim, bench, end).await,
            Err(why) => Measured::not_run(check, why),
        };
        let found = rewritten::found(check, (facts.changed, &before), &bench.checkout);
        progress(finished(&measured.result));
        checks.push(measured);
        if let Some(found) = found {
            progress(finished(&found));
            checks.push(Measured::of_facts(found));
        }
    }
    checks
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
