//! Whether a schedule adds a ticket.

use super::{add, known};
use crate::board::{Board, Numbers};
use crate::command::Refusal;
use crate::event::{Event, TicketEvent};
use crate::ids::{ProjectId, ScheduleName, TicketId, Timestamp};
use crate::mutant::{Mutant, active};
use crate::schedule::ScheduleState;
use crate::spec::TicketSpec;

/// Characters of a reason that are kept.
const WHY_CHARS_MAX: usize = 500;

/// A ticket for this due time, or for a person who wants one now; that it is skipped where the last one
/// is not closed; nothing where the due time was decided about before.
pub(super) fn fire(
    board: &Board,
    (project, schedule): (&ProjectId, &ScheduleName),
    (due, spec): (Option<Timestamp>, &TicketSpec),
    now: Timestamp,
    numbers: &mut Numbers,
) -> Result<Vec<Event>, Refusal> {
    let state = state(board, project, schedule)?;
    if is_decided(board, (project, schedule), (state, due), now) {
        return Ok(vec![]);
    }
    if let Some((ticket, word)) = busy(board, project, state) {
        return match due {
            None => Err(Refusal::ScheduleBusy { schedule: schedule.clone(), ticket, state: word }),
            Some(due) => {
                let why = format!("{} is not closed, but {word}", ticket.key);
                Ok(vec![skipped(project, schedule, due, why)])
            }
        };
    }
    let ticket = add(board, project, None, spec, numbers)?;
    let key = ticket.key.clone();
    let what = TicketEvent::Added { spec: Box::new(spec.clone()), draft: false };
    let fired = Event::ScheduleFired {
        project: project.clone(),
        schedule: schedule.clone(),
        due,
        ticket: key,
    };
    // The answer of a command tells the ticket of its last event.
    Ok(vec![fired, Event::Ticket { ticket, what }])
}

/// That it added nothing, where nothing was decided before.
pub(super) fn skip(
    board: &Board,
    (project, schedule): (&ProjectId, &ScheduleName),
    due: Timestamp,
    why: &str,
) -> Result<Vec<Event>, Refusal> {
    let state = state(board, project, schedule)?;
    if due <= state.since {
        return Ok(vec![]);
    }
    let why = why.chars().take(WHY_CHARS_MAX).collect();
    Ok(vec![skipped(project, schedule, due, why)])
}

fn skipped(project: &ProjectId, schedule: &ScheduleName, due: Timestamp, why: String) -> Event {
    let (project, schedule) = (project.clone(), schedule.clone());
    Event::ScheduleSkipped { project, schedule, due, why }
}

fn state<'b>(
    board: &'b Board,
    project: &ProjectId,
    schedule: &ScheduleName,
) -> Result<&'b ScheduleState, Refusal> {
    let state = known(board, project)?.schedules.get(schedule);
    state.ok_or_else(|| {
        let (project, schedule) = (project.clone(), schedule.clone());
        Refusal::NoSuchSchedule { project, schedule }
    })
}

/// Whether nothing is to be decided about a due time: it was, it is none yet, or the clock adds nothing.
fn is_decided(
    board: &Board,
    (project, schedule): (&ProjectId, &ScheduleName),
    (state, due): (&ScheduleState, Option<Timestamp>),
    now: Timestamp,
) -> bool {
    let Some(due) = due else { return false };
    let settings = &board.projects[project].settings.schedules[schedule];
    let decided = due <= state.since && !active(Mutant::RepeatDue);
    decided || due > now || !settings.enabled
}

/// The last ticket, while it is not closed, and its state's word.
fn busy(
    board: &Board,
    project: &ProjectId,
    state: &ScheduleState,
) -> Option<(TicketId, &'static str)> {
    let last = state.last.as_ref().filter(|_| !active(Mutant::OverlapSchedules))?;
    let id = TicketId { project: project.clone(), key: last.ticket.clone() };
    let live = board.ticket(&id)?;
    Some((id, live.state.word()))
}
