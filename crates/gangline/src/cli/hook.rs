//! `gangline hook`: what other programs call at a moment of theirs.

use std::io::Read as _;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use gangline_api::command::AddTicket;
use serde::Deserialize;
use serde_json::{Value, json};

use super::context::Context;
use super::{connect, place};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::plain;

/// Bytes that are read of what a hook is told.
const INPUT_BYTES_MAX: u64 = 2 * 1024 * 1024;
/// Characters of a title: a line that fits into a table.
const TITLE_CHARS_MAX: usize = 120;
/// How Claude Code has called the tool that starts a sub-agent.
const TASK_TOOLS: [&str; 2] = ["Task", "Agent"];

/// `gangline hook`.
#[derive(Debug, Subcommand)]
pub(crate) enum Hook {
    /// Claude Code's `PreToolUse`: a sub-agent that is asked for becomes a ticket
    Task(Task),
}

/// `gangline hook task`.
#[derive(Debug, Args)]
#[command(after_help = "Reads the hook's JSON. What is not about such a sub-agent is let through. When \
    no ticket can be opened it ends with 1, which Claude Code shows and goes on from.")]
pub(crate) struct Task {
    /// Sub-agents that become tickets, by the name that is asked for
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = "ticket-worker")]
    agent: Vec<String>,
}

/// What Claude Code says before it uses a tool.
#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    cwd: Option<PathBuf>,
    #[serde(default)]
    tool_name: String,
    #[serde(default)]
    tool_use_id: Option<String>,
    #[serde(default)]
    tool_input: Value,
}

impl Hook {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let Self::Task(task) = self;
        task.run(context).await
    }
}

impl Task {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let bad = |why: &dyn std::fmt::Display| {
            Failure::new(Exit::Failed, format!("the hook's input is not understood: {why}"))
                .code("bad_request")
                .next("set it up as docs/agents.md shows")
        };
        let mut text = String::new();
        let mut input = std::io::stdin().lock().take(INPUT_BYTES_MAX);
        input.read_to_string(&mut text).map_err(|error| bad(&error))?;
        let asked: Asked = serde_json::from_str(&text).map_err(|error| bad(&error))?;
        let Some(ticket) = self.ticket(&asked) else { return Ok(Exit::Done) };
        let mut context = context.clone();
        if let Some(cwd) = asked.cwd.filter(|cwd| cwd.is_dir()) {
            context.cwd = cwd;
        }
        if context.project.is_none() {
            place::repository(&context)?;
        }
        let client = connect::running(&context).await?;
        let project = connect::current_project(&context, &client).await?.name;
        // The same use of the tool is the same ticket, however often the hook is called.
        let once = asked.tool_use_id.filter(|id| id.bytes().all(|byte| byte.is_ascii_graphic()));
        let once = once.map(|id| format!("hook/{}", id.chars().take(100).collect::<String>()));
        let done = client.add(&project, &ticket, once.as_deref()).await?;
        let key = plain(&done.key.unwrap_or_default());
        let reason = format!(
            "Ticket {key} was opened for this. Gangline's own agent works on it in a worktree of its \
             own; what it commits is verified and then landed. Do not do this work yourself and do \
             not start another sub-agent for it: go on with something else, and look with \
             `gangline show {key}`, or wait with `gangline run {key}`."
        );
        context.out.json(&json!({ "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "deny",
            "permissionDecisionReason": reason,
        } }))?;
        Ok(Exit::Done)
    }

    /// The ticket that is meant, if it is about one of the named sub-agents.
    fn ticket(&self, asked: &Asked) -> Option<AddTicket> {
        let said = |name: &str| asked.tool_input.get(name).and_then(Value::as_str);
        let wanted = said("subagent_type")?;
        let ours = self.agent.iter().any(|agent| agent == wanted);
        if !ours || !TASK_TOOLS.contains(&asked.tool_name.as_str()) {
            return None;
        }
        let prompt = said("prompt").unwrap_or_default().trim();
        let title = said("description").map(str::trim).filter(|title| !title.is_empty());
        let title = title.or_else(|| prompt.lines().next()).filter(|title| !title.is_empty())?;
        let title = title.chars().filter(|c| !c.is_control()).take(TITLE_CHARS_MAX).collect();
        Some(AddTicket {
            title,
            body: prompt.to_owned(),
            agent: Some(wanted.to_owned()),
            ..AddTicket::default()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticket(input: &Value) -> Option<AddTicket> {
        let task = Task { agent: vec!["ticket-worker".to_owned()] };
        task.ticket(&serde_json::from_value(input.clone()).unwrap())
    }

    #[test]
    fn only_the_named_sub_agents_become_tickets() {
        let input = json!({ "tool_name": "Task", "tool_input": {
            "subagent_type": "ticket-worker", "description": "Round the total",
            "prompt": "Round the total to cents.\nWith tests." } });
        let found = ticket(&input).unwrap();
        assert_eq!(found.title, "Round the total");
        assert_eq!(found.body, "Round the total to cents.\nWith tests.");
        assert_eq!(found.agent.as_deref(), Some("ticket-worker"));
        let mut untitled = input.clone();
        untitled["tool_input"]["description"] = json!(" ");
        assert_eq!(ticket(&untitled).unwrap().title, "Round the total to cents.");
        for (pointer, other) in [
            ("/tool_name", json!("Bash")),
            ("/tool_input/subagent_type", json!("explorer")),
            ("/tool_input", json!({ "command": "ls" })),
        ] {
            let mut input = input.clone();
            *input.pointer_mut(pointer).unwrap() = other;
            assert_eq!(ticket(&input), None, "{pointer}");
        }
    }
}
