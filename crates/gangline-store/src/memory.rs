//! A store that lives and dies with its process.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

use gangline_domain::board::{Answers, BoardRows, Closed, Done};
use gangline_domain::event::Recorded;
use gangline_domain::ids::{AgentKind, NodeId, ProjectId, TicketId};
use gangline_domain::project::Project;
use gangline_domain::room::NodeAlerts;
use gangline_domain::ticket::Ticket;
use gangline_domain::token::Token;
use gangline_ports::store::{Batch, ClosedPlace, CommitError, Rows, StoreError};
use gangline_ports::{Past, Store};

/// Keeps everything in memory, under the laws of every store. Tests and the simulation share one
/// between a process that died and the one that follows it.
#[derive(Debug, Default)]
pub struct MemoryStore {
    kept: Mutex<Kept>,
}

#[derive(Debug, Default)]
struct Kept {
    epoch: u64,
    fences: u64,
    events: Vec<Recorded>,
    projects: BTreeMap<ProjectId, Project>,
    tickets: BTreeMap<TicketId, (Ticket, Option<Closed>)>,
    circuits: Vec<(AgentKind, String)>,
    node_alerts: Vec<(NodeId, NodeAlerts)>,
    draining: Vec<NodeId>,
    tokens: Vec<Token>,
    answers: Answers,
    /// Places of each ticket's events in `events`.
    of_ticket: BTreeMap<TicketId, Vec<usize>>,
}

impl MemoryStore {
    /// A store that holds nothing.
    pub fn new() -> Self {
        Self::default()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().expect("BUG: a commit panicked halfway")
    }
}

impl Store for MemoryStore {
    async fn lead(&self) -> Result<u64, StoreError> {
        let mut kept = self.kept();
        kept.epoch += 1;
        Ok(kept.epoch)
    }

    async fn load(&self) -> Result<BoardRows, StoreError> {
        let kept = self.kept();
        let (mut live, mut closed) = (Vec::new(), Vec::new());
        for (ticket, how) in kept.tickets.values() {
            match how {
                Some(how) => closed.push((ticket.id.clone(), how.clone())),
                None => live.push(ticket.clone()),
            }
        }
        Ok(BoardRows {
            seq: kept.events.len() as u64,
            fences: kept.fences,
            projects: kept.projects.values().cloned().collect(),
            tickets: live,
            closed,
            circuits: kept.circuits.clone(),
            node_alerts: kept.node_alerts.clone(),
            draining: kept.draining.clone(),
            tokens: kept.tokens.clone(),
            answers: kept.answers.iter().map(|(key, done)| (key.clone(), done.clone())).collect(),
        })
    }

    async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        let mut kept = self.kept();
        if batch.epoch != kept.epoch {
            return Err(CommitError::StaleEpoch { ours: batch.epoch, current: kept.epoch });
        }
        let mut last = kept.events.len() as u64;
        for event in &batch.events {
            if event.seq != last + 1 {
                return Err(CommitError::Gap { first: event.seq, last });
            }
            last = event.seq;
        }
        for event in batch.events {
            kept.keep_event(event);
        }
        kept.keep_rows(batch.rows);
        Ok(())
    }
}

impl Past for MemoryStore {
    async fn events(&self, after: u64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        let kept = self.kept();
        let after = usize::try_from(after).unwrap_or(usize::MAX);
        Ok(kept.events.iter().skip(after).take(limit as usize).cloned().collect())
    }

    async fn events_of(
        &self,
        ticket: &TicketId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        let kept = self.kept();
        let places = kept.of_ticket.get(ticket).into_iter().flatten();
        let events = places.map(|place| &kept.events[*place]).filter(|event| event.seq > after);
        Ok(events.take(limit as usize).cloned().collect())
    }

    async fn ticket(&self, ticket: &TicketId) -> Result<Option<Ticket>, StoreError> {
        Ok(self.kept().tickets.get(ticket).map(|(ticket, _)| ticket.clone()))
    }

    async fn closed_tickets(
        &self,
        project: &ProjectId,
        after: Option<&ClosedPlace>,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        let kept = self.kept();
        let mut closed: Vec<&Ticket> = kept
            .tickets
            .values()
            .filter(|(_, closed)| closed.is_some())
            .map(|(ticket, _)| ticket)
            .filter(|ticket| ticket.id.project == *project)
            .filter(|ticket| {
                after.is_none_or(|after| (ticket.since, &ticket.id) < (after.since, &after.ticket))
            })
            .collect();
        closed.sort_by(|one, other| (other.since, &other.id).cmp(&(one.since, &one.id)));
        Ok(closed.into_iter().take(limit as usize).cloned().collect())
    }
}

impl Kept {
    fn keep_event(&mut self, event: Recorded) {
        let ticket = event.event.ticket().cloned();
        if let Some(ticket) = &ticket {
            self.of_ticket.entry(ticket.clone()).or_default().push(self.events.len());
        }
        if let Some(key) = &event.key {
            self.answers.remember(key.clone(), Done { seq: event.seq, ticket });
        }
        self.events.push(event);
    }

    fn keep_rows(&mut self, rows: Rows) {
        self.fences = rows.fences;
        for project in rows.projects {
            self.projects.insert(project.id.clone(), project);
        }
        for project in rows.removed_projects {
            self.projects.remove(&project);
        }
        for (ticket, closed) in rows.tickets {
            self.tickets.insert(ticket.id.clone(), (ticket, closed));
        }
        if let Some(circuits) = rows.circuits {
            self.circuits = circuits;
        }
        if let Some(node_alerts) = rows.node_alerts {
            self.node_alerts = node_alerts;
        }
        if let Some(draining) = rows.draining {
            self.draining = draining;
        }
        if let Some(tokens) = rows.tokens {
            self.tokens = tokens;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    gangline_ports::store_conformance!((MemoryStore::new(), ()));
}
