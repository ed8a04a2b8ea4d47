//! Nodes and the merge queue.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ticket::AlertView;

/// `GET /nodes`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Nodes {
    /// All that are known.
    pub nodes: Vec<NodeView>,
}

/// A supervisor of job processes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NodeView {
    /// Its name; the built-in one is `local`.
    pub name: String,
    /// `alive` or `dead`.
    pub state: String,
    /// Attempts that it can run at once.
    pub slots: u32,
    /// Agent kinds that it can drive.
    pub kinds: Vec<String>,
    /// What its jobs are at.
    #[serde(default)]
    pub jobs: Vec<JobPulse>,
    /// A person wants nothing new to start on it. What runs there goes on to its end.
    #[serde(default)]
    pub draining: bool,
    /// What it runs short of: `disk` or `memory`.
    #[serde(default)]
    pub alerts: Vec<AlertView>,
}

/// What one job is at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobPulse {
    /// The job, such as `shop.APP-12.a1`.
    pub job: String,
    /// One line: the current tool call or step.
    pub current: String,
    /// When its journal last grew.
    pub last_activity_us: i64,
}

/// `GET /queue`: tickets that wait for the target branch, in landing order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Queue {
    /// The one in the lane first.
    pub entries: Vec<QueueEntry>,
}

/// A ticket on its way to the target branch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct QueueEntry {
    /// The project.
    pub project: String,
    /// The ticket's key.
    pub key: String,
    /// Its title.
    pub title: String,
    /// Its state: `queued` or `landing`.
    pub state: String,
    /// From 1, in its project's lane.
    pub position: u32,
    /// The verified commit.
    pub commit: String,
    /// Who let it land.
    pub approved_by: String,
    /// Since when it is queued.
    pub since_us: i64,
}
