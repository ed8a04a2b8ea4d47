//! A change of what a person asks for.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::budget::Budget;
use crate::ids::{AgentName, TicketKey};
use crate::level::Level;
use crate::scope::Scope;
use crate::spec::{Deliverable, Priority, TicketSpec};

/// What is to be otherwise; what is absent stays as it is. A list takes the old one's place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpecEdit {
    /// One line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Markdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// How much it matters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<Priority>,
    /// Free words to filter by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub labels: Option<BTreeSet<String>>,
    /// Keys of the same project that must have landed first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depends_on: Option<BTreeSet<TicketKey>>,
    /// The files it means to change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// The agent definition; without one it is chosen.
    pub agent: Change<AgentName>,
    /// What its agent must be able to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<BTreeSet<String>>,
    /// What it is to leave behind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deliverable: Option<Deliverable>,
    /// What a person wrote to its agents.
    pub brief: Change<String>,
    /// What it may spend in all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub budget: Option<Budget>,
}

/// What becomes of something that may be absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change<T> {
    /// It stays.
    #[default]
    Keep,
    /// It is taken away.
    Clear,
    /// It is this now.
    To(T),
}

impl<T> Change<T> {
    fn of(self, old: Option<T>) -> Option<T> {
        match self {
            Self::Keep => old,
            Self::Clear => None,
            Self::To(new) => Some(new),
        }
    }
}

impl SpecEdit {
    /// What is asked for once this is changed.
    #[must_use]
    pub fn of(&self, spec: &TicketSpec) -> TicketSpec {
        let old = spec.clone();
        let new = self.clone();
        TicketSpec {
            title: new.title.unwrap_or(old.title),
            body: new.body.unwrap_or(old.body),
            priority: new.priority.unwrap_or(old.priority),
            labels: new.labels.unwrap_or(old.labels),
            depends_on: new.depends_on.unwrap_or(old.depends_on),
            scope: new.scope.unwrap_or(old.scope),
            permits: old.permits,
            agent: new.agent.of(old.agent),
            capabilities: new.capabilities.unwrap_or(old.capabilities),
            deliverable: new.deliverable.unwrap_or(old.deliverable),
            brief: new.brief.of(old.brief),
            external_ref: old.external_ref,
            budget: new.budget.unwrap_or(old.budget),
        }
    }
}

/// Whether work for the one is work for the other: they differ in nothing but how much they matter,
/// what they may spend, and labels that say nothing to Gangline.
pub(crate) fn is_same_work(one: &TicketSpec, other: &TicketSpec) -> bool {
    let level = |spec: &TicketSpec| Level::of_labels(spec.labels.iter().map(String::as_str));
    let told = TicketSpec {
        priority: one.priority,
        budget: one.budget,
        labels: one.labels.clone(),
        ..other.clone()
    };
    *one == told
        && one.named_agent() == other.named_agent()
        && one.needs() == other.needs()
        && level(one) == level(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_named_stays() {
        let spec = TicketSpec {
            body: "Why.".to_owned(),
            agent: Some("careful".parse().unwrap()),
            brief: Some("Be brief.".to_owned()),
            ..TicketSpec::titled("Sort prices")
        };
        let edit = SpecEdit {
            title: Some("Sort articles".to_owned()),
            agent: Change::Clear,
            ..SpecEdit::default()
        };
        let expected =
            TicketSpec { title: "Sort articles".to_owned(), agent: None, ..spec.clone() };
        assert_eq!(edit.of(&spec), expected);
        assert_eq!(SpecEdit::default().of(&spec), spec);
    }

    #[test]
    fn labels_that_speak_to_gangline_are_other_work() {
        let labelled = |labels: &[&str]| TicketSpec {
            labels: labels.iter().map(|label| (*label).to_owned()).collect(),
            ..TicketSpec::titled("Sort prices")
        };
        let spec = labelled(&["prices"]);
        let urgent = TicketSpec { priority: Priority::Critical, ..labelled(&["cart", "urgent"]) };
        assert!(is_same_work(&spec, &urgent));
        for other in ["agent:careful", "capability:sql", "c3"] {
            assert!(!is_same_work(&spec, &labelled(&[other])), "{other}");
        }
        assert!(!is_same_work(&spec, &TicketSpec { title: "Sort".to_owned(), ..spec.clone() }));
    }
}
