//! Schedules of a project: listed, and run by hand.

use axum::Json;
use axum::extract::{Path, State};
use gangline_api::command::Done;
use gangline_api::schedule::{ScheduleView, ScheduledView, Schedules, SkippedView};
use gangline_domain::board::Board;
use gangline_domain::command::{Command, Refusal};
use gangline_domain::ids::{ProjectId, ScheduleName, TicketId};
use gangline_domain::project::Project;
use gangline_domain::schedule::{ScheduleSettings, ScheduleText};

use super::verbs::done;
use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Answered, Caller, InProject};
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::view;

pub(super) async fn list<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    InProject(id): InProject,
) -> Answered<Schedules> {
    let found = app.look(|board, seen| {
        let project = board.projects.get(&id)?;
        let schedules = project.settings.schedules.iter();
        let view = |(name, settings): (&ScheduleName, &ScheduleSettings)| {
            let next = app.archive.next_due(settings, seen.now).filter(|_| settings.enabled);
            ScheduleView {
                next_us: next.map(|next| next.0),
                ..shown(board, project, name, settings)
            }
        };
        Some(schedules.map(view).collect())
    });
    let schedules = found.ok_or_else(|| Failure::from(Refusal::NoSuchProject(id)))?;
    Ok(Json(Schedules { schedules }))
}

fn shown(
    board: &Board,
    project: &Project,
    name: &ScheduleName,
    settings: &ScheduleSettings,
) -> ScheduleView {
    let state = project.schedules.get(name);
    let (title, ticket_file) = match &settings.text {
        ScheduleText::Written { title, .. } => (Some(title.clone()), None),
        ScheduleText::File(file) => (None, Some(file.clone())),
    };
    ScheduleView {
        name: name.to_string(),
        cron: settings.cron.clone(),
        timezone: settings.timezone.clone(),
        enabled: settings.enabled,
        title,
        ticket_file,
        next_us: None,
        last: state.and_then(|state| state.last.as_ref()).map(|last| ScheduledView {
            key: last.ticket.to_string(),
            state: view::stands(
                board,
                &TicketId { project: project.id.clone(), key: last.ticket.clone() },
            )
            .to_owned(),
            at_us: last.at.0,
        }),
        skipped: state
            .and_then(|state| state.skipped.as_ref())
            .map(|skipped| SkippedView { due_us: skipped.due.0, why: skipped.why.clone() }),
    }
}

pub(super) async fn run<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    Path((project, schedule)): Path<(String, String)>,
) -> Answered<Done> {
    let (id, schedule): (ProjectId, ScheduleName) = (project.parse()?, schedule.parse()?);
    let project = app.look(|board, _| board.projects.get(&id).cloned());
    let project = project.ok_or_else(|| Refusal::NoSuchProject(id.clone()))?;
    let Some(settings) = project.settings.schedules.get(&schedule) else {
        return Err(Refusal::NoSuchSchedule { project: id, schedule }.into());
    };
    let (title, body) = app.archive.scheduled_text(&project, settings).await?;
    let spec = Box::new(settings.spec(schedule.as_str(), title, body));
    done(&app, caller, Command::FireSchedule { project: id, schedule, due: None, spec }).await
}
