//! Schedules: tickets that come again by the clock.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `GET /projects/{project}/schedules`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Schedules {
    /// By name.
    pub schedules: Vec<ScheduleView>,
}

/// A schedule of a project, as its policy has it, and what came of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScheduleView {
    /// Its name.
    pub name: String,
    /// Minute, hour, day of the month, month, day of the week.
    pub cron: String,
    /// The time zone in which that is meant.
    pub timezone: String,
    /// Whether the clock adds tickets.
    pub enabled: bool,
    /// The title of its tickets, where the policy has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The file of the repository that has their text, otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticket_file: Option<String>,
    /// When it is due next; absent when it is switched off, or the machine does not know the time
    /// zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_us: Option<i64>,
    /// The last ticket that it added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<ScheduledView>,
    /// The last due time, when it added no ticket then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<SkippedView>,
}

/// A ticket that a schedule added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ScheduledView {
    /// Its key.
    pub key: String,
    /// Its state: while it is not closed, the schedule adds no other.
    pub state: String,
    /// When it was added.
    pub at_us: i64,
}

/// A due time at which no ticket was added.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SkippedView {
    /// When.
    pub due_us: i64,
    /// Why not, for people.
    pub why: String,
}
