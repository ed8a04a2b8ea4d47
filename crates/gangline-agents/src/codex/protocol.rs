//! What the application server's lines mean.

use std::collections::BTreeMap;
use std::time::Duration;

use gangline_process::Exit;
use serde_json::{Value, json};

use crate::codex::asked::Asked;
use crate::codex::end::{self, Limits, Outcome};
use crate::codex::items;
use crate::codex::usage::Meter;
use crate::driver::{AgentEnd, AgentEvent, Permission, SendError};
use crate::lines::Line;
use crate::session::{Interrupt, Protocol};

/// What a request is refused with whose method is not known, as JSON-RPC has it.
const NO_SUCH_METHOD: i32 = -32601;
/// Notifications that say nothing that is not said elsewhere.
const QUIET: [&str; 12] = [
    "account/updated",
    "item/agentMessage/delta",
    "item/commandExecution/outputDelta",
    "item/reasoning/summaryPartAdded",
    "item/reasoning/summaryTextDelta",
    "item/reasoning/textDelta",
    "item/fileChange/patchUpdated",
    "remoteControl/status/changed",
    "serverRequest/resolved",
    "thread/started",
    "thread/status/changed",
    "turn/diff/updated",
];

/// A request of ours that waits for its answer.
#[derive(Debug, Clone, PartialEq)]
enum Pending {
    Initialize,
    Thread,
    Turn,
    /// With the words, which become a turn of their own where they come too late.
    Steer(String),
    Interrupt,
}

/// Reads the program's output and speaks to it. Pure, so that recorded output can be replayed.
pub(super) struct CodexProtocol {
    /// Method and parameters that begin the thread.
    thread_request: (&'static str, Value),
    /// What the next turn begins with.
    prompt: String,
    /// How long the provider may say nothing.
    silence: Duration,
    silent: bool,
    thread: Option<String>,
    /// The turn that runs.
    turn: Option<String>,
    pending: BTreeMap<u64, Pending>,
    next_id: u64,
    /// Said before there was a turn.
    early: Vec<String>,
    /// Tools that are being used, by item.
    open: BTreeMap<String, Permission>,
    /// Open questions, by the id that they are shown under.
    asked: BTreeMap<String, Asked>,
    replies: Vec<String>,
    meter: Meter,
    limits: Limits,
    words: String,
    outcome: Option<Outcome>,
    interrupted: bool,
}

impl CodexProtocol {
    /// `thread_request` begins or resumes the thread, whose first turn begins with `brief`.
    pub(super) fn new(
        thread_request: (&'static str, Value),
        brief: String,
        silence: Duration,
    ) -> Self {
        let resumed = thread_request.0 == "thread/resume";
        Self {
            thread_request,
            prompt: brief,
            silence,
            silent: false,
            thread: None,
            turn: None,
            pending: BTreeMap::from([(0, Pending::Initialize)]),
            next_id: 1,
            early: vec![],
            open: BTreeMap::new(),
            asked: BTreeMap::new(),
            replies: vec![],
            meter: Meter::new(resumed),
            limits: Limits::default(),
            words: String::new(),
            outcome: None,
            interrupted: false,
        }
    }

    /// The first line of input.
    #[expect(clippy::unused_self, reason = "belongs to the protocol")]
    pub(super) fn first(&self) -> String {
        let about = json!({ "name": "gangline", "title": "Gangline", "version": env!("CARGO_PKG_VERSION") });
        json!({ "id": 0, "method": "initialize", "params": { "clientInfo": about } }).to_string()
    }

    fn request(&mut self, pending: Pending, method: &str, params: &Value) -> String {
        let id = self.next_id;
        self.next_id += 1;
        self.pending.insert(id, pending);
        json!({ "id": id, "method": method, "params": params }).to_string()
    }

    fn begin_turn(&mut self) {
        let prompt = std::mem::take(&mut self.prompt);
        let params = json!({ "threadId": self.thread, "input": input(&prompt) });
        let line = self.request(Pending::Turn, "turn/start", &params);
        self.replies.push(line);
    }

    /// `None` for a line that is not known.
    fn understood(&mut self, line: &Value) -> Option<Vec<AgentEvent>> {
        match (line["method"].as_str(), &line["id"]) {
            (Some(method), Value::Null) => self.notified(method, &line["params"]),
            (Some(_), _) => self.asks(line),
            (None, id) => {
                let pending = self.pending.remove(&id.as_u64()?)?;
                Some(self.answered(pending, line))
            }
        }
    }

    /// An answer to a request of ours.
    fn answered(&mut self, pending: Pending, line: &Value) -> Vec<AgentEvent> {
        let error = Some(&line["error"]).filter(|error| error.is_object());
        match (pending, error) {
            (Pending::Steer(words), Some(_)) => {
                // The turn was over already: it becomes the next one.
                self.prompt = words;
                self.outcome = None;
                self.begin_turn();
            }
            // What it would interrupt is over.
            (Pending::Steer(_) | Pending::Interrupt, _) => {}
            (Pending::Initialize | Pending::Thread | Pending::Turn, Some(error)) => {
                self.outcome = Some(Outcome::failed(error));
            }
            (Pending::Initialize, None) => {
                let (method, params) = self.thread_request.clone();
                let line = self.request(Pending::Thread, method, &params);
                self.replies.extend([json!({ "method": "initialized" }).to_string(), line]);
            }
            (Pending::Thread, None) => {
                let own = |value: &Value| value.as_str().map(str::to_owned);
                self.thread = own(&line["result"]["thread"]["id"]);
                self.begin_turn();
                let (session, model) = (self.thread.clone(), own(&line["result"]["model"]));
                return vec![AgentEvent::Started { session, model }];
            }
            (Pending::Turn, None) => self.turn_began(&line["result"]["turn"]),
        }
        vec![]
    }

    fn turn_began(&mut self, turn: &Value) {
        if self.turn.is_some() {
            return;
        }
        self.turn = turn["id"].as_str().map(str::to_owned);
        for words in std::mem::take(&mut self.early) {
            let line = self.steering(words);
            self.replies.push(line);
        }
    }

    fn steering(&mut self, words: String) -> String {
        let params = json!({
            "threadId": self.thread, "expectedTurnId": self.turn, "input": input(&words),
        });
        self.request(Pending::Steer(words), "turn/steer", &params)
    }

    fn notified(&mut self, method: &str, params: &Value) -> Option<Vec<AgentEvent>> {
        // Agents that the agent starts have threads of their own.
        let foreign = |id: &Value| id.is_string() && *id != json!(self.thread);
        if foreign(&params["threadId"]) && self.thread.is_some() && method != "thread/started" {
            return None;
        }
        match method {
            "turn/started" => self.turn_began(&params["turn"]),
            "turn/completed" => self.turn_ended(&params["turn"]),
            "item/started" => {
                let item = &params["item"];
                let id = item["id"].as_str().unwrap_or_default().to_owned();
                if let Some(tool) = items::tool(item) {
                    self.open.insert(id, tool);
                }
                return Some(items::started(item).into_iter().collect());
            }
            "item/completed" => {
                self.open.remove(params["item"]["id"].as_str().unwrap_or_default());
                let events = items::finished(&params["item"])?;
                if let Some(AgentEvent::Message { text }) = events.first() {
                    self.words.clone_from(text);
                }
                return Some(events);
            }
            "thread/tokenUsage/updated" => {
                let own = self.turn.is_some() && params["turnId"] == json!(self.turn);
                let usage = self.meter.told(&params["tokenUsage"], own);
                return Some(usage.map(AgentEvent::Usage).into_iter().collect());
            }
            "turn/plan/updated" => return Some(vec![items::plan(&params["plan"])]),
            "account/rateLimits/updated" => self.limits.told(&params["rateLimits"]),
            // The last one comes with the end of the turn.
            "error" if params["willRetry"] == true => return Some(vec![end::retry(params)]),
            "error" => {}
            method => return QUIET.contains(&method).then(Vec::new),
        }
        Some(vec![])
    }

    fn turn_ended(&mut self, turn: &Value) {
        self.turn = None;
        self.open.clear();
        self.asked.clear();
        self.outcome = Some(Outcome::of(turn));
    }

    fn asks(&mut self, line: &Value) -> Option<Vec<AgentEvent>> {
        let Some(asked) = Asked::read(line, &self.open) else {
            // It would wait for an answer for ever.
            let error = json!({ "code": NO_SUCH_METHOD, "message": "not supported" });
            self.replies.push(json!({ "id": line["id"], "error": error }).to_string());
            return None;
        };
        let number = || format!("codex-{}", line["id"]);
        let id = line["id"].as_str().map_or_else(number, str::to_owned);
        let event = asked.shown(&id);
        self.asked.insert(id, asked);
        Some(vec![event])
    }

    fn steers(&self) -> bool {
        self.pending.values().any(|pending| matches!(pending, Pending::Steer(_)))
    }
}

fn input(text: &str) -> Value {
    json!([{ "type": "text", "text": text }])
}

impl Protocol for CodexProtocol {
    fn line(&mut self, line: &Line) -> Vec<AgentEvent> {
        let whole = (line.cut == 0).then(|| serde_json::from_str(&line.text).ok()).flatten();
        let events = whole.and_then(|value: Value| self.understood(&value));
        events.unwrap_or_else(|| vec![AgentEvent::Raw(line.shown())])
    }

    fn end(&mut self, exit: Exit, complaints: &str) -> AgentEnd {
        match self.outcome.take() {
            Some(outcome) => outcome.end(std::mem::take(&mut self.words), &self.limits, exit),
            None if self.interrupted => AgentEnd::Interrupted,
            None if self.silent => end::silent(self.silence),
            None => AgentEnd::Crashed { message: complaints.to_owned(), exit: exit.to_string() },
        }
    }

    fn answer(&mut self, question: &str, text: &str) -> Result<String, SendError> {
        let Some(asked) = self.asked.remove(question) else {
            return Err(SendError::NotOpen { question: question.to_owned() });
        };
        let (answer, reason) = asked.answered(text);
        let mut lines = vec![answer.to_string()];
        lines.extend(reason.map(|reason| self.steering(reason)));
        Ok(lines.join("\n"))
    }

    fn steer(&mut self, text: &str) -> Result<String, SendError> {
        if self.turn.is_none() {
            self.early.push(text.to_owned());
            return Ok(String::new());
        }
        Ok(self.steering(text.to_owned()))
    }

    fn interrupt(&mut self) -> Interrupt {
        self.interrupted = true;
        let Some(turn) = self.turn.clone() else { return Interrupt::Signals };
        let params = json!({ "threadId": self.thread, "turnId": turn });
        Interrupt::Line(self.request(Pending::Interrupt, "turn/interrupt", &params))
    }

    fn replies(&mut self) -> Vec<String> {
        std::mem::take(&mut self.replies)
    }

    fn listens(&self) -> bool {
        !self.has_result()
    }

    /// Not while something was said that the turn may have missed.
    fn has_result(&self) -> bool {
        self.outcome.is_some() && (self.interrupted || !self.steers())
    }

    /// Tools and people may take their time; providers not without a bound.
    fn patience(&self) -> Option<Duration> {
        let waits = self.open.is_empty() && self.asked.is_empty();
        (waits && self.outcome.is_none()).then_some(self.silence)
    }

    fn silent(&mut self) {
        self.silent = true;
    }
}

#[cfg(test)]
mod tests;
