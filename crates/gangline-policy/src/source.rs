//! From TOML text to a value, with errors that show where.

use serde::de::DeserializeOwned;

use crate::error::{Place, PolicyError, Problem};
use crate::similar::nearest;

/// A text and the name that errors call it by.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub(crate) text: &'a str,
    pub(crate) file: &'a str,
}

impl Source<'_> {
    /// Reads a `T`. Anything wrong is one [`PolicyError`] with its place.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, PolicyError> {
        let deserializer =
            toml::Deserializer::parse(self.text).map_err(|error| self.syntax(&error))?;
        serde_path_to_error::deserialize(deserializer).map_err(|error| {
            let path = error.path().to_string();
            self.value(&path, error.inner())
        })
    }

    /// An error about the bytes `span`, or about the whole file.
    pub(crate) fn error(
        &self,
        span: Option<std::ops::Range<usize>>,
        problem: Problem,
        help: Option<String>,
    ) -> PolicyError {
        let place = span.map(|span| Box::new(Place::of(self.text, span)));
        PolicyError { file: self.file.to_owned(), place, problem, help }
    }

    /// Refuses a text of more than `max` bytes before anything parses it.
    pub(crate) fn bounded(&self, max: usize) -> Result<(), PolicyError> {
        let bytes = self.text.len();
        if bytes > max {
            return Err(self.error(None, Problem::TooLong { bytes, max }, None));
        }
        Ok(())
    }

    fn syntax(&self, error: &toml::de::Error) -> PolicyError {
        self.error(error.span(), Problem::Syntax(error.message().to_owned()), None)
    }

    fn value(&self, path: &str, error: &toml::de::Error) -> PolicyError {
        let key = clean(path);
        let message = error.message();
        if let Some(unknown) = quoted_after(message, "unknown field `") {
            let help = suggestion(unknown, message, "key");
            let problem = Problem::UnknownKey(unknown.to_owned());
            return self.error(error.span(), problem, help);
        }
        if let Some(missing) = quoted_after(message, "missing field `") {
            let whole =
                if key.is_empty() { missing.to_owned() } else { format!("{key}.{missing}") };
            return self.error(error.span(), Problem::MissingKey(whole), None);
        }
        if let Some(unknown) = quoted_after(message, "unknown variant `") {
            let what = format!("`{unknown}` is not one of its values");
            let help = suggestion(unknown, message, "value");
            return self.error(error.span(), Problem::Value { key, what }, help);
        }
        // What a type of ours refused may bring its own help behind a line break.
        let (what, help) = match message.split_once('\n') {
            Some((what, help)) => (what.to_owned(), Some(help.to_owned())),
            None => (plain(message), None),
        };
        self.error(error.span(), Problem::Value { key, what }, help)
    }
}

/// A type error in the words of the file instead of Rust's.
fn plain(message: &str) -> String {
    if message == "wanted string or table" {
        return "expected a word in quotes".to_owned();
    }
    let found = message
        .strip_prefix("invalid type: ")
        .or_else(|| message.strip_prefix("invalid value: "))
        .and_then(|rest| rest.rsplit_once(", expected "));
    let Some((found, expected)) = found else { return message.to_owned() };
    let expected = match expected {
        "a sequence" => "a list",
        "a map" => "a table",
        "a boolean" => "true or false",
        "i64" | "u64" | "u32" => "a whole number",
        table if table.starts_with("struct ") => "a table",
        other => other,
    };
    let found = if found == "map" { "a table" } else { found };
    format!("expected {expected}, found {found}")
}

/// The path without what `Spanned` puts into it.
fn clean(path: &str) -> String {
    let parts = path.split('.').filter(|part| !part.starts_with("$__serde_spanned"));
    let path = parts.collect::<Vec<_>>().join(".");
    path.trim_start_matches(['.', '?']).to_owned()
}

fn quoted_after<'a>(message: &'a str, start: &str) -> Option<&'a str> {
    message.strip_prefix(start)?.split('`').next()
}

/// Reads the expected words out of serde's message, which lists them in backticks.
fn suggestion(unknown: &str, message: &str, noun: &str) -> Option<String> {
    let tail = message.split_once("expected ")?.1;
    let known: Vec<&str> = tail.split('`').skip(1).step_by(2).collect();
    match nearest(unknown, known.iter().copied()) {
        Some(word) => Some(format!("did you mean `{word}`?")),
        None if known.is_empty() => Some(format!("no {noun} is allowed here")),
        None => Some(format!("known {noun}s are `{}`", known.join("`, `"))),
    }
}
