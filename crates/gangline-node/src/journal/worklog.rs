//! The work log of an assignment: who worked on what, where, from when to when.

use gangline_domain::ids::{BranchName, CommitId, Fence, JobId, TicketId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::durable::{self, FileFault};
use crate::places::{JobPlaces, Places};
use crate::worktree;

/// One attempt's entry, opened when it begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Worklog {
    /// 1.
    pub version: u32,
    /// The ticket.
    pub ticket: TicketId,
    /// The attempt.
    pub attempt: JobId,
    /// `ai:<agent>`.
    pub started_by: String,
    /// The person's repository.
    pub project_path: String,
    /// The attempt's worktree.
    pub worktree_path: String,
    /// The branch that is checked out there.
    pub branch: BranchName,
    /// When it began.
    pub started: Timestamp,
    /// When the agent had ended.
    pub ended: Option<Timestamp>,
    /// The last commit, once it has been captured.
    pub commit: Option<CommitId>,
}

impl Worklog {
    /// The entry of an attempt, if it has come so far.
    pub fn read(run: &JobPlaces) -> Result<Option<Self>, FileFault> {
        durable::read_json(&run.worklog())
    }

    /// The entry of an attempt's last run here.
    pub fn last_of(places: &Places, attempt: &JobId) -> Result<Option<Self>, FileFault> {
        let runs = worktree::names(&places.runs_of(attempt))?;
        let last = runs.iter().filter_map(|name| name.parse::<Fence>().ok()).max();
        last.map_or(Ok(None), |fence| Self::read(&places.job(attempt, fence)))
    }

    pub(crate) fn write(&self, run: &JobPlaces) -> Result<(), FileFault> {
        durable::write_lazily(&run.worklog(), &durable::json(self))
    }
}
