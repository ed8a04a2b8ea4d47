//! Which agent definitions a project uses, and how they differ from their files here.

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::ids::{AgentName, McpName};
use gangline_domain::network::Network;
use gangline_domain::resources::Resources;
use serde::Deserialize;

use crate::amount::whole;

/// The definition that ships with Gangline.
const AGENT_DEFAULT: &str = "ticket-worker";

/// `[agents]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AgentsPolicy {
    /// The definition of tickets that name none.
    pub default: AgentName,
    /// `[agents.definitions.NAME]`: what differs from the definition's own file.
    pub definitions: BTreeMap<AgentName, AgentOverride>,
}

impl Default for AgentsPolicy {
    fn default() -> Self {
        let default = AGENT_DEFAULT.parse().expect("BUG: the default's name is a name");
        Self { default, definitions: BTreeMap::new() }
    }
}

/// What a project says about one agent definition. What is absent is as the definition says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AgentOverride {
    /// Attempts at once, 1 to 128.
    #[serde(deserialize_with = "at_once")]
    pub max_concurrent: Option<u32>,
    /// The model, as the agent calls it.
    pub model: Option<String>,
    /// How much of the network it has.
    pub network: Network,
    /// What its programs may use, where the definition's own bounds shall not hold.
    pub resources: Resources,
    /// Definitions that the last try uses instead: the first whose agent kind works.
    pub fallback: Vec<AgentName>,
    /// Servers of tools that it has beside those of its definition, as the machine's configuration
    /// names them.
    pub mcp: BTreeSet<McpName>,
}

fn at_once<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<u32>, D::Error> {
    whole::<_, _, 1, 128>(deserializer).map(Some)
}
