//! The node's own registry of worktrees: a small file beside each tree, never inside it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gangline_domain::ids::{BranchName, CommitId, Fence, JobId, ProjectId, TicketId, Timestamp};
use gangline_domain::job::Snapshot;
use gangline_process::FileLock;
use serde::{Deserialize, Serialize};

use crate::durable::{self, FileFault};
use crate::places::{Places, WorktreePlaces};

/// How often a worktree's lock is asked for while somebody else has it.
const LOCK_POLL: Duration = Duration::from_millis(20);
/// Characters of a worktree's name that are looked at.
const META_ENDING: &str = ".state.json";

/// What is known about a worktree. Written before the tree is made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorktreeMeta {
    /// 1.
    pub version: u32,
    /// Whose it is.
    pub ticket: TicketId,
    /// The attempt that made or last used it.
    pub attempt: JobId,
    /// The fence under which it did.
    pub fence: Fence,
    /// The branch that is checked out.
    pub branch: BranchName,
    /// The commit that the branch grew from.
    pub base: CommitId,
    /// Whether it was made by `git worktree add`, and not as a clone.
    pub linked: bool,
    /// The tree is complete: what is in it is to be kept.
    pub ready: bool,
    /// Paths that were copied or linked in, secrets among them: no capture takes them along.
    pub excluded: Vec<String>,
    /// Where links in it lead to: a sandbox shows those, to be read.
    pub shown: Vec<PathBuf>,
    /// The first of its ports.
    pub port_base: Option<u16>,
    /// A person works in it: it is not evicted. Over when it is captured for the orchestrator.
    #[serde(default)]
    pub lent: bool,
    /// When it was last given to an attempt.
    pub used_at: Timestamp,
    /// What it held when it was last captured, and when. Absent while an attempt works in it.
    pub captured: Option<Captured>,
}

/// See [`WorktreeMeta::captured`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captured {
    /// What was found.
    pub snapshot: Snapshot,
    /// When the capture had ended.
    pub at: Timestamp,
}

impl WorktreeMeta {
    /// Reads what is known about a worktree, if there is one.
    pub fn read(at: &WorktreePlaces) -> Result<Option<Self>, FileFault> {
        durable::read_json(&at.meta())
    }

    /// Writes it so that a death of ours loses nothing; [`WorktreeMeta::sync`] is to follow.
    pub(crate) fn write_lazily(&self, at: &WorktreePlaces) -> Result<(), FileFault> {
        durable::write_lazily(&at.meta(), &durable::json(self))
    }

    /// Makes what was written lazily survive a loss of power.
    pub(crate) fn sync(at: &WorktreePlaces) -> Result<(), FileFault> {
        durable::sync_file(&at.meta())
    }

    /// Writes it. A tree that holds something is known even after a loss of power.
    pub(crate) fn write(&self, at: &WorktreePlaces) -> Result<(), FileFault> {
        if self.ready { durable::write_json(&at.meta(), self) } else { self.write_lazily(at) }
    }
}

/// The worktree of a ticket. A name alone does not tell: templates change, and two tickets may
/// ask for the same name.
pub fn find(
    places: &Places,
    ticket: &TicketId,
) -> Result<Option<(WorktreePlaces, WorktreeMeta)>, FileFault> {
    let found = list(places, &ticket.project)?;
    Ok(found.into_iter().find(|(_, meta)| meta.ticket == *ticket))
}

/// All known worktrees of a project, by name.
pub fn list(
    places: &Places,
    project: &ProjectId,
) -> Result<Vec<(WorktreePlaces, WorktreeMeta)>, FileFault> {
    let mut found = vec![];
    for name in names(&places.worktrees(project))? {
        if let Some(name) = name.strip_suffix(META_ENDING) {
            let at = places.worktree(project, name);
            // A damaged file is told, and its tree is left alone by everybody.
            match WorktreeMeta::read(&at) {
                Ok(Some(meta)) => found.push((at, meta)),
                Ok(None) => {}
                Err(error) => tracing::warn!(%error, "a worktree's file is damaged"),
            }
        }
    }
    Ok(found)
}

/// The names in a folder, in order; none when it does not exist.
pub(crate) fn names(folder: &Path) -> Result<Vec<String>, FileFault> {
    let fault = |error| FileFault::new("list", folder, error);
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(vec![]),
        Err(error) => return Err(fault(error)),
    };
    let mut names = vec![];
    for entry in entries {
        if let Ok(name) = entry.map_err(fault)?.file_name().into_string() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// The project folders below `folder`.
pub(crate) fn projects(folder: &Path) -> Result<Vec<ProjectId>, FileFault> {
    Ok(names(folder)?.iter().filter_map(|name| name.parse().ok()).collect())
}

/// A worktree that is to be used cannot be had.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LockError {
    /// Another job has it.
    #[error("worktree {0} is still in use by another job")]
    Busy(String),
    /// Its lock could not be opened.
    #[error(transparent)]
    File(#[from] FileFault),
}

/// Takes the worktree for a job, waiting while another one ends.
pub(crate) async fn lock(at: &WorktreePlaces, wait: Duration) -> Result<FileLock, LockError> {
    let path = at.lock();
    if let Some(folder) = path.parent() {
        durable::make_dir(folder)?;
    }
    let until = tokio::time::Instant::now() + wait;
    loop {
        let taken = FileLock::try_acquire(&path);
        match taken.map_err(|error| FileFault::new("lock", &path, error))? {
            Some(lock) => return Ok(lock),
            None if tokio::time::Instant::now() >= until => {
                return Err(LockError::Busy(at.name().to_owned()));
            }
            None => tokio::time::sleep(LOCK_POLL).await,
        }
    }
}
