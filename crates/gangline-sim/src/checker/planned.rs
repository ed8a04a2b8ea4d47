//! A plan is delivered with its drafts: all of them, once, and none runs before a person accepts it.

use std::collections::BTreeSet;

use gangline_domain::event::{Event, Recorded, TicketEvent};
use gangline_domain::ids::{TicketId, TicketKey};
use gangline_domain::proposal::{PLAN_LABEL, label};
use gangline_domain::spec::{Deliverable, TicketSpec};
use gangline_ports::store::Batch;

use super::{Checker, broken};
use crate::run::Violation;

impl Checker {
    /// Judges a batch before it is on the judge's board.
    pub(super) fn planned(&mut self, batch: &Batch) -> Result<(), Violation> {
        let mut loose: BTreeSet<&TicketId> = BTreeSet::new();
        for recorded in &batch.events {
            let Event::Ticket { ticket, what } = &recorded.event else { continue };
            if let TicketEvent::Verified { report } = what {
                self.proposals.remove(ticket);
                if let Some(proposal) = &report.proposal {
                    self.proposals.insert(ticket.clone(), proposal.clone());
                }
            } else if let TicketEvent::Added { spec, draft } = what
                && spec.labels.iter().any(|label| label.starts_with(PLAN_LABEL))
            {
                if !draft {
                    return Err(broken("what is proposed waits for a person", ticket.to_string()));
                }
                loose.insert(ticket);
            } else if let TicketEvent::Delivered { drafts, .. } = what {
                self.comes_with(batch, ticket, drafts)?;
                loose.retain(|id| id.project != ticket.project || !drafts.contains(&id.key));
            }
        }
        match loose.first() {
            Some(draft) => Err(broken("drafts come with their plan", draft.to_string())),
            None => Ok(()),
        }
    }

    fn comes_with(
        &self,
        batch: &Batch,
        plan: &TicketId,
        drafts: &[TicketKey],
    ) -> Result<(), Violation> {
        let asked = self.board.ticket(plan).map(|ticket| ticket.spec.deliverable);
        let proposal = self.proposals.get(plan).filter(|_| asked == Some(Deliverable::Plan));
        let Some(proposal) = proposal else {
            return match drafts.is_empty() && asked != Some(Deliverable::Plan) {
                true => Ok(()),
                false => Err(broken("drafts come of a plan that was measured", plan.to_string())),
            };
        };
        let label = label(plan);
        let of = |recorded: &Recorded| -> Option<(TicketKey, Box<TicketSpec>)> {
            let Event::Ticket { ticket, what: TicketEvent::Added { spec, .. } } = &recorded.event
            else {
                return None;
            };
            let is_its = ticket.project == plan.project && spec.labels.contains(&label);
            is_its.then(|| (ticket.key.clone(), spec.clone()))
        };
        let mut added: Vec<(TicketKey, Box<TicketSpec>)> =
            batch.events.iter().filter_map(of).collect();
        added.sort_by(|a, b| a.0.cmp(&b.0));
        let mut told = drafts.to_vec();
        told.sort();
        let titles = |spec: &TicketSpec| spec.title.clone();
        let mut got: Vec<String> = added.iter().map(|(_, spec)| titles(spec)).collect();
        let mut wanted: Vec<String> =
            proposal.tickets.values().map(|proposed| titles(&proposed.spec)).collect();
        got.sort();
        wanted.sort();
        if got != wanted || !added.iter().map(|(key, _)| key).eq(&told) {
            let detail = format!("{plan}: {got:?} of {wanted:?}, told as {told:?}");
            return Err(broken("a plan is delivered with its drafts", detail));
        }
        Ok(())
    }
}
