//! What the CLI's lines mean.

use std::collections::BTreeMap;

use gangline_process::Exit;
use serde_json::{Value, json};

use crate::claude::end::{self, Outcome};
use crate::claude::question::{ASK_TOOL, Asked};
use crate::claude::usage::Meter;
use crate::driver::{AgentEnd, AgentEvent, PlanItem, PlanStatus, SendError};
use crate::lines::Line;
use crate::session::{Interrupt, Protocol};

/// Characters that a tool's detail may have.
const DETAIL_CHARS_MAX: usize = 500;
/// Fields of a tool's input that say most about it, best first.
const TELLING: [&str; 8] =
    ["command", "file_path", "notebook_path", "pattern", "path", "url", "query", "description"];
/// Fields of a tool's input that name files.
const PATHS: [&str; 3] = ["file_path", "notebook_path", "path"];

/// Reads the CLI's output. Pure, so that recorded output can be replayed.
pub(super) struct ClaudeProtocol {
    meter: Meter,
    /// Open questions, by the id that they are shown under.
    asked: BTreeMap<String, Asked>,
    replies: Vec<String>,
    /// The last result.
    outcome: Option<Outcome>,
    /// What the provider said about limits and failures before the result.
    trouble: end::Trouble,
    interrupted: bool,
    requests: u32,
}

/// A line that says something to the agent.
pub(super) fn user_line(text: &str) -> String {
    json!({
        "type": "user",
        "message": { "role": "user", "content": [{ "type": "text", "text": text }] },
        "parent_tool_use_id": null,
    })
    .to_string()
}

impl ClaudeProtocol {
    pub(super) fn new(resumed: bool) -> Self {
        Self {
            meter: Meter::new(resumed),
            asked: BTreeMap::new(),
            replies: vec![],
            outcome: None,
            trouble: end::Trouble::default(),
            interrupted: false,
            requests: 0,
        }
    }

    /// `None` for a line that is not known.
    fn understood(&mut self, line: &Value) -> Option<Vec<AgentEvent>> {
        match (text(line, "type")?, line["subtype"].as_str()) {
            ("system", Some("init")) => {
                let own = |key: &str| text(line, key).map(str::to_owned);
                Some(vec![AgentEvent::Started { session: own("session_id"), model: own("model") }])
            }
            ("system", Some("api_retry")) => Some(vec![retry(line)]),
            ("assistant", _) => Some(self.assistant(line)),
            ("user", _) => Some(tool_results(line)),
            ("rate_limit_event", _) => Some(self.trouble.limit_event(line).into_iter().collect()),
            ("control_request", _) => self.control_request(line),
            ("control_response", _) => (line["response"]["subtype"] == "success").then(Vec::new),
            ("result", _) => Some(self.result(line)),
            _ => None,
        }
    }

    fn assistant(&mut self, line: &Value) -> Vec<AgentEvent> {
        // More work after a result: the result was not the last one.
        self.outcome = None;
        self.trouble.assistant_line(line);
        let blocks = line["message"]["content"].as_array().map_or(&[][..], Vec::as_slice);
        let mut events: Vec<AgentEvent> = blocks.iter().flat_map(block).collect();
        events.extend(self.meter.assistant_line(line).map(AgentEvent::Usage));
        events
    }

    fn control_request(&mut self, line: &Value) -> Option<Vec<AgentEvent>> {
        let id = text(line, "request_id")?.to_owned();
        let request = &line["request"];
        if request["subtype"] != "can_use_tool" {
            // Left unanswered it would wait for ever.
            self.replies.push(
                json!({
                    "type": "control_response",
                    "response": { "subtype": "error", "request_id": id, "error": "not supported" },
                })
                .to_string(),
            );
            return None;
        }
        let asked = Asked::read(request);
        let (text, options) = asked.shown();
        let permission = asked.permission();
        self.asked.insert(id.clone(), asked);
        Some(vec![AgentEvent::Question { id, text, options, permission }])
    }

    fn result(&mut self, line: &Value) -> Vec<AgentEvent> {
        self.outcome = Some(Outcome::read(line));
        self.meter.result_line(line).map(AgentEvent::Usage).into_iter().collect()
    }
}

impl Protocol for ClaudeProtocol {
    fn line(&mut self, line: &Line) -> Vec<AgentEvent> {
        let whole = (line.cut == 0).then(|| serde_json::from_str(&line.text).ok()).flatten();
        let events = whole.and_then(|value: Value| self.understood(&value));
        events.unwrap_or_else(|| vec![AgentEvent::Raw(line.shown())])
    }

    fn end(&mut self, exit: Exit, complaints: &str) -> AgentEnd {
        match self.outcome.take() {
            Some(outcome) => outcome.end(&self.trouble, self.interrupted, exit),
            None if self.interrupted => AgentEnd::Interrupted,
            None => AgentEnd::Crashed { message: complaints.to_owned(), exit: exit.to_string() },
        }
    }

    fn answer(&mut self, question: &str, text: &str) -> Result<String, SendError> {
        let Some(asked) = self.asked.remove(question) else {
            return Err(SendError::NotOpen { question: question.to_owned() });
        };
        let response = asked.answered(text);
        Ok(json!({
            "type": "control_response",
            "response": { "subtype": "success", "request_id": question, "response": response },
        })
        .to_string())
    }

    fn steer(&mut self, text: &str) -> Result<String, SendError> {
        Ok(user_line(text))
    }

    fn interrupt(&mut self) -> Interrupt {
        self.interrupted = true;
        self.requests += 1;
        let id = format!("interrupt-{}", self.requests);
        let request = json!({ "subtype": "interrupt" });
        let line = json!({ "type": "control_request", "request_id": id, "request": request });
        Interrupt::Line(line.to_string())
    }

    fn replies(&mut self) -> Vec<String> {
        std::mem::take(&mut self.replies)
    }

    fn listens(&self) -> bool {
        !self.has_result()
    }

    fn has_result(&self) -> bool {
        self.outcome.as_ref().is_some_and(|outcome| outcome.queued_turns == 0)
    }
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value[key].as_str()
}

fn retry(line: &Value) -> AgentEvent {
    let number = |key: &str| line[key].as_u64().unwrap_or(0);
    let message = format!(
        "{} ({}): attempt {} of {}, the next one in {} ms",
        text(line, "error").unwrap_or("error"),
        number("error_status"),
        number("attempt"),
        number("max_retries"),
        number("retry_delay_ms"),
    );
    AgentEvent::Limit { message, resets_at_s: None }
}

fn block(block: &Value) -> Vec<AgentEvent> {
    let own = |key: &str| text(block, key).unwrap_or_default().to_owned();
    match text(block, "type") {
        Some("text") => vec![AgentEvent::Message { text: own("text") }],
        Some("thinking") => vec![AgentEvent::Thought { text: own("thinking") }],
        Some("tool_use") => {
            let input = &block["input"];
            let tool = own("name");
            let plan = (tool == "TodoWrite").then(|| plan(input)).flatten();
            let detail = if tool == ASK_TOOL { String::new() } else { detail(input) };
            let paths = paths(input);
            let started = AgentEvent::ToolStarted { id: own("id"), tool, detail, paths };
            [Some(started), plan].into_iter().flatten().collect()
        }
        Some(_) | None => vec![AgentEvent::Raw(block.to_string())],
    }
}

fn plan(input: &Value) -> Option<AgentEvent> {
    let items = input["todos"].as_array()?.iter().map(|todo| PlanItem {
        text: text(todo, "content").unwrap_or_default().to_owned(),
        status: match text(todo, "status") {
            Some("completed") => PlanStatus::Done,
            Some("in_progress") => PlanStatus::InProgress,
            Some(_) | None => PlanStatus::Pending,
        },
    });
    Some(AgentEvent::Plan(items.collect()))
}

/// The files that a tool's input names.
pub(super) fn paths(input: &Value) -> Vec<String> {
    PATHS.iter().filter_map(|key| text(input, key)).map(str::to_owned).collect()
}

/// What says most about a tool's use, bounded.
pub(super) fn detail(input: &Value) -> String {
    shortened(&whole_detail(input))
}

/// The same, whole: what is decided upon may not be hidden behind a bound.
pub(super) fn whole_detail(input: &Value) -> String {
    let telling = TELLING.iter().find_map(|key| text(input, key));
    let nothing = input.as_object().is_none_or(serde_json::Map::is_empty);
    let all = || if nothing { String::new() } else { input.to_string() };
    telling.map_or_else(all, str::to_owned)
}

fn tool_results(line: &Value) -> Vec<AgentEvent> {
    let blocks = line["message"]["content"].as_array().map_or(&[][..], Vec::as_slice);
    let results = blocks.iter().filter(|block| block["type"] == "tool_result");
    let finished = results.map(|block| AgentEvent::ToolFinished {
        id: text(block, "tool_use_id").unwrap_or_default().to_owned(),
        ok: !block["is_error"].as_bool().unwrap_or(false),
        detail: shortened(&content(&block["content"])),
    });
    finished.collect()
}

fn content(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            blocks.iter().filter_map(|block| text(block, "text")).collect::<Vec<_>>().join("\n")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(DETAIL_CHARS_MAX) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", &text[..end]),
    }
}

#[cfg(test)]
mod tests;
