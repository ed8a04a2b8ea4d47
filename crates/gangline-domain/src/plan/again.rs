//! The same failure twice: what did not help is not done a third time.

use crate::ids::AgentName;
use crate::mutant::{Mutant, active};
use crate::project::{AgentFacts, ProjectSettings, SameFailure};
use crate::ticket::{NextStart, Ticket, TryRecord};

/// Notes in the record whether the ticket failed in just this way before.
pub(super) fn look_back(ticket: &Ticket, record: &mut TryRecord) {
    let failure = record.failure.as_ref().filter(|_| record.spent);
    record.same_as = failure.and_then(|failure| ticket.failed_before(failure)).cloned();
}

/// How the next try begins. The last one starts fresh, and so does one after the same failure as
/// before: neither builds upon what did not help.
pub(super) fn next_start(record: &TryRecord, is_last: bool) -> NextStart {
    let same = record.same_as.is_some() && !active(Mutant::ResumeSameFailure);
    if is_last || same { NextStart::Fresh } else { NextStart::Resume }
}

/// Definitions that come before the ticket's best one on its next attempt, best first.
pub(super) fn substitutes<'b>(
    ticket: &Ticket,
    settings: &'b ProjectSettings,
    best: &'b AgentFacts,
) -> Vec<&'b AgentName> {
    let last_try = ticket.tries_spent > 0 && ticket.tries_spent + 1 >= settings.limits.tries;
    let retry = &settings.retry;
    match (ticket.repeats(), retry.same_failure) {
        (repeats @ 1.., SameFailure::OtherAgent) => {
            let own = retry.agents.is_empty();
            let others = if own { &best.fallback } else { &retry.agents };
            let mut others: Vec<_> = others.iter().collect();
            // Each repetition begins with the next one: the one before has failed, too.
            let turns = (repeats - 1).checked_rem(others.len()).unwrap_or(0);
            others.rotate_left(turns);
            others.extend(best.fallback.iter().filter(|_| last_try && !own));
            others
        }
        (1.., SameFailure::Fresh) | (0, _) if last_try => best.fallback.iter().collect(),
        (_, SameFailure::Fresh | SameFailure::OtherAgent) => vec![],
    }
}
