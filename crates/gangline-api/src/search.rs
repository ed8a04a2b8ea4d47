//! Searching: tickets by all that was asked and said, and what helped before.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::lesson::LessonView;
use crate::ticket::TicketView;

/// Tickets that are told unless asked otherwise.
pub const HITS_DEFAULT: u32 = 20;
/// Tickets that are told at most.
pub const HITS_MAX: u32 = 100;
/// Characters of what is searched for.
pub const WORDS_CHARS_MAX: usize = 500;

/// `GET /search?q=&project=&limit=`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SearchQuery {
    /// Words; what has all of them is found, whatever their case.
    pub q: String,
    /// Only of this project; its lessons are searched, too.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// At most so many tickets, up to [`HITS_MAX`]; [`HITS_DEFAULT`] when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Found {
    /// Those first whose key or title has the words; of these and of the others, live ones first,
    /// then the last closed first.
    pub tickets: Vec<Hit>,
    /// How many tickets there are in all.
    pub total: u32,
    /// What helped in this project, with any of the words, the best first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lessons: Vec<LessonView>,
}

/// A ticket that has all the words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Hit {
    /// The ticket.
    #[serde(flatten)]
    pub ticket: TicketView,
    /// Where a word stands that the list of tickets does not show: `body`, `brief`, `hint`,
    /// `failure` or `question`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// The line there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
}
