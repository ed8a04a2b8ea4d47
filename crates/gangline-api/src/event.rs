//! The sequence of all events, for readers that resume from any number without a gap.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Events that one page can hold.
pub const EVENTS_PAGE_MAX: u32 = 1000;
/// Milliseconds that a request may wait for news.
pub const WAIT_MS_MAX: u64 = 60_000;

/// `GET /events?after=&limit=&wait_ms=&project=&key=&types=`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EventsQuery {
    /// Only events behind this number.
    pub after: u64,
    /// At most so many, up to [`EVENTS_PAGE_MAX`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
    /// Wait so long for a first one, up to [`WAIT_MS_MAX`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<u64>,
    /// Only of this project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// Only of this ticket; needs `project`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Only of these types, separated by commas, such as `landed,escalated`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub types: Option<String>,
}

/// A page of events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Events {
    /// In sequence.
    pub events: Vec<EventView>,
    /// Ask for events after this number next. It grows even when nothing matched.
    pub next: u64,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EventView {
    /// Its place in the one sequence of all events.
    pub seq: u64,
    /// When.
    pub at_us: i64,
    /// Who caused it: `person:NAME`, `policy` or `gangline`.
    pub actor: String,
    /// What kind, such as `attempt_started`.
    #[serde(rename = "type")]
    pub kind: String,
    /// The project it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// The ticket's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// The job it is about, such as `shop.APP-12.a1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<String>,
    /// The commit it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// One line for people.
    pub text: String,
}
