//! Searching in tickets and lessons.

use axum::extract::State;
use axum::{Extension, Json};
use gangline_api::codes;
use gangline_api::search::{Found, HITS_DEFAULT, HITS_MAX, Hit, SearchQuery, WORDS_CHARS_MAX};
use gangline_domain::board::Board;
use gangline_domain::command::Refusal;
use gangline_domain::ids::ProjectId;
use gangline_domain::ticket::Ticket;
use gangline_ports::Past as _;

use crate::app::{App, Seen};
use crate::archive::Archive;
use crate::extract::{Answered, Asked};
use crate::identity::Identity;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::seek::{Mention, Sought};
use crate::view;

/// Closed tickets of each project that are looked through, the last closed first.
const CLOSED_MAX: u32 = 1_000;
/// Lessons that are told.
const LESSONS_MAX: usize = 5;

pub(super) async fn search<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
    Asked(query): Asked<SearchQuery>,
) -> Answered<Found> {
    let sought = sought(&query.q)?;
    let project: Option<ProjectId> = query.project.as_deref().map(str::parse).transpose()?;
    let projects: Vec<ProjectId> = app.look(|board, _| {
        let all = board.projects.keys();
        let wanted = all.filter(|id| project.as_ref().is_none_or(|project| project == *id));
        wanted.filter(|id| identity.is_for(id)).cloned().collect()
    });
    if let (Some(project), true) = (&project, projects.is_empty()) {
        return Err(Refusal::NoSuchProject(project.clone()).into());
    }
    let mut hits = app.look(|board, seen| {
        let live = board.tickets.values().map(AsRef::as_ref);
        let live = live.filter(|ticket: &&Ticket| projects.contains(&ticket.id.project));
        hits(board, seen, live, &sought)
    });
    let mut closed = vec![];
    for project in &projects {
        closed.extend(app.orchestrator.past().closed_tickets(project, None, CLOSED_MAX).await?);
    }
    closed.sort_by(|one, other| (other.since, &other.id).cmp(&(one.since, &one.id)));
    hits.extend(app.look(|board, seen| self::hits(board, seen, closed.iter(), &sought)));
    let total = u32::try_from(hits.len()).unwrap_or(u32::MAX);
    hits.sort_by_key(|(by_name, _)| !by_name);
    let limit = query.limit.unwrap_or(HITS_DEFAULT).min(HITS_MAX);
    hits.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    let lessons = app.look(|board, seen| {
        let project = board.projects.get(project.as_ref()?)?;
        let mut found = view::lessons(project, Some(&query.q), seen.now).lessons;
        found.truncate(LESSONS_MAX);
        Some(found)
    });
    let tickets = hits.into_iter().map(|(_, hit)| hit).collect();
    Ok(Json(Found { tickets, total, lessons: lessons.unwrap_or_default() }))
}

fn sought(text: &str) -> Result<Sought, Failure> {
    let chars = text.chars().count();
    if chars > WORDS_CHARS_MAX {
        let detail = format!("`q` has {chars} characters, more than {WORDS_CHARS_MAX}");
        return Err(Failure::new(codes::bad_request, detail));
    }
    Sought::new(text).ok_or_else(|| Failure::new(codes::bad_request, "`q` has no word"))
}

fn hits<'a>(
    board: &Board,
    seen: &Seen,
    tickets: impl Iterator<Item = &'a Ticket>,
    sought: &Sought,
) -> Vec<(bool, Hit)> {
    let found = tickets.filter_map(|ticket| {
        let Mention { by_name, place } = sought.in_ticket(ticket)?;
        let (part, line) = place.unzip();
        let ticket = view::list_entry(board, seen, ticket);
        Some((by_name, Hit { ticket, part: part.map(str::to_owned), line }))
    });
    found.collect()
}
