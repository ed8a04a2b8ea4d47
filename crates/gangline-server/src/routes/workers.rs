//! The workers' API: tickets under the names and states that its clients know.
//!
//! ```text
//!   spawned     draft, open, backoff, parked
//!   running     working, verifying
//!   completed   review, queued, landing, landed, delivered
//!   failed      escalated, cancelled, held
//! ```
//!
//! `worker-<n>` is the run of the ticket that event `n` added: the number is durable, and needs no
//! memory of its own.

use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, State};
use gangline_api::codes;
use gangline_api::worker::{SpawnWorker, SpawnedWorker, Terminated, WorkerView, Workers};
use gangline_domain::board::Board;
use gangline_domain::command::{Command, Refusal};
use gangline_domain::event::{Event, TicketEvent};
use gangline_domain::ids::{ProjectId, TicketId, Timestamp};
use gangline_domain::project::Project;
use gangline_domain::spec::TicketSpec;
use gangline_domain::ticket::{Held, Ticket, TicketState};
use gangline_engine::{CommandError, Denied};
use gangline_ports::Past as _;

use super::tickets::found;
use crate::app::App;
use crate::archive::{Archive, Worktree};
use crate::extract::{Answered, Body, Caller};
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::view;

/// Characters of a title that is made of a description.
const TITLE_CHARS_MAX: usize = 120;
/// Closed tickets of each project that are listed.
const CLOSED_MAX: u32 = 100;

pub(super) async fn spawn<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    Body(wish): Body<SpawnWorker>,
) -> Answered<SpawnedWorker> {
    if wish.ticket_id.trim().is_empty() || wish.description.trim().is_empty() {
        let detail = "`ticketId` and `description` say what is to be done";
        return Err(Failure::new(codes::bad_request, detail));
    }
    let project = app.look(|board, _| project_of(board, FilePath::new(&wish.ticket_path)))?;
    // A client that was not answered asks again: the ticket that is under way is its own.
    let there = app.look(|board, _| {
        let named = |ticket: &&Arc<Ticket>| {
            ticket.id.project == project.id
                && ticket.spec.external_ref.as_deref() == Some(wish.ticket_id.trim())
        };
        board.tickets.values().find(named).map(|ticket| ticket.id.clone())
    });
    let id = if let Some(id) = there {
        id
    } else {
        let spec = Box::new(spec(&app, &project, &wish).await);
        let add = Command::Add { project: project.id.clone(), key: None, spec, draft: false };
        let done = app.orchestrator.command(caller.actor, caller.key, add).await?;
        done.ticket.unwrap_or_else(|| panic!("BUG: a ticket was added and has no name"))
    };
    let ticket = found(&app, &id).await?;
    Ok(Json(SpawnedWorker {
        worker_id: worker_id(&app, &id).await?,
        status: "spawned".to_owned(),
        worktree_path: path_text(&place(&app, &project, &ticket).await),
    }))
}

/// The project whose repository the path is in; the only one there is, when it is in none.
fn project_of(board: &Board, path: &FilePath) -> Result<Project, Failure> {
    let holds = |project: &&Project| path.starts_with(&project.settings.repo);
    let holding = board.projects.values().filter(holds);
    let nearest = holding.max_by_key(|project| project.settings.repo.len());
    let mut all = board.projects.values();
    let only = all.next().filter(|_| all.next().is_none());
    nearest.or(only).cloned().ok_or_else(|| {
        let shown: String = path.display().to_string().chars().take(200).collect();
        let detail = format!("no project's repository holds {}", shown.escape_debug());
        Failure::new(codes::no_such_project, detail).hint("gangline project add, or project list")
    })
}

async fn spec<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    project: &Project,
    wish: &SpawnWorker,
) -> TicketSpec {
    let description = wish.description.trim();
    let first = description.lines().next().unwrap_or_default();
    let mut title: String = first.chars().take(TITLE_CHARS_MAX).collect();
    if title.len() < first.len() {
        title.push('…');
    }
    let folder = FilePath::new(&wish.ticket_path);
    let inside = folder.strip_prefix(&project.settings.repo).ok();
    let inside = inside.filter(|inside| !inside.as_os_str().is_empty());
    let inside = inside.map(|inside| format!("The ticket's folder is `{}`.", inside.display()));
    let text = app.archive.ticket_text(project, folder).await;
    let text = text.map(|text| text.trim_end().to_owned());
    let parts: Vec<String> =
        [Some(description.to_owned()), inside, text].into_iter().flatten().collect();
    let body = parts.join("\n\n");
    TicketSpec {
        body,
        external_ref: Some(wish.ticket_id.trim().to_owned()),
        ..TicketSpec::titled(&title)
    }
}

pub(super) async fn status<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Path(worker): Path<String>,
) -> Answered<WorkerView> {
    let id = ticket_of(&app, &worker).await?;
    let ticket = found(&app, &id).await?;
    Ok(Json(seen(&app, &ticket, worker).await?))
}

pub(super) async fn list<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
) -> Answered<Workers> {
    let (mut tickets, projects) = app.look(|board, _| {
        let live: Vec<Ticket> =
            board.tickets.values().map(|ticket| Ticket::clone(ticket)).collect();
        (live, board.projects.keys().cloned().collect::<Vec<ProjectId>>())
    });
    for project in projects {
        let past = app.orchestrator.past();
        tickets.extend(past.closed_tickets(&project, None, CLOSED_MAX).await?);
    }
    let mut workers = Vec::with_capacity(tickets.len());
    for ticket in tickets {
        let worker = worker_id(&app, &ticket.id).await?;
        workers.push(seen(&app, &ticket, worker).await?);
    }
    Ok(Json(Workers { workers }))
}

/// Its work is kept, its branch too, and the ticket is held. What has ended, is held already or is
/// being swapped in needs nothing more.
pub(super) async fn terminate<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    Path(worker): Path<String>,
) -> Answered<Terminated> {
    let id = ticket_of(&app, &worker).await?;
    let ticket = found(&app, &id).await?;
    let terminated = Json(Terminated { status: "terminated".to_owned() });
    let rests = matches!(ticket.state, TicketState::Held(_) | TicketState::Draft);
    if !ticket.state.is_closed() && !rests {
        let hold = Command::Hold { ticket: id };
        match app.orchestrator.command(caller.actor, caller.key, hold).await {
            // Its agent has ended, and what it did lands, or has landed meanwhile.
            Err(CommandError::Denied(Denied::Refused(
                Refusal::IsLanding(_) | Refusal::Closed { .. },
            )))
            | Ok(_) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(terminated)
}

/// The ticket that the worker's event added.
async fn ticket_of<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    worker: &str,
) -> Result<TicketId, Failure> {
    let shown: String = worker.chars().take(40).collect();
    let none = || {
        let detail = format!("there is no worker `{}`", shown.escape_debug());
        Failure::new(codes::no_such_worker, detail).hint("GET /api/workers")
    };
    let number: u64 =
        worker.strip_prefix("worker-").and_then(|n| n.parse().ok()).ok_or_else(none)?;
    let before = number.checked_sub(1).ok_or_else(none)?;
    let event = app.orchestrator.past().events(before, 1).await?.pop();
    match event.map(|recorded| recorded.event) {
        Some(Event::Ticket { ticket, what: TicketEvent::Added { .. } }) => Ok(ticket),
        _other => Err(none()),
    }
}

async fn worker_id<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    id: &TicketId,
) -> Result<String, Failure> {
    let first = app.orchestrator.past().events_of(id, 0, 1).await?;
    let seq = first.first().map_or(0, |recorded| recorded.seq);
    Ok(format!("worker-{seq}"))
}

async fn seen<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    ticket: &Ticket,
    worker_id: String,
) -> Result<WorkerView, Failure> {
    let (status, error) = state_of(ticket);
    let ended = matches!(status, "completed" | "failed");
    let project = app.look(|board, _| board.projects.get(&ticket.id.project).cloned());
    let place = match &project {
        Some(project) => place(app, project, ticket).await,
        None => Worktree::default(),
    };
    let current_task = app.look(|board, seen| view::list_entry(board, seen, ticket).activity);
    Ok(WorkerView {
        worker_id,
        ticket_id: ticket.spec.external_ref.clone().unwrap_or_else(|| ticket.id.key.to_string()),
        status: status.to_owned(),
        current_task: current_task.filter(|_| !ended),
        branch: place.branch.clone().unwrap_or_default(),
        worktree_path: path_text(&place),
        started_at: rfc3339(ticket.created_at),
        completed_at: ended.then(|| rfc3339(ticket.since)),
        error,
    })
}

/// Where it works or worked; where it will, before it has begun.
async fn place<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    project: &Project,
    ticket: &Ticket,
) -> Worktree {
    let now = app.archive.worktree(project, ticket);
    if now.path.is_some() && now.branch.is_some() {
        return now;
    }
    let planned = app.archive.planned(project, ticket).await;
    Worktree { path: now.path.or(planned.path), branch: now.branch.or(planned.branch) }
}

fn path_text(place: &Worktree) -> String {
    place.path.as_ref().map(|path: &PathBuf| path.display().to_string()).unwrap_or_default()
}

fn state_of(ticket: &Ticket) -> (&'static str, Option<String>) {
    match &ticket.state {
        TicketState::Draft
        | TicketState::Open
        | TicketState::Backoff(_)
        | TicketState::Parked(_) => ("spawned", None),
        TicketState::Working(_) | TicketState::Verifying(_) => ("running", None),
        TicketState::Review(_)
        | TicketState::Queued(_)
        | TicketState::Landing(_)
        | TicketState::Landed { .. }
        | TicketState::Delivered { .. } => ("completed", None),
        TicketState::Escalated(escalation) => ("failed", Some(escalation.summary.clone())),
        TicketState::Cancelled { by } => ("failed", Some(format!("cancelled by {by}"))),
        TicketState::Held(Held { by, .. }) => {
            let next = format!("held by {by}; gangline resume {}", ticket.id.key);
            ("failed", Some(next))
        }
    }
}

fn rfc3339(at: Timestamp) -> String {
    let at = jiff::Timestamp::from_microsecond(at.0).unwrap_or_default();
    format!("{at:.3}")
}
