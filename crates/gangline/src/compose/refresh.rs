//! Keeps the scheduler's settings as the policies say: read anew at the start, and whenever
//! something has landed, because what landed may be a policy.

use std::collections::BTreeSet;
use std::path::PathBuf;

use gangline_domain::command::Command;
use gangline_domain::event::{Event, Recorded, TicketEvent};
use gangline_domain::ids::{Actor, ProjectId};
use gangline_domain::project::ProjectSettings;
use gangline_ports::Past as _;
use gangline_server::{Archive as _, Orchestrator, ReadProject};
use tokio_util::sync::CancellationToken;

use super::archive::Files;

/// Events that are looked through at once.
const EVENTS_PER_PAGE: u32 = 500;

/// Runs until `ending`.
pub(super) async fn keep_current<O: Orchestrator>(
    orchestrator: O,
    files: Files,
    ending: CancellationToken,
) {
    let mut seq = orchestrator.seq();
    let mut after = *seq.borrow_and_update();
    let mut stale: Vec<ProjectId> =
        orchestrator.read(|board| board.projects.keys().cloned().collect());
    loop {
        for project in std::mem::take(&mut stale) {
            tokio::select! {
                () = read_anew(&orchestrator, &files, &project) => {}
                () = ending.cancelled() => return,
            }
        }
        tokio::select! {
            changed = seq.changed() => if changed.is_err() { return },
            () = ending.cancelled() => return,
        }
        let Ok(events) = orchestrator.past().events(after, EVENTS_PER_PAGE).await else { continue };
        after = events.last().map_or(after, |recorded| recorded.seq);
        stale = landed(&events).into_iter().collect();
        if !events.is_empty() {
            // There may be more than a page; the next turn looks on from here.
            seq.mark_changed();
        }
    }
}

/// The projects in which something has landed.
fn landed(events: &[Recorded]) -> BTreeSet<ProjectId> {
    let project = |recorded: &Recorded| match &recorded.event {
        Event::Ticket { ticket, what: TicketEvent::Landed { .. } } => Some(ticket.project.clone()),
        Event::Ticket { .. }
        | Event::ProjectConfigured { .. }
        | Event::ProjectRemoved { .. }
        | Event::ProjectPaused { .. }
        | Event::ProjectResumed { .. }
        | Event::ExternalRegistered { .. }
        | Event::ExternalEnded { .. }
        | Event::LessonAdded { .. }
        | Event::LessonRemoved { .. }
        | Event::ScheduleFired { .. }
        | Event::ScheduleSkipped { .. }
        | Event::TokenAdded { .. }
        | Event::TokenRevoked { .. }
        | Event::CircuitOpened { .. }
        | Event::CircuitClosed { .. }
        | Event::NodeAlertRaised { .. }
        | Event::NodeAlertCleared { .. }
        | Event::NodeDrained { .. }
        | Event::NodeResumed { .. }
        | Event::NothingChanged => None,
    };
    events.iter().filter_map(project).collect()
}

/// Takes over what the policy says now. One that cannot be read changes nothing: the person is
/// told when they next use the project.
pub(super) async fn read_anew<O: Orchestrator>(orchestrator: &O, files: &Files, id: &ProjectId) {
    let settings = |id: &ProjectId| -> Option<ProjectSettings> {
        orchestrator.read(|board| Some(board.projects.get(id)?.settings.clone()))
    };
    let Some(present) = settings(id) else { return };
    let read = match files.read_project(&PathBuf::from(&present.repo)).await {
        Ok(read) => read,
        Err(problem) => {
            tracing::warn!(project = %id, code = problem.code, "{}", problem.detail);
            return;
        }
    };
    let ReadProject { id: read_id, settings, .. } = read;
    // What is not committed counts only once a person has accepted it by using the project.
    let accepted = settings.policy_snapshot.is_none();
    if !accepted || read_id != *id || settings == present || settings.repo != present.repo {
        return;
    }
    let command = Command::ConfigureProject { project: read_id, settings: Box::new(settings) };
    if let Err(error) = orchestrator.command(Actor::Policy, None, command).await {
        tracing::warn!(project = %id, %error, "the policy could not be taken over");
    }
}
