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

use gangline_domain::budget::Budget;
use gangline_domain::ids::{AgentKind, AgentName, McpName};
use gangline_domain::network::Network;
use gangline_domain::resources::Resources;
use gangline_domain::secret::SecretUse;
use serde::{Deserialize, Serialize};

use crate::yaml::Located;

mod front_matter;
mod pool;
mod set;

pub use pool::{Imported, PoolError, import_pool};
pub use set::{Definitions, FOLDERS, LoadError, Source, is_definition, read_project};

/// Bytes that a definition file may have.
pub const DEFINITION_BYTES_MAX: usize = 256 * 1024;
/// The kind of a definition that names none: what `.claude/agents/*.md` are written for.
pub const DEFAULT_KIND: &str = "claude";
/// The definition of tickets that name none, unless the project says otherwise.
pub const TICKET_WORKER: &str = "ticket-worker";
/// The definitions that ship with Gangline, by file. A project's own of the same name wins.
const SHIPPED: [(&str, &str); 7] = [
    ("ticket-worker.md", include_str!("../definitions/ticket-worker.md")),
    ("code-reviewer.md", include_str!("../definitions/code-reviewer.md")),
    ("test-writer.md", include_str!("../definitions/test-writer.md")),
    ("documentation-writer.md", include_str!("../definitions/documentation-writer.md")),
    ("conflict-resolver.md", include_str!("../definitions/conflict-resolver.md")),
    ("orchestrator.md", include_str!("../definitions/orchestrator.md")),
    ("planner.md", include_str!("../definitions/planner.md")),
];

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
    /// What it can do, such as `python`: tickets choose by these.
    #[serde(default)]
    pub capabilities: BTreeSet<String>,
    /// What it is told that it is skilled in.
    #[serde(default)]
    pub skills: Vec<String>,
    /// The weakest wall that it may work behind; the machine's own when absent.
    #[serde(default)]
    pub isolation: Option<Isolation>,
    /// What one attempt of it may spend; what is left of the ticket's, the project's and the
    /// day's budgets holds as well.
    #[serde(default)]
    pub budget: Budget,
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
    /// Secrets that it is given: the machine's configuration says where they are, and whether this
    /// repository may have them.
    #[serde(default)]
    pub secrets: BTreeSet<SecretUse>,
    /// Servers of tools that it is given, as the machine's configuration names them.
    #[serde(default)]
    pub mcp: BTreeSet<McpName>,
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

/// How far an agent is kept from the rest of the machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Isolation {
    /// A worktree of its own, which every attempt has: what Claude Code means by the word.
    Worktree,
    /// Tier L1 or a stronger one.
    Landlock,
    /// Tier L2 or a stronger one.
    Bubblewrap,
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
            skills: vec![],
            isolation: None,
            budget: Budget::default(),
            session_timeout_ms: None,
            stall_timeout_ms: None,
            network: Network::default(),
            env: BTreeSet::new(),
            secrets: BTreeSet::new(),
            mcp: BTreeSet::new(),
            resources: Resources::default(),
            body: String::new(),
            extra: BTreeMap::new(),
        }
    }

    /// The definition of tickets that name none.
    pub fn ticket_worker() -> Self {
        let first = Self::shipped().next();
        first.expect("BUG: no definition is shipped")
    }

    /// The definitions that ship with Gangline.
    pub fn shipped() -> impl Iterator<Item = Self> {
        SHIPPED.iter().map(|(file, text)| match Self::parse(text, file) {
            Ok((definition, _)) => definition,
            Err(error) => panic!("BUG: the shipped definition does not load: {error}"),
        })
    }

    /// The file of a definition that ships, as it is written.
    pub fn shipped_text(name: &str) -> Option<&'static str> {
        let mut files = SHIPPED.iter();
        files.find(|(file, _)| file.strip_suffix(".md") == Some(name)).map(|(_, text)| *text)
    }

    /// Reads one file. Its name stands in errors, and without its folders and `.md` is the
    /// agent's name where the front matter has none.
    pub fn parse(text: &str, file: &str) -> Result<(Self, Vec<Warning>), Located> {
        front_matter::parse(text, file)
    }
}

#[cfg(test)]
mod tests;
