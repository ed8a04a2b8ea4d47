//! A fake store with the laws of the real ones. What is in it survives every crash.

use std::collections::BTreeMap;

use gangline_domain::board::{Board, BoardRows, Closed, Done};
use gangline_domain::event::Recorded;
use gangline_domain::ids::{AgentKind, IdempotencyKey, NodeId, ProjectId, TicketId};
use gangline_domain::project::Project;
use gangline_domain::room::NodeAlerts;
use gangline_domain::ticket::Ticket;
use gangline_domain::token::Token;
use gangline_ports::store::Batch;

#[derive(Debug, Default)]
pub(crate) struct SimStore {
    pub(crate) epoch: u64,
    pub(crate) events: Vec<Recorded>,
    fences: u64,
    projects: BTreeMap<ProjectId, Project>,
    pub(crate) tickets: BTreeMap<TicketId, (Ticket, Option<Closed>)>,
    circuits: Vec<(AgentKind, String)>,
    node_alerts: Vec<(NodeId, NodeAlerts)>,
    draining: Vec<NodeId>,
    tokens: Vec<Token>,
}

/// Why a batch was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    StaleEpoch,
    Gap,
}

impl SimStore {
    pub(crate) fn lead(&mut self) -> u64 {
        self.epoch += 1;
        self.epoch
    }

    pub(crate) fn commit(&mut self, batch: &Batch) -> Result<(), Refused> {
        if batch.epoch != self.epoch {
            return Err(Refused::StaleEpoch);
        }
        let first = batch.events.first().map_or(0, |event| event.seq);
        if first != self.events.len() as u64 + 1 {
            return Err(Refused::Gap);
        }
        self.events.extend(batch.events.iter().cloned());
        self.fences = batch.rows.fences;
        for project in &batch.rows.projects {
            self.projects.insert(project.id.clone(), project.clone());
        }
        for project in &batch.rows.removed_projects {
            self.projects.remove(project);
        }
        for (ticket, closed) in &batch.rows.tickets {
            self.tickets.insert(ticket.id.clone(), (ticket.clone(), closed.clone()));
        }
        if let Some(circuits) = &batch.rows.circuits {
            self.circuits.clone_from(circuits);
        }
        if let Some(node_alerts) = &batch.rows.node_alerts {
            self.node_alerts.clone_from(node_alerts);
        }
        if let Some(draining) = &batch.rows.draining {
            self.draining.clone_from(draining);
        }
        if let Some(tokens) = &batch.rows.tokens {
            self.tokens.clone_from(tokens);
        }
        Ok(())
    }

    /// The board as the rows have it.
    pub(crate) fn load(&self) -> Board {
        let mut answers: BTreeMap<IdempotencyKey, (u64, Done)> = BTreeMap::new();
        for event in &self.events {
            if let Some(key) = &event.key {
                let done = Done { seq: event.seq, ticket: event.event.ticket().cloned() };
                let first = answers.get(key).map_or(event.seq, |(first, _)| *first);
                answers.insert(key.clone(), (first, done));
            }
        }
        let mut answers: Vec<_> = answers.into_iter().collect();
        answers.sort_by_key(|(_, (first, _))| *first);
        Board::from_rows(BoardRows {
            seq: self.events.len() as u64,
            fences: self.fences,
            projects: self.projects.values().cloned().collect(),
            tickets: self
                .tickets
                .values()
                .filter(|(_, closed)| closed.is_none())
                .map(|(ticket, _)| ticket.clone())
                .collect(),
            closed: self
                .tickets
                .iter()
                .filter_map(|(id, (_, closed))| closed.clone().map(|closed| (id.clone(), closed)))
                .collect(),
            circuits: self.circuits.clone(),
            node_alerts: self.node_alerts.clone(),
            draining: self.draining.clone(),
            tokens: self.tokens.clone(),
            answers: answers.into_iter().map(|(key, (_, done))| (key, done)).collect(),
        })
    }
}
