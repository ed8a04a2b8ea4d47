//! Whether another agent reads each change before it goes on.

use gangline_domain::ids::AgentName;
use gangline_domain::reviewer::{OnFindings, ReviewerSettings};
use serde::Deserialize;

use crate::period::Period;

/// `[reviewer]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReviewerPolicy {
    /// The definitions that review, the preferred one first; nobody reviews when there is none. One
    /// of another kind than the author's goes before all others.
    pub agents: Vec<AgentName>,
    /// What becomes of a change in which something was found.
    pub findings: Findings,
    /// Which changes are read.
    pub after: After,
    /// How long a review may take.
    pub timeout: Period,
}

/// See [`ReviewerPolicy::findings`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Findings {
    /// With a blocking one it does not pass; without a review it does not either.
    #[default]
    Fail,
    /// A person looks at it before it lands.
    Review,
    /// They are told.
    Note,
}

/// See [`ReviewerPolicy::after`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum After {
    /// Those that passed every other check.
    #[default]
    Pass,
    /// Those that failed one as well, so that their authors get everything in one batch.
    Always,
}

impl Default for ReviewerPolicy {
    fn default() -> Self {
        Self {
            agents: vec![],
            findings: Findings::default(),
            after: After::default(),
            timeout: Period::seconds(20 * 60),
        }
    }
}

impl ReviewerPolicy {
    /// What the scheduler needs of it; nothing when nobody reviews.
    pub fn settings(&self) -> Option<ReviewerSettings> {
        (!self.agents.is_empty()).then(|| ReviewerSettings {
            agents: self.agents.clone(),
            findings: match self.findings {
                Findings::Fail => OnFindings::Fail,
                Findings::Review => OnFindings::Review,
                Findings::Note => OnFindings::Note,
            },
            always: self.after == After::Always,
            timeout_ms: self.timeout.ms(),
        })
    }
}
