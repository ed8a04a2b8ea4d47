//! The responses API: `POST /v1/responses`.

use serde_json::{Value, json};

use super::conversation::{Conversation, Message, Next, Talk, list, texts};
use super::http::Response;
use super::server::{TOKENS_IN, TOKENS_OUT};
use super::tools::{Input, ToolCall};

/// Between a namespace and the name of a tool in it, in scenarios.
const WITHIN: char = '/';

/// What a request says. A tool in a namespace is called `namespace/name`.
pub(super) fn read(body: &Value) -> Talk {
    let message = |item: &Value| {
        let kind = item["type"].as_str().unwrap_or("message");
        Message {
            asks: item["role"] == "user",
            text: texts(&item["content"]),
            results: usize::from(kind.ends_with("_call_output")),
        }
    };
    // Newer models are told of their tools in the conversation.
    let told = list(&body["input"]).iter().filter(|item| item["type"] == "additional_tools");
    let later = told.flat_map(|item| list(&item["tools"]));
    let messages = match body["input"].as_str() {
        Some(text) => vec![Message { asks: true, text: text.to_owned(), results: 0 }],
        None => list(&body["input"]).iter().map(message).collect(),
    };
    Talk {
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        stream: body["stream"].as_bool().unwrap_or(false),
        tools: list(&body["tools"]).iter().chain(later).flat_map(names).collect(),
        system: texts(&body["instructions"]),
        messages,
    }
}

fn names(tool: &Value) -> Vec<String> {
    let name = |tool: &Value| tool["name"].as_str().map(str::to_owned);
    let Some(own) = name(tool) else { return vec![] };
    match tool["tools"].as_array() {
        None => vec![own],
        Some(tools) => {
            let within = tools.iter().filter_map(name);
            within.map(|name| format!("{own}{WITHIN}{name}")).collect()
        }
    }
}

/// The next turn, as the client asked for it.
pub(super) fn answer(conversation: &Conversation) -> Response {
    let length = conversation.length;
    let id = format!("resp_stub{length:04}");
    let items = items(conversation);
    let begun = json!({
        "id": id, "object": "response", "created_at": 1_700_000_000, "status": "in_progress",
        "model": conversation.model, "output": [],
    });
    let mut done = begun.clone();
    done["status"] = "completed".into();
    done["output"] = json!(items);
    done["usage"] = json!({
        "input_tokens": TOKENS_IN, "input_tokens_details": { "cached_tokens": 0 },
        "output_tokens": TOKENS_OUT, "output_tokens_details": { "reasoning_tokens": 0 },
        "total_tokens": TOKENS_IN + TOKENS_OUT,
    });
    if !conversation.stream {
        return Response::json(200, &done);
    }
    let mut events = vec![json!({ "type": "response.created", "response": begun })];
    for (at, item) in items.iter().enumerate() {
        let mut opening = item.clone();
        opening["status"] = "in_progress".into();
        let mut delta = None;
        if item["type"] == "message" {
            opening["content"] = json!([]);
            delta = Some(json!({
                "type": "response.output_text.delta", "item_id": item["id"], "output_index": at,
                "content_index": 0, "delta": item["content"][0]["text"],
            }));
        }
        let added =
            json!({ "type": "response.output_item.added", "output_index": at, "item": opening });
        events.push(added);
        events.extend(delta);
        events
            .push(json!({ "type": "response.output_item.done", "output_index": at, "item": item }));
    }
    events.push(json!({ "type": "response.completed", "response": done }));
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = number.into();
    }
    Response::named_events(&events)
}

fn items(conversation: &Conversation) -> Vec<Value> {
    match conversation.next() {
        Next::Says(text) => vec![message(conversation, &text)],
        Next::Calls { words, call } => {
            let words = words.map(|words| message(conversation, &words));
            words.into_iter().chain([called(conversation, &call)]).collect()
        }
    }
}

fn message(conversation: &Conversation, text: &str) -> Value {
    json!({
        "type": "message", "id": format!("msg_stub{:04}", conversation.length),
        "status": "completed", "role": "assistant",
        "content": [{ "type": "output_text", "text": text, "annotations": [] }],
    })
}

fn called(conversation: &Conversation, call: &ToolCall) -> Value {
    let length = conversation.length;
    let (id, call_id) = (format!("fc_stub{length:04}"), format!("call_stub{length:04}"));
    let within = call.name.split_once(WITHIN);
    let name = within.map_or(call.name.as_str(), |(_, name)| name);
    let mut item = json!({ "id": id, "status": "completed", "call_id": call_id, "name": name });
    if let Some((namespace, _)) = within {
        item["namespace"] = namespace.into();
    }
    match &call.input {
        Input::Text(text) => {
            item["type"] = "custom_tool_call".into();
            item["input"] = text.as_str().into();
        }
        Input::Fields(fields) => {
            item["type"] = "function_call".into();
            item["arguments"] = fields.to_string().into();
        }
    }
    item
}
