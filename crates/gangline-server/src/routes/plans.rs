//! Plans: what a planner proposed, and a person accepts or drops.

use std::collections::BTreeSet;

use axum::Json;
use axum::extract::State;
use gangline_api::codes;
use gangline_api::command::{AddTicket, Done};
use gangline_api::plan::{
    AcceptPlan, AddPlan, PLANNER, PlanAccepted, PlanDropped, PlanView, PlannedView,
};
use gangline_domain::command::{Command, Refusal};
use gangline_domain::event::{Event, Recorded, TicketEvent};
use gangline_domain::ids::{TicketId, TicketKey};
use gangline_domain::spec::{Deliverable, TITLE_BYTES_MAX};
use gangline_domain::ticket::{Ticket, TicketState};

use super::tickets::{found, parsed, past, words};
use super::verbs::done;
use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Answered, Body, Caller, InProject, OfTicket};
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::repeat::Earlier;
use crate::view;

/// Characters of a goal that stand in the title.
const TITLE_CHARS_MAX: usize = 100;

pub(super) async fn add<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    InProject(project): InProject,
    Body(wish): Body<AddPlan>,
) -> Answered<Done> {
    if wish.goal.trim().is_empty() {
        let failure = Failure::new(codes::bad_ticket, "the goal is empty");
        return Err(failure.hint("gangline plan \"What is to be achieved\""));
    }
    let ticket = AddTicket {
        title: title(&wish.goal),
        body: wish.goal.trim().to_owned(),
        priority: wish.priority,
        labels: wish.labels,
        agent: Some(wish.agent.unwrap_or_else(|| PLANNER.to_owned())),
        deliverable: Some("plan".to_owned()),
        ..AddTicket::default()
    };
    let (key, spec, draft) = parsed(ticket)?;
    done(&app, caller, Command::Add { project, key, spec: Box::new(spec), draft }).await
}

/// One line that says what is planned.
fn title(goal: &str) -> String {
    let line = goal.trim().lines().next().unwrap_or_default().trim_start_matches('#').trim();
    let mut title = "Plan: ".to_owned();
    for (at, c) in line.chars().filter(|c| !c.is_control()).enumerate() {
        if at == TITLE_CHARS_MAX || title.len() + c.len_utf8() + '…'.len_utf8() > TITLE_BYTES_MAX
        {
            title.push('…');
            break;
        }
        title.push(c);
    }
    title
}

pub(super) async fn show<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    OfTicket(id): OfTicket,
) -> Answered<PlanView> {
    let plan = planning(&app, &id).await?;
    let overview = past(&app, &id).await?.iter().rev().find_map(overview).unwrap_or_default();
    let mut tickets = vec![];
    for key in drafts(&plan) {
        let draft =
            found(&app, &TicketId { project: id.project.clone(), key: key.clone() }).await?;
        let ticket = app.look(|board, seen| view::list_entry(board, seen, &draft));
        tickets.push(PlannedView { ticket, scope: draft.spec.scope.patterns().to_vec() });
    }
    Ok(Json(PlanView {
        project: id.project.to_string(),
        key: id.key.to_string(),
        title: plan.spec.title.clone(),
        state: plan.state.word().to_owned(),
        overview,
        tickets,
    }))
}

fn overview(recorded: &Recorded) -> Option<String> {
    let Event::Ticket { what: TicketEvent::Verified { report }, .. } = &recorded.event else {
        return None;
    };
    report.proposal.as_ref().map(|proposal| proposal.overview.clone())
}

pub(super) async fn accept<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    OfTicket(id): OfTicket,
    Body(wish): Body<AcceptPlan>,
) -> Answered<PlanAccepted> {
    let plan = delivered(&app, &id, "accept").await?;
    let wanted =
        wish.tickets.iter().map(|key| key.parse()).collect::<Result<Vec<TicketKey>, _>>()?;
    if let Some(other) = wanted.iter().find(|key| !drafts(&plan).contains(key)) {
        let detail = format!("{other} was not proposed by {}", id.key);
        let hint = format!("gangline plan show {}", id.key);
        return Err(Failure::new(codes::bad_request, detail).hint(hint));
    }
    let wanted = if wanted.is_empty() { drafts(&plan).to_vec() } else { wanted };
    let earlier = Earlier::of(&app, caller.key.as_ref()).await?;
    let opened = earlier.map(|earlier| earlier.tickets(|what| matches!(what, TicketEvent::Opened)));
    let (started, unchanged): (Vec<_>, Vec<_>) =
        wanted.into_iter().partition(|key| match &opened {
            Some(opened) => opened.contains(key),
            None => is_draft(&app, &id, key),
        });
    let tickets: BTreeSet<TicketKey> = started.iter().cloned().collect();
    let command = Command::StartDrafts { project: id.project.clone(), tickets };
    app.orchestrator.command(caller.actor, caller.key, command).await?;
    let waits = |key: &&TicketKey| {
        let on = app.look(|board, _| {
            let ticket =
                board.ticket(&TicketId { project: id.project.clone(), key: (*key).clone() });
            ticket.map(|ticket| (ticket.state.clone(), ticket.spec.depends_on.clone()))
        });
        on.is_some_and(|(state, on)| {
            state != TicketState::Draft && on.iter().any(|on| is_draft(&app, &id, on))
        })
    };
    let waiting = drafts(&plan).iter().filter(waits).map(ToString::to_string).collect();
    Ok(Json(PlanAccepted { started: words(&started), unchanged: words(&unchanged), waiting }))
}

pub(super) async fn abandon<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    OfTicket(id): OfTicket,
) -> Answered<PlanDropped> {
    let plan = delivered(&app, &id, "drop").await?;
    let earlier = Earlier::of(&app, caller.key.as_ref()).await?;
    let ended =
        earlier.map(|earlier| earlier.tickets(|what| matches!(what, TicketEvent::Cancelled)));
    let left = drafts(&plan).iter().filter(|key| match &ended {
        Some(ended) => ended.contains(key),
        None => is_draft(&app, &id, key),
    });
    let tickets: BTreeSet<TicketKey> = left.cloned().collect();
    let dropped = words(&tickets.iter().cloned().collect::<Vec<_>>());
    let command = Command::DropDrafts { project: id.project.clone(), tickets: tickets.clone() };
    app.orchestrator.command(caller.actor, caller.key, command).await?;
    let dependents: BTreeSet<String> = app.look(|board, _| {
        let ids =
            tickets.iter().map(|key| TicketId { project: id.project.clone(), key: key.clone() });
        let waiting = ids.flat_map(|id| board.dependents(&id).cloned().collect::<Vec<_>>());
        waiting.map(|id| id.key.to_string()).collect()
    });
    Ok(Json(PlanDropped { dropped, dependents: dependents.into_iter().collect() }))
}

fn is_draft<O: Orchestrator, A: Archive>(app: &App<O, A>, of: &TicketId, key: &TicketKey) -> bool {
    let id = TicketId { project: of.project.clone(), key: key.clone() };
    app.look(|board, _| {
        board.ticket(&id).is_some_and(|ticket| matches!(ticket.state, TicketState::Draft))
    })
}

/// The drafts that it came with, in the planner's order.
fn drafts(plan: &Ticket) -> &[TicketKey] {
    let TicketState::Delivered { drafts, .. } = &plan.state else { return &[] };
    drafts
}

/// The ticket, which asks for a plan.
async fn planning<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    id: &TicketId,
) -> Result<Ticket, Failure> {
    let ticket = found(app, id).await?;
    if ticket.spec.deliverable != Deliverable::Plan {
        let failure = Failure::new(codes::not_a_plan, format!("{id} does not ask for a plan"));
        return Err(failure.hint(format!("gangline show {}", id.key)));
    }
    Ok(ticket)
}

/// The plan, which was delivered.
async fn delivered<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    id: &TicketId,
    verb: &'static str,
) -> Result<Ticket, Failure> {
    let plan = planning(app, id).await?;
    if matches!(plan.state, TicketState::Delivered { .. }) {
        return Ok(plan);
    }
    let (ticket, state) = (id.clone(), plan.state.word());
    Err(Refusal::WrongState { ticket, state, verb, needs: "delivered" }.into())
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn a_title_is_one_line_of_the_goal() {
        assert_eq!(title("# Faster carts\n\nThey are slow."), "Plan: Faster carts");
        assert_eq!(title("  a\tb  "), "Plan: ab");
        assert_eq!(title(&"é".repeat(200)).chars().count(), 107);
        assert!(title(&"\u{1f600}".repeat(200)).len() <= super::TITLE_BYTES_MAX);
    }
}
