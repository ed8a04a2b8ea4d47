//! What makes a fresh checkout usable.

use serde::Deserialize;

use crate::command::CommandLine;
use crate::name::{HomePath, RelativePath};
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
    /// Folders below `HOME` that the base's own setup fills once, and of which every later job
    /// begins with a copy. Without any, each begins with nothing.
    pub cache: Vec<HomePath>,
    /// Files of the repository whose content on the base names those folders' state.
    pub key: Vec<RelativePath>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            run: vec![],
            timeout: Period::seconds(600),
            network: true,
            cache: vec![],
            key: vec![],
        }
    }
}
