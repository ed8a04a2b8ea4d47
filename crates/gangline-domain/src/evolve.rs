//! Applies events to the board. Total: what was once recorded is never refused.
//!
//! Where an event does not fit the state it finds, the log is not one that this program wrote,
//! and going on would be guessing: that is a `BUG` and stops the process before it acts.

mod attempt;
mod landing;
mod reviewing;
mod ticket;
mod verification;

use crate::board::{Board, Closed, Done};
use crate::budget::Usage;
use crate::event::{Event, Recorded, TicketEvent};
use crate::ids::{NodeId, ProjectId, ScheduleName, TicketId, Timestamp};
use crate::job::Integration;
use crate::lesson::Lessons;
use crate::project::{Project, ProjectSettings};
use crate::room::{NodeAlert, RoomKind};
use crate::schedule::{Fired, ScheduleSettings, ScheduleState, Skipped};
use crate::ticket::{Ticket, TicketState};
use crate::token;

impl Board {
    /// Applies one event. `recorded.seq` is the board's next.
    pub fn evolve(&mut self, recorded: &Recorded) {
        assert_eq!(recorded.seq, self.seq + 1, "BUG: an event is missing or was applied twice");
        self.seq = recorded.seq;
        match &recorded.event {
            Event::ProjectConfigured { project, settings } => {
                self.configure(project, settings, recorded.at);
            }
            Event::ProjectRemoved { project } => {
                self.projects.remove(project);
            }
            Event::ProjectPaused { project } => self.set_paused(project, true),
            Event::ProjectResumed { project } => self.set_paused(project, false),
            Event::CircuitOpened { kind, why } => {
                self.circuits.insert(kind.clone(), why.clone());
            }
            Event::CircuitClosed { kind } => {
                self.circuits.remove(kind);
            }
            Event::NodeAlertRaised { node, kind, says } => {
                let alert = NodeAlert { since: recorded.at, says: says.clone() };
                self.node_alerts.entry(node.clone()).or_default().insert(*kind, alert);
            }
            Event::NodeAlertCleared { node, kind } => self.clear_alert(node, *kind),
            Event::NodeDrained { node } => {
                self.draining.insert(node.clone());
            }
            Event::NodeResumed { node } => {
                self.draining.remove(node);
            }
            Event::NothingChanged => {}
            Event::ExternalRegistered { project, external } => {
                let project = self.projects.get_mut(project);
                let project = project.expect("BUG: a session registered in an unknown project");
                project.externals.insert(external.id.clone(), (**external).clone());
            }
            Event::ExternalEnded { project, external, .. } => {
                let project = self.projects.get_mut(project);
                let project = project.expect("BUG: a session of an unknown project ended");
                project.externals.remove(external);
            }
            Event::LessonAdded { project, lesson } => self.lessons_of(project).add(lesson),
            Event::LessonRemoved { project, lesson } => self.lessons_of(project).remove(*lesson),
            Event::ScheduleFired { project, schedule, due, ticket } => {
                let state = self.schedule_of(project, schedule);
                state.since = due.unwrap_or(state.since);
                state.last = Some(Fired { at: recorded.at, ticket: ticket.clone() });
                state.skipped = None;
            }
            Event::ScheduleSkipped { project, schedule, due, why } => {
                let state = self.schedule_of(project, schedule);
                state.since = *due;
                state.skipped = Some(Skipped { due: *due, why: why.clone() });
            }
            Event::TokenAdded { token } => token::add(&mut self.tokens, token),
            Event::TokenRevoked { token } => {
                self.tokens.remove(token);
            }
            Event::Ticket { ticket, what } => self.evolve_ticket(ticket, what, recorded),
        }
        if let Some(key) = &recorded.key {
            let done = Done { seq: recorded.seq, ticket: recorded.event.ticket().cloned() };
            self.answers.remember(key.clone(), done);
        }
    }

    fn configure(&mut self, id: &ProjectId, settings: &ProjectSettings, at: Timestamp) {
        let new = || Project::new(id.clone(), settings.clone());
        let project = self.projects.entry(id.clone()).or_insert_with(new);
        let before = std::mem::replace(&mut project.settings, settings.clone());
        project.schedules.retain(|name, _| settings.schedules.contains_key(name));
        for (name, schedule) in &settings.schedules {
            let state = project.schedules.entry(name.clone());
            let state = state.or_insert_with(|| ScheduleState::new(at));
            // By another clock, or switched on again: what was due until now is nobody's business.
            let same = |before: &ScheduleSettings| {
                (&before.cron, &before.timezone, before.enabled)
                    == (&schedule.cron, &schedule.timezone, schedule.enabled)
            };
            if !before.schedules.get(name).is_some_and(same) {
                state.since = state.since.max(at);
                state.skipped = None;
            }
        }
    }

    fn schedule_of(&mut self, id: &ProjectId, name: &ScheduleName) -> &mut ScheduleState {
        let project = self.projects.get_mut(id);
        let project = project.expect("BUG: a schedule of an unknown project");
        project.schedules.get_mut(name).expect("BUG: an unknown schedule")
    }

    fn clear_alert(&mut self, node: &NodeId, kind: RoomKind) {
        if let Some(alerts) = self.node_alerts.get_mut(node) {
            alerts.remove(&kind);
            if alerts.is_empty() {
                self.node_alerts.remove(node);
            }
        }
    }

    fn set_paused(&mut self, project: &ProjectId, paused: bool) {
        self.projects.get_mut(project).expect("BUG: an unknown project was paused").paused = paused;
    }

    fn evolve_ticket(&mut self, id: &TicketId, what: &TicketEvent, recorded: &Recorded) {
        if let Some(fence) = what.fence() {
            self.fences = self.fences.max(fence.n);
        }
        let ticket = if let TicketEvent::Added { spec, draft } = what {
            let project = self.projects.get_mut(&id.project);
            let project = project.expect("BUG: a ticket was added to an unknown project");
            if id.key.prefix() == project.settings.key_prefix {
                project.next_number = project.next_number.max(id.key.number() + 1);
            }
            Ticket::added(id, (**spec).clone(), *draft, recorded)
        } else {
            let mut ticket = self.ticket(id).expect("BUG: no such live ticket").clone();
            if let TicketEvent::Verified { report } = what {
                let project = self.project_of(id);
                project.count_claims(&ticket, report, recorded.at);
                project.count_flaky(&id.key, report, recorded.at);
            }
            if let TicketEvent::Integrated { found } = what
                && let Integration::Built { report, .. } = &**found
            {
                self.project_of(id).count_flaky(&id.key, report, recorded.at);
            }
            self.teach(&ticket, what, recorded.at);
            let before = ticket.usage;
            ticket.apply(what, &recorded.actor, recorded.at);
            self.count_usage(id, before, ticket.usage, recorded.at);
            ticket
        };
        if let Some(closed) = closed(&ticket.state) {
            self.closed.insert(id.clone(), closed);
        }
        self.put(ticket);
    }

    fn count_usage(&mut self, id: &TicketId, before: Usage, after: Usage, at: Timestamp) {
        if before == after {
            return;
        }
        self.project_of(id).spend(after.minus(before), at);
    }

    fn lessons_of(&mut self, project: &ProjectId) -> &mut Lessons {
        let project = self.projects.get_mut(project);
        &mut project.expect("BUG: a lesson of an unknown project").lessons
    }

    /// What the project's lessons come to, judged on the ticket before the event.
    fn teach(&mut self, ticket: &Ticket, what: &TicketEvent, at: Timestamp) {
        let lessons = self.lessons_of(&ticket.id.project);
        if let TicketEvent::AttemptStarted { attempt, .. } = what {
            lessons.offered(&attempt.lessons);
        } else if let TicketEvent::Verified { report } = what {
            lessons.judged(ticket, report, at);
        } else if let TicketEvent::Learned { lesson } = what {
            lessons.add(lesson);
        }
    }

    fn project_of(&mut self, id: &TicketId) -> &mut Project {
        self.projects.get_mut(&id.project).expect("BUG: a ticket without project")
    }
}

/// What stays of a ticket in this state when it is closed.
fn closed(state: &TicketState) -> Option<Closed> {
    match state {
        TicketState::Landed { commit } => Some(Closed::Landed(commit.clone())),
        TicketState::Delivered { .. } => Some(Closed::Delivered),
        TicketState::Cancelled { .. } => Some(Closed::Cancelled),
        TicketState::Draft
        | TicketState::Open
        | TicketState::Backoff(_)
        | TicketState::Parked(_)
        | TicketState::Held(_)
        | TicketState::Working(_)
        | TicketState::Verifying(_)
        | TicketState::Review(_)
        | TicketState::Queued(_)
        | TicketState::Landing(_)
        | TicketState::Escalated(_) => None,
    }
}
