//! What lands was made, and judged, for what is asked for when it lands.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a promise is about some events; what it does not name does not concern it"
)]

use gangline_domain::deps;
use gangline_domain::event::TicketEvent;
use gangline_domain::ids::{TicketId, Timestamp};

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

    /// What a person says to a ticket's agents is kept for the attempt at work, and for the next one.
    pub(super) fn is_told(
        &mut self,
        id: &TicketId,
        what: &TicketEvent,
        at: Timestamp,
    ) -> Result<(), Violation> {
        let Some(ticket) = self.board.ticket(id) else { return Ok(()) };
        match what {
            TicketEvent::Steered { text } => {
                let job = ticket.running_attempt().map(|attempt| attempt.job.clone());
                let words =
                    self.words.entry(job.expect("BUG: a word to nobody")).or_insert((0, at));
                *words = (words.0 + 1, at);
                self.last_word.insert(id.clone(), text.clone());
            }
            TicketEvent::Hinted { text } | TicketEvent::Rejected { feedback: text } => {
                self.last_word.insert(id.clone(), text.clone());
            }
            TicketEvent::AttemptRegained => {
                let lost = ticket.lost.as_ref().map(|lost| &lost.attempt.job);
                if let Some((_, since)) = lost.and_then(|job| self.words.get_mut(job)) {
                    *since = at;
                }
            }
            TicketEvent::AttemptStarted { .. } => {
                let last = ticket.hints.last().map(|hint| &hint.text);
                if last != self.last_word.get(id) {
                    return Err(broken("an attempt knows what was said before", id.to_string()));
                }
            }
            _nothing_said => {}
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
