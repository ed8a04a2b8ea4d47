//! An attempt under way: its stages, alerts and ends.

use serde::{Deserialize, Serialize};

use crate::external::HandIn;
use crate::ids::{Actor, Timestamp};
use crate::job::{Attempt, AttemptEnd, Lease, Question, Run, Snapshot};

/// See [`TicketState::Working`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Working {
    /// The attempt.
    pub attempt: Attempt,
    /// How far it is.
    pub stage: Stage,
}

/// How far an attempt is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// Its job runs.
    Running {
        /// The right to run it.
        lease: Lease,
        /// Questions that wait for a person, oldest first.
        questions: Vec<Question>,
        /// What the agent must be told, in order.
        #[serde(rename = "answers")]
        said: Vec<Said>,
        /// A person wants it ended.
        stop: Option<Stop>,
        /// What people were told of it, each kind once.
        #[serde(default)]
        alerts: Vec<Alert>,
    },
    /// It has ended; what it left is being fetched.
    Capturing {
        /// How it ended.
        end: AttemptEnd,
        /// Where its worktree is.
        lease: Lease,
        /// What a person wants then.
        stop: Option<Stop>,
        /// The capture, when it runs.
        phase: Phase,
    },
    /// What it left is in the hub. The plan says what follows.
    Captured {
        /// How it ended.
        end: AttemptEnd,
        /// What it left; nothing when it ended before it had a worktree.
        snapshot: Option<Snapshot>,
        /// What a person wants then.
        stop: Option<Stop>,
    },
}

/// Something that a person may want to look at. It ends nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// What.
    pub kind: AlertKind,
    /// Since when it has been so.
    pub since: Timestamp,
    /// When it was so no longer.
    pub cleared_at: Option<Timestamp>,
}

/// Kinds of alerts. Each of an attempt is raised at most once for it, each of a ticket only when it
/// is not raised already.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertKind {
    /// Nothing has been heard of the agent.
    Silence,
    /// There are changes, and nothing has been committed.
    Uncommitted,
    /// Tests failed in what was measured last.
    TestsFailing,
    /// What was verified collided with the target.
    Conflict,
}

impl AlertKind {
    /// Whether it is about the ticket's work, and stays when the attempt has ended.
    pub fn is_of_ticket(self) -> bool {
        match self {
            Self::TestsFailing | Self::Conflict => true,
            Self::Silence | Self::Uncommitted => false,
        }
    }
}

/// An answer to a question of a running attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The question's id.
    pub question: String,
    /// What the person said.
    pub text: String,
}

/// What a person says to a running agent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Said {
    /// What it asked for.
    Answer(Answer),
    /// A word that it did not ask for.
    Word {
        /// The word.
        text: String,
    },
}

/// Whether a follow-up job runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Phase {
    /// It is to start at this moment or later.
    Due {
        /// The earliest moment.
        not_before: Timestamp,
    },
    /// It runs.
    Runs(Run),
}

/// A person's wish to end an attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Who.
    pub by: Actor,
    /// How.
    pub how: StopHow,
    /// What is to become of the ticket.
    pub then: AfterStop,
}

/// How an attempt is ended. Its work is captured either way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopHow {
    /// Asked to end, then ended (`control:stop`).
    Stop,
    /// Ended now (`control:kill`).
    Kill,
}

/// What becomes of a ticket whose attempt was ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AfterStop {
    /// Held, until resumed.
    Hold,
    /// Held, for a person to work in its worktree.
    TakeOver,
    /// Cancelled.
    Cancel,
    /// Open again, with its work: the external session that was at it has gone.
    Return,
    /// Judged, for the external session has handed its work in.
    HandIn(Box<HandIn>),
}

impl Phase {
    /// The run, when there is one.
    pub fn run(&self) -> Option<&Run> {
        match self {
            Self::Runs(run) => Some(run),
            Self::Due { .. } => None,
        }
    }

    /// The earliest moment to start, when it does not run.
    pub fn due(&self) -> Option<Timestamp> {
        match self {
            Self::Due { not_before } => Some(*not_before),
            Self::Runs(_) => None,
        }
    }
}
