//! Tickets.

use gangline_api::ticket::{
    AlertView, DependencyView, EscalationView, HintView, QuestionView, RecordView, TicketDetail,
    TicketView, WaitView,
};
use gangline_domain::board::Board;
use gangline_domain::job::Question;
use gangline_domain::plan::{Wait, lane_order, likely_agent, waits_for};
use gangline_domain::ticket::{
    Alert, Held, HeldFrom, Landing, LandingStage, Parked, ParkedFor, Stage, Ticket, TicketState,
    TryRecord, Verified, Working,
};

use super::event::alerted;
use super::history::{History, usage};
use super::project::budget;
use super::wait::wait;
use super::word;
use crate::app::Seen;
use crate::archive::Worktree;

/// A ticket in a list.
pub(crate) fn list_entry(board: &Board, seen: &Seen, ticket: &Ticket) -> TicketView {
    let project = board.projects.get(&ticket.id.project);
    let agent = if let TicketState::Working(Working { attempt, .. }) = &ticket.state {
        Some(attempt.agent.clone())
    } else if ticket.state.is_closed() {
        ticket.last_attempt.as_ref().map(|attempt| attempt.agent.clone())
    } else {
        likely_agent(board, ticket).cloned().or_else(|| ticket.spec.named_agent())
    };
    TicketView {
        project: ticket.id.project.to_string(),
        key: ticket.id.key.to_string(),
        title: ticket.spec.title.clone(),
        state: ticket.state.word().to_owned(),
        since_us: ticket.since.0,
        priority: word(ticket.spec.priority),
        labels: ticket.spec.labels.iter().cloned().collect(),
        agent: agent.map(|agent| agent.to_string()).unwrap_or_default(),
        wait: waits(board, seen, ticket),
        tries_spent: ticket.tries_spent,
        tries: project.map_or(0, |project| project.settings.limits.tries),
        created_us: ticket.created_at.0,
        external_ref: ticket.spec.external_ref.clone(),
        dependencies: ticket.spec.depends_on.iter().map(ToString::to_string).collect(),
        usage: usage(ticket.usage),
        escalated_for: escalation(&ticket.state).map(|escalation| escalation.reason),
        activity: activity(seen, ticket),
        alerts: ticket.alerts().map(alert).collect(),
    }
}

/// What a ticket waits for.
pub(crate) fn waits(board: &Board, seen: &Seen, ticket: &Ticket) -> WaitView {
    let waits = match board.projects.get(&ticket.id.project) {
        Some(_) if !ticket.state.is_closed() => waits_for(board, &seen.nodes, ticket, seen.now),
        Some(_) | None => Wait::Nothing,
    };
    wait(&waits, seen.view.hindered.get(&ticket.id))
}

fn alert(alert: &Alert) -> AlertView {
    let text = alerted(alert.kind).to_owned();
    AlertView { kind: word(alert.kind), text, since_us: alert.since.0 }
}

/// What the ticket's job is at, as its node last said.
fn activity(seen: &Seen, ticket: &Ticket) -> Option<String> {
    let run = ticket.run()?;
    let node = seen.view.nodes.get(&run.lease.node)?;
    let pulse = node.pulses.iter().find(|pulse| pulse.job == run.job)?;
    Some(pulse.current.clone()).filter(|current| !current.is_empty())
}

/// What a detailed view is made of, beside the board.
pub(crate) struct Shown<'a> {
    pub(crate) ticket: &'a Ticket,
    pub(crate) history: History,
    pub(crate) worktree: Worktree,
}

/// A ticket with all its evidence.
pub(crate) fn detail(board: &Board, seen: &Seen, shown: Shown<'_>) -> TicketDetail {
    let Shown { ticket, history, worktree } = shown;
    let spec = &ticket.spec;
    TicketDetail {
        ticket: list_entry(board, seen, ticket),
        body: spec.body.clone(),
        brief: spec.brief.clone(),
        deliverable: word(spec.deliverable),
        created_by: ticket.created_by.to_string(),
        depends_on: dependencies(board, ticket),
        dependents: board.dependents(&ticket.id).map(|id| id.key.to_string()).collect(),
        scope: spec.scope.patterns().to_vec(),
        permits: spec.permits.patterns().to_vec(),
        capabilities: spec.needs().into_iter().map(str::to_owned).collect(),
        budget: budget(spec.budget),
        attempts: history.attempts,
        records: ticket.records.iter().map(record).collect(),
        hints: ticket
            .hints
            .iter()
            .map(|hint| HintView { by: hint.by.to_string(), text: hint.text.clone() })
            .collect(),
        questions: questions(ticket).into_iter().map(question).collect(),
        report: history.report,
        candidate_report: history.candidate_report,
        queue_position: queue_position(board, ticket),
        landing: history.landing,
        escalation: escalation(&ticket.state),
        taken_over: matches!(
            &ticket.state,
            TicketState::Held(Held { from: HeldFrom::TakenOver(_), .. })
        ),
        worktree: worktree.path.map(|path| path.display().to_string()),
        branch: worktree.branch,
        commit: commit(ticket),
    }
}

/// The word of its state, live or closed.
pub(crate) fn stands(board: &Board, id: &gangline_domain::ids::TicketId) -> &'static str {
    match (board.ticket(id), board.closed.get(id)) {
        (Some(live), _) => live.state.word(),
        (None, Some(closed)) => closed.word(),
        (None, None) => "unknown",
    }
}

fn dependencies(board: &Board, ticket: &Ticket) -> Vec<DependencyView> {
    let unmet = board.unmet(ticket);
    let view = |key: &gangline_domain::ids::TicketKey| {
        let id =
            gangline_domain::ids::TicketId { project: ticket.id.project.clone(), key: key.clone() };
        let state = stands(board, &id).to_owned();
        DependencyView { key: key.to_string(), state, met: !unmet.contains(key) }
    };
    ticket.spec.depends_on.iter().map(view).collect()
}

fn record(record: &TryRecord) -> RecordView {
    let failure = record.failure.as_ref();
    RecordView {
        job: record.attempt.to_string(),
        try_no: record.try_no,
        cause: word(record.cause),
        class: word(record.class()),
        class_text: record.class().words().to_owned(),
        checks: failure.map(|failure| failure.checks.clone()).unwrap_or_default(),
        fingerprint: failure.map(|failure| failure.fingerprint.clone()),
        same_as: record.same_as.as_ref().map(ToString::to_string),
        error: record.error.clone(),
        approach: record.approach.clone(),
        facts: record.facts.clone(),
        lines: record.lines.clone(),
        spent: record.spent,
    }
}

pub(crate) fn questions(ticket: &Ticket) -> Vec<&Question> {
    if let TicketState::Working(Working { stage: Stage::Running { questions, .. }, .. }) =
        &ticket.state
    {
        return questions.iter().collect();
    }
    match &ticket.state {
        TicketState::Parked(Parked { why: ParkedFor::Answer(question), .. }) => vec![question],
        TicketState::Parked(_)
        | TicketState::Draft
        | TicketState::Open
        | TicketState::Backoff(_)
        | TicketState::Held(_)
        | TicketState::Working(_)
        | TicketState::Verifying(_)
        | TicketState::Review(_)
        | TicketState::Queued(_)
        | TicketState::Landing(_)
        | TicketState::Landed { .. }
        | TicketState::Delivered { .. }
        | TicketState::Escalated(_)
        | TicketState::Cancelled { .. } => vec![],
    }
}

fn question(question: &Question) -> QuestionView {
    QuestionView {
        id: question.id.clone(),
        text: question.text.clone(),
        options: question.options.clone(),
        asked_us: question.asked_at.0,
    }
}

fn escalation(state: &TicketState) -> Option<EscalationView> {
    let TicketState::Escalated(found) = state else { return None };
    Some(EscalationView {
        reason: word(&found.reason),
        summary: found.summary.clone(),
        suggestions: found.suggestions.iter().map(word).collect(),
    })
}

/// From 1; the one in the lane is the first.
fn queue_position(board: &Board, ticket: &Ticket) -> Option<u32> {
    let in_lane = board
        .queue()
        .filter(|other| other.id.project == ticket.id.project)
        .filter(|other| matches!(other.state, TicketState::Landing(_)))
        .count();
    if matches!(ticket.state, TicketState::Landing(_)) {
        return Some(1);
    }
    let order = lane_order(board, &ticket.id.project);
    let before = order.iter().position(|id| *id == ticket.id)?;
    u32::try_from(in_lane + before + 1).ok()
}

/// What is proposed to land, or has landed.
fn commit(ticket: &Ticket) -> Option<String> {
    let of = |verified: &Verified| verified.submission.snapshot.head.to_string();
    match &ticket.state {
        TicketState::Verifying(verifying) => Some(verifying.submission.snapshot.head.to_string()),
        TicketState::Review(verified) => Some(of(verified)),
        TicketState::Queued(queued) => Some(of(&queued.verified)),
        TicketState::Landing(Landing { stage: LandingStage::Intended(intent), .. }) => {
            Some(intent.candidate.new.to_string())
        }
        TicketState::Landing(landing) => Some(of(&landing.entry.verified)),
        TicketState::Landed { commit } | TicketState::Delivered { commit, .. } => {
            Some(commit.to_string())
        }
        TicketState::Draft
        | TicketState::Open
        | TicketState::Backoff(_)
        | TicketState::Parked(_)
        | TicketState::Held(_)
        | TicketState::Working(_)
        | TicketState::Escalated(_)
        | TicketState::Cancelled { .. } => ticket.left.as_ref().map(|left| left.head.to_string()),
    }
}
