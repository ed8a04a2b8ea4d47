//! What the daemon says of itself.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::node::NodeView;
use crate::push::PushTrouble;

/// `GET /status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Status {
    /// The daemon's version.
    pub version: String,
    /// The wire's version.
    pub api: u32,
    /// The daemon's process id.
    pub pid: u32,
    /// When it began.
    pub started_us: i64,
    /// The socket it answers on.
    pub socket: String,
    /// The address it answers HTTP at; absent when it does at none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub http: Option<String>,
    /// Where it keeps its state.
    pub state_dir: String,
    /// Where its log is.
    pub log: String,
    /// The last committed event.
    pub seq: u64,
    /// Projects.
    pub projects: u32,
    /// Tickets that are not closed.
    pub tickets_live: u32,
    /// Closed tickets.
    pub tickets_closed: u32,
    /// Agent kinds that are broken, and why.
    #[serde(default)]
    pub circuits: Vec<Circuit>,
    /// Nodes, alive or suspect.
    #[serde(default)]
    pub nodes: Vec<NodeView>,
    /// Where its configuration stands; a daemon of an older version does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub config: Option<ConfigView>,
    /// Who takes traces, where `[traces]` of its configuration says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traces: Option<TracesView>,
    /// Push services that take nothing; absent when all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub push: Option<PushTrouble>,
}

/// How the handing over of traces goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TracesView {
    /// Who takes them.
    pub endpoint: String,
    /// Events whose spans were not handed over yet.
    pub behind: u64,
    /// Spans that were taken.
    pub spans: u64,
    /// Spans that were given up.
    pub given_up: u64,
    /// Since when nothing is taken; absent when all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failing_since_us: Option<i64>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Where `config.toml` stands, which a running daemon follows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ConfigView {
    /// Since when the configuration is in force that is.
    pub since_us: i64,
    /// The file as it is now, when it cannot be taken over; absent when all is well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<RefusedConfig>,
    /// Keys whose new values wait for the next start, such as `http.listen`.
    #[serde(default)]
    pub restart: Vec<String>,
}

/// A configuration that is not taken over: the last good one stays in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusedConfig {
    /// When it was first seen.
    pub at_us: i64,
    /// What is wrong, with file, line and key where these are known; several lines.
    pub why: String,
}

/// An agent kind that is not tried again until a person says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Circuit {
    /// The kind.
    pub kind: String,
    /// What is wrong with it.
    pub why: String,
}

/// `POST /shutdown`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Shutdown {
    /// Stop the running attempts too, keeping their work; without it they run on.
    pub jobs: bool,
}

/// The answer to [`Shutdown`]: the daemon ends after it has sent this.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ShuttingDown {
    /// The process that ends.
    pub pid: u32,
    /// Jobs that were running then.
    pub jobs: u32,
}
