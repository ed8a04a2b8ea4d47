//! Drives `gangline scripted-agent`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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

/// The agent as a program of its own, which only this workspace's tests run.
pub const PROGRAM: &str = "gangline-scripted-agent";
/// The subcommand under which the program `gangline` is the agent.
pub const SUBCOMMAND: &str = "scripted-agent";
/// Names a program that is the agent without a subcommand.
const PROGRAM_ENV: &str = "GANGLINE_SCRIPTED_AGENT_BIN";
/// What the system appends to the path of a running program whose file was replaced.
const REPLACED: &str = " (deleted)";

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
        let (program, mut args) = invocation(definition);
        args.extend(["--brief".to_owned(), plan.brief_file.to_string_lossy().into_owned()]);
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
        let child = Launch { program, args, defaults: &[], env: vec![] }.start(plan)?;
        Ok(Box::new(LineSession::new(child, ScriptedProtocol::default(), &[])))
    }

    fn program(&self, definition: &Definition) -> String {
        invocation(definition).0
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

    fn takes_mcp(&self) -> bool {
        true
    }
}

/// The program, and the arguments that come before all others. Unless a program is named it is
/// this one, which then is `gangline`: one binary is enough.
pub(crate) fn invocation(definition: &Definition) -> (String, Vec<String>) {
    if let Some(program) = definition.program.clone().or_else(|| std::env::var(PROGRAM_ENV).ok()) {
        return (program, vec![]);
    }
    let own = std::env::current_exe().map_or_else(|_| PathBuf::from("gangline"), |own| kept(&own));
    (own.to_string_lossy().into_owned(), vec![SUBCOMMAND.to_owned()])
}

/// The path at which the program is, although it may have been upgraded since it was started.
fn kept(own: &Path) -> PathBuf {
    let shown = own.to_string_lossy();
    shown.strip_suffix(REPLACED).map_or_else(|| own.to_owned(), PathBuf::from)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn of(front_matter: &str) -> (String, Vec<String>) {
        let text = format!("---\nname: player\nkind: scripted\n{front_matter}\n---\n");
        invocation(&Definition::parse(&text, "player.md").unwrap().0)
    }

    #[test]
    fn a_program_that_is_named_needs_no_subcommand_and_this_one_does() {
        assert_eq!(of("program: /opt/agent"), ("/opt/agent".to_owned(), vec![]));
        if std::env::var_os(PROGRAM_ENV).is_none() {
            let own = std::env::current_exe().unwrap().to_string_lossy().into_owned();
            assert_eq!(of("description: d"), (own, vec!["scripted-agent".to_owned()]));
        }
    }

    #[test]
    fn a_program_that_was_upgraded_is_where_it_was() {
        assert_eq!(kept(Path::new("/bin/gangline (deleted)")), Path::new("/bin/gangline"));
        assert_eq!(kept(Path::new("/bin/gangline")), Path::new("/bin/gangline"));
    }
}
