//! Saving what an attempt has left: its commits, and its files as they are.
//!
//! ```text
//!   worktree (read-only) ─┐                               ┌─ refs/gangline/capture/head
//!   hub      (read-only) ─┼─ this program in a sandbox ─▶ │                              one bundle
//!   scratch  (ours)      ─┘  without network, and its git └─ refs/gangline/capture/rescue
//! ```
//!
//! All of it happens behind one wall ([`inside`]), because a wall for each run of git would cost
//! ten times what git does.
//!
//! Git reads the agent's files with a git directory of *ours*, so that no configuration, hook,
//! filter, replacement or graft of the agent's has a say; from the agent's git directory come
//! objects only, and names as plain text. The sandbox is the second wall.

use std::path::PathBuf;

use gangline_domain::ids::{CommitId, Timestamp};
use gangline_process::{Limits, Tier};
use serde::{Deserialize, Serialize};

use crate::checkout::{BackendKind, bare_git_dir};
use crate::durable::absent_is_fine;
use crate::git::{Git, GitFailure};
use crate::hub::Hub;

mod agent;
mod commits;
mod inside;
mod pipes;
mod save;
mod snapshot;
mod walk;

pub use inside::{Inside, capture_inside};

/// What is captured, and by what means.
#[derive(Debug, Clone)]
pub struct CaptureRequest<'a> {
    /// The agent's tree.
    pub worktree: &'a std::path::Path,
    /// Who made it.
    pub backend: BackendKind,
    /// Where the attempt came from.
    pub hub: &'a Hub,
    /// What the attempt began from.
    pub base: &'a CommitId,
    /// Paths that are never taken: what was copied or linked in, secrets above all. A directory
    /// stands for all below it.
    pub exclude: &'a [String],
    /// An empty or absent directory for the capture alone; may be removed afterwards.
    pub scratch: &'a std::path::Path,
    /// An existing directory for the bundle.
    pub out: &'a std::path::Path,
    /// The wall. Network and paths are set by the capture itself.
    pub tier: Tier,
    /// What does the work behind the wall.
    pub inside: &'a Inside,
    /// The date of the rescue commit.
    pub time: Timestamp,
    /// Whether the attempt's commits are taken.
    pub commits: Commits,
    /// Larger files are not taken, in bytes.
    pub file_bytes_max: u64,
}

/// Whether a capture takes an attempt's commits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Commits {
    /// Commits and files.
    Take,
    /// Files only, as one commit on the base: for an attempt whose commits an import has
    /// refused.
    Leave,
}

/// What an attempt has left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Captured {
    /// The commit that the agent's `HEAD` names; the base when there is none that can be used.
    pub head: CommitId,
    /// The branch that `HEAD` is on; `None` when it is detached or unusable.
    pub branch: Option<String>,
    /// Why `HEAD` could not be used, when it could not.
    pub head_problem: Option<String>,
    /// How many commits `head` has that the base has not.
    pub new_commits: u32,
    /// Whether the history of `head` contains the base.
    pub descends_from_base: bool,
    /// Whether the files are exactly those of `head`.
    pub clean: bool,
    /// The paths that differ, at most 200, fit to be shown.
    pub dirty_paths: Vec<String>,
    /// A commit whose tree is the worktree as it was, with `head` as its parent; when something
    /// would be lost without it.
    pub rescue: Option<CommitId>,
    /// Commits besides `head`: on other branches, tagged, stashed, or left behind by an amended
    /// commit or a detached `HEAD`; further parents of `rescue`.
    pub strays: Vec<Stray>,
    /// Everything new in one file; `None` when there is nothing new.
    pub bundle: Option<PathBuf>,
    /// What could not be taken, at most 200.
    pub skipped: Vec<Skipped>,
}

/// A commit that `HEAD` does not lead to, of another reference or of a log of references.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stray {
    /// The name that kept it, fit to be shown.
    pub name: String,
    /// The commit.
    pub commit: CommitId,
}

/// Something that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Skipped {
    /// From the top of the worktree, fit to be shown.
    pub path: String,
    /// Why.
    pub why: SkippedWhy,
}

/// Why something was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SkippedWhy {
    /// A pipe, a socket or a device.
    NotAFile,
    /// It may not be read.
    Unreadable,
    /// It is larger than the bound.
    TooLarge,
    /// Git keeps nothing of such a name, or it is too deeply nested.
    NotStorable,
    /// A reference whose commit cannot be taken.
    BrokenHistory,
}

/// Why nothing was captured. The worktree is as it was and must be kept.
#[derive(Debug, thiserror::Error)]
pub enum CaptureError {
    /// The worktree is not a directory.
    #[error("there is no worktree at {}", path.display())]
    NoWorktree {
        /// Where it should be.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitFailure),
    /// The wall could not be had, or nothing came of the work behind it.
    #[error("{detail}")]
    Inside {
        /// What was said there, fit to be shown.
        detail: String,
    },
}

/// The largest file a capture may write, in bytes: a bundle beyond this is refused anyway.
const WRITTEN_BYTES_MAX: u64 = 8 * 1024 * 1024 * 1024;

/// Captures an attempt, alive or dead. Reads the worktree, changes nothing of it but that pipes
/// are removed: git would wait at them for ever.
pub async fn capture(request: &CaptureRequest<'_>) -> Result<Captured, CaptureError> {
    must_be_there(request.worktree)?;
    let pipes = pipes::take_out(request.worktree)?;
    let mut captured = match request.tier {
        Tier::L0 => here(request).await,
        Tier::L1 | Tier::L2 => inside::ask(request).await,
    }?;
    captured.skipped.extend(pipes);
    captured.skipped.sort();
    captured.skipped.truncate(walk::NAMED_MAX);
    Ok(captured)
}

/// Captures with this process's own means, wherever it is.
async fn here(request: &CaptureRequest<'_>) -> Result<Captured, CaptureError> {
    let ground = Ground::prepare(request)?;
    let found = agent::look(request, &ground)?;
    let head = commits::choose(request, &ground, &found).await?;
    let taken = snapshot::take(request, &ground, &head.commit).await?;
    let captured = save::save(request, &ground, head, taken).await?;
    if let Err(error) = absent_is_fine(std::fs::remove_dir_all(&ground.git_dir)) {
        tracing::warn!(path = %ground.git_dir.display(), %error, "a capture's scratch stays behind");
    }
    Ok(captured)
}

/// Where a capture works.
struct Ground {
    git: Git,
    git_dir: PathBuf,
    limits: Limits,
}

impl Ground {
    fn prepare(request: &CaptureRequest<'_>) -> Result<Self, CaptureError> {
        let worktree = request.worktree;
        must_be_there(worktree)?;
        let scratch = request.scratch;
        std::fs::create_dir_all(scratch).map_err(io_error("create", scratch))?;
        let git_dir = scratch.join("capture.git");
        absent_is_fine(std::fs::remove_dir_all(&git_dir)).map_err(io_error("empty", &git_dir))?;
        let mut borrowed = vec![request.hub.objects()];
        if request.commits == Commits::Take {
            borrowed.push(worktree.join(".git/objects"));
        }
        bare_git_dir(&git_dir, request.hub.format(), &borrowed)
            .map_err(io_error("create", &git_dir))?;
        let git = Git::at(&git_dir).limits(limits());
        Ok(Self { git, git_dir, limits: limits() })
    }

    /// Git with a tree and an index of one's own.
    fn with_tree(&self, tree: &std::path::Path, index: &str) -> Git {
        let git = Git::at(&self.git_dir).limits(self.limits);
        git.work_tree(tree).index(&self.git_dir.join(index))
    }
}

fn limits() -> Limits {
    Limits { file_size_bytes: Some(WRITTEN_BYTES_MAX), ..Limits::default() }
}

fn must_be_there(worktree: &std::path::Path) -> Result<(), CaptureError> {
    match std::fs::symlink_metadata(worktree).is_ok_and(|found| found.is_dir()) {
        true => Ok(()),
        false => Err(CaptureError::NoWorktree { path: worktree.to_owned() }),
    }
}

fn io_error(
    doing: &'static str,
    path: &std::path::Path,
) -> impl FnOnce(std::io::Error) -> CaptureError {
    let path = path.to_owned();
    move |source| CaptureError::Io { doing, path, source }
}
