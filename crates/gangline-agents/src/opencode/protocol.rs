//! What the CLI's lines mean.

use std::time::Duration;

use gangline_domain::budget::Usage;
use gangline_process::Exit;
use serde_json::Value;

use crate::acp::SILENCE_MAX;
use crate::driver::{AgentEnd, AgentEvent, PlanItem, PlanStatus, SendError};
use crate::lines::Line;
use crate::provider::Trouble;
use crate::session::{Interrupt, Protocol};
use crate::speech::shortened;

/// Fields of a tool's input that say most about it, best first.
const TELLING: [&str; 6] = ["command", "filePath", "pattern", "path", "url", "description"];
/// Fields of a tool's input that name files.
const PATHS: [&str; 2] = ["filePath", "path"];
/// What the CLI calls a tool that it does not have or that is denied, and its use a success.
const NO_TOOL: &str = "invalid";
/// What comes before the provider's words in a line of the log.
const LOGGED: &str = "error.error=\"";

/// Reads the CLI's output. Pure, so that recorded output can be replayed.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about one session")]
pub(super) struct OpencodeProtocol {
    started: bool,
    /// Whether the model is answering, or its tools run.
    in_step: bool,
    /// Why the last step ended.
    reason: String,
    said: String,
    spent: Usage,
    error: Option<Value>,
    interrupted: bool,
    silent: bool,
    /// Turns of the model that are over.
    turns: u32,
    turns_max: Option<u32>,
    /// Whether it would take another turn, and has none left.
    exhausted: bool,
}

impl OpencodeProtocol {
    /// For a session that may take so many turns of its model.
    pub(super) fn new(turns_max: Option<u32>) -> Self {
        Self { turns_max, ..Self::default() }
    }

    fn understood(&mut self, line: &Value) -> Option<Vec<AgentEvent>> {
        let part = &line["part"];
        let events = match text(line, "type") {
            "step_start" => {
                self.in_step = true;
                self.goes_on();
                vec![]
            }
            "text" => {
                text(part, "text").clone_into(&mut self.said);
                vec![AgentEvent::Message { text: self.said.clone() }]
            }
            "reasoning" => vec![AgentEvent::Thought { text: text(part, "text").to_owned() }],
            "tool_use" => tool(part),
            "step_finish" => {
                self.in_step = false;
                text(part, "reason").clone_into(&mut self.reason);
                self.turns = self.turns.saturating_add(1);
                if self.reason == "tool-calls" {
                    self.goes_on();
                }
                vec![AgentEvent::Usage(self.spend(part))]
            }
            "error" => {
                self.error = Some(line["error"].clone());
                vec![]
            }
            _ => return None,
        };
        let session = line["sessionID"].as_str().filter(|_| !self.started).map(str::to_owned);
        self.started |= session.is_some();
        let started =
            session.map(|session| AgentEvent::Started { session: Some(session), model: None });
        Some(started.into_iter().chain(events).collect())
    }

    /// Takes note that the model's next turn begins.
    fn goes_on(&mut self) {
        self.exhausted |= self.turns_max.is_some_and(|max| self.turns >= max);
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a float is cast with saturation, and is never below zero"
    )]
    fn spend(&mut self, part: &Value) -> Usage {
        let tokens = &part["tokens"];
        let counts =
            [&tokens["input"], &tokens["output"], &tokens["reasoning"], &tokens["cache"]["write"]];
        let tokens = counts.iter().filter_map(|count| count.as_u64()).fold(0, u64::saturating_add);
        let dollars = part["cost"].as_f64().unwrap_or(0.0).max(0.0);
        let cost_microusd = (dollars * 1_000_000.0).round() as u64;
        self.spent = self.spent.plus(Usage { tokens, cost_microusd, wall_ms: 0 });
        self.spent
    }

    fn failed(error: &Value, exit: Exit) -> AgentEnd {
        let data = &error["data"];
        let name = text(error, "name");
        let said = text(data, "message");
        let message = if said.is_empty() { name.to_owned() } else { said.to_owned() };
        let trouble = match name {
            "ProviderAuthError" => Some(Trouble::Refuses),
            _ => Trouble::of(data["statusCode"].as_u64(), &message),
        };
        trouble.map_or_else(
            || AgentEnd::Crashed { message: message.clone(), exit: exit.to_string() },
            |trouble| trouble.end(message.clone()),
        )
    }
}

impl Protocol for OpencodeProtocol {
    fn line(&mut self, line: &Line) -> Vec<AgentEvent> {
        let whole = (line.cut == 0).then(|| serde_json::from_str(&line.text).ok()).flatten();
        let events = whole.and_then(|value: Value| self.understood(&value));
        events.unwrap_or_else(|| vec![AgentEvent::Raw(line.shown())])
    }

    fn end(&mut self, exit: Exit, complaints: &str) -> AgentEnd {
        let summary = || self.said.trim().to_owned();
        let crashed = |message: &str| AgentEnd::Crashed {
            message: message.to_owned(),
            exit: exit.to_string(),
        };
        match (self.error.take(), self.reason.as_str()) {
            (None, "stop") if exit == Exit::Code(0) && !self.exhausted => {
                AgentEnd::Completed { summary: summary() }
            }
            _ if self.interrupted => AgentEnd::Interrupted,
            _ if self.exhausted => {
                AgentEnd::GaveUp { reason: "it has used up its turns".to_owned() }
            }
            (Some(error), _) => Self::failed(&error, exit),
            (None, _) if self.silent => silent(complaints),
            (None, "length") => {
                AgentEnd::GaveUp { reason: "the model's answer was too long".to_owned() }
            }
            (None, _) if exit == Exit::Code(0) => {
                crashed(&format!("it ended in the middle of its work\n{complaints}"))
            }
            (None, _) => crashed(complaints),
        }
    }

    fn answer(&mut self, question: &str, _: &str) -> Result<String, SendError> {
        Err(SendError::NotOpen { question: question.to_owned() })
    }

    fn steer(&mut self, _: &str) -> Result<String, SendError> {
        Err(SendError::Deaf { kind: "opencode" })
    }

    fn interrupt(&mut self) -> Interrupt {
        self.interrupted = true;
        Interrupt::Signals
    }

    fn listens(&self) -> bool {
        false
    }

    fn has_result(&self) -> bool {
        self.exhausted
    }

    /// It would work on.
    fn linger(&self) -> Duration {
        Duration::ZERO
    }

    fn patience(&self) -> Option<Duration> {
        (!self.in_step).then_some(SILENCE_MAX)
    }

    fn silent(&mut self) {
        self.silent = true;
    }
}

/// The provider does not answer; its last words are in the log.
fn silent(complaints: &str) -> AgentEnd {
    let logged = complaints.lines().rev().find_map(|line| line.split_once(LOGGED));
    let words = logged.map(|(_, words)| words.trim_end_matches('"')).unwrap_or_default();
    let minutes = SILENCE_MAX.as_secs() / 60;
    let message = format!("no word from the model's provider for {minutes} minutes {words}");
    let message = message.trim_end().to_owned();
    match Trouble::of(None, words) {
        Some(trouble) => trouble.end(message),
        None => AgentEnd::Quota { message, resets_at: None },
    }
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// A use that is over. It is not told when it begins.
fn tool(part: &Value) -> Vec<AgentEvent> {
    let (state, id) = (&part["state"], text(part, "callID").to_owned());
    let input = &state["input"];
    let telling = TELLING.iter().map(|key| text(input, key)).find(|told| !told.is_empty());
    let paths = PATHS.iter().map(|key| text(input, key)).filter(|path| !path.is_empty());
    let started = AgentEvent::ToolStarted {
        id: id.clone(),
        tool: text(part, "tool").to_owned(),
        detail: shortened(telling.unwrap_or_default()),
        paths: paths.map(str::to_owned).collect(),
    };
    let code = state["metadata"]["exit"].as_i64().unwrap_or(0);
    let was_there = text(part, "tool") != NO_TOOL;
    let ok = text(state, "status") == "completed" && code == 0 && was_there;
    let said = [text(state, "output"), text(state, "error")];
    let said = said.into_iter().find(|said| !said.is_empty()).unwrap_or_default();
    let finished = AgentEvent::ToolFinished { id, ok, detail: shortened(said) };
    let plan = (text(part, "tool") == "todowrite").then(|| plan(input)).flatten();
    [Some(started), Some(finished), plan].into_iter().flatten().collect()
}

fn plan(input: &Value) -> Option<AgentEvent> {
    let items = input["todos"].as_array()?.iter().map(|todo| PlanItem {
        text: text(todo, "content").to_owned(),
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
