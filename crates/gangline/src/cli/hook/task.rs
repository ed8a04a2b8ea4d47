//! `gangline hook task`: Claude Code is about to start a sub-agent.
//!
//! ```text
//! Claude Code ──PreToolUse, JSON on stdin──▶ hook task ──▶ another tool, another sub-agent: silence
//!      ▲                                         └──────▶ a ticket, once for each use of the tool
//!      └── "deny", with the key and what to do now ────────┘
//! ```
//!
//! Claude Code goes on after every exit code but 2, which it takes for a refusal. So nothing that
//! goes wrong here ends with 2: without a ticket the sub-agent starts, as it would without a hook.

use std::fmt::Display;
use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use gangline_agents::definition::TICKET_WORKER;
use gangline_api::command::AddTicket;
use gangline_api::project::ProjectView;
use gangline_policy::POLICY_FILE;
use gangline_process::MARKER_VARIABLE;
use serde::Deserialize;
use serde_json::{Value, json};

use super::super::context::Context;
use super::super::{add, connect, place};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::plain;

/// Bytes that are read of what a hook is told.
const INPUT_BYTES_MAX: u64 = 2 * 1024 * 1024;
/// Characters of a title: a line that fits into a table.
const TITLE_CHARS_MAX: usize = 120;
/// Bytes of a title, of which a ticket may have 300.
const TITLE_BYTES_MAX: usize = 300;
/// Bytes of an idempotency key.
const ONCE_BYTES_MAX: usize = 128;
/// How Claude Code has called the tool that starts a sub-agent.
pub(super) const TOOLS: [&str; 2] = ["Task", "Agent"];
/// Where Claude Code was started; its working directory may have moved on.
const PROJECT_VARIABLE: &str = "CLAUDE_PROJECT_DIR";

/// `gangline hook task`.
#[derive(Debug, Args)]
#[command(
    after_help = "Reads the hook's JSON on standard input. What is not about such a sub-agent, \
    or comes from a plan, from an agent of Gangline's own or from a repository without a \
    gangline.toml, is let through. When no ticket can be opened it ends with an exit code that \
    Claude Code shows and goes on from, never with 2."
)]
pub(crate) struct Task {
    /// Sub-agents that become tickets, by the name that is asked for
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = TICKET_WORKER)]
    agent: Vec<String>,
}

/// What Claude Code says before it uses a tool.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    session_id: String,
    cwd: PathBuf,
    permission_mode: String,
    tool_name: String,
    tool_use_id: String,
    tool_input: Value,
}

impl Task {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let asked = read()?;
        let Some(ticket) = self.ticket(&asked) else { return Ok(Exit::Done) };
        // An agent of Gangline's own hands nothing on: its ticket is not to become more of them.
        if std::env::var_os(MARKER_VARIABLE).is_some() {
            return Ok(Exit::Done);
        }
        let mut context = context.clone();
        let started = std::env::var_os(PROJECT_VARIABLE).map(PathBuf::from);
        if let Some(at) = started.into_iter().chain([asked.cwd.clone()]).find(|at| at.is_dir()) {
            context.cwd = at;
        }
        if context.project.is_none() && !has_policy(&context.cwd) {
            return Ok(Exit::Done);
        }
        let client = connect::running(&context).await?;
        let project = connect::current_project(&context, &client).await?;
        let done = add::add_once(&client, &project.name, &ticket, &asked.once()).await?;
        let key = done.key.unwrap_or_default();
        context.out.json(&json!({ "hookSpecificOutput": {
            "hookEventName": "PreToolUse",
            "permissionDecision": "deny",
            "permissionDecisionReason": reason(&key, &ticket, &project),
        } }))?;
        Ok(Exit::Done)
    }

    /// The ticket that is meant, if it is about one of the named sub-agents.
    fn ticket(&self, asked: &Asked) -> Option<AddTicket> {
        let said = |name: &str| asked.tool_input.get(name).and_then(Value::as_str);
        let wanted = said("subagent_type")?;
        let ours = self.agent.iter().any(|agent| agent == wanted);
        let starts = TOOLS.contains(&asked.tool_name.as_str());
        // Who plans wants nothing changed yet; Claude Code's own sub-agent is bound by the plan.
        if !ours || !starts || asked.permission_mode == "plan" {
            return None;
        }
        let prompt = said("prompt").unwrap_or_default().trim();
        let title = said("description").map(title_of).filter(|title| !title.is_empty());
        let title = title.unwrap_or_else(|| title_of(prompt.lines().next().unwrap_or_default()));
        let agent = Some(wanted.to_owned());
        let body = prompt.to_owned();
        (!title.is_empty()).then(|| AddTicket { title, body, agent, ..AddTicket::default() })
    }
}

impl Asked {
    /// The same use of a tool is the same ticket, however often the hook is called. Providers that
    /// count the uses of a tool begin anew in each session.
    fn once(&self) -> String {
        let once = format!("hook/{}/{}", self.session_id, self.tool_use_id);
        let printable = once.bytes().all(|byte| byte.is_ascii_graphic());
        if self.tool_use_id.is_empty() || !printable || once.len() > ONCE_BYTES_MAX {
            return uuid::Uuid::new_v4().to_string();
        }
        once
    }
}

fn read() -> Result<Asked, Failure> {
    let bad = |why: &dyn Display| {
        Failure::new(Exit::Failed, format!("the hook's input is not understood: {why}"))
            .code("bad_request")
            .next("gangline hook install, which has Claude Code call it")
    };
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        return Err(bad(&"it is a terminal, and not Claude Code's JSON"));
    }
    let mut text = String::new();
    stdin.lock().take(INPUT_BYTES_MAX).read_to_string(&mut text).map_err(|error| bad(&error))?;
    serde_json::from_str(&text).map_err(|error| bad(&error))
}

/// Hooks that a person has for all repositories are called in those that are not Gangline's, too.
fn has_policy(directory: &Path) -> bool {
    place::repository_around(directory).is_some_and(|root| root.join(POLICY_FILE).is_file())
}

/// As one line that a ticket may have as its title.
fn title_of(text: &str) -> String {
    let mut title = String::new();
    for c in text.trim().chars().filter(|c| !c.is_control()).take(TITLE_CHARS_MAX) {
        if title.len() + c.len_utf8() > TITLE_BYTES_MAX {
            break;
        }
        title.push(c);
    }
    title.trim().to_owned()
}

/// What Claude reads in place of a sub-agent's report.
fn reason(key: &str, ticket: &AddTicket, project: &ProjectView) -> String {
    let (key, target) = (plain(key), plain(&project.target));
    let agent = plain(ticket.agent.as_deref().unwrap_or_default());
    let leave = match project.review.as_str() {
        "required" => " once the person has approved it",
        _ => "",
    };
    format!(
        "This is not an error: ticket {key} was opened in place of the sub-agent. Gangline's own \
         agent `{agent}` works on it in a worktree of its own, from the last commit of {target}: \
         changes that are not committed there are not in it. What it commits is verified, and \
         then lands on {target}{leave}. Do not do this work yourself, and do not start another \
         sub-agent for it. Tell the person the key and go on with something else. `gangline show \
         {key}` says where it stands, `gangline logs {key}` what its agent does; `gangline run \
         {key}` waits for its end, so run that in the background."
    )
}

#[cfg(test)]
mod tests;
