//! Several tickets at once, or none of them.
//!
//! The whole import is tried on a copy of the board first, by the same rules that will decide
//! about each of its commands; only then is the first one sent. What is there already with the
//! same text is left alone, so that an import that was broken off is finished by repeating it.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use gangline_api::codes;
use gangline_api::command::{ImportTickets, Imported};
use gangline_domain::board::{Board, Numbers};
use gangline_domain::command::{Command, Refusal};
use gangline_domain::decide::decide;
use gangline_domain::deps::{find_cycle, in_order};
use gangline_domain::event::Recorded;
use gangline_domain::ids::{Actor, ProjectId, TicketId, TicketKey};
use gangline_domain::spec::TicketSpec;

use super::spec;
use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Answered, Body, Caller, InProject};
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;

/// Tickets that one import may bring.
const TICKETS_MAX: usize = 1_000;

pub(in crate::routes) async fn import<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    InProject(project): InProject,
    Body(wish): Body<ImportTickets>,
) -> Answered<Imported> {
    let mut wanted = keyed(wish)?;
    let order = ordered(&wanted)?;
    let mut imported = Imported::default();
    let mut commands = vec![];
    for key in order {
        let Some((spec, draft)) = wanted.remove(&key) else { continue };
        let id = TicketId { project: project.clone(), key: key.clone() };
        match app.orchestrator.ticket(&id).await? {
            Some(present) if present.spec == spec => imported.unchanged.push(key.to_string()),
            Some(_) => return Err(Refusal::DuplicateKey(id).into()),
            None => commands.push((key, spec, draft)),
        }
    }
    let commands: Vec<Command> =
        commands.into_iter().map(|(key, spec, draft)| add(&project, key, spec, draft)).collect();
    let board = app.orchestrator.read(Board::clone);
    rehearse(board, &commands, &caller.actor, App::<O, A>::now())?;
    for command in commands {
        let done = app.orchestrator.command(caller.actor.clone(), None, command).await?;
        imported.added.extend(done.ticket.map(|ticket| ticket.key.to_string()));
    }
    Ok(Json(imported))
}

type Wanted = BTreeMap<TicketKey, (TicketSpec, bool)>;

fn keyed(wish: ImportTickets) -> Result<Wanted, Failure> {
    if wish.tickets.len() > TICKETS_MAX {
        let detail = format!("{} tickets are more than {TICKETS_MAX}", wish.tickets.len());
        return Err(Failure::new(codes::bad_request, detail));
    }
    let mut wanted = Wanted::new();
    for ticket in wish.tickets {
        let (key, spec, draft) = spec::parsed(ticket)?;
        let Some(key) = key else {
            return Err(Failure::new(codes::bad_ticket, "an imported ticket needs its key"));
        };
        if wanted.insert(key.clone(), (spec, draft)).is_some() {
            let detail = format!("{key} stands in the import twice");
            return Err(Failure::new(codes::duplicate_key, detail));
        }
    }
    Ok(wanted)
}

fn ordered(wanted: &Wanted) -> Result<Vec<TicketKey>, Failure> {
    let graph: BTreeMap<TicketKey, BTreeSet<TicketKey>> =
        wanted.iter().map(|(key, (spec, _))| (key.clone(), spec.depends_on.clone())).collect();
    match find_cycle(&graph) {
        Some(cycle) => Err(Refusal::DependencyCycle(cycle).into()),
        None => Ok(in_order(&graph)),
    }
}

fn add(project: &ProjectId, key: TicketKey, spec: TicketSpec, draft: bool) -> Command {
    Command::Add { project: project.clone(), key: Some(key), spec: Box::new(spec), draft }
}

/// Whether every command would be carried out, one after the other.
fn rehearse(
    mut board: Board,
    commands: &[Command],
    actor: &Actor,
    now: gangline_domain::ids::Timestamp,
) -> Result<(), Refusal> {
    for command in commands {
        let mut numbers = Numbers::of(&board, 0);
        for event in decide(&board, command, actor, now, &mut numbers)? {
            let seq = board.seq + 1;
            board.evolve(&Recorded {
                seq,
                epoch: 0,
                at: now,
                actor: actor.clone(),
                key: None,
                event,
            });
        }
    }
    Ok(())
}
