//! A schedule has one ticket at a time, and none for a due time that was decided about.
#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "a promise is about some events; what it does not name does not concern it"
)]

use gangline_domain::event::Event;
use gangline_domain::ids::TicketId;

use super::{Checker, broken};
use crate::run::Violation;

impl Checker {
    /// Judges an event on the board before it.
    pub(super) fn fires(&self, event: &Event) -> Result<(), Violation> {
        let (project, schedule, due) = match event {
            Event::ScheduleFired { project, schedule, due, .. } => (project, schedule, *due),
            Event::ScheduleSkipped { project, schedule, due, .. } => {
                (project, schedule, Some(*due))
            }
            _other => return Ok(()),
        };
        let state = self.board.projects.get(project).and_then(|of| of.schedules.get(schedule));
        let Some(state) = state else {
            return Err(broken("what fires is a schedule", schedule.to_string()));
        };
        if due.is_some_and(|due| due <= state.since) {
            let detail = format!("{schedule}: {due:?}, decided up to {:?}", state.since);
            return Err(broken("a due time is decided once", detail));
        }
        let Event::ScheduleFired { ticket, .. } = event else { return Ok(()) };
        let id = |key| TicketId { project: project.clone(), key };
        if let Some(last) = &state.last
            && self.board.ticket(&id(last.ticket.clone())).is_some()
        {
            let detail = format!("{schedule}: {ticket} beside {}", last.ticket);
            return Err(broken("a schedule has one ticket at a time", detail));
        }
        match self.board.ticket(&id(ticket.clone())) {
            None => Ok(()),
            Some(_) => Err(broken("what a schedule adds is new", ticket.to_string())),
        }
    }
}
