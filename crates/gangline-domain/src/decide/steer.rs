//! A word of a person to an agent that did not ask.

use super::{checked, wrong};
use crate::command::Refusal;
use crate::event::TicketEvent;
use crate::ticket::{Stage, Ticket, TicketState, Working};

/// Things that one attempt is told.
const SAID_MAX: usize = 50;

/// The agent at work is told; where none is that could still hear it, it is kept for the next
/// attempt, so that nothing that a person said is lost to a race with the agent's end.
pub(super) fn steer(ticket: &Ticket, text: &str) -> Result<Vec<TicketEvent>, Refusal> {
    let text = checked("word", text)?;
    let TicketState::Working(Working { stage: Stage::Running { said, stop: None, .. }, .. }) =
        &ticket.state
    else {
        return Ok(vec![TicketEvent::Hinted { text }]);
    };
    if said.len() >= SAID_MAX {
        return Err(wrong(ticket, "steer", "stopped and retried: it has been told enough"));
    }
    Ok(vec![TicketEvent::Steered { text }])
}
