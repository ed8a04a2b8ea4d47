//! From a plan to the command line and the first request.

use std::time::Duration;

use gangline_process::Tier;
use serde_json::{Value, json};

use crate::codex::config;
use crate::codex::exec::ExecProtocol;
use crate::codex::protocol::CodexProtocol;
use crate::definition::{Definition, SystemPrompt};
use crate::driver::{AgentDriver, LaunchError, Session, SessionPlan, SessionStart};
use crate::launch::{Launch, first_prompt, located, planned, unprepared};
use crate::limits::{Applied, Limit};
use crate::session::LineSession;

/// The CLI's name on the PATH.
pub const PROGRAM: &str = "codex";
/// The tool by which the agent asks a person.
const ASK_TOOL: &str = "request_user_input";
/// How long a provider may say nothing, unless the plan sets [`SILENCE_ENV`], in milliseconds.
const SILENCE_MS_MAX: u64 = 600_000;
/// The same variable bounds kind `claude`.
const SILENCE_ENV: &str = "API_TIMEOUT_MS";

/// The driver of kind `codex`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Codex;

/// How the program is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// As a server of one session: asks, listens, can be interrupted.
    Server,
    /// For one prompt: does none of that.
    Exec,
}

impl AgentDriver for Codex {
    fn kind(&self) -> &'static str {
        "codex"
    }

    fn launch(&self, plan: &SessionPlan) -> Result<Box<dyn Session>, LaunchError> {
        let definition = &plan.definition;
        let refuse =
            |what: String| LaunchError::Definition { agent: definition.name.to_string(), what };
        let mode = mode(definition).map_err(refuse)?;
        if mode == Mode::Exec && plan.asks_leave {
            return Err(refuse("it cannot ask leave in mode `exec`".to_owned()));
        }
        let program = self.program(definition);
        config::write(plan, self.can_ask(definition))
            .map_err(|error| unprepared(&program, error))?;
        let home = config::folder(&plan.home).to_string_lossy().into_owned();
        let args = arguments(mode, plan);
        let plan = &with_company(plan, &program);
        let launch = Launch { program, args, defaults: &[], env: vec![("CODEX_HOME", home)] };
        let child = launch.start(plan)?;
        let resumed = matches!(plan.session, SessionStart::Resume { .. });
        let silence = planned(plan, SILENCE_ENV).and_then(|ms| ms.parse().ok());
        let silence = Duration::from_millis(silence.unwrap_or(SILENCE_MS_MAX));
        Ok(match mode {
            Mode::Server => {
                let protocol =
                    CodexProtocol::new(thread_request(plan), plan.brief.clone(), silence);
                let first = protocol.first() + "\n";
                Box::new(LineSession::new(child, protocol, first.as_bytes()))
            }
            Mode::Exec => {
                let prompt = first_prompt(plan);
                let protocol = ExecProtocol::new(resumed, silence);
                Box::new(LineSession::new(child, protocol, prompt.as_bytes()))
            }
        })
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
        let other = |tool: &String| !asks(tool);
        self.can_ask_leave(definition) && definition.disallowed_tools.iter().all(other)
    }

    fn takes_mcp(&self) -> bool {
        true
    }

    fn can_ask_leave(&self, definition: &Definition) -> bool {
        mode(definition) == Ok(Mode::Server)
    }

    fn applies(&self, limit: Limit, definition: &Definition) -> Applied {
        match limit {
            Limit::DisallowedTools if definition.disallowed_tools.iter().all(|tool| asks(tool)) => {
                Applied::Whole
            }
            Limit::DisallowedTools | Limit::Tools | Limit::MaxTurns => Applied::Not,
        }
    }
}

/// Whether this is the tool by which the agent asks a person, by its own name or Claude Code's.
fn asks(tool: &str) -> bool {
    tool == ASK_TOOL || tool == "AskUserQuestion"
}

/// Shows what the program cannot work without inside the sandbox: newer models are given one tool
/// that runs code, which is another program beside it.
fn with_company(plan: &SessionPlan, program: &str) -> SessionPlan {
    let own = located(program, plan).filter(|_| plan.sandbox.tier != Tier::L0);
    let company = own.and_then(|own| {
        let folder = own.parent()?;
        let beside = [folder.join("codex-code-mode-host"), folder.join("../codex-resources")];
        let there = beside.into_iter().filter_map(|path| path.canonicalize().ok());
        Some(there.collect::<Vec<_>>())
    });
    let mut plan = plan.clone();
    plan.sandbox = plan.sandbox.read_only(company.unwrap_or_default());
    plan
}

fn mode(definition: &Definition) -> Result<Mode, String> {
    match definition.mode.as_deref() {
        None | Some("app-server") => Ok(Mode::Server),
        Some("exec") => Ok(Mode::Exec),
        Some(other) => Err(format!("mode `{other}` is not known; known are app-server and exec")),
    }
}

fn arguments(mode: Mode, plan: &SessionPlan) -> Vec<String> {
    let mut args: Vec<String> = match (mode, &plan.session) {
        (Mode::Server, _) => vec!["app-server".to_owned()],
        (Mode::Exec, session) => {
            // In this order: `resume` takes no options of `exec` behind it.
            let fixed = ["exec", "--json", "--skip-git-repo-check"].map(str::to_owned);
            let mut args: Vec<String> = fixed.into();
            args.extend(plan.definition.args.iter().cloned());
            if let SessionStart::Resume { session } = session {
                args.extend(["resume".to_owned(), session.clone()]);
            }
            args.push("-".to_owned());
            return args;
        }
    };
    args.extend(plan.definition.args.iter().cloned());
    args
}

/// Method and parameters that begin the thread, or go on with it.
fn thread_request(plan: &SessionPlan) -> (&'static str, Value) {
    let definition = &plan.definition;
    let mut params = json!({ "cwd": plan.cwd });
    if plan.asks_leave {
        // For each command, change of files and servers' tool; rules that would give leave are
        // in none of the places where it looks for them.
        params["approvalPolicy"] = "untrusted".into();
    }
    if !definition.body.is_empty() {
        let place = match definition.system_prompt {
            SystemPrompt::Append => "developerInstructions",
            SystemPrompt::Replace => "baseInstructions",
        };
        params[place] = definition.body.clone().into();
    }
    match &plan.session {
        SessionStart::Fresh { .. } => ("thread/start", params),
        SessionStart::Resume { session } => {
            params["threadId"] = session.clone().into();
            params["excludeTurns"] = true.into();
            ("thread/resume", params)
        }
    }
}

#[cfg(test)]
mod tests;
