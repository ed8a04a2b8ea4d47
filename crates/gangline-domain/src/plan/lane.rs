//! The merge queue of a project: one lane, one entry in it at a time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::board::{Board, next_job};
use crate::event::{Event, TicketEvent};
use crate::ids::{JobKind, ProjectId};
use crate::mutant::{Mutant, active};
use crate::project::LandingMode;
use crate::spec::Priority;
use crate::ticket::{Ticket, TicketState};

/// The entries of a project that wait, in the order in which they enter the lane: critical first,
/// then by priority, then who has waited longer.
pub fn order(board: &Board, project: &ProjectId) -> Vec<crate::ids::TicketId> {
    let mut waiting: Vec<&Ticket> = board
        .queue()
        .filter(|ticket| ticket.id.project == *project)
        .filter(|ticket| matches!(ticket.state, TicketState::Queued(_)))
        .collect();
    waiting.sort_by_key(|ticket| rank(ticket));
    waiting.into_iter().map(|ticket| ticket.id.clone()).collect()
}

fn rank(ticket: &Ticket) -> (Reverse<Priority>, crate::ids::Timestamp, &crate::ids::TicketId) {
    let since =
        if let TicketState::Queued(entry) = &ticket.state { entry.since } else { ticket.since };
    (Reverse(ticket.spec.priority), since, &ticket.id)
}

/// Lets the next entry of each free lane in.
pub(super) fn plan(board: &Board, events: &mut Vec<Event>) {
    let mut taken: BTreeSet<&ProjectId> = BTreeSet::new();
    let mut first: BTreeMap<&ProjectId, &Ticket> = BTreeMap::new();
    for ticket in board.queue() {
        let project = &ticket.id.project;
        if matches!(ticket.state, TicketState::Landing(_)) {
            taken.insert(project);
            continue;
        }
        let best = first.entry(project).or_insert(ticket);
        if rank(ticket) < rank(best) {
            *best = ticket;
        }
    }
    for (project, ticket) in first {
        let settings = &board.projects[project];
        let free = !taken.contains(project) || active(Mutant::TwoInLane);
        if free && !settings.paused && settings.settings.landing == LandingMode::Local {
            let integration = next_job(ticket, JobKind::Integration);
            let what = TicketEvent::LandingStarted { integration };
            events.push(Event::Ticket { ticket: ticket.id.clone(), what });
        }
    }
}
