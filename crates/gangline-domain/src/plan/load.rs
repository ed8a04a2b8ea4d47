//! What is in use now: counted once, and kept up while new work is planned.

use std::collections::BTreeMap;

use crate::board::Board;
use crate::budget::{Budget, Usage};
use crate::ids::{AgentName, NodeId, ProjectId, TicketId, Timestamp};
use crate::project::Project;
use crate::scope::{Overlap, Scope};
use crate::ticket::{Stage, Ticket, TicketState, Working};

/// Slots, scopes and budgets that work under way has taken.
#[derive(Debug, Default)]
pub(super) struct Load {
    pub(super) attempts: u32,
    pub(super) by_node: BTreeMap<NodeId, u32>,
    pub(super) by_project: BTreeMap<ProjectId, u32>,
    pub(super) by_definition: BTreeMap<(ProjectId, AgentName), u32>,
    pub(super) worktrees_by_project: BTreeMap<ProjectId, u32>,
    pub(super) checks_by_project: BTreeMap<ProjectId, u32>,
    reserved: BTreeMap<ProjectId, Usage>,
    scopes: BTreeMap<ProjectId, Vec<(TicketId, Scope)>>,
}

/// What one more attempt of the ticket may spend, of the ticket's own budget.
pub(super) fn ticket_budget(ticket: &Ticket, project: &Project) -> Budget {
    ticket.spec.budget.tighter(project.settings.budgets.ticket).minus(ticket.usage)
}

impl Load {
    pub(super) fn of(board: &Board) -> Self {
        let mut load = Self::default();
        for ticket in board.busy() {
            let TicketState::Working(Working { attempt, stage }) = &ticket.state else {
                if ticket.run().is_some() {
                    load.take_check(&ticket.id.project);
                }
                continue;
            };
            match stage {
                Stage::Running { lease, .. } => {
                    load.take_attempt(ticket, &lease.node, &attempt.agent, &attempt.allotment);
                }
                // What is not in the hub yet is still in its worktree.
                Stage::Capturing { .. } => load.take_worktree(&ticket.id.project),
                Stage::Captured { .. } => {}
            }
        }
        load
    }

    pub(super) fn take_attempt(
        &mut self,
        ticket: &Ticket,
        node: &NodeId,
        agent: &AgentName,
        allotment: &Budget,
    ) {
        let project = &ticket.id.project;
        self.attempts += 1;
        *self.by_node.entry(node.clone()).or_default() += 1;
        *self.by_project.entry(project.clone()).or_default() += 1;
        *self.by_definition.entry((project.clone(), agent.clone())).or_default() += 1;
        self.take_worktree(project);
        let reserved = self.reserved.entry(project.clone()).or_default();
        *reserved = reserved.plus(allotment.as_reserved());
        let scopes = self.scopes.entry(project.clone()).or_default();
        scopes.push((ticket.id.clone(), ticket.spec.scope.clone()));
    }

    fn take_worktree(&mut self, project: &ProjectId) {
        *self.worktrees_by_project.entry(project.clone()).or_default() += 1;
    }

    pub(super) fn take_check(&mut self, project: &ProjectId) {
        *self.checks_by_project.entry(project.clone()).or_default() += 1;
    }

    /// What one more attempt of the ticket may spend, after what others hold back.
    pub(super) fn allotment(&self, ticket: &Ticket, project: &Project, now: Timestamp) -> Budget {
        let reserved = self.reserved.get(&project.id).copied().unwrap_or_default();
        let budgets = &project.settings.budgets;
        ticket_budget(ticket, project)
            .tighter(budgets.project.minus(project.usage.plus(reserved)))
            .tighter(budgets.day.minus(project.usage_on(now).plus(reserved)))
    }

    /// A running ticket whose declared scope may meet this one's.
    pub(super) fn collides_with(&self, ticket: &Ticket) -> Option<&TicketId> {
        let running = self.scopes.get(&ticket.id.project)?;
        running
            .iter()
            .find(|(_, scope)| scope.overlap(&ticket.spec.scope) == Overlap::Possible)
            .map(|(id, _)| id)
    }
}
