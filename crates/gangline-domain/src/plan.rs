//! What follows by itself: the consequences of what was measured, and what ought to start.
//!
//! Pure, and computed from what changed: the caller names the tickets that events touched, and
//! calls again until nothing follows. After a crash it names all of them, and gets what is left.

mod again;
mod choose;
mod follow;
mod lane;
mod load;
mod proposing;
mod record;
mod reviewing;
mod slots;
mod wait;

use std::collections::{BTreeMap, BTreeSet};

use crate::board::{Board, Numbers};
use crate::event::{Event, TicketEvent};
use crate::ids::{AgentKind, Fence, JobId, NodeId, TicketId, Timestamp};
use crate::room;

pub use choose::likely_agent;
pub use lane::order as lane_order;
pub use load::{BudgetOf, Shortage};
pub use slots::{ready_order, score};
pub use wait::{Wait, waits_for};

/// The nodes as they are known now. Volatile: nothing here is an event.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Nodes {
    /// Nodes that may be given jobs.
    pub alive: BTreeMap<NodeId, NodeFacts>,
    /// Nodes that have been silent for too long. One that is in neither is suspect: it gets
    /// nothing new and keeps what it has.
    pub dead: BTreeSet<NodeId>,
    /// Attempts at once on all nodes together.
    pub agents_max: u32,
}

/// What a node said of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeFacts {
    /// Attempts that it can run at once.
    pub slots: u32,
    /// Agent kinds that it can drive.
    pub kinds: BTreeSet<AgentKind>,
    /// Jobs that it has, and under which fences.
    pub jobs: BTreeSet<(JobId, Fence)>,
}

/// Which tickets to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Focus {
    /// Those that events touched or whose moment has come, and the slots they may have freed.
    Changed(BTreeSet<TicketId>),
    /// All of them.
    All,
}

/// What follows now. To be applied, and then asked again, until nothing does.
pub fn plan(
    board: &Board,
    nodes: &Nodes,
    focus: &Focus,
    now: Timestamp,
    numbers: &mut Numbers,
) -> Vec<Event> {
    let mut events = vec![];
    let looked_at: Vec<&TicketId> = match focus {
        Focus::All => board.tickets.keys().collect(),
        Focus::Changed(ids) => ids.iter().collect(),
    };
    let mut followed: BTreeSet<&TicketId> = BTreeSet::new();
    for ticket in looked_at.iter().filter_map(|id| board.ticket(id)) {
        let of_ticket = match proposing::follow(board, ticket, numbers) {
            Some(with_others) => with_others,
            None => of(&ticket.id, follow::follow(board, ticket, now, numbers)),
        };
        if !of_ticket.is_empty() {
            followed.insert(&ticket.id);
            events.extend(of_ticket);
        }
    }
    // What has just moved on may have left the dead node behind; it is asked about again.
    for ticket in lost(board, nodes).filter(|ticket| !followed.contains(&ticket.id)) {
        events.extend(of(&ticket.id, follow::lost(ticket, now)));
    }
    events.extend(follow::circuits(board, &looked_at));
    events.extend(room::gone(board, nodes));
    if !events.is_empty() {
        // Capacity is counted on a board on which all consequences are drawn.
        return events;
    }
    lane::plan(board, &mut events);
    slots::plan(board, nodes, now, numbers, &mut events);
    events
}

fn of(ticket: &TicketId, whats: Vec<TicketEvent>) -> Vec<Event> {
    let of = |what| Event::Ticket { ticket: ticket.clone(), what };
    whats.into_iter().map(of).collect()
}

/// Tickets whose job runs on a dead node.
fn lost<'b>(board: &'b Board, nodes: &'b Nodes) -> impl Iterator<Item = &'b crate::ticket::Ticket> {
    let any = !nodes.dead.is_empty();
    board.busy().filter(move |ticket| {
        any && follow::home(ticket).is_some_and(|node| nodes.dead.contains(node))
    })
}
