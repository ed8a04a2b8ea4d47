//! A change of what a person asks for.

use std::collections::{BTreeMap, BTreeSet};

use super::{askable, known, live};
use crate::board::Board;
use crate::command::Refusal;
use crate::deps;
use crate::edit::{SpecEdit, is_same_work};
use crate::event::{Event, TicketEvent};
use crate::ids::{TicketId, TicketKey};
use crate::mutant::{Mutant, active};
use crate::spec::TicketSpec;
use crate::ticket::{Ticket, TicketState};

/// The whole of what is asked for once this is changed.
pub(super) fn edit(board: &Board, id: &TicketId, edit: &SpecEdit) -> Result<Vec<Event>, Refusal> {
    let ticket = live(board, id)?;
    let spec = edit.of(&ticket.spec);
    askable(known(board, &id.project)?, &spec)?;
    if is_under_way(ticket) && !is_same_work(&ticket.spec, &spec) && !active(Mutant::EditUnderWay) {
        return Err(Refusal::UnderWay { ticket: id.clone(), state: ticket.state.word() });
    }
    if spec.depends_on != ticket.spec.depends_on {
        check_dependencies(board, ticket, &spec)?;
    }
    let what = TicketEvent::Edited { spec: Box::new(spec) };
    Ok(vec![Event::Ticket { ticket: id.clone(), what }])
}

/// Whether there is work that was begun, or judged, by what was asked for until now.
fn is_under_way(ticket: &Ticket) -> bool {
    match &ticket.state {
        TicketState::Draft
        | TicketState::Open
        | TicketState::Backoff(_)
        | TicketState::Parked(_)
        // What was judged, or was to be, goes back for other work; its commit stays on offer.
        | TicketState::Held(_)
        | TicketState::Escalated(_) => false,
        TicketState::Working(_)
        | TicketState::Verifying(_)
        | TicketState::Review(_)
        | TicketState::Queued(_)
        | TicketState::Landing(_)
        | TicketState::Landed { .. }
        | TicketState::Delivered { .. }
        | TicketState::Cancelled { .. } => true,
    }
}

/// A ticket that is there already may be waited for: only now can tickets come to wait for one
/// another one by one.
fn check_dependencies(board: &Board, ticket: &Ticket, spec: &TicketSpec) -> Result<(), Refusal> {
    // What it waited for already may be gone since; that is told by the ticket itself.
    let new = spec.depends_on.difference(&ticket.spec.depends_on);
    deps::check(board, &ticket.id, new)?;
    let mut graph: BTreeMap<TicketKey, BTreeSet<TicketKey>> = BTreeMap::new();
    for other in board.tickets.values().filter(|other| other.id.project == ticket.id.project) {
        graph.insert(other.id.key.clone(), other.spec.depends_on.clone());
    }
    graph.insert(ticket.id.key.clone(), spec.depends_on.clone());
    match deps::find_cycle(&graph) {
        Some(cycle) => Err(Refusal::DependencyCycle(cycle)),
        None => Ok(()),
    }
}
