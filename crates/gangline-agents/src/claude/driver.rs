//! From a plan to the command line.

use serde_json::{Map, json};

use crate::claude::protocol::{self, ClaudeProtocol};
use crate::claude::question::ASK_TOOL;
use crate::definition::{Definition, SystemPrompt};
use crate::driver::{AgentDriver, LaunchError, McpServer, Session, SessionPlan, SessionStart};
use crate::launch::Launch;
use crate::limits::{Applied, Limit};
use crate::session::LineSession;

/// The CLI's name on the PATH.
pub const PROGRAM: &str = "claude";
/// Bytes of a definition's body that fit an argument; the system allows 128 KiB for one.
const BODY_BYTES_MAX: usize = 120 * 1024;

/// Variables that make the CLI quiet and bounded. The plan may set them otherwise.
const QUIET: [(&str, &str); 8] = [
    ("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1"),
    ("DISABLE_TELEMETRY", "1"),
    ("DISABLE_ERROR_REPORTING", "1"),
    ("DISABLE_AUTOUPDATER", "1"),
    // Background work would go on after the first result, and outside the turn's accounts.
    ("CLAUDE_CODE_DISABLE_BACKGROUND_TASKS", "1"),
    // The few tools of ours are shown to the model at once, and not only when it searches for them.
    ("ENABLE_TOOL_SEARCH", "false"),
    // The CLI would otherwise wait for a silent provider for ever.
    ("API_TIMEOUT_MS", "600000"),
    // As root it refuses to work without permission prompts unless it is told that something
    // else confines it. That is Gangline's business: the sandbox, or a person's explicit word.
    ("IS_SANDBOX", "1"),
];

/// The driver of kind `claude`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Claude;

impl AgentDriver for Claude {
    fn kind(&self) -> &'static str {
        "claude"
    }

    fn launch(&self, plan: &SessionPlan) -> Result<Box<dyn Session>, LaunchError> {
        let definition = &plan.definition;
        if definition.body.len() > BODY_BYTES_MAX {
            return Err(LaunchError::Definition {
                agent: definition.name.to_string(),
                what: format!("its text has more than {BODY_BYTES_MAX} bytes"),
            });
        }
        let config = plan.home.join(".claude").to_string_lossy().into_owned();
        let launch = Launch {
            program: self.program(definition),
            args: arguments(plan),
            defaults: &QUIET,
            env: vec![("CLAUDE_CONFIG_DIR", config)],
        };
        let child = launch.start(plan)?;
        let resumed = matches!(plan.session, SessionStart::Resume { .. });
        let prompt = protocol::user_line(&plan.brief) + "\n";
        Ok(Box::new(LineSession::new(child, ClaudeProtocol::new(resumed), prompt.as_bytes())))
    }

    fn program(&self, definition: &Definition) -> String {
        definition.program.clone().unwrap_or_else(|| PROGRAM.to_owned())
    }

    fn needs_network(&self) -> bool {
        true
    }

    fn resumable(&self) -> bool {
        true
    }

    fn can_ask(&self, definition: &Definition) -> bool {
        !definition.disallowed_tools.iter().any(|tool| tool == ASK_TOOL)
    }

    fn takes_mcp(&self) -> bool {
        true
    }

    fn can_ask_leave(&self, _definition: &Definition) -> bool {
        true
    }

    fn applies(&self, limit: Limit, _definition: &Definition) -> Applied {
        match limit {
            Limit::Tools | Limit::DisallowedTools | Limit::MaxTurns => Applied::Whole,
        }
    }
}

fn arguments(plan: &SessionPlan) -> Vec<String> {
    let definition = &plan.definition;
    // Where leave must be asked, the CLI's own modes decide nothing: all comes to us.
    let mode = if plan.asks_leave { "default" } else { "bypassPermissions" };
    let mut args: Vec<String> = [
        "-p",
        "--verbose",
        "--input-format",
        "stream-json",
        "--output-format",
        "stream-json",
        "--permission-mode",
        mode,
        // Brings questions, and the few permissions that are asked for nevertheless, to us.
        "--permission-prompt-tool",
        "stdio",
        // Neither settings nor servers from the worktree: an agent could have written them.
        "--setting-sources",
        "user",
        "--strict-mcp-config",
    ]
    .map(str::to_owned)
    .into();
    let mut option = |name: &str, value: String| args.extend([name.to_owned(), value]);
    match &plan.session {
        SessionStart::Fresh { id: Some(id) } => option("--session-id", id.clone()),
        SessionStart::Fresh { id: None } => {}
        SessionStart::Resume { session } => option("--resume", session.clone()),
    }
    if let Some(model) = plan.model.as_ref().or(definition.model.as_ref()) {
        option("--model", model.clone());
    }
    if let Some(mut tools) = definition.tools.clone() {
        // Asking is not a tool that a project grants, but the way to a person.
        if Claude.can_ask(definition) && !tools.iter().any(|tool| tool == ASK_TOOL) {
            tools.push(ASK_TOOL.to_owned());
        }
        option("--tools", tools.join(","));
    }
    if !definition.disallowed_tools.is_empty() {
        option("--disallowedTools", definition.disallowed_tools.join(","));
    }
    if plan.asks_leave {
        // Even what this mode takes to be harmless, such as reading.
        option("--settings", json!({ "permissions": { "ask": ["*"] } }).to_string());
    }
    if !plan.mcp.is_empty() {
        option("--mcp-config", mcp_config(&plan.mcp));
    }
    if let Some(turns) = definition.max_turns {
        option("--max-turns", turns.to_string());
    }
    match definition.system_prompt {
        _ if definition.body.is_empty() => {}
        SystemPrompt::Append => option("--append-system-prompt", definition.body.clone()),
        SystemPrompt::Replace => {
            let name = definition.name.as_str();
            let agent = json!({ "description": definition.description, "prompt": definition.body });
            option("--agents", json!({ name: agent }).to_string());
            option("--agent", name.to_owned());
        }
    }
    args.extend(definition.args.iter().cloned());
    args
}

fn mcp_config(servers: &[McpServer]) -> String {
    let servers = servers.iter().map(|server| {
        let env: Map<_, _> =
            server.env.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
        let about = json!({
            "type": "stdio", "command": server.command, "args": server.args, "env": env,
        });
        (server.name.clone(), about)
    });
    json!({ "mcpServers": servers.collect::<Map<_, _>>() }).to_string()
}

#[cfg(test)]
mod tests;
