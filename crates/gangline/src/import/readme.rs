//! One ticket README.

use std::collections::BTreeSet;

use gangline_domain::ids::{AgentName, TicketKey};

/// A ticket as its README says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Readme {
    /// Its key.
    pub(crate) key: TicketKey,
    /// Its heading, without the number.
    pub(crate) title: String,
    /// All that follows the heading.
    pub(crate) body: String,
    /// In lower case, if it says one.
    pub(crate) priority: Option<String>,
    /// Tickets that it names as dependencies.
    pub(crate) depends_on: BTreeSet<TicketKey>,
    /// The definition that it names.
    pub(crate) agent: Option<String>,
    /// Its labels.
    pub(crate) labels: Vec<String>,
    /// What its agent must be able to do.
    pub(crate) capabilities: Vec<String>,
    /// The number of its heading, when that is not a whole key.
    pub(crate) external_ref: Option<String>,
    /// What was read and not understood: one line each.
    pub(crate) notes: Vec<String>,
}

/// What a file is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Read {
    /// A ticket.
    Ticket(Box<Readme>),
    /// Something else; why it is not taken for a ticket.
    Other(&'static str),
    /// Meant as a ticket, and none.
    Bad(Wrong),
}

/// What is wrong, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// From 1.
    pub(crate) line: usize,
    /// What.
    pub(crate) what: String,
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
const PRIORITIES: [&str; 4] = ["critical", "high", "medium", "low"];

/// Reads one README. `prefix` is what the project's keys begin with.
pub(crate) fn parse(text: &str, prefix: &str) -> Read {
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
        depends_on: BTreeSet::new(),
        agent: None,
        labels: vec![],
        capabilities: vec![],
        external_ref,
        notes: vec![],
    };
    match fields(&lines, at + 1, prefix, &mut readme) {
        Ok(()) => Read::Ticket(Box::new(readme)),
        Err(wrong) => Read::Bad(wrong),
    }
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
            if DEPENDENCIES.contains(&section.as_str())
                && let Some(item) = item
            {
                let item = item.trim_start_matches("[ ]").trim_start_matches("[x]").trim_start();
                readme.depends_on.extend(first_reference(item, prefix).map_err(wrong)?);
            }
        } else if let Some((name, value)) = field(line) {
            take(&name, value, prefix, readme).map_err(wrong)?;
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

fn take(name: &str, value: &str, prefix: &str, readme: &mut Readme) -> Result<(), String> {
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
            readme.notes.push(format!("no ticket is named in `{name}: {value}`"));
        }
        readme.depends_on.extend(references);
    } else if name == "agent" {
        let named = words(value).next();
        let is_name = |name: &String| name.parse::<AgentName>().is_ok();
        readme.agent = named.clone().filter(is_name);
        if named.is_some() && readme.agent.is_none() {
            readme.notes.push(format!("no agent is named in `{name}: {value}`"));
        }
    } else if LABELS.contains(&name) {
        readme.labels.extend(words(value));
    } else if CAPABILITIES.contains(&name) {
        readme.capabilities.extend(words(value));
    }
    Ok(())
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
