//! What changes when a ticket fails as it did before.

use gangline_domain::ids::AgentName;
use serde::Deserialize;

/// `[retry]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Retry {
    /// Who works on a ticket that failed as it did before, in a new session and worktree.
    pub same_failure: SameFailure,
    /// Definitions that come then, the first whose agent kind works. Those of the definition's own
    /// `fallback`, when empty.
    pub agents: Vec<AgentName>,
}

/// Who works on a ticket that failed as it did before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SameFailure {
    /// Another definition, where there is one.
    #[default]
    OtherAgent,
    /// The same definition.
    Fresh,
}
