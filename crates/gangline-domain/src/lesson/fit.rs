//! Which lessons are offered to a ticket's next attempt.

use std::collections::BTreeSet;

use super::words::distinct;
use super::{Lesson, LessonId, search};
use crate::failure::Failure;
use crate::ids::Timestamp;
use crate::level::Level;
use crate::mutant::{Mutant, active};
use crate::project::Project;
use crate::scope::{Overlap, Scope};
use crate::ticket::Ticket;

/// Lessons that one attempt is offered.
pub const OFFERED_MAX: usize = 3;
/// Words that a ticket and a lesson must share when nothing else speaks for it.
const WORDS_MIN: usize = 3;
/// Characters of a ticket's text that are looked at.
const BODY_CHARS: usize = 4_000;

/// How well a lesson fits, the best first: the failure that it is against, the kind of failure, the
/// paths, the words, how often it helped.
type Fit = (bool, bool, bool, usize, u32);

/// The lessons that fit the ticket's next attempt, best first, at most [`OFFERED_MAX`].
///
/// A lesson never goes where its own ticket's text could not: only to tickets that are at least as
/// confidential. One that is of no use any more is not offered.
pub fn fitting(project: &Project, ticket: &Ticket, now: Timestamp) -> Vec<LessonId> {
    let lessons = &project.lessons.all;
    if lessons.is_empty() {
        return vec![];
    }
    let level = ticket.level();
    let may = |lesson: &&Lesson| {
        let cleared = lesson.level <= level || active(Mutant::IgnoreLevels);
        cleared && lesson.level < Level::C3 && lesson.expired(now).is_none()
    };
    let asked = Asked::of(ticket);
    let mut fits: Vec<(Fit, LessonId)> = lessons
        .iter()
        .filter(may)
        .filter_map(|lesson| asked.fit(lesson).map(|fit| (fit, lesson.id)))
        .collect();
    fits.sort_by(|(a, a_id), (b, b_id)| b.cmp(a).then(a_id.cmp(b_id)));
    fits.into_iter().take(OFFERED_MAX).map(|(_, id)| id).collect()
}

/// What a ticket gives to go by.
struct Asked<'t> {
    failures: Vec<&'t Failure>,
    scope: &'t Scope,
    words: BTreeSet<String>,
    lines: BTreeSet<String>,
}

impl<'t> Asked<'t> {
    fn of(ticket: &'t Ticket) -> Self {
        let spec = &ticket.spec;
        let body: String = spec.body.chars().take(BODY_CHARS).collect();
        let mut words = distinct(&format!("{} {body}", spec.title));
        words.extend(spec.labels.iter().flat_map(|label| distinct(label)));
        words.extend(spec.scope.patterns().iter().flat_map(|path| distinct(path)));
        let last = ticket.records.last();
        let lines = last.into_iter().flat_map(|record| record.lines.iter().chain([&record.error]));
        Self {
            failures: ticket.records.iter().filter_map(|it| it.failure.as_ref()).collect(),
            scope: &spec.scope,
            words,
            lines: lines.flat_map(|line| distinct(line)).collect(),
        }
    }

    /// Whether it fits, and how well.
    fn fit(&self, lesson: &Lesson) -> Option<Fit> {
        let text = distinct(&search::text(lesson));
        let words = text.iter().filter(|word| self.words.contains(*word)).count();
        let lines = text.iter().filter(|word| self.lines.contains(*word)).count();
        let against = lesson.against.as_ref();
        let class = against.is_some_and(|against| {
            self.failures.last().is_some_and(|last| last.class == against.class)
        });
        let same = against.is_some_and(|against| {
            self.failures.iter().any(|failure| {
                failure.class == against.class
                    && against.fingerprint.as_ref() == Some(&failure.fingerprint)
            })
        });
        let paths = self.meets(&lesson.paths);
        let general = against.is_some_and(|against| against.fingerprint.is_none());
        let fits = same
            || (class && (general || lines + 1 >= WORDS_MIN))
            || (paths && words > 0)
            || words >= WORDS_MIN;
        fits.then_some((same, class, paths, words + lines, lesson.counts.helped))
    }

    fn meets(&self, paths: &[String]) -> bool {
        let scope = Scope::try_from(paths.to_vec()).ok().filter(|scope| !scope.is_empty());
        let Some(scope) = scope.filter(|_| !self.scope.is_empty()) else { return false };
        scope.overlap(self.scope) == Overlap::Possible
    }
}
