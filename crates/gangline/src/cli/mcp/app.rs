//! Programs whose agents can be given the server, and where each of them keeps that.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::ValueEnum;
use serde_json::{Value, json};

use super::super::json_edit::Flavour;

/// A program whose agent can be given the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum App {
    /// Claude Code
    Claude,
    /// Codex
    Codex,
    /// Cursor
    Cursor,
    /// VS Code
    Vscode,
    /// Zed
    Zed,
}

/// For whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Scope {
    /// Everybody who works in the repository
    Repository,
    /// The person, in all their repositories
    User,
}

/// How a file says which servers there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Form {
    /// An object of this name in it has a member for each.
    Json { flavour: Flavour, list: &'static str, entry: Value },
    /// A table of this name in it has a table for each.
    Toml { list: &'static str, command: String, args: Vec<String> },
}

/// What the server is called everywhere.
pub(in super::super) const SERVER: &str = "gangline";
/// What editors put the folder in place of that is open.
const FOLDER: &str = "${workspaceFolder}";

impl App {
    /// Where it is kept unless said otherwise: Codex and Zed read that of a repository only where
    /// the person has declared it trusted.
    pub(super) fn usual_scope(self) -> Scope {
        match self {
            Self::Claude | Self::Cursor | Self::Vscode => Scope::Repository,
            Self::Codex | Self::Zed => Scope::User,
        }
    }

    /// Its file in a repository, from the root.
    pub(super) fn in_repository(self) -> &'static str {
        match self {
            Self::Claude => ".mcp.json",
            Self::Codex => ".codex/config.toml",
            Self::Cursor => ".cursor/mcp.json",
            Self::Vscode => ".vscode/mcp.json",
            Self::Zed => ".zed/settings.json",
        }
    }

    /// The person's own file; nothing when there is no home.
    pub(super) fn of_user(self, env: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
        let absolute = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME")?;
        let config = absolute("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
        Some(match self {
            Self::Claude => absolute("CLAUDE_CONFIG_DIR").unwrap_or(home).join(".claude.json"),
            Self::Codex => {
                absolute("CODEX_HOME").unwrap_or_else(|| home.join(".codex")).join("config.toml")
            }
            Self::Cursor => home.join(".cursor/mcp.json"),
            Self::Vscode if cfg!(target_os = "macos") => {
                home.join("Library/Application Support/Code/User/mcp.json")
            }
            Self::Vscode => config.join("Code/User/mcp.json"),
            Self::Zed => config.join("zed/settings.json"),
        })
    }

    /// Where it is told which hooks to call: in a repository, from the root.
    pub(super) fn hooks_in_repository(self) -> Option<&'static str> {
        match self {
            Self::Claude => Some(".claude/settings.json"),
            Self::Codex | Self::Cursor | Self::Vscode | Self::Zed => None,
        }
    }

    /// The same for the person.
    pub(super) fn hooks_of_user(self, env: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
        let absolute = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
        match self {
            Self::Claude => absolute("CLAUDE_CONFIG_DIR")
                .or_else(|| absolute("HOME").map(|home| home.join(".claude")))
                .map(|folder| folder.join("settings.json")),
            Self::Codex | Self::Cursor | Self::Vscode | Self::Zed => None,
        }
    }

    /// How the server is entered there. Cursor and VS Code start servers in a directory of their
    /// own choice, so that they have to say which folder is meant.
    pub(super) fn form(self, command: &str) -> Form {
        let plain = || vec!["mcp".to_owned()];
        let placed = || [&plain()[..], &["--directory".to_owned(), FOLDER.to_owned()]].concat();
        let json = |list, flavour, entry| Form::Json { flavour, list, entry };
        match self {
            Self::Claude => {
                let entry = json!({ "type": "stdio", "command": command, "args": plain() });
                json("mcpServers", Flavour::Json, entry)
            }
            Self::Codex => {
                let command = command.to_owned();
                Form::Toml { list: "mcp_servers", command, args: plain() }
            }
            Self::Cursor => {
                let entry = json!({ "command": command, "args": placed() });
                json("mcpServers", Flavour::Json, entry)
            }
            Self::Vscode => {
                let entry = json!({ "type": "stdio", "command": command, "args": placed() });
                json("servers", Flavour::WithComments, entry)
            }
            Self::Zed => {
                let entry = json!({ "command": command, "args": plain() });
                json("context_servers", Flavour::WithComments, entry)
            }
        }
    }

    /// What makes it read the file again.
    pub(super) fn then(self) -> &'static str {
        match self {
            Self::Claude => "claude, begun anew; it asks once whether the server may be used",
            Self::Codex => "codex, begun anew",
            Self::Cursor => "Cursor's settings, Tools & MCP: switch it on",
            Self::Vscode => "VS Code's command `MCP: List Servers`: start it",
            Self::Zed => "Zed's agent panel, settings: it is listed there",
        }
    }
}

/// How the person knows a file: from the repository's root, or whole.
pub(super) fn shown(file: &Path, root: Option<&Path>) -> String {
    let inside = root.and_then(|root| file.strip_prefix(root).ok());
    inside.unwrap_or(file).display().to_string()
}
