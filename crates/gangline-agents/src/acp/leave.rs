//! Requests for leave, and choices that come as such.

use serde_json::{Value, json};

use super::wire::{self, list, text};
use crate::driver::{ALLOW, DENY, Permission};

/// The key under which an answer's words stand beside the choice, for agents that read them.
pub(super) const WORDS: &str = "gangline.dev/words";

/// A `session/request_permission` that waits for its answer.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// The agent's own.
    id: Value,
    options: Vec<Choice>,
}

#[derive(Debug, Clone, PartialEq)]
struct Choice {
    id: Value,
    kind: String,
    name: String,
}

/// What became of a request.
#[derive(Debug, PartialEq)]
pub(super) struct Answered {
    /// For the agent.
    pub(super) line: String,
    /// Whether leave was given, or a choice made.
    pub(super) given: bool,
}

impl Asked {
    pub(super) fn read(id: Value, params: &Value) -> Self {
        let options = list(params, "options").iter().map(|option| Choice {
            id: option["optionId"].clone(),
            kind: text(option, "kind").to_owned(),
            name: text(option, "name").to_owned(),
        });
        Self { id, options: options.collect() }
    }

    /// The answers to choose from, where it is more than a yes or no.
    pub(super) fn choices(&self) -> Option<Vec<String>> {
        let ways: Vec<&Choice> = self.of_kind("allow_once").collect();
        let named = ways.iter().copied().chain(self.of_kind("reject_once"));
        (ways.len() > 1).then(|| named.map(|option| option.name.clone()).collect())
    }

    /// Leave for this one time. What would hold for ever is never chosen.
    pub(super) fn allowed(&self) -> Answered {
        self.answered(self.of_kind("allow_once").next(), true, "")
    }

    /// What a person, or a rule, says.
    pub(super) fn answer(&self, said: &str) -> Answered {
        let said = said.trim();
        if self.choices().is_some() {
            let fits = |option: &&Choice| {
                option.kind.ends_with("_once") && option.name.trim().eq_ignore_ascii_case(said)
            };
            if let Some(chosen) = self.options.iter().find(fits) {
                return self.answered(Some(chosen), chosen.kind == "allow_once", said);
            }
        } else if [ALLOW, "yes"].contains(&said.to_lowercase().as_str()) {
            return self.answered(self.of_kind("allow_once").next(), true, said);
        }
        self.answered(self.of_kind("reject_once").next(), false, said)
    }

    /// For what is being cancelled.
    pub(super) fn cancelled(&self) -> String {
        wire::answer(&self.id, &json!({ "outcome": { "outcome": "cancelled" } }))
    }

    fn of_kind(&self, kind: &'static str) -> impl Iterator<Item = &Choice> {
        self.options.iter().filter(move |option| option.kind == kind)
    }

    fn answered(&self, chosen: Option<&Choice>, given: bool, words: &str) -> Answered {
        let Some(chosen) = chosen else {
            return Answered { line: self.cancelled(), given: false };
        };
        let mut result = json!({ "outcome": { "outcome": "selected", "optionId": chosen.id } });
        if !words.is_empty() {
            result["_meta"] = json!({ WORDS: words });
        }
        Answered { line: wire::answer(&self.id, &result), given }
    }
}

/// A request in words, with the answers that it offers.
pub(super) fn shown(permission: &Permission) -> (String, Vec<String>) {
    let Permission { tool, detail, paths } = permission;
    let about = if detail.is_empty() { paths.join(", ") } else { detail.clone() };
    (format!("May I use {tool}? {about}"), vec![ALLOW.to_owned(), DENY.to_owned()])
}
