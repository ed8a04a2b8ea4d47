//! Servers of tools that the machine has, for agents that ask for them by name.

use std::collections::BTreeMap;
use std::path::PathBuf;

use gangline_domain::ids::{McpName, ProjectId};
use serde::de::{Deserializer, Error};
use serde::{Deserialize, Serialize};

use crate::machine::AbsolutePath;
use crate::name::EnvName;

/// The server of Gangline's own tools.
const OWN: &str = "gangline";

/// `[mcp.NAME]`: a server of the Model Context Protocol that speaks over its standard input and
/// output. The agent starts it, inside its own sandbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct McpServer {
    /// The program, as an absolute path, and its arguments.
    pub command: Vec<String>,
    /// Its environment, beside the agent's.
    pub env: BTreeMap<String, String>,
    /// Further paths that are readable inside the sandbox.
    pub read: Vec<PathBuf>,
    /// Further paths that are writable inside the sandbox, such as where it keeps what it knows.
    pub write: Vec<PathBuf>,
    /// Only for these projects; for all, when empty.
    pub projects: Vec<ProjectId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct McpText {
    command: Vec<String>,
    #[serde(default)]
    env: BTreeMap<EnvName, String>,
    #[serde(default)]
    read: Vec<AbsolutePath>,
    #[serde(default)]
    write: Vec<AbsolutePath>,
    #[serde(default)]
    projects: Vec<ProjectId>,
}

/// `[mcp]`.
pub(crate) fn servers<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<McpName, McpServer>, D::Error> {
    let written = BTreeMap::<McpName, McpText>::deserialize(deserializer)?;
    let mut servers = BTreeMap::new();
    for (name, text) in written {
        if name.as_str() == OWN {
            return Err(Error::custom(
                "`gangline` is the server of the worker's tools\nname yours otherwise",
            ));
        }
        if !text.command.first().is_some_and(|program| program.starts_with('/')) {
            let message = format!("`mcp.{name}.command` must begin with a program's absolute path");
            return Err(Error::custom(message));
        }
        let paths = |paths: Vec<AbsolutePath>| paths.into_iter().map(|path| path.0).collect();
        let server = McpServer {
            command: text.command,
            env: text
                .env
                .into_iter()
                .map(|(key, value)| (key.as_str().to_owned(), value))
                .collect(),
            read: paths(text.read),
            write: paths(text.write),
            projects: text.projects,
        };
        servers.insert(name, server);
    }
    Ok(servers)
}
