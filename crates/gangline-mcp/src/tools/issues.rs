//! `get_issue` and `submit_issue_for_review`: a ticket in the words of those who speak of issues.

use gangline_api::client::{Client, TicketRef};
use gangline_api::codes;
use gangline_api::command::{Done, Verb};
use gangline_api::external::SubmitExternal;
use gangline_api::ticket::TicketDetail;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::list::Answer;
use crate::place::Place;
use crate::refusal::Refusal;
use crate::server::Server;

/// `get_issue`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct GetIssue {
    /// The ticket's key, such as APP-12
    #[serde(alias = "issueId", alias = "ticketId")]
    issue_id: String,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

/// A ticket, as whoever works on it reads it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Issue {
    key: String,
    project: String,
    title: String,
    /// Markdown
    body: String,
    status: String,
    priority: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    labels: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    assigned_to: String,
    /// What must have landed first, and has not
    #[serde(skip_serializing_if = "Vec::is_empty")]
    blocked_by: Vec<String>,
    /// Patterns of the files it means to change
    #[serde(skip_serializing_if = "Vec::is_empty")]
    scope: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    capabilities: Vec<String>,
    deliverable: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_ref: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    worktree_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch_name: Option<String>,
    /// What people said to the next attempt
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hints: Vec<String>,
}

impl Answer for Issue {
    fn text_chars_max(&self) -> usize {
        crate::shown::FULL_TEXT_CHARS_MAX
    }
}

impl From<TicketDetail> for Issue {
    fn from(detail: TicketDetail) -> Self {
        let ticket = detail.ticket;
        let ai = |agent: &str| if agent.is_empty() { String::new() } else { format!("ai:{agent}") };
        let unmet = detail.depends_on.into_iter().filter(|on| !on.met);
        Self {
            assigned_to: ai(&ticket.agent),
            key: ticket.key,
            project: ticket.project,
            title: ticket.title,
            body: detail.body,
            status: ticket.state,
            priority: ticket.priority,
            labels: ticket.labels,
            blocked_by: unmet.map(|on| on.key).collect(),
            scope: detail.scope,
            capabilities: detail.capabilities,
            deliverable: detail.deliverable,
            external_ref: ticket.external_ref,
            worktree_path: detail.worktree,
            branch_name: detail.branch,
            hints: detail.hints.into_iter().map(|hint| hint.text).collect(),
        }
    }
}

pub(super) async fn get_issue<P: Place>(
    server: &Server<P>,
    wish: GetIssue,
) -> Result<Issue, Refusal> {
    let ticket = server.ticket(&wish.issue_id, wish.project).await?;
    Ok(server.place.client().ticket(&ticket).await?.into())
}

/// `submit_issue_for_review`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SubmitIssueForReview {
    /// The ticket's key, such as APP-12
    #[serde(alias = "issueId", alias = "ticketId")]
    issue_id: String,
    /// The commit's id, or an address that ends with it. It is a claim: what is measured is the
    /// last commit on the branch
    #[serde(alias = "commitUrl")]
    commit_url: String,
    /// What was done
    #[serde(default)]
    summary: Option<String>,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct Submitted {
    issue_id: String,
    project: String,
    /// Always submitted: whether it is accepted is measured next
    status: String,
    /// What wait_for_events takes as `after`
    seq: u64,
}

impl Answer for Submitted {}

pub(super) async fn submit_issue_for_review<P: Place>(
    server: &Server<P>,
    wish: SubmitIssueForReview,
) -> Result<Submitted, Refusal> {
    let client = server.place.client();
    let Some(commit) = commit_of(&wish.commit_url) else {
        let detail = "`commit_url` does not end with a commit's id: give the id, or an address \
                      that ends with it";
        return Err(Refusal::bad_request(detail));
    };
    let ticket = server.ticket(&wish.issue_id, wish.project).await?;
    let detail = client.ticket(&ticket).await?;
    let done = if detail.taken_over {
        client.wish(&ticket, Verb::HandBack).await?
    } else {
        let said = wish.summary.unwrap_or_default();
        let summary = format!("{said}\n\ncommit {commit}").trim().to_owned();
        by_session(client, &ticket, summary).await?
    };
    let status = "submitted".to_owned();
    Ok(Submitted { issue_id: ticket.key, project: ticket.project, status, seq: done.seq })
}

/// Hands in for the external session that is at the ticket.
async fn by_session(client: &Client, ticket: &TicketRef, summary: String) -> Result<Done, Refusal> {
    for session in client.externals(&ticket.project).await?.sessions {
        let mut at = session.assignments.into_iter();
        let Some(assignment) = at.find(|at| at.issue == ticket.key) else { continue };
        let wish = SubmitExternal {
            issue: ticket.key.clone(),
            fence: assignment.fence,
            status: None,
            summary: Some(summary),
        };
        return Ok(client.external_submit(&ticket.project, &session.id, &wish).await?);
    }
    let detail = format!(
        "{} is not assigned to an external session, and nobody has taken it over",
        ticket.key
    );
    let hint = "update_ticket with action take_over gives you its worktree; commit there, then \
                submit again";
    Err(Refusal::new(codes::not_assigned, detail).hint(hint))
}

/// The id at the end of an address.
fn commit_of(address: &str) -> Option<&str> {
    let last = address.trim().trim_end_matches('/').rsplit(['/', '#', '=', ' ']).next()?;
    let hex = last.bytes().all(|byte| byte.is_ascii_hexdigit());
    (hex && (7..=64).contains(&last.len())).then_some(last)
}

#[cfg(test)]
mod tests {
    use super::commit_of;

    #[test]
    fn a_commit_is_known_by_the_end_of_its_address() {
        let cases = [
            ("https://github.com/org/repo/commit/abc1234", Some("abc1234")),
            ("https://example.com/c/ABCDEF0123/", Some("ABCDEF0123")),
            ("abc1234", Some("abc1234")),
            ("https://github.com/org/repo/tree/main", None),
            ("abc", None),
            ("", None),
        ];
        for (given, expected) in cases {
            assert_eq!(commit_of(given), expected, "{given}");
        }
    }
}
