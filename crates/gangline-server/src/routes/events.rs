//! The sequence of events, page by page, for readers that miss nothing.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use gangline_api::codes;
use gangline_api::event::{EVENTS_PAGE_MAX, EventView, Events, EventsQuery, WAIT_MS_MAX};
use gangline_domain::event::Recorded;
use gangline_domain::ids::{ProjectId, TicketId};
use gangline_ports::Past as _;
use tokio::time::Instant;

use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Answered, Asked};
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::view;

/// What a reader wants to see.
enum Filter {
    All,
    Project(ProjectId),
    Ticket(TicketId),
}

pub(super) async fn events<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Asked(query): Asked<EventsQuery>,
) -> Answered<Events> {
    let filter = filter(&query)?;
    let limit = query.limit.unwrap_or(EVENTS_PAGE_MAX).clamp(1, EVENTS_PAGE_MAX);
    let wait = Duration::from_millis(query.wait_ms.unwrap_or(0).min(WAIT_MS_MAX));
    let deadline = Instant::now() + wait;
    let mut seq = app.orchestrator.seq();
    let mut after = query.after;
    loop {
        // Marked as seen before the page is read: a commit in between is not missed.
        let committed = *seq.borrow_and_update();
        let page = page(&app, &filter, after, limit, committed).await?;
        after = page.next;
        if !page.events.is_empty() || Instant::now() >= deadline {
            return Ok(Json(page));
        }
        tokio::select! {
            changed = seq.changed() => if changed.is_err() { return Ok(Json(page)) },
            () = tokio::time::sleep_until(deadline) => {}
            () = app.ending.cancelled() => return Ok(Json(page)),
        }
    }
}

fn filter(query: &EventsQuery) -> Result<Filter, Failure> {
    match (&query.project, &query.key) {
        (None, None) => Ok(Filter::All),
        (Some(project), None) => Ok(Filter::Project(project.parse()?)),
        (Some(project), Some(key)) => {
            Ok(Filter::Ticket(TicketId { project: project.parse()?, key: key.parse()? }))
        }
        (None, Some(_)) => Err(Failure::new(codes::bad_request, "`key` needs `project`")),
    }
}

/// One page. `committed` is a sequence number up to which the store has everything.
async fn page<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    filter: &Filter,
    after: u64,
    limit: u32,
    committed: u64,
) -> Result<Events, Failure> {
    let full = |found: &[Recorded]| u32::try_from(found.len()).unwrap_or(u32::MAX) >= limit;
    let found = match filter {
        Filter::Ticket(ticket) => app.orchestrator.past().events_of(ticket, after, limit).await?,
        Filter::All | Filter::Project(_) => app.orchestrator.past().events(after, limit).await?,
    };
    let last = found.last().map(|recorded| recorded.seq);
    let next = match (last, filter) {
        // More of the same may follow on the next page.
        (Some(last), _) if full(&found) => last,
        (Some(last), Filter::Ticket(_)) => last.max(committed),
        (Some(last), Filter::All | Filter::Project(_)) => last,
        (None, Filter::Ticket(_)) => after.max(committed),
        (None, Filter::All | Filter::Project(_)) => after,
    };
    let wanted = found.iter().filter(|recorded| match filter {
        Filter::Project(project) => recorded.event.project() == Some(project),
        Filter::All | Filter::Ticket(_) => true,
    });
    let events: Vec<EventView> = wanted.map(view::event).collect();
    Ok(Events { events, next })
}
