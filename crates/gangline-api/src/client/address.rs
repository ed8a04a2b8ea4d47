//! Paths and queries, percent-encoded.

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

/// One segment of a path.
pub(super) fn segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            write!(encoded, "%{byte:02X}").expect("BUG: a string takes all that is written");
        }
    }
    encoded
}

/// `?a=1&b=2` of a flat struct; empty when all its fields are absent.
pub(super) fn query(of: &impl Serialize) -> String {
    let Ok(Value::Object(fields)) = serde_json::to_value(of) else {
        panic!("BUG: a query is a struct");
    };
    let mut text = String::new();
    for (name, value) in fields {
        let value = match value {
            Value::String(value) => value,
            Value::Bool(value) => value.to_string(),
            Value::Number(value) => value.to_string(),
            Value::Null | Value::Array(_) | Value::Object(_) => panic!("BUG: a query is flat"),
        };
        let mark = if text.is_empty() { '?' } else { '&' };
        write!(text, "{mark}{name}={}", segment(&value))
            .expect("BUG: a string takes all that is written");
    }
    text
}
