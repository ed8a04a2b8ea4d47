//! What a report of a node or of the landing changes.

use crate::board::Board;
use crate::budget::Usage;
use crate::command::{Heard, Report};
use crate::event::TicketEvent;
use crate::external::HandIn;
use crate::failure::FailureClass;
use crate::ids::{CommitId, Fence, JobId, JobKind, Timestamp};
use crate::job::{AttemptEnd, EndKind, Infra, Integration, JobResult, Question, Swap};
use crate::lesson::learned;
use crate::mutant::{Mutant, active};
use crate::ticket::{
    AfterStop, Alert, AlertKind, Landing, LandingStage, Lost, Said, Stage, Stop, Ticket,
    TicketState, Working,
};
use crate::verdict::{Claim, Report as Measured, Verdict};

/// Milliseconds before a follow-up job that failed for the machine's sake is tried again, by the
/// number of such failures in a row.
pub fn infra_backoff_ms(in_row: u8) -> u64 {
    (2_000_u64 << u32::from(in_row.min(7))).min(300_000)
}

/// Milliseconds before a landing that the person's repository refused is tried again.
pub const DEFERRED_MS: u64 = 10_000;

/// Decides about a report. What its fence does not permit is [`Heard::Stale`].
pub fn hear(board: &Board, report: &Report, now: Timestamp) -> Heard {
    let Some(ticket) = board.ticket(report.ticket()) else {
        return unheard(report);
    };
    match report {
        Report::Based { job, fence, base } => told(ticket, job, *fence, |working| {
            let what = TicketEvent::AttemptBased { job: job.clone(), base: base.clone() };
            working.attempt.base.is_none().then_some(what)
        }),
        Report::Asked { job, fence, question } => {
            told(ticket, job, *fence, |working| asked(working, question))
        }
        Report::Expired { job, fence, answer } => told(ticket, job, *fence, |working| {
            waits_for(working, &answer.question)
                .then(|| TicketEvent::QuestionExpired { answer: answer.clone() })
        }),
        Report::Alerted { job, fence, kind, since } => told(ticket, job, *fence, |working| {
            let what = TicketEvent::AlertRaised { kind: *kind, since: *since };
            let again = active(Mutant::RepeatAlerts);
            let news = !kind.is_of_ticket() && (again || alert(working, *kind).is_none());
            news.then_some(what)
        }),
        Report::Calmed { job, fence, kind } => told(ticket, job, *fence, |working| {
            let raised = alert(working, *kind).is_some_and(|alert| alert.cleared_at.is_none());
            raised.then_some(TicketEvent::AlertCleared { kind: *kind })
        }),
        Report::Ended { job, fence, result } => ended(ticket, job, *fence, result, now),
        Report::Swapped { fence, swap, .. } => {
            taught(board, ticket, now, swapped(ticket, *fence, swap, now))
        }
        Report::Published { commit, .. } => taught(board, ticket, now, published(ticket, commit)),
    }
}

/// What the running attempt tells of itself, if it is news.
fn told(
    ticket: &Ticket,
    job: &JobId,
    fence: Fence,
    news: impl FnOnce(&Working) -> Option<TicketEvent>,
) -> Heard {
    match running(ticket, job, fence).map(news) {
        Some(Some(what)) => Heard::News(vec![what]),
        Some(None) => Heard::Known,
        None => ended_or_stale(ticket, job),
    }
}

fn asked(working: &Working, question: &Question) -> Option<TicketEvent> {
    let Stage::Running { questions, said, .. } = &working.stage else { return None };
    let known = questions.iter().any(|asked| asked.id == question.id)
        || said.iter().any(|said| matches!(said, Said::Answer(to) if to.question == question.id));
    (!known).then(|| TicketEvent::QuestionAsked { question: question.clone() })
}

/// Whether a person has not answered this one yet.
fn waits_for(working: &Working, question: &str) -> bool {
    let Stage::Running { questions, .. } = &working.stage else { return false };
    questions.iter().any(|asked| asked.id == question)
}

/// What was told of this kind before.
fn alert(working: &Working, kind: AlertKind) -> Option<&Alert> {
    let Stage::Running { alerts, .. } = &working.stage else { return None };
    alerts.iter().find(|alert| alert.kind == kind)
}

fn published(ticket: &Ticket, commit: &CommitId) -> Heard {
    let TicketState::Queued(entry) = &ticket.state else { return Heard::Known };
    if entry.approval.commit != *commit {
        return Heard::Known;
    }
    Heard::News(vec![TicketEvent::Delivered { commit: commit.clone(), drafts: vec![] }])
}

/// What a landing teaches comes before it: then the ticket is gone.
fn taught(board: &Board, ticket: &Ticket, now: Timestamp, heard: Heard) -> Heard {
    let Heard::News(mut whats) = heard else { return heard };
    let landed = whats.iter().find_map(|what| {
        if let TicketEvent::Landed { commit, .. } | TicketEvent::Delivered { commit, .. } = what {
            return Some(commit.clone());
        }
        None
    });
    if let Some(commit) = landed
        && let TicketState::Landing(Landing { entry, .. }) | TicketState::Queued(entry) =
            &ticket.state
        && let project = &board.projects[&ticket.id.project]
        && let Some(lesson) = learned(project, ticket, &entry.verified.submission, &commit, now)
    {
        whats.insert(0, TicketEvent::Learned { lesson: Box::new(lesson) });
    }
    Heard::News(whats)
}

fn unheard(report: &Report) -> Heard {
    match report.job() {
        Some((job, _)) => stale(job),
        None => Heard::Known,
    }
}

fn stale(job: &JobId) -> Heard {
    Heard::Stale { kind: job.kind }
}

/// A report of the present attempt that comes after its end is old news; any other is stale.
fn ended_or_stale(ticket: &Ticket, job: &JobId) -> Heard {
    if let TicketState::Working(Working { attempt, .. }) = &ticket.state
        && attempt.job == *job
    {
        return Heard::Known;
    }
    stale(job)
}

/// The attempt, when it runs under just this fence.
fn running<'t>(ticket: &'t Ticket, job: &JobId, fence: Fence) -> Option<&'t Working> {
    let TicketState::Working(working) = &ticket.state else { return None };
    let Stage::Running { lease, .. } = &working.stage else { return None };
    let holds = working.attempt.job == *job && lease.fence == fence;
    (holds || active(Mutant::IgnoreFence)).then_some(working)
}

fn ended(ticket: &Ticket, job: &JobId, fence: Fence, result: &JobResult, now: Timestamp) -> Heard {
    if job.kind == JobKind::Attempt {
        return attempt_ended(ticket, job, fence, &as_attempt(result));
    }
    let holds = ticket.run().is_some_and(|run| run.job == *job && run.lease.fence == fence);
    if !holds {
        return stale(job);
    }
    let what = match (job.kind, result) {
        (JobKind::Capture, JobResult::Captured(snapshot)) => {
            TicketEvent::Captured { snapshot: snapshot.clone() }
        }
        (JobKind::Verification, JobResult::Verified(report)) if measures(ticket, report) => {
            TicketEvent::Verified { report: Box::new(report.clone()) }
        }
        (JobKind::Integration, JobResult::Integrated(found)) if is_whole(found) => {
            TicketEvent::Integrated { found: Box::new(found.clone()) }
        }
        (JobKind::Review, JobResult::Reviewed(review)) => {
            TicketEvent::ReviewerEnded { review: Box::new(review.clone()) }
        }
        (_, JobResult::Failed(infra)) => failed(ticket, job, infra, now),
        (_, _nonsense) => failed(ticket, job, &nonsense(), now),
    };
    let mut news = vec![what];
    news.extend(alarms(ticket, &news[0], now));
    Heard::News(news)
}

/// What a person is told of a ticket's work with a result: that tests fail in it, or that it collided
/// with the target; and that it is so no longer.
fn alarms(ticket: &Ticket, what: &TicketEvent, now: Timestamp) -> Vec<TicketEvent> {
    let fails = |report: &Measured| {
        let failed = report.checks.iter().filter(|check| check.verdict == Verdict::Fail);
        failed.map(FailureClass::of_check).any(|class| class == FailureClass::Test)
    };
    let holds = if let TicketEvent::Verified { report } = what {
        vec![(AlertKind::TestsFailing, fails(report))]
    } else if let TicketEvent::Integrated { found } = what {
        match &**found {
            Integration::Built { report, .. } => {
                vec![(AlertKind::Conflict, false), (AlertKind::TestsFailing, fails(report))]
            }
            Integration::Conflict { .. } => vec![(AlertKind::Conflict, true)],
        }
    } else {
        vec![]
    };
    let raised = |kind| ticket.alarms.iter().any(|alert| alert.kind == kind);
    let changed = holds.into_iter().filter(|(kind, holds)| raised(*kind) != *holds);
    let news = changed.map(|(kind, holds)| match holds {
        true => TicketEvent::AlertRaised { kind, since: now },
        false => TicketEvent::AlertCleared { kind },
    });
    news.collect()
}

/// A result that does not answer what the job was for. That is a fault of the node, and nothing
/// that the ticket's agent did.
fn nonsense() -> Infra {
    Infra::Tool("the node reported a result of something else".to_owned())
}

/// How the attempt ended: nodes may report a failure of the machine in either form.
fn as_attempt(result: &JobResult) -> AttemptEnd {
    let infra = match result {
        JobResult::Attempt(end) => return end.clone(),
        JobResult::Failed(infra) => infra.clone(),
        JobResult::Captured(_)
        | JobResult::Verified(_)
        | JobResult::Integrated(_)
        | JobResult::Reviewed(_) => nonsense(),
    };
    let (claim, usage) = (Claim::default(), Usage::default());
    AttemptEnd { how: EndKind::Infra(infra), claim, session: None, usage }
}

/// Whether the report is of the very commit that the ticket offers.
fn measures(ticket: &Ticket, report: &Measured) -> bool {
    matches!(&ticket.state, TicketState::Verifying(verifying)
        if verifying.submission.snapshot.head == report.commit)
}

/// Whether the report that comes with a candidate is of the very commit that would land.
fn is_whole(found: &Integration) -> bool {
    match found {
        Integration::Built { candidate, report } => {
            report.commit == candidate.new && report.tree == candidate.tree
        }
        Integration::Conflict { .. } => true,
    }
}

fn failed(ticket: &Ticket, job: &JobId, infra: &Infra, now: Timestamp) -> TicketEvent {
    let not_before = now.plus_ms(infra_backoff_ms(ticket.infra_in_row));
    TicketEvent::JobFailed { job: job.clone(), infra: infra.clone(), not_before }
}

fn attempt_ended(ticket: &Ticket, job: &JobId, fence: Fence, end: &AttemptEnd) -> Heard {
    if let Some(working) = running(ticket, job, fence) {
        let wish = match &working.stage {
            Stage::Running { stop, .. } => stop.as_ref(),
            Stage::Capturing { .. } | Stage::Captured { .. } => None,
        };
        let end = Box::new(as_handed_in(wish, end));
        return Heard::News(vec![TicketEvent::AttemptEnded { end }]);
    }
    let after_it = matches!(&ticket.state, TicketState::Working(Working { attempt, stage })
        if attempt.job == *job
            && matches!(stage, Stage::Capturing { lease, .. } if lease.fence == fence));
    if after_it {
        return Heard::Known;
    }
    // The node was given up and has come back. Its result is welcome while nothing newer holds
    // the ticket; an attempt that was lost before its checkout left nothing to adopt.
    match ticket.spared() {
        Some(Lost { attempt, lease, handed_in, .. })
            if attempt.job == *job
                && lease.fence == fence
                && !matches!(end.how, EndKind::Infra(_)) =>
        {
            let end = Box::new(as_handed_in(handed_in.as_ref(), end));
            Heard::News(vec![TicketEvent::AttemptAdopted { end }])
        }
        Some(_) | None => stale(job),
    }
}

/// What an external session has said of its end counts as its end, whatever its job was ended by.
fn as_handed_in(wish: Option<&Stop>, end: &AttemptEnd) -> AttemptEnd {
    let Some(Stop { then: AfterStop::HandIn(hand_in), .. }) = wish else {
        return end.clone();
    };
    let HandIn { how, claim } = hand_in.as_ref();
    let claim = if *claim == Claim::default() { end.claim.clone() } else { claim.clone() };
    AttemptEnd { how: how.end(), claim, ..end.clone() }
}

fn swapped(ticket: &Ticket, fence: Fence, swap: &Swap, now: Timestamp) -> Heard {
    let TicketState::Landing(Landing { stage: LandingStage::Intended(intent), .. }) = &ticket.state
    else {
        return Heard::Known;
    };
    if intent.fence != fence {
        return Heard::Known;
    }
    let what = match swap {
        Swap::Proven => {
            TicketEvent::Landed { commit: intent.candidate.new.clone(), fence: intent.fence }
        }
        Swap::Moved { .. } if active(Mutant::BelieveSwap) => {
            TicketEvent::Landed { commit: intent.candidate.new.clone(), fence: intent.fence }
        }
        Swap::Moved { .. } if active(Mutant::KeepCandidate) => {
            TicketEvent::LandingDeferred { why: String::new(), until: now }
        }
        Swap::Moved { found } => TicketEvent::LandingVoided { found: found.clone() },
        Swap::Refused(why) => {
            TicketEvent::LandingDeferred { why: why.clone(), until: now.plus_ms(DEFERRED_MS) }
        }
    };
    Heard::News(vec![what])
}
