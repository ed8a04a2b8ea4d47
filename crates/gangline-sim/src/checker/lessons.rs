//! Lessons: few are offered, none goes where its ticket could not, and only a landing teaches.

use gangline_domain::event::TicketEvent;
use gangline_domain::ids::TicketId;
use gangline_domain::job::Attempt;
use gangline_domain::lesson::{Expired, IDLE_MAX, LESSONS_MAX, Lesson, LessonSource};

use super::{Checker, broken};
use crate::run::Violation;
use crate::world::AGENTS_MAX;

/// Lessons that an attempt may be offered.
const OFFERED_MAX: usize = 3;

/// How confidential a ticket is by its labels, 0 to 3; 1 when none says so.
fn level<'l>(labels: impl IntoIterator<Item = &'l String>) -> u8 {
    let named = labels.into_iter().filter_map(|label| label.strip_prefix('c')?.parse().ok());
    named.filter(|level| *level <= 3).max().unwrap_or(1)
}

impl Checker {
    /// What an attempt is offered is there, is of use as far as is known, and is no more
    /// confidential than its ticket.
    pub(super) fn may_be_told(&self, id: &TicketId, attempt: &Attempt) -> Result<(), Violation> {
        let Some(ticket) = self.board.ticket(id) else { return Ok(()) };
        let lessons = &self.board.projects[&id.project].lessons;
        if attempt.lessons.len() > OFFERED_MAX {
            return Err(broken("few lessons are offered", attempt.job.to_string()));
        }
        for offered in &attempt.lessons {
            let Some(lesson) = lessons.get(*offered) else {
                return Err(broken("what is offered is there", format!("{id}: {offered}")));
            };
            if lesson.level as u8 > level(&ticket.spec.labels) {
                let detail = format!("{id} of {:?}: {lesson:?}", ticket.spec.labels);
                return Err(broken("a lesson goes only where its ticket could", detail));
            }
            // Attempts that start in one go are offered it together.
            let together = lesson.counts.offered_since < IDLE_MAX + AGENTS_MAX;
            let over = lesson.expired(self.now);
            if over.is_some_and(|why| why != Expired::Idle || !together) {
                return Err(broken("what stopped helping is offered no more", format!("{id}")));
            }
        }
        Ok(())
    }

    /// What a ticket teaches is as confidential as it is, says where it comes from, and came after
    /// a failure.
    fn may_teach(&self, id: &TicketId, lesson: &Lesson) -> Result<(), Violation> {
        let Some(ticket) = self.board.ticket(id) else { return Ok(()) };
        let own = matches!(&lesson.source, LessonSource::Attempt { job, .. } if job.ticket == *id);
        let secret = level(&ticket.spec.labels);
        match own && lesson.level as u8 == secret && secret < 3 && !ticket.records.is_empty() {
            true => Ok(()),
            false => Err(broken("a lesson is what its ticket taught", format!("{id}: {lesson:?}"))),
        }
    }

    /// A ticket that teaches closes in the same moment.
    pub(super) fn taught(&mut self, id: &TicketId, what: &TicketEvent) -> Result<(), Violation> {
        let taught = self.teaching.remove(id);
        let closes = matches!(what, TicketEvent::Landed { .. } | TicketEvent::Delivered { .. });
        if taught && !closes {
            return Err(broken("only what lands teaches", id.to_string()));
        }
        if let TicketEvent::Learned { lesson } = what {
            self.may_teach(id, lesson)?;
            self.teaching.insert(id.clone());
        }
        let lessons = self.board.projects.get(&id.project).map(|home| home.lessons.all.len());
        match lessons.is_some_and(|lessons| lessons > LESSONS_MAX) {
            true => Err(broken("a project keeps so many lessons", id.project.to_string())),
            false => Ok(()),
        }
    }
}
