//! Uses of tools: announced, asked leave for, updated, done.

use std::collections::BTreeMap;

use serde_json::Value;

use super::wire::{content, list, text};
use crate::driver::{AgentEvent, Permission};
use crate::speech::shortened;

/// Uses that may be open at once; more are not followed.
const OPEN_MAX: usize = 500;
/// Fields of a raw input that name files.
const PATHS: [&str; 6] =
    ["file_path", "filePath", "filepath", "path", "notebook_path", "absolute_path"];

/// All uses that have not ended.
#[derive(Debug)]
pub(super) struct Tools {
    /// The working directory, which says nothing about a use.
    cwd: String,
    open: BTreeMap<String, Use>,
}

/// What is known of one use so far.
#[derive(Debug, Clone, Default)]
struct Use {
    kind: String,
    title: String,
    command: Option<String>,
    paths: Vec<String>,
    told: bool,
}

impl Tools {
    pub(super) fn new(cwd: String) -> Self {
        Self { cwd, open: BTreeMap::new() }
    }

    /// Takes a `tool_call` or `tool_call_update`; `None` when it is not followed.
    pub(super) fn update(&mut self, update: &Value) -> Option<Vec<AgentEvent>> {
        let id = text(update, "toolCallId");
        if id.is_empty() || (self.open.len() >= OPEN_MAX && !self.open.contains_key(id)) {
            return None;
        }
        let status = text(update, "status");
        let about = self.open.entry(id.to_owned()).or_default();
        about.learn(update, &self.cwd);
        let done = matches!(status, "completed" | "failed");
        // Some are announced before it is known what they are about.
        let mut events = vec![];
        if done || status == "in_progress" || about.command.is_some() {
            events.extend(about.started(id));
        }
        if done {
            self.open.remove(id);
            let ok = status == "completed" && exit_code(&update["rawOutput"]).unwrap_or(0) == 0;
            let detail = shortened(&outcome(update));
            events.push(AgentEvent::ToolFinished { id: id.to_owned(), ok, detail });
        }
        Some(events)
    }

    /// Takes the use that leave is asked for: what it is, and its beginning where it was not told.
    pub(super) fn asked(&mut self, call: &Value) -> (Permission, Vec<AgentEvent>) {
        let id = text(call, "toolCallId");
        let mut about = self.open.get(id).cloned().unwrap_or_default();
        about.learn(call, &self.cwd);
        let started = about.started(id).into_iter().collect();
        let permission = about.permission();
        if !id.is_empty() && (self.open.len() < OPEN_MAX || self.open.contains_key(id)) {
            self.open.insert(id.to_owned(), about);
        }
        (permission, started)
    }

    pub(super) fn any_runs(&self) -> bool {
        !self.open.is_empty()
    }

    /// The turn is over, and with it what its agent left open.
    pub(super) fn abandon(&mut self) -> Vec<AgentEvent> {
        let open = std::mem::take(&mut self.open).into_iter().filter(|(_, about)| about.told);
        let detail = "the turn ended".to_owned();
        open.map(|(id, _)| AgentEvent::ToolFinished { id, ok: false, detail: detail.clone() })
            .collect()
    }
}

impl Use {
    fn learn(&mut self, update: &Value, cwd: &str) {
        let set = |field: &mut String, key: &str| {
            let said = text(update, key);
            if !said.is_empty() {
                said.clone_into(field);
            }
        };
        set(&mut self.kind, "kind");
        set(&mut self.title, "title");
        let input = &update["rawInput"];
        self.command = command(&input["command"]).or(self.command.take());
        let located = list(update, "locations").iter().map(|place| text(place, "path"));
        let changed = list(update, "content").iter().filter(|part| text(part, "type") == "diff");
        let changed = changed.map(|part| text(part, "path"));
        let named = PATHS.iter().map(|key| text(input, key));
        for path in located.chain(changed).chain(named) {
            let known = path.is_empty() || path == cwd;
            if !known && !self.paths.iter().any(|known| known == path) {
                self.paths.push(path.to_owned());
            }
        }
    }

    fn started(&mut self, id: &str) -> Option<AgentEvent> {
        if std::mem::replace(&mut self.told, true) {
            return None;
        }
        let Permission { tool, detail, paths } = self.permission();
        Some(AgentEvent::ToolStarted { id: id.to_owned(), tool, detail: shortened(&detail), paths })
    }

    /// In the words that rules are written in, whatever the agent calls its tools.
    fn permission(&self) -> Permission {
        let tool = match self.kind.as_str() {
            // Some call it reading when a shell reads. It is the line that rules are about.
            _ if self.command.is_some() => "Bash",
            "execute" => "Bash",
            "edit" => "Edit",
            "delete" => "Delete",
            "move" => "Move",
            "read" => "Read",
            "search" => "Search",
            "fetch" => "Fetch",
            "think" => "Think",
            "switch_mode" => "SwitchMode",
            // Tools of servers are called by their own names.
            _ if !self.title.is_empty() && !self.title.contains(' ') => &self.title,
            _ => "Other",
        };
        Permission {
            tool: tool.to_owned(),
            detail: self.command.as_ref().unwrap_or(&self.title).clone(),
            paths: self.paths.clone(),
        }
    }
}

/// A shell's line, or a program and its arguments; a shell's own line out of `sh -c LINE`.
fn command(value: &Value) -> Option<String> {
    let words = match value {
        Value::String(line) => return Some(line.clone()),
        Value::Array(words) => words.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return None,
    };
    match words.as_slice() {
        [_, "-c" | "-lc", line] => Some((*line).to_owned()),
        words => Some(words.join(" ")),
    }
}

/// Agents call a command that failed a completed tool.
fn exit_code(raw: &Value) -> Option<i64> {
    [&raw["exit_code"], &raw["exitCode"], &raw["metadata"]["exit"]]
        .into_iter()
        .find_map(Value::as_i64)
}

fn outcome(update: &Value) -> String {
    let blocks = list(update, "content").iter().filter(|part| text(part, "type") == "content");
    let blocks: Vec<String> = blocks.map(|part| content(&part["content"])).collect();
    let said = blocks.join("\n");
    let raw = &update["rawOutput"];
    let outputs =
        ["formatted_output", "output", "error", "stdout"].iter().map(|key| text(raw, key));
    let output = raw.as_str().into_iter().chain(outputs).find(|output| !output.is_empty());
    match (said.trim().is_empty(), output) {
        (true, Some(output)) => output.to_owned(),
        (true, None) | (false, _) => said,
    }
}
