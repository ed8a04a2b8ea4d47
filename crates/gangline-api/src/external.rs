//! External sessions: agents that Gangline did not start, and that take work from it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What [`Work::action`] says when there is work.
pub const WORK_ASSIGNED: &str = "work_assigned";
/// What [`Work::action`] says when there is none.
pub const NO_WORK: &str = "none";

/// `POST /projects/{project}/external`: registers a session, or says anew what it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RegisterExternal {
    /// Its name, unique in the project; repeating it is no second registration.
    pub id: String,
    /// The definition of kind `external` under which it works; that of its own name when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// What it can do beside what its definition can.
    pub capabilities: Vec<String>,
    /// The same, in one word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub specialization: Option<String>,
    /// Tickets at once; 1 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_concurrent_issues: Option<u32>,
    /// `http://…` where it is told of work; it asks for it when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// Silence after which it is given up; 60,000 when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heartbeat_timeout_ms: Option<u64>,
}

/// `GET /projects/{project}/external`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Externals {
    /// All that are registered.
    pub sessions: Vec<ExternalView>,
}

/// A registered session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ExternalView {
    /// Its name.
    pub id: String,
    /// The definition under which it works.
    pub agent: String,
    /// What it can do beside what its definition can.
    pub capabilities: Vec<String>,
    /// Tickets at once.
    pub max_concurrent_issues: u32,
    /// Where it is told of work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook: Option<String>,
    /// Silence after which it is given up.
    pub heartbeat_timeout_ms: u64,
    /// When it was registered.
    pub registered_us: i64,
    /// What it is at.
    pub assignments: Vec<AssignmentView>,
}

/// A ticket that a session is at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AssignmentView {
    /// The ticket's key.
    pub issue: String,
    /// Under which right.
    pub fence: String,
    /// `assigned`, `submitted`, or `ending` when somebody else wants it to end.
    pub state: String,
}

/// `GET …/external/{id}/work`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct WorkQuery {
    /// Only what was assigned after this fence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
    /// Wait so long for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wait_ms: Option<u64>,
}

/// The answer, and what a webhook is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Work {
    /// [`WORK_ASSIGNED`] or [`NO_WORK`].
    pub action: String,
    /// The work, if there is some.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub assigned: Option<Assigned>,
}

/// Work for a session. What it does not submit before the deadline is brought home without it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Assigned {
    /// The session.
    pub session: String,
    /// The ticket.
    pub issue: Issue,
    /// Where to work.
    pub worktree_path: String,
    /// The branch that is checked out there.
    pub branch_name: String,
    /// The right to it; later ones are higher.
    pub fence: String,
    /// The attempt's name.
    pub attempt: String,
    /// The commit that the branch grew from.
    pub base: String,
    /// What the session is told, as a file.
    pub brief_path: String,
    /// Where it may leave what it claims, as a file.
    pub outcome_path: String,
    /// What `GANGLINE_WORKER_SOCKET` is to be for `gangline worker-mcp`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker_socket: Option<String>,
    /// When it must have been submitted.
    pub deadline_us: i64,
}

/// A ticket, as sessions read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Issue {
    /// Its key.
    pub key: String,
    /// Its project.
    pub project: String,
    /// One line.
    pub title: String,
    /// Markdown.
    pub body: String,
    /// `critical`, `high`, `medium` or `low`.
    pub priority: String,
    /// Free words.
    pub labels: Vec<String>,
    /// What its agent must be able to do.
    pub capabilities: Vec<String>,
    /// Patterns of the files it means to change.
    pub scope: Vec<String>,
    /// `commit`, `artifact`, `report` or `plan`.
    pub deliverable: String,
    /// What another system calls it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_ref: Option<String>,
    /// What people said to the next attempt.
    pub hints: Vec<String>,
}

/// `POST …/external/{id}/heartbeat`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct HeartbeatExternal {}

/// The answer to a heartbeat: what Gangline thinks the session is at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Heartbeat {
    /// Everything else that the session thinks it is at has gone to somebody else.
    pub assignments: Vec<AssignmentView>,
}

/// `POST …/external/{id}/submit`. Done once, however often it is asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SubmitExternal {
    /// The ticket's key.
    pub issue: String,
    /// As it was assigned.
    pub fence: String,
    /// `completed`, `no_change_needed` or `gave_up`; the first when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<String>,
    /// What was done, or why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
}
