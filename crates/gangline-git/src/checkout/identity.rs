//! Who commits in a checkout.

use serde::{Deserialize, Serialize};

/// A name and an address that git takes as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    name: String,
    email: String,
}

/// Why a text is no name or address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} cannot stand in a commit: {why}")]
pub struct IdentityError {
    text: String,
    why: &'static str,
}

impl Identity {
    /// Both must be non-empty and free of `<`, `>` and control characters.
    pub fn new(name: &str, email: &str) -> Result<Self, IdentityError> {
        for text in [name, email] {
            let bad = |why| IdentityError { text: text.chars().take(80).collect(), why };
            if text.trim().is_empty() || text.len() > 200 {
                return Err(bad("it must have 1 to 200 bytes"));
            }
            if text.chars().any(|c| c.is_control() || matches!(c, '<' | '>')) {
                return Err(bad("it has a control character, < or >"));
            }
        }
        Ok(Self { name: name.to_owned(), email: email.to_owned() })
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// As a section of a git configuration file.
    pub(super) fn config(&self) -> String {
        format!("[user]\n\tname = {}\n\temail = {}\n", quoted(&self.name), quoted(&self.email))
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[cfg(test)]
mod tests;
