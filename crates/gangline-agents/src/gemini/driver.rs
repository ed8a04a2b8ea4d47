//! From a plan to the command line and its settings.

use std::io;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::policy;
use super::protocol::GeminiProtocol;
use crate::definition::Definition;
use crate::driver::{AgentDriver, LaunchError, McpServer, Session, SessionPlan, SessionStart};
use crate::launch::{self, Launch};
use crate::limits::tools::{self, Words};
use crate::limits::{Applied, Limit};
use crate::session::LineSession;

/// The CLI's name on the PATH.
pub const PROGRAM: &str = "gemini";
/// Its folder below the home.
const FOLDER: &str = ".gemini";
/// In it, a definition's text that stands in place of the CLI's own.
const SYSTEM_FILE: &str = "gangline-system.md";
/// In it, rules about tools.
const POLICY_FILE: &str = "policies/gangline.toml";
/// How often the CLI asks an overloaded provider before it gives up.
const ATTEMPTS_MAX: u32 = 3;

/// How long a tool of a server may take: the CLI's own ten minutes may be over before a person has
/// answered. The attempt has bounds of its own for that.
const TOOL_MS_MAX: u32 = 24 * 60 * 60 * 1_000;

/// Variables that make the CLI quiet. The plan may set them otherwise.
pub(crate) const QUIET: [(&str, &str); 4] = [
    // As what it is: Gangline's own checkout, inside Gangline's sandbox.
    ("GEMINI_CLI_TRUST_WORKSPACE", "true"),
    // Otherwise the process that is started is not the one that works.
    ("GEMINI_CLI_NO_RELAUNCH", "true"),
    ("GEMINI_SANDBOX", "false"),
    ("GEMINI_TELEMETRY_ENABLED", "false"),
];

/// The driver of kind `gemini`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Gemini;

impl AgentDriver for Gemini {
    fn kind(&self) -> &'static str {
        "gemini"
    }

    fn launch(&self, plan: &SessionPlan) -> Result<Box<dyn Session>, LaunchError> {
        let definition = &plan.definition;
        launch::without_leave("gemini", plan)?;
        let program = self.program(definition);
        prepare(plan, &plan.mcp).map_err(|error| launch::unprepared(&program, error))?;
        let mut env = Vec::from(launch::own_folders(&plan.home));
        let prompt = if launch::replaces(definition) {
            let file = plan.home.join(FOLDER).join(SYSTEM_FILE);
            let written = std::fs::write(&file, &definition.body);
            written.map_err(|error| launch::unprepared(&program, error))?;
            env.push(("GEMINI_SYSTEM_MD", file.to_string_lossy().into_owned()));
            plan.brief.clone()
        } else {
            launch::first_prompt(plan)
        };
        let child = Launch { program, args: arguments(plan), defaults: &QUIET, env }.start(plan)?;
        Ok(Box::new(LineSession::new(child, GeminiProtocol::default(), prompt.as_bytes())))
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
        applied(limit, definition)
    }
}

/// How far the CLI is kept to a limit, however it is spoken to.
pub(crate) fn applied(limit: Limit, definition: &Definition) -> Applied {
    match limit {
        Limit::MaxTurns => Applied::Whole,
        Limit::Tools | Limit::DisallowedTools => tools::applied(limit, definition, Words::Gemini),
    }
}

fn arguments(plan: &SessionPlan) -> Vec<String> {
    let definition = &plan.definition;
    let fixed = ["--output-format", "stream-json", "--approval-mode", "yolo"];
    let mut args: Vec<String> = fixed.map(str::to_owned).into();
    let mut option = |name: &str, value: &str| args.extend([name.to_owned(), value.to_owned()]);
    match &plan.session {
        SessionStart::Fresh { id: Some(id) } => option("--session-id", id),
        SessionStart::Fresh { id: None } => {}
        SessionStart::Resume { session } => option("--resume", session),
    }
    if let Some(model) = plan.model.as_ref().or(definition.model.as_ref()) {
        option("--model", model);
    }
    args.extend(definition.args.iter().cloned());
    args
}

/// Writes the CLI's settings and policy into the attempt's home. What stands there already is kept,
/// but for what must not be otherwise.
pub(crate) fn prepare(plan: &SessionPlan, servers: &[McpServer]) -> io::Result<()> {
    let folder = plan.home.join(FOLDER);
    std::fs::create_dir_all(&folder)?;
    let file = folder.join("settings.json");
    let known = std::fs::read_to_string(&file).ok();
    let known = known.and_then(|text| serde_json::from_str(&text).ok());
    let mut settings: Map<String, Value> = known.unwrap_or_default();
    set(&mut settings, &["privacy", "usageStatisticsEnabled"], json!(false));
    set(&mut settings, &["telemetry", "enabled"], json!(false));
    set(&mut settings, &["general", "enableAutoUpdate"], json!(false));
    set(&mut settings, &["general", "enableAutoUpdateNotification"], json!(false));
    let lacks = |settings: &Map<String, Value>, pointer: &str| {
        Value::Object(settings.clone()).pointer(pointer).is_none()
    };
    if lacks(&settings, "/general/maxAttempts") {
        set(&mut settings, &["general", "maxAttempts"], json!(ATTEMPTS_MAX));
    }
    if lacks(&settings, "/security/auth/selectedType")
        && let Some(way) = way_in(plan)
    {
        set(&mut settings, &["security", "auth", "selectedType"], json!(way));
    }
    if let Some(turns) = plan.definition.max_turns {
        set(&mut settings, &["model", "maxSessionTurns"], json!(turns));
    }
    for server in servers {
        let env = server.env.iter().map(|(name, value)| (name.clone(), json!(value)));
        let about = json!({
            "command": server.command, "args": server.args, "trust": true, "timeout": TOOL_MS_MAX,
            "env": env.collect::<Map<_, _>>(),
        });
        set(&mut settings, &["mcpServers", &server.name], about);
    }
    std::fs::write(file, Value::Object(settings).to_string())?;
    limit(plan, servers, &folder.join(POLICY_FILE))
}

/// Writes the rules about tools, and forgets those of an earlier session.
fn limit(plan: &SessionPlan, servers: &[McpServer], file: &Path) -> io::Result<()> {
    if let Some(rules) = policy::rules(plan, servers) {
        file.parent().map_or(Ok(()), std::fs::create_dir_all)?;
        return std::fs::write(file, rules);
    }
    match std::fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Sets what is at the end of a way of names. What stands in the way and is no object goes.
fn set(settings: &mut Map<String, Value>, way: &[&str], value: Value) {
    let [name, rest @ ..] = way else { return };
    if rest.is_empty() {
        settings.insert((*name).to_owned(), value);
        return;
    }
    let next = settings.entry(*name).or_insert_with(|| json!({}));
    if !next.is_object() {
        *next = json!({});
    }
    if let Value::Object(next) = next {
        set(next, rest, value);
    }
}

/// How to log in, by the key that the plan carries.
fn way_in(plan: &SessionPlan) -> Option<&'static str> {
    let given = |name: &str| launch::planned(plan, name).is_some_and(|value| !value.is_empty());
    if given("GEMINI_API_KEY") {
        Some("gemini-api-key")
    } else {
        (given("GOOGLE_API_KEY") || given("GOOGLE_GENAI_USE_VERTEXAI")).then_some("vertex-ai")
    }
}
