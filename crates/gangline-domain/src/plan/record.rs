//! What a failure teaches the next attempt.

use crate::failure::{Failure, FailureClass};
use crate::ids::CommitId;
use crate::job::{Attempt, AttemptEnd, EndKind};
use crate::ticket::{Cause, Submission, TryRecord};
use crate::verdict::{CheckResult, DECISIVE_LINES_MAX, Report, Verdict};

/// A record of a report with a required check that did not pass.
pub(super) fn of_report(
    attempt: &Attempt,
    approach: &str,
    report: &Report,
    cause: Cause,
) -> TryRecord {
    let failed: Vec<&CheckResult> = report.not_passed().collect();
    let error = match failed.first() {
        Some(check) => format!("{}: {}", check.name, check.fact),
        None => "no required check was measured".to_owned(),
    };
    let word = |verdict| match verdict {
        Verdict::Pass => "pass",
        Verdict::Inconclusive => "inconclusive",
        Verdict::Fail => "FAIL",
    };
    let fact = |check: &CheckResult| {
        let claimed = check.claimed.as_ref().map(|claim| format!(" (you claimed: {claim})"));
        let claimed = claimed.unwrap_or_default();
        format!("{} {}: {}{claimed}", word(check.verdict), check.name, check.fact)
    };
    let mut failure = Failure::of_report(report);
    if cause == Cause::RedOnMerged {
        failure.class = FailureClass::RedOnMerged;
    }
    TryRecord {
        attempt: attempt.job.clone(),
        try_no: attempt.try_no,
        cause,
        error,
        approach: approach.to_owned(),
        facts: report.checks.iter().map(fact).collect(),
        lines: failed
            .iter()
            .flat_map(|check| check.lines.iter().cloned())
            .take(DECISIVE_LINES_MAX)
            .collect(),
        spent: cause == Cause::ChecksFailed,
        failure: Some(failure),
        same_as: None,
    }
}

/// A record of a plan whose tickets cannot be added.
pub(super) fn of_plan(submission: &Submission, report: &Report, why: &str) -> TryRecord {
    let record =
        of_report(&submission.attempt, &submission.claim.summary, report, Cause::ChecksFailed);
    let error = format!("the plan's tickets cannot be added: {why}");
    let failure = Failure::told(FailureClass::Deliverable, [error.as_str()]);
    TryRecord { lines: vec![error.clone()], failure: Some(failure), error, ..record }
}

/// A record of an attempt that offered nothing to verify, and whether that spends a try.
pub(super) fn of_end(attempt: &Attempt, end: &AttemptEnd) -> TryRecord {
    let (cause, error) = match &end.how {
        EndKind::GaveUp(reason) => (Cause::GaveUp, format!("the agent gave up: {reason}")),
        EndKind::TimedOut => (Cause::TimedOut, "the session's time was up".to_owned()),
        EndKind::Crashed(why) => (Cause::Crashed, format!("the agent died: {why}")),
        EndKind::AuthFailed(why) => {
            (Cause::AgentBroken, format!("the agent could not log in: {why}"))
        }
        EndKind::AgentMissing(program) => {
            (Cause::AgentBroken, format!("the agent's program is missing: {program}"))
        }
        EndKind::Infra(infra) => (Cause::Infra, infra.to_string()),
        EndKind::BudgetSpent => (Cause::GaveUp, "its budget was used up".to_owned()),
        EndKind::Finished
        | EndKind::NoChangeNeeded
        | EndKind::HandedBack
        | EndKind::Unanswered(_)
        | EndKind::Quota { .. }
        | EndKind::Stopped => (Cause::GaveUp, "it ended without a result".to_owned()),
    };
    let spent = matches!(cause, Cause::GaveUp | Cause::TimedOut | Cause::Crashed);
    let failure = Failure::told(FailureClass::of_cause(cause), [error.as_str()]);
    TryRecord {
        attempt: attempt.job.clone(),
        try_no: attempt.try_no,
        cause,
        error,
        approach: end.claim.summary.clone(),
        facts: vec![],
        lines: vec![],
        spent,
        failure: Some(failure),
        same_as: None,
    }
}

/// A record of a branch that does not merge any more.
pub(super) fn of_conflict(
    submission: &Submission,
    target: &CommitId,
    paths: &[String],
) -> TryRecord {
    let failure = Failure::told(FailureClass::Conflict, paths.iter().map(String::as_str));
    TryRecord {
        attempt: submission.attempt.job.clone(),
        try_no: submission.attempt.try_no,
        cause: Cause::Conflict,
        error: format!("it conflicts with the target branch at {target}"),
        approach: submission.claim.summary.clone(),
        facts: paths.iter().map(|path| format!("conflict in {path}")).collect(),
        lines: vec![],
        spent: false,
        failure: Some(failure),
        same_as: None,
    }
}
