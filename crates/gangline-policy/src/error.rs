//! What is wrong with a configuration file, and where.

use std::fmt;

/// A configuration file that cannot be used. Its `Display` is several lines: place and problem,
/// the line in question with a caret, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// The file's name, as the caller gave it.
    pub file: String,
    /// Where in it; absent when the file as a whole is meant.
    pub place: Option<Box<Place>>,
    /// What is wrong.
    pub problem: Problem,
    /// What to write instead, where that is known: one line.
    pub help: Option<String>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// Characters to underline, at least 1.
    pub width: usize,
    /// The line itself, without control characters, at most about 160 characters.
    pub text: String,
}

/// Characters that are shown of a line. Longer ones are cut behind the caret's end.
pub(crate) const EXCERPT_CHARS_MAX: usize = 160;

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// The text is no TOML.
    #[error("{0}")]
    Syntax(String),
    /// A key that means nothing here.
    #[error("unknown key `{0}`")]
    UnknownKey(String),
    /// A required key is absent.
    #[error("`{0}` is missing")]
    MissingKey(String),
    /// A value of the wrong type or outside what is allowed.
    #[error("`{key}`: {what}")]
    Value {
        /// The key's whole path, such as `checks.test.timeout`.
        key: String,
        /// What is wrong with its value.
        what: String,
    },
    /// Two settings that exclude one another.
    #[error("{0}")]
    Contradiction(String),
    /// Nothing would be measured.
    #[error("no required check: nothing would ever be verified")]
    NothingRequired,
    /// More text than any configuration needs.
    #[error("the file has {bytes} bytes, more than {max}")]
    TooLong {
        /// Bytes given.
        bytes: usize,
        /// Bytes allowed.
        max: usize,
    },
}

impl Place {
    /// The place of the byte range `span` in `text`.
    pub(crate) fn of(text: &str, span: std::ops::Range<usize>) -> Self {
        let mut start = span.start.min(text.len());
        while !text.is_char_boundary(start) {
            start -= 1;
        }
        let line_start = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
        let line = text[line_start..].split('\n').next().unwrap_or_default();
        let before = text[line_start..start].chars().count();
        let line_end = line_start + line.trim_end_matches('\r').len();
        let end = span.end.clamp(start, line_end.max(start));
        let width = text.get(start..end).map_or(1, |marked| marked.chars().count()).max(1);
        let shown = |c: char| if c.is_control() { ' ' } else { c };
        Self {
            line: text[..start].matches('\n').count() + 1,
            column: before + 1,
            width,
            text: line
                .trim_end_matches('\r')
                .chars()
                .map(shown)
                .take(EXCERPT_CHARS_MAX.max(before + width))
                .collect(),
        }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = printable(&self.file);
        let problem = printable(&self.problem.to_string());
        match &self.place {
            None => write!(f, "{file}: {problem}")?,
            Some(place) => {
                let Place { line, column, width, text } = &**place;
                let gutter = " ".repeat(line.to_string().len());
                let carets = format!("{}{}", " ".repeat(column - 1), "^".repeat(*width));
                writeln!(f, "{file}:{line}:{column}: {problem}")?;
                writeln!(f, "{gutter} |")?;
                writeln!(f, "{line} | {text}")?;
                write!(f, "{gutter} | {carets}")?;
            }
        }
        match &self.help {
            Some(help) => write!(f, "\n  help: {}", printable(help)),
            None => Ok(()),
        }
    }
}

/// A file may say anything, and a terminal would do what it says.
fn printable(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            shown.extend(c.escape_debug());
        } else {
            shown.push(c);
        }
    }
    shown
}

impl std::error::Error for PolicyError {}
