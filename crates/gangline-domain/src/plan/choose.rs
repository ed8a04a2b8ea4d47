//! Which definitions may work on a ticket: by its name, its labels or what it needs done.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::again;
use super::load::Load;
use super::wait::{Place, Wait};
use crate::board::Board;
use crate::budget::Budget;
use crate::external::{self, External, is_external};
use crate::ids::{AgentName, ExternalId, NodeId};
use crate::mutant::{Mutant, active};
use crate::project::{AgentFacts, Project};
use crate::ticket::{NextStart, Ticket};

/// A definition that may work on a ticket.
pub(super) type Candidate<'b> = (&'b AgentName, &'b AgentFacts);

/// The definitions that may work on the ticket's next attempt, best first; never none of them.
///
/// The one that it names, by itself or by a label; else, when it needs something, all that can do
/// all of it: whose session it would go on with, then the project's default, then by name; else
/// the project's default. On the last try, and after the same failure twice, the first working
/// substitute of the best one comes first.
pub(super) fn candidates<'b>(
    board: &'b Board,
    ticket: &Ticket,
    project: &'b Project,
) -> Result<Vec<Candidate<'b>>, Wait> {
    let settings = &project.settings;
    let needs = match active(Mutant::IgnoreCapabilities) {
        true => BTreeSet::new(),
        false => ticket.spec.needs(),
    };
    let mut able: Vec<Candidate<'b>> = match ticket.spec.named_agent() {
        Some(name) => vec![defined(project, &name)?],
        None if needs.is_empty() => vec![defined(project, &settings.default_agent)?],
        None => settings.agents.iter().collect(),
    };
    let can = |(name, facts): &Candidate<'_>| {
        let session = || external::able(project, name, &needs).next().is_some();
        facts.lacks(&needs).is_empty() || (is_external(&facts.kind) && session())
    };
    able.retain(can);
    let session = ticket.left.as_ref().filter(|_| ticket.next_start == NextStart::Resume);
    able.sort_by_key(|(name, _)| {
        let goes_on = session.is_some_and(|left| left.agent == **name);
        (!goes_on, **name != settings.default_agent)
    });
    let Some((_, best)) = able.first() else {
        return Err(nobody(ticket, project, &needs));
    };
    let fallbacks = again::substitutes(ticket, settings, best).into_iter();
    let mut fallbacks = fallbacks.filter_map(|name| settings.agents.get_key_value(name));
    let fallback = fallbacks.find(|candidate| works(board, candidate) && can(candidate));
    if let Some(fallback) = fallback {
        able.retain(|(name, _)| *name != fallback.0);
        able.insert(0, fallback);
    }
    Ok(able)
}

fn works(board: &Board, (_, facts): &Candidate<'_>) -> bool {
    !board.circuits.contains_key(&facts.kind)
}

/// Those of the candidates whose kind works, best first; else what the best one waits for.
pub(super) fn working<'c, 'b>(
    board: &'c Board,
    candidates: &'c [Candidate<'b>],
) -> Result<impl Iterator<Item = Candidate<'b>> + 'c, Wait> {
    let working = candidates.iter().copied().filter(|candidate| works(board, candidate));
    let mut working = working.peekable();
    if working.peek().is_none() {
        let Some((_, facts)) = candidates.first() else { return Err(Wait::Nothing) };
        let (kind, why) = (facts.kind.clone(), board.circuits[&facts.kind].clone());
        return Err(Wait::Circuit { kind, why });
    }
    Ok(working)
}

/// The first of them that is free now; else what the best one waits for.
pub(super) fn first_free<'b>(
    working: impl Iterator<Item = Candidate<'b>>,
    allotment: Budget,
    mut free: impl FnMut(Candidate<'b>) -> Result<(NodeId, Option<ExternalId>), Wait>,
) -> Result<Place, Wait> {
    let mut waits = None;
    for (agent, facts) in working {
        match free((agent, facts)) {
            Ok((node, external)) => {
                let (agent, kind) = (agent.clone(), facts.kind.clone());
                return Ok(Place { node, agent, kind, external, allotment });
            }
            Err(wait) => waits = waits.or(Some(wait)),
        }
    }
    Err(waits.unwrap_or(Wait::Nothing))
}

/// The definition that the ticket's next attempt uses, if it need not wait for another.
pub fn likely_agent<'b>(board: &'b Board, ticket: &Ticket) -> Option<&'b AgentName> {
    let project = board.projects.get(&ticket.id.project)?;
    let able = candidates(board, ticket, project).ok()?;
    able.first().map(|(name, _)| *name)
}

/// The session that would work on it, for an agent that Gangline does not start: the one that
/// worked on it before, or else the one with most room.
pub(super) fn session<'b>(
    ticket: &Ticket,
    project: &'b Project,
    (name, facts): Candidate<'_>,
    load: &Load,
) -> Result<Option<&'b External>, Wait> {
    if !is_external(&facts.kind) {
        return Ok(None);
    }
    let needs = match active(Mutant::IgnoreCapabilities) {
        true => BTreeSet::new(),
        false => ticket.spec.needs(),
    };
    let before = ticket.last_attempt.as_ref().and_then(|attempt| attempt.external.as_ref());
    let room = |session: &External| load.room_of(&project.id, session);
    let best = external::able(project, name, &needs)
        .max_by_key(|session| {
            let free = room(session);
            (free > 0, before == Some(&session.id), free, Reverse(&session.id))
        })
        .ok_or_else(|| Wait::External { agent: name.clone() })?;
    match room(best) > 0 || active(Mutant::CrowdExternal) {
        true => Ok(Some(best)),
        false => Err(Wait::Slot { limit: "external" }),
    }
}

fn defined<'b>(project: &'b Project, name: &AgentName) -> Result<Candidate<'b>, Wait> {
    let known = project.settings.agents.get_key_value(name);
    known.ok_or_else(|| Wait::Definition { agent: name.clone() })
}

/// What is missing: of the named agent, or of all of them.
fn nobody(ticket: &Ticket, project: &Project, needs: &BTreeSet<&str>) -> Wait {
    let all = &project.settings.agents;
    let agent = ticket.spec.named_agent();
    let named = agent.as_ref().and_then(|name| all.get(name));
    let mut missing = match named {
        Some(facts) => facts.lacks(needs),
        None => all.values().fold(needs.clone(), |lacking, facts| facts.lacks(&lacking)),
    };
    let sessions = project.externals.values();
    for session in sessions.filter(|session| agent.as_ref().is_none_or(|a| session.agent == *a)) {
        missing.retain(|need| !session.capabilities.contains(*need));
    }
    if missing.is_empty() {
        // Each is somebody's, and all of them together are nobody's.
        missing.clone_from(needs);
    }
    Wait::Capability { missing: missing.into_iter().map(str::to_owned).collect(), agent }
}
