//! Which attempts and follow-up jobs start now, and where.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::load::{Load, Taken};
use super::wait::{Place, Wait, may_start};
use super::{Nodes, follow, reviewing};
use crate::board::{Board, Numbers, next_job};
use crate::drain;
use crate::event::{Event, TicketEvent};
use crate::ids::{AgentName, JobKind, NodeId, TicketId, TicketKey, Timestamp};
use crate::job::{Attempt, Lease, Run, Start};
use crate::lesson::fitting;
use crate::mutant::{Mutant, active};
use crate::project::{AgentFacts, Project};
use crate::spec::Priority;
use crate::ticket::{Landing, LandingStage, NextStart, Phase, Ticket, TicketState, Verifying};

/// The priority score in hundredths: 100, 50, 25 or 10 by priority; +20 when nothing blocks it;
/// +0.5 for each whole day of age, up to 20; +5 for each live ticket that it blocks.
/// Source: the work queue prioritisation of the sub-agent orchestration plan.
pub fn score(board: &Board, ticket: &Ticket, now: Timestamp) -> i64 {
    let base = match ticket.spec.priority {
        Priority::Critical => 10_000,
        Priority::High => 5_000,
        Priority::Medium => 2_500,
        Priority::Low => 1_000,
    };
    let unblocked = if board.unmet(ticket).is_empty() { 2_000 } else { 0 };
    let days = (now.0 - ticket.created_at.0).max(0) / 86_400_000_000;
    let blocks = i64::try_from(board.dependents(&ticket.id).count()).unwrap_or(i64::MAX / 500);
    base + unblocked + (days * 50).min(2_000) + blocks * 500
}

/// Sorts first what is to start first: critical before all others, then by score, then the older
/// one, then the key.
pub fn ready_order(board: &Board, ticket: &Ticket, now: Timestamp) -> impl Ord + use<> {
    let critical = ticket.spec.priority == Priority::Critical;
    let rank: (Reverse<bool>, Reverse<i64>, Timestamp, TicketKey, TicketId) = (
        Reverse(critical),
        Reverse(score(board, ticket, now)),
        ticket.created_at,
        ticket.id.key.clone(),
        ticket.id.clone(),
    );
    rank
}

/// A node with a free slot for an attempt, within all limits.
pub(super) fn free(
    (board, nodes): (&Board, &Nodes),
    ticket: &Ticket,
    project: &Project,
    agent: (&AgentName, &AgentFacts),
    load: &Load,
) -> Result<NodeId, Wait> {
    let worktrees = load.worktrees_by_project.get(&project.id).copied().unwrap_or(0);
    let node = free_beside((board, nodes), ticket, project, agent, load)?;
    if worktrees >= project.settings.limits.worktrees && !active(Mutant::IgnoreLimit) {
        return Err(Wait::Slot { limit: "worktrees" });
    }
    Ok(node)
}

/// The same for an agent that needs no worktree.
pub(super) fn free_beside(
    (board, nodes): (&Board, &Nodes),
    ticket: &Ticket,
    project: &Project,
    (agent, facts): (&AgentName, &AgentFacts),
    load: &Load,
) -> Result<NodeId, Wait> {
    let limits = &project.settings.limits;
    let in_project = load.by_project.get(&project.id).copied().unwrap_or(0);
    if !active(Mutant::IgnoreLimit) {
        if load.attempts >= nodes.agents_max {
            return Err(Wait::Slot { limit: "agents_max" });
        }
        if in_project >= limits.agents {
            return Err(Wait::Slot { limit: "agents" });
        }
        let definition = (project.id.clone(), agent.clone());
        let of_definition = load.by_definition.get(&definition).copied().unwrap_or(0);
        if of_definition >= facts.max_concurrent.unwrap_or(limits.per_definition) {
            return Err(Wait::Slot { limit: "per_definition" });
        }
    }
    let mut able: Vec<_> =
        nodes.alive.iter().filter(|(_, node)| node.kinds.contains(&facts.kind)).collect();
    if able.is_empty() {
        return Err(Wait::Node);
    }
    if !able.iter().any(|(id, _)| drain::takes_new(board, id)) {
        return Err(Wait::Drained { nodes: able.into_iter().map(|(id, _)| id.clone()).collect() });
    }
    able.retain(|(id, _)| drain::takes_new(board, id));
    // Where the earlier work is, if that node has room; else where most room is.
    let earlier = ticket.home.as_ref();
    let room = |(id, node): &&(&NodeId, &super::NodeFacts)| {
        node.slots.saturating_sub(load.by_node.get(*id).copied().unwrap_or(0))
    };
    able.iter()
        .filter(|node| room(node) > 0 || active(Mutant::IgnoreLimit))
        .max_by_key(|node| (earlier == Some(node.0), room(node), Reverse(node.0)))
        .map(|(id, _)| (*id).clone())
        .ok_or(Wait::Slot { limit: "node" })
}

/// Adds the jobs that start now.
pub(super) fn plan(
    board: &Board,
    nodes: &Nodes,
    now: Timestamp,
    numbers: &mut Numbers,
    events: &mut Vec<Event>,
) {
    let mut load = Load::of(board);
    let mut regained: BTreeSet<&TicketId> = BTreeSet::new();
    let mut add = |ticket: &Ticket, what| {
        events.push(Event::Ticket { ticket: ticket.id.clone(), what });
    };
    for ticket in board.busy() {
        if ticket.state.reviewing().is_some() {
            let fence = || numbers.fence();
            if let Some(what) = reviewing::start(board, nodes, ticket, (now, &mut load), fence) {
                add(ticket, what);
            }
        } else if let Some(run) = follow_up(board, nodes, ticket, (now, &mut load), numbers) {
            add(ticket, TicketEvent::JobStarted { run });
        }
    }
    for ticket in board.waiting() {
        let Some(lost) = ticket.spared() else { continue };
        let job = (lost.attempt.job.clone(), lost.lease.fence);
        let is_there =
            nodes.alive.get(&lost.lease.node).is_some_and(|node| node.jobs.contains(&job));
        let project = &board.projects[&ticket.id.project];
        if lost.running && is_there && load.has_room_for(lost, (ticket, project), nodes, now) {
            let attempt = &lost.attempt;
            load.take_attempt(ticket, &Taken::by(attempt, &lost.lease.node));
            regained.insert(&ticket.id);
            add(ticket, TicketEvent::AttemptRegained);
        }
    }
    if load.attempts >= nodes.agents_max && !active(Mutant::IgnoreLimit) {
        return;
    }
    let open = |ticket: &&Ticket| {
        matches!(ticket.state, TicketState::Open) && !regained.contains(&ticket.id)
    };
    let mut waiting: Vec<&Ticket> = board.waiting().filter(open).collect();
    waiting.sort_by_cached_key(|ticket| ready_order(board, ticket, now));
    for ticket in waiting {
        if let Ok(place) = may_start(board, nodes, ticket, now, &load) {
            let Place { node, agent, external, allotment, .. } = &place;
            let external = external.as_ref();
            load.take_attempt(ticket, &Taken { node, agent, external, allotment });
            add(ticket, start(board, ticket, place, now, numbers));
        }
    }
}

fn start(
    board: &Board,
    ticket: &Ticket,
    place: Place,
    now: Timestamp,
    numbers: &mut Numbers,
) -> TicketEvent {
    let Place { node, agent, kind, external, allotment } = place;
    let settings = &board.projects[&ticket.id.project].settings;
    let limits = &settings.limits;
    // An external session brings its own model, which nobody has told.
    let facts = settings.agents.get(&agent).filter(|_| external.is_none());
    let model = facts.and_then(|facts| facts.model.clone());
    let start = match (&ticket.left, ticket.next_start) {
        (Some(left), NextStart::Resume) => {
            let mut left = left.clone();
            if left.agent != agent {
                left.session = None;
            }
            Start::Resume(left)
        }
        (None, _) | (_, NextStart::Fresh) => Start::Fresh,
    };
    let session_ms =
        allotment.wall_ms.map_or(limits.session_ms, |left| left.min(limits.session_ms));
    let base = match &start {
        Start::Resume(left) => Some(left.base.clone()),
        Start::Fresh => None,
    };
    let attempt = Attempt {
        job: next_job(ticket, JobKind::Attempt),
        try_no: ticket.tries_spent + 1,
        agent,
        kind,
        model,
        start,
        base,
        started_at: now,
        deadline: now.plus_ms(session_ms),
        allotment,
        external,
        lessons: fitting(&board.projects[&ticket.id.project], ticket, now),
    };
    let lease = Lease { node, fence: numbers.fence(), granted_at: now };
    TicketEvent::AttemptStarted { attempt: Box::new(attempt), lease }
}

/// The capture, verification or integration that the ticket is due for, if it may start.
fn follow_up(
    board: &Board,
    nodes: &Nodes,
    ticket: &Ticket,
    (now, load): (Timestamp, &mut Load),
    numbers: &mut Numbers,
) -> Option<Run> {
    if ticket.state.phase().and_then(Phase::due)? > now {
        return None;
    }
    let node = place(board, nodes, ticket, load).ok()?;
    let job = if let TicketState::Verifying(Verifying { job, .. })
    | TicketState::Landing(Landing {
        stage: LandingStage::Integrating { job, .. },
        ..
    }) = &ticket.state
    {
        load.take_check(&ticket.id.project);
        job.clone()
    } else {
        next_job(ticket, JobKind::Capture)
    };
    Some(Run { job, lease: Lease { node, fence: numbers.fence(), granted_at: now } })
}

/// Where a capture, verification or integration that is due may run, or what it waits for.
pub(super) fn place(
    board: &Board,
    nodes: &Nodes,
    ticket: &Ticket,
    load: &Load,
) -> Result<NodeId, Wait> {
    if matches!(ticket.state, TicketState::Working(_)) {
        // A capture is bound to the worktree, and brings what must not be lost: nothing but its
        // node can keep it waiting.
        let home = follow::home(ticket).filter(|home| nodes.alive.contains_key(*home));
        return home.cloned().ok_or(Wait::Node);
    }
    let project = &board.projects[&ticket.id.project];
    if project.paused {
        return Err(Wait::Paused);
    }
    let running = load.checks_by_project.get(&project.id).copied().unwrap_or(0);
    if running >= project.settings.limits.verifications {
        return Err(Wait::Slot { limit: "verifications" });
    }
    // What is being drained comes to its end sooner when others do this.
    let others = nodes.alive.keys().find(|node| drain::takes_new(board, node));
    others.or_else(|| nodes.alive.keys().next()).cloned().ok_or(Wait::Node)
}
