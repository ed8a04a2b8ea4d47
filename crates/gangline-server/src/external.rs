//! External sessions, between their requests: who is still there, what each is at, and who is to be
//! told of work.

mod attend;
mod hearts;
mod webhook;

use gangline_api::external::{
    Assigned, AssignmentView, ExternalView, Issue, NO_WORK, WORK_ASSIGNED, Work,
};
use gangline_domain::board::Board;
use gangline_domain::command::Refusal;
use gangline_domain::external::{External, at_work, handed_in};
use gangline_domain::ids::{ExternalId, Fence, ProjectId};
use gangline_domain::ticket::Ticket;

pub use attend::attend;
pub(crate) use hearts::Hearts;
pub use webhook::{BadWebhook, Webhook, Webhooks};

use crate::app::App;
use crate::archive::{Archive, Assignment};
use crate::orchestrator::Orchestrator;
use crate::view::word;

pub(crate) fn known(board: &Board, project: &ProjectId, id: &ExternalId) -> Result<(), Refusal> {
    session(board, project, id).map(drop)
}

fn session<'b>(
    board: &'b Board,
    project: &ProjectId,
    id: &ExternalId,
) -> Result<&'b External, Refusal> {
    let home = board.projects.get(project);
    let home = home.ok_or_else(|| Refusal::NoSuchProject(project.clone()))?;
    home.externals
        .get(id)
        .ok_or_else(|| Refusal::NoSuchExternal { project: project.clone(), external: id.clone() })
}

/// A session with what it is at.
pub(crate) fn view(
    board: &Board,
    project: &ProjectId,
    id: &ExternalId,
) -> Result<ExternalView, Refusal> {
    let external = session(board, project, id)?;
    let its_own = board.busy().filter(|ticket| ticket.id.project == *project);
    Ok(ExternalView {
        id: external.id.to_string(),
        agent: external.agent.to_string(),
        capabilities: external.capabilities.iter().cloned().collect(),
        max_concurrent_issues: external.max_concurrent,
        webhook: external.webhook.clone(),
        heartbeat_timeout_ms: external.heartbeat_timeout_ms,
        registered_us: external.registered_at.0,
        assignments: its_own.filter_map(|ticket| assignment(ticket, id)).collect(),
    })
}

fn assignment(ticket: &Ticket, id: &ExternalId) -> Option<AssignmentView> {
    let attempt = ticket.running_attempt()?;
    if attempt.external.as_ref() != Some(id) {
        return None;
    }
    let fence = ticket.run()?.lease.fence;
    let state = match (at_work(ticket), handed_in(ticket, id, fence)) {
        (Some(_), _) => "assigned",
        (None, Some(_)) => "submitted",
        (None, None) => "ending",
    };
    let (issue, state) = (ticket.id.key.to_string(), state.to_owned());
    Some(AssignmentView { issue, fence: fence.to_string(), state })
}

/// Tickets that the session is to work on, by their fences.
fn assigned_to(board: &Board, project: &ProjectId, id: &ExternalId) -> Vec<(Fence, Ticket)> {
    let its_own = board.busy().filter(|ticket| ticket.id.project == *project);
    let mut tickets: Vec<(Fence, Ticket)> = its_own
        .filter_map(|ticket| match at_work(ticket) {
            Some((by, fence)) if by == id => Some((fence, ticket.clone())),
            Some(_) | None => None,
        })
        .collect();
    tickets.sort_by_key(|(fence, _)| *fence);
    tickets
}

/// The first work of the session after a fence whose worktree is ready.
pub(crate) fn work<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    project: &ProjectId,
    id: &ExternalId,
    after: Option<Fence>,
) -> Work {
    let tickets = app.look(|board, _| assigned_to(board, project, id));
    let tickets = tickets.into_iter().filter(|(fence, _)| after.is_none_or(|after| *fence > after));
    let mut ready = tickets.filter_map(|(fence, ticket)| {
        let attempt = ticket.running_attempt()?;
        let place = app.archive.assignment(&attempt.job, fence)?;
        assigned(id, (&ticket, fence), place)
    });
    let assigned = ready.next();
    let action = if assigned.is_some() { WORK_ASSIGNED } else { NO_WORK };
    Work { action: action.to_owned(), assigned }
}

fn assigned(
    id: &ExternalId,
    (ticket, fence): (&Ticket, Fence),
    place: Assignment,
) -> Option<Assigned> {
    let attempt = ticket.running_attempt()?;
    let spec = &ticket.spec;
    let shown = |path: &std::path::Path| path.display().to_string();
    Some(Assigned {
        session: id.to_string(),
        issue: Issue {
            key: ticket.id.key.to_string(),
            project: ticket.id.project.to_string(),
            title: spec.title.clone(),
            body: spec.body.clone(),
            priority: word(spec.priority),
            labels: spec.labels.iter().cloned().collect(),
            capabilities: spec.needs().into_iter().map(str::to_owned).collect(),
            scope: spec.scope.patterns().to_vec(),
            deliverable: word(spec.deliverable),
            external_ref: spec.external_ref.clone(),
            hints: ticket.hints.iter().map(|hint| hint.text.clone()).collect(),
        },
        worktree_path: shown(&place.worktree_path),
        branch_name: place.branch_name,
        fence: fence.to_string(),
        attempt: attempt.job.to_string(),
        base: place.base,
        brief_path: shown(&place.brief_path),
        outcome_path: shown(&place.outcome_path),
        worker_socket: place.worker_socket.as_deref().map(shown),
        deadline_us: attempt.deadline.0,
    })
}
