//! What lands was made, and judged, for what is asked for when it lands.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a promise is about some events; what it does not name does not concern it"
)]

use gangline_domain::deps;
use gangline_domain::event::TicketEvent;
use gangline_domain::ids::TicketId;

use super::{Checker, broken};
use crate::run::Violation;

impl Checker {
    /// Remembers for what work was begun, and whether it is still that when it may land.
    pub(super) fn is_for_what_is_asked(
        &mut self,
        id: &TicketId,
        what: &TicketEvent,
    ) -> Result<(), Violation> {
        let Some(ticket) = self.board.ticket(id) else { return Ok(()) };
        let body = &ticket.spec.body;
        match what {
            TicketEvent::AttemptStarted { .. }
            | TicketEvent::Submitted { .. }
            | TicketEvent::HandedBack { .. } => {
                self.begun_for.insert(id.clone(), body.clone());
            }
            TicketEvent::Approved { .. } | TicketEvent::LandingStarted { .. }
                if self.begun_for.get(id) != Some(body) =>
            {
                return Err(broken("what lands is what is asked for", id.to_string()));
            }
            _no_work => {}
        }
        Ok(())
    }

    /// No ticket waits for itself, by whatever way.
    pub(super) fn nobody_waits_for_itself(&self, id: &TicketId) -> Result<(), Violation> {
        let there = self.board.tickets.values().filter(|other| other.id.project == id.project);
        let graph = there.map(|ticket| (ticket.id.key.clone(), ticket.spec.depends_on.clone()));
        match deps::find_cycle(&graph.collect()) {
            Some(cycle) => Err(broken("no ticket waits for itself", format!("{cycle:?}"))),
            None => Ok(()),
        }
    }
}
