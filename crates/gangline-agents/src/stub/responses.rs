//! The responses API: `POST /v1/responses`.

use serde_json::{Value, json};

use super::conversation::{Conversation, Message, Next, Talk, list, texts};
use super::http::Response;
use super::server::{TOKENS_IN, TOKENS_OUT};
use super::tools::Input;

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
    let input = match &body["input"] {
        Value::String(text) => {
            vec![Message { asks: true, text: text.clone(), results: 0 }]
        }
        items => list(items).iter().map(message).collect(),
    };
    Talk {
        model: body["model"].as_str().unwrap_or_default().to_owned(),
        stream: body["stream"].as_bool().unwrap_or(false),
        tools: list(&body["tools"]).iter().flat_map(names).collect(),
        system: texts(&body["instructions"]),
        messages: input,
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
    let item = item(conversation);
    let begun = json!({
        "id": id, "object": "response", "created_at": 1_700_000_000, "status": "in_progress",
        "model": conversation.model, "output": [],
    });
    let mut done = begun.clone();
    done["status"] = "completed".into();
    done["output"] = json!([item]);
    done["usage"] = json!({
        "input_tokens": TOKENS_IN, "input_tokens_details": { "cached_tokens": 0 },
        "output_tokens": TOKENS_OUT, "output_tokens_details": { "reasoning_tokens": 0 },
        "total_tokens": TOKENS_IN + TOKENS_OUT,
    });
    if !conversation.stream {
        return Response::json(200, &done);
    }
    let mut opening = item.clone();
    opening["status"] = "in_progress".into();
    let mut events = vec![
        json!({ "type": "response.created", "response": begun }),
        json!({ "type": "response.output_item.added", "output_index": 0, "item": opening }),
    ];
    if item["type"] == "message" {
        events[1]["item"]["content"] = json!([]);
        events.push(json!({
            "type": "response.output_text.delta", "item_id": item["id"], "output_index": 0,
            "content_index": 0, "delta": item["content"][0]["text"],
        }));
    }
    events.extend([
        json!({ "type": "response.output_item.done", "output_index": 0, "item": item }),
        json!({ "type": "response.completed", "response": done }),
    ]);
    for (number, event) in events.iter_mut().enumerate() {
        event["sequence_number"] = number.into();
    }
    Response::named_events(&events)
}

fn item(conversation: &Conversation) -> Value {
    let length = conversation.length;
    let (id, call_id) = (format!("fc_stub{length:04}"), format!("call_stub{length:04}"));
    match conversation.next() {
        Next::Says(text) => json!({
            "type": "message", "id": format!("msg_stub{length:04}"), "status": "completed",
            "role": "assistant",
            "content": [{ "type": "output_text", "text": text, "annotations": [] }],
        }),
        Next::Calls(call) => match (call.input, call.name.split_once(WITHIN)) {
            (Input::Text(text), _) => json!({
                "type": "custom_tool_call", "id": id, "status": "completed", "call_id": call_id,
                "name": call.name, "input": text,
            }),
            (Input::Fields(fields), None) => json!({
                "type": "function_call", "id": id, "status": "completed", "call_id": call_id,
                "name": call.name, "arguments": fields.to_string(),
            }),
            (Input::Fields(fields), Some((namespace, name))) => json!({
                "type": "function_call", "id": id, "status": "completed", "call_id": call_id,
                "namespace": namespace, "name": name, "arguments": fields.to_string(),
            }),
        },
    }
}
