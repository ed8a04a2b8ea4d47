//! What the CLI's lines mean.

use std::collections::BTreeSet;
use std::time::Duration;

use gangline_domain::budget::Usage;
use gangline_process::Exit;
use serde_json::Value;

use crate::acp::SILENCE_MAX;
use crate::driver::{AgentEnd, AgentEvent, PlanItem, PlanStatus, SendError};
use crate::lines::Line;
use crate::provider::Trouble;
use crate::session::{Interrupt, Protocol};
use crate::speech::{Speech, shortened};

/// Fields of a tool's parameters that say most about it, best first.
const TELLING: [&str; 7] = ["command", "file_path", "pattern", "dir_path", "path", "url", "prompt"];
/// Fields of a tool's parameters that name files.
const PATHS: [&str; 4] = ["file_path", "absolute_path", "dir_path", "path"];
/// How the CLI says that the provider's API failed.
const API_ERROR: &str = "[API Error";
/// How a command's failure stands in the output of its success.
const FAILED_COMMAND: &str = "Command exited with code: ";
/// Exit codes of the CLI itself.
const EXIT_LOGIN: i32 = 41;
const EXIT_TURNS: i32 = 53;

/// Reads the CLI's output. Pure, so that recorded output can be replayed.
#[derive(Debug, Default)]
pub(super) struct GeminiProtocol {
    speech: Speech,
    /// Tools that run.
    running: BTreeSet<String>,
    spent: Usage,
    result: Option<Outcome>,
    interrupted: bool,
    silent: bool,
}

#[derive(Debug)]
enum Outcome {
    Success,
    Failure { message: String },
}

impl GeminiProtocol {
    fn understood(&mut self, line: &Value) -> Vec<AgentEvent> {
        let kind = text(line, "type");
        if kind == "message" {
            return match text(line, "role") {
                "assistant" => self.speech.piece(text(line, "content"), "", false),
                _ => vec![],
            };
        }
        let mut events = self.speech.flush();
        match kind {
            "init" => {
                let own = |key: &str| line[key].as_str().map(str::to_owned);
                events
                    .push(AgentEvent::Started { session: own("session_id"), model: own("model") });
            }
            "tool_use" => events.extend(self.tool_use(line)),
            "tool_result" => events.push(self.tool_result(line)),
            "result" => events.extend(self.result(line)),
            "error" => {
                let message = text(line, "message").to_owned();
                events.push(AgentEvent::Limit { message, resets_at_s: None });
            }
            _ => events.push(AgentEvent::Raw(line.to_string())),
        }
        events
    }

    fn tool_use(&mut self, line: &Value) -> Vec<AgentEvent> {
        let (id, tool) = (text(line, "tool_id").to_owned(), text(line, "tool_name").to_owned());
        let parameters = &line["parameters"];
        let telling = TELLING.iter().map(|key| text(parameters, key)).find(|told| !told.is_empty());
        let paths = PATHS.iter().map(|key| text(parameters, key)).filter(|path| !path.is_empty());
        let paths = paths.map(str::to_owned).collect();
        let plan = (tool == "write_todos").then(|| plan(parameters)).flatten();
        let detail = shortened(telling.unwrap_or_default());
        self.running.insert(id.clone());
        let started = AgentEvent::ToolStarted { id, tool, detail, paths };
        [Some(started), plan].into_iter().flatten().collect()
    }

    fn tool_result(&mut self, line: &Value) -> AgentEvent {
        let id = text(line, "tool_id").to_owned();
        self.running.remove(&id);
        let output = text(line, "output");
        let failed = output.lines().any(|line| line.starts_with(FAILED_COMMAND));
        let told = if output.is_empty() { text(&line["error"], "message") } else { output };
        let ok = text(line, "status") == "success" && !failed;
        AgentEvent::ToolFinished { id, ok, detail: shortened(told) }
    }

    fn result(&mut self, line: &Value) -> Option<AgentEvent> {
        self.result = Some(match text(line, "status") {
            "success" => Outcome::Success,
            _ => Outcome::Failure { message: text(&line["error"], "message").to_owned() },
        });
        let tokens = line["stats"]["total_tokens"].as_u64().unwrap_or(0);
        let usage = Usage { tokens, cost_microusd: 0, wall_ms: 0 };
        (usage != std::mem::replace(&mut self.spent, usage)).then_some(AgentEvent::Usage(usage))
    }
}

impl Protocol for GeminiProtocol {
    fn line(&mut self, line: &Line) -> Vec<AgentEvent> {
        let whole = (line.cut == 0).then(|| serde_json::from_str(&line.text).ok()).flatten();
        let events = whole.map(|value: Value| self.understood(&value));
        events.unwrap_or_else(|| vec![AgentEvent::Raw(line.shown())])
    }

    fn end(&mut self, exit: Exit, complaints: &str) -> AgentEnd {
        let crashed = |message: &str| AgentEnd::Crashed {
            message: message.to_owned(),
            exit: exit.to_string(),
        };
        match (self.result.take(), exit) {
            (Some(Outcome::Success), Exit::Code(0)) => {
                AgentEnd::Completed { summary: self.speech.last().to_owned() }
            }
            _ if self.interrupted => AgentEnd::Interrupted,
            (_, Exit::Code(EXIT_TURNS)) => {
                AgentEnd::GaveUp { reason: "it has used up its turns".to_owned() }
            }
            (Some(Outcome::Failure { message }), exit) => {
                match Trouble::of(status(exit, &message), &message) {
                    Some(trouble) => trouble.end(message),
                    None => crashed(&message),
                }
            }
            (_, Exit::Code(EXIT_LOGIN)) => AgentEnd::AuthFailed { message: complaints.to_owned() },
            (None, _) if self.silent => {
                let minutes = SILENCE_MAX.as_secs() / 60;
                let message = format!("no word from the model's provider for {minutes} minutes");
                AgentEnd::Quota { message, resets_at: None }
            }
            (Some(Outcome::Success) | None, _) => crashed(complaints),
        }
    }

    fn answer(&mut self, question: &str, _: &str) -> Result<String, SendError> {
        Err(SendError::NotOpen { question: question.to_owned() })
    }

    fn steer(&mut self, _: &str) -> Result<String, SendError> {
        Err(SendError::Deaf { kind: "gemini" })
    }

    fn interrupt(&mut self) -> Interrupt {
        self.interrupted = true;
        Interrupt::Signals
    }

    fn listens(&self) -> bool {
        false
    }

    fn has_result(&self) -> bool {
        self.result.is_some()
    }

    fn half_said(&self) -> bool {
        self.speech.is_open()
    }

    fn pause(&mut self) -> Vec<AgentEvent> {
        self.speech.pause()
    }

    fn patience(&self) -> Option<Duration> {
        (self.result.is_none() && self.running.is_empty()).then_some(SILENCE_MAX)
    }

    fn silent(&mut self) {
        self.silent = true;
    }
}

/// The HTTP status behind an exit code, where the provider's API failed.
fn status(exit: Exit, message: &str) -> Option<u64> {
    let Exit::Code(code) = exit else { return None };
    let code = u64::try_from(code).ok().filter(|_| message.starts_with(API_ERROR))?;
    (400..600).find(|status| status % 256 == code)
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn plan(parameters: &Value) -> Option<AgentEvent> {
    let items = parameters["todos"].as_array()?.iter().map(|todo| PlanItem {
        text: text(todo, "description").to_owned(),
        status: match text(todo, "status") {
            "completed" => PlanStatus::Done,
            "in_progress" => PlanStatus::InProgress,
            _ => PlanStatus::Pending,
        },
    });
    Some(AgentEvent::Plan(items.collect()))
}

#[cfg(test)]
mod tests;
