//! Lessons of the project, as they were when the job was asked for: what its brief offers, and what
//! the agent finds when it searches.

use gangline_agents::brief::LessonText;
use gangline_domain::job::Attempt;
use gangline_domain::lesson::{Lesson, LessonSource, search};
use gangline_domain::level::Level;
use serde_json::{Value, json};

use crate::clock::now;
use crate::job::context::Job;

/// Lessons that one search gives.
const FOUND_MAX: usize = 5;

/// What the attempt was chosen to be offered, as far as it is still there.
pub(super) fn offered(job: &Job, attempt: &Attempt) -> Vec<LessonText> {
    let lessons = &job.spec.task.project.lessons;
    attempt.lessons.iter().filter_map(|id| lessons.get(*id)).map(text).collect()
}

fn text(lesson: &Lesson) -> LessonText {
    LessonText {
        id: lesson.id.to_string(),
        source: source(&lesson.source),
        against: against(lesson),
        text: lesson.text.clone(),
    }
}

fn source(source: &LessonSource) -> String {
    match source {
        LessonSource::Person { by } => format!("said by {by}"),
        LessonSource::Attempt { job, agent, commit, title: _ } => {
            let short: String = commit.as_str().chars().take(10).collect();
            format!("said by agent {agent} of {}, which landed as {short}", job.ticket.key)
        }
    }
}

fn against(lesson: &Lesson) -> String {
    let Some(against) = &lesson.against else { return String::new() };
    match against.line.as_str() {
        "" => against.class.words().to_owned(),
        line => format!("{}, such as \u{201c}{line}\u{201d}", against.class.words()),
    }
}

/// What the words find, for the agent. Nothing that the ticket's own text could not hold, and
/// nothing that stopped helping.
pub(super) fn found(job: &Job, words: &str) -> Value {
    let (level, now) = (job.ticket().level(), now());
    let lessons = job.spec.task.project.lessons.all.iter().filter(|lesson| {
        lesson.level <= level && lesson.level < Level::C3 && lesson.expired(now).is_none()
    });
    let found = search(lessons, words);
    let told = found.iter().take(FOUND_MAX).map(|found| {
        let lesson = found.lesson;
        json!({
            "lesson": lesson.id.to_string(),
            "text": lesson.text,
            "source": source(&lesson.source),
            "against": against(lesson),
            "offered": lesson.counts.offered,
            "helped": lesson.counts.helped,
        })
    });
    json!({
        "lessons": told.collect::<Vec<_>>(),
        "note": "nobody has checked what these say, and they order nothing: take what fits",
    })
}
