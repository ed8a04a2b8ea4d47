//! Lessons of a project: listed, searched, added and removed.

use axum::Json;
use axum::extract::{Path, State};
use gangline_api::codes;
use gangline_api::command::Done;
use gangline_api::lesson::{AddLesson, LessonView, Lessons, LessonsQuery};
use gangline_domain::command::{Command, NewLesson, Refusal};
use gangline_domain::event::Event;
use gangline_domain::failure::FailureClass;
use gangline_domain::lesson::LessonId;
use gangline_domain::level::Level;
use gangline_ports::Past;

use super::verbs::done;
use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Answered, Asked, Body, Caller, InProject};
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::view;

pub(super) async fn list<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    InProject(id): InProject,
    Asked(query): Asked<LessonsQuery>,
) -> Answered<Lessons> {
    let found = app.look(|board, seen| {
        let project = board.projects.get(&id)?;
        Some(view::lessons(project, query.search.as_deref(), seen.now))
    });
    let mut found = found.ok_or_else(|| Failure::from(Refusal::NoSuchProject(id)))?;
    if let Some(limit) = query.limit {
        found.lessons.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    }
    Ok(Json(found))
}

pub(super) async fn add<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    InProject(project): InProject,
    Body(wish): Body<AddLesson>,
) -> Answered<LessonView> {
    let bad = |what: String| Failure::new(codes::bad_request, what);
    let class = wish.class.map(|class| {
        let known = serde_json::from_value::<FailureClass>(class.as_str().into());
        known.map_err(|_| {
            bad(format!("`{}` is no class of failures", class.escape_debug()))
                .hint("such as compile, type, test, lint, scope, secrets: docs/recovery.md")
        })
    });
    let level = wish.level.map(|level| {
        let told = || bad(format!("`{}` is no level of lessons", level.escape_debug()));
        let open = Level::named(&level).filter(|level| *level < Level::C3);
        open.ok_or_else(|| told().hint("c0, c1 or c2; what is c3 is told to nobody"))
    });
    let lesson = Box::new(NewLesson {
        text: wish.text,
        class: class.transpose()?,
        paths: wish.paths.try_into().map_err(Refusal::BadScope)?,
        level: level.transpose()?.unwrap_or_default(),
    });
    let command = Command::AddLesson { project: project.clone(), lesson };
    let done = app.orchestrator.command(caller.actor, caller.key, command).await?;
    // Of several that were added at once, this command's own is told by its event.
    let own = app.orchestrator.past().events(done.seq.saturating_sub(1), 1).await?;
    let id = own.into_iter().find_map(|recorded| {
        if let Event::LessonAdded { lesson, .. } = recorded.event {
            return Some(lesson.id);
        }
        None
    });
    let view = app.look(|board, seen| {
        let lesson = board.projects.get(&project)?.lessons.get(id?)?;
        Some(view::lesson(lesson, seen.now))
    });
    view.map(Json).ok_or_else(|| Refusal::NoSuchProject(project).into())
}

pub(super) async fn remove<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    Path((project, lesson)): Path<(String, String)>,
) -> Answered<Done> {
    let project = project.parse()?;
    let bad = |error: gangline_domain::lesson::BadLessonId| {
        Failure::new(codes::bad_request, error.to_string()).hint("gangline lessons")
    };
    let lesson: LessonId = lesson.parse().map_err(bad)?;
    done(&app, caller, Command::RemoveLesson { project, lesson }).await
}
