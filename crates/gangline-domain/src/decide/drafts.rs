//! Drafts that are started or ended together.

use std::collections::BTreeSet;

use super::{known, live};
use crate::board::Board;
use crate::command::Refusal;
use crate::event::{Event, TicketEvent};
use crate::ids::{ProjectId, TicketId, TicketKey};
use crate::spec::TICKETS_AT_ONCE_MAX;
use crate::ticket::TicketState;

/// Those that are still drafts are opened.
pub(super) fn start(
    board: &Board,
    project: &ProjectId,
    tickets: &BTreeSet<TicketKey>,
) -> Result<Vec<Event>, Refusal> {
    all(board, project, tickets, &TicketEvent::Opened)
}

/// Those that are still drafts are cancelled.
pub(super) fn end(
    board: &Board,
    project: &ProjectId,
    tickets: &BTreeSet<TicketKey>,
) -> Result<Vec<Event>, Refusal> {
    all(board, project, tickets, &TicketEvent::Cancelled)
}

/// The same for all of these that are still drafts. What is something else by now is left alone: the
/// wish may have been carried out before.
fn all(
    board: &Board,
    project: &ProjectId,
    tickets: &BTreeSet<TicketKey>,
    what: &TicketEvent,
) -> Result<Vec<Event>, Refusal> {
    known(board, project)?;
    if tickets.len() > TICKETS_AT_ONCE_MAX {
        return Err(Refusal::TooMany { count: tickets.len() });
    }
    let mut events = vec![];
    for key in tickets {
        let ticket = TicketId { project: project.clone(), key: key.clone() };
        match live(board, &ticket) {
            Ok(live) if matches!(live.state, TicketState::Draft) => {
                events.push(Event::Ticket { ticket, what: what.clone() });
            }
            Ok(_) | Err(Refusal::Closed { .. }) => {}
            Err(unknown) => return Err(unknown),
        }
    }
    Ok(events)
}
