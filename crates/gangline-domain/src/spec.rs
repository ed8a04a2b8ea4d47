//! What a person asks for: the unchanging part of a ticket.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::budget::Budget;
use crate::ids::{AgentName, TicketKey};
use crate::scope::Scope;

/// Bytes that a title may have.
pub const TITLE_BYTES_MAX: usize = 300;
/// Bytes that a body may have.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// Tickets that one ticket may depend on.
pub const DEPENDENCIES_MAX: usize = 64;

/// Tickets that may be added together: as many as one commit holds.
pub const TICKETS_AT_ONCE_MAX: usize = 1_000;

/// Capabilities that one ticket may ask for.
pub const CAPABILITIES_MAX: usize = 32;
/// Bytes that a capability's name may have.
pub const CAPABILITY_BYTES_MAX: usize = 64;
/// What a label begins with that names the agent definition.
pub const AGENT_LABEL: &str = "agent:";
/// What a label begins with that names something the agent must be able to do.
pub const CAPABILITY_LABEL: &str = "capability:";

/// How much a ticket matters. Critical sorts before all others; the score orders within.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// Weight 10.
    Low,
    /// Weight 25.
    #[default]
    Medium,
    /// Weight 50.
    High,
    /// Weight 100.
    Critical,
}

/// What a ticket is to leave behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deliverable {
    /// Commits that land on the target branch.
    #[default]
    Commit,
    /// Files in the attempt's `/output` folder.
    Artifact,
    /// One Markdown report in the attempt's `/output` folder.
    Report,
    /// Tickets, proposed in the attempt's `/output` folder: they become drafts.
    Plan,
}

/// A ticket as a person writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketSpec {
    /// One line, at most [`TITLE_BYTES_MAX`].
    pub title: String,
    /// Markdown, at most [`BODY_BYTES_MAX`].
    #[serde(default)]
    pub body: String,
    /// How much it matters.
    #[serde(default)]
    pub priority: Priority,
    /// Free words to filter by.
    #[serde(default)]
    pub labels: BTreeSet<String>,
    /// Keys of the same project that must have landed first.
    #[serde(default)]
    pub depends_on: BTreeSet<TicketKey>,
    /// The files it means to change; empty means anywhere.
    #[serde(default)]
    pub scope: Scope,
    /// Protected files and existing tests that its agents may change, as patterns; empty means
    /// none. What a person says here is what a person would say in a review.
    #[serde(default, skip_serializing_if = "Scope::is_empty")]
    pub permits: Scope,
    /// The agent definition to use; chosen by labels and capabilities when absent.
    #[serde(default)]
    pub agent: Option<AgentName>,
    /// What its agent must be able to do, all of it; see [`TicketSpec::needs`].
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub capabilities: BTreeSet<String>,
    /// What it is to leave behind.
    #[serde(default)]
    pub deliverable: Deliverable,
    /// What a person wrote to its agents about who they are and what they are to do, in Markdown;
    /// as long as a body may be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brief: Option<String>,
    /// What another system calls it, such as `105` or a tracker's address.
    #[serde(default)]
    pub external_ref: Option<String>,
    /// What it may spend in all.
    #[serde(default)]
    pub budget: Budget,
}

/// Why a text cannot be a ticket.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadSpec {
    /// A ticket needs a title.
    #[error("the title is empty")]
    NoTitle,
    /// The title is more than a line.
    #[error("the title {}", beyond_a_line(*bytes))]
    Title {
        /// Bytes given.
        bytes: usize,
    },
    /// The body is too long.
    #[error("the body has {bytes} bytes, more than {BODY_BYTES_MAX}")]
    Body {
        /// Bytes given.
        bytes: usize,
    },
    /// The brief is too long.
    #[error("the brief has {bytes} bytes, more than {BODY_BYTES_MAX}")]
    Brief {
        /// Bytes given.
        bytes: usize,
    },
    /// Too many capabilities.
    #[error("{count} capabilities are more than {CAPABILITIES_MAX}")]
    Capabilities {
        /// Capabilities given.
        count: usize,
    },
    /// Not the name of a capability.
    #[error(
        "`{}` is not a capability: it is a word or a few, in one line of at most \
         {CAPABILITY_BYTES_MAX} bytes",
        given.escape_debug()
    )]
    Capability {
        /// As it was given, cut short.
        given: String,
    },
    /// A label that would name an agent does not.
    #[error("the label `{}` names no agent: {why}", label.escape_debug())]
    AgentLabel {
        /// The label.
        label: String,
        /// Why not.
        why: String,
    },
    /// Too many dependencies.
    #[error("{count} dependencies are more than {DEPENDENCIES_MAX}")]
    Dependencies {
        /// Dependencies given.
        count: usize,
    },
}

fn beyond_a_line(bytes: usize) -> String {
    if bytes > TITLE_BYTES_MAX {
        format!("has {bytes} bytes, more than {TITLE_BYTES_MAX}: say the rest in the body")
    } else {
        "has a line break or another control character: it is one line".to_owned()
    }
}

/// Whether a text can be the name of something that agents can do.
pub fn is_capability(name: &str) -> bool {
    let one_line = !name.chars().any(char::is_control);
    !name.trim().is_empty() && name.len() <= CAPABILITY_BYTES_MAX && one_line
}

impl TicketSpec {
    /// A ticket with a title and defaults for all else.
    pub fn titled(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Whether the text stays within its bounds.
    pub fn check(&self) -> Result<(), BadSpec> {
        if self.title.trim().is_empty() {
            return Err(BadSpec::NoTitle);
        }
        if self.title.len() > TITLE_BYTES_MAX || self.title.chars().any(char::is_control) {
            return Err(BadSpec::Title { bytes: self.title.len() });
        }
        if self.body.len() > BODY_BYTES_MAX {
            return Err(BadSpec::Body { bytes: self.body.len() });
        }
        if let Some(brief) = &self.brief
            && brief.len() > BODY_BYTES_MAX
        {
            return Err(BadSpec::Brief { bytes: brief.len() });
        }
        if self.depends_on.len() > DEPENDENCIES_MAX {
            return Err(BadSpec::Dependencies { count: self.depends_on.len() });
        }
        self.check_wanted()
    }

    /// Whether what it asks of its agent can be read.
    fn check_wanted(&self) -> Result<(), BadSpec> {
        for label in self.labels.iter().filter(|label| label.starts_with(AGENT_LABEL)) {
            if let Err(error) = label[AGENT_LABEL.len()..].parse::<AgentName>() {
                let why = error.to_string();
                return Err(BadSpec::AgentLabel { label: label.clone(), why });
            }
        }
        let needs = self.needs();
        if needs.len() > CAPABILITIES_MAX {
            return Err(BadSpec::Capabilities { count: needs.len() });
        }
        match needs.iter().find(|name| !is_capability(name)) {
            None => Ok(()),
            Some(name) => Err(BadSpec::Capability { given: name.chars().take(80).collect() }),
        }
    }

    /// Whether it lets its agents change this protected file or existing test.
    pub fn permits(&self, path: &str) -> bool {
        !self.permits.is_empty() && self.permits.contains(path)
    }

    /// The agent that it names: by itself, or by the first of its labels `agent:NAME`.
    pub fn named_agent(&self) -> Option<AgentName> {
        let by_label = || {
            // A label was not always checked. One that can name nobody names nobody.
            self.labels.iter().find_map(|label| label.strip_prefix(AGENT_LABEL)?.parse().ok())
        };
        self.agent.clone().or_else(by_label)
    }

    /// What its agent must be able to do: its capabilities, and those of its labels
    /// `capability:NAME`.
    pub fn needs(&self) -> BTreeSet<&str> {
        let labels = self.labels.iter().filter_map(|label| label.strip_prefix(CAPABILITY_LABEL));
        self.capabilities.iter().map(String::as_str).chain(labels).collect()
    }
}
