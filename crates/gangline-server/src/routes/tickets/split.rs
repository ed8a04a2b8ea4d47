//! A ticket that is too much at once, as several smaller ones.
//!
//! ```text
//!   would cancelling be refused? ─yes▶ refused, nothing changed
//!            │ no
//!   add all parts in one commit ─refused▶ nothing changed
//!            │
//!   cancel the ticket ─refused▶ the answer says so: the parts are there, and so is the ticket
//! ```

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use gangline_api::codes;
use gangline_api::command::{PARTS_MAX, PARTS_MIN, Split, SplitInto};
use gangline_domain::board::{Board, Closed, Numbers};
use gangline_domain::command::{Command, NewTicket, Refusal};
use gangline_domain::decide::decide;
use gangline_domain::ids::{Actor, TicketId, TicketKey, Timestamp};
use gangline_domain::spec::{BODY_BYTES_MAX, TicketSpec};
use gangline_domain::ticket::{Ticket, TicketState};

use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Answered, Body, Caller, OfTicket};
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;

/// How often other keys are tried, when somebody else's ticket has taken one meanwhile.
const KEYS_TRIED_MAX: u32 = 3;
/// Bytes of a part's body that are kept for what stands around the quoted one.
const FRAME_BYTES: usize = 1024;

pub(in crate::routes) async fn split<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    OfTicket(id): OfTicket,
    Body(wish): Body<Split>,
) -> Answered<SplitInto> {
    let parts = parts(&wish)?;
    let mut tried = 0;
    let planned = loop {
        tried += 1;
        let planned = app.look(|board, seen| {
            would_cancel(board, &id, &caller.actor, seen.now)?;
            Ok::<_, Refusal>(planned(board, &board.tickets[&id], &parts, wish.parallel))
        })?;
        let (project, tickets) = (id.project.clone(), planned.tickets.clone());
        let add = Command::AddAll { project, tickets };
        match app.orchestrator.command(caller.actor.clone(), None, add).await.map_err(Failure::from)
        {
            Ok(_) => break planned,
            Err(taken) if taken.0.code == codes::duplicate_key && tried < KEYS_TRIED_MAX => {}
            Err(failure) => return Err(failure),
        }
    };
    let cancel = Command::Cancel { ticket: id.clone() };
    let not_cancelled = match app.orchestrator.command(caller.actor, None, cancel).await {
        Ok(_) => None,
        Err(error) => Some(*Failure::from(error).hint(format!("gangline cancel {}", id.key)).0),
    };
    let added = planned.keys.iter().map(ToString::to_string).collect();
    Ok(Json(SplitInto { added, dependents: planned.dependents, not_cancelled }))
}

/// What a part is to be.
struct Part {
    title: String,
    body: String,
}

fn parts(wish: &Split) -> Result<Vec<Part>, Failure> {
    let count = wish.parts.len();
    if !(PARTS_MIN..=PARTS_MAX).contains(&count) {
        let detail =
            format!("a ticket is split into {PARTS_MIN} to {PARTS_MAX} parts, not {count}");
        return Err(Failure::new(codes::bad_request, detail).hint("gangline split --help"));
    }
    let part = |text: &String| {
        let text = text.trim();
        let (title, body) = text.split_once('\n').unwrap_or((text, ""));
        Part { title: title.trim_end().to_owned(), body: body.trim().to_owned() }
    };
    Ok(wish.parts.iter().map(part).collect())
}

/// What would keep the ticket from being cancelled keeps its parts from being added: the two are
/// two commits, and the first is not taken back.
fn would_cancel(
    board: &Board,
    id: &TicketId,
    actor: &Actor,
    now: Timestamp,
) -> Result<(), Refusal> {
    let cancel = Command::Cancel { ticket: id.clone() };
    decide(board, &cancel, actor, now, &mut Numbers::of(board, 0)).map(drop)
}

/// What is to be added.
struct Planned {
    keys: Vec<TicketKey>,
    tickets: BTreeMap<TicketKey, NewTicket>,
    dependents: Vec<String>,
}

fn planned(board: &Board, ticket: &Ticket, parts: &[Part], parallel: bool) -> Planned {
    let keys = free_keys(board, &ticket.id, parts.len());
    let draft = matches!(ticket.state, TicketState::Draft);
    // Nothing can wait for what was cancelled; where that is why a person split the ticket, its
    // parts are to go on.
    let lasting = |key: &&TicketKey| {
        let id = TicketId { project: ticket.id.project.clone(), key: (*key).clone() };
        board.closed.get(&id) != Some(&Closed::Cancelled)
    };
    let depends_on: BTreeSet<TicketKey> =
        ticket.spec.depends_on.iter().filter(lasting).cloned().collect();
    let mut tickets = BTreeMap::new();
    for (at, part) in parts.iter().enumerate() {
        let before = at.checked_sub(1).filter(|_| !parallel).map(|before| keys[before].clone());
        let spec = TicketSpec {
            title: part.title.clone(),
            body: body(part, (at, &keys), ticket),
            depends_on: depends_on.iter().cloned().chain(before).collect(),
            ..ticket.spec.clone()
        };
        tickets.insert(keys[at].clone(), NewTicket { spec: Box::new(spec), draft });
    }
    let dependents = board.dependents(&ticket.id).map(|id| id.key.to_string()).collect();
    Planned { keys, tickets, dependents }
}

/// The next keys of the project that no ticket has.
fn free_keys(board: &Board, of: &TicketId, count: usize) -> Vec<TicketKey> {
    let (next, prefix) = match board.projects.get(&of.project) {
        Some(project) => (project.next_number, project.settings.key_prefix.as_str()),
        None => panic!("BUG: a live ticket without its project"),
    };
    let free = |key: &TicketKey| {
        let id = TicketId { project: of.project.clone(), key: key.clone() };
        !board.tickets.contains_key(&id) && !board.closed.contains_key(&id)
    };
    let keys = (next..).map_while(|number| TicketKey::new(prefix, number).ok());
    keys.filter(free).take(count).collect()
}

/// What the part says of itself, where it comes from, and what was asked there.
fn body(part: &Part, (at, keys): (usize, &[TicketKey]), ticket: &Ticket) -> String {
    let (key, title) = (&ticket.id.key, &ticket.spec.title);
    let others = keys.iter().filter(|other| **other != keys[at]).map(ToString::to_string);
    let others = others.collect::<Vec<_>>().join(", ");
    let (number, count) = (at + 1, keys.len());
    let from = format!(
        "Part {number} of {count} of {key}, which was split; the rest is for {others}. Do this part \
         only. {key} is \u{201c}{title}\u{201d}."
    );
    let asked = ticket.spec.body.trim_end();
    let mut lines = vec![];
    if !part.body.is_empty() {
        lines.extend([part.body.clone(), String::new()]);
    }
    if asked.is_empty() {
        lines.push(from);
    } else {
        lines.extend([format!("{from} It asked for:"), String::new()]);
    }
    let mut room = BODY_BYTES_MAX.saturating_sub(FRAME_BYTES + part.body.len());
    for line in asked.lines() {
        let quoted = format!("> {line}").trim_end().to_owned();
        let Some(left) = room.checked_sub(quoted.len() + 1) else {
            lines.push(format!("> … (the rest is in {key})"));
            break;
        };
        room = left;
        lines.push(quoted);
    }
    lines.join("\n")
}
