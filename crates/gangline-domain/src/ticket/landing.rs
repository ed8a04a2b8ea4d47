//! What passed, and its way into the target branch.

use serde::{Deserialize, Serialize};

use super::{Phase, Submission};
use crate::ids::{Actor, BranchName, CommitId, Fence, JobId, Timestamp, TreeId};
use crate::job::{Candidate, Integration};

/// A commit that passed every required check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verified {
    /// What was offered.
    pub submission: Submission,
    /// The verification that passed.
    pub verification: JobId,
    /// The tree it measured.
    pub tree: TreeId,
    /// SHA-256 of the policy it was judged by.
    pub policy_sha256: String,
    /// What a person should look at, though everything passed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub doubts: Vec<String>,
}

/// Leave to land one exact commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Who gave it.
    pub by: Actor,
    /// For which commit.
    pub commit: CommitId,
}

/// See [`TicketState::Queued`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queued {
    /// What is to land.
    pub verified: Verified,
    /// Leave to do so.
    pub approval: Approval,
    /// Since when it waits.
    pub since: Timestamp,
}

/// See [`TicketState::Landing`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Landing {
    /// The entry that is in the lane.
    pub entry: Queued,
    /// How often the target moved away while it was in the lane.
    #[serde(default)]
    pub voided: u8,
    /// How far it is.
    pub stage: LandingStage,
}

/// How far a landing is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LandingStage {
    /// The candidate is to be built and checked.
    Integrating {
        /// The integration's name.
        job: JobId,
        /// Earlier runs that could not measure.
        inconclusive: u8,
        /// Whether it runs.
        phase: Phase,
    },
    /// Built and measured, or in conflict. The plan says what follows.
    Integrated {
        /// The integration's name.
        job: JobId,
        /// Earlier runs that could not measure.
        inconclusive: u8,
        /// What was found.
        found: Integration,
    },
    /// The swap is decided, and may or may not have happened.
    Intended(Intent),
    /// The person's repository could not take it; the swap is tried again.
    Deferred {
        /// What would land.
        intent: Intent,
        /// Why not yet, for people.
        why: String,
        /// When it is tried again.
        until: Timestamp,
    },
}

/// The decision to move the target branch from `old` to `new`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// Its number.
    pub fence: Fence,
    /// The integration that verified it.
    pub integration: JobId,
    /// What moves.
    pub candidate: Candidate,
    /// Which branch moves. The policy may name another one before it has; intents of versions that
    /// did not say it mean the policy's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch: Option<BranchName>,
}
