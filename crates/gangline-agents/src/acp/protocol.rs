//! What the agent's lines mean, and what it is told in return.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use gangline_process::Exit;
use serde_json::{Value, json};

use super::leave::{self, Asked};
use super::presets::{Preset, Steering};
use super::prompts::Prompts;
use super::spent::Spent;
use super::tools::Tools;
use super::wire::{self, Incoming, RpcError, list, text};
use crate::LINE_BYTES_MAX;
use crate::driver::{AgentEnd, AgentEvent, PlanItem, PlanStatus, SendError, SessionStart};
use crate::lines::Line;
use crate::provider::Trouble;
use crate::session::{Interrupt, Protocol};
use crate::speech::Speech;

mod opening;

/// The version that is spoken here.
pub(super) const VERSION: u64 = 1;
/// How long the agent may take for each step until its session is open.
const OPENING_MAX: Duration = Duration::from_mins(3);
/// Updates that say nothing about the work.
const QUIET: [&str; 5] = [
    "available_commands_update",
    "current_mode_update",
    "config_option_update",
    "session_info_update",
    "user_message_chunk",
];

/// What a session is opened with.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) preset: &'static Preset,
    pub(super) cwd: String,
    pub(super) session: SessionStart,
    /// The first thing that it is told.
    pub(super) prompt: String,
    /// In the protocol's shape.
    pub(super) mcp: Value,
    pub(super) model: Option<String>,
    pub(super) asks_leave: bool,
    /// Names of the variables that the agent has been given.
    pub(super) env: BTreeSet<String>,
}

/// A request of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sent {
    Initialise,
    Login,
    Open,
    Model,
    Prompt,
}

/// How the work ended.
#[derive(Debug, Clone, PartialEq)]
enum Outcome {
    /// The agent's turn is over.
    Stopped { reason: String },
    /// A request failed.
    Failed(RpcError),
    /// Somebody has to log in.
    LoggedOut { message: String },
    /// It cannot be worked with.
    Broken { message: String },
}

/// Reads the agent's output. Pure, so that recorded output can be replayed.
#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts about one session")]
pub(super) struct AcpProtocol {
    plan: Plan,
    sent: BTreeMap<u64, Sent>,
    requests: u64,
    replies: Vec<String>,
    /// What the agent said about itself.
    agent: Value,
    tried_login: bool,
    /// The session's id, once it is open.
    session: Option<String>,
    /// Whether its past is being repeated.
    loading: bool,
    speech: Speech,
    tools: Tools,
    spent: Spent,
    /// Open questions, by the id that they are shown under.
    asked: BTreeMap<String, Asked>,
    questions: u32,
    prompts: Prompts,
    /// Whether a turn is being cancelled so that something can be said.
    yielding: bool,
    broken: Option<String>,
    outcome: Option<Outcome>,
    interrupted: bool,
    silent: bool,
}

impl AcpProtocol {
    /// A protocol, and its first line.
    pub(super) fn new(plan: Plan) -> (Self, String) {
        let tools = Tools::new(plan.cwd.clone());
        let mut own = Self {
            plan,
            sent: BTreeMap::new(),
            requests: 0,
            replies: vec![],
            agent: Value::Null,
            tried_login: false,
            session: None,
            loading: false,
            speech: Speech::default(),
            tools,
            spent: Spent::default(),
            asked: BTreeMap::new(),
            questions: 0,
            prompts: Prompts::default(),
            yielding: false,
            broken: None,
            outcome: None,
            interrupted: false,
            silent: false,
        };
        let first = own.initialise();
        (own, first)
    }

    fn request(&mut self, sent: Sent, method: &str, params: &Value) -> String {
        let id = self.requests;
        self.requests += 1;
        self.sent.insert(id, sent);
        wire::request(id, method, params)
    }

    fn prompt(&mut self, said: String) -> String {
        let prompt = json!([{ "type": "text", "text": &said }]);
        self.prompts.sent(self.requests, said);
        let params = json!({ "sessionId": self.session, "prompt": prompt });
        self.request(Sent::Prompt, "session/prompt", &params)
    }

    fn cancel(&mut self) -> String {
        // The protocol wants what is asked meanwhile to be answered so.
        let open = std::mem::take(&mut self.asked);
        let mut lines: Vec<String> = open.values().map(Asked::cancelled).collect();
        lines.push(wire::notice("session/cancel", &json!({ "sessionId": self.session })));
        lines.join("\n")
    }

    /// `None` for what is not known.
    fn understood(&mut self, incoming: Incoming) -> Option<Vec<AgentEvent>> {
        match incoming {
            Incoming::Request { id, method, params } => self.requested(id, &method, &params),
            Incoming::Notice { method, params } => {
                if method != "session/update" {
                    return None;
                }
                let ours = self.session.is_none()
                    || self.session.as_deref() == params["sessionId"].as_str();
                if ours { self.update(&params["update"]) } else { None }
            }
            Incoming::Answer { id, result } => {
                let sent = self.sent.remove(&id)?;
                Some(match sent {
                    Sent::Prompt => self.prompt_answered(id, result),
                    Sent::Initialise | Sent::Login | Sent::Open | Sent::Model => {
                        self.opening_answered(sent, result)
                    }
                })
            }
        }
    }

    fn requested(&mut self, id: Value, method: &str, params: &Value) -> Option<Vec<AgentEvent>> {
        if method != "session/request_permission" {
            let words = "this client does not offer that";
            self.replies.push(wire::refusal(&id, wire::UNKNOWN_METHOD, words));
            return None;
        }
        self.prompts.goes_on();
        let asked = Asked::read(id, params);
        let mut events = self.speech.flush();
        let (permission, started) = self.tools.asked(&params["toolCall"]);
        events.extend(started);
        if self.interrupted || self.yielding {
            self.replies.push(asked.cancelled());
            return Some(events);
        }
        let choices = asked.choices();
        if !self.plan.asks_leave && choices.is_none() {
            let answered = asked.allowed();
            if !answered.given {
                self.prompts.denied("it could not be given for this one time");
            }
            self.replies.push(answered.line);
            return Some(events);
        }
        self.questions += 1;
        let id = format!("ask-{}", self.questions);
        self.asked.insert(id.clone(), asked);
        events.push(if let Some(options) = choices {
            let text = text(&params["toolCall"], "title").to_owned();
            AgentEvent::Question { id, text, options, permission: None }
        } else {
            let (text, options) = leave::shown(&permission);
            AgentEvent::Question { id, text, options, permission: Some(permission) }
        });
        Some(events)
    }

    fn update(&mut self, update: &Value) -> Option<Vec<AgentEvent>> {
        let kind = text(update, "sessionUpdate");
        if kind == "usage_update" {
            let usage = self.spent.update(update, self.loading);
            return Some(usage.map(AgentEvent::Usage).into_iter().collect());
        }
        if self.loading || QUIET.contains(&kind) {
            return Some(vec![]);
        }
        match kind {
            "agent_message_chunk" | "agent_thought_chunk" => {
                self.prompts.goes_on();
                let piece = wire::content(&update["content"]);
                let thought = kind == "agent_thought_chunk";
                Some(self.speech.piece(&piece, text(update, "messageId"), thought))
            }
            "tool_call" | "tool_call_update" => {
                if kind == "tool_call" {
                    self.prompts.goes_on();
                }
                let used = self.tools.update(update)?;
                let mut events = self.speech.flush();
                events.extend(used);
                Some(events)
            }
            "plan" => {
                let mut events = self.speech.flush();
                events.push(plan(update));
                Some(events)
            }
            _ => None,
        }
    }

    fn prompt_answered(&mut self, id: u64, result: Result<Value, RpcError>) -> Vec<AgentEvent> {
        let said = self.prompts.answered(id);
        let mut events = self.speech.flush();
        if let Ok(result) = &result {
            events.extend(self.spent.turn(result).map(AgentEvent::Usage));
        }
        if self.prompts.any_open() {
            if result.is_err() {
                // It does not take two at once after all.
                self.prompts.wait(said);
            }
            return events;
        }
        self.yielding = false;
        self.asked.clear();
        events.extend(self.tools.abandon());
        let outcome = match (result, self.broken.take()) {
            (_, Some(message)) => Outcome::Broken { message },
            (Ok(result), None) => {
                Outcome::Stopped { reason: text(&result, "stopReason").to_owned() }
            }
            (Err(error), None) if error.wants_login() => {
                Outcome::LoggedOut { message: error.words }
            }
            (Err(error), None) => Outcome::Failed(error),
        };
        if let Outcome::Stopped { reason } = &outcome
            && !self.interrupted
            && let Some(next) = self.prompts.next(reason == "cancelled")
        {
            let line = self.prompt(next);
            self.replies.push(line);
        } else {
            self.outcome = Some(outcome);
        }
        events
    }

    /// A line that was cut. Nothing in it can be relied upon, least of all an id to answer.
    fn cut(&mut self, line: &Line) {
        if line.text.contains("\"session/request_permission\"") {
            let message = format!("it asked leave in a line of more than {LINE_BYTES_MAX} bytes");
            self.broken = Some(message);
            let line = self.cancel();
            self.replies.push(line);
        }
    }

    fn stopped(&self, reason: &str) -> AgentEnd {
        let said = self.speech.last();
        let or_said = |words: &str| {
            if said.is_empty() { words.to_owned() } else { format!("{words}: {said}") }
        };
        match reason {
            "end_turn" => AgentEnd::Completed { summary: said.to_owned() },
            "cancelled" if self.interrupted => AgentEnd::Interrupted,
            "cancelled" => AgentEnd::GaveUp { reason: or_said("it ended its turn by itself") },
            "refusal" => AgentEnd::GaveUp { reason: or_said("the model refuses") },
            "max_tokens" => AgentEnd::GaveUp { reason: or_said("the model's answer was too long") },
            "max_turn_requests" => {
                AgentEnd::GaveUp { reason: or_said("its turn took too many requests") }
            }
            other => AgentEnd::GaveUp { reason: or_said(&format!("it stopped: {other}")) },
        }
    }

    fn failed(&self, error: &RpcError, exit: Exit) -> AgentEnd {
        match Trouble::of(error.status(), &error.words) {
            _ if self.interrupted => AgentEnd::Interrupted,
            Some(trouble) => trouble.end(error.words.clone()),
            None => AgentEnd::Crashed { message: error.words.clone(), exit: exit.to_string() },
        }
    }

    fn was_silent(&self, exit: Exit) -> AgentEnd {
        let minutes = self.patience_max().as_secs() / 60;
        if self.session.is_some() {
            let message = format!("no word from the model's provider for {minutes} minutes");
            return AgentEnd::Quota { message, resets_at: None };
        }
        let message = format!("it did not open a session within {minutes} minutes");
        AgentEnd::Crashed { message, exit: exit.to_string() }
    }

    fn patience_max(&self) -> Duration {
        match &self.session {
            Some(_) => self.plan.preset.silence_max.unwrap_or(Duration::MAX),
            None => OPENING_MAX,
        }
    }
}

impl Protocol for AcpProtocol {
    fn line(&mut self, line: &Line) -> Vec<AgentEvent> {
        let raw = || vec![AgentEvent::Raw(line.shown())];
        if line.cut > 0 {
            self.cut(line);
            return raw();
        }
        match Incoming::read(&line.text) {
            Some(incoming) => self.understood(incoming).unwrap_or_else(raw),
            None => raw(),
        }
    }

    fn end(&mut self, exit: Exit, complaints: &str) -> AgentEnd {
        match self.outcome.take() {
            Some(Outcome::Stopped { reason }) => self.stopped(&reason),
            Some(Outcome::Failed(error)) => self.failed(&error, exit),
            Some(Outcome::LoggedOut { message }) => AgentEnd::AuthFailed { message },
            Some(Outcome::Broken { message }) => {
                AgentEnd::Crashed { message, exit: exit.to_string() }
            }
            None if self.interrupted => AgentEnd::Interrupted,
            None if self.silent => self.was_silent(exit),
            None => AgentEnd::Crashed { message: complaints.to_owned(), exit: exit.to_string() },
        }
    }

    fn answer(&mut self, question: &str, text: &str) -> Result<String, SendError> {
        let Some(asked) = self.asked.remove(question) else {
            return Err(SendError::NotOpen { question: question.to_owned() });
        };
        let answered = asked.answer(text);
        if !answered.given && asked.choices().is_none() {
            self.prompts.denied(text.trim());
        }
        Ok(answered.line)
    }

    fn steer(&mut self, text: &str) -> Result<String, SendError> {
        if self.outcome.is_some() || self.interrupted {
            return Err(SendError::Ended);
        }
        let running = self.prompts.any_open() && !self.yielding;
        match self.plan.preset.steering {
            Steering::Queues if running => Ok(self.prompt(text.to_owned())),
            Steering::Yields if running => {
                self.yielding = true;
                self.prompts.wait(format!(
                    "{text}\n\nYour turn was ended so that you hear this. Go on with your task."
                ));
                Ok(self.cancel())
            }
            Steering::Queues | Steering::Yields => {
                self.prompts.wait(text.to_owned());
                Ok(String::new())
            }
        }
    }

    fn interrupt(&mut self) -> Interrupt {
        self.interrupted = true;
        self.prompts.clear();
        if self.prompts.any_open() { Interrupt::Line(self.cancel()) } else { Interrupt::Signals }
    }

    fn replies(&mut self) -> Vec<String> {
        std::mem::take(&mut self.replies)
    }

    fn listens(&self) -> bool {
        self.outcome.is_none()
    }

    fn has_result(&self) -> bool {
        self.outcome.is_some()
    }

    fn linger(&self) -> Duration {
        self.plan.preset.linger
    }

    fn half_said(&self) -> bool {
        self.speech.is_open()
    }

    fn pause(&mut self) -> Vec<AgentEvent> {
        self.speech.pause()
    }

    fn patience(&self) -> Option<Duration> {
        let waits = self.outcome.is_none() && self.asked.is_empty() && !self.tools.any_runs();
        let limited = self.session.is_none() || self.plan.preset.silence_max.is_some();
        (waits && limited).then(|| self.patience_max())
    }

    fn silent(&mut self) {
        self.silent = true;
    }
}

fn plan(update: &Value) -> AgentEvent {
    let items = list(update, "entries").iter().map(|entry| PlanItem {
        text: text(entry, "content").to_owned(),
        status: match text(entry, "status") {
            "completed" => PlanStatus::Done,
            "in_progress" => PlanStatus::InProgress,
            _ => PlanStatus::Pending,
        },
    });
    AgentEvent::Plan(items.collect())
}

#[cfg(test)]
mod tests;
