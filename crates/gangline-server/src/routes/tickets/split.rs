//! A ticket that is too much at once, as several smaller ones.
//!
//! Its parts are added and it is cancelled in one command, and so in one commit.

use std::collections::{BTreeMap, BTreeSet};

use axum::Json;
use axum::extract::State;
use gangline_api::codes;
use gangline_api::command::{PARTS_MAX, PARTS_MIN, Split, SplitInto};
use gangline_domain::board::{Board, Closed};
use gangline_domain::command::{Command, NewTicket, Refusal};
use gangline_domain::event::TicketEvent;
use gangline_domain::ids::{IdempotencyKey, TicketId, TicketKey};
use gangline_domain::spec::{BODY_BYTES_MAX, TicketSpec};
use gangline_domain::ticket::{Ticket, TicketState};

use super::{found, words};
use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Answered, Body, Caller, OfTicket};
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::repeat::Earlier;

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
    let dependents =
        || app.look(|board, _| board.dependents(&id).map(|id| id.key.to_string()).collect());
    // A repeat is answered by its key, whatever the parts would be called now.
    if let Some(added) = added_before(&app, caller.key.as_ref()).await? {
        return Ok(Json(SplitInto { added, dependents: dependents() }));
    }
    let ticket = found(&app, &id).await?;
    let mut tried = 0;
    let added = loop {
        tried += 1;
        let parts = app.look(|board, _| planned(board, &ticket, &parts, wish.parallel))?;
        let added = parts.keys().map(ToString::to_string).collect();
        let split = Command::Split { ticket: id.clone(), parts };
        let (actor, key) = (caller.actor.clone(), caller.key.clone());
        let done = app.orchestrator.command(actor, key, split).await.map_err(Failure::from);
        match done {
            // Another one with the same key may have come in between.
            Ok(_) => break added_before(&app, caller.key.as_ref()).await?.unwrap_or(added),
            Err(taken) if taken.0.code == codes::duplicate_key && tried < KEYS_TRIED_MAX => {}
            Err(failure) => return Err(failure),
        }
    };
    Ok(Json(SplitInto { added, dependents: dependents() }))
}

/// The parts that the split with this key added.
async fn added_before<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    key: Option<&IdempotencyKey>,
) -> Result<Option<Vec<String>>, Failure> {
    let Some(earlier) = Earlier::of(app, key).await? else { return Ok(None) };
    let added = earlier.tickets(|what| matches!(what, TicketEvent::Added { .. }));
    Ok(Some(words(&added)))
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

/// What is to be added.
fn planned(
    board: &Board,
    ticket: &Ticket,
    parts: &[Part],
    parallel: bool,
) -> Result<BTreeMap<TicketKey, NewTicket>, Refusal> {
    let keys = free_keys(board, &ticket.id, parts.len())?;
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
    Ok(tickets)
}

/// The next keys of the project that no ticket has.
fn free_keys(board: &Board, of: &TicketId, count: usize) -> Result<Vec<TicketKey>, Refusal> {
    let project = board.projects.get(&of.project);
    let project = project.ok_or_else(|| Refusal::NoSuchProject(of.project.clone()))?;
    let (next, prefix) = (project.next_number, project.settings.key_prefix.as_str());
    let free = |key: &TicketKey| {
        let id = TicketId { project: of.project.clone(), key: key.clone() };
        !board.tickets.contains_key(&id) && !board.closed.contains_key(&id)
    };
    let keys = (next..).map_while(|number| TicketKey::new(prefix, number).ok());
    Ok(keys.filter(free).take(count).collect())
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
