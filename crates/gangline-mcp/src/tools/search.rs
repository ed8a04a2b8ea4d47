//! `search`.

use gangline_api::search::SearchQuery;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::arguments::page;
use super::list::Answer;
use crate::place::Place;
use crate::refusal::Refusal;
use crate::server::Server;

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
    /// Where a word stands that none of these has
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<String>,
}

#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Lesson {
    id: String,
    text: String,
}

pub(super) async fn search<P: Place>(server: &Server<P>, wish: Search) -> Result<Found, Refusal> {
    if wish.query.trim().is_empty() {
        return Err(Refusal::bad_request("`query` is empty"));
    }
    let project = server.project_name(wish.project).await?;
    let limit = u32::try_from(page(wish.limit)).ok();
    let query = SearchQuery { q: wish.query, project: Some(project), limit };
    let found = server.place.client().search(&query).await?;
    let hits = found.tickets.into_iter().map(|hit| Hit {
        ticket_id: hit.ticket.key,
        title: hit.ticket.title,
        state: hit.ticket.state,
        labels: hit.ticket.labels,
        line: hit.line,
    });
    let lessons = found.lessons.into_iter();
    let lessons = lessons.map(|lesson| Lesson { id: lesson.id, text: lesson.text });
    Ok(Found { tickets: hits.collect(), total: found.total, lessons: lessons.collect() })
}
