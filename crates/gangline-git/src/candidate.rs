//! The commit that would land: the target's tip and the attempt's work, merged without a
//! worktree.
//!
//! The same input gives the same commit, so that a job that is run again names what it built
//! before. There is no fast-forward: a candidate is always a commit of its own, because its
//! trailers name ticket, attempt and verification.

use gangline_domain::ids::{CommitId, JobId, Timestamp, TreeId};
use gangline_process::Exit;

use crate::git::{Finished, GitFailure, not_understood, parsed};
use crate::hub::{Hub, ReadError, RefError};
use crate::printable::printable_line;
use crate::refs::RefName;

/// How many conflicting paths are named.
const CONFLICTS_MAX: usize = 200;

/// How a candidate is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Two parents: the target's tip and the attempt's commit.
    Merge,
    /// One parent: the target's tip.
    Squash,
}

/// What to build.
#[derive(Debug, Clone)]
pub struct CandidateRequest<'a> {
    /// The integration job, under whose name the candidate is kept.
    pub job: &'a JobId,
    /// Where the target is.
    pub target_tip: &'a CommitId,
    /// The attempt's commit.
    pub commit: &'a CommitId,
    /// The whole message, from [`crate::compose`].
    pub message: &'a str,
    /// Merge or squash.
    pub style: Style,
    /// The date of the candidate; part of what makes its name.
    pub time: Timestamp,
}

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "there may be no candidate"]
pub enum Built {
    /// A candidate, kept at `refs/gangline/candidates/<job>`.
    Candidate {
        /// The commit to verify and to land.
        commit: CommitId,
        /// Its tree.
        tree: TreeId,
    },
    /// The target already has all of it.
    NothingNew,
    /// The work and the target contradict one another.
    Conflict {
        /// The paths in question, at most 200, fit to be shown.
        paths: Vec<String>,
        /// Git's words about them, fit to be shown.
        messages: Vec<String>,
    },
    /// The two have no common history.
    Unrelated,
}

/// Why no candidate could be tried.
#[derive(Debug, thiserror::Error)]
pub enum CandidateError {
    /// The candidate's reference could not be set.
    #[error(transparent)]
    Ref(#[from] RefError),
    /// The hub gave no answer.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitFailure),
}

impl Hub {
    /// Builds a merge candidate in the hub.
    pub async fn build_candidate(
        &self,
        request: &CandidateRequest<'_>,
    ) -> Result<Built, CandidateError> {
        let (target, work) = (request.target_tip, request.commit);
        if self.is_ancestor(work, target).await? {
            return Ok(Built::NothingNew);
        }
        let args = ["merge-tree", "--write-tree", "-z", "--name-only", "--messages"];
        let args = args.into_iter().chain([target.as_str(), work.as_str()]);
        // The target says how files are merged: an attempt does not write the rules that it is
        // judged by.
        let call = self.git().call(args).bulk().env("GIT_ATTR_SOURCE", target.as_str());
        let merged = call.run().await?;
        match merged.exit {
            Exit::Code(0) => {}
            Exit::Code(1) => return Ok(conflict(&merged)?),
            Exit::Code(_) | Exit::Signal(_) if merged.stderr.contains("unrelated histories") => {
                return Ok(Built::Unrelated);
            }
            Exit::Code(_) | Exit::Signal(_) => return Err(merged.failure().into()),
        }
        let tree = String::from_utf8_lossy(&merged.whole()?).into_owned();
        let tree = tree.split('\0').next().unwrap_or_default();
        let tree: TreeId = parsed("merge-tree", tree)?;
        if tree == self.tree_of(target).await? {
            return Ok(Built::NothingNew);
        }
        let commit = self.commit_tree(request, &tree).await?;
        let name = RefName::candidate(request.job);
        let update = ["-c", "core.fsync=all", "update-ref", "-m", "gangline: candidate"];
        let update = update.into_iter().chain(["--end-of-options", name.as_str(), commit.as_str()]);
        self.git().call(update).ok().await?;
        Ok(Built::Candidate { commit, tree })
    }

    async fn commit_tree(
        &self,
        request: &CandidateRequest<'_>,
        tree: &TreeId,
    ) -> Result<CommitId, GitFailure> {
        let mut args = vec!["commit-tree", "-p", request.target_tip.as_str()];
        if request.style == Style::Merge {
            args.extend(["-p", request.commit.as_str()]);
        }
        args.extend(["-F", "-", tree.as_str()]);
        let date = git_date(request.time);
        let call = self.git().call(args).stdin(request.message);
        let call = call.env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
        parsed("commit-tree", &call.line().await?)
    }
}

/// A moment as git reads it, in UTC.
pub(crate) fn git_date(time: Timestamp) -> String {
    format!("@{} +0000", time.0.div_euclid(1_000_000).max(0))
}

/// `tree NUL path NUL … NUL NUL` and then, for each message, `count NUL path … kind NUL text NUL`.
fn conflict(merged: &Finished) -> Result<Built, GitFailure> {
    let bytes = merged.whole()?;
    let mut fields = bytes.split(|byte| *byte == 0).skip(1);
    let shown = |field: &[u8]| printable_line(&String::from_utf8_lossy(field), 300);
    let mut paths: Vec<String> =
        fields.by_ref().take_while(|field| !field.is_empty()).map(shown).collect();
    paths.dedup();
    let mut messages = Vec::new();
    while let Some(count) = fields.next().filter(|field| !field.is_empty()) {
        let count = std::str::from_utf8(count).ok().and_then(|count| count.parse().ok());
        let count: usize = count.ok_or_else(|| not_understood("merge-tree", "a message"))?;
        let kind = fields.by_ref().nth(count);
        let Some(text) = fields.next() else { break };
        if !kind.is_some_and(|kind| kind.starts_with(b"Auto-merging")) {
            messages.push(shown(text));
        }
    }
    paths.truncate(CONFLICTS_MAX);
    messages.truncate(CONFLICTS_MAX);
    Ok(Built::Conflict { paths, messages })
}
