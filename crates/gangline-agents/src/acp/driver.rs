//! From a plan to the command line.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::presets::{ANY, PRESETS, Preset, Setup};
use super::protocol::{self, AcpProtocol};
use crate::definition::{Definition, SystemPrompt};
use crate::driver::{AgentDriver, LaunchError, McpServer, Session, SessionPlan};
use crate::launch::{self, Launch};
use crate::limits::{Applied, Limit};
use crate::session::LineSession;
use crate::{gemini, opencode, scripted};

/// The driver of kind `acp`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Acp;

impl AgentDriver for Acp {
    fn kind(&self) -> &'static str {
        "acp"
    }

    fn launch(&self, plan: &SessionPlan) -> Result<Box<dyn Session>, LaunchError> {
        let definition = &plan.definition;
        let wrong =
            |what: String| LaunchError::Definition { agent: definition.name.to_string(), what };
        let preset = preset(definition).map_err(wrong)?;
        let Some(setup) = preset.setup(plan.asks_leave) else {
            return Err(wrong(cannot_ask(preset)));
        };
        if definition.system_prompt == SystemPrompt::Replace {
            let what = "kind `acp` has no way to replace an agent's system prompt; leave \
                        `system_prompt` out";
            return Err(wrong(what.to_owned()));
        }
        let (program, mut args) = invocation(preset, definition);
        if program.is_empty() {
            return Err(wrong("it names neither a `preset` nor a `program`".to_owned()));
        }
        args.extend(preset.args.iter().chain(setup.args).map(ToString::to_string));
        args.extend(definition.args.iter().cloned());
        let env = environment(preset, setup, plan);
        prepare(preset, plan).map_err(|error| launch::unprepared(&program, error))?;
        let names = env.iter().map(|(name, _)| (*name).to_owned());
        let names = names.chain(plan.env.iter().map(|(name, _)| name.clone()));
        let (protocol, first) = AcpProtocol::new(protocol::Plan {
            preset,
            cwd: plan.cwd.to_string_lossy().into_owned(),
            session: plan.session.clone(),
            prompt: launch::first_prompt(plan),
            mcp: servers(&plan.mcp),
            model: plan.model.clone().or_else(|| definition.model.clone()),
            asks_leave: plan.asks_leave,
            env: names.collect(),
        });
        let child = Launch { program, args, defaults: preset.env, env }.start(plan)?;
        Ok(Box::new(LineSession::new(child, protocol, (first + "\n").as_bytes())))
    }

    fn program(&self, definition: &Definition) -> String {
        preset(definition).map_or_else(|_| String::new(), |preset| invocation(preset, definition).0)
    }

    fn needs_network(&self) -> bool {
        true
    }

    fn resumable(&self) -> bool {
        true
    }

    /// The protocol has requests for leave, but no questions in words.
    fn can_ask(&self, _: &Definition) -> bool {
        false
    }

    fn takes_mcp(&self) -> bool {
        true
    }

    fn can_ask_leave(&self, definition: &Definition) -> bool {
        preset(definition).is_ok_and(|preset| preset.setup(true).is_some())
    }

    fn applies(&self, limit: Limit, definition: &Definition) -> Applied {
        match (definition.preset.as_deref(), limit) {
            (Some("gemini"), _) => gemini::applied(limit, definition),
            (Some("opencode"), Limit::Tools | Limit::DisallowedTools) => {
                opencode::applied(limit, definition)
            }
            // The protocol has no word for a turn of the model.
            (_, Limit::MaxTurns | Limit::Tools | Limit::DisallowedTools) => Applied::Not,
        }
    }
}

fn preset(definition: &Definition) -> Result<&'static Preset, String> {
    let Some(name) = &definition.preset else { return Ok(&ANY) };
    Preset::named(name).ok_or_else(|| {
        let known: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        format!("there is no preset `{name}`; there are {}", known.join(", "))
    })
}

fn cannot_ask(preset: &Preset) -> String {
    let able = PRESETS.iter().filter(|preset| preset.setup(true).is_some());
    let able: Vec<&str> = able.map(|preset| preset.name).collect();
    let which = match preset.name {
        "" => "an agent without a preset".to_owned(),
        name => format!("preset `{name}`"),
    };
    format!(
        "{which} is not known to ask leave, which the project's rules need; these do: {}",
        able.join(", ")
    )
}

fn invocation(preset: &Preset, definition: &Definition) -> (String, Vec<String>) {
    match &definition.program {
        Some(program) => (program.clone(), vec![]),
        None if preset.name == "scripted" => scripted::invocation(definition),
        None => (preset.program.to_owned(), vec![]),
    }
}

fn environment(preset: &Preset, setup: Setup, plan: &SessionPlan) -> Vec<(&'static str, String)> {
    let below = |folder: &str| plan.home.join(folder).to_string_lossy().into_owned();
    let mut env: BTreeMap<&'static str, String> = launch::own_folders(&plan.home).into();
    env.extend(preset.folders.iter().map(|(name, folder)| (*name, below(folder))));
    env.extend(setup.env.iter().map(|(name, value)| (*name, (*value).to_owned())));
    if preset.name == "opencode" {
        // Servers of tools come over the protocol.
        env.extend(opencode::configuration(plan, &[]));
        env.extend(opencode::permission(plan));
    }
    env.into_iter().collect()
}

/// Makes what the agent does not make by itself.
fn prepare(preset: &Preset, plan: &SessionPlan) -> std::io::Result<()> {
    for (_, folder) in preset.folders {
        std::fs::create_dir_all(plan.home.join(folder))?;
    }
    if preset.name == "gemini" { gemini::prepare(plan, &[]) } else { Ok(()) }
}

fn servers(servers: &[McpServer]) -> Value {
    let pair = |(name, value): &(String, String)| json!({ "name": name, "value": value });
    let servers = servers.iter().map(|server| {
        let env: Vec<Value> = server.env.iter().map(pair).collect();
        json!({ "name": server.name, "command": server.command, "args": server.args, "env": env })
    });
    servers.collect()
}
