//! The messages API: `POST /v1/messages`.

use serde_json::{Value, json};

use super::conversation::{Conversation, Message, Next, Talk, list, texts};
use super::http::Response;
use super::scenario::Fault;
use super::server::{TOKENS_IN, TOKENS_OUT};

/// What a request says.
pub(super) fn read(body: &Value) -> Talk {
    let message = |message: &Value| {
        let blocks = list(&message["content"]);
        Message {
            asks: message["role"] == "user",
            text: texts(&message["content"]),
            results: blocks.iter().filter(|block| block["type"] == "tool_result").count(),
        }
    };
    let name = |tool: &Value| tool["name"].as_str().map(str::to_owned);
    Talk {
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        stream: body["stream"].as_bool().unwrap_or(false),
        tools: list(&body["tools"]).iter().filter_map(name).collect(),
        system: texts(&body["system"]),
        messages: list(&body["messages"]).iter().map(message).collect(),
    }
}

/// The next turn, as the client asked for it.
pub(super) fn answer(conversation: &Conversation) -> Response {
    let length = conversation.length;
    let text = |text: String| json!({ "type": "text", "text": text });
    let (blocks, reason) = match conversation.next() {
        Next::Calls { words, call } => {
            let (id, input) = (format!("toolu_stub{length:04}"), call.input.fields());
            let call = json!({ "type": "tool_use", "id": id, "name": call.name, "input": input });
            (words.map(text).into_iter().chain([call]).collect::<Vec<_>>(), "tool_use")
        }
        Next::Says(words) => (vec![text(words)], "end_turn"),
    };
    let turn = json!({
        "id": format!("msg_stub{length:04}"), "type": "message", "role": "assistant",
        "model": conversation.model, "content": blocks, "stop_reason": reason,
        "stop_sequence": null,
        "usage": { "input_tokens": TOKENS_IN, "output_tokens": TOKENS_OUT },
    });
    if conversation.stream { streamed(&turn) } else { Response::json(200, &turn) }
}

fn streamed(turn: &Value) -> Response {
    let mut start = turn.clone();
    start["content"] = json!([]);
    start["stop_reason"] = Value::Null;
    start["usage"]["output_tokens"] = 1.into();
    let mut events = vec![json!({ "type": "message_start", "message": start })];
    for (at, block) in list(&turn["content"]).iter().enumerate() {
        let (opening, delta) = if block["type"] == "tool_use" {
            let mut opening = block.clone();
            opening["input"] = json!({});
            let json = block["input"].to_string();
            (opening, json!({ "type": "input_json_delta", "partial_json": json }))
        } else {
            let delta = json!({ "type": "text_delta", "text": block["text"] });
            (json!({ "type": "text", "text": "" }), delta)
        };
        events.extend([
            json!({ "type": "content_block_start", "index": at, "content_block": opening }),
            json!({ "type": "content_block_delta", "index": at, "delta": delta }),
            json!({ "type": "content_block_stop", "index": at }),
        ]);
    }
    events.extend([
        json!({
            "type": "message_delta",
            "delta": { "stop_reason": turn["stop_reason"], "stop_sequence": null },
            "usage": { "output_tokens": turn["usage"]["output_tokens"] },
        }),
        json!({ "type": "message_stop" }),
    ]);
    Response::named_events(&events)
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
    let error = json!({ "type": kind, "message": message });
    Response::json(status, &json!({ "type": "error", "error": error }))
}

/// The error of a fault, unless it only delays.
pub(super) fn fault(fault: &Fault) -> Option<Response> {
    const TOO_MUCH: &str =
        "This request would exceed your account's rate limit. Please try again later.";
    match fault {
        Fault::Error { status, .. } => {
            let words = match status {
                401 => "invalid x-api-key",
                429 => TOO_MUCH,
                529 => "Overloaded",
                _ => "Something went wrong",
            };
            Some(error(*status, words))
        }
        Fault::Quota { resets_at } => {
            let mut response = error(429, TOO_MUCH);
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
