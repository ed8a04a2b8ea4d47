//! Nothing new starts on a node that is being drained, and it is drained as people want it.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a promise is about some events; what it does not name does not concern it"
)]

use gangline_domain::event::{Event, Recorded, TicketEvent};
use gangline_domain::ids::{Actor, NodeId, TicketId};

use super::{Checker, broken};
use crate::people::NODES;
use crate::run::Violation;

impl Checker {
    /// Judges an event on the board before it.
    pub(super) fn drains(&self, recorded: &Recorded) -> Result<(), Violation> {
        let (node, drains) = match &recorded.event {
            Event::NodeDrained { node } => (node, true),
            Event::NodeResumed { node } => (node, false),
            Event::Ticket { what: TicketEvent::AttemptStarted { lease, .. }, ticket } => {
                return self.may_take("an attempt", ticket, &lease.node);
            }
            Event::Ticket { what: TicketEvent::ReviewerStarted { run, .. }, ticket } => {
                return self.may_take("a review", ticket, &run.lease.node);
            }
            _other => return Ok(()),
        };
        let wanted = matches!(recorded.actor, Actor::Person(_)) && NODES.contains(&node.as_str());
        if !wanted || self.board.draining.contains(node) == drains {
            let detail = format!("{node} {drains} by {}", recorded.actor);
            return Err(broken("a node is drained once, by a person who knows it", detail));
        }
        Ok(())
    }

    fn may_take(&self, what: &str, ticket: &TicketId, node: &NodeId) -> Result<(), Violation> {
        if !self.board.draining.contains(node) {
            return Ok(());
        }
        let detail = format!("{what} of {ticket} on {node}");
        Err(broken("nothing new starts on a drained node", detail))
    }
}
