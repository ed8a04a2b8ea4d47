//! The sequence of events, page by page, for readers that miss nothing.

use std::time::Duration;

use axum::extract::State;
use axum::{Extension, Json};
use gangline_api::event::{EVENTS_PAGE_MAX, Events, EventsQuery, WAIT_MS_MAX};
use gangline_ports::Past as _;
use tokio::time::Instant;

use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Answered, Asked};
use crate::feed::Wanted;
use crate::identity::Identity;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::view;

pub(super) async fn events<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
    Asked(query): Asked<EventsQuery>,
) -> Answered<Events> {
    let EventsQuery { project, key, types, .. } = &query;
    let wanted = Wanted::of(identity, project.as_deref(), key.as_deref(), types.as_deref())?;
    let limit = query.limit.unwrap_or(EVENTS_PAGE_MAX).clamp(1, EVENTS_PAGE_MAX);
    let wait = Duration::from_millis(query.wait_ms.unwrap_or(0).min(WAIT_MS_MAX));
    let deadline = Instant::now() + wait;
    let mut seq = app.orchestrator.seq();
    let mut after = query.after;
    loop {
        // Marked as seen before the page is read: a commit in between is not missed.
        let committed = *seq.borrow_and_update();
        let page = page(&app, &wanted, after, limit, committed).await?;
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

/// One page. `committed` is a sequence number up to which the store has everything.
async fn page<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    wanted: &Wanted,
    after: u64,
    limit: u32,
    committed: u64,
) -> Result<Events, Failure> {
    let found = match wanted.ticket() {
        Some(ticket) => app.orchestrator.past().events_of(ticket, after, limit).await?,
        None => app.orchestrator.past().events(after, limit).await?,
    };
    let full = u32::try_from(found.len()).unwrap_or(u32::MAX) >= limit;
    let last = found.last().map_or(after, |recorded| recorded.seq);
    let next = match wanted.ticket() {
        // More of the same may follow on the next page.
        Some(_) if !full => last.max(committed),
        Some(_) | None => last,
    };
    let events = found.iter().filter(|recorded| wanted.takes(recorded)).map(view::event);
    Ok(Events { events: events.collect(), next })
}
