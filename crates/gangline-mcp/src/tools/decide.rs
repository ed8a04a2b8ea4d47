//! `approve_ticket`, `retry_ticket`, `answer_question`, `steer_worker`: what a person decides about a ticket.

use gangline_api::client::{Client, TicketRef};
use gangline_api::command::{Answer as Word, Approve, Done, Retry, Steer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::list::Answer;
use super::workers::waits_for;
use crate::place::Place;
use crate::refusal::Refusal;
use crate::server::Server;

/// Where a ticket stands after it was changed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Changed {
    ticket_id: String,
    project: String,
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<String>,
    /// What wait_for_events takes as `after`
    seq: u64,
}

impl Answer for Changed {}

/// What a change came to.
pub(super) async fn changed(
    client: &Client,
    ticket: TicketRef,
    done: &Done,
) -> Result<Changed, Refusal> {
    let detail = client.ticket(&ticket).await.map_err(|e| Refusal::from(e).after_change())?;
    Ok(Changed {
        ticket_id: ticket.key,
        project: ticket.project,
        waits_for: waits_for(&detail.ticket.wait),
        state: detail.ticket.state,
        seq: done.seq,
    })
}

/// `approve_ticket`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ApproveTicket {
    /// The ticket's key, such as APP-12
    #[serde(alias = "ticket_id", alias = "key")]
    ticket_id: String,
    /// The commit that was looked at, by its whole id: refused when it is not the present one
    #[serde(default)]
    commit: Option<String>,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

pub(super) async fn approve_ticket<P: Place>(
    server: &Server<P>,
    wish: ApproveTicket,
) -> Result<Changed, Refusal> {
    let client = server.place.client();
    let ticket = server.ticket(&wish.ticket_id, wish.project).await?;
    let done = client.approve(&ticket, &Approve { commit: wish.commit }).await?;
    changed(client, ticket, &done).await
}

/// `retry_ticket`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct RetryTicket {
    /// The ticket's key, such as APP-12
    #[serde(alias = "ticket_id", alias = "key", alias = "workerId")]
    ticket_id: String,
    /// A word to the next attempt
    #[serde(default)]
    hint: Option<String>,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

pub(super) async fn retry_ticket<P: Place>(
    server: &Server<P>,
    wish: RetryTicket,
) -> Result<Changed, Refusal> {
    let client = server.place.client();
    let ticket = server.ticket(&wish.ticket_id, wish.project).await?;
    let done = client.retry(&ticket, &Retry { hint: wish.hint }).await?;
    changed(client, ticket, &done).await
}

/// `steer_worker`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct SteerWorker {
    /// The ticket's key, such as APP-12
    #[serde(alias = "ticket_id", alias = "key", alias = "workerId")]
    ticket_id: String,
    /// What to say to its agent
    #[serde(alias = "message")]
    text: String,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

/// What became of a word to an agent.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Steered {
    ticket_id: String,
    /// Whether the agent at work is told; otherwise its next attempt is
    to_agent: bool,
    /// What wait_for_events takes as `after`
    seq: u64,
}

impl Answer for Steered {}

pub(super) async fn steer_worker<P: Place>(
    server: &Server<P>,
    wish: SteerWorker,
) -> Result<Steered, Refusal> {
    let client = server.place.client();
    let ticket = server.ticket(&wish.ticket_id, wish.project).await?;
    let said = client.steer(&ticket, &Steer { text: wish.text }).await?;
    Ok(Steered { ticket_id: ticket.key, to_agent: said.to_agent, seq: said.seq })
}

/// `answer_question`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AnswerQuestion {
    /// The ticket's key, such as APP-12
    #[serde(alias = "ticket_id", alias = "key", alias = "workerId")]
    ticket_id: String,
    /// What to tell the agent; one of the options where there are some
    #[serde(alias = "text")]
    answer: String,
    /// Which question; the oldest open one when absent
    #[serde(default, alias = "question_id", alias = "question")]
    question_id: Option<String>,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

pub(super) async fn answer_question<P: Place>(
    server: &Server<P>,
    wish: AnswerQuestion,
) -> Result<Changed, Refusal> {
    let client = server.place.client();
    let ticket = server.ticket(&wish.ticket_id, wish.project).await?;
    let word = Word { question: wish.question_id, text: wish.answer };
    let done = client.answer(&ticket, &word).await?;
    changed(client, ticket, &done).await
}
