//! The Model Context Protocol, as far as a server of tools needs it: JSON-RPC 2.0, a message a
//! line. Nothing is remembered from one message to the next.

use serde_json::{Value, json};

use super::schema;
use super::serve::SERVER;
use super::wire::Reply;

/// Versions of the protocol in which these messages look alike, the newest last.
const VERSIONS: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

/// What a client's line asks for.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Asked {
    /// A tool.
    Tool(ToolCall),
    /// Nothing any more of this request.
    Cancelled(Value),
    /// What can be answered at once.
    Answer(Value),
    /// Nothing.
    Nothing,
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct ToolCall {
    /// The request's id.
    pub(super) id: Value,
    /// The tool.
    pub(super) name: String,
    /// Its arguments.
    pub(super) arguments: Value,
    /// Under which the client wants to hear that it is still being done.
    pub(super) progress: Option<Value>,
}

/// Reads a client's line.
pub(super) fn read(line: &str) -> Asked {
    let message: Value = match serde_json::from_str(line) {
        Ok(message) => message,
        Err(error) => return Asked::Answer(failed(&Value::Null, -32700, &error.to_string())),
    };
    let id = &message["id"];
    let Some(method) = message["method"].as_str() else {
        // An answer to something that this server never asks, or no message at all.
        let answer = message.get("result").is_some() || message.get("error").is_some();
        let failure = || Asked::Answer(failed(id, -32600, "not a request"));
        return if answer { Asked::Nothing } else { failure() };
    };
    let params = &message["params"];
    if id.is_null() {
        return match method {
            "notifications/cancelled" => Asked::Cancelled(params["requestId"].clone()),
            _other => Asked::Nothing,
        };
    }
    match method {
        "initialize" => Asked::Answer(done(id, &initialized(params))),
        "ping" => Asked::Answer(done(id, &json!({}))),
        "tools/list" => Asked::Answer(done(id, &json!({ "tools": schema::tools() }))),
        "tools/call" => match params["name"].as_str() {
            Some(name) => Asked::Tool(ToolCall {
                id: id.clone(),
                name: name.to_owned(),
                arguments: params["arguments"].clone(),
                progress: params["_meta"].get("progressToken").cloned(),
            }),
            None => Asked::Answer(failed(id, -32602, "`name` is missing")),
        },
        unknown => Asked::Answer(failed(id, -32601, &format!("no method `{unknown}`"))),
    }
}

fn initialized(params: &Value) -> Value {
    let wanted = params["protocolVersion"].as_str().unwrap_or_default();
    let version = VERSIONS.iter().find(|known| **known == wanted).unwrap_or(&VERSIONS[3]);
    json!({
        "protocolVersion": version,
        "capabilities": { "tools": {} },
        "serverInfo": { "name": SERVER, "version": env!("CARGO_PKG_VERSION") },
        "instructions": schema::INSTRUCTIONS,
    })
}

/// The answer to a call. What was refused is a result too: the agent reads it and can mend it.
pub(super) fn called(id: &Value, reply: &Reply) -> Value {
    let content = |text: &str| json!([{ "type": "text", "text": text }]);
    let result = match reply {
        Reply::Done(Value::String(text)) => json!({ "content": content(text) }),
        Reply::Done(data) => {
            let text = serde_json::to_string_pretty(data).expect("BUG: a value does not serialise");
            json!({ "content": content(&text), "structuredContent": data })
        }
        Reply::Refused(why) => json!({ "content": content(why), "isError": true }),
    };
    done(id, &result)
}

/// Says that a call is still being done.
pub(super) fn still(token: &Value, times: u32) -> Value {
    json!({
        "jsonrpc": "2.0",
        "method": "notifications/progress",
        "params": { "progressToken": token, "progress": times, "message": "waiting for a person" },
    })
}

fn done(id: &Value, result: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "result": result })
}

fn failed(id: &Value, code: i32, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } })
}
