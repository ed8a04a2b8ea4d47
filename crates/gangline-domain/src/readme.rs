//! A ticket as it is written in Markdown: what `gangline import` reads of a folder, and a plan has
//! several of (see [`proposal`](crate::proposal)).
//!
//! ```text
//! # Ticket #105: Reject empty input        key PREFIX-105, external reference 105
//! **Priority:** High
//! **Depends on:** #104, #102               or a section `## Dependencies` with a list
//! **Scope:** `src/input/**`                patterns stand between backticks
//! ```

use std::collections::BTreeMap;

use crate::ids::{AgentName, TicketKey};

/// A ticket as its README says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Readme {
    /// Its key.
    pub key: TicketKey,
    /// Its heading, without the number.
    pub title: String,
    /// All that follows the heading.
    pub body: String,
    /// In lower case, if it says one.
    pub priority: Option<String>,
    /// Tickets that it names as dependencies, and in which line first.
    pub depends_on: BTreeMap<TicketKey, usize>,
    /// Patterns of the files it means to change.
    pub scope: Vec<String>,
    /// Says that it may change any file.
    pub anywhere: bool,
    /// Items of its section `Acceptance`.
    pub acceptance: usize,
    /// The definition that it names.
    pub agent: Option<String>,
    /// Its labels.
    pub labels: Vec<String>,
    /// What its agent must be able to do.
    pub capabilities: Vec<String>,
    /// The number of its heading, when that is not a whole key.
    pub external_ref: Option<String>,
    /// What was read and not understood.
    pub notes: Vec<Wrong>,
    /// Fields that mean nothing here.
    pub unknown: Vec<Wrong>,
}

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// A ticket.
    Ticket(Box<Readme>),
    /// Something else; why it is not taken for a ticket.
    Other(&'static str),
    /// Meant as a ticket, and none.
    Bad(Wrong),
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// From 1.
    pub line: usize,
    /// What.
    pub what: String,
}

/// Fields whose values name dependencies.
const DEPENDENCIES: [&str; 5] =
    ["depends on", "dependencies", "dependency", "blocked by", "requires"];
/// Fields whose values are labels.
const LABELS: [&str; 2] = ["label", "labels"];
/// Fields whose values are what the agent must be able to do.
const CAPABILITIES: [&str; 2] = ["capability", "capabilities"];
/// Values that say that there is nothing.
const NOTHING: [&str; 6] = ["none", "-", "n/a", "no", "nothing", "none."];
/// Fields whose values are patterns of files.
const SCOPES: [&str; 3] = ["scope", "files", "paths"];
/// What a scope says that is none.
const ANYWHERE: [&str; 2] = ["anywhere", "any"];
/// Sections whose items say how the ticket is accepted.
const ACCEPTANCE: [&str; 3] = ["acceptance", "acceptance criteria", "acceptance checks"];
const PRIORITIES: [&str; 4] = ["critical", "high", "medium", "low"];

/// Reads one README. `prefix` is what the project's keys begin with.
pub fn parse(text: &str, prefix: &str) -> Read {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let lines: Vec<&str> = text.lines().collect();
    let Some(at) = lines.iter().position(|line| !line.trim().is_empty()) else {
        return Read::Other("it is empty");
    };
    let Some(heading) = lines[at].trim().strip_prefix("# ") else {
        return Read::Other("it does not begin with a heading");
    };
    let (key, title, external_ref) = match named(heading.trim(), prefix) {
        Named::Ticket { key, title, number } => (key, title, number),
        Named::No => return Read::Other("its heading is not `# Ticket #N: title`"),
        Named::Bad(what) => return Read::Bad(Wrong { line: at + 1, what }),
    };
    let mut readme = Readme {
        key,
        title,
        body: lines[at + 1..].join("\n").trim().to_owned(),
        priority: None,
        depends_on: BTreeMap::new(),
        scope: vec![],
        anywhere: false,
        acceptance: 0,
        agent: None,
        labels: vec![],
        capabilities: vec![],
        external_ref,
        notes: vec![],
        unknown: vec![],
    };
    match fields(&lines, at + 1, prefix, &mut readme) {
        Ok(()) => Read::Ticket(Box::new(readme)),
        Err(wrong) => Read::Bad(wrong),
    }
}

/// Whether a heading is meant as a ticket's, well written or not.
pub(crate) fn is_heading(heading: &str, prefix: &str) -> bool {
    !matches!(named(heading.trim(), prefix), Named::No)
}

enum Named {
    Ticket { key: TicketKey, title: String, number: Option<String> },
    No,
    Bad(String),
}

/// `Ticket #105: title`, `Ticket APP-105: title` or `APP-105: title`.
fn named(heading: &str, prefix: &str) -> Named {
    let lower = heading.to_ascii_lowercase();
    let (rest, meant) = match lower.strip_prefix("ticket") {
        Some(rest) if rest.starts_with([' ', '#', ':']) => {
            (heading[heading.len() - rest.len()..].trim_start(), true)
        }
        Some(_) | None => (heading, false),
    };
    let end = rest.find([':', ' ', '–', '—']).unwrap_or(rest.len());
    let (name, tail) = rest.split_at(end);
    let number = name.strip_prefix('#').or(meant.then_some(name));
    let number = number.filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    let parsed = match number {
        Some(number) => format!("{prefix}-{number}").parse::<TicketKey>(),
        None => name.parse::<TicketKey>(),
    };
    let key = match parsed {
        Ok(key) => key,
        Err(error) if meant => return Named::Bad(error.to_string()),
        Err(_) => return Named::No,
    };
    let title = tail.trim_start_matches([':', ' ', '-', '–', '—']).trim();
    if title.is_empty() {
        return Named::Bad(format!("{key} has no title: write `# Ticket #N: title`"));
    }
    Named::Ticket { key, title: title.to_owned(), number: number.map(str::to_owned) }
}

/// Reads `**Name:** value` lines above the first section, and the section `Dependencies`.
fn fields(lines: &[&str], from: usize, prefix: &str, readme: &mut Readme) -> Result<(), Wrong> {
    let mut section: Option<String> = None;
    let mut fenced = false;
    for (at, line) in lines.iter().enumerate().skip(from) {
        let wrong = |what| Wrong { line: at + 1, what };
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            fenced = !fenced;
        } else if fenced {
            // What an example says is not meant.
        } else if let Some(title) = line.strip_prefix("## ") {
            section = Some(title.trim().to_lowercase());
        } else if let Some(section) = &section {
            let item = line.strip_prefix(['-', '*', '+']).map(str::trim_start);
            let item = item
                .map(|item| item.trim_start_matches("[ ]").trim_start_matches("[x]").trim_start());
            let Some(item) = item else { continue };
            if DEPENDENCIES.contains(&section.as_str()) {
                let found = first_reference(item, prefix).map_err(wrong)?;
                readme.depend(found, at + 1);
            } else if ACCEPTANCE.contains(&section.as_str()) && !item.is_empty() {
                readme.acceptance += 1;
            }
        } else if let Some((name, value)) = field(line) {
            let known = take(&name, (value, at + 1), prefix, readme).map_err(wrong)?;
            if !known && is_field(line) {
                let what = format!("there is no field `{}`", name.escape_debug());
                readme.unknown.push(Wrong { line: at + 1, what });
            }
        }
    }
    Ok(())
}

/// `**Name:** value` or `**Name**: value`.
fn field(line: &str) -> Option<(String, &str)> {
    let line = line.trim_start_matches(['-', '*', ' ']).trim_start();
    let (name, value) = line.split_once("**")?;
    let name = name.trim().trim_end_matches(':');
    let value = value.trim_start_matches(':').trim().trim_end_matches('\\').trim();
    Some((name.to_lowercase(), value))
}

/// Whether a line with marks of bold is written as a field, and is not just prose.
fn is_field(line: &str) -> bool {
    let line = line.trim_start_matches(['-', ' ']);
    line.strip_prefix("**").and_then(|rest| rest.split_once("**")).is_some_and(|(name, rest)| {
        name.trim_end().ends_with(':') || rest.trim_start().starts_with(':')
    })
}

/// Whether the field means anything here.
fn take(
    name: &str,
    (value, line): (&str, usize),
    prefix: &str,
    readme: &mut Readme,
) -> Result<bool, String> {
    if name == "priority" {
        let said = value.to_lowercase();
        let words = said.split(|c: char| !c.is_ascii_alphanumeric());
        let found = words.into_iter().find(|word| PRIORITIES.contains(word));
        let Some(found) = found else {
            let value = value.escape_debug();
            return Err(format!(
                "`{value}` is not a priority; one is critical, high, medium or low"
            ));
        };
        readme.priority = Some(found.to_owned());
    } else if DEPENDENCIES.contains(&name) {
        let references = references(value, prefix)?;
        let said_none = NOTHING.contains(&value.to_lowercase().as_str());
        if references.is_empty() && !said_none && !value.is_empty() {
            readme.note(line, format!("no ticket is named in `{name}: {value}`"));
        }
        readme.depend(references, line);
    } else if name == "agent" {
        let named = words(value).next();
        let is_name = |name: &String| name.parse::<AgentName>().is_ok();
        readme.agent = named.clone().filter(is_name);
        if named.is_some() && readme.agent.is_none() {
            readme.note(line, format!("no agent is named in `{name}: {value}`"));
        }
    } else if LABELS.contains(&name) {
        readme.labels.extend(words(value));
    } else if CAPABILITIES.contains(&name) {
        readme.capabilities.extend(words(value));
    } else if SCOPES.contains(&name) {
        let patterns = in_backticks(value);
        let said = value.trim_matches('`').to_lowercase();
        readme.anywhere |= ANYWHERE.contains(&said.as_str());
        if readme.anywhere {
            // Which is what it means to say nothing.
        } else if patterns.is_empty() && !NOTHING.contains(&said.as_str()) {
            readme.note(line, format!("no pattern between backticks is in `{name}: {value}`"));
        }
        if !readme.anywhere {
            readme.scope.extend(patterns);
        }
    } else {
        return Ok(false);
    }
    Ok(true)
}

impl Readme {
    fn depend(&mut self, on: impl IntoIterator<Item = TicketKey>, line: usize) {
        for key in on {
            self.depends_on.entry(key).or_insert(line);
        }
    }

    fn note(&mut self, line: usize, what: String) {
        self.notes.push(Wrong { line, what });
    }
}

/// What stands between backticks: a scope that is prose has none.
fn in_backticks(value: &str) -> Vec<String> {
    let inside = value.split('`').skip(1).step_by(2).map(str::trim);
    inside.filter(|pattern| !pattern.is_empty()).map(str::to_owned).collect()
}

/// What stands between commas, without the marks of code; nothing where it says that.
fn words(value: &str) -> impl Iterator<Item = String> {
    let word = |part: &str| part.trim().trim_matches('`').trim().to_owned();
    let is_word =
        |word: &String| !word.is_empty() && !NOTHING.contains(&word.to_lowercase().as_str());
    value.split(',').map(word).filter(is_word)
}

/// All tickets that a text names, as `#105` or `APP-105`.
fn references(text: &str, prefix: &str) -> Result<Vec<TicketKey>, String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '#' | '-');
    let words = text.split(|c: char| !is_part(c)).filter(|word| !word.is_empty());
    let found = words.map(|word| reference(word, prefix));
    found.filter_map(Result::transpose).collect()
}

/// The ticket that a list item begins with.
fn first_reference(item: &str, prefix: &str) -> Result<Option<TicketKey>, String> {
    let item = item.trim_start_matches(['*', '`', '[']);
    let lower = item.to_ascii_lowercase();
    let item = if lower.starts_with("ticket ") { &item["ticket ".len()..] } else { item };
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '#' | '-');
    let word = item.split(|c: char| !is_part(c)).next().unwrap_or_default();
    reference(word, prefix)
}

fn reference(word: &str, prefix: &str) -> Result<Option<TicketKey>, String> {
    let word = word.trim_end_matches('-');
    if let Some(number) = word.strip_prefix('#') {
        let key = format!("{prefix}-{number}").parse::<TicketKey>();
        return match key {
            Ok(key) => Ok(Some(key)),
            Err(_) => Err(format!("`{}` names no ticket", word.escape_debug())),
        };
    }
    Ok(word.parse().ok())
}

#[cfg(test)]
mod tests;
