//! What the routes need of the engine.

use std::sync::Arc;

use gangline_domain::board::{Board, Done};
use gangline_domain::command::Command;
use gangline_domain::event::Recorded;
use gangline_domain::ids::{Actor, IdempotencyKey, ProjectId, TicketId, Timestamp};
use gangline_domain::ticket::Ticket;
use gangline_engine::{CommandError, EngineHandle, NodesView};
use gangline_ports::Store;
use gangline_ports::store::StoreError;
use tokio::sync::watch;

/// The engine, as surfaces see it.
pub trait Orchestrator: Clone + Send + Sync + 'static {
    /// Carries out a command; answered when it is durable.
    fn command(
        &self,
        actor: Actor,
        key: Option<IdempotencyKey>,
        command: Command,
    ) -> impl Future<Output = Result<Done, CommandError>> + Send;

    /// Looks at the committed board, briefly.
    fn read<R>(&self, look: impl FnOnce(&Board) -> R) -> R;

    /// The nodes as they were last heard.
    fn nodes(&self) -> Arc<NodesView>;

    /// The last committed event; changes with each commit.
    fn seq(&self) -> watch::Receiver<u64>;

    /// Events with `seq > after`, in order, at most `limit`.
    fn events(
        &self,
        after: u64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Recorded>, StoreError>> + Send;

    /// Events of one ticket with `seq > after`, in order, at most `limit`.
    fn events_of(
        &self,
        ticket: &TicketId,
        after: u64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Recorded>, StoreError>> + Send;

    /// A ticket, live or closed.
    fn ticket(
        &self,
        ticket: &TicketId,
    ) -> impl Future<Output = Result<Option<Ticket>, StoreError>> + Send;

    /// Closed tickets of a project, the last closed first, at most `limit`.
    fn closed_tickets(
        &self,
        project: &ProjectId,
        before: Option<Timestamp>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Ticket>, StoreError>> + Send;
}

impl<S: Store> Orchestrator for EngineHandle<S> {
    async fn command(
        &self,
        actor: Actor,
        key: Option<IdempotencyKey>,
        command: Command,
    ) -> Result<Done, CommandError> {
        EngineHandle::command(self, actor, key, command).await
    }

    fn read<R>(&self, look: impl FnOnce(&Board) -> R) -> R {
        EngineHandle::read(self, look)
    }

    fn nodes(&self) -> Arc<NodesView> {
        EngineHandle::nodes(self)
    }

    fn seq(&self) -> watch::Receiver<u64> {
        EngineHandle::seq(self)
    }

    async fn events(&self, after: u64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        self.store().events(after, limit).await
    }

    async fn events_of(
        &self,
        ticket: &TicketId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.store().events_of(ticket, after, limit).await
    }

    async fn ticket(&self, ticket: &TicketId) -> Result<Option<Ticket>, StoreError> {
        // The committed board is at least as new as the row, and costs no query.
        if let Some(live) = self.read(|board| board.ticket(ticket).cloned()) {
            return Ok(Some(live));
        }
        self.store().ticket(ticket).await
    }

    async fn closed_tickets(
        &self,
        project: &ProjectId,
        before: Option<Timestamp>,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        self.store().closed_tickets(project, before, limit).await
    }
}
