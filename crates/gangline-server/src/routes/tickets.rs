//! Tickets: added, imported, listed and shown.

mod import;
mod list;
mod spec;
mod split;

use std::sync::Arc;

use axum::extract::State;
use gangline_api::command::{AddTicket, Done, EditTicket};
use gangline_api::ticket::TicketDetail;
use gangline_domain::command::{Command, Refusal};
use gangline_domain::event::Recorded;
use gangline_domain::ids::{TicketId, TicketKey};
use gangline_domain::ticket::Ticket;
use gangline_ports::Past as _;

pub(super) use import::import;
pub(super) use list::list;
pub(super) use spec::parsed;
pub(super) use split::split;

use super::verbs::done;
use crate::app::App;
use crate::archive::{Archive, Worktree};
use crate::etag::Written;
use crate::extract::{Answered, Body, Caller, InProject, OfTicket};
use crate::histories::history;
use crate::lists::AsOf;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::view::{self, History, Shown};

/// Events of a ticket that are read at once.
const PAST_PAGE: u32 = 1_000;
pub(super) async fn add<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    InProject(project): InProject,
    Body(wish): Body<AddTicket>,
) -> Answered<Done> {
    let (key, spec, draft) = parsed(wish)?;
    done(&app, caller, Command::Add { project, key, spec: Box::new(spec), draft }).await
}

pub(super) async fn edit<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    OfTicket(ticket): OfTicket,
    Body(wish): Body<EditTicket>,
) -> Answered<Done> {
    let edit = Box::new(spec::edited(wish)?);
    done(&app, caller, Command::Edit { ticket, edit }).await
}

pub(super) async fn show<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    OfTicket(id): OfTicket,
) -> Result<Written<TicketDetail>, Failure> {
    let as_of = AsOf::now(&app);
    if let Some(written) = app.details.get(&id, &as_of) {
        return Ok(written);
    }
    let history = history(&app, &id).await?;
    let detail = detailed(&app, &id, Arc::unwrap_or_clone(history)).await?;
    Ok(app.details.keep(id, as_of, &detail))
}

/// Keys as they are sent.
pub(super) fn words(keys: &[TicketKey]) -> Vec<String> {
    keys.iter().map(ToString::to_string).collect()
}

/// The ticket with all its evidence.
pub(super) async fn detailed<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    id: &TicketId,
    mut history: History,
) -> Result<TicketDetail, Failure> {
    let ticket = found(app, id).await?;
    for attempt in &mut history.attempts {
        attempt.tier = attempt.job.parse().ok().and_then(|job| app.archive.tier(&job));
    }
    let project = app.look(|board, _| board.projects.get(&id.project).cloned());
    let worktree = match project {
        Some(project) => app.archive.worktree(&project, &ticket),
        None => Worktree::default(),
    };
    let shown = Shown { ticket: &ticket, history, worktree };
    Ok(app.look(|board, seen| view::detail(board, seen, shown)))
}

/// The ticket, live or closed.
pub(super) async fn found<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    id: &TicketId,
) -> Result<Ticket, Failure> {
    match app.orchestrator.ticket(id).await? {
        Some(ticket) => Ok(ticket),
        None if !app.look(|board, _| board.projects.contains_key(&id.project)) => {
            Err(Refusal::NoSuchProject(id.project.clone()).into())
        }
        None => Err(Refusal::NoSuchTicket(id.clone()).into()),
    }
}

/// All events of a ticket.
pub(super) async fn past<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    id: &TicketId,
) -> Result<Vec<Recorded>, Failure> {
    let mut past: Vec<Recorded> = vec![];
    loop {
        let after = past.last().map_or(0, |recorded| recorded.seq);
        let page = app.orchestrator.past().events_of(id, after, PAST_PAGE).await?;
        let whole = u32::try_from(page.len()).unwrap_or(u32::MAX) < PAST_PAGE;
        past.extend(page);
        if whole {
            return Ok(past);
        }
    }
}
