//! `get_worktree_status`.

use gangline_api::ticket::{TicketDetail, TicketsQuery};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::list::Answer;
use crate::place::Place;
use crate::refusal::Refusal;
use crate::server::Server;

/// `get_worktree_status`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetWorktreeStatus {
    /// The ticket's key, such as APP-12
    #[serde(default, alias = "ticketId", alias = "issue_id", alias = "key", alias = "workerId")]
    ticket_id: Option<String>,
    /// Or where the worktree is
    #[serde(default, alias = "worktreePath")]
    worktree_path: Option<String>,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

/// A worktree. Git on the host never looks into it while an agent could write there, and so what
/// is told of its files is what its own job has said.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct WorktreeStatus {
    ticket_id: String,
    state: String,
    /// Absent while there is none, or no longer one
    #[serde(skip_serializing_if = "Option::is_none")]
    worktree_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch_name: Option<String>,
    /// The commit it grew from
    #[serde(skip_serializing_if = "Option::is_none")]
    base: Option<String>,
    /// The last commit that was captured
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    /// Uncommitted changes; absent while nobody has said
    #[serde(skip_serializing_if = "Option::is_none")]
    has_changes: Option<bool>,
    /// The commit that keeps what was left uncommitted
    #[serde(skip_serializing_if = "Option::is_none")]
    rescue: Option<String>,
    /// A person works in it
    taken_over: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    alerts: Vec<String>,
}

impl Answer for WorktreeStatus {}

impl From<TicketDetail> for WorktreeStatus {
    fn from(detail: TicketDetail) -> Self {
        let last = detail.attempts.last();
        let alerts = &detail.ticket.alerts;
        let has_changes = match last {
            _ if alerts.iter().any(|alert| alert.kind == "uncommitted") => Some(true),
            Some(last) if last.commit.is_some() || last.rescue.is_some() => {
                Some(last.rescue.is_some())
            }
            Some(_) | None => None,
        };
        Self {
            base: last.and_then(|attempt| attempt.base.clone()),
            commit: last.and_then(|attempt| attempt.commit.clone()).or(detail.commit),
            rescue: last.and_then(|attempt| attempt.rescue.clone()),
            has_changes: has_changes.filter(|_| !detail.taken_over),
            alerts: alerts.iter().map(|alert| alert.text.clone()).collect(),
            ticket_id: detail.ticket.key,
            state: detail.ticket.state,
            worktree_path: detail.worktree,
            branch_name: detail.branch,
            taken_over: detail.taken_over,
        }
    }
}

pub(super) async fn get_worktree_status<P: Place>(
    server: &Server<P>,
    wish: GetWorktreeStatus,
) -> Result<WorktreeStatus, Refusal> {
    let client = server.place.client();
    match (wish.ticket_id, wish.worktree_path) {
        (Some(said), None) => {
            let ticket = server.ticket(&said, wish.project).await?;
            Ok(client.ticket(&ticket).await?.into())
        }
        (None, Some(path)) => of_path(server, &path, wish.project).await,
        (Some(_), Some(_)) | (None, None) => {
            Err(Refusal::bad_request("give either ticket_id or worktree_path"))
        }
    }
}

/// The live ticket that is worked on there.
async fn of_path<P: Place>(
    server: &Server<P>,
    path: &str,
    project: Option<String>,
) -> Result<WorktreeStatus, Refusal> {
    let client = server.place.client();
    let project = server.project_name(project).await?;
    let query = TicketsQuery { project: Some(project), ..TicketsQuery::default() };
    for ticket in client.tickets(&query).await?.tickets {
        let ticket = server.ticket(&ticket.key, Some(ticket.project)).await?;
        let detail = client.ticket(&ticket).await?;
        let is_there = detail.worktree.as_deref();
        if is_there.is_some_and(|there| there.trim_end_matches('/') == path.trim_end_matches('/')) {
            return Ok(detail.into());
        }
    }
    let detail = format!("no live ticket has the worktree {path}");
    Err(Refusal::new(gangline_api::codes::nothing_to_show, detail).hint("list_workers"))
}
