//! The workers' API: what clients of the first worker orchestrators send and expect, in their own
//! spelling. It is a second door to the same tickets.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `POST /api/workers/spawn`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SpawnWorker {
    /// What the client calls the ticket, such as `105`.
    pub ticket_id: String,
    /// What is to be done.
    pub description: String,
    /// The ticket's folder; it tells the project.
    pub ticket_path: String,
}

/// The answer to [`SpawnWorker`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SpawnedWorker {
    /// Such as `worker-17`: the ticket's run, over all its attempts.
    pub worker_id: String,
    /// Always `spawned`.
    pub status: String,
    /// Where it works, or will.
    pub worktree_path: String,
}

/// `GET /api/workers`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Workers {
    /// Those of live tickets first.
    pub workers: Vec<WorkerView>,
}

/// `GET /api/workers/{worker}/status`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct WorkerView {
    /// Such as `worker-17`.
    pub worker_id: String,
    /// What the client calls the ticket; the ticket's key, when no client named it.
    pub ticket_id: String,
    /// `spawned`, `running`, `completed` or `failed`.
    pub status: String,
    /// What it is at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_task: Option<String>,
    /// Its branch.
    pub branch: String,
    /// Where it works, or will.
    pub worktree_path: String,
    /// When it was spawned, in the form of RFC 3339.
    pub started_at: String,
    /// When it completed or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub completed_at: Option<String>,
    /// Why it failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The answer to `DELETE /api/workers/{worker}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Terminated {
    /// Always `terminated`.
    pub status: String,
}

/// `GET /health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Healthy {
    /// Always `ok`: a daemon that is not does not answer.
    pub status: String,
    /// The daemon's version.
    pub version: String,
}
