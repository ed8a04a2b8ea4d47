//! `delegate_ticket`.

use std::time::Duration;

use gangline_api::client::{Client, ClientError, TicketRef};
use gangline_api::codes;
use gangline_api::command::{AddTicket, Done, Verb};
use gangline_api::event::EventsQuery;
use gangline_api::project::ProjectView;
use gangline_api::ticket::TicketDetail;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::list::Answer;
use super::workers::{Status, status_of, waits_for};
use crate::place::{Place, TicketFile};
use crate::refusal::Refusal;
use crate::server::Server;
use crate::shown;

/// How long is waited for the ticket's first steps, so that the answer says where it is worked on.
const FIRST_STEPS_MS: u64 = 500;
/// Characters of a title that is made of a description.
const TITLE_CHARS_MAX: usize = 120;
/// Bytes that a title may have.
const TITLE_BYTES_MAX: usize = 300;

/// `delegate_ticket`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct DelegateTicket {
    /// Ticket ID, such as "APP-105" or "105"; the project's next one when absent
    #[serde(default, alias = "ticket_id", alias = "key")]
    ticket_id: Option<String>,
    /// Brief description of the ticket: one line, which becomes its title
    #[serde(alias = "title")]
    description: String,
    /// Path to a ticket file in the repository, or to a ticket directory with a README.md
    #[serde(default, alias = "ticket_path")]
    ticket_path: Option<String>,
    /// Markdown: all that the agent has to know
    #[serde(default)]
    body: Option<String>,
    /// critical, high, medium or low
    #[serde(default)]
    priority: Option<String>,
    /// Free words to filter by
    #[serde(default)]
    labels: Vec<String>,
    /// Tickets that must have landed first
    #[serde(default, alias = "depends_on")]
    depends_on: Vec<String>,
    /// Patterns of the files it means to change
    #[serde(default)]
    scope: Vec<String>,
    /// Patterns of protected files and existing tests that its agent may change
    #[serde(default)]
    permits: Vec<String>,
    /// The agent definition; the project's default when absent
    #[serde(default)]
    agent: Option<String>,
    /// What its agent must be able to do
    #[serde(default)]
    capabilities: Vec<String>,
    /// commit, artifact, report or plan: tickets proposed by a planner, as drafts
    #[serde(default)]
    deliverable: Option<String>,
    /// Only propose it: nothing starts before update_ticket starts it
    #[serde(default)]
    draft: bool,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

/// What came of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Delegated {
    /// What the tools about workers take
    worker_id: String,
    ticket_id: String,
    project: String,
    status: Status,
    /// The ticket's state in Gangline's own words
    state: String,
    /// Where it is worked on, once it is
    #[serde(skip_serializing_if = "Option::is_none")]
    worktree_path: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<String>,
    /// What wait_for_events takes as `after`
    seq: u64,
    /// Whether the ticket was there before
    existed: bool,
    /// What a person should know
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notes: Vec<String>,
}

impl Answer for Delegated {
    fn words(&self) -> Option<String> {
        let place = self.worktree_path.as_deref().unwrap_or("not yet there");
        let begun = match (self.state.as_str(), &self.waits_for) {
            ("draft", _) => "The ticket is a draft: update_ticket with action start hands it on.",
            (_, Some(_)) => {
                "The ticket will be executed autonomously as soon as what it waits for is there. \
                 You can check its progress with the check_worker_status tool."
            }
            (_, None) => {
                "The worker is now executing the ticket autonomously. You can check its progress \
                 with the check_worker_status tool."
            }
        };
        let spawned =
            if self.existed { "Worker is there already." } else { "Worker spawned successfully!" };
        let mut lines = vec![
            spawned.to_owned(),
            String::new(),
            format!("Worker ID: {}", self.worker_id),
            format!("Status: {}", self.status.word()),
            format!("Worktree: {place}"),
        ];
        lines.extend(self.waits_for.iter().map(|what| format!("Waits for: {what}")));
        lines.extend([
            String::new(),
            format!("{begun} wait_for_events after {} tells when it is done.", self.seq),
        ]);
        lines.extend(self.notes.iter().map(|note| format!("Note: {note}")));
        Some(lines.join("\n"))
    }
}

pub(super) async fn delegate_ticket<P: Place>(
    server: &Server<P>,
    wish: DelegateTicket,
) -> Result<Delegated, Refusal> {
    let client = server.place.client();
    let (project, notes) = if let Some(name) = &wish.project {
        (client.project(name).await?, vec![])
    } else {
        let registered = server.place.current_project().await?;
        (registered.project, registered.notes)
    };
    let key = match &wish.ticket_id {
        Some(said) => Some(server.ticket(said, Some(project.name.clone())).await?.key),
        None => None,
    };
    let ticket = ticket_of(server, &project, key.clone(), wish).await?;
    let (name, asked) = (&project.name, &ticket);
    let added = once(|once| async move { client.add(name, asked, Some(&once)).await }).await;
    let (seq, key, existed) = match (added, key) {
        (Ok(done), named) => (done.seq, done.key.or(named).unwrap_or_default(), false),
        (Err(refusal), Some(key)) if refusal.code == codes::duplicate_key => {
            let started = started(client, TicketRef { project: project.name.clone(), key }).await?;
            (started.seq, started.key.unwrap_or_default(), true)
        }
        (Err(refusal), _) => return Err(refusal),
    };
    let ticket = TicketRef { project: project.name, key };
    let detail = begun(client, &ticket, seq).await.map_err(Refusal::after_change)?;
    Ok(Delegated {
        worker_id: ticket.key.clone(),
        status: status_of(&detail.ticket.state),
        state: detail.ticket.state.clone(),
        waits_for: waits_for(&detail.ticket.wait),
        worktree_path: detail.worktree,
        ticket_id: ticket.key,
        project: ticket.project,
        seq,
        existed,
        notes,
    })
}

/// One key for this call: when the answer is lost on the way, asking again adds nothing twice.
pub(super) async fn once<F>(add: impl Fn(String) -> F) -> Result<Done, Refusal>
where
    F: Future<Output = Result<Done, ClientError>>,
{
    let key = uuid::Uuid::new_v4().to_string();
    match add(key.clone()).await {
        Err(ClientError::Broken { .. }) => Ok(add(key).await?),
        added => Ok(added?),
    }
}

/// A ticket that is there already: a draft is opened, a live one is left as it is.
async fn started(client: &Client, ticket: TicketRef) -> Result<Done, Refusal> {
    let state = client.ticket(&ticket).await?.ticket.state;
    match state.as_str() {
        "draft" => Ok(client.wish(&ticket, Verb::Start).await?),
        "landed" | "delivered" | "cancelled" => {
            let detail = format!("{} is {state} already", ticket.key);
            let hint = "leave ticketId out, or give another one, to add a new ticket";
            Err(Refusal::new(codes::ticket_closed, detail).hint(hint))
        }
        _live => {
            let seq = client.status().await?.seq;
            Ok(Done { seq, project: Some(ticket.project), key: Some(ticket.key) })
        }
    }
}

/// The ticket once it is worked on, or after a moment, or when it waits for something.
async fn begun(client: &Client, ticket: &TicketRef, seq: u64) -> Result<TicketDetail, Refusal> {
    let deadline = Instant::now() + Duration::from_millis(FIRST_STEPS_MS);
    let mut after = seq;
    loop {
        let detail = client.ticket(ticket).await?;
        let waits = !matches!(detail.ticket.wait.reason.as_str(), "nothing" | "job");
        let left = deadline.saturating_duration_since(Instant::now());
        if detail.worktree.is_some() || waits || left.is_zero() {
            return Ok(detail);
        }
        let query = EventsQuery {
            after,
            limit: Some(1),
            wait_ms: Some(u64::try_from(left.as_millis()).unwrap_or(0)),
            project: Some(ticket.project.clone()),
            key: Some(ticket.key.clone()),
            types: None,
        };
        after = client.events(&query).await?.next;
    }
}

/// What is to be added: what the file says, and over it what was said in the call.
async fn ticket_of<P: Place>(
    server: &Server<P>,
    project: &ProjectView,
    key: Option<String>,
    wish: DelegateTicket,
) -> Result<AddTicket, Refusal> {
    let mut ticket = AddTicket::default();
    let mut text = None;
    if let Some(path) = &wish.ticket_path {
        match server.place.ticket_file(project, path).await? {
            TicketFile::Ticket(read) => ticket = *read,
            TicketFile::Text(read) => text = Some(read),
        }
    }
    if let (Some(said), Some(read)) = (&key, &ticket.key)
        && said != read
    {
        let detail = format!("ticketId is {said}, and the file says {read}");
        return Err(Refusal::new(codes::bad_ticket, detail).hint("leave one of them out"));
    }
    let (title, rest) = title_of(&wish.description);
    if title.is_empty() {
        return Err(Refusal::new(codes::bad_ticket, "the description is empty"));
    }
    let parts = [rest, wish.body, text, Some(std::mem::take(&mut ticket.body))];
    let parts = parts.into_iter().flatten().filter(|part| !part.trim().is_empty());
    ticket.body = parts.collect::<Vec<_>>().join("\n\n");
    ticket.title = title;
    ticket.key = key.or(ticket.key);
    ticket.priority = wish.priority.or(ticket.priority);
    ticket.agent = wish.agent.or(ticket.agent);
    ticket.deliverable = wish.deliverable.or(ticket.deliverable);
    ticket.labels.extend(wish.labels);
    ticket.depends_on.extend(wish.depends_on);
    ticket.scope.extend(wish.scope);
    ticket.permits.extend(wish.permits);
    ticket.capabilities.extend(wish.capabilities);
    ticket.draft = wish.draft;
    Ok(ticket)
}

/// One line that a ticket may have as its title, and all of the description when it says more.
fn title_of(description: &str) -> (String, Option<String>) {
    let description = description.trim();
    let first = shown::line(description.lines().next().unwrap_or_default());
    let mut title = String::new();
    for c in first.trim().chars().take(TITLE_CHARS_MAX) {
        if title.len() + c.len_utf8() > TITLE_BYTES_MAX {
            break;
        }
        title.push(c);
    }
    let title = title.trim().to_owned();
    let rest = (title != description).then(|| description.to_owned());
    (title, rest)
}
