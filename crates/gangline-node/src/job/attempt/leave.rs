//! Leave to use a tool: what the project's rules answer, and what is left to a person.

use gangline_agents::definition::Definition;
use gangline_agents::driver::{ALLOW, AgentDriver, DENY, Permission};
use gangline_domain::job::Infra;
use gangline_policy::{CannotAsk, Decision, Leave, Permissions, Request};

use crate::job::failure::Failure;

/// What becomes of a request for leave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// The rules answer.
    Now {
        /// Whether leave is given.
        given: bool,
        /// What the agent is told.
        text: String,
        /// Why, for the record.
        why: String,
    },
    /// A person is asked, in these words.
    Person(String),
}

/// Whether the agent must ask leave under these rules.
///
/// # Errors
///
/// It must, and its kind cannot.
pub(super) fn must_ask(
    permissions: &Permissions,
    driver: &dyn AgentDriver,
    definition: &Definition,
) -> Result<bool, Failure> {
    if !permissions.asks() {
        return Ok(false);
    }
    if driver.can_ask_leave(definition) {
        return Ok(true);
    }
    match permissions.cannot_ask {
        CannotAsk::Run => Ok(false),
        CannotAsk::Refuse => Err(Failure::Infra(Infra::SetupFailed(format!(
            "gangline.toml has [permissions], and agent `{}` of kind `{}` cannot ask for leave: \
             choose another agent, or write permissions.cannot_ask = \"run\"",
            definition.name,
            driver.kind(),
        )))),
    }
}

/// What the rules say about a request.
pub(super) fn decide(permissions: &Permissions, wanted: &Permission) -> Answer {
    let Permission { tool, detail, paths } = wanted;
    let Decision { leave, rule } = permissions.decide(&Request { tool, detail, paths });
    let reason = rule.and_then(|rule| rule.reason.clone());
    let why = match rule {
        Some(rule) => {
            let pattern = rule.pattern.as_deref().unwrap_or("*");
            format!("rule {} {pattern}", rule.tool)
        }
        None => "permissions.default".to_owned(),
    };
    match leave {
        Leave::Allow => Answer::Now { given: true, text: ALLOW.to_owned(), why },
        Leave::Deny => {
            let text = match &reason {
                Some(reason) => format!("{DENY}: {reason}"),
                None => format!("{DENY}: the project's rules do not allow it"),
            };
            Answer::Now { given: false, text, why }
        }
        Leave::Ask => {
            let about = if detail.is_empty() { paths.join(" ") } else { detail.clone() };
            let reason = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
            Answer::Person(format!("May I use {tool}?{reason} {about}").trim_end().to_owned())
        }
    }
}

/// What the agent is told when nobody answered.
pub(super) fn unanswered(permissions: &Permissions) -> String {
    format!("{DENY}: nobody answered within {}", permissions.timeout)
}

#[cfg(test)]
mod tests;
