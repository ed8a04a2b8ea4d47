//! JSON-RPC 2.0, a line for each message.

use serde_json::{Map, Value, json};

/// The method does not exist, or is not offered.
pub(super) const UNKNOWN_METHOD: i64 = -32601;
/// The agent wants somebody to log in first.
const LOGIN_REQUIRED: i64 = -32000;

/// A line of the agent.
#[derive(Debug, PartialEq)]
pub(super) enum Incoming {
    /// It wants an answer under this id, which is its own.
    Request { id: Value, method: String, params: Value },
    /// It tells something.
    Notice { method: String, params: Value },
    /// It answers the request that we gave this number.
    Answer { id: u64, result: Result<Value, RpcError> },
}

/// A refused or failed request.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct RpcError {
    pub(super) code: i64,
    /// Its message, and what more it says.
    pub(super) words: String,
}

impl Incoming {
    /// `None` for what is no message of the protocol.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut message: Map<String, Value> = serde_json::from_str(text).ok()?;
        let id = message.remove("id").filter(|id| !id.is_null());
        let method = message.get("method").and_then(Value::as_str).map(str::to_owned);
        let params = message.remove("params").unwrap_or_default();
        match (method, id) {
            (Some(method), Some(id)) => Some(Self::Request { id, method, params }),
            (Some(method), None) => Some(Self::Notice { method, params }),
            (None, Some(id)) => {
                let error = message.get("error").filter(|error| !error.is_null());
                let result = match error {
                    Some(error) => Err(RpcError::read(error)),
                    None => Ok(message.remove("result")?),
                };
                Some(Self::Answer { id: id.as_u64()?, result })
            }
            (None, None) => None,
        }
    }
}

impl RpcError {
    fn read(error: &Value) -> Self {
        let message = error["message"].as_str().unwrap_or_default();
        let data = &error["data"];
        let said = ["message", "details", "error"].iter().find_map(|key| data[*key].as_str());
        let more = said.or_else(|| data.as_str()).unwrap_or_default();
        let words = match (message, more) {
            (message, "") => message.to_owned(),
            ("" | "Internal error", more) => more.to_owned(),
            (message, more) => format!("{message}: {more}"),
        };
        Self { code: error["code"].as_i64().unwrap_or(0), words }
    }

    /// Whether somebody has to log in.
    pub(super) fn wants_login(&self) -> bool {
        self.code == LOGIN_REQUIRED
    }

    /// Some agents pass on the provider's HTTP status as the code.
    pub(super) fn status(&self) -> Option<u64> {
        u64::try_from(self.code).ok().filter(|code| (400..600).contains(code))
    }
}

pub(super) fn request(id: u64, method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }).to_string()
}

pub(super) fn notice(method: &str, params: &Value) -> String {
    json!({ "jsonrpc": "2.0", "method": method, "params": params }).to_string()
}

pub(super) fn answer(id: &Value, result: &Value) -> String {
    json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string()
}

pub(super) fn refusal(id: &Value, code: i64, message: &str) -> String {
    let error = json!({ "code": code, "message": message });
    json!({ "jsonrpc": "2.0", "id": id, "error": error }).to_string()
}

/// The text under a key, or nothing.
pub(super) fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

/// The list under a key, or nothing.
pub(super) fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

/// A block of content in words.
pub(super) fn content(block: &Value) -> String {
    match text(block, "type") {
        "text" => text(block, "text").to_owned(),
        "resource_link" => text(block, "uri").to_owned(),
        "resource" => text(&block["resource"], "text").to_owned(),
        "" => String::new(),
        kind => format!("[{kind}]"),
    }
}
