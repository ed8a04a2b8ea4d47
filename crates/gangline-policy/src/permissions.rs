//! What an agent's program must ask leave for, and who answers.

use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::period::Period;

/// What parts one simple command of a shell's line from the next.
const SEPARATORS: [&str; 9] = ["&&", "||", ";", "|", "&", "\n", "$(", "`", "("];
const RULES_MAX: usize = 200;
const TIMEOUT_DEFAULT: &str = "30m";

/// `[permissions]`. Rules guide an honest agent; what a dishonest one can reach is the sandbox's
/// business.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Permissions {
    /// What is done where no rule matches.
    pub default: Leave,
    /// How long a person may take to answer.
    pub timeout: Period,
    /// What happens when nobody has answered by then.
    pub on_timeout: OnTimeout,
    /// Whether agents work under these rules whose kind cannot ask.
    pub cannot_ask: CannotAsk,
    /// The first one that matches decides.
    #[serde(deserialize_with = "rules")]
    pub rules: Vec<PermissionRule>,
}

impl Default for Permissions {
    fn default() -> Self {
        Self {
            default: Leave::Allow,
            timeout: TIMEOUT_DEFAULT.parse().expect("BUG: a default is valid"),
            on_timeout: OnTimeout::default(),
            cannot_ask: CannotAsk::default(),
            rules: vec![],
        }
    }
}

/// What becomes of a request for leave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Leave {
    /// It is given at once.
    Allow,
    /// A person is asked.
    Ask,
    /// It is refused at once.
    Deny,
}

/// What happens when nobody answers a request for leave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnTimeout {
    /// It is refused, with the reason; the agent goes on.
    #[default]
    Deny,
    /// The session ends and the ticket waits for the answer, without a slot.
    Park,
}

/// What happens with an agent whose kind cannot ask for leave.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CannotAsk {
    /// It is not started.
    #[default]
    Refuse,
    /// It works without leave.
    Run,
}

/// One of `[[permissions.rules]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PermissionRule {
    /// The tool's name, where `*` stands for any characters; upper and lower case are the same.
    pub tool: String,
    /// What the tool would do, where `*` stands for any characters: the command, or a file that
    /// it names. Any use of the tool when absent.
    #[serde(default)]
    pub pattern: Option<String>,
    /// What becomes of it.
    pub then: Leave,
    /// What the agent, or the person, is told about it.
    #[serde(default)]
    pub reason: Option<String>,
}

/// What is asked leave for.
#[derive(Debug, Clone, Copy)]
pub struct Request<'a> {
    /// The tool's name.
    pub tool: &'a str,
    /// What it would do, whole.
    pub detail: &'a str,
    /// The files that it names.
    pub paths: &'a [String],
}

/// What becomes of a request, and by which rule; without one it is the default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision<'a> {
    /// What becomes of it.
    pub leave: Leave,
    /// The rule that says so.
    pub rule: Option<&'a PermissionRule>,
}

impl Permissions {
    /// Whether anything is to be asked for at all.
    pub fn asks(&self) -> bool {
        self.default != Leave::Allow || self.rules.iter().any(|rule| rule.then != Leave::Allow)
    }

    /// What becomes of a request.
    pub fn decide(&self, request: &Request<'_>) -> Decision<'_> {
        let rule = self.rules.iter().find(|rule| rule.matches(request));
        Decision { leave: rule.map_or(self.default, |rule| rule.then), rule }
    }
}

impl PermissionRule {
    /// A rule that restricts matches when any simple command of a shell's line does, and one that
    /// allows only when all of them do: `git status && rm -r /` is no `git status`.
    fn matches(&self, request: &Request<'_>) -> bool {
        if !glob(&self.tool.to_lowercase(), &request.tool.to_lowercase()) {
            return false;
        }
        let Some(pattern) = &self.pattern else { return true };
        let mut parts = simple_commands(request.detail);
        let said = match self.then {
            Leave::Allow => !parts.is_empty() && parts.iter().all(|part| glob(pattern, part)),
            Leave::Ask | Leave::Deny => {
                parts.push(request.detail.trim());
                parts.iter().any(|part| glob(pattern, part))
            }
        };
        let mut paths = request.paths.iter();
        let named = match self.then {
            Leave::Allow => paths.len() > 0 && paths.all(|path| glob(pattern, path)),
            Leave::Ask | Leave::Deny => paths.any(|path| glob(pattern, path)),
        };
        said || named
    }
}

/// The simple commands of a shell's line, without knowing its quotes: rather too many than too
/// few.
fn simple_commands(line: &str) -> Vec<&str> {
    let mut parts = vec![line];
    for separator in SEPARATORS {
        parts = parts.into_iter().flat_map(|part| part.split(separator)).collect();
    }
    let trimmed = parts.into_iter().map(|part| part.trim_matches([' ', '\t', ')']));
    trimmed.filter(|part| !part.is_empty()).collect()
}

/// Whether `text` is `pattern`, in which `*` stands for any characters. Linear in both but for
/// the last `*`, so that no pattern makes it slow.
fn glob(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.len() >= last.len() && rest.ends_with(last)
}

fn rules<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PermissionRule>, D::Error> {
    let rules = Vec::<PermissionRule>::deserialize(deserializer)?;
    if rules.len() > RULES_MAX {
        return Err(de::Error::custom(format!("more than {RULES_MAX} rules")));
    }
    for rule in &rules {
        if rule.tool.trim().is_empty() {
            return Err(de::Error::custom("`tool` names no tool; write tool = \"*\" for all"));
        }
        if rule.pattern.as_ref().is_some_and(|pattern| pattern.trim().is_empty()) {
            return Err(de::Error::custom("`pattern` is empty; leave it out to match every use"));
        }
    }
    Ok(rules)
}

#[cfg(test)]
mod tests;
