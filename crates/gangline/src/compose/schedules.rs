//! Adds the tickets of schedules when they are due. It only finds out that one is: whether a ticket
//! is added is decided where everything is, so that nothing happens twice.

use std::time::Duration;

use gangline_domain::board::Board;
use gangline_domain::command::{Command, Refusal};
use gangline_domain::ids::{Actor, ProjectId, ScheduleName, Timestamp};
use gangline_domain::project::Project;
use gangline_engine::{CommandError, Denied};
use gangline_policy::Times;
use gangline_server::{Archive as _, Orchestrator};
use tokio_util::sync::CancellationToken;

use super::archive::Files;
use super::refresh::read_anew;

/// How often it looks. Schedules count in minutes.
const LOOK_EVERY: Duration = Duration::from_secs(5);

/// Runs until `ending`.
pub(super) async fn keep_schedules<O: Orchestrator>(
    orchestrator: O,
    files: Files,
    now: fn() -> Timestamp,
    ending: CancellationToken,
) {
    let work = async {
        loop {
            let found = orchestrator.read(|board| due(board, now()));
            for (project, schedule) in found {
                fire(&orchestrator, &files, (&project, &schedule), now()).await;
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    tokio::select! {
        () = work => {}
        () = ending.cancelled() => {}
    }
}

/// Schedules with a due time that nothing was decided about.
fn due(board: &Board, now: Timestamp) -> Vec<(ProjectId, ScheduleName)> {
    let all = board.projects.values().flat_map(|project| {
        project.settings.schedules.keys().map(move |schedule| (project, schedule))
    });
    let due = all.filter(|(project, schedule)| due_at(project, schedule, now).is_some());
    due.map(|(project, schedule)| (project.id.clone(), schedule.clone())).collect()
}

/// The last time at which a schedule was due, when nothing was decided about it. What was missed
/// before that, while no daemon ran, stays missed.
fn due_at(project: &Project, schedule: &ScheduleName, now: Timestamp) -> Option<Timestamp> {
    let settings = project.settings.schedules.get(schedule).filter(|settings| settings.enabled)?;
    let since = project.schedules.get(schedule)?.since;
    Times::around(settings, now).last.filter(|last| *last > since)
}

async fn fire<O: Orchestrator>(
    orchestrator: &O,
    files: &Files,
    (id, schedule): (&ProjectId, &ScheduleName),
    now: Timestamp,
) {
    // What the target branch says now counts; where it cannot be read, what it said last.
    read_anew(orchestrator, files, id).await;
    let Some(project) = orchestrator.read(|board| board.projects.get(id).cloned()) else { return };
    let Some(due) = due_at(&project, schedule, now) else { return };
    let settings = &project.settings.schedules[schedule];
    let (project_id, name) = (id.clone(), schedule.clone());
    let wish = match files.scheduled_text(&project, settings).await {
        Ok((title, body)) => {
            let spec = Box::new(settings.spec(schedule.as_str(), title, body));
            Command::FireSchedule { project: project_id, schedule: name, due: Some(due), spec }
        }
        Err(problem) => {
            Command::SkipSchedule { project: project_id, schedule: name, due, why: problem.detail }
        }
    };
    let refused = match orchestrator.command(Actor::Policy, None, wish).await {
        Ok(_) => return,
        Err(CommandError::Denied(Denied::Refused(refusal))) => refusal,
        // It is due still, and is tried again.
        Err(error) => return tracing::warn!(project = %id, %schedule, %error, "not decided"),
    };
    if matches!(refused, Refusal::NoSuchProject(_) | Refusal::NoSuchSchedule { .. }) {
        return;
    }
    let (project, schedule, why) = (id.clone(), schedule.clone(), refused.to_string());
    let skip = Command::SkipSchedule { project, schedule, due, why };
    if let Err(error) = orchestrator.command(Actor::Policy, None, skip).await {
        tracing::warn!(project = %id, %error, "that a schedule was skipped is not kept");
    }
}
