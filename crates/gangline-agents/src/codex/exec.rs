//! What the lines of `codex exec --json` mean.

use std::collections::BTreeSet;
use std::time::Duration;

use gangline_process::Exit;
use serde_json::Value;

use crate::codex::usage::Meter;
use crate::codex::{end, items};
use crate::driver::{AgentEnd, AgentEvent, SendError};
use crate::lines::Line;
use crate::session::{Interrupt, Protocol};

/// Reads the program's output. Pure.
pub(super) struct ExecProtocol {
    meter: Meter,
    /// Tools that are being used.
    open: BTreeSet<String>,
    words: String,
    outcome: Option<Result<(), String>>,
    interrupted: bool,
    silence: Duration,
    silent: bool,
    /// The prompt is read until the end of the input.
    begun: bool,
}

impl ExecProtocol {
    pub(super) fn new(resumed: bool, silence: Duration) -> Self {
        Self {
            meter: Meter::new(resumed),
            open: BTreeSet::new(),
            words: String::new(),
            outcome: None,
            interrupted: false,
            silence,
            silent: false,
            begun: false,
        }
    }

    /// `None` for a line that is not known.
    fn understood(&mut self, line: &Value) -> Option<Vec<AgentEvent>> {
        self.begun = true;
        match line["type"].as_str()? {
            "thread.started" => {
                let session = line["thread_id"].as_str().map(str::to_owned);
                Some(vec![AgentEvent::Started { session, model: None }])
            }
            "item.started" => {
                let started = items::started(&line["item"]);
                if let Some(AgentEvent::ToolStarted { id, .. }) = &started {
                    self.open.insert(id.clone());
                }
                Some(started.into_iter().collect())
            }
            "turn.started" | "item.updated" => Some(vec![]),
            "item.completed" => self.completed(&line["item"]),
            "turn.completed" => {
                self.outcome = Some(Ok(()));
                Some(self.meter.turn(&line["usage"]).map(AgentEvent::Usage).into_iter().collect())
            }
            "turn.failed" => {
                let message = line["error"]["message"].as_str().unwrap_or("the turn failed");
                self.outcome = Some(Err(message.to_owned()));
                Some(vec![])
            }
            "error" => {
                let message = line["message"].as_str()?.to_owned();
                Some(vec![AgentEvent::Limit { message, resets_at_s: None }])
            }
            _ => None,
        }
    }

    fn completed(&mut self, item: &Value) -> Option<Vec<AgentEvent>> {
        let mut events = items::finished(item)?;
        if let Some(AgentEvent::Message { text }) = events.first() {
            self.words.clone_from(text);
        }
        let id = item["id"].as_str().unwrap_or_default();
        if !self.open.remove(id)
            && let Some(started) = items::started(item)
        {
            // Some uses of tools are told only when they are over.
            events.insert(0, started);
        }
        Some(events)
    }
}

impl Protocol for ExecProtocol {
    fn line(&mut self, line: &Line) -> Vec<AgentEvent> {
        let whole = (line.cut == 0).then(|| serde_json::from_str(&line.text).ok()).flatten();
        let events = whole.and_then(|value: Value| self.understood(&value));
        events.unwrap_or_else(|| vec![AgentEvent::Raw(line.shown())])
    }

    fn end(&mut self, exit: Exit, complaints: &str) -> AgentEnd {
        match self.outcome.take() {
            Some(Ok(())) => AgentEnd::Completed { summary: std::mem::take(&mut self.words) },
            _ if self.interrupted => AgentEnd::Interrupted,
            Some(Err(message)) => end::in_words(message, exit),
            None if self.silent => end::silent(self.silence),
            None => AgentEnd::Crashed { message: complaints.to_owned(), exit: exit.to_string() },
        }
    }

    fn answer(&mut self, question: &str, _: &str) -> Result<String, SendError> {
        Err(SendError::NotOpen { question: question.to_owned() })
    }

    fn steer(&mut self, _: &str) -> Result<String, SendError> {
        Err(SendError::Deaf { kind: "codex in mode exec" })
    }

    fn interrupt(&mut self) -> Interrupt {
        self.interrupted = true;
        Interrupt::Signals
    }

    fn listens(&self) -> bool {
        false
    }

    fn has_result(&self) -> bool {
        self.outcome.is_some()
    }

    fn patience(&self) -> Option<Duration> {
        (self.outcome.is_none() && self.open.is_empty()).then_some(self.silence)
    }

    fn silent(&mut self) {
        self.silent = true;
    }
}
