//! Projects.

use std::path::Path as FilePath;

use axum::extract::State;
use axum::{Extension, Json};
use gangline_api::codes;
use gangline_api::command::Done;
use gangline_api::flaky::FlakyTests;
use gangline_api::honesty::Honesty;
use gangline_api::project::{
    Change, PolicyView, ProjectView, Projects, RegisterProject, Registered,
};
use gangline_domain::command::{Command, Refusal};
use gangline_domain::ids::ProjectId;

use super::verbs::done;
use crate::app::App;
use crate::archive::{Archive, ReadProject};
use crate::extract::{Answered, Body, Caller, InProject};
use crate::identity::Identity;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::view;

pub(super) async fn list<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
) -> Json<Projects> {
    Json(app.look(|board, _| {
        let seen = board.projects.values().filter(|found| identity.is_for(&found.id));
        Projects { projects: seen.map(|found| view::project(board, found)).collect() }
    }))
}

pub(super) async fn show<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    InProject(id): InProject,
) -> Answered<ProjectView> {
    viewed(&app, &id).map(Json)
}

pub(super) async fn honesty<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    InProject(id): InProject,
) -> Answered<Honesty> {
    let view = app.look(|board, _| board.projects.get(&id).map(view::honesty));
    view.map(Json).ok_or_else(|| Refusal::NoSuchProject(id).into())
}

pub(super) async fn flaky<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    InProject(id): InProject,
) -> Answered<FlakyTests> {
    let view = app.look(|board, _| board.projects.get(&id).map(view::flaky));
    view.map(Json).ok_or_else(|| Refusal::NoSuchProject(id).into())
}

fn viewed<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    id: &ProjectId,
) -> Result<ProjectView, Failure> {
    let view = app.look(|board, _| board.projects.get(id).map(|p| view::project(board, p)));
    view.ok_or_else(|| Refusal::NoSuchProject(id.clone()).into())
}

/// What it is judged by now, and whether the scheduler knows.
pub(super) async fn policy<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    InProject(id): InProject,
) -> Answered<PolicyView> {
    let project = app.look(|board, _| board.projects.get(&id).cloned());
    let project = project.ok_or_else(|| Refusal::NoSuchProject(id.clone()))?;
    let repo = FilePath::new(&project.settings.repo);
    let ReadProject { settings, policy: text, notes, .. } = app.archive.read_project(repo).await?;
    let policy = view::policy_word(&settings).to_owned();
    Ok(Json(PolicyView { text, policy, is_current: settings == project.settings, notes }))
}

pub(super) async fn register<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    Body(wish): Body<RegisterProject>,
) -> Answered<Registered> {
    let path = FilePath::new(&wish.path);
    if !path.is_absolute() {
        return Err(Failure::new(codes::bad_request, "`path` must be absolute"));
    }
    let ReadProject { id, settings, notes, .. } = app.archive.read_project(path).await?;
    let present =
        app.look(|board, _| board.projects.get(&id).map(|project| project.settings.clone()));
    let change = match present {
        None => Change::Added,
        Some(present) if present.repo != settings.repo => {
            let detail = format!("project {id} is the repository {}", present.repo);
            let hint = "give this one its own [project] name in gangline.toml";
            return Err(Failure::new(codes::project_name_taken, detail).hint(hint));
        }
        Some(present) if present == settings => Change::Unchanged,
        Some(_) => Change::Updated,
    };
    if change != Change::Unchanged {
        let command =
            Command::ConfigureProject { project: id.clone(), settings: Box::new(settings) };
        app.orchestrator.command(caller.actor, caller.key, command).await?;
    }
    Ok(Json(Registered { project: viewed(&app, &id)?, change, notes }))
}

pub(super) async fn remove<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    InProject(project): InProject,
) -> Answered<Done> {
    done(&app, caller, Command::RemoveProject { project }).await
}

pub(super) async fn pause<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    InProject(project): InProject,
) -> Answered<Done> {
    done(&app, caller, Command::PauseProject { project }).await
}

pub(super) async fn resume<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    InProject(project): InProject,
) -> Answered<Done> {
    done(&app, caller, Command::ResumeProject { project }).await
}
