//! Sessions that Gangline did not start: who registers, who goes, and who hands in.

use super::{checked, known};
use crate::board::Board;
use crate::command::Refusal;
use crate::event::{Event, TicketEvent};
use crate::external::{External, ExternalEnd, HandIn, HandInHow, at_work, handed_in, is_external};
use crate::ids::{Actor, ExternalId, Fence, ProjectId, Timestamp};
use crate::ticket::{AfterStop, Stop, StopHow, Ticket};
use crate::verdict::Claim;

pub(super) fn register(
    board: &Board,
    project: &ProjectId,
    external: &External,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let home = known(board, project)?;
    let agent = &external.agent;
    match home.settings.agents.get(agent) {
        None => {
            return Err(Refusal::UnknownAgent {
                project: project.clone(),
                agent: agent.to_string(),
                known: home.settings.agents.keys().map(ToString::to_string).collect(),
            });
        }
        Some(facts) if !is_external(&facts.kind) => {
            let (project, agent) = (project.clone(), agent.clone());
            return Err(Refusal::NotExternal { project, agent, kind: facts.kind.clone() });
        }
        Some(_) => external.check(home)?,
    }
    let before = home.externals.get(&external.id);
    let registered_at = before.map_or(now, |before| before.registered_at);
    let external = External { registered_at, ..external.clone() };
    if before == Some(&external) {
        return Ok(vec![]);
    }
    let external = Box::new(external);
    Ok(vec![Event::ExternalRegistered { project: project.clone(), external }])
}

pub(super) fn end(
    board: &Board,
    project: &ProjectId,
    external: &ExternalId,
    why: ExternalEnd,
) -> Result<Vec<Event>, Refusal> {
    let (project, external) = (project.clone(), external.clone());
    match known(board, &project)?.externals.contains_key(&external) {
        true => Ok(vec![Event::ExternalEnded { project, external, why }]),
        false => Err(Refusal::NoSuchExternal { project, external }),
    }
}

/// The attempt is told to end; what the session says then counts as its end.
pub(super) fn hand_in(
    ticket: &Ticket,
    (external, fence): (&ExternalId, Fence),
    hand_in: &HandIn,
    actor: &Actor,
) -> Result<Vec<TicketEvent>, Refusal> {
    if handed_in(ticket, external, fence).is_some() {
        return Ok(vec![]);
    }
    if at_work(ticket) != Some((external, fence)) {
        let (ticket, external) = (ticket.id.clone(), external.clone());
        return Err(Refusal::NotAssigned { ticket, external, fence });
    }
    if let HandInHow::GaveUp(reason) = &hand_in.how {
        checked("reason", reason)?;
    }
    if hand_in.claim != Claim::default() {
        checked("summary", &hand_in.claim.summary)?;
    }
    let then = AfterStop::HandIn(Box::new(hand_in.clone()));
    let stop = Stop { by: actor.clone(), how: StopHow::Stop, then };
    Ok(vec![TicketEvent::StopRequested { stop }])
}
