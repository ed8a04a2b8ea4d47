//! What people and sessions do so that everything comes to its end.

use gangline_domain::board::Board;
use gangline_domain::command::Command;
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
        if let Some(command) = self.raised(board).or_else(|| self.taught(board)) {
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
