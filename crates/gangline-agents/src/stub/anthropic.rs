//! The messages API: reading a conversation, writing the next turn.

use serde_json::{Value, json};

use super::http::Response;
use super::scenario::{Fault, Scenario, ScenarioError};

/// Tokens that each answer claims to have cost.
const TOKENS_IN: u64 = 100;
const TOKENS_OUT: u64 = 20;

/// A conversation, as far as the stub looks.
pub(super) struct Conversation {
    pub(super) model: String,
    pub(super) stream: bool,
    pub(super) scenario: Option<Scenario>,
    /// The prompt with the scenario.
    pub(super) prompt: String,
    /// Tool results since that prompt.
    pub(super) step: usize,
    pub(super) cwd: String,
    has_tools: bool,
    /// Messages so far. Makes ids that no earlier turn of the session had: clients drop what
    /// seems to be a repetition.
    length: usize,
}

impl Conversation {
    pub(super) fn read(body: &Value) -> Result<Self, ScenarioError> {
        let empty = vec![];
        let messages = body["messages"].as_array().unwrap_or(&empty);
        let mut found = (None, String::new(), 0);
        for (at, message) in messages.iter().enumerate().rev() {
            if message["role"] != "user" {
                continue;
            }
            let text = texts(&message["content"]);
            if let Some(scenario) = Scenario::in_prompt(&text)? {
                let after = &messages[at + 1..];
                found = (Some(scenario), text, after.iter().map(tool_results).sum());
                break;
            }
        }
        let (scenario, prompt, step) = found;
        let said = messages.iter().map(|message| texts(&message["content"]));
        let environment = texts(&body["system"]) + "\n" + &said.collect::<Vec<_>>().join("\n");
        Ok(Self {
            model: body["model"].as_str().unwrap_or("stub").to_owned(),
            stream: body["stream"].as_bool().unwrap_or(false),
            scenario,
            prompt,
            step,
            cwd: working_directory(&environment).unwrap_or("/").to_owned(),
            length: messages.len(),
            has_tools: body["tools"].as_array().is_some_and(|tools| !tools.is_empty()),
        })
    }

    /// The next turn. Requests without tools, as for titles, get plain text.
    pub(super) fn turn(&self) -> Value {
        let scenario = self.scenario.as_ref().filter(|_| self.has_tools);
        let call = scenario.and_then(|scenario| scenario.calls.get(self.step));
        let (block, reason) = if let Some(call) = call {
            let (name, input) = call.as_tool(&self.cwd);
            let id = format!("toolu_stub{:04}", self.length);
            (json!({ "type": "tool_use", "id": id, "name": name, "input": input }), "tool_use")
        } else {
            let last = scenario.and_then(|scenario| scenario.last.clone());
            let text = last.unwrap_or_else(|| "Done.".to_owned());
            (json!({ "type": "text", "text": text }), "end_turn")
        };
        json!({
            "id": format!("msg_stub{:04}", self.length), "type": "message", "role": "assistant",
            "model": self.model, "content": [block], "stop_reason": reason, "stop_sequence": null,
            "usage": { "input_tokens": TOKENS_IN, "output_tokens": TOKENS_OUT },
        })
    }
}

fn texts(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts = blocks.iter().filter_map(|block| block["text"].as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => String::new(),
    }
}

fn tool_results(message: &Value) -> usize {
    let blocks = message["content"].as_array().map_or(&[][..], Vec::as_slice);
    blocks.iter().filter(|block| block["type"] == "tool_result").count()
}

fn working_directory(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once("orking directory: ")?;
    rest.lines().next().map(str::trim)
}

/// A turn as the client asked for it.
pub(super) fn answer(turn: &Value, stream: bool) -> Response {
    if !stream {
        let body = turn.to_string();
        return Response { status: 200, content_type: "application/json", headers: vec![], body };
    }
    let mut start = turn.clone();
    start["content"] = json!([]);
    start["stop_reason"] = Value::Null;
    start["usage"]["output_tokens"] = 1.into();
    let block = &turn["content"][0];
    let (opening, delta) = if block["type"] == "tool_use" {
        let mut opening = block.clone();
        opening["input"] = json!({});
        let json = block["input"].to_string();
        (opening, json!({ "type": "input_json_delta", "partial_json": json }))
    } else {
        let delta = json!({ "type": "text_delta", "text": block["text"] });
        (json!({ "type": "text", "text": "" }), delta)
    };
    let events = [
        json!({ "type": "message_start", "message": start }),
        json!({ "type": "content_block_start", "index": 0, "content_block": opening }),
        json!({ "type": "content_block_delta", "index": 0, "delta": delta }),
        json!({ "type": "content_block_stop", "index": 0 }),
        json!({
            "type": "message_delta",
            "delta": { "stop_reason": turn["stop_reason"], "stop_sequence": null },
            "usage": { "output_tokens": turn["usage"]["output_tokens"] },
        }),
        json!({ "type": "message_stop" }),
    ];
    let event = |event: &Value| {
        format!("event: {}\ndata: {event}\n\n", event["type"].as_str().unwrap_or_default())
    };
    let body = events.iter().map(event).collect();
    Response { status: 200, content_type: "text/event-stream", headers: vec![], body }
}

/// An error in the API's form.
pub(super) fn error(status: u16, message: &str) -> Response {
    let kind = match status {
        400 => "invalid_request_error",
        401 => "authentication_error",
        403 => "permission_error",
        404 => "not_found_error",
        429 => "rate_limit_error",
        529 => "overloaded_error",
        _ => "api_error",
    };
    let body = json!({ "type": "error", "error": { "type": kind, "message": message } });
    let body = body.to_string();
    Response { status, content_type: "application/json", headers: vec![], body }
}

/// The error of a fault, unless it only delays.
pub(super) fn fault(fault: &Fault) -> Option<Response> {
    match fault {
        Fault::Error { status, .. } => {
            let words = match status {
                401 => "invalid x-api-key",
                429 => {
                    "This request would exceed your account's rate limit. Please try again later."
                }
                529 => "Overloaded",
                _ => "Something went wrong",
            };
            Some(error(*status, words))
        }
        Fault::Quota { resets_at } => {
            let mut response = error(
                429,
                "This request would exceed your account's rate limit. Please try again later.",
            );
            response.headers = vec![
                ("anthropic-ratelimit-unified-status", "rejected".to_owned()),
                ("anthropic-ratelimit-unified-reset", resets_at.to_string()),
                ("anthropic-ratelimit-unified-representative-claim", "five_hour".to_owned()),
                ("anthropic-ratelimit-unified-5h-status", "rejected".to_owned()),
                ("anthropic-ratelimit-unified-5h-reset", resets_at.to_string()),
                ("anthropic-ratelimit-unified-overage-status", "rejected".to_owned()),
                ("x-should-retry", "false".to_owned()),
            ];
            Some(response)
        }
        Fault::SleepMs(_) | Fault::Hang => None,
    }
}
