//! What people wish about a ticket. Each becomes one command.

use axum::Json;
use axum::extract::State;
use gangline_api::codes;
use gangline_api::command::{Answer, Approve, Done, Permit, Reject, Retry, Steer, Steered, Verb};
use gangline_domain::command::Command;
use gangline_domain::event::{Event, TicketEvent};
use gangline_domain::ids::TicketId;
use gangline_domain::scope::Scope;
use gangline_domain::ticket::StopHow;
use gangline_ports::Past as _;

use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Answered, Body, Caller, OfTicket};
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;

/// Carries a command out and tells where its events ended.
pub(super) async fn done<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    caller: Caller,
    command: Command,
) -> Answered<Done> {
    let done = app.orchestrator.command(caller.actor, caller.key, command).await?;
    let (project, key) = match done.ticket {
        Some(ticket) => (Some(ticket.project.to_string()), Some(ticket.key.to_string())),
        None => (None, None),
    };
    Ok(Json(Done { seq: done.seq, project, key }))
}

pub(super) async fn approve<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    OfTicket(ticket): OfTicket,
    Body(wish): Body<Approve>,
) -> Answered<Done> {
    let commit = wish.commit.map(|commit| commit.parse()).transpose()?;
    done(&app, caller, Command::Approve { ticket, commit }).await
}

pub(super) async fn reject<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    OfTicket(ticket): OfTicket,
    Body(wish): Body<Reject>,
) -> Answered<Done> {
    done(&app, caller, Command::Reject { ticket, feedback: wish.feedback }).await
}

pub(super) async fn permit<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    OfTicket(ticket): OfTicket,
    Body(wish): Body<Permit>,
) -> Answered<Done> {
    let paths = Scope::try_from(wish.paths);
    let paths = paths.map_err(|error| Failure::new(codes::bad_request, error.to_string()))?;
    done(&app, caller, Command::Permit { ticket, paths }).await
}

pub(super) async fn retry<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    OfTicket(ticket): OfTicket,
    Body(wish): Body<Retry>,
) -> Answered<Done> {
    done(&app, caller, Command::Retry { ticket, hint: wish.hint }).await
}

pub(super) async fn answer<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    OfTicket(ticket): OfTicket,
    Body(wish): Body<Answer>,
) -> Answered<Done> {
    let Answer { question, text } = wish;
    done(&app, caller, Command::Answer { ticket, question, text }).await
}

pub(super) async fn steer<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    OfTicket(ticket): OfTicket,
    Body(wish): Body<Steer>,
) -> Answered<Steered> {
    let command = Command::Steer { ticket, text: wish.text };
    let seq = app.orchestrator.command(caller.actor, caller.key, command).await?.seq;
    let event = app.orchestrator.past().events(seq - 1, 1).await?.pop();
    let to_agent = event.is_some_and(|recorded| {
        matches!(recorded.event, Event::Ticket { what: TicketEvent::Steered { .. }, .. })
    });
    Ok(Json(Steered { seq, to_agent }))
}

/// A verb that carries nothing but its ticket.
pub(super) async fn wish<O: Orchestrator, A: Archive>(
    verb: Verb,
    app: App<O, A>,
    caller: Caller,
    ticket: TicketId,
) -> Answered<Done> {
    let command = match verb {
        Verb::Start => Command::Start { ticket },
        Verb::Hold => Command::Hold { ticket },
        Verb::Resume => Command::Resume { ticket },
        Verb::Stop => Command::Stop { ticket, how: StopHow::Stop },
        Verb::Kill => Command::Stop { ticket, how: StopHow::Kill },
        Verb::Cancel => Command::Cancel { ticket },
        Verb::TakeOver => Command::TakeOver { ticket },
        Verb::HandBack => Command::HandBack { ticket },
        Verb::Recheck => Command::Recheck { ticket },
    };
    done(&app, caller, command).await
}
