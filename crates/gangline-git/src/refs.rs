//! The names that Gangline gives in a hub, built from typed parts only.

use std::fmt;

use gangline_domain::ids::{BranchName, CommitId, JobId, TicketKey};

/// A full name of a reference, always below `refs/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RefName(String);

impl RefName {
    /// Where the last fetched tip of a target branch is kept.
    pub fn target(branch: &BranchName) -> Self {
        Self(format!("refs/gangline/targets/{branch}"))
    }

    /// What an attempt has committed.
    pub fn attempt(job: &JobId) -> Self {
        Self(format!("refs/gangline/attempts/{job}"))
    }

    /// The n-th saved state of a ticket's worktree, uncommitted files included.
    pub fn rescue(key: &TicketKey, n: u32) -> Self {
        Self(format!("refs/gangline/rescue/{key}/{n}"))
    }

    /// The merge candidate that an integration job has built.
    pub fn candidate(job: &JobId) -> Self {
        Self(format!("refs/gangline/candidates/{job}"))
    }

    /// A branch.
    pub fn branch(branch: &BranchName) -> Self {
        Self(format!("refs/heads/{branch}"))
    }

    /// What Gangline has last put into a person's branch of this name.
    pub(crate) fn published(branch: &BranchName) -> Self {
        Self(format!("refs/gangline/published/{}", flat(branch)))
    }

    /// What Gangline is about to put there.
    pub(crate) fn publishing(branch: &BranchName) -> Self {
        Self(format!("refs/gangline/publishing/{}", flat(branch)))
    }

    /// Keeps a commit that no other name may keep any more.
    pub(crate) fn kept(commit: &CommitId) -> Self {
        Self(format!("refs/gangline/kept/{commit}"))
    }

    /// Where an import stands until it is accepted.
    pub(crate) fn incoming(job: &JobId, what: &str) -> Self {
        Self(format!("refs/gangline/incoming/{job}/{what}"))
    }

    /// As git printed it, for names below a prefix of ours.
    pub(crate) fn listed(name: &str) -> Self {
        Self(name.to_owned())
    }

    /// The whole name, beginning with `refs/`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A branch name as one part of a name, so that `a` and `a/b` never stand in each other's way.
fn flat(branch: &BranchName) -> String {
    branch.as_str().replace('/', "%2F")
}

impl fmt::Display for RefName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A family of references.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RefPrefix {
    /// Everything of Gangline's own.
    Gangline,
    /// What attempts have committed.
    Attempts,
    /// The saved states of one ticket.
    Rescues(TicketKey),
    /// Merge candidates.
    Candidates,
    /// Branches.
    Branches,
}

impl RefPrefix {
    pub(crate) fn text(&self) -> String {
        match self {
            Self::Gangline => "refs/gangline/".to_owned(),
            Self::Attempts => "refs/gangline/attempts/".to_owned(),
            Self::Rescues(key) => format!("refs/gangline/rescue/{key}/"),
            Self::Candidates => "refs/gangline/candidates/".to_owned(),
            Self::Branches => "refs/heads/".to_owned(),
        }
    }
}
