//! A ticket that is too much at once.

use std::collections::BTreeMap;

use super::{add_all, live, stop_then};
use crate::board::Board;
use crate::command::{NewTicket, Refusal};
use crate::event::Event;
use crate::ids::{Actor, TicketId, TicketKey};
use crate::mutant::{Mutant, active};
use crate::ticket::{AfterStop, StopHow};

/// The ticket's parts in its place. Nothing can wait for what is cancelled, so no part may.
pub(super) fn split(
    board: &Board,
    id: &TicketId,
    parts: &BTreeMap<TicketKey, NewTicket>,
    actor: &Actor,
) -> Result<Vec<Event>, Refusal> {
    let cancelled = stop_then(live(board, id)?, actor, StopHow::Stop, AfterStop::Cancel)?;
    if let Some((part, _)) = parts.iter().find(|(_, new)| new.spec.depends_on.contains(&id.key)) {
        return Err(Refusal::CancelledDependency { ticket: part.clone(), on: id.key.clone() });
    }
    let mut events = add_all(board, &id.project, parts)?;
    if !active(Mutant::SplitInPart) {
        let cancel = |what| Event::Ticket { ticket: id.clone(), what };
        events.extend(cancelled.into_iter().map(cancel));
    }
    Ok(events)
}
