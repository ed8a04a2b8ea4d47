//! Checkouts: a directory of its own for every attempt and every verification.
//!
//! | backend | git directory | isolated |
//! |---|---|---|
//! | [`CloneBackend`] | its own, borrowing the hub's objects | yes |
//! | [`LinkedBackend`] | the hub's, as `git worktree add` makes it | no |
//!
//! Beside each tree, never inside it, stands `<path>.meta.json` ([`crate::Meta`]): git's own list of
//! worktrees fails under churn, and what stands inside, an agent can rewrite.

use std::io;
use std::path::{Path, PathBuf};

use gangline_domain::ids::{BranchName, CommitId, JobId};
use serde::{Deserialize, Serialize};

use crate::git::{Git, GitFailure};
use crate::lock::LockError;
use crate::worktrees::MetaError;

mod clone;
mod disarm;
mod git_dir;
mod identity;
mod linked;
mod place;
mod remove;

pub use clone::CloneBackend;
pub use disarm::{Disarmed, disarm};
pub use identity::{Identity, IdentityError};
pub use linked::LinkedBackend;
pub use remove::{RemoveError, sweep_trash};

pub(crate) use git_dir::bare_git_dir;

/// Which backend made a checkout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BackendKind {
    /// [`CloneBackend`].
    Clone,
    /// [`LinkedBackend`].
    Linked,
}

/// What an attempt's checkout is to be.
#[derive(Debug, Clone)]
pub struct CheckoutRequest {
    /// Where; absolute, its parent is made if need be.
    pub path: PathBuf,
    /// For whom.
    pub job: JobId,
    /// What the attempt's work is measured against.
    pub base: CommitId,
    /// The branch that is checked out.
    pub branch: BranchName,
    /// Where that branch begins: the base, or the head of an earlier attempt.
    pub start: CommitId,
    /// A saved state whose files are laid over `start`, uncommitted, as they were.
    pub restore: Option<CommitId>,
    /// Who commits there.
    pub identity: Identity,
}

/// A checkout that is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkout {
    /// Where it is.
    pub path: PathBuf,
    /// Whether it was there already, with whatever the agent had made of it.
    pub existed: bool,
}

/// Why there is no checkout. What was half made is gone, or goes at the next try.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// The path is relative or has no name.
    #[error("not a path for a checkout: {}", path.display())]
    BadPath {
        /// The path given.
        path: PathBuf,
    },
    /// Something else is there: another branch's checkout, or what nobody registered. It is to
    /// be saved and removed first.
    #[error("{} is taken by something else", path.display())]
    Occupied {
        /// The path given.
        path: PathBuf,
    },
    /// The hub does not hold the commit.
    #[error("the hub has no commit {commit}")]
    NoSuchCommit {
        /// The commit asked for.
        commit: CommitId,
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
        source: io::Error,
    },
    /// The registry beside the tree refused.
    #[error(transparent)]
    Meta(#[from] MetaError),
    /// What was there before could not be removed.
    #[error(transparent)]
    Remove(#[from] RemoveError),
    /// Another process is in the way.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitFailure),
}

/// Makes and removes checkouts. Its laws are the tests in `tests/it/checkout.rs`, which every
/// backend passes.
pub trait CheckoutBackend: Send + Sync {
    /// Which one this is.
    fn kind(&self) -> BackendKind;

    /// Whether an agent in a checkout can change nothing but that checkout. A sandbox tier that
    /// needs isolation refuses a backend that says `false`.
    fn isolated(&self) -> bool;

    /// Makes a checkout. One of the same branch and base that is there already is left as it is.
    fn create(
        &self,
        request: &CheckoutRequest,
    ) -> impl Future<Output = Result<Checkout, CheckoutError>> + Send;

    /// Makes a fresh checkout of exactly this commit, on no branch. What was at `path` is removed.
    fn detached(
        &self,
        path: &Path,
        job: &JobId,
        commit: &CommitId,
    ) -> impl Future<Output = Result<Checkout, CheckoutError>> + Send;

    /// Removes a checkout. One that is not there is fine. The caller has saved it before.
    fn remove(&self, path: &Path) -> impl Future<Output = Result<(), RemoveError>> + Send;
}

/// Either backend, chosen at run time.
#[derive(Debug, Clone)]
pub enum Backend {
    /// Isolated.
    Clone(CloneBackend),
    /// For trusted agents.
    Linked(LinkedBackend),
}

impl CheckoutBackend for Backend {
    fn kind(&self) -> BackendKind {
        match self {
            Self::Clone(backend) => backend.kind(),
            Self::Linked(backend) => backend.kind(),
        }
    }

    fn isolated(&self) -> bool {
        match self {
            Self::Clone(backend) => backend.isolated(),
            Self::Linked(backend) => backend.isolated(),
        }
    }

    async fn create(&self, request: &CheckoutRequest) -> Result<Checkout, CheckoutError> {
        match self {
            Self::Clone(backend) => backend.create(request).await,
            Self::Linked(backend) => backend.create(request).await,
        }
    }

    async fn detached(
        &self,
        path: &Path,
        job: &JobId,
        commit: &CommitId,
    ) -> Result<Checkout, CheckoutError> {
        match self {
            Self::Clone(backend) => backend.detached(path, job, commit).await,
            Self::Linked(backend) => backend.detached(path, job, commit).await,
        }
    }

    async fn remove(&self, path: &Path) -> Result<(), RemoveError> {
        match self {
            Self::Clone(backend) => backend.remove(path).await,
            Self::Linked(backend) => backend.remove(path).await,
        }
    }
}

/// Writes the files of `start`, and over them those of `restore`, into an empty tree.
async fn populate(
    git: &Git,
    start: &CommitId,
    restore: Option<&CommitId>,
) -> Result<(), GitFailure> {
    git.call(["read-tree", "--reset", "-u", start.as_str()]).bulk().ok().await?;
    let Some(restore) = restore else { return Ok(()) };
    git.call(["read-tree", "--reset", "-u", restore.as_str()]).bulk().ok().await?;
    // The index goes back to the start, so that what was uncommitted is so again.
    git.call(["read-tree", start.as_str()]).ok().await?;
    git.call(["update-index", "-q", "--refresh"]).bulk().run().await?;
    Ok(())
}

fn io_error(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> CheckoutError {
    let path = path.to_owned();
    move |source| CheckoutError::Io { doing, path, source }
}
