//! What an earlier supervisor left: runs whose end has not been told, and worktrees.

use gangline_domain::ids::{Fence, JobId, TicketId};

use crate::durable::{self, FileFault};
use crate::places::{Places, run_of_mark};
use crate::worktree;

/// What was found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Runs to adopt, to tell of, or to prove dead.
    pub(crate) runs: Vec<(JobId, Fence)>,
    /// Tickets that have worktrees here.
    pub(crate) worktrees: Vec<TicketId>,
}

/// Looks. The time that this takes grows with what is live, not with history: only marked runs
/// are looked at.
pub(crate) fn scan(places: &Places) -> Result<Found, FileFault> {
    let mut found = Found::default();
    for name in worktree::names(&places.active())? {
        match run_of_mark(&name) {
            // Marks are written aside, too, and a crash leaves such a file.
            Some((job, fence)) => found.runs.push((job, fence)),
            None => durable::remove_file(&places.active().join(&name))?,
        }
    }
    found.worktrees = worktrees(places)?;
    Ok(found)
}

/// The tickets that have worktrees here.
pub(crate) fn worktrees(places: &Places) -> Result<Vec<TicketId>, FileFault> {
    let mut tickets = vec![];
    for project in worktree::projects(&places.all_worktrees())? {
        let known = worktree::list(places, &project)?;
        tickets.extend(known.into_iter().map(|(_, meta)| meta.ticket));
    }
    Ok(tickets)
}
