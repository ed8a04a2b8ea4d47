//! One more hook in a settings file of Claude Code, and every other byte as it was.
//!
//! The file is a person's own: what is there is neither sorted nor indented anew. So it is read only
//! to find the innermost list or object that exists already, and the rest is put in before its end.

use std::collections::BTreeMap;
use std::ops::Range;

use serde::Serialize;
use serde_json::Value;
use serde_json::ser::PrettyFormatter;
use serde_json::value::RawValue;

use super::task::TOOLS;

/// Seconds after which Claude Code goes on without the hook, which may have to start a daemon.
const TIMEOUT_S: u32 = 60;
/// When the hook is called.
const EVENT: &str = "PreToolUse";
/// By how much is indented where nothing in the file is.
const INDENTATION: &str = "  ";

/// What a settings file comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Merged {
    /// It has this hook already.
    There,
    /// It calls `gangline hook task` already, in another way.
    Other(String),
    /// Its new text.
    New(String),
}

/// Why a file is no settings file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Malformed {
    /// From 1.
    pub(super) line: usize,
    /// What is wrong there, as a lowercase fragment.
    pub(super) message: String,
}

#[derive(Serialize)]
struct Matched<'a> {
    matcher: String,
    hooks: [Called<'a>; 1],
}

#[derive(Serialize)]
struct Called<'a> {
    r#type: &'static str,
    command: &'a str,
    timeout: u32,
}

/// The text of a settings file with a hook that calls `command` before a sub-agent starts. A file
/// that is not there is an empty text.
pub(super) fn merged(text: &str, command: &str) -> Result<Merged, Malformed> {
    let hooks = [Called { r#type: "command", command, timeout: TIMEOUT_S }];
    let entry = Matched { matcher: TOOLS.join("|"), hooks };
    let text = if text.trim().is_empty() { "" } else { text };
    let unit = indentation(text);
    let entry = pretty(&entry, unit);
    let in_list = |unit: &str| format!("[\n{unit}{}\n]", deeper(&entry, unit));
    let in_object =
        |name: &str, of: &str| format!("{{\n{unit}\"{name}\": {}\n}}", deeper(of, unit));
    if text.is_empty() {
        let hooks = in_object(EVENT, &in_list(unit));
        return Ok(Merged::New(format!("{}\n", in_object("hooks", &hooks))));
    }
    let file: Value = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default().to_owned();
        Malformed { line: error.line().max(1), message }
    })?;
    let whole = trimmed(text);
    let wrong = |at: &Range<usize>, what: &str| {
        let line = text[..at.start].matches('\n').count() + 1;
        Malformed { line, message: what.to_owned() }
    };
    if !file.is_object() {
        return Err(wrong(&whole, "the settings are not an object"));
    }
    let Some(hooks) = member(text, &whole, "hooks") else {
        let hooks = in_object(EVENT, &in_list(unit));
        return Ok(Merged::New(grown(text, &whole, &format!("\"hooks\": {hooks}"))));
    };
    if !file["hooks"].is_object() {
        return Err(wrong(&hooks, "`hooks` is not an object"));
    }
    let Some(list) = member(text, &hooks, EVENT) else {
        let list = in_list(unit);
        return Ok(Merged::New(grown(text, &hooks, &format!("\"{EVENT}\": {list}"))));
    };
    let Some(entries) = file["hooks"][EVENT].as_array() else {
        return Err(wrong(&list, &format!("`hooks.{EVENT}` is not a list")));
    };
    match ours(entries) {
        Some(found) if found == command => Ok(Merged::There),
        Some(found) => Ok(Merged::Other(found.to_owned())),
        None => Ok(Merged::New(grown(text, &list, &entry))),
    }
}

/// The command by which one of the hooks calls this program.
fn ours(entries: &[Value]) -> Option<&str> {
    let hooks = entries.iter().filter_map(|entry| entry["hooks"].as_array()).flatten();
    let mut commands = hooks.filter_map(|hook| hook["command"].as_str());
    commands.find(|command| command.contains("gangline") && command.contains("hook task"))
}

/// Where a member of the object at `object` stands; of several with the same name the last, which
/// is the one that counts.
fn member(text: &str, object: &Range<usize>, name: &str) -> Option<Range<usize>> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(&text[object.clone()]).ok()?;
    let found = members.get(name)?.get();
    let start = found.as_ptr().addr() - text.as_ptr().addr();
    Some(start..start + found.len())
}

/// The text with one more entry at the end of the list or object at `place`.
fn grown(text: &str, place: &Range<usize>, entry: &str) -> String {
    let (opened, closing) = (place.start + 1, place.end - 1);
    let last = opened + text[opened..closing].trim_end().len();
    let begun = text[..place.start].rfind('\n').map_or(0, |at| at + 1);
    let outer = leading(&text[begun..]);
    let inner = format!("{outer}{}", indentation(text));
    let comma = if text[opened..last].trim().is_empty() { "" } else { "," };
    let entry = deeper(entry, &inner);
    let (before, after) = (&text[..last], &text[closing..]);
    format!("{before}{comma}\n{inner}{entry}\n{outer}{after}")
}

/// With all lines but the first further to the right.
fn deeper(text: &str, by: &str) -> String {
    text.replace('\n', &format!("\n{by}"))
}

fn pretty(value: &impl Serialize, unit: &str) -> String {
    let mut bytes = vec![];
    let formatter = PrettyFormatter::with_indent(unit.as_bytes());
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    value.serialize(&mut serializer).expect("BUG: a hook is JSON");
    String::from_utf8(bytes).expect("BUG: JSON is text")
}

/// By how much the first line that is indented is.
fn indentation(text: &str) -> &str {
    text.lines().map(leading).find(|unit| !unit.is_empty()).unwrap_or(INDENTATION)
}

fn leading(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn trimmed(text: &str) -> Range<usize> {
    let start = text.len() - text.trim_start().len();
    start..text.trim_end().len()
}

#[cfg(test)]
mod tests;
