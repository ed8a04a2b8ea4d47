//! The same failure twice: what did not help is not gone on with.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a promise is about some events; what it does not name does not concern it"
)]

use std::collections::BTreeSet;

use gangline_domain::event::TicketEvent;
use gangline_domain::ids::TicketId;
use gangline_domain::job::{Attempt, Start};
use gangline_domain::ticket::{Cause, TryRecord};

use super::{Checker, broken};
use crate::run::Violation;

/// What kind of failure a simulated one is: how it came about, which checks failed, and which tests
/// or findings it names.
fn kind(record: &TryRecord) -> (Cause, BTreeSet<&str>, BTreeSet<&str>) {
    let tests = record.lines.iter().map(|line| line.split(" after ").next());
    let failed = record.facts.iter().filter_map(|fact| fact.strip_prefix("FAIL "));
    let checks = failed.filter_map(|fact| fact.split(':').next());
    (record.cause, checks.collect(), tests.flatten().collect())
}

impl Checker {
    /// Remembers tickets that failed as they had before.
    pub(super) fn repeated(&mut self, id: &TicketId, what: &TicketEvent) {
        match what {
            TicketEvent::SentBack { record: Some(record), .. } if record.spent => {
                let ticket = self.board.ticket(id);
                let before = ticket.into_iter().flat_map(|ticket| &ticket.records);
                let mut spent = before.filter(|known| known.spent);
                if spent.any(|known| kind(known) == kind(record)) {
                    self.stuck.insert(id.clone(), record.attempt.n);
                } else {
                    self.stuck.remove(id);
                }
            }
            // A person has seen to it.
            TicketEvent::Retried | TicketEvent::HandedBack { .. } => {
                self.stuck.remove(id);
            }
            TicketEvent::Submitted { .. } if self.handed_back.contains(id) => {
                self.stuck.remove(id);
            }
            _no_failure => {}
        }
    }

    /// After the same failure twice, no attempt goes on with what failed.
    pub(super) fn begins_anew(&self, id: &TicketId, attempt: &Attempt) -> Result<(), Violation> {
        let stuck = self.stuck.get(id);
        match (&attempt.start, stuck) {
            (Start::Resume(left), Some(failed)) if left.attempt.n <= *failed => {
                let detail = format!("{} goes on with {}", attempt.job, left.attempt);
                Err(broken("what failed twice in the same way begins anew", detail))
            }
            _new => Ok(()),
        }
    }
}
