//! Plain enums as words.

/// The word that serde writes for a plain enum.
pub(crate) fn word(of: impl serde::Serialize) -> String {
    match serde_json::to_value(of) {
        Ok(serde_json::Value::String(word)) => word,
        Ok(_) | Err(_) => panic!("BUG: a word is a plain enum"),
    }
}
