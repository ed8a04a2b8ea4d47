//! `update_ticket`.

use gangline_api::command::{EditTicket, Permit, Reject, Verb};
use schemars::JsonSchema;
use serde::Deserialize;

use super::decide::{Changed, changed};
use crate::place::Place;
use crate::refusal::Refusal;
use crate::server::Server;

/// `update_ticket`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct UpdateTicket {
    /// The ticket's key, such as APP-12
    #[serde(alias = "ticket_id", alias = "key")]
    ticket_id: String,
    /// What to do with it
    action: Action,
    /// For reject: what to do better
    #[serde(default)]
    feedback: Option<String>,
    /// For permit: patterns of protected files and existing tests that its agents may change
    #[serde(default)]
    paths: Vec<String>,
    /// For edit: what is to be otherwise; what is absent stays
    #[serde(default)]
    edit: Option<Edit>,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

/// What a ticket asks for, as far as it is to be otherwise. A list takes the place of the old one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields, default)]
struct Edit {
    /// One line
    title: Option<String>,
    /// Markdown
    body: Option<String>,
    /// critical, high, medium or low
    priority: Option<String>,
    /// Free words to filter by
    labels: Option<Vec<String>>,
    /// Keys that must have landed first
    depends_on: Option<Vec<String>>,
    /// Patterns of the files it means to change
    scope: Option<Vec<String>>,
    /// The agent definition; an empty text has one chosen
    agent: Option<String>,
}

/// What can be done with a ticket.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Action {
    Start,
    Hold,
    Resume,
    Cancel,
    Recheck,
    TakeOver,
    HandBack,
    Reject,
    Permit,
    Edit,
}

impl Action {
    /// Those that carry nothing but the ticket.
    fn verb(self) -> Option<Verb> {
        match self {
            Self::Start => Some(Verb::Start),
            Self::Hold => Some(Verb::Hold),
            Self::Resume => Some(Verb::Resume),
            Self::Cancel => Some(Verb::Cancel),
            Self::Recheck => Some(Verb::Recheck),
            Self::TakeOver => Some(Verb::TakeOver),
            Self::HandBack => Some(Verb::HandBack),
            Self::Reject | Self::Permit | Self::Edit => None,
        }
    }
}

pub(super) async fn update_ticket<P: Place>(
    server: &Server<P>,
    wish: UpdateTicket,
) -> Result<Changed, Refusal> {
    let UpdateTicket { ticket_id, action, feedback, paths, edit, project } = wish;
    if feedback.is_some() && action != Action::Reject {
        return Err(Refusal::bad_request("`feedback` goes with action reject"));
    }
    if !paths.is_empty() && action != Action::Permit {
        return Err(Refusal::bad_request("`paths` go with action permit"));
    }
    if edit.is_some() != (action == Action::Edit) {
        return Err(Refusal::bad_request("`edit` and action edit go together"));
    }
    let client = server.place.client();
    let ticket = server.ticket(&ticket_id, project).await?;
    if let Some(Edit { title, body, priority, labels, depends_on, scope, agent }) = edit {
        let wish = EditTicket {
            title,
            body,
            priority,
            labels,
            depends_on,
            scope,
            agent,
            ..EditTicket::default()
        };
        let done = client.edit(&ticket, &wish).await?;
        return changed(client, ticket, &done).await;
    }
    let done = match (action.verb(), feedback) {
        (Some(verb), _) => client.wish(&ticket, verb).await?,
        (None, Some(feedback)) => client.reject(&ticket, &Reject { feedback }).await?,
        (None, None) if action == Action::Permit => {
            client.permit(&ticket, &Permit { paths }).await?
        }
        (None, None) => {
            let detail = "action reject needs `feedback`: what to do better";
            return Err(Refusal::bad_request(detail));
        }
    };
    changed(client, ticket, &done).await
}
