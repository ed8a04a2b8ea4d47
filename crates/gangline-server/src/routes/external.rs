//! External sessions: registered, given work, heard, and let go.

use std::time::Duration;

use axum::Json;
use axum::extract::{Path, State};
use gangline_api::codes;
use gangline_api::command::Done;
use gangline_api::event::WAIT_MS_MAX;
use gangline_api::external::{
    ExternalView, Externals, Heartbeat, HeartbeatExternal, RegisterExternal, SubmitExternal, Work,
    WorkQuery,
};
use gangline_domain::command::{Command, Refusal};
use gangline_domain::external::{External, ExternalEnd, HandIn, HandInHow};
use gangline_domain::ids::{ExternalId, Fence, IdempotencyKey, ProjectId, TicketId, Timestamp};
use gangline_domain::verdict::{Claim, ClaimSource};
use tokio::time::Instant;

use super::verbs::done;
use crate::app::App;
use crate::archive::Archive;
use crate::external::{self, Webhook};
use crate::extract::{Answered, Asked, Body, Caller, InProject};
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;

/// Silence after which a session is given up that says nothing about it.
const HEARTBEAT_TIMEOUT_MS: u64 = 60_000;
/// Between two looks for work that is being prepared.
const LOOK: Duration = Duration::from_millis(100);

/// `{project}` and `{id}` of the path.
type Named = Path<(String, String)>;

fn named(Path((project, id)): Named) -> Result<(ProjectId, ExternalId), Failure> {
    Ok((project.parse()?, id.parse()?))
}

pub(super) async fn register<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    InProject(project): InProject,
    Body(wish): Body<RegisterExternal>,
) -> Answered<ExternalView> {
    let id: ExternalId = wish.id.parse()?;
    let agent = wish.agent.unwrap_or(wish.id).parse()?;
    if let Some(webhook) = &wish.webhook {
        let bad = |why: String| {
            Failure::new(codes::bad_request, why)
                .hint("give an http:// address of this machine, or leave --webhook out")
        };
        Webhook::parse(webhook, app.settings().webhooks).map_err(|error| bad(error.to_string()))?;
    }
    let external = External {
        id: id.clone(),
        agent,
        capabilities: wish.capabilities.into_iter().chain(wish.specialization).collect(),
        max_concurrent: wish.max_concurrent_issues.unwrap_or(1),
        webhook: wish.webhook,
        heartbeat_timeout_ms: wish.heartbeat_timeout_ms.unwrap_or(HEARTBEAT_TIMEOUT_MS),
        registered_at: Timestamp(0),
    };
    let (home, external) = (project.clone(), Box::new(external));
    app.hearts.beat(&project, &id);
    let command = Command::RegisterExternal { project: home, external };
    app.orchestrator.command(caller.actor, caller.key, command).await?;
    app.look(|board, _| external::view(board, &project, &id)).map(Json).map_err(Failure::from)
}

pub(super) async fn list<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    InProject(project): InProject,
) -> Answered<Externals> {
    app.look(|board, _| {
        let Some(home) = board.projects.get(&project) else {
            return Err(Refusal::NoSuchProject(project.clone()).into());
        };
        let sessions = home.externals.keys().map(|id| external::view(board, &project, id));
        let sessions = sessions.collect::<Result<_, _>>().map_err(Failure::from)?;
        Ok(Json(Externals { sessions }))
    })
}

/// The first work of the session after a fence, as soon as its worktree is ready. Who waits is
/// heard.
pub(super) async fn work<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    path: Named,
    Asked(query): Asked<WorkQuery>,
) -> Answered<Work> {
    let (project, id) = named(path)?;
    let after: Option<Fence> = match query.after.as_deref() {
        None => None,
        Some(given) => Some(fence(given)?),
    };
    let wait = Duration::from_millis(query.wait_ms.unwrap_or(0).min(WAIT_MS_MAX));
    let deadline = Instant::now() + wait;
    loop {
        app.look(|board, _| external::known(board, &project, &id))?;
        app.hearts.beat(&project, &id);
        let work = external::work(&app, &project, &id, after);
        if work.assigned.is_some() || Instant::now() >= deadline {
            return Ok(Json(work));
        }
        tokio::select! {
            () = tokio::time::sleep_until(deadline.min(Instant::now() + LOOK)) => {}
            () = app.ending.cancelled() => return Ok(Json(work)),
        }
    }
}

pub(super) async fn heartbeat<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    path: Named,
    Body(HeartbeatExternal {}): Body<HeartbeatExternal>,
) -> Answered<Heartbeat> {
    let (project, id) = named(path)?;
    let view = app.look(|board, _| external::view(board, &project, &id))?;
    app.hearts.beat(&project, &id);
    Ok(Json(Heartbeat { assignments: view.assignments }))
}

pub(super) async fn submit<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    path: Named,
    Body(wish): Body<SubmitExternal>,
) -> Answered<Done> {
    let (project, external) = named(path)?;
    let ticket = TicketId { project: project.clone(), key: wish.issue.parse()? };
    let fence = fence(&wish.fence)?;
    app.hearts.beat(&project, &external);
    let hand_in = Box::new(handed_in(wish)?);
    // What was handed in under a fence is handed in once, also when its answer was lost.
    let once = format!("external/{external}/{ticket}/{fence}");
    let key: IdempotencyKey = once.parse()?;
    let caller = Caller { key: Some(key), ..caller };
    done(&app, caller, Command::HandIn { ticket, external, fence, hand_in }).await
}

pub(super) async fn deregister<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    path: Named,
) -> Answered<Done> {
    let (project, external) = named(path)?;
    let why = ExternalEnd::Deregistered;
    done(&app, caller, Command::EndExternal { project, external, why }).await
}

fn fence(given: &str) -> Result<Fence, Failure> {
    let bad = |error| {
        let error: gangline_domain::ids::BadName = error;
        Failure::new(codes::bad_request, error.to_string())
    };
    given.parse().map_err(bad)
}

fn handed_in(wish: SubmitExternal) -> Result<HandIn, Failure> {
    let summary = wish.summary.unwrap_or_default();
    let how = match wish.status.as_deref() {
        None | Some("completed") => HandInHow::Completed,
        Some("no_change_needed") => HandInHow::NoChangeNeeded,
        Some("gave_up") if summary.trim().is_empty() => {
            let detail = "a session that gives up says why, in `summary`";
            return Err(Failure::new(codes::bad_request, detail));
        }
        Some("gave_up") => HandInHow::GaveUp(summary.clone()),
        Some(other) => {
            let other: String = other.chars().take(40).collect();
            let other = other.escape_debug();
            let known = "completed, no_change_needed or gave_up";
            let detail = format!("`{other}` is not a status; one is {known}");
            return Err(Failure::new(codes::bad_request, detail));
        }
    };
    let claim = match summary.trim().is_empty() {
        true => Claim::default(),
        false => Claim { source: ClaimSource::Outcome, summary, ..Claim::default() },
    };
    Ok(HandIn { how, claim })
}
