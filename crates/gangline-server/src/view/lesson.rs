//! Lessons as they are shown.

use gangline_api::lesson::{LessonSourceView, LessonView, Lessons};
use gangline_domain::ids::Timestamp;
use gangline_domain::lesson::{Lesson, LessonSource, search};
use gangline_domain::project::Project;

use super::word;

/// All of a project's, or those with any of the words.
pub(crate) fn lessons(project: &Project, words: Option<&str>, now: Timestamp) -> Lessons {
    let all = &project.lessons.all;
    let lessons = match words {
        Some(words) => search(all, words).iter().map(|found| lesson(found.lesson, now)).collect(),
        None => all.iter().map(|known| lesson(known, now)).collect(),
    };
    Lessons { project: project.id.to_string(), lessons }
}

pub(crate) fn lesson(lesson: &Lesson, now: Timestamp) -> LessonView {
    let against = lesson.against.as_ref();
    let counts = lesson.counts;
    LessonView {
        id: lesson.id.to_string(),
        text: lesson.text.clone(),
        level: word(lesson.level),
        class: against.map(|against| word(against.class)),
        fingerprint: against.and_then(|against| against.fingerprint.clone()),
        line: against.map(|against| against.line.clone()).filter(|line| !line.is_empty()),
        paths: lesson.paths.clone(),
        source: source(&lesson.source),
        added_us: lesson.added_at.0,
        offered: counts.offered,
        helped: counts.helped,
        in_vain: counts.in_vain,
        helped_us: counts.helped_at.map(|at| at.0),
        expired: lesson.expired(now).map(|why| why.words().to_owned()),
    }
}

fn source(source: &LessonSource) -> LessonSourceView {
    match source {
        LessonSource::Person { by } => {
            LessonSourceView { person: Some(by.to_string()), ..LessonSourceView::default() }
        }
        LessonSource::Attempt { job, agent, commit, title: _ } => LessonSourceView {
            person: None,
            ticket: Some(job.ticket.key.to_string()),
            attempt: Some(job.to_string()),
            agent: Some(agent.to_string()),
            commit: Some(commit.to_string()),
        },
    }
}
