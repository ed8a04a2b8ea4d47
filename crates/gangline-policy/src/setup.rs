//! What makes a fresh checkout usable.

use serde::Deserialize;

use crate::command::CommandLine;
use crate::period::Period;

/// `[setup]`: run in order in every fresh checkout, before the agent and before the checks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setup {
    /// The commands; each a shell line or a list of arguments.
    pub run: Vec<CommandLine>,
    /// How long all of them together may take.
    pub timeout: Period,
    /// Whether they may use the network.
    pub network: bool,
}

impl Default for Setup {
    fn default() -> Self {
        Self { run: vec![], timeout: Period::seconds(600), network: true }
    }
}
