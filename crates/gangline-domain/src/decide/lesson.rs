//! Lessons that people add and remove.

use super::known;
use crate::board::Board;
use crate::command::{NewLesson, Refusal};
use crate::event::Event;
use crate::ids::{Actor, ProjectId, Timestamp};
use crate::lesson::{
    Against, LESSON_CHARS_MAX, Lesson, LessonCounts, LessonId, LessonSource, PATHS_MAX, one_line,
};
use crate::level::Level;

/// Bytes that a lesson of so many characters may have.
const LESSON_BYTES_MAX: usize = 4 * LESSON_CHARS_MAX;

pub(super) fn add(
    board: &Board,
    project: &ProjectId,
    new: &NewLesson,
    actor: &Actor,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let home = known(board, project)?;
    let chars = new.text.chars().count();
    let text = one_line(&new.text, LESSON_CHARS_MAX);
    if text.is_empty() || chars > LESSON_CHARS_MAX {
        return Err(Refusal::BadText { what: "lesson", bytes_max: LESSON_BYTES_MAX });
    }
    let paths = new.paths.patterns();
    if paths.len() > PATHS_MAX {
        return Err(Refusal::BadScope(crate::scope::BadScope::TooMany(paths.len())));
    }
    // What is confidential is told to nobody, and so it is no lesson.
    if new.level >= Level::C3 {
        return Err(Refusal::BadText { what: "level", bytes_max: 2 });
    }
    let against = new.class.map(|class| Against { class, fingerprint: None, line: String::new() });
    let lesson = Box::new(Lesson {
        id: home.lessons.next_id(),
        text,
        level: new.level,
        against,
        paths: paths.to_vec(),
        source: LessonSource::Person { by: actor.clone() },
        added_at: now,
        counts: LessonCounts::default(),
    });
    Ok(vec![Event::LessonAdded { project: project.clone(), lesson }])
}

pub(super) fn remove(
    board: &Board,
    project: &ProjectId,
    lesson: LessonId,
) -> Result<Vec<Event>, Refusal> {
    let project = project.clone();
    match known(board, &project)?.lessons.get(lesson) {
        Some(_) => Ok(vec![Event::LessonRemoved { project, lesson }]),
        None => Err(Refusal::NoSuchLesson { project, lesson }),
    }
}
