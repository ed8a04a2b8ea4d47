//! One more server in a program's settings, and every other byte as it was.

use serde_json::Value;

use super::super::json_edit::{Document, Flavour, Malformed, object_of, pretty};
use super::app::{Form, SERVER};

/// By how much is indented in a file that is new.
const INDENTATION: &str = "  ";

/// What a file comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Merged {
    /// It has the server already.
    There,
    /// It has a server of this name already, entered otherwise.
    Other(String),
    /// Its new text.
    New(String),
}

/// The text of a settings file with the server in it. A file that is not there is an empty text.
pub(super) fn merged(text: &str, form: &Form) -> Result<Merged, Malformed> {
    match form {
        Form::Json { flavour, list, entry } => in_json(text, *flavour, list, entry),
        Form::Toml { list, command, args } => in_toml(text, list, command, args),
    }
}

fn in_json(text: &str, flavour: Flavour, list: &str, entry: &Value) -> Result<Merged, Malformed> {
    let file = Document::parse(text, flavour)?;
    let unit = if file.is_empty() { INDENTATION } else { file.indentation() };
    let written = pretty(entry, unit);
    let servers = object_of(SERVER, &written, unit);
    if file.is_empty() {
        return Ok(Merged::New(format!("{}\n", object_of(list, &servers, unit))));
    }
    let whole = file.whole();
    let Some(there) = file.member(&whole, list) else {
        // Nothing but comments: they stand before the object that begins the file.
        if whole.is_empty() {
            let text = text.trim_end();
            return Ok(Merged::New(format!("{text}\n{}\n", object_of(list, &servers, unit))));
        }
        return Ok(Merged::New(file.grown(&whole, &format!("\"{list}\": {servers}"))));
    };
    if !file.value()[list].is_object() {
        return Err(file.wrong(&there, &format!("`{list}` is not an object")));
    }
    match file.value()[list].get(SERVER) {
        Some(found) if found == entry => Ok(Merged::There),
        Some(found) => Ok(Merged::Other(found.to_string())),
        None => Ok(Merged::New(file.grown(&there, &format!("\"{SERVER}\": {written}")))),
    }
}

fn in_toml(text: &str, list: &str, command: &str, args: &[String]) -> Result<Merged, Malformed> {
    let file: toml::Table = toml::from_str(text).map_err(|error| misread(text, &error))?;
    let mut entry = toml::Table::new();
    entry.insert("command".to_owned(), command.into());
    entry.insert("args".to_owned(), args.to_vec().into());
    match file.get(list).and_then(|servers| servers.get(SERVER)) {
        Some(toml::Value::Table(found)) if *found == entry => return Ok(Merged::There),
        Some(found) => return Ok(Merged::Other(found.to_string())),
        None => {}
    }
    let gap = match text.trim_end() {
        "" => "",
        _ if text.ends_with("\n\n") => "",
        _ if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let entry = toml::to_string(&entry).expect("BUG: a table of texts is TOML");
    let new = format!("{text}{gap}[{list}.{SERVER}]\n{entry}");
    // A table that is written in one line takes no more from behind.
    if toml::from_str::<toml::Table>(&new).is_err() {
        let at = text.lines().position(|line| line.trim_start().starts_with(list));
        let line = at.unwrap_or_default() + 1;
        let message = format!("`{list}` cannot be added to: write it as tables, [{list}.NAME]");
        return Err(Malformed { line, column: 1, message });
    }
    Ok(Merged::New(new))
}

fn misread(text: &str, error: &toml::de::Error) -> Malformed {
    let at = error.span().map_or(0, |span| span.start).min(text.len());
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Malformed { line, column, message: error.message().to_owned() }
}

#[cfg(test)]
mod tests;
