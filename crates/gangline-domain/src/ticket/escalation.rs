//! What a person is asked to do.

use serde::{Deserialize, Serialize};

/// See [`TicketState::Escalated`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Escalation {
    /// Why a person is needed.
    pub reason: Reason,
    /// One line for people.
    pub summary: String,
    /// What they can do.
    pub suggestions: Vec<Suggestion>,
}

/// Why a person is needed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// All tries are spent.
    TriesSpent,
    /// A check could not be run twice.
    Inconclusive,
    /// The machine failed too often in a row.
    Infrastructure,
    /// It conflicts with the target again and again.
    Conflicts,
    /// The target moved again and again while it was checked as merged.
    TargetMoves,
    /// Its budget is used up.
    Budget,
    /// A dependency was cancelled.
    DependencyCancelled,
    /// What a person handed back did not pass.
    HandedBack,
    /// What a person had judged once more did not pass.
    Rechecked,
}

/// What a person can do about an escalation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Suggestion {
    /// Ask for less.
    Simplify,
    /// `gangline retry KEY --hint`.
    MoreContext,
    /// `gangline split KEY`, into smaller tickets.
    Split,
    /// `gangline take-over KEY`.
    TakeOver,
    /// `gangline cancel KEY`.
    Discard,
    /// Mend the machine, then `gangline retry KEY`.
    MendMachine,
    /// Let the target branch rest, then `gangline retry KEY`.
    Calm,
}
