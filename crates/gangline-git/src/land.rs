//! Landing: the person's target branch moves from `old` to `new`, or not at all.
//!
//! ```text
//!   branch checked out nowhere        compare-and-swap of the reference
//!   checked out, clean                git's `updateInstead`: tree and index first, then reference
//!   checked out, dirty                refused, nothing is touched
//!   killed between tree and reference recognised and finished: `finish`
//! ```
//!
//! What came of it is read from the branch afterwards and not from what git said.

use std::path::{Path, PathBuf};
use std::time::Duration;

use gangline_domain::ids::{BranchName, CommitId};

use crate::git::{Git, GitFailure, option};
use crate::hub::{Hub, ReadError, tip};
use crate::inspect::PersonRepo;
use crate::refs::RefName;

mod finish;
mod holder;

use finish::{Finish, finish, in_the_way};
use holder::Holder;
pub(crate) use holder::holder_of;

/// Run by git's push through a shell: a constant, with nothing of anybody's in it.
pub(crate) const RECEIVE_PACK: &str = "git -c receive.denyCurrentBranch=updateInstead \
     -c receive.denyNonFastForwards=true -c receive.denyDeletes=true -c receive.autogc=false \
     -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.fsync=all -c gc.auto=0 \
     receive-pack";

/// An index that is locked this long is not locked by an editor's look at the state.
const LOCK_WAIT: Duration = Duration::from_millis(100);
const LOCK_TRIES_MAX: u32 = 15;

/// What is to land.
#[derive(Debug, Clone)]
pub struct LandRequest<'a> {
    /// The target branch.
    pub branch: &'a BranchName,
    /// Where it must be.
    pub old: &'a CommitId,
    /// Where it goes: the exact commit that was verified, held by the hub.
    pub new: &'a CommitId,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "the work may not have landed"]
pub enum LandOutcome {
    /// The branch is at `new`, or already beyond it.
    Landed,
    /// The branch is neither at `old` nor beyond `new`.
    Moved {
        /// Where it is; `None` when it is gone.
        found: Option<CommitId>,
    },
    /// A person is in the way. Nothing was touched; trying later may help.
    Refused(Refused),
    /// It could not be tried, or its outcome is unknown until [`read_back`] says it.
    Unavailable {
        /// Why.
        why: String,
    },
}

/// Who or what is in the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The target is checked out with changes.
    #[error("{} has uncommitted changes: {}", worktree.display(), paths.join(", "))]
    DirtyTree {
        /// Where.
        worktree: PathBuf,
        /// Which, at most 200, fit to be shown.
        paths: Vec<String>,
    },
    /// `new` does not contain `old`: history would be rewritten.
    #[error("the new commit does not contain the old one")]
    NotFastForward,
    /// Another git works there, or died there.
    #[error("{} exists: another git is at work there, or died (then remove it)", path.display())]
    IndexLocked {
        /// The lock.
        path: PathBuf,
    },
    /// The branch is being rebased or bisected.
    #[error("the branch is being rebased in {}", worktree.display())]
    Rebasing {
        /// Where.
        worktree: PathBuf,
    },
}

/// What [`read_back`] found.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "this is what says whether the work has landed"]
pub enum ReadBack {
    /// `new` can be reached from the branch: it has landed.
    Contains,
    /// The branch is at `old`: nothing has happened.
    StillOld,
    /// The branch is somewhere else.
    Elsewhere {
        /// Where; `None` when it is gone.
        tip: Option<CommitId>,
    },
}

/// Why the branch could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadBackError {
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitFailure),
}

/// Says where the branch is with regard to a landing.
pub async fn read_back(
    person: &PersonRepo,
    request: &LandRequest<'_>,
) -> Result<ReadBack, ReadBackError> {
    let git = person.git();
    let found = tip(&git, &RefName::branch(request.branch)).await?;
    let Some(found) = found else { return Ok(ReadBack::Elsewhere { tip: None }) };
    if found == *request.old && found != *request.new {
        return Ok(ReadBack::StillOld);
    }
    // The commit need not be there at all, which is an answer as well.
    let new = format!("{}^{{commit}}", request.new);
    let has_new = git.call(["cat-file", "-e", &new]).run().await?.exit.success();
    let contains = ["merge-base", "--is-ancestor", request.new.as_str(), found.as_str()];
    Ok(match has_new && git.call(contains).yes().await? {
        true => ReadBack::Contains,
        false => ReadBack::Elsewhere { tip: Some(found) },
    })
}

/// Moves the person's branch from `old` to `new`. Idempotent, also after a crash in its midst.
pub async fn land(person: &PersonRepo, hub: &Hub, request: &LandRequest<'_>) -> LandOutcome {
    match try_to_land(person, hub, request).await {
        Ok(outcome) => outcome,
        Err(error) => LandOutcome::Unavailable { why: error.to_string() },
    }
}

#[derive(Debug, thiserror::Error)]
enum LandFailure {
    #[error(transparent)]
    Git(#[from] GitFailure),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    ReadBack(#[from] ReadBackError),
}

async fn try_to_land(
    person: &PersonRepo,
    hub: &Hub,
    request: &LandRequest<'_>,
) -> Result<LandOutcome, LandFailure> {
    if !hub.is_ancestor(request.old, request.new).await? {
        return Ok(LandOutcome::Refused(Refused::NotFastForward));
    }
    if let Some(outcome) = settled(person, request).await? {
        return Ok(outcome);
    }
    let holder = holder_of(person, request.branch).await?;
    if let Some(holder) = &holder {
        if holder.rebasing {
            let worktree = holder.worktree.clone();
            return Ok(LandOutcome::Refused(Refused::Rebasing { worktree }));
        }
        if let Some(refused) = index_lock(holder).await {
            return Ok(LandOutcome::Refused(refused));
        }
        let paths = in_the_way(holder, hub, request).await?;
        if !paths.is_empty() {
            return finish_or_refuse(person, hub, request, holder).await;
        }
    }
    let pushed = push(hub, person, request).await?;
    if let Some(outcome) = settled(person, request).await? {
        return Ok(outcome);
    }
    match &holder {
        Some(holder) => finish_or_refuse(person, hub, request, holder).await,
        None => Ok(LandOutcome::Unavailable { why: pushed }),
    }
}

/// What the branch says by itself; `None` while it is at `old`.
async fn settled(
    person: &PersonRepo,
    request: &LandRequest<'_>,
) -> Result<Option<LandOutcome>, LandFailure> {
    Ok(match read_back(person, request).await? {
        ReadBack::Contains => Some(LandOutcome::Landed),
        ReadBack::StillOld => None,
        ReadBack::Elsewhere { tip } => Some(LandOutcome::Moved { found: tip }),
    })
}

/// Git's own push: the reference by compare-and-swap, and a clean tree along with it.
async fn push(
    hub: &Hub,
    person: &PersonRepo,
    request: &LandRequest<'_>,
) -> Result<String, GitFailure> {
    let (name, old, new) = (RefName::branch(request.branch), request.old, request.new);
    let lease = format!("--force-with-lease={name}:{old}");
    let receive = format!("--receive-pack={RECEIVE_PACK}");
    let args = ["push", "--porcelain", "--no-verify", "--no-follow-tags", "--atomic"];
    let args = args.into_iter().chain([lease.as_str(), &receive, "--end-of-options"]);
    let args = args.map(Into::into).chain([option("", &person.common_dir)]);
    let pushed = hub.git().call(args.chain([format!("{new}:{name}").into()])).bulk().run().await?;
    let said = format!("{}\n{}", pushed.stdout.text(), pushed.stderr);
    Ok(crate::printable::printable(&said, 2_000))
}

/// The tree is not as `old` left it: either a landing was killed in it, or a person has worked.
async fn finish_or_refuse(
    person: &PersonRepo,
    hub: &Hub,
    request: &LandRequest<'_>,
    holder: &Holder,
) -> Result<LandOutcome, LandFailure> {
    let refused = match finish(person, hub, request, holder).await? {
        Finish::Finished => return Ok(settled(person, request).await?.unwrap_or_else(unknown)),
        Finish::Foreign { paths } => {
            Refused::DirtyTree { worktree: holder.worktree.clone(), paths }
        }
        Finish::Locked => Refused::IndexLocked { path: holder.index_lock() },
    };
    Ok(LandOutcome::Refused(refused))
}

fn unknown() -> LandOutcome {
    LandOutcome::Unavailable { why: "the branch did not move".to_owned() }
}

/// Waits a little for whoever holds the index.
async fn index_lock(holder: &Holder) -> Option<Refused> {
    let path = holder.index_lock();
    for _ in 0..LOCK_TRIES_MAX {
        if !exists(&path) {
            return None;
        }
        tokio::time::sleep(LOCK_WAIT).await;
    }
    Some(Refused::IndexLocked { path })
}

fn exists(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok()
}

/// A worktree of the person's, named explicitly.
fn git_of(holder: &Holder) -> Git {
    Git::at(&holder.git_dir).work_tree(&holder.worktree)
}
