//! What an external session is told of its work: written when the worktree is ready, and only then.

use std::path::PathBuf;

use gangline_domain::ids::{BranchName, CommitId, Fence, JobId};
use serde::{Deserialize, Serialize};

use crate::durable::{self, FileFault};
use crate::places::{JobPlaces, Places};

/// The version that is written here, and the newest that is understood.
const ASSIGNMENT_VERSION: u32 = 1;

/// Where an external session works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assignment {
    version: u32,
    /// The worktree.
    pub worktree_path: PathBuf,
    /// The branch that is checked out in it.
    pub branch_name: BranchName,
    /// The commit that the branch grew from.
    pub base: CommitId,
    /// The brief.
    pub brief_path: PathBuf,
    /// Where it may leave what it claims.
    pub outcome_path: PathBuf,
    /// The socket of the worker's tools, where it has them.
    pub worker_socket: Option<PathBuf>,
}

impl Assignment {
    pub(crate) fn new(
        (worktree_path, branch_name, base): (PathBuf, BranchName, CommitId),
        (brief_path, outcome_path): (PathBuf, PathBuf),
        worker_socket: Option<PathBuf>,
    ) -> Self {
        Self {
            version: ASSIGNMENT_VERSION,
            worktree_path,
            branch_name,
            base,
            brief_path,
            outcome_path,
            worker_socket,
        }
    }

    pub(crate) fn write(&self, run: &JobPlaces) -> Result<(), FileFault> {
        durable::write_lazily(&run.assignment(), &durable::json(self))
    }

    /// Of this run; none while its worktree is not ready.
    pub fn read(places: &Places, job: &JobId, fence: Fence) -> Result<Option<Self>, FileFault> {
        let found: Option<Self> = durable::read_json(&places.job(job, fence).assignment())?;
        Ok(found.filter(|found| found.version <= ASSIGNMENT_VERSION))
    }
}
