//! What a machine and its daemon can and cannot do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `GET /doctor`: what was looked at, one finding each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckUp {
    /// Whether nothing that was looked at is bad.
    pub healthy: bool,
    /// In the order in which it was looked at.
    pub findings: Vec<Finding>,
}

/// How well something is.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// As it ought to be.
    Good,
    /// Worth knowing.
    Fair,
    /// Something does not work.
    Bad,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// How well it is.
    pub health: Health,
    /// What was looked at, such as `git`, `daemon` or `webhook`.
    pub what: String,
    /// What was found.
    pub found: String,
    /// What to type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl CheckUp {
    /// All of these.
    pub fn of(findings: Vec<Finding>) -> Self {
        Self { healthy: findings.iter().all(|finding| finding.health != Health::Bad), findings }
    }
}

impl Finding {
    /// Of something, without a remedy.
    pub fn new(health: Health, what: &str, found: impl Into<String>) -> Self {
        Self { health, what: what.to_owned(), found: found.into(), next: None }
    }

    /// With what to type.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = Some(next.into());
        self
    }
}
