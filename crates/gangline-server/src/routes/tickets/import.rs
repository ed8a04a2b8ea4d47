//! Several tickets at once, or none of them.
//!
//! What is there already with the same text is left alone, and told apart; all the rest is one
//! command, and so one commit.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use gangline_api::codes;
use gangline_api::command::{ImportTickets, Imported};
use gangline_domain::command::{Command, NewTicket, Refusal};
use gangline_domain::deps::{find_cycle, in_order};
use gangline_domain::event::TicketEvent;
use gangline_domain::ids::{TicketId, TicketKey};
use gangline_domain::spec::TICKETS_AT_ONCE_MAX;

use super::{spec, words};
use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Answered, Body, Caller, InProject};
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::repeat::Earlier;

pub(in crate::routes) async fn import<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    InProject(project): InProject,
    Body(wish): Body<ImportTickets>,
) -> Answered<Imported> {
    let wanted = keyed(wish)?;
    let order = ordered(&wanted)?;
    let mut tickets = wanted;
    let mut imported = Imported::default();
    if let Some(earlier) = Earlier::of(&app, caller.key.as_ref()).await? {
        let added = earlier.tickets(|what| matches!(what, TicketEvent::Added { .. }));
        let (added, unchanged): (Vec<_>, Vec<_>) =
            order.into_iter().partition(|key| added.contains(key));
        return Ok(Json(Imported { added: words(&added), unchanged: words(&unchanged) }));
    }
    for key in order {
        let id = TicketId { project: project.clone(), key };
        match app.orchestrator.ticket(&id).await? {
            Some(present) if *tickets[&id.key].spec == present.spec => {
                tickets.remove(&id.key);
                imported.unchanged.push(id.key.to_string());
            }
            Some(_) => return Err(Refusal::DuplicateKey(id).into()),
            None => imported.added.push(id.key.to_string()),
        }
    }
    if !tickets.is_empty() {
        let command = Command::AddAll { project, tickets };
        app.orchestrator.command(caller.actor, caller.key, command).await?;
    }
    Ok(Json(imported))
}

type Wanted = BTreeMap<TicketKey, NewTicket>;

fn keyed(wish: ImportTickets) -> Result<Wanted, Failure> {
    if wish.tickets.len() > TICKETS_AT_ONCE_MAX {
        return Err(Refusal::TooMany { count: wish.tickets.len() }.into());
    }
    let mut wanted = Wanted::new();
    for ticket in wish.tickets {
        let (key, spec, draft) = spec::parsed(ticket)?;
        let Some(key) = key else {
            return Err(Failure::new(codes::bad_ticket, "an imported ticket needs its key"));
        };
        let new = NewTicket { spec: Box::new(spec), draft };
        if wanted.insert(key.clone(), new).is_some() {
            let detail = format!("{key} stands in the import twice");
            return Err(Failure::new(codes::duplicate_key, detail));
        }
    }
    Ok(wanted)
}

/// The keys, each after those that it depends on: the order in which they are told.
fn ordered(wanted: &Wanted) -> Result<Vec<TicketKey>, Failure> {
    let edges = wanted.iter().map(|(key, new)| (key.clone(), new.spec.depends_on.clone()));
    let graph = edges.collect();
    match find_cycle(&graph) {
        Some(cycle) => Err(Refusal::DependencyCycle(cycle).into()),
        None => Ok(in_order(&graph)),
    }
}
