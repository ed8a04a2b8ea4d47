//! What a ticket waits for. Every wait has a reason that people can see.

use serde::Serialize;

use super::load::{Load, Shortage};
use super::{Nodes, choose, reviewing, slots};
use crate::board::Board;
use crate::ids::{AgentKind, AgentName, ExternalId, NodeId, TicketId, TicketKey, Timestamp};
use crate::mutant::{Mutant, active};
use crate::project::{LandingMode, ScopeCollision};
use crate::ticket::{
    HeldFrom, LandingStage, ParkedFor, Reviewing, Stage, Ticket, TicketState, VerifyingStage,
};

/// Why a ticket does not go on at this moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "for")]
pub enum Wait {
    /// A person: to open a draft, approve, answer, resume, hand back, or decide.
    Person {
        /// What they are asked for.
        to: &'static str,
    },
    /// These have not landed.
    Dependencies {
        /// Which.
        on: Vec<TicketKey>,
    },
    /// A moment.
    Clock {
        /// Which.
        until: Timestamp,
        /// Why.
        why: String,
    },
    /// The project is paused.
    Paused,
    /// The agent kind is broken.
    Circuit {
        /// Which.
        kind: AgentKind,
        /// Why.
        why: String,
    },
    /// The definition is gone from the policy.
    Definition {
        /// Which.
        agent: AgentName,
    },
    /// An agent that can do what it needs.
    Capability {
        /// What nobody can do; all of it, when only no single one can.
        missing: Vec<String>,
        /// The agent that it names, when that one lacks it.
        agent: Option<AgentName>,
    },
    /// A running ticket may change the same files.
    Scope {
        /// Which.
        with: TicketId,
    },
    /// A budget of which nothing is left.
    Budget(Shortage),
    /// A slot: all that the named limit allows is in use.
    Slot {
        /// `agents`, `agents_max`, `per_definition`, `worktrees`, `node`, `verifications`, `external`.
        limit: &'static str,
    },
    /// An external session of this agent that can do what it needs.
    External {
        /// Which.
        agent: AgentName,
    },
    /// A node that can drive the agent.
    Node,
    /// A node that is given work again: all that can drive the agent are being drained.
    Drained {
        /// Which; at least one.
        nodes: Vec<NodeId>,
    },
    /// The lane of the merge queue.
    Lane,
    /// A job that runs.
    Job {
        /// On this node.
        node: NodeId,
    },
    /// The target branch to be moved.
    Swap,
    /// Its branch to be left in the person's repository.
    Publication,
    /// Nothing: the next step is being taken.
    Nothing,
}

/// What the ticket waits for now.
pub fn waits_for(board: &Board, nodes: &Nodes, ticket: &Ticket, now: Timestamp) -> Wait {
    let project = &board.projects[&ticket.id.project];
    match &ticket.state {
        TicketState::Draft => Wait::Person { to: "start it" },
        TicketState::Open => {
            may_start(board, nodes, ticket, now, &Load::of(board)).err().unwrap_or(Wait::Nothing)
        }
        TicketState::Backoff(backoff) => {
            Wait::Clock { until: backoff.until, why: backoff.why.clone() }
        }
        TicketState::Parked(parked) => match (&parked.why, parked.until) {
            (ParkedFor::Quota(why), Some(until)) => Wait::Clock { until, why: why.clone() },
            (ParkedFor::Quota(_), None) => Wait::Person { to: "resume it" },
            (ParkedFor::Answer(_), _) => Wait::Person { to: "answer its question" },
        },
        TicketState::Held(held) => Wait::Person {
            to: match held.from {
                HeldFrom::TakenOver(_) => "hand it back",
                HeldFrom::Open
                | HeldFrom::Verifying(_)
                | HeldFrom::Review(_)
                | HeldFrom::Queued(_) => "resume it",
            },
        },
        TicketState::Working(working) => match &working.stage {
            Stage::Running { questions, .. } if !questions.is_empty() => {
                Wait::Person { to: "answer its question" }
            }
            Stage::Running { .. } => job(ticket),
            Stage::Capturing { .. } => follow_up(board, nodes, ticket, now),
            Stage::Captured { .. } => Wait::Nothing,
        },
        TicketState::Verifying(verifying) => match &verifying.stage {
            VerifyingStage::Job(_) => follow_up(board, nodes, ticket, now),
            VerifyingStage::Measured(_) => Wait::Nothing,
            VerifyingStage::Reviewing(reviewing) => review(board, nodes, (ticket, reviewing), now),
        },
        TicketState::Review(_) => Wait::Person { to: "approve or reject it" },
        TicketState::Queued(_) if project.paused => Wait::Paused,
        TicketState::Queued(_) => match project.settings.landing {
            LandingMode::Local => Wait::Lane,
            LandingMode::Branch => Wait::Publication,
        },
        TicketState::Landing(landing) => match &landing.stage {
            LandingStage::Integrating { .. } => follow_up(board, nodes, ticket, now),
            LandingStage::Integrated { .. } => Wait::Nothing,
            LandingStage::Intended(_) => Wait::Swap,
            LandingStage::Deferred { why, until, .. } => {
                Wait::Clock { until: *until, why: why.clone() }
            }
        },
        TicketState::Escalated(_) => Wait::Person { to: "decide" },
        TicketState::Landed { .. }
        | TicketState::Delivered { .. }
        | TicketState::Cancelled { .. } => Wait::Nothing,
    }
}

fn job(ticket: &Ticket) -> Wait {
    ticket.run().map_or(Wait::Nothing, |run| Wait::Job { node: run.lease.node })
}

/// What a capture, verification or integration waits for, by the same rules that start it.
fn follow_up(board: &Board, nodes: &Nodes, ticket: &Ticket, now: Timestamp) -> Wait {
    match (ticket.run(), ticket.wakes_at()) {
        (Some(run), _) => Wait::Job { node: run.lease.node },
        (None, Some(until)) if until > now => {
            Wait::Clock { until, why: format!("the machine failed: {}", ticket.infra_last) }
        }
        (None, _) => {
            slots::place(board, nodes, ticket, &Load::of(board)).err().unwrap_or(Wait::Nothing)
        }
    }
}

/// What a review by an agent waits for.
fn review(
    board: &Board,
    nodes: &Nodes,
    (ticket, reviewing): (&Ticket, &Reviewing),
    now: Timestamp,
) -> Wait {
    match (ticket.run(), ticket.wakes_at()) {
        (Some(run), _) => Wait::Job { node: run.lease.node },
        (None, Some(until)) if until > now => {
            let why = match ticket.infra_in_row {
                0 => reviewing.why.clone(),
                _ => format!("the machine failed: {}", ticket.infra_last),
            };
            Wait::Clock { until, why }
        }
        (None, _) => reviewing::place(board, nodes, ticket, now, &Load::of(board))
            .err()
            .unwrap_or(Wait::Nothing),
    }
}

/// What a new attempt would use.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) node: NodeId,
    pub(super) agent: AgentName,
    pub(super) kind: AgentKind,
    pub(super) external: Option<ExternalId>,
    pub(super) allotment: crate::budget::Budget,
}

/// Where an open ticket's next attempt may run, or what it waits for.
pub(super) fn may_start(
    board: &Board,
    nodes: &Nodes,
    ticket: &Ticket,
    now: Timestamp,
    load: &Load,
) -> Result<Place, Wait> {
    let project = &board.projects[&ticket.id.project];
    if project.paused {
        return Err(Wait::Paused);
    }
    let on = board.unmet(ticket);
    if !on.is_empty() && !active(Mutant::IgnoreDependencies) {
        return Err(Wait::Dependencies { on });
    }
    let candidates = choose::candidates(board, ticket, project)?;
    let working = choose::working(board, &candidates)?;
    if project.settings.limits.scope_collision == ScopeCollision::Avoid
        && let Some(with) = load.collides_with(ticket)
    {
        return Err(Wait::Scope { with: with.clone() });
    }
    if let Some(shortage) = load.shortage(ticket, project, now) {
        return Err(Wait::Budget(shortage));
    }
    let allotment = load.allotment(ticket, project, now);
    choose::first_free(working, allotment, |candidate| {
        let node = slots::free((board, nodes), ticket, project, candidate, load)?;
        let session = choose::session(ticket, project, candidate, load)?;
        Ok((node, session.map(|session| session.id.clone())))
    })
}
