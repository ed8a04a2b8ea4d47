//! Fetching a target branch from the person's repository.

use gangline_domain::ids::{BranchName, CommitId};

use super::set::{loose_tip, tip};
use super::{Hub, RefError};
use crate::git::{GitFailure, option};
use crate::inspect::{PersonRepo, TargetError};
use crate::lock::{self, LockError};
use crate::refs::RefName;

/// Why the target branch was not fetched.
#[derive(Debug, thiserror::Error)]
pub enum FetchTargetError {
    /// The branch is not there.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// Its history is cut off, so that nothing can be built on it elsewhere.
    #[error("the repository is a shallow clone (`git fetch --unshallow` completes it)")]
    Shallow,
    /// Another process fetches for longer than one waits.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The hub's reference could not be read.
    #[error(transparent)]
    Ref(#[from] RefError),
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitFailure),
}

impl Hub {
    /// Fetches a branch of the person's repository and gives its tip, which the hub keeps. A
    /// branch that was rewound is followed: what it left stays in the hub.
    pub async fn fetch_target(
        &self,
        person: &PersonRepo,
        branch: &BranchName,
    ) -> Result<CommitId, FetchTargetError> {
        if person.shallow {
            return Err(FetchTargetError::Shallow);
        }
        let tip_there = person.branch_tip(branch).await?;
        let name = RefName::target(branch);
        if self.target_tip(&name).await?.as_ref() == Some(&tip_there) {
            return Ok(tip_there);
        }
        let refspec = format!("+refs/heads/{branch}:{name}");
        // The person's own history is theirs: old repositories hold objects that today's checks
        // refuse. What agents make is checked without mercy.
        let args = ["-c", "fetch.fsckObjects=false", "-c", "transfer.fsckObjects=false", "fetch"];
        let args = args.into_iter().chain(["--quiet", "--no-tags", "--no-write-fetch-head"]);
        let args = args.chain(["--no-recurse-submodules", "--no-auto-maintenance", "--refmap="]);
        let args = args.chain(["--end-of-options"]).map(Into::into);
        let args = args.chain([option("", &person.common_dir), refspec.into()]);
        // A lock of its own: a first fetch takes long, and worktrees must not wait for it.
        let held = lock::lock(&self.path().join("gangline-fetch.lock")).await?;
        let ran = self.git().call(args).bulk().ok().await;
        drop(held);
        let fetched = self.target_tip(&name).await?;
        // Another may have fetched the same meanwhile.
        if fetched.as_ref() != Some(&tip_there) {
            ran?;
        }
        let missing = || crate::git::not_understood("fetch", "it fetched nothing");
        Ok(fetched.ok_or_else(missing)?)
    }

    async fn target_tip(&self, name: &RefName) -> Result<Option<CommitId>, RefError> {
        match loose_tip(self.path(), name) {
            Some(commit) => Ok(Some(commit)),
            None => Ok(tip(self.git(), name).await?),
        }
    }
}
