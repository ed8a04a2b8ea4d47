//! `search`.

use gangline_api::lesson::LessonsQuery;
use gangline_api::ticket::{TicketView, TicketsQuery};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::page;
use super::list::Answer;
use crate::place::Place;
use crate::refusal::Refusal;
use crate::server::Server;

/// Closed tickets that are looked through, the last closed first.
const CLOSED_MAX: u32 = 1_000;
/// Characters of what is searched for.
const QUERY_CHARS_MAX: usize = 500;
/// Lessons that are told.
const LESSONS_MAX: u32 = 5;

/// `search`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct Search {
    /// Words; a ticket is found that has all of them
    query: String,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
    /// At most so many tickets, up to 100; 20 when absent
    #[serde(default)]
    limit: Option<u32>,
}

/// What was found.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Found {
    tickets: Vec<Hit>,
    /// How many tickets there are in all
    total: u32,
    /// What helped in this project before, with any of the words
    #[serde(skip_serializing_if = "Vec::is_empty")]
    lessons: Vec<Lesson>,
}

impl Answer for Found {}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Hit {
    ticket_id: String,
    title: String,
    state: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    labels: Vec<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Lesson {
    id: String,
    text: String,
}

pub(super) async fn search<P: Place>(server: &Server<P>, wish: Search) -> Result<Found, Refusal> {
    let client = server.place.client();
    let words = words(&wish.query)?;
    let project = server.project_name(wish.project).await?;
    let query = TicketsQuery {
        project: Some(project.clone()),
        closed: true,
        limit: Some(CLOSED_MAX),
        ..TicketsQuery::default()
    };
    let mut tickets = client.tickets(&query).await?.tickets;
    tickets.retain(|ticket| has_all(ticket, &words));
    let total = u32::try_from(tickets.len()).unwrap_or(u32::MAX);
    let query = LessonsQuery { search: Some(words.join(" ")), limit: Some(LESSONS_MAX) };
    let lessons = client.lessons(&project, &query).await?.lessons;
    let hits = tickets.into_iter().take(page(wish.limit)).map(|ticket| Hit {
        ticket_id: ticket.key,
        title: ticket.title,
        state: ticket.state,
        labels: ticket.labels,
    });
    let lessons = lessons.into_iter().map(|lesson| Lesson { id: lesson.id, text: lesson.text });
    Ok(Found { tickets: hits.collect(), total, lessons: lessons.collect() })
}

fn words(query: &str) -> Result<Vec<String>, Refusal> {
    let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    if words.is_empty() {
        return Err(Refusal::bad_request("`query` is empty"));
    }
    let chars = query.chars().count();
    if chars > QUERY_CHARS_MAX {
        let detail = format!("`query` has {chars} characters, more than {QUERY_CHARS_MAX}");
        return Err(Refusal::bad_request(detail));
    }
    Ok(words)
}

fn has_all(ticket: &TicketView, words: &[String]) -> bool {
    let reference = ticket.external_ref.as_deref().unwrap_or_default();
    let parts = [ticket.key.as_str(), &ticket.title, &ticket.agent, reference];
    let text = [&parts[..], &ticket.labels.iter().map(String::as_str).collect::<Vec<_>>()].concat();
    let text = text.join("\n").to_lowercase();
    words.iter().all(|word| text.contains(word.as_str()))
}
