//! Whether another agent is to read a measured commit, which one, and what follows from its answer.

use super::choose::{self, Candidate};
use super::load::Load;
use super::wait::{Place, Wait};
use super::{Nodes, follow, slots};
use crate::board::{Board, next_job};
use crate::event::TicketEvent;
use crate::ids::{AgentKind, AgentName, JobKind, Timestamp};
use crate::job::{Attempt, EndKind};
use crate::project::Project;
use crate::reviewer::{
    ASKED_MAX, OnFindings, REVIEW_CHECK, ReviewEnd, Reviewer, ReviewerSettings, answered, in_words,
    stands, unanswered,
};
use crate::spec::Deliverable;
use crate::ticket::{Phase, Reviewing, ReviewingStage, Submission, Ticket, TicketState, Verifying};
use crate::verdict::{CheckResult, Report, Verdict};

/// What a review adds to what was measured, before anything is made of it.
pub(super) fn wanted(
    ticket: &Ticket,
    project: &Project,
    submission: &Submission,
    report: &Report,
) -> Option<TicketEvent> {
    let settings = project.settings.reviewer.as_ref()?;
    let has_one = report.checks.iter().any(|check| check.name == REVIEW_CHECK);
    // A person reads what a person did, and what is said to need no change.
    let of_agent = !submission.by_person && !submission.no_change;
    let has_commits = submission.snapshot.head != submission.base;
    if has_one || !of_agent || !has_commits || ticket.spec.deliverable != Deliverable::Commit {
        return None;
    }
    match report.verdict() {
        Verdict::Pass => {}
        Verdict::Fail if settings.always => {}
        Verdict::Fail | Verdict::Inconclusive => return None,
    }
    Some(match &submission.reviewed {
        Some(check) if submission.again => {
            TicketEvent::ReviewerJudged { check: Box::new(stands(check)) }
        }
        Some(check) => TicketEvent::ReviewerJudged { check: check.clone() },
        None => TicketEvent::ReviewerWanted { review: next_job(ticket, JobKind::Review) },
    })
}

/// Whether a review that nobody could make is all that keeps the report from passing.
pub(super) fn is_all_that_lacks(report: &Report) -> bool {
    let mut lacking = report.not_passed().peekable();
    lacking.peek().is_some()
        && lacking.all(|check| check.name == REVIEW_CHECK && check.verdict != Verdict::Fail)
}

/// What follows from how far the review is.
pub(super) fn follow(
    board: &Board,
    ticket: &Ticket,
    (submission, reviewing): (&Submission, &Reviewing),
    now: Timestamp,
) -> Vec<TicketEvent> {
    let project = &board.projects[&ticket.id.project];
    let Some(settings) = &project.settings.reviewer else {
        // The policy wants none any more.
        let check = unanswered("the project's policy asks for no review now", OnFindings::Note);
        return judged(check);
    };
    match &reviewing.stage {
        ReviewingStage::Job { phase: Phase::Runs(_), .. } => vec![],
        ReviewingStage::Job { phase: Phase::Due { .. }, .. } => {
            let why = hopeless(board, ticket, (submission, reviewing), settings);
            why.map_or_else(Vec::new, |why| judged(unanswered(&why, settings.findings)))
        }
        ReviewingStage::Ended { by, end } => ended((by, &submission.attempt), end, settings, now),
    }
}

fn judged(check: CheckResult) -> Vec<TicketEvent> {
    vec![TicketEvent::ReviewerJudged { check: Box::new(check) }]
}

/// Why no answer is to be hoped for.
fn hopeless(
    board: &Board,
    ticket: &Ticket,
    (submission, reviewing): (&Submission, &Reviewing),
    settings: &ReviewerSettings,
) -> Option<String> {
    let project = &board.projects[&ticket.id.project];
    if reviewing.unanswered >= ASKED_MAX {
        return Some(format!("{ASKED_MAX} reviewers gave no answer; the last: {}", reviewing.why));
    }
    if super::load::ticket_budget(ticket, project).spent().is_some() {
        return Some("the ticket's budget is used up".to_owned());
    }
    let candidates = candidates(project, &submission.attempt, settings);
    if candidates.is_empty() {
        let named: Vec<&str> = settings.agents.iter().map(AgentName::as_str).collect();
        return Some(format!(
            "none of {} can review what {} did",
            named.join(", "),
            submission.attempt.agent
        ));
    }
    // Only what must be reviewed waits until somebody has mended the agent.
    (settings.findings == OnFindings::Note && choose::working(board, &candidates).is_err())
        .then(|| format!("no reviewer works now; the last: {}", reviewing.why))
}

fn ended(
    (by, author): (&Reviewer, &Attempt),
    end: &ReviewEnd,
    settings: &ReviewerSettings,
    now: Timestamp,
) -> Vec<TicketEvent> {
    let put_off = |why: String, not_before: Timestamp, counts: bool| {
        vec![TicketEvent::ReviewerPutOff { why, not_before, counts }]
    };
    match end {
        ReviewEnd::Answered { summary, findings, left_out } => {
            let answer = (summary.as_str(), findings.as_slice(), *left_out);
            judged(answered(answer, (by, author), settings.findings))
        }
        ReviewEnd::Unreadable(why) => {
            put_off(format!("the reviewer's answer could not be read: {why}"), now, true)
        }
        ReviewEnd::Ended(how) => {
            let why = in_words(how);
            match how {
                EndKind::Quota { until, .. } => {
                    let until = until.unwrap_or_else(|| now.plus_ms(follow::QUOTA_MS));
                    put_off(why, until.max(now.plus_ms(1_000)), false)
                }
                // The circuit that this opens is what the review then waits for.
                EndKind::AuthFailed(_) | EndKind::AgentMissing(_) => put_off(why, now, false),
                EndKind::Finished
                | EndKind::NoChangeNeeded
                | EndKind::HandedBack
                | EndKind::GaveUp(_)
                | EndKind::TimedOut
                | EndKind::Crashed(_)
                | EndKind::BudgetSpent
                | EndKind::Unanswered(_)
                | EndKind::Stopped
                | EndKind::Infra(_) => put_off(why, now, true),
            }
        }
    }
}

/// Who may review the author's work: never the author's own definition, and another kind first.
fn candidates<'b>(
    project: &'b Project,
    author: &Attempt,
    settings: &ReviewerSettings,
) -> Vec<Candidate<'b>> {
    let defined = &project.settings.agents;
    let mut able: Vec<Candidate<'b>> = settings
        .agents
        .iter()
        .filter(|name| **name != author.agent)
        .filter_map(|name| defined.get_key_value(name))
        .filter(|(_, facts)| !crate::external::is_external(&facts.kind))
        .collect();
    able.sort_by_key(|(_, facts)| facts.kind == author.kind);
    able
}

/// The review that the ticket is due for, and where it may run, or what it waits for.
pub(super) fn place(
    board: &Board,
    nodes: &Nodes,
    ticket: &Ticket,
    now: Timestamp,
    load: &Load,
) -> Result<Place, Wait> {
    let project = &board.projects[&ticket.id.project];
    let TicketState::Verifying(Verifying { submission, .. }) = &ticket.state else {
        return Err(Wait::Nothing);
    };
    let Some(settings) = &project.settings.reviewer else { return Err(Wait::Nothing) };
    if project.paused {
        return Err(Wait::Paused);
    }
    let candidates = candidates(project, &submission.attempt, settings);
    let working = choose::working(board, &candidates)?;
    if let Some(shortage) = load.shortage(ticket, project, now) {
        return Err(Wait::Budget(shortage));
    }
    let allotment = load.allotment(ticket, project, now);
    choose::first_free(working, allotment, |candidate| {
        Ok((slots::free_beside((board, nodes), ticket, project, candidate, load)?, None))
    })
}

/// Who reviews at that place, and until when.
pub(super) fn at(project: &Project, place: Place, now: Timestamp) -> Reviewer {
    let Place { agent, kind, allotment, .. } = place;
    let facts = project.settings.agents.get(&agent);
    let timeout = project.settings.reviewer.as_ref().map_or(0, |settings| settings.timeout_ms);
    let timeout = allotment.wall_ms.map_or(timeout, |left| left.min(timeout));
    let model = facts.and_then(|facts| facts.model.clone());
    Reviewer { agent, kind, model, allotment, deadline: now.plus_ms(timeout) }
}

/// The kind whose agent could not log in or is not installed, as a review found out.
pub(super) fn broken(ticket: &Ticket) -> Option<(&AgentKind, &EndKind)> {
    let reviewing = ticket.state.reviewing()?;
    let ReviewingStage::Ended { by, end: ReviewEnd::Ended(how) } = &reviewing.stage else {
        return None;
    };
    Some((&by.kind, how))
}

/// Starts the review that the ticket is due for.
pub(super) fn start(
    board: &Board,
    nodes: &Nodes,
    ticket: &Ticket,
    (now, load): (Timestamp, &mut Load),
    fence: impl FnOnce() -> crate::ids::Fence,
) -> Option<TicketEvent> {
    let reviewing = ticket.state.reviewing()?;
    if ticket.state.phase().and_then(Phase::due)? > now {
        return None;
    }
    let place = place(board, nodes, ticket, now, load).ok()?;
    let node = place.node.clone();
    let reviewer = at(&board.projects[&ticket.id.project], place, now);
    load.take_reviewer(&ticket.id.project, &node, &reviewer);
    let lease = crate::job::Lease { node, fence: fence(), granted_at: now };
    let run = crate::job::Run { job: reviewing.job.clone(), lease };
    Some(TicketEvent::ReviewerStarted { reviewer: Box::new(reviewer), run })
}
