//! Tickets that come again by the clock: never two of one schedule at once, and none twice.
//!
//! When a schedule is due is found outside, where time zones are known. What was decided about each due
//! time is kept here, so that whoever asks again, after a crash or beside another asker, changes nothing.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{AgentName, TicketKey, Timestamp};
use crate::spec::{Priority, TicketSpec};

/// What a label begins with that names the schedule which a ticket comes from.
pub const SCHEDULE_LABEL: &str = "schedule:";

/// A schedule, as the project's policy has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleSettings {
    /// Minute, hour, day of the month, month, day of the week.
    pub cron: String,
    /// The time zone in which that is meant, such as `Europe/Berlin`.
    pub timezone: String,
    /// What is asked for.
    pub text: ScheduleText,
    /// The agent definition; chosen as for any ticket when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentName>,
    /// How much its tickets matter.
    pub priority: Priority,
    /// Their labels.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub labels: BTreeSet<String>,
    /// Whether the clock adds tickets. A person may, in any case.
    pub enabled: bool,
}

/// Where the text of a schedule's tickets is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScheduleText {
    /// In the policy.
    Written {
        /// One line.
        title: String,
        /// Markdown.
        body: String,
    },
    /// In this file of the repository, at the tip of the target branch.
    File(String),
}

/// What was decided about a schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScheduleState {
    /// Due times up to here are decided, or were before the schedule was there.
    pub since: Timestamp,
    /// The last ticket that it added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<Fired>,
    /// Why the last due time added none, where that is so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<Skipped>,
}

/// A ticket that a schedule added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fired {
    /// When.
    pub at: Timestamp,
    /// Which.
    pub ticket: TicketKey,
}

/// A due time at which no ticket was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Skipped {
    /// The due time.
    pub due: Timestamp,
    /// Why not, for people.
    pub why: String,
}

impl ScheduleState {
    /// Of a schedule that is new at `at`: what was due before is none of its business.
    pub fn new(at: Timestamp) -> Self {
        Self { since: at, last: None, skipped: None }
    }
}

impl ScheduleSettings {
    /// What is asked for by a ticket with this text.
    pub fn spec(&self, name: &str, title: String, body: String) -> TicketSpec {
        let mut labels = self.labels.clone();
        labels.insert(format!("{SCHEDULE_LABEL}{name}"));
        TicketSpec {
            title,
            body,
            priority: self.priority,
            labels,
            agent: self.agent.clone(),
            ..TicketSpec::default()
        }
    }
}
