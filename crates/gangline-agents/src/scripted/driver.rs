//! Drives `gangline-scripted-agent`.

use std::collections::BTreeSet;

use gangline_process::Exit;

use crate::definition::Definition;
use crate::driver::{
    AgentDriver, AgentEnd, AgentEvent, LaunchError, SendError, Session, SessionPlan, SessionStart,
};
use crate::launch::Launch;
use crate::lines::Line;
use crate::scripted::protocol::{How, Said, Told};
use crate::scripted::script::Script;
use crate::session::{Interrupt, LineSession, Protocol};

/// The agent's program: looked for beside this program, then on the PATH.
pub const PROGRAM: &str = "gangline-scripted-agent";
/// Overrides where the program is, for tests.
const PROGRAM_ENV: &str = "GANGLINE_SCRIPTED_AGENT_BIN";

/// Bytes of a script that may be an argument; the system allows 128 KiB for one.
const INLINE_BYTES_MAX: usize = 120 * 1024;

/// The driver of kind `scripted`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Scripted;

impl AgentDriver for Scripted {
    fn kind(&self) -> &'static str {
        "scripted"
    }

    fn launch(&self, plan: &SessionPlan) -> Result<Box<dyn Session>, LaunchError> {
        let definition = &plan.definition;
        let mut args = vec!["--brief".to_owned(), plan.brief_file.to_string_lossy().into_owned()];
        match &plan.session {
            SessionStart::Fresh { id: Some(id) } => {
                args.extend(["--session".to_owned(), id.clone()]);
            }
            SessionStart::Fresh { id: None } => {}
            SessionStart::Resume { session } => {
                args.extend(["--resume".to_owned(), session.clone()]);
            }
        }
        match &definition.script {
            Some(text) if text.contains('\n') => {
                // Refused before anything runs, with the definition's name.
                Script::parse(text, &format!("script of agent {}", definition.name), 0)?;
                if text.len() > INLINE_BYTES_MAX {
                    return Err(LaunchError::Definition {
                        agent: definition.name.to_string(),
                        what: "the script is too long to stand in the definition".to_owned(),
                    });
                }
                args.extend(["--inline".to_owned(), text.clone()]);
            }
            Some(path) => args.extend(["--script".to_owned(), path.clone()]),
            None => {}
        }
        args.extend(definition.args.iter().cloned());
        let child = Launch { program: self.program(definition), args, defaults: &[], env: vec![] }
            .start(plan)?;
        Ok(Box::new(LineSession::new(child, ScriptedProtocol::default(), &[])))
    }

    fn program(&self, definition: &Definition) -> String {
        if let Some(program) = &definition.program {
            return program.clone();
        }
        if let Ok(program) = std::env::var(PROGRAM_ENV) {
            return program;
        }
        let beside = std::env::current_exe().ok().and_then(|own| {
            let folder = own.parent()?;
            // Test programs live one folder deeper.
            let folders = [Some(folder), folder.parent()];
            folders.into_iter().flatten().map(|f| f.join(PROGRAM)).find(|file| file.is_file())
        });
        beside.map_or_else(|| PROGRAM.to_owned(), |file| file.to_string_lossy().into_owned())
    }

    fn needs_network(&self) -> bool {
        false
    }

    fn resumable(&self) -> bool {
        true
    }

    fn can_ask(&self, _: &Definition) -> bool {
        true
    }
}

/// Reads [`Said`] and writes [`Told`].
#[derive(Default)]
struct ScriptedProtocol {
    open_questions: BTreeSet<String>,
    finished: Option<AgentEnd>,
    interrupted: bool,
}

impl ScriptedProtocol {
    fn said(&mut self, said: Said) -> Option<AgentEvent> {
        Some(match said {
            Said::Started { session, model, .. } => {
                AgentEvent::Started { session: Some(session), model: Some(model) }
            }
            Said::Message { text } => AgentEvent::Message { text },
            Said::Thought { text } => AgentEvent::Thought { text },
            Said::ToolStarted { id, tool, detail, paths } => {
                AgentEvent::ToolStarted { id, tool, detail, paths }
            }
            Said::ToolFinished { id, ok, detail } => AgentEvent::ToolFinished { id, ok, detail },
            Said::Plan { items } => AgentEvent::Plan(items),
            Said::Usage { tokens, cost_microusd } => {
                AgentEvent::Usage(gangline_domain::budget::Usage {
                    tokens,
                    cost_microusd,
                    wall_ms: 0,
                })
            }
            Said::Question { id, text, options } => {
                self.open_questions.insert(id.clone());
                AgentEvent::Question { id, text, options, permission: None }
            }
            Said::Finished { how, text, resets_at } => {
                self.finished = Some(end(how, text, resets_at));
                return None;
            }
        })
    }
}

fn end(how: How, text: String, resets_at: Option<i64>) -> AgentEnd {
    match how {
        How::Completed => AgentEnd::Completed { summary: text },
        How::GaveUp => AgentEnd::GaveUp { reason: text },
        How::NoChangeNeeded => AgentEnd::NoChangeNeeded { reason: text },
        How::Quota => AgentEnd::Quota { message: text, resets_at },
        How::AuthFailed => AgentEnd::AuthFailed { message: text },
        How::Interrupted => AgentEnd::Interrupted,
    }
}

impl Protocol for ScriptedProtocol {
    fn line(&mut self, line: &Line) -> Vec<AgentEvent> {
        match serde_json::from_str(&line.text) {
            Ok(said) if line.cut == 0 => self.said(said).into_iter().collect(),
            Ok(_) | Err(_) => vec![AgentEvent::Raw(line.shown())],
        }
    }

    fn end(&mut self, exit: Exit, complaints: &str) -> AgentEnd {
        match self.finished.take() {
            Some(end) => end,
            None if self.interrupted => AgentEnd::Interrupted,
            None => AgentEnd::Crashed { message: complaints.to_owned(), exit: exit.to_string() },
        }
    }

    fn answer(&mut self, question: &str, text: &str) -> Result<String, SendError> {
        let question = question.to_owned();
        if !self.open_questions.remove(&question) {
            return Err(SendError::NotOpen { question });
        }
        Ok(told(&Told::Answer { question, text: text.to_owned() }))
    }

    fn steer(&mut self, text: &str) -> Result<String, SendError> {
        Ok(told(&Told::Steer { text: text.to_owned() }))
    }

    fn interrupt(&mut self) -> Interrupt {
        self.interrupted = true;
        Interrupt::Line(told(&Told::Interrupt))
    }

    fn listens(&self) -> bool {
        self.finished.is_none()
    }

    fn has_result(&self) -> bool {
        self.finished.is_some()
    }
}

fn told(told: &Told) -> String {
    serde_json::to_string(told).expect("BUG: plain data does not serialise")
}
