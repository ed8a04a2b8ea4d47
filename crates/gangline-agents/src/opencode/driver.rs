//! From a plan to the command line and its configuration.

use serde_json::{Map, Value, json};

use super::permission;
use super::protocol::OpencodeProtocol;
use crate::definition::Definition;
use crate::driver::{AgentDriver, LaunchError, McpServer, Session, SessionPlan, SessionStart};
use crate::launch::{self, Launch};
use crate::limits::tools::{self, Words};
use crate::limits::{Applied, Limit};
use crate::session::LineSession;

/// The CLI's name on the PATH.
pub const PROGRAM: &str = "opencode";
/// Carries configuration as JSON.
const CONFIG_ENV: &str = "OPENCODE_CONFIG_CONTENT";
/// The agent in whose words a definition's text stands in place of the CLI's own.
const OWN_AGENT: &str = "gangline";

/// Variables that make the CLI quiet, and deaf to what an agent may have written into the
/// worktree. The plan may set them otherwise.
pub(crate) const QUIET: [(&str, &str); 6] = [
    ("OPENCODE_DISABLE_AUTOUPDATE", "1"),
    ("OPENCODE_DISABLE_MODELS_FETCH", "1"),
    ("OPENCODE_DISABLE_LSP_DOWNLOAD", "1"),
    ("OPENCODE_DISABLE_DEFAULT_PLUGINS", "1"),
    ("OPENCODE_DISABLE_PROJECT_CONFIG", "1"),
    ("OPENCODE_DISABLE_SHARE", "1"),
];

/// The driver of kind `opencode`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Opencode;

impl AgentDriver for Opencode {
    fn kind(&self) -> &'static str {
        "opencode"
    }

    fn launch(&self, plan: &SessionPlan) -> Result<Box<dyn Session>, LaunchError> {
        launch::without_leave("opencode", plan)?;
        let mut env = Vec::from(launch::own_folders(&plan.home));
        env.push(("OPENCODE_PERMISSION", "{\"*\":\"allow\"}".to_owned()));
        env.extend(permission::permission(plan));
        env.extend(configuration(plan, &plan.mcp));
        let program = self.program(&plan.definition);
        let child = Launch { program, args: arguments(plan), defaults: &QUIET, env }.start(plan)?;
        let prompt = prompt(plan);
        let protocol = OpencodeProtocol::new(plan.definition.max_turns);
        Ok(Box::new(LineSession::new(child, protocol, prompt.as_bytes())))
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

    fn can_ask(&self, _: &Definition) -> bool {
        false
    }

    fn takes_mcp(&self) -> bool {
        true
    }

    fn applies(&self, limit: Limit, definition: &Definition) -> Applied {
        match limit {
            Limit::MaxTurns => Applied::Whole,
            Limit::Tools | Limit::DisallowedTools => applied(limit, definition),
        }
    }
}

/// How far the CLI is kept to a limit, however it is spoken to. Its turns are counted by its
/// headless run alone.
pub(crate) fn applied(limit: Limit, definition: &Definition) -> Applied {
    tools::applied(limit, definition, Words::Opencode)
}

fn prompt(plan: &SessionPlan) -> String {
    if launch::replaces(&plan.definition) { plan.brief.clone() } else { launch::first_prompt(plan) }
}

fn arguments(plan: &SessionPlan) -> Vec<String> {
    let definition = &plan.definition;
    // What went wrong with the provider stands in its log only.
    let fixed = ["run", "--format", "json", "--thinking", "--print-logs", "--log-level", "ERROR"];
    let mut args: Vec<String> = fixed.map(str::to_owned).into();
    let mut option = |name: &str, value: &str| args.extend([name.to_owned(), value.to_owned()]);
    if let SessionStart::Resume { session } = &plan.session {
        option("--session", session);
    }
    if let Some(model) = plan.model.as_ref().or(definition.model.as_ref()) {
        option("--model", model);
    }
    if launch::replaces(definition) {
        option("--agent", OWN_AGENT);
    }
    args.extend(definition.args.iter().cloned());
    args
}

/// The configuration: the plan's own where it has one, and in it what is always so.
pub(crate) fn configuration(
    plan: &SessionPlan,
    servers: &[McpServer],
) -> Option<(&'static str, String)> {
    let definition = &plan.definition;
    let own = launch::planned(plan, CONFIG_ENV).unwrap_or("{}");
    // What is not JSON is left to the CLI to complain about.
    let Ok(Value::Object(mut config)) = serde_json::from_str(own) else { return None };
    if permission::permission(plan).is_some() {
        permission::without_own(&mut config);
    }
    config.insert("autoupdate".to_owned(), json!(false));
    config.insert("share".to_owned(), json!("disabled"));
    let mut add = |key: &str, name: &str, value: Value| {
        let all = config.entry(key).or_insert_with(|| json!({}));
        if let Value::Object(all) = all {
            all.insert(name.to_owned(), value);
        }
    };
    for server in servers {
        add("mcp", &server.name, local(server));
    }
    if launch::replaces(definition) {
        let about = json!({
            "mode": "primary", "description": definition.description, "prompt": definition.body,
        });
        add("agent", OWN_AGENT, about);
    }
    Some((CONFIG_ENV, Value::Object(config).to_string()))
}

fn local(server: &McpServer) -> Value {
    let command: Vec<&String> = std::iter::once(&server.command).chain(&server.args).collect();
    let env = server.env.iter().map(|(name, value)| (name.clone(), json!(value)));
    json!({
        "type": "local", "enabled": true, "command": command,
        "environment": env.collect::<Map<_, _>>(),
    })
}
