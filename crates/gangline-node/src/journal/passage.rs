//! What a journal says about connections through an agent's proxy.

use gangline_domain::network::Target;
use serde::{Deserialize, Serialize};

/// One step of a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passage {
    /// The host as the agent named it, without the port.
    pub host: String,
    /// The port.
    pub port: u16,
    /// What became of it.
    pub step: PassageStep,
    /// Why, where that is not plain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// Bytes from the agent, at the connection's end.
    #[serde(default)]
    pub sent_bytes: u64,
    /// Bytes to the agent, at the connection's end.
    #[serde(default)]
    pub received_bytes: u64,
}

/// What became of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PassageStep {
    /// It was allowed and made.
    Opened,
    /// It was not allowed.
    Denied,
    /// It was allowed, and the host could not be reached.
    Failed,
    /// It has ended.
    Closed,
    /// It waits, because a key is used as often as it may be.
    Waits,
    /// There were more than fit the journal.
    LeftOut,
}

impl Passage {
    pub(crate) fn of(target: &Target, step: PassageStep) -> Self {
        Self {
            host: target.host.to_string(),
            port: target.port,
            step,
            why: None,
            sent_bytes: 0,
            received_bytes: 0,
        }
    }

    /// So many steps are not in the journal.
    pub(crate) fn left_out(steps: u64) -> Self {
        Self {
            host: String::new(),
            port: 0,
            step: PassageStep::LeftOut,
            why: Some(format!("{steps} more connections or ends of some")),
            sent_bytes: 0,
            received_bytes: 0,
        }
    }
}
