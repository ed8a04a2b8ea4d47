//! What is offered, and how it is measured and read.

use serde::{Deserialize, Serialize};

use super::{Phase, Ticket, TicketState};
use crate::ids::{CommitId, JobId};
use crate::job::{Attempt, Snapshot};
use crate::reviewer::{ReviewEnd, Reviewer};
use crate::verdict::{CheckResult, Claim, Report};

/// The commit that an attempt offers, with what is needed to judge it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// The attempt.
    pub attempt: Attempt,
    /// The commit its branch grew from: whose policy judges it.
    pub base: CommitId,
    /// What it left.
    pub snapshot: Snapshot,
    /// What the agent says.
    pub claim: Claim,
    /// The agent says that nothing needs to change.
    pub no_change: bool,
    /// A person did it, after taking the worktree over: a failure is theirs to mend, and spends
    /// no try.
    pub by_person: bool,
    /// It did not pass before, and a person had it judged once more: that spends no try either.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
    /// What the review of just this commit by an agent came to, where there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reviewed: Option<Box<CheckResult>>,
}

/// See [`TicketState::Verifying`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verifying {
    /// What is measured.
    pub submission: Submission,
    /// The verification's name; kept over re-runs after a failure of the machine.
    pub job: JobId,
    /// Earlier runs that could not measure.
    pub inconclusive: u8,
    /// How far it is.
    pub stage: VerifyingStage,
}

/// How far a verification is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VerifyingStage {
    /// To start, or running.
    Job(Phase),
    /// Measured. The plan says what follows.
    Measured(Report),
    /// Measured, and to be read by another agent before anything follows.
    Reviewing(Box<Reviewing>),
}

/// See [`VerifyingStage::Reviewing`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewing {
    /// What was measured.
    pub report: Report,
    /// The review's name; kept when it is asked for again.
    pub job: JobId,
    /// How often a reviewer was asked and gave no answer.
    pub unanswered: u8,
    /// Why there was none the last time, for people; empty at first.
    #[serde(default)]
    pub why: String,
    /// How far it is.
    pub stage: ReviewingStage,
}

/// How far a review by an agent is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReviewingStage {
    /// To start, or running.
    Job {
        /// Whether it runs.
        phase: Phase,
        /// Who reviews, while it runs.
        by: Option<Box<Reviewer>>,
    },
    /// Ended. The plan says what follows.
    Ended {
        /// Who reviewed.
        by: Box<Reviewer>,
        /// What came of it.
        end: ReviewEnd,
    },
}

impl TicketState {
    /// How far the review by an agent is, when there is to be one.
    pub(crate) fn reviewing(&self) -> Option<&Reviewing> {
        if let Self::Verifying(Verifying { stage: VerifyingStage::Reviewing(reviewing), .. }) = self
        {
            return Some(reviewing);
        }
        None
    }

    /// As [`TicketState::reviewing`], to be changed.
    pub(crate) fn reviewing_mut(&mut self) -> Option<&mut Reviewing> {
        if let Self::Verifying(Verifying { stage: VerifyingStage::Reviewing(reviewing), .. }) = self
        {
            return Some(reviewing);
        }
        None
    }
}

impl Ticket {
    /// The agent that reads the ticket's commit now.
    pub fn reviewer(&self) -> Option<&Reviewer> {
        let TicketState::Verifying(Verifying {
            stage: VerifyingStage::Reviewing(reviewing), ..
        }) = &self.state
        else {
            return None;
        };
        match &reviewing.stage {
            ReviewingStage::Job { phase: Phase::Runs(_), by } => by.as_deref(),
            ReviewingStage::Job { .. } | ReviewingStage::Ended { .. } => None,
        }
    }
}
