//! `plan_goal`, `get_plan`, `accept_plan`: tickets that a planner proposes.

use gangline_api::client::TicketRef;
use gangline_api::plan::{AcceptPlan, AddPlan, PlanAccepted, PlannedView};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decide::{Changed, changed};
use super::delegate::once;
use super::list::Answer;
use crate::place::Place;
use crate::refusal::Refusal;
use crate::server::Server;

/// `plan_goal`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct PlanGoal {
    /// With all that is known: the planner does not see this conversation
    goal: String,
    /// The agent definition that plans; planner when absent
    #[serde(default)]
    agent: Option<String>,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

pub(super) async fn plan_goal<P: Place>(
    server: &Server<P>,
    wish: PlanGoal,
) -> Result<Changed, Refusal> {
    let client = server.place.client();
    let project = match &wish.project {
        Some(name) => client.project(name).await?.name,
        None => server.place.current_project().await?.project.name,
    };
    let plan = AddPlan { goal: wish.goal, agent: wish.agent, ..AddPlan::default() };
    let (name, asked) = (&project, &plan);
    let done = once(|once| async move { client.add_plan(name, asked, Some(&once)).await }).await?;
    let key = done.key.clone().unwrap_or_default();
    changed(client, TicketRef { project, key }, &done).await
}

/// `get_plan`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct GetPlan {
    /// The plan's ticket, such as APP-12
    #[serde(alias = "ticket_id", alias = "key")]
    ticket_id: String,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

/// What a plan proposed, and what became of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Plan {
    ticket_id: String,
    project: String,
    /// There are tickets once it is delivered
    state: String,
    overview: String,
    tickets: Vec<Proposed>,
}

impl Answer for Plan {}

/// A ticket that the plan proposed, as it is now.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Proposed {
    ticket_id: String,
    title: String,
    /// draft until a person has accepted it
    state: String,
    priority: String,
    depends_on: Vec<String>,
    /// Patterns of the files it means to change; empty means anywhere
    scope: Vec<String>,
}

impl From<PlannedView> for Proposed {
    fn from(planned: PlannedView) -> Self {
        let PlannedView { ticket, scope } = planned;
        Self {
            ticket_id: ticket.key,
            title: ticket.title,
            state: ticket.state,
            priority: ticket.priority,
            depends_on: ticket.dependencies,
            scope,
        }
    }
}

pub(super) async fn get_plan<P: Place>(server: &Server<P>, wish: GetPlan) -> Result<Plan, Refusal> {
    let ticket = server.ticket(&wish.ticket_id, wish.project).await?;
    let plan = server.place.client().plan(&ticket).await?;
    Ok(Plan {
        ticket_id: plan.key,
        project: plan.project,
        state: plan.state,
        overview: plan.overview,
        tickets: plan.tickets.into_iter().map(Into::into).collect(),
    })
}

/// `accept_plan`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct AcceptDrafts {
    /// The plan's ticket, such as APP-12
    #[serde(alias = "ticket_id", alias = "key")]
    ticket_id: String,
    /// Which drafts to start; all that are left when absent
    #[serde(default)]
    tickets: Vec<String>,
    /// Cancel all drafts that are left instead
    #[serde(default)]
    drop: bool,
    /// The project; by default the working directory's
    #[serde(default)]
    project: Option<String>,
}

/// What became of the drafts.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Accepted {
    started: Vec<String>,
    /// No drafts any more
    unchanged: Vec<String>,
    /// Open tickets that wait for a draft
    waiting: Vec<String>,
    dropped: Vec<String>,
    /// Tickets that wait for a dropped one
    dependents: Vec<String>,
}

impl Answer for Accepted {}

pub(super) async fn accept_plan<P: Place>(
    server: &Server<P>,
    wish: AcceptDrafts,
) -> Result<Accepted, Refusal> {
    let client = server.place.client();
    let ticket = server.ticket(&wish.ticket_id, wish.project).await?;
    if wish.drop {
        if !wish.tickets.is_empty() {
            let detail = "with drop, all drafts that are left are cancelled: name none";
            return Err(Refusal::bad_request(detail.to_owned()));
        }
        let dropped = client.drop_plan(&ticket).await?;
        let (dropped, dependents) = (dropped.dropped, dropped.dependents);
        return Ok(Accepted { dropped, dependents, ..Accepted::default() });
    }
    let mut tickets = vec![];
    for key in &wish.tickets {
        tickets.push(server.ticket(key, Some(ticket.project.clone())).await?.key);
    }
    let accepted = client.accept_plan(&ticket, &AcceptPlan { tickets }).await?;
    let PlanAccepted { started, unchanged, waiting } = accepted;
    Ok(Accepted { started, unchanged, waiting, ..Accepted::default() })
}
