//! YAML with errors that say where: file, line and column, as an editor jumps to them.

use std::fmt;

use serde::de::DeserializeOwned;

/// What is wrong with a file, and where. Lines and columns count from 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", Place(.file, *.line, *.column))]
pub struct Located {
    /// The file's name, as the caller gave it.
    pub file: String,
    /// The line; 0 when the place is unknown.
    pub line: u64,
    /// The column; 0 when the place is unknown.
    pub column: u64,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
}

struct Place<'a>(&'a str, u64, u64);

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self(file, 0, _) => write!(f, "{file}: "),
            Self(file, line, column) => write!(f, "{file}:{line}:{column}: "),
        }
    }
}

/// Reads `text`, which begins behind `lines_before` lines of `file`.
pub(crate) fn read<T: DeserializeOwned>(
    text: &str,
    file: &str,
    lines_before: u64,
) -> Result<T, Located> {
    let options = serde_saphyr::options! { with_snippet: false };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let place = error.location();
        let (line, column) = place.map_or((0, 0), |at| (at.line() + lines_before, at.column()));
        Located { file: file.to_owned(), line, column, message: message(&error) }
    })
}

/// The error's own words, without the place that it appends to them.
fn message(error: &serde_saphyr::Error) -> String {
    let plain = error.render_with_formatter(&serde_saphyr::UserMessageFormatter);
    let end = plain.find(" at line ").unwrap_or(plain.len());
    let plain = plain[..end].trim().replace('\n', "; ");
    match plain.as_str() {
        "invalid u64" | "invalid u32" => "expected a whole number from 0 up".to_owned(),
        "invalid i64" | "invalid i32" => "expected a whole number".to_owned(),
        _ => plain,
    }
}
