//! Plans: a planner proposes tickets, and a person accepts them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::ticket::TicketView;

/// The definition of the agent that plans, unless another one is named.
pub const PLANNER: &str = "planner";

/// `POST /projects/{project}/plans`: adds a ticket whose agent proposes tickets for a goal. They
/// become drafts when it is delivered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AddPlan {
    /// What is to be achieved, in Markdown. Its first line becomes a part of the title.
    pub goal: String,
    /// The agent definition that plans; [`PLANNER`] when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub agent: Option<String>,
    /// `critical`, `high`, `medium` or `low`: of the plan's own ticket.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority: Option<String>,
    /// Free words to filter the plan's own ticket by. How confidential it is holds for its drafts.
    pub labels: Vec<String>,
}

/// `GET …/{key}/plan`: what a plan proposed, and what became of that.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanView {
    /// Its project.
    pub project: String,
    /// Its ticket's key.
    pub key: String,
    /// Its ticket's title.
    pub title: String,
    /// Its ticket's state; there are drafts once it is `delivered`.
    pub state: String,
    /// What the planner says about the whole, in Markdown.
    pub overview: String,
    /// The tickets that it proposed, in its order, drafts or not any more.
    pub tickets: Vec<PlannedView>,
}

/// A ticket that a plan proposed, as it is now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlannedView {
    /// As in a list.
    #[serde(flatten)]
    pub ticket: TicketView,
    /// Patterns of the files it means to change; empty means anywhere.
    pub scope: Vec<String>,
}

/// `POST …/{key}/plan/accept`: opens drafts of a plan, all in one step. Repeating it opens nothing
/// twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AcceptPlan {
    /// Their keys; all that are left when empty.
    pub tickets: Vec<String>,
}

/// The answer to [`AcceptPlan`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanAccepted {
    /// Keys that were drafts and are open.
    pub started: Vec<String>,
    /// Keys that were no drafts any more.
    pub unchanged: Vec<String>,
    /// Keys of open tickets of the plan that wait for one that is a draft still.
    pub waiting: Vec<String>,
}

/// The answer to `POST …/{key}/plan/drop`, which ends the drafts that are left, all in one step.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PlanDropped {
    /// Keys that were drafts and are cancelled.
    pub dropped: Vec<String>,
    /// Live tickets that wait for one of these, and cannot start any more.
    pub dependents: Vec<String>,
}
