//! The chat completions API: `POST /v1/chat/completions`.

use serde_json::{Value, json};

use super::conversation::{Conversation, Message, Next, Talk, list, texts};
use super::http::Response;
use super::server::{TOKENS_IN, TOKENS_OUT};

/// What a request says.
pub(super) fn read(body: &Value) -> Talk {
    let messages = list(&body["messages"]);
    let system = |message: &&Value| message["role"] == "system" || message["role"] == "developer";
    let told = messages.iter().filter(system).map(|message| texts(&message["content"]));
    let message = |message: &Value| Message {
        asks: message["role"] == "user",
        text: texts(&message["content"]),
        results: usize::from(message["role"] == "tool"),
    };
    let name = |tool: &Value| tool["function"]["name"].as_str().map(str::to_owned);
    Talk {
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        stream: body["stream"].as_bool().unwrap_or(false),
        tools: list(&body["tools"]).iter().filter_map(name).collect(),
        system: told.collect::<Vec<_>>().join("\n"),
        messages: messages.iter().map(message).collect(),
    }
}

/// The next turn, as the client asked for it.
pub(super) fn answer(conversation: &Conversation) -> Response {
    let length = conversation.length;
    let (message, reason) = match conversation.next() {
        Next::Says(text) => (json!({ "role": "assistant", "content": text }), "stop"),
        Next::Calls { words, call } => {
            let function =
                json!({ "name": call.name, "arguments": call.input.fields().to_string() });
            let call = json!({
                "index": 0, "id": format!("call_stub{length:04}"), "type": "function",
                "function": function,
            });
            let message = json!({ "role": "assistant", "content": words, "tool_calls": [call] });
            (message, "tool_calls")
        }
    };
    let usage = json!({
        "prompt_tokens": TOKENS_IN, "completion_tokens": TOKENS_OUT,
        "total_tokens": TOKENS_IN + TOKENS_OUT,
        "prompt_tokens_details": { "cached_tokens": 0 },
    });
    let part = |object: &str, choices: &Value| {
        json!({
            "id": format!("chatcmpl-stub{length:04}"), "object": object,
            "created": 1_700_000_000, "model": conversation.model, "choices": choices,
        })
    };
    if !conversation.stream {
        let choice = json!([{ "index": 0, "message": message, "finish_reason": reason }]);
        let mut whole = part("chat.completion", &choice);
        whole["usage"] = usage;
        return Response::json(200, &whole);
    }
    let chunk = |delta: &Value, reason: Option<&str>| {
        let choice = json!([{ "index": 0, "delta": delta, "finish_reason": reason }]);
        part("chat.completion.chunk", &choice)
    };
    let mut last = part("chat.completion.chunk", &json!([]));
    last["usage"] = usage;
    let events = [chunk(&message, None), chunk(&json!({}), Some(reason)), last];
    let mut response = Response::plain_events(&events);
    response.body.push_str("data: [DONE]\n\n");
    response
}
