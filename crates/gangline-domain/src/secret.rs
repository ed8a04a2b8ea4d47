//! Values that no record may hold, who is given them, and how texts are kept free of them.
//!
//! ```text
//!   reference ──resolved on the host──▶ Secret ──use──▶ a variable, or a file of an agent or check
//!                                          └──forms──▶ Redactor ──▶ every text that is written down
//! ```

mod forms;
mod redactor;
mod usage;

pub use redactor::{EDGE_BYTES_MIN, Redactor, RedactorStream};
pub use usage::{BadUse, SecretUse};

use std::fmt;

/// Bytes below which a value is no secret: taking it out of all texts would take out words.
pub const SECRET_BYTES_MIN: usize = 8;
/// Bytes that a secret may have.
pub const SECRET_BYTES_MAX: usize = 64 * 1024;

/// The bytes of a secret. Never shown, and not serialisable.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// Why bytes are no secret. Says nothing of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadSecret {
    /// Too few of them.
    #[error("it has fewer than {SECRET_BYTES_MIN} bytes, and could not be kept out of records")]
    TooShort,
    /// Too many of them.
    #[error("it has more than {SECRET_BYTES_MAX} bytes")]
    TooLong,
}

impl Secret {
    /// These bytes; spaces and ends of lines at both ends do not count towards the least.
    pub fn new(bytes: impl Into<Vec<u8>>) -> Result<Self, BadSecret> {
        let bytes = bytes.into();
        if bytes.trim_ascii().len() < SECRET_BYTES_MIN {
            return Err(BadSecret::TooShort);
        }
        if bytes.len() > SECRET_BYTES_MAX {
            return Err(BadSecret::TooLong);
        }
        Ok(Self(bytes))
    }

    /// All of it, as a file has it.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// As a variable has it: without ends of lines behind it. `None` where no variable can hold it.
    pub fn as_variable(&self) -> Option<&str> {
        let text = std::str::from_utf8(&self.0).ok()?.trim_end_matches(['\n', '\r']);
        (!text.contains('\0')).then_some(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests;
