//! What is in use now: counted once, and kept up while new work is planned.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Nodes;
use crate::board::Board;
use crate::budget::{Budget, Usage};
use crate::external::External;
use crate::ids::{AgentName, ExternalId, NodeId, ProjectId, TicketId, Timestamp};
use crate::job::Attempt;
use crate::mutant::{Mutant, active};
use crate::project::{Project, ScopeCollision};
use crate::reviewer::Reviewer;
use crate::scope::{Overlap, Scope};
use crate::ticket::{Lost, Stage, Ticket, TicketState, Working};

/// A budget of which nothing is left for one more attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Shortage {
    /// Whose.
    pub of: BudgetOf,
    /// When there is more by itself.
    pub until: Option<Timestamp>,
    /// Not all of it is used up: running attempts hold the rest back.
    pub held_back: bool,
}

/// Whose budget.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BudgetOf {
    /// The ticket's own.
    Ticket,
    /// The project's, ever.
    Project,
    /// The project's, of one day (UTC).
    Day,
}

/// Slots, scopes and budgets that work under way has taken.
#[derive(Debug, Default)]
pub(super) struct Load {
    pub(super) attempts: u32,
    pub(super) by_node: BTreeMap<NodeId, u32>,
    pub(super) by_project: BTreeMap<ProjectId, u32>,
    pub(super) by_definition: BTreeMap<(ProjectId, AgentName), u32>,
    pub(super) worktrees_by_project: BTreeMap<ProjectId, u32>,
    pub(super) checks_by_project: BTreeMap<ProjectId, u32>,
    by_external: BTreeMap<(ProjectId, ExternalId), u32>,
    reserved: BTreeMap<ProjectId, Usage>,
    scopes: BTreeMap<ProjectId, Vec<(TicketId, Scope)>>,
}

/// Who works on a ticket, and where.
pub(super) struct Taken<'a> {
    pub(super) node: &'a NodeId,
    pub(super) agent: &'a AgentName,
    pub(super) external: Option<&'a ExternalId>,
    pub(super) allotment: &'a Budget,
}

impl<'a> Taken<'a> {
    pub(super) fn by(attempt: &'a Attempt, node: &'a NodeId) -> Self {
        let Attempt { agent, external, allotment, .. } = attempt;
        Self { node, agent, external: external.as_ref(), allotment }
    }
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
                match (ticket.run(), ticket.reviewer()) {
                    (Some(run), Some(reviewer)) => {
                        load.take_reviewer(&ticket.id.project, &run.lease.node, reviewer);
                    }
                    (Some(_), None) => load.take_check(&ticket.id.project),
                    (None, _) => {}
                }
                continue;
            };
            match stage {
                Stage::Running { lease, .. } => {
                    load.take_attempt(ticket, &Taken::by(attempt, &lease.node));
                }
                // What is not in the hub yet is still in its worktree.
                Stage::Capturing { .. } => load.take_worktree(&ticket.id.project),
                Stage::Captured { .. } => {}
            }
        }
        load
    }

    pub(super) fn take_attempt(&mut self, ticket: &Ticket, taken: &Taken<'_>) {
        let Taken { node, agent, external, allotment } = *taken;
        let project = &ticket.id.project;
        if let Some(external) = external {
            *self.by_external.entry((project.clone(), external.clone())).or_default() += 1;
        }
        self.take_agent(project, node, agent, allotment);
        self.take_worktree(project);
        let scopes = self.scopes.entry(project.clone()).or_default();
        scopes.push((ticket.id.clone(), ticket.spec.scope.clone()));
    }

    /// An agent that reads takes a slot and a budget like one that works, and no worktree.
    pub(super) fn take_reviewer(&mut self, project: &ProjectId, node: &NodeId, by: &Reviewer) {
        self.take_agent(project, node, &by.agent, &by.allotment);
    }

    fn take_agent(
        &mut self,
        project: &ProjectId,
        node: &NodeId,
        agent: &AgentName,
        allotment: &Budget,
    ) {
        self.attempts += 1;
        *self.by_node.entry(node.clone()).or_default() += 1;
        *self.by_project.entry(project.clone()).or_default() += 1;
        *self.by_definition.entry((project.clone(), agent.clone())).or_default() += 1;
        let reserved = self.reserved.entry(project.clone()).or_default();
        *reserved = reserved.plus(allotment.as_reserved());
    }

    fn take_worktree(&mut self, project: &ProjectId) {
        *self.worktrees_by_project.entry(project.clone()).or_default() += 1;
    }

    pub(super) fn take_check(&mut self, project: &ProjectId) {
        *self.checks_by_project.entry(project.clone()).or_default() += 1;
    }

    /// How many attempts more the session takes.
    pub(super) fn room_of(&self, project: &ProjectId, external: &External) -> u32 {
        let key = (project.clone(), external.id.clone());
        external.max_concurrent.saturating_sub(self.by_external.get(&key).copied().unwrap_or(0))
    }

    /// What one more attempt of the ticket may spend, after what others hold back.
    pub(super) fn allotment(&self, ticket: &Ticket, project: &Project, now: Timestamp) -> Budget {
        let reserved = self.reserved.get(&project.id).copied().unwrap_or_default();
        let budgets = &project.settings.budgets;
        ticket_budget(ticket, project)
            .tighter(budgets.project.minus(project.usage.plus(reserved)))
            .tighter(budgets.day.minus(project.usage_on(now).plus(reserved)))
    }

    /// The budget of which one more attempt of the ticket would get nothing.
    pub(super) fn shortage(
        &self,
        ticket: &Ticket,
        project: &Project,
        now: Timestamp,
    ) -> Option<Shortage> {
        if active(Mutant::IgnoreBudget) {
            return None;
        }
        if ticket_budget(ticket, project).spent().is_some() {
            return Some(Shortage { of: BudgetOf::Ticket, until: None, held_back: false });
        }
        let reserved = self.reserved.get(&project.id).copied().unwrap_or_default();
        let budgets = &project.settings.budgets;
        let tomorrow = Timestamp((now.day() + 1) * 86_400_000_000);
        [
            (BudgetOf::Project, budgets.project, project.usage, None),
            (BudgetOf::Day, budgets.day, project.usage_on(now), Some(tomorrow)),
        ]
        .into_iter()
        .find_map(|(of, budget, used, until)| {
            budget.minus(used.plus(reserved)).spent()?;
            let held_back = budget.minus(used).spent().is_none();
            Some(Shortage { of, until: until.filter(|_| !held_back), held_back })
        })
    }

    /// Whether the lost attempt could go on now as if it had never been lost.
    pub(super) fn has_room_for(
        &self,
        lost: &Lost,
        (ticket, project): (&Ticket, &Project),
        nodes: &Nodes,
        now: Timestamp,
    ) -> bool {
        let Lost { attempt, lease, .. } = lost;
        let Some(node) = nodes.alive.get(&lease.node) else { return false };
        let limits = &project.settings.limits;
        let facts = project.settings.agents.get(&attempt.agent);
        let of_definition = facts.and_then(|facts| facts.max_concurrent);
        let definition = (project.id.clone(), attempt.agent.clone());
        let count = |counts: &BTreeMap<ProjectId, u32>| counts.get(&project.id).copied();
        let left = self.allotment(ticket, project, now);
        let held = attempt.allotment;
        // What was allotted without a limit needs none now; else as much must be left again.
        let enough = |left: Option<u64>, held: Option<u64>| {
            left.is_none_or(|left| held.is_some_and(|held| held <= left))
        };
        let session = attempt.external.as_ref().and_then(|id| project.externals.get(id));
        self.attempts < nodes.agents_max
            && session.is_none_or(|session| self.room_of(&project.id, session) > 0)
            && self.by_node.get(&lease.node).is_none_or(|used| *used < node.slots)
            && count(&self.by_project).is_none_or(|used| used < limits.agents)
            && count(&self.worktrees_by_project).is_none_or(|used| used < limits.worktrees)
            && self
                .by_definition
                .get(&definition)
                .is_none_or(|used| *used < of_definition.unwrap_or(limits.per_definition))
            && enough(left.tokens, held.tokens)
            && enough(left.cost_microusd, held.cost_microusd)
            && enough(left.wall_ms, held.wall_ms)
            && (limits.scope_collision != ScopeCollision::Avoid
                || self.collides_with(ticket).is_none())
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
