//! What follows from the state of one ticket, whatever the capacity.

use crate::board::{Board, Closed, Numbers, next_job};
use crate::decide::infra_backoff_ms;
use crate::event::{Event, TicketEvent};
use crate::ids::{Actor, JobKind, NodeId, TicketId, Timestamp};
use crate::job::{Attempt, AttemptEnd, EndKind, Infra, Integration};
use crate::mutant::{Mutant, active};
use crate::plan::{again, record, reviewing};
use crate::project::{Project, ReviewPolicy};
use crate::spec::Deliverable;
use crate::ticket::{
    AfterStop, Approval, Cause, Escalation, Intent, Landing, LandingStage, NextStart, ParkedFor,
    Phase, Reason, Stage, Stop, StopHow, Submission, Suggestion, Ticket, TicketState, TryRecord,
    Verifying, VerifyingStage, Working,
};
use crate::verdict::{Report, Verdict};

/// Failures of the machine in a row after which a person is asked.
pub(super) const INFRA_IN_ROW_MAX: u8 = 5;
/// Conflicts and red merged trees after which a person is asked.
pub(super) const CONFLICTS_MAX: u8 = 3;
/// How often the target may move away from an entry of the lane while it is checked as merged.
pub(super) const VOIDED_MAX: u8 = 10;
/// How long a ticket is parked for a quota whose end was not told, in milliseconds.
pub(super) const QUOTA_MS: u64 = 15 * 60_000;
/// How long a ticket waits that has used up its share of a budget, in milliseconds.
const BUDGET_MS: u64 = 60_000;

/// The node on which the ticket's job or worktree is.
pub(super) fn home(ticket: &Ticket) -> Option<&NodeId> {
    match &ticket.state {
        TicketState::Working(Working { stage, .. }) => match stage {
            Stage::Running { lease, .. } | Stage::Capturing { lease, .. } => Some(&lease.node),
            Stage::Captured { .. } => None,
        },
        TicketState::Verifying(_) | TicketState::Landing(_) => {
            ticket.state.phase().and_then(Phase::run).map(|run| &run.lease.node)
        }
        TicketState::Draft
        | TicketState::Open
        | TicketState::Backoff(_)
        | TicketState::Parked(_)
        | TicketState::Held(_)
        | TicketState::Review(_)
        | TicketState::Queued(_)
        | TicketState::Landed { .. }
        | TicketState::Delivered { .. }
        | TicketState::Escalated(_)
        | TicketState::Cancelled { .. } => None,
    }
}

/// What follows from the loss of the node on which the ticket's job is.
pub(super) fn lost(ticket: &Ticket, now: Timestamp) -> Vec<TicketEvent> {
    if let TicketState::Working(Working { stage, .. }) = &ticket.state {
        let mut whats = vec![TicketEvent::AttemptLost];
        // A person's wish to end the attempt outlives its node; its worktree is out of reach.
        if let Stage::Running { stop: Some(stop), .. } | Stage::Capturing { stop: Some(stop), .. } =
            stage
        {
            match stop.then {
                AfterStop::Hold | AfterStop::TakeOver | AfterStop::Cancel => {
                    whats.extend(stopped(ticket, stop, false));
                }
                // It is open again already.
                AfterStop::Return | AfterStop::HandIn(_) => {}
            }
        }
        return whats;
    }
    let run = ticket.run().expect("BUG: lost without a run");
    let not_before = now.plus_ms(infra_backoff_ms(ticket.infra_in_row));
    vec![TicketEvent::JobFailed { job: run.job, infra: Infra::NodeLost, not_before }]
}

/// What follows from the ticket's state.
pub(super) fn follow(
    board: &Board,
    ticket: &Ticket,
    now: Timestamp,
    numbers: &mut Numbers,
) -> Vec<TicketEvent> {
    let project = &board.projects[&ticket.id.project];
    if let Some(escalation) = machine_failed(ticket) {
        return vec![TicketEvent::Escalated { escalation }];
    }
    match &ticket.state {
        TicketState::Open => follow_open(board, ticket, project),
        TicketState::Backoff(backoff) if due(backoff.until, now) => vec![TicketEvent::Released],
        TicketState::Parked(parked) if parked.until.is_some_and(|until| due(until, now)) => {
            vec![TicketEvent::Released]
        }
        TicketState::Working(Working {
            stage: Stage::Capturing { stop: Some(stop), .. }, ..
        }) if active(Mutant::SkipCapture) => stopped(ticket, stop, false),
        TicketState::Working(Working { attempt, stage: Stage::Running { stop: None, .. } }) => {
            abandoned(attempt, project)
        }
        TicketState::Working(Working {
            attempt,
            stage: Stage::Captured { end, snapshot, stop },
        }) => match stop {
            // What was handed in is the attempt's end.
            Some(Stop { then: AfterStop::HandIn(_), .. }) | None => {
                captured(ticket, project, (attempt, end, snapshot.is_some()), now)
            }
            Some(stop) => stopped(ticket, stop, snapshot.is_some()),
        },
        TicketState::Verifying(Verifying {
            submission,
            inconclusive,
            stage: VerifyingStage::Measured(report),
            ..
        }) => match reviewing::wanted(ticket, project, submission, report) {
            Some(review) => vec![review],
            None => measured(ticket, project, submission, (report, *inconclusive)),
        },
        TicketState::Verifying(Verifying {
            submission,
            stage: VerifyingStage::Reviewing(reviewing),
            ..
        }) => reviewing::follow(board, ticket, (submission, reviewing), now),
        TicketState::Landing(landing) => land(ticket, project, landing, now, numbers),
        TicketState::Draft
        | TicketState::Backoff(_)
        | TicketState::Parked(_)
        | TicketState::Held(_)
        | TicketState::Working(_)
        | TicketState::Verifying(_)
        | TicketState::Review(_)
        | TicketState::Queued(_)
        | TicketState::Landed { .. }
        | TicketState::Delivered { .. }
        | TicketState::Escalated(_)
        | TicketState::Cancelled { .. } => vec![],
    }
}

fn due(until: Timestamp, now: Timestamp) -> bool {
    until <= now && !active(Mutant::ForgetTimers)
}

fn machine_failed(ticket: &Ticket) -> Option<Escalation> {
    let waits = matches!(ticket.state, TicketState::Open | TicketState::Backoff(_))
        || matches!(ticket.state.phase(), Some(Phase::Due { .. }));
    (waits && ticket.infra_in_row >= INFRA_IN_ROW_MAX).then(|| Escalation {
        reason: Reason::Infrastructure,
        summary: format!(
            "the machine failed {} times in a row, the last time so: {}",
            ticket.infra_in_row, ticket.infra_last
        ),
        suggestions: vec![Suggestion::MendMachine, Suggestion::Discard],
    })
}

/// An open ticket that can never start is a person's.
fn follow_open(board: &Board, ticket: &Ticket, project: &Project) -> Vec<TicketEvent> {
    let cancelled = ticket.spec.depends_on.iter().find(|key| {
        let id = TicketId { project: ticket.id.project.clone(), key: (*key).clone() };
        board.closed.get(&id) == Some(&Closed::Cancelled)
    });
    let (reason, summary) = if let Some(key) = cancelled {
        (Reason::DependencyCancelled, format!("it depends on {key}, which was cancelled"))
    } else if ticket.tries_spent >= project.settings.limits.tries {
        (Reason::TriesSpent, format!("all {} tries failed", ticket.tries_spent))
    } else if super::load::ticket_budget(ticket, project).spent().is_some()
        && !active(Mutant::IgnoreBudget)
    {
        (Reason::Budget, "its budget is used up".to_owned())
    } else {
        return vec![];
    };
    vec![escalate(reason, summary)]
}

pub(super) fn escalate(reason: Reason, summary: String) -> TicketEvent {
    let suggestions = match reason {
        Reason::Infrastructure => vec![Suggestion::MendMachine, Suggestion::Discard],
        Reason::DependencyCancelled => vec![Suggestion::MoreContext, Suggestion::Discard],
        Reason::Inconclusive => vec![Suggestion::MendMachine, Suggestion::TakeOver],
        Reason::TargetMoves => vec![Suggestion::Calm, Suggestion::TakeOver, Suggestion::Discard],
        Reason::HandedBack => vec![Suggestion::TakeOver, Suggestion::Discard],
        Reason::TriesSpent | Reason::Conflicts | Reason::Budget => vec![
            Suggestion::Simplify,
            Suggestion::MoreContext,
            Suggestion::Split,
            Suggestion::TakeOver,
            Suggestion::Discard,
        ],
        Reason::Rechecked => vec![
            Suggestion::Simplify,
            Suggestion::MoreContext,
            Suggestion::TakeOver,
            Suggestion::Discard,
        ],
    };
    TicketEvent::Escalated { escalation: Escalation { reason, summary, suggestions } }
}

fn stopped(ticket: &Ticket, stop: &Stop, has_worktree: bool) -> Vec<TicketEvent> {
    vec![match stop.then {
        // Only a planted fault passes over what was handed in.
        AfterStop::Hold | AfterStop::HandIn(_) => TicketEvent::Held { taken_over: false },
        AfterStop::TakeOver => TicketEvent::Held { taken_over: has_worktree },
        AfterStop::Cancel => TicketEvent::Cancelled,
        AfterStop::Return => TicketEvent::SentBack {
            record: None,
            next: same_try(ticket, has_worktree),
            not_before: None,
            why: String::new(),
        },
    }]
}

/// An attempt whose external session has gone is brought home, and its ticket is open again.
fn abandoned(attempt: &Attempt, project: &Project) -> Vec<TicketEvent> {
    let gone = attempt.external.as_ref().filter(|id| !project.externals.contains_key(*id));
    if gone.is_none() || active(Mutant::ForgetExternal) {
        return vec![];
    }
    let stop = Stop { by: Actor::Gangline, how: StopHow::Stop, then: AfterStop::Return };
    vec![TicketEvent::StopRequested { stop }]
}

fn captured(
    ticket: &Ticket,
    project: &Project,
    (attempt, end, has_worktree): (&Attempt, &AttemptEnd, bool),
    now: Timestamp,
) -> Vec<TicketEvent> {
    match &end.how {
        EndKind::Finished | EndKind::NoChangeNeeded | EndKind::HandedBack if !has_worktree => {
            let gone = Infra::Tool("its worktree is gone".to_owned());
            let end = AttemptEnd { how: EndKind::Infra(gone), ..end.clone() };
            captured(ticket, project, (attempt, &end, false), now)
        }
        EndKind::Finished | EndKind::NoChangeNeeded | EndKind::HandedBack => {
            let verification = next_job(ticket, JobKind::Verification);
            vec![TicketEvent::Submitted { verification }]
        }
        EndKind::Quota { until, message } => vec![TicketEvent::Parked {
            until: Some(until.unwrap_or_else(|| now.plus_ms(QUOTA_MS)).max(now.plus_ms(1_000))),
            why: ParkedFor::Quota(message.clone()),
        }],
        EndKind::Unanswered(question) => {
            vec![TicketEvent::Parked { until: None, why: ParkedFor::Answer(question.clone()) }]
        }
        EndKind::BudgetSpent => budget_spent(ticket, project, has_worktree, now),
        EndKind::Stopped => vec![TicketEvent::Held { taken_over: false }],
        EndKind::AuthFailed(_) | EndKind::AgentMissing(_) => {
            // The circuit that this opens is what the ticket then waits for.
            let record = record::of_end(attempt, end);
            vec![back(record, same_try(ticket, has_worktree), None, String::new())]
        }
        EndKind::Infra(infra) => {
            let until = now.plus_ms(infra_backoff_ms(ticket.infra_in_row));
            let (record, next) = (record::of_end(attempt, end), same_try(ticket, has_worktree));
            vec![back(record, next, Some(until), infra.to_string())]
        }
        EndKind::GaveUp(_) | EndKind::TimedOut | EndKind::Crashed(_) => {
            failed_try(ticket, project, record::of_end(attempt, end))
        }
    }
}

/// Its own budget is a person's to raise. Any other one is there again some day, and nobody's
/// fault: it goes on then, where it was.
fn budget_spent(
    ticket: &Ticket,
    project: &Project,
    has_worktree: bool,
    now: Timestamp,
) -> Vec<TicketEvent> {
    let own = super::load::ticket_budget(ticket, project).spent().is_some();
    if own || active(Mutant::EscalateAnyBudget) {
        let summary = "its budget was used up while it worked";
        return vec![escalate(Reason::Budget, summary.to_owned())];
    }
    vec![TicketEvent::SentBack {
        record: None,
        next: same_try(ticket, has_worktree),
        // It had a share of what others hold back. If that was all there was, it would come back
        // at once with next to nothing, again and again.
        not_before: Some(now.plus_ms(BUDGET_MS)),
        why: "its share of the project's or the day's budget was used up".to_owned(),
    }]
}

/// How the try that the machine broke goes on: where it was; or, when it left nothing, as it had
/// begun, for what is left then is of the try before.
fn same_try(ticket: &Ticket, has_worktree: bool) -> NextStart {
    if has_worktree { NextStart::Resume } else { ticket.next_start }
}

fn back(
    record: TryRecord,
    next: NextStart,
    not_before: Option<Timestamp>,
    why: String,
) -> TicketEvent {
    TicketEvent::SentBack { record: Some(Box::new(record)), next, not_before, why }
}

/// A try was used up: once more, or to a person.
pub(super) fn failed_try(
    ticket: &Ticket,
    project: &Project,
    mut record: TryRecord,
) -> Vec<TicketEvent> {
    if active(Mutant::TriesAreFree) {
        record.spent = false;
    }
    let tries = project.settings.limits.tries;
    let spent = ticket.tries_spent + u8::from(record.spent);
    let summary = format!("all {tries} tries failed; the last: {}", record.error);
    again::look_back(ticket, &mut record);
    let next = again::next_start(&record, spent + 1 >= tries);
    let back = back(record, next, None, String::new());
    if spent < tries { vec![back] } else { vec![back, escalate(Reason::TriesSpent, summary)] }
}

fn measured(
    ticket: &Ticket,
    project: &Project,
    submission: &Submission,
    (report, inconclusive): (&Report, u8),
) -> Vec<TicketEvent> {
    match report.verdict() {
        Verdict::Pass => passed(ticket, project, submission, report),
        Verdict::Inconclusive if active(Mutant::InconclusivePasses) => {
            passed(ticket, project, submission, report)
        }
        Verdict::Inconclusive if inconclusive == 0 && !reviewing::is_all_that_lacks(report) => {
            vec![TicketEvent::RerunOrdered]
        }
        Verdict::Inconclusive => {
            let record = record::of_report(
                &submission.attempt,
                &submission.claim.summary,
                report,
                Cause::Infra,
            );
            let summary = match reviewing::is_all_that_lacks(report) {
                true => record.error.clone(),
                false => format!("a check could not be run twice: {}", record.error),
            };
            vec![escalate(Reason::Inconclusive, summary)]
        }
        Verdict::Fail => {
            let (attempt, summary) = (&submission.attempt, &submission.claim.summary);
            let record = record::of_report(attempt, summary, report, Cause::ChecksFailed);
            if submission.by_person || submission.again {
                to_its_person(submission, record)
            } else {
                failed_try(ticket, project, record)
            }
        }
    }
}

/// What a person handed back, or had judged once more, goes back to that person, not to an agent.
pub(super) fn to_its_person(submission: &Submission, mut record: TryRecord) -> Vec<TicketEvent> {
    record.spent = false;
    let (reason, what) = match submission.by_person {
        true => (Reason::HandedBack, "handed back"),
        false => (Reason::Rechecked, "judged once more"),
    };
    let summary = format!("what was {what} did not pass: {}", record.error);
    vec![back(record, NextStart::Resume, None, String::new()), escalate(reason, summary)]
}

fn passed(
    ticket: &Ticket,
    project: &Project,
    submission: &Submission,
    report: &Report,
) -> Vec<TicketEvent> {
    let commit = submission.snapshot.head.clone();
    let doubted = report.doubts().next().is_some() && !active(Mutant::IgnoreDoubts);
    let reviewed = project.settings.review == ReviewPolicy::Required || doubted;
    // That nothing needs to change is the agent's opinion, and no check can measure it.
    if reviewed || submission.no_change {
        return vec![TicketEvent::ReviewRequested];
    }
    match ticket.spec.deliverable {
        Deliverable::Commit => {
            vec![TicketEvent::Approved { approval: Approval { by: Actor::Policy, commit } }]
        }
        // A plan that passed has been followed with its drafts; see `proposing`.
        Deliverable::Artifact | Deliverable::Report | Deliverable::Plan => {
            vec![TicketEvent::Delivered { commit, drafts: vec![] }]
        }
    }
}

fn land(
    ticket: &Ticket,
    project: &Project,
    landing: &Landing,
    now: Timestamp,
    numbers: &mut Numbers,
) -> Vec<TicketEvent> {
    match &landing.stage {
        LandingStage::Integrated { job, inconclusive, found } => {
            integrated(ticket, project, landing, (job, *inconclusive, found), numbers)
        }
        LandingStage::Deferred { until, intent, why: _ } if *until <= now => {
            // The intent is kept: the swap itself compares, and tells when the target moved. That
            // nothing has moved yet is known, so it may be another branch by now.
            let branch = Some(project.settings.target.clone());
            vec![TicketEvent::LandingIntended { intent: Intent { branch, ..intent.clone() } }]
        }
        LandingStage::Integrating { phase: Phase::Due { .. }, .. }
            if landing.voided >= VOIDED_MAX =>
        {
            let summary = format!(
                "the target branch moved {VOIDED_MAX} times while it was checked as merged"
            );
            vec![escalate(Reason::TargetMoves, summary)]
        }
        LandingStage::Deferred { .. }
        | LandingStage::Integrating { .. }
        | LandingStage::Intended(_) => vec![],
    }
}

fn integrated(
    ticket: &Ticket,
    project: &Project,
    landing: &Landing,
    (job, inconclusive, found): (&crate::ids::JobId, u8, &Integration),
    numbers: &mut Numbers,
) -> Vec<TicketEvent> {
    let submission = &landing.entry.verified.submission;
    let (candidate, report) = match found {
        Integration::Built { candidate, report } => (candidate, report),
        Integration::Conflict { target, paths } => {
            let record = record::of_conflict(submission, target, paths);
            return collided(ticket, submission, record);
        }
    };
    let mut intend = || {
        let (fence, candidate) = (numbers.fence(), candidate.clone());
        let branch = Some(project.settings.target.clone());
        let intent = Intent { fence, integration: job.clone(), candidate, branch };
        vec![TicketEvent::LandingIntended { intent }]
    };
    match report.verdict() {
        Verdict::Pass => intend(),
        Verdict::Fail if active(Mutant::LandRed) => intend(),
        Verdict::Inconclusive if inconclusive == 0 => vec![TicketEvent::RerunOrdered],
        Verdict::Inconclusive => {
            let error = report.not_passed().next().map(|check| check.fact.clone());
            let error = error.unwrap_or_default();
            let summary = format!("the merged tree could not be checked twice: {error}");
            vec![escalate(Reason::Inconclusive, summary)]
        }
        Verdict::Fail => {
            let (attempt, summary) = (&submission.attempt, &submission.claim.summary);
            let record = record::of_report(attempt, summary, report, Cause::RedOnMerged);
            collided(ticket, submission, record)
        }
    }
}

/// The branch and the target do not go together: another attempt on the new base, within its
/// own bound.
fn collided(ticket: &Ticket, submission: &Submission, record: TryRecord) -> Vec<TicketEvent> {
    if submission.by_person {
        return to_its_person(submission, record);
    }
    let summary = format!("it collided {CONFLICTS_MAX} times; the last: {}", record.error);
    let again = ticket.conflicts + 1 < CONFLICTS_MAX;
    let back = back(record, NextStart::Fresh, None, String::new());
    if again { vec![back] } else { vec![back, escalate(Reason::Conflicts, summary)] }
}

/// Kinds whose agent could not log in or is not installed, as far as no circuit says so yet.
pub(super) fn circuits(board: &Board, looked_at: &[&TicketId]) -> Vec<Event> {
    let mut events = vec![];
    for ticket in looked_at.iter().filter_map(|id| board.ticket(id)) {
        let (kind, how) =
            if let TicketState::Working(Working { attempt, stage: Stage::Captured { end, .. } }) =
                &ticket.state
            {
                (&attempt.kind, &end.how)
            } else if let Some(found) = reviewing::broken(ticket) {
                found
            } else {
                continue;
            };
        let why = if let EndKind::AuthFailed(why) = how {
            format!("it could not log in: {why}")
        } else if let EndKind::AgentMissing(program) = how {
            format!("its program `{program}` is not installed")
        } else {
            continue;
        };
        let opened = |event: &Event| matches!(event, Event::CircuitOpened { kind: opened, .. } if opened == kind);
        let known = board.circuits.contains_key(kind) || events.iter().any(opened);
        if !known {
            events.push(Event::CircuitOpened { kind: kind.clone(), why });
        }
    }
    events
}
