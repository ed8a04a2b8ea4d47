//! `get_ticket`.

use gangline_api::next::actions;
use gangline_api::ticket::TicketDetail;
use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::arguments::Detail;
use super::list::Answer;
use super::workers::{Question, waits_for};
use crate::place::Place;
use crate::refusal::Refusal;
use crate::server::Server;
use crate::shown::{self, cut, moment};

/// Characters of a ticket's body in a summary.
const BODY_CHARS_MAX: usize = 1_500;

/// `get_ticket`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetTicket {
    /// The ticket's key, such as APP-12
    #[serde(alias = "ticket_id", alias = "key", alias = "workerId")]
    ticket_id: String,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
    /// full: attempts, records, hints, budget, usage and reports too
    #[serde(default)]
    detail: Detail,
}

/// A ticket, in short.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TicketSummary {
    ticket_id: String,
    project: String,
    title: String,
    state: String,
    since: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    waits_for: Option<String>,
    priority: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    labels: Vec<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    agent: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    body: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    depends_on: Vec<Dependency>,
    /// Tickets that wait for this one
    #[serde(skip_serializing_if = "Vec::is_empty")]
    dependents: Vec<String>,
    tries_spent: u8,
    tries: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    current_task: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    questions: Vec<Question>,
    /// Why the last try failed, in one line
    #[serde(skip_serializing_if = "Option::is_none")]
    last_failure: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    escalation: Option<String>,
    /// pass, fail or inconclusive: the last verification
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<String>,
    /// What is proposed to land, or has landed
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<String>,
    /// What can be done, the likeliest first
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next: Vec<Next>,
    /// All that is known, with detail full: the document of GET /api/v1/projects/P/tickets/KEY
    #[serde(skip_serializing_if = "Option::is_none")]
    full: Option<JsonObject>,
}

impl Answer for TicketSummary {
    fn text_chars_max(&self) -> usize {
        shown::text_chars_max(self.full.is_some())
    }
}

/// A ticket that must have landed first.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Dependency {
    ticket_id: String,
    state: String,
}

/// Something that can be done.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Next {
    what: String,
    /// For a shell
    command: String,
}

pub(super) async fn get_ticket<P: Place>(
    server: &Server<P>,
    wish: GetTicket,
) -> Result<TicketSummary, Refusal> {
    let ticket = server.ticket(&wish.ticket_id, wish.project).await?;
    let detail = server.place.client().ticket(&ticket).await?;
    let full = match wish.detail {
        Detail::Full => object(&detail),
        Detail::Summary => None,
    };
    let actions = actions(&detail);
    let next =
        actions.into_iter().map(|action| Next { what: action.what, command: action.command });
    let depends_on = detail.depends_on.into_iter().filter(|on| !on.met);
    let view = detail.ticket;
    Ok(TicketSummary {
        waits_for: waits_for(&view.wait),
        ticket_id: view.key,
        project: view.project,
        title: view.title,
        state: view.state,
        since: moment(view.since_us),
        priority: view.priority,
        labels: view.labels,
        agent: view.agent,
        body: cut(&detail.body, BODY_CHARS_MAX),
        depends_on: depends_on
            .map(|on| Dependency { ticket_id: on.key, state: on.state })
            .collect(),
        dependents: detail.dependents,
        tries_spent: view.tries_spent,
        tries: view.tries,
        current_task: view.activity,
        questions: detail.questions.into_iter().map(Into::into).collect(),
        last_failure: detail.records.last().map(|record| record.error.clone()),
        escalation: detail.escalation.map(|escalation| escalation.summary),
        verdict: detail.report.map(|report| report.verdict),
        commit: detail.commit,
        next: next.collect(),
        full,
    })
}

/// A document as it goes over the wire.
pub(super) fn object(document: &impl Serialize) -> Option<JsonObject> {
    match serde_json::to_value(document) {
        Ok(Value::Object(fields)) => Some(fields),
        Ok(_) | Err(_) => None,
    }
}

/// What was measured of a ticket, as one document.
pub(crate) fn evidence_of(detail: &TicketDetail) -> Value {
    serde_json::json!({
        "key": detail.ticket.key,
        "state": detail.ticket.state,
        "report": detail.report,
        "candidate_report": detail.candidate_report,
        "landing": detail.landing,
    })
}
