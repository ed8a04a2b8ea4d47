//! An integration: the candidate in its final form on the target's tip, and the checks of its
//! tree.

use gangline_checks::{Bench, Merged, verify_candidate};
use gangline_domain::ids::CommitId;
use gangline_domain::job::{Candidate, Infra, Integration, JobResult};
use gangline_domain::ticket::{Landing, LandingStage, Queued, TicketState, Verified};
use gangline_domain::verdict::{CheckResult, Report, Verdict};
use gangline_policy::Policy;

use crate::job::attempt::note_progress;
use crate::job::bench::bench;
use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::job::hooks::CrashPoint;
use crate::job::policy;
use crate::job::verification::{approved, secrets};
use crate::job::warm::Warm;
use crate::journal::What;
use crate::trees::{self, Built, Hub};

/// What the report calls the use of an earlier verification of the same tree.
const VERIFIED: &str = "verified";

pub(crate) async fn run(job: &Job) -> Result<JobResult, Failure> {
    let TicketState::Landing(Landing { entry, stage: LandingStage::Integrating { .. }, .. }) =
        &job.ticket().state
    else {
        let what = "the ticket does not say what to integrate".to_owned();
        return Err(Failure::Infra(Infra::Tool(what)));
    };
    job.step("fetch");
    let (hub, tip) = job.target().await?;
    let policy = policy::of_commit(job, &hub, &tip).await?;
    job.watch.set(policy.resources, vec![job.run.scratch()]);
    job.step(format!("candidate on {}", &tip.as_str()[..12]));
    let candidate = match hub.build_candidate(job, entry, (&tip, &policy)).await? {
        Built::Candidate(candidate) => candidate,
        Built::Conflict(paths) => {
            return Ok(JobResult::Integrated(Integration::Conflict { target: tip, paths }));
        }
    };
    job.at(CrashPoint::CandidateBuilt);
    let report = match reused(entry, &candidate, &policy) {
        Some(report) => report,
        None => measured(job, &hub, (entry, &candidate), &policy).await?,
    };
    job.at(CrashPoint::Measured);
    job.sound()?;
    Ok(JobResult::Integrated(Integration::Built { candidate, report }))
}

/// The verification's own result, when nothing that it rests on has changed: the same tree, on
/// the same base, by the same rules.
fn reused(entry: &Queued, candidate: &Candidate, policy: &Policy) -> Option<Report> {
    let Verified { submission, verification, tree, policy_sha256, doubts: _ } = &entry.verified;
    let same = *tree == candidate.tree
        && submission.base == candidate.old
        && *policy_sha256 == policy.sha256;
    let check = CheckResult::required(
        VERIFIED,
        Verdict::Pass,
        format!("the same tree passed {verification} on the same base by the same policy"),
    );
    same.then(|| report(candidate, &candidate.old, policy, vec![check]))
}

fn report(
    candidate: &Candidate,
    base: &CommitId,
    policy: &Policy,
    checks: Vec<CheckResult>,
) -> Report {
    Report {
        commit: candidate.new.clone(),
        tree: candidate.tree.clone(),
        base: base.clone(),
        policy_sha256: policy.sha256.clone(),
        checks,
        proposal: None,
    }
}

async fn measured(
    job: &Job,
    hub: &Hub,
    (entry, candidate): (&Queued, &Candidate),
    policy: &Policy,
) -> Result<Report, Failure> {
    let facts = hub.facts(&candidate.old, &candidate.new).await?;
    let secrets = secrets(job, policy).await?;
    let warm = Warm::of(job, hub, &candidate.old, &policy.setup).await;
    let bench = Bench { secrets, ..bench(job, hub, &candidate.new, warm.as_ref()).await? };
    job.at(CrashPoint::FreshCheckout);
    job.step("checks of the merged tree");
    let merged = Merged {
        commit: candidate.new.clone(),
        tree: candidate.tree.clone(),
        target: candidate.old.clone(),
        approved_paths: approved(job, &entry.verified.submission, &facts.changed),
        changed: facts.changed,
        unshown: facts.unshown,
    };
    let progress = |progress| note_progress(job, progress);
    let checks = verify_candidate(&merged, policy, &bench, progress).await;
    trees::remove_fresh(&bench.checkout)?;
    if checks.is_empty() {
        job.note(What::Alert { text: "nothing was measured".to_owned() });
    }
    Ok(merged.report(policy, checks))
}
