//! Measuring one commit: cheap facts first, then setup, then the policy's commands.

use std::time::{Duration, Instant};

use gangline_domain::verdict::{CheckResult, Claim, Verdict};
use gangline_policy::Policy;

use crate::registry::{CHECKS, Facts};
use crate::setup::run_setup;
use crate::start::Start;
use crate::subject::{Bench, Merged, Progress, Subject};
use crate::{command, commits};

/// Measures the commit that an attempt left, by `policy`, which must be the base commit's.
///
/// Commands are left out, and the check that stopped them says so, when there is nothing to
/// measure (no new commit, another history) or nothing to measure with (setup did not pass). A
/// claim that nothing needs to change is measured like a change: on the commit as it is.
///
/// All commands together get `policy.limits.verification`. Dropping the future ends what runs.
pub async fn verify(
    subject: &Subject,
    policy: &Policy,
    bench: &Bench,
    progress: impl FnMut(Progress),
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
    measure(&facts, Some(&subject.claim), bench, progress).await
}

/// Measures a merge candidate, by `policy`, which must be the target tip's: the same commands on
/// the merged tree, and what the tree alone can tell.
pub async fn verify_candidate(
    merged: &Merged,
    policy: &Policy,
    bench: &Bench,
    progress: impl FnMut(Progress),
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
    measure(&facts, None, bench, progress).await
}

async fn measure(
    facts: &Facts<'_>,
    claim: Option<&Claim>,
    bench: &Bench,
    mut progress: impl FnMut(Progress),
) -> Vec<CheckResult> {
    let end = Instant::now() + Duration::from(facts.policy.limits.verification);
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
    if stopped {
        return checks;
    }
    if let Some(mut setup) = run_setup(&facts.policy.setup, bench, &mut progress).await {
        let stopped = setup.verdict != Verdict::Pass;
        if stopped {
            setup.fact.push_str(NOT_RUN);
        }
        checks.push(setup);
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
        let measured = match &start {
            Ok(_) => command::measure(check, claim, bench, end).await,
            Err(why) => command::not_run(check, why),
        };
        progress(finished(&measured));
        checks.push(measured);
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
