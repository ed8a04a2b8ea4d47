//! The daemon, its nodes and its merge queue.

use axum::extract::{Path, State};
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::{Extension, Json};
use gangline_api::codes;
use gangline_api::command::Done;
use gangline_api::node::{Queue, QueueEntry};
use gangline_api::status::{Shutdown, ShuttingDown, Status};
use gangline_api::token::Me;
use gangline_api::version::{API_VERSION, PROGRAM_VERSION};
use gangline_api::worker::Healthy;
use gangline_domain::board::Board;
use gangline_domain::command::Command;
use gangline_domain::ids::ProjectId;
use gangline_domain::plan::lane_order;
use gangline_domain::ticket::{Queued, Ticket, TicketState};
use gangline_ports::Past as _;

use super::verbs::done;
use crate::app::{App, StopWish};
use crate::archive::Archive;
use crate::extract::{Answered, Body, Caller};
use crate::identity::Identity;
use crate::metrics;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::view;

pub(super) async fn status<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
) -> Json<Status> {
    let daemon = &app.daemon;
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Json(app.look(|board, seen| Status {
        version: PROGRAM_VERSION.to_owned(),
        api: API_VERSION,
        pid: daemon.pid,
        started_us: daemon.started_at.0,
        socket: daemon.socket.clone(),
        http: daemon.http.clone(),
        state_dir: daemon.state_dir.clone(),
        log: daemon.log.clone(),
        seq: board.seq,
        projects: count(board.projects.len()),
        tickets_live: count(board.tickets.len()),
        tickets_closed: count(board.closed.len()),
        circuits: view::circuits(board),
        nodes: view::nodes(board, seen),
        config: Some(app.settings().configured.view()),
        traces: app.settings().traces.as_ref().map(|traces| traces.view(board.seq)),
        push: app.settings().push.as_ref().and_then(|push| push.trouble()),
    }))
}

/// Who asks.
pub(super) async fn me(Extension(identity): Extension<Identity>) -> Json<Me> {
    let projects = identity.projects.as_ref();
    Json(Me {
        name: identity.name.clone(),
        role: identity.role.to_string(),
        projects: projects.map(|projects| projects.iter().map(ToString::to_string).collect()),
        via: identity.via.clone(),
    })
}

/// It answers, whatever else it can do.
pub(super) async fn live() -> Json<Healthy> {
    Json(healthy("ok"))
}

/// Whether it can do its work: it is not ending, its store can be read, and a node can be given
/// jobs.
pub(super) async fn ready<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
) -> Answered<Healthy> {
    let not = |detail: &str| Failure::new(codes::not_ready, detail).hint("gangline doctor");
    if app.ending.is_cancelled() {
        return Err(not("it is ending"));
    }
    let seq = app.orchestrator.committed();
    if let Err(error) = app.orchestrator.past().events(seq.saturating_sub(1), 1).await {
        tracing::warn!(%error, "not ready");
        return Err(not("its store cannot be read"));
    }
    if app.look(|_, seen| seen.nodes.alive.is_empty()) {
        return Err(not("no node is there that jobs could be given to"));
    }
    Ok(Json(healthy("ready")))
}

/// Figures, as Prometheus reads them.
pub(super) async fn metrics<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
) -> impl IntoResponse {
    let media = [(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (media, metrics::metrics(&app, &identity))
}

fn healthy(status: &str) -> Healthy {
    Healthy { status: status.to_owned(), version: PROGRAM_VERSION.to_owned() }
}

/// The answer goes out first: the daemon lets requests under way finish before it ends.
pub(super) async fn shutdown<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Body(wish): Body<Shutdown>,
) -> Json<ShuttingDown> {
    let jobs = app.look(|board, _| board.busy().filter(|ticket| ticket.run().is_some()).count());
    let wish = if wish.jobs { StopWish::StopJobs } else { StopWish::LeaveJobs };
    app.stop.send_replace(wish);
    Json(ShuttingDown { pid: app.daemon.pid, jobs: u32::try_from(jobs).unwrap_or(u32::MAX) })
}

pub(super) async fn close_circuit<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    Path(kind): Path<String>,
) -> Answered<Done> {
    done(&app, caller, Command::CloseCircuit { kind: kind.parse()? }).await
}

pub(super) async fn queue<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
) -> Json<Queue> {
    let entries = |board: &Board| {
        let seen = board.projects.keys().filter(|id| identity.is_for(id));
        seen.flat_map(|id| lane(board, id)).collect()
    };
    Json(Queue { entries: app.look(|board, _| entries(board)) })
}

/// A project's lane: who is in it, then who waits, in landing order.
fn lane(board: &Board, project: &ProjectId) -> Vec<QueueEntry> {
    let order = lane_order(board, project);
    let inside = board.queue().filter(|ticket| {
        ticket.id.project == *project && matches!(ticket.state, TicketState::Landing(_))
    });
    let waiting = order.iter().filter_map(|id| board.ticket(id));
    let entries = inside.chain(waiting).enumerate();
    entries.filter_map(|(at, ticket)| entry(ticket, at)).collect()
}

fn entry(ticket: &Ticket, at: usize) -> Option<QueueEntry> {
    let Queued { verified, approval, since } = match &ticket.state {
        TicketState::Queued(queued) => queued,
        TicketState::Landing(landing) => &landing.entry,
        TicketState::Draft
        | TicketState::Open
        | TicketState::Backoff(_)
        | TicketState::Parked(_)
        | TicketState::Held(_)
        | TicketState::Working(_)
        | TicketState::Verifying(_)
        | TicketState::Review(_)
        | TicketState::Landed { .. }
        | TicketState::Delivered { .. }
        | TicketState::Escalated(_)
        | TicketState::Cancelled { .. } => return None,
    };
    Some(QueueEntry {
        project: ticket.id.project.to_string(),
        key: ticket.id.key.to_string(),
        title: ticket.spec.title.clone(),
        state: ticket.state.word().to_owned(),
        position: u32::try_from(at + 1).unwrap_or(u32::MAX),
        commit: verified.submission.snapshot.head.to_string(),
        approved_by: approval.by.to_string(),
        since_us: since.0,
    })
}
