//! What is asked about plans.

use super::{Client, ClientError, TicketRef, address};
use crate::command::Done;
use crate::plan::{AcceptPlan, AddPlan, PlanAccepted, PlanDropped, PlanView};

impl Client {
    /// Has tickets proposed for a goal.
    pub async fn add_plan(
        &self,
        project: &str,
        wish: &AddPlan,
        key: Option<&str>,
    ) -> Result<Done, ClientError> {
        self.post(&format!("/projects/{}/plans", address::segment(project)), wish, key).await
    }

    /// What a plan proposed.
    pub async fn plan(&self, ticket: &TicketRef) -> Result<PlanView, ClientError> {
        self.get(&ticket.path("/plan"), 0).await
    }

    /// Opens drafts of a plan. Asking twice opens nothing twice.
    pub async fn accept_plan(
        &self,
        ticket: &TicketRef,
        wish: &AcceptPlan,
    ) -> Result<PlanAccepted, ClientError> {
        self.post(&ticket.path("/plan/accept"), wish, None).await
    }

    /// Ends the drafts of a plan that are left.
    pub async fn drop_plan(&self, ticket: &TicketRef) -> Result<PlanDropped, ClientError> {
        self.post(&ticket.path("/plan/drop"), &(), None).await
    }
}
