//! What people and sessions do so that everything comes to its end.

use gangline_domain::board::Board;
use gangline_domain::command::Command;
use gangline_domain::external;
use gangline_domain::plan::{BudgetOf, Wait};

use crate::people;
use crate::world::World;

/// How long people wait for the next day in the end, in milliseconds, before they give more.
const DAY_WAITED_FOR_MS: u64 = 4 * 3_600_000;

impl World {
    /// In the end people do what is theirs, so that everything else must come to an end.
    pub(crate) fn help(&mut self, leader: usize, board: &Board) {
        if let Some(project) = board.projects.values().find(|project| project.paused) {
            let project = project.id.clone();
            return self.ask(leader, Command::ResumeProject { project });
        }
        if let Some(node) = board.draining.first() {
            return self.ask(leader, Command::ResumeNode { node: node.clone() });
        }
        let command = self.raised(board).or_else(|| self.taught(board));
        if let Some(command) = command.or_else(|| self.joined(board)) {
            return self.ask(leader, command);
        }
        if let Some(kind) = board.circuits.keys().next() {
            return self.ask(leader, Command::CloseCircuit { kind: kind.clone() });
        }
        for id in board.tickets.keys() {
            let over_budget = matches!(&board.tickets[id].state,
                gangline_domain::ticket::TicketState::Escalated(escalation)
                    if matches!(escalation.reason,
                        gangline_domain::ticket::Reason::Budget
                        | gangline_domain::ticket::Reason::DependencyCancelled));
            let command = match over_budget {
                true => Some(Command::Cancel { ticket: id.clone() }),
                false => people::settle(board, id),
            };
            if let Some(command) = command {
                self.ask(leader, command);
            }
        }
    }

    /// A project's budget that keeps a ticket waiting is there no longer. The next day is waited
    /// for, once.
    fn raised(&self, board: &Board) -> Option<Command> {
        let (_, dispatcher) = self.leading()?;
        board.tickets.values().find_map(|ticket| {
            let Wait::Budget(shortage) = dispatcher.waits_for(ticket, self.now) else {
                return None;
            };
            let project = &board.projects[&ticket.id.project];
            let patient = self.now.ms_since(self.calm_since) < DAY_WAITED_FOR_MS;
            let waits = shortage.held_back || (shortage.of == BudgetOf::Day && patient);
            (!waits).then(|| people::without_budget(project, shortage.of))
        })
    }

    /// External sessions hand in what they have done, now and then, and in the end always; rarely
    /// before they have done it.
    pub(crate) fn submit(&mut self, leader: usize, board: &Board) {
        for ticket in board.busy() {
            let Some(run) = ticket.run() else { continue };
            // Who has gone hands nothing in.
            let there = &board.projects[&ticket.id.project].externals;
            if !external::at_work(ticket).is_some_and(|(id, _)| there.contains_key(id)) {
                continue;
            }
            let done = self.nodes.iter().any(|node| node.waits(&run.job, run.lease.fence));
            let says_so = if self.calm { done } else { self.rng.chance(if done { 40 } else { 2 }) };
            if says_so && let Some(command) = people::hand_in(&mut self.rng, ticket, self.calm) {
                self.ask(leader, command);
            }
        }
    }

    /// Where a session is waited for, one comes.
    fn joined(&self, board: &Board) -> Option<Command> {
        let (_, dispatcher) = self.leading()?;
        board.tickets.values().find_map(|ticket| {
            let waits = matches!(dispatcher.waits_for(ticket, self.now), Wait::External { .. });
            waits.then(|| people::session(ticket.id.project.clone(), true))
        })
    }

    /// What a ticket waits for that nobody can do, somebody learns.
    fn taught(&self, board: &Board) -> Option<Command> {
        let (_, dispatcher) = self.leading()?;
        board.tickets.values().find_map(|ticket| {
            let wait = dispatcher.waits_for(ticket, self.now);
            let Wait::Capability { missing, agent } = wait else { return None };
            let project = &board.projects[&ticket.id.project];
            Some(people::taught(project, &missing, agent.as_ref()))
        })
    }
}
