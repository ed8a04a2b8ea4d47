//! What a job is told and what it leaves: leases, attempts, and the results that nodes report.

use serde::{Deserialize, Serialize};

use crate::budget::{Budget, Usage};
use crate::ids::{
    AgentKind, AgentName, CommitId, ExternalId, Fence, JobId, NodeId, Timestamp, TreeId,
};
use crate::lesson::LessonId;
use crate::reviewer::AgentReview;
use crate::verdict::{Claim, Report};

/// The right of one node to run one job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Who holds it.
    pub node: NodeId,
    /// Its number; every later lease has a higher one.
    pub fence: Fence,
    /// When it was granted.
    pub granted_at: Timestamp,
}

/// A job and the lease under which it runs now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// The job.
    pub job: JobId,
    /// The right to run it.
    pub lease: Lease,
}

/// One run of an agent on a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its job.
    pub job: JobId,
    /// Which try it belongs to, from 1.
    pub try_no: u8,
    /// The definition that is used.
    pub agent: AgentName,
    /// How that agent is driven.
    pub kind: AgentKind,
    /// The model that the definition asked for, where it named one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// How it begins.
    pub start: Start,
    /// The commit its branch grew from, once the node has said so.
    pub base: Option<CommitId>,
    /// When it was started.
    pub started_at: Timestamp,
    /// When its job must have ended.
    pub deadline: Timestamp,
    /// What it may spend; held back from others while it runs.
    pub allotment: Budget,
    /// The session that works on it, where Gangline does not start its agent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external: Option<ExternalId>,
    /// Lessons of the project that its brief offers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lessons: Vec<LessonId>,
}

/// How an attempt begins.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// A new session in a new worktree from the target's tip.
    Fresh,
    /// The same worktree and agent home, and the same session where there is one.
    Resume(Left),
}

/// What an attempt left behind; enough to go on from it anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// The attempt that left it.
    pub attempt: JobId,
    /// The commit its branch grew from.
    pub base: CommitId,
    /// Its last commit; `base` when it made none.
    pub head: CommitId,
    /// The commit that holds what was not committed, if anything.
    pub rescue: Option<CommitId>,
    /// The agent's session, when it can be resumed.
    pub session: Option<String>,
    /// The agent that left it: another one cannot resume its session.
    pub agent: AgentName,
}

/// How an attempt ended, as its job reports it: a claim, but for what the job itself did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttemptEnd {
    /// What ended it.
    pub how: EndKind,
    /// What the agent says it did.
    pub claim: Claim,
    /// The agent's session, when it can be resumed.
    pub session: Option<String>,
    /// What it spent.
    pub usage: Usage,
}

/// What ended an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndKind {
    /// The agent says it is done.
    Finished,
    /// The agent says that nothing needs to change.
    NoChangeNeeded,
    /// A person worked in the worktree and handed it back.
    HandedBack,
    /// The agent says it cannot do it.
    GaveUp(String),
    /// The session's time was up.
    TimedOut,
    /// The agent's process ended without a result.
    Crashed(String),
    /// What it was allotted is used up.
    BudgetSpent,
    /// Its question was not answered in time.
    Unanswered(Question),
    /// Overload or quota of the model's provider.
    Quota {
        /// When it is said to end.
        until: Option<Timestamp>,
        /// The provider's words.
        message: String,
    },
    /// The agent could not log in.
    AuthFailed(String),
    /// The agent's program is not installed.
    AgentMissing(String),
    /// A person asked for it.
    Stopped,
    /// Nothing the agent did: see [`Infra`].
    Infra(Infra),
}

/// Failures of the machine. They spend no try.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Infra {
    /// The node has been silent for too long.
    NodeLost,
    /// The job's process died without an outcome.
    JobDied(String),
    /// The job or a program of it could not be started.
    SpawnFailed(String),
    /// No space is left.
    DiskFull(String),
    /// The project's `setup` failed before the agent began.
    SetupFailed(String),
    /// git or another tool of ours failed.
    Tool(String),
}

impl std::fmt::Display for Infra {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NodeLost => f.write_str("the node was lost"),
            Self::JobDied(detail) => write!(f, "the job's process died: {detail}"),
            Self::SpawnFailed(detail) => write!(f, "the job could not be started: {detail}"),
            Self::DiskFull(detail) => write!(f, "the disk is full: {detail}"),
            Self::SetupFailed(detail) => write!(f, "the project's setup failed: {detail}"),
            Self::Tool(detail) => write!(f, "a tool failed: {detail}"),
        }
    }
}

/// An agent's request for input or permission.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Unique within its attempt.
    pub id: String,
    /// What it asks, at most 4,000 characters.
    pub text: String,
    /// Answers it offers; empty when any text will do.
    pub options: Vec<String>,
    /// When it asked.
    pub asked_at: Timestamp,
}

/// What a capture job found in an attempt's worktree, imported into the hub.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The commit its branch grew from.
    pub base: CommitId,
    /// The branch's last commit; the base when there is none.
    pub head: CommitId,
    /// Commits of `head` that the base does not have.
    pub new_commits: u32,
    /// Whether `head` grew from the base.
    pub descends_from_base: bool,
    /// The branch that was checked out, when it was one.
    pub branch: Option<String>,
    /// Nothing was uncommitted or untracked.
    pub clean: bool,
    /// The first paths that were not clean.
    pub dirty_paths: Vec<String>,
    /// The commit that holds what was not committed.
    pub rescue: Option<CommitId>,
    /// The first things that could not be taken, each with why: they go with the worktree.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
}

/// A merge candidate in its final form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The target's tip that it was built on.
    pub old: CommitId,
    /// The commit that would become the target's tip.
    pub new: CommitId,
    /// Its tree, which `report` measured.
    pub tree: TreeId,
}

/// What an integration job found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Integration {
    /// The candidate was built and its tree measured.
    Built {
        /// The candidate.
        candidate: Candidate,
        /// The checks of its tree.
        report: Report,
    },
    /// The target and the branch changed the same lines.
    Conflict {
        /// The target's tip.
        target: CommitId,
        /// Paths in conflict.
        paths: Vec<String>,
    },
}

/// What any job reports when it has ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JobResult {
    /// An attempt's end.
    Attempt(AttemptEnd),
    /// A capture's snapshot; none when the attempt ended before it had a worktree.
    Captured(Option<Snapshot>),
    /// A verification's report.
    Verified(Report),
    /// An integration's finding.
    Integrated(Integration),
    /// What came of a review by an agent.
    Reviewed(AgentReview),
    /// The job could not do its work. Attempts report this through [`EndKind::Infra`].
    Failed(Infra),
}

/// The answer of the landing: what the swap of the target branch came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Swap {
    /// The candidate was read back in the target's history.
    Proven,
    /// The target is elsewhere, and the candidate is not in its history.
    Moved {
        /// Where it is.
        found: CommitId,
    },
    /// The person's repository cannot take it now; nothing was changed.
    Refused(String),
}
