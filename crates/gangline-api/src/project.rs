//! Projects.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ticket::{BudgetView, UsageView};

/// `POST /projects`: adds the repository's project, or takes over its policy as it is now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterProject {
    /// A directory of the repository, absolute.
    pub path: String,
}

/// The answer to [`RegisterProject`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Registered {
    /// The project as it is now.
    pub project: ProjectView,
    /// What was done.
    pub change: Change,
    /// What a person should know, such as a policy that is not committed yet: one line each.
    #[serde(default)]
    pub notes: Vec<String>,
}

/// What a registration did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The project is new.
    Added,
    /// Its policy had changed.
    Updated,
    /// Nothing.
    Unchanged,
}

/// `GET /projects`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Projects {
    /// By name.
    pub projects: Vec<ProjectView>,
}

/// A git repository under Gangline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProjectView {
    /// Its name.
    pub name: String,
    /// The repository.
    pub repo: String,
    /// The branch that verified work reaches.
    pub target: String,
    /// What ticket keys begin with.
    pub key_prefix: String,
    /// SHA-256 of its policy.
    pub policy_sha256: String,
    /// Where the policy stands: `committed`, or `snapshot` of a file that is not committed yet.
    pub policy: String,
    /// `required` or `none`.
    pub review: String,
    /// `local` or `branch`.
    pub landing: String,
    /// No new job starts.
    pub paused: bool,
    /// Tries of a ticket.
    pub tries: u8,
    /// The definition of tickets that name none.
    pub default_agent: String,
    /// The definitions that tickets may name.
    pub agents: Vec<AgentView>,
    /// What its attempts have spent.
    #[serde(default)]
    pub usage: UsageView,
    /// What they may spend, ever.
    #[serde(default)]
    pub budget: BudgetView,
    /// What they may spend in one day.
    #[serde(default)]
    pub day_budget: BudgetView,
    /// What was spent on each of the last days on which anything was, at most 31 of them, the
    /// earliest first.
    #[serde(default)]
    pub days: Vec<DayView>,
    /// Tickets that are not closed, by state.
    #[serde(default)]
    pub tickets: std::collections::BTreeMap<String, u32>,
}

/// What was spent on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DayView {
    /// When it began (UTC).
    pub day_us: i64,
    /// What was spent.
    pub usage: UsageView,
}

/// An agent definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AgentView {
    /// Its name.
    pub name: String,
    /// How it is driven.
    pub kind: String,
}

/// `GET /projects/{project}/policy`: what its next work is judged by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyView {
    /// TOML, as it stands on the target branch; or the file that is about to be committed.
    pub text: String,
    /// `committed`, or `snapshot` of a file that is not committed yet.
    pub policy: String,
    /// Whether the scheduler has taken it over. Otherwise `gangline project add` does.
    pub is_current: bool,
    /// What a person should know of it: one line each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}
