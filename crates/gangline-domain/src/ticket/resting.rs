//! Where a ticket rests: until a moment, an answer, or a person.

use serde::{Deserialize, Serialize};

use super::{Queued, Submission, Verified};
use crate::ids::{Actor, Timestamp};
use crate::job::{Attempt, Question};

/// See [`TicketState::Backoff`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Backoff {
    /// When it may go on.
    pub until: Timestamp,
    /// Why it waits, for people.
    pub why: String,
}

/// See [`TicketState::Parked`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parked {
    /// When it goes on by itself; never, when absent.
    pub until: Option<Timestamp>,
    /// Why.
    pub why: ParkedFor,
}

/// What a parked ticket waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParkedFor {
    /// The provider's limit to end.
    Quota(String),
    /// An answer to this question.
    Answer(Question),
}

/// See [`TicketState::Held`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// Who holds it.
    pub by: Actor,
    /// Where it goes on when released.
    pub from: HeldFrom,
}

/// Where a held ticket goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeldFrom {
    /// With the next attempt.
    Open,
    /// With its verification.
    Verifying(Submission),
    /// With its review.
    Review(Verified),
    /// In the merge queue.
    Queued(Queued),
    /// A person works in its worktree; handed back, what is there is captured.
    TakenOver(Attempt),
}
