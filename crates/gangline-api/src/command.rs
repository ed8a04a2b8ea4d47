//! What people ask for. Each is sent with `POST` and may carry an idempotency key.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ticket::BudgetView;

/// `POST /projects/{project}/tickets`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AddTicket {
    /// Its key; the project's next one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// One line.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// `critical`, `high`, `medium` or `low`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// Free words to filter by.
    pub labels: Vec<String>,
    /// Keys that must have landed first.
    pub depends_on: Vec<String>,
    /// Patterns of the files it means to change.
    pub scope: Vec<String>,
    /// Patterns of protected files and existing tests that its agents may change.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub permits: Vec<String>,
    /// The agent definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// What its agent must be able to do, all of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
    /// `commit`, `artifact`, `report` or `plan`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliverable: Option<String>,
    /// What a person wrote to its agents about who they are and what they are to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brief: Option<String>,
    /// What another system calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_ref: Option<String>,
    /// What it may spend.
    pub budget: BudgetView,
    /// Not to be scheduled yet.
    pub draft: bool,
}

/// `PATCH /projects/{project}/tickets/{key}`: what is absent stays as it is, and a list takes the
/// place of the old one. While the ticket's work is under way, only its priority, its budget and
/// labels that say nothing to Gangline may be changed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EditTicket {
    /// One line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// `critical`, `high`, `medium` or `low`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// Free words to filter by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<Vec<String>>,
    /// Keys that must have landed first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depends_on: Option<Vec<String>>,
    /// Patterns of the files it means to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Vec<String>>,
    /// The agent definition; when it is empty, one is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// What its agent must be able to do, all of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Vec<String>>,
    /// `commit`, `artifact`, `report` or `plan`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliverable: Option<String>,
    /// What a person wrote to its agents; when it is empty, nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brief: Option<String>,
    /// What it may spend, all of it: a bound that is absent is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetView>,
}

/// `POST /projects/{project}/imports`: several tickets that may depend on one another. All of them
/// are checked before the first is added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImportTickets {
    /// Each with its key.
    pub tickets: Vec<AddTicket>,
}

/// The answer to [`ImportTickets`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Imported {
    /// Keys that were added, dependencies first.
    pub added: Vec<String>,
    /// Keys that were there already, with the same text.
    pub unchanged: Vec<String>,
}

/// `POST …/{key}/approve`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Approve {
    /// The commit that was reviewed; the present one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// `POST …/{key}/reject`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    /// What to do better.
    pub feedback: String,
}

/// `POST …/{key}/permit`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Permit {
    /// Patterns of protected files and existing tests that its agents may change.
    pub paths: Vec<String>,
}

/// `POST …/{key}/retry`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// A word to the next attempt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

/// `POST …/{key}/steer`: a word to its agent, unasked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Steer {
    /// What to say, at most 16 KiB.
    pub text: String,
}

/// The answer to [`Steer`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Steered {
    /// The event with which it was done.
    pub seq: u64,
    /// Whether it goes to the agent at work. Otherwise none was that could still hear it, and the next
    /// attempt is told. The next attempt is told in any case, should this one fail.
    pub to_agent: bool,
}

/// `POST …/{key}/split`: its parts become tickets of their own, and it is cancelled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Split {
    /// What each part is to be, from [`PARTS_MIN`] to [`PARTS_MAX`] of them: the first line is its
    /// title, what follows its body.
    pub parts: Vec<String>,
    /// The parts do not wait for one another; each waits for the one before otherwise.
    pub parallel: bool,
}

/// Parts that make a split.
pub const PARTS_MIN: usize = 2;
/// Parts that a ticket can be split into at once.
pub const PARTS_MAX: usize = 8;

/// The answer to [`Split`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SplitInto {
    /// The keys of the parts, in order. All of them were added.
    pub added: Vec<String>,
    /// Tickets that wait for the one that was split: nobody can know for which part. Once it is
    /// cancelled, they are a person's.
    pub dependents: Vec<String>,
}

/// `POST …/{key}/answer`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The question; the oldest open one when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub question: Option<String>,
    /// What to tell the agent.
    pub text: String,
}

/// Wishes about a ticket that carry nothing but its key: `POST …/{key}/<verb>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// Open a draft.
    Start,
    /// Keep it from going on.
    Hold,
    /// Let it go on.
    Resume,
    /// Ask its agent to end, keep its work, and hold it.
    Stop,
    /// End its agent now, keep its work, and hold it.
    Kill,
    /// End it. Its work is kept under rescue refs.
    Cancel,
    /// Give its worktree to a person.
    TakeOver,
    /// Capture and verify what a person did there.
    HandBack,
    /// Judge once more what was offered last, without another attempt.
    Recheck,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Start,
        Self::Hold,
        Self::Resume,
        Self::Stop,
        Self::Kill,
        Self::Cancel,
        Self::TakeOver,
        Self::HandBack,
        Self::Recheck,
    ];

    /// The last part of its path.
    pub fn path(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Hold => "hold",
            Self::Resume => "resume",
            Self::Stop => "stop",
            Self::Kill => "kill",
            Self::Cancel => "cancel",
            Self::TakeOver => "take-over",
            Self::HandBack => "hand-back",
            Self::Recheck => "recheck",
        }
    }

    /// The verb with this path.
    pub fn of_path(path: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|verb| verb.path() == path)
    }
}

/// The answer to a wish that was carried out. It is durable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Done {
    /// The last event it caused.
    pub seq: u64,
    /// The ticket's project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The ticket's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}
