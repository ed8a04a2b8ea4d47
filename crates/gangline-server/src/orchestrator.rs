//! What the routes need of the engine.

use std::sync::Arc;

use gangline_domain::board::{Board, Done};
use gangline_domain::command::Command;
use gangline_domain::ids::{Actor, IdempotencyKey, TicketId};
use gangline_domain::ticket::Ticket;
use gangline_engine::{CommandError, Durability, EngineHandle, NodesView, RecentPast};
use gangline_ports::store::StoreError;
use gangline_ports::{Past, Store};
use tokio::sync::watch;

/// The engine, as surfaces see it.
pub trait Orchestrator: Clone + Send + Sync + 'static {
    /// Where the past is read.
    type Past: Past;

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

    /// The last committed event, as of now.
    fn committed(&self) -> u64;

    /// What the board does not hold.
    fn past(&self) -> &Self::Past;

    /// How long events waited to be durable.
    fn durability(&self) -> Durability;

    /// A ticket, live or closed.
    fn ticket(
        &self,
        ticket: &TicketId,
    ) -> impl Future<Output = Result<Option<Ticket>, StoreError>> + Send {
        async {
            // The committed board is at least as new as the row, and costs no query.
            match self.read(|board| board.ticket(ticket).cloned()) {
                Some(live) => Ok(Some(live)),
                None => self.past().ticket(ticket).await,
            }
        }
    }
}

impl<S: Store> Orchestrator for EngineHandle<S> {
    type Past = RecentPast<S>;

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

    fn committed(&self) -> u64 {
        EngineHandle::committed(self)
    }

    fn past(&self) -> &RecentPast<S> {
        EngineHandle::past(self)
    }

    fn durability(&self) -> Durability {
        EngineHandle::durability(self)
    }
}
