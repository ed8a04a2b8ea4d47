//! One more hook in a settings file of Claude Code, and every other byte as it was.

use serde::Serialize;
use serde_json::Value;

use super::super::json_edit::{Document, Flavour, Malformed, deeper, object_of, pretty};
use super::task::TOOLS;

/// Seconds after which Claude Code goes on without the hook, which may have to start a daemon.
const TIMEOUT_S: u32 = 60;

/// What a settings file comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Merged {
    /// It has this hook already.
    There,
    /// It calls the same of this program already, in another way.
    Other(String),
    /// Its new text.
    New(String),
}

/// A hook that is wanted.
#[derive(Debug, Clone, Copy)]
pub(in super::super) struct Wanted<'a> {
    /// When it is called.
    pub(in super::super) event: &'a str,
    /// For which tools, where it is about tools.
    pub(in super::super) matcher: Option<&'a str>,
    /// What is called.
    pub(in super::super) command: &'a str,
    /// By which words in it such a command is known.
    pub(in super::super) known_by: &'a str,
    /// After how many seconds the program goes on without it.
    pub(in super::super) timeout_s: u32,
}

#[derive(Serialize)]
struct Matched<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    matcher: Option<&'a str>,
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
    let matcher = TOOLS.join("|");
    let (event, known_by) = ("PreToolUse", "hook task");
    with_hook(
        text,
        &Wanted { event, matcher: Some(&matcher), command, known_by, timeout_s: TIMEOUT_S },
    )
}

/// The text of a settings file with one more hook.
pub(in super::super) fn with_hook(text: &str, wanted: &Wanted<'_>) -> Result<Merged, Malformed> {
    let Wanted { event, matcher, command, known_by, timeout_s } = *wanted;
    let hooks = [Called { r#type: "command", command, timeout: timeout_s }];
    let entry = Matched { matcher, hooks };
    let file = Document::parse(text, Flavour::Json)?;
    let unit = if file.is_empty() { "  " } else { file.indentation() };
    let entry = pretty(&entry, unit);
    let list = format!("[\n{unit}{}\n]", deeper(&entry, unit));
    if file.is_empty() {
        let hooks = object_of(event, &list, unit);
        return Ok(Merged::New(format!("{}\n", object_of("hooks", &hooks, unit))));
    }
    let whole = file.whole();
    let Some(hooks) = file.member(&whole, "hooks") else {
        let hooks = object_of(event, &list, unit);
        return Ok(Merged::New(file.grown(&whole, &format!("\"hooks\": {hooks}"))));
    };
    if !file.value()["hooks"].is_object() {
        return Err(file.wrong(&hooks, "`hooks` is not an object"));
    }
    let Some(list_there) = file.member(&hooks, event) else {
        return Ok(Merged::New(file.grown(&hooks, &format!("\"{event}\": {list}"))));
    };
    let Some(entries) = file.value()["hooks"][event].as_array() else {
        return Err(file.wrong(&list_there, &format!("`hooks.{event}` is not a list")));
    };
    match ours(entries, known_by) {
        Some(found) if found == command => Ok(Merged::There),
        Some(found) => Ok(Merged::Other(found.to_owned())),
        None => Ok(Merged::New(file.grown(&list_there, &entry))),
    }
}

/// The command by which one of the hooks calls this program.
fn ours<'a>(entries: &'a [Value], known_by: &str) -> Option<&'a str> {
    let hooks = entries.iter().filter_map(|entry| entry["hooks"].as_array()).flatten();
    let mut commands = hooks.filter_map(|hook| hook["command"].as_str());
    commands.find(|command| command.contains("gangline") && command.contains(known_by))
}

#[cfg(test)]
mod tests;
