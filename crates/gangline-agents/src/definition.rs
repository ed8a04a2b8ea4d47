//! Agent definitions: Markdown with front matter, compatible with `.claude/agents/*.md`.
//!
//! ```text
//! ---
//! name: ticket-worker
//! description: Does one ticket.
//! tools: Read, Write, Edit, Bash
//! model: sonnet
//! kind: claude
//! ---
//! You do one ticket …            (what the agent is told about itself)
//! ```
//!
//! Keys that Gangline does not know are kept and, unless Claude Code knows them, warned about:
//! a definition that works there must load here.

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::ids::{AgentKind, AgentName};
use gangline_domain::network::Network;
use gangline_domain::resources::Resources;
use serde::{Deserialize, Serialize};

use crate::yaml::Located;

mod front_matter;
mod set;

pub use set::{Definitions, LoadError, Source, read_project};

/// Bytes that a definition file may have.
pub const DEFINITION_BYTES_MAX: usize = 256 * 1024;
/// The kind of a definition that names none: what `.claude/agents/*.md` are written for.
pub const DEFAULT_KIND: &str = "claude";
/// The definition that ships with Gangline.
pub const TICKET_WORKER: &str = "ticket-worker";

/// How an agent is set up. Absent values mean the kind's or the project's default.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// Its name.
    pub name: AgentName,
    /// When to use it, for people and planners.
    #[serde(default)]
    pub description: String,
    /// How it is driven.
    pub kind: AgentKind,
    /// The tools it may use; all of them when absent.
    #[serde(default)]
    pub tools: Option<Vec<String>>,
    /// Tools it may not use.
    #[serde(default)]
    pub disallowed_tools: Vec<String>,
    /// The model, in the kind's own words.
    #[serde(default)]
    pub model: Option<String>,
    /// Turns of the model after which the session ends.
    #[serde(default)]
    pub max_turns: Option<u32>,
    /// The program to run: a name on the PATH, or a path.
    #[serde(default)]
    pub program: Option<String>,
    /// For kind `acp`: which of [`crate::acp::PRESETS`] it is.
    #[serde(default)]
    pub preset: Option<String>,
    /// Its arguments. For kind `command` with the placeholders of
    /// [`crate::command::PLACEHOLDERS`]; other kinds append them to their own.
    #[serde(default)]
    pub args: Vec<String>,
    /// How kind `command` hands over the brief.
    #[serde(default)]
    pub prompt: PromptBy,
    /// How kind `codex` runs its program: `app-server`, the default, or `exec`.
    #[serde(default)]
    pub mode: Option<String>,
    /// What exit codes of kind `command` mean, beside [`crate::command::exit_meaning`].
    #[serde(default)]
    pub exit_codes: BTreeMap<i32, ExitMeaning>,
    /// For kind `scripted`: a path from the worktree's root, or the script itself when it has
    /// more than one line.
    #[serde(default)]
    pub script: Option<String>,
    /// Whether `body` is added to the agent's own system prompt or stands in its place.
    #[serde(default)]
    pub system_prompt: SystemPrompt,
    /// Attempts of this definition that may run at once.
    #[serde(default)]
    pub max_concurrent: Option<u32>,
    /// What a node must offer.
    #[serde(default)]
    pub capabilities: BTreeSet<String>,
    /// Milliseconds that one session may take.
    #[serde(default)]
    pub session_timeout_ms: Option<u64>,
    /// Milliseconds of silence after which somebody is told.
    #[serde(default)]
    pub stall_timeout_ms: Option<u64>,
    /// How much of the network it has; the kind knows by default.
    #[serde(default)]
    pub network: Network,
    /// Names of environment variables that it is handed from the node, such as its model's key.
    #[serde(default)]
    pub env: BTreeSet<String>,
    /// What its programs may use.
    #[serde(default)]
    pub resources: Resources,
    /// What it is told about itself.
    #[serde(default)]
    pub body: String,
    /// Keys of the front matter that Gangline does not know, as they were.
    #[serde(default)]
    pub extra: BTreeMap<String, serde_json::Value>,
}

/// How a brief reaches a program.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PromptBy {
    /// As the path of a file among its arguments.
    #[default]
    File,
    /// On its standard input, which is then closed.
    Stdin,
    /// As one of its arguments.
    Argument,
}

/// What becomes of a definition's body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SystemPrompt {
    /// It is added to the agent's own system prompt.
    #[default]
    Append,
    /// It stands in its place.
    Replace,
}

/// What a program's exit code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExitMeaning {
    /// It did what was asked.
    Completed,
    /// It cannot do it.
    GaveUp,
    /// Nothing needs to change.
    NoChangeNeeded,
    /// Its model's quota is used up.
    Quota,
    /// It could not log in.
    AuthFailed,
    /// It broke.
    Crashed,
}

/// Something about a definition that is worth knowing and stops nobody.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}: {message}")]
pub struct Warning {
    /// The file's name, as the caller gave it.
    pub file: String,
    /// The line, from 1.
    pub line: u64,
    /// What is noticed.
    pub message: String,
}

impl Definition {
    /// A definition with a name and a kind and defaults for all else.
    pub fn bare(name: AgentName, kind: AgentKind) -> Self {
        Self {
            name,
            description: String::new(),
            kind,
            tools: None,
            disallowed_tools: vec![],
            model: None,
            max_turns: None,
            program: None,
            preset: None,
            args: vec![],
            prompt: PromptBy::default(),
            mode: None,
            exit_codes: BTreeMap::new(),
            script: None,
            system_prompt: SystemPrompt::default(),
            max_concurrent: None,
            capabilities: BTreeSet::new(),
            session_timeout_ms: None,
            stall_timeout_ms: None,
            network: Network::default(),
            env: BTreeSet::new(),
            resources: Resources::default(),
            body: String::new(),
            extra: BTreeMap::new(),
        }
    }

    /// The definition that ships with Gangline.
    pub fn ticket_worker() -> Self {
        let text = include_str!("../definitions/ticket-worker.md");
        match Self::parse(text, "ticket-worker.md") {
            Ok((definition, _)) => definition,
            Err(error) => panic!("BUG: the shipped definition does not load: {error}"),
        }
    }

    /// Reads one file. Its name stands in errors, and without its folders and `.md` is the
    /// agent's name where the front matter has none.
    pub fn parse(text: &str, file: &str) -> Result<(Self, Vec<Warning>), Located> {
        front_matter::parse(text, file)
    }
}

#[cfg(test)]
mod tests;
