//! The driver's own promises, with a store, a link and a repository made for them.

use std::sync::Mutex;

use gangline_domain::board::BoardRows;
use gangline_domain::event::Recorded;
use gangline_domain::ids::{CommitId, NodeId, ProjectId};
use gangline_domain::job::{Candidate, Swap};
use gangline_domain::project::ProjectSettings;
use gangline_domain::ticket::Ticket;
use gangline_ports::landing::LandingUnavailable;
use gangline_ports::link::{LinkDown, ToNode};
use gangline_ports::store::{Batch, ClosedPlace, Past};
use tokio::sync::Notify;

use super::*;
use crate::dispatcher::tests::bench::Bench;

/// A store that begins with this board, and what was written to it since.
#[derive(Debug)]
struct Written {
    board: Board,
    events: Mutex<Vec<Recorded>>,
}

impl Past for Written {
    async fn events(&self, _after: u64, _limit: u32) -> Result<Vec<Recorded>, StoreError> {
        unreachable!("nobody asks for history")
    }

    async fn events_of(
        &self,
        _ticket: &TicketId,
        _after: u64,
        _limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        unreachable!("nobody asks for history")
    }

    async fn ticket(&self, _ticket: &TicketId) -> Result<Option<Ticket>, StoreError> {
        unreachable!("nobody asks for history")
    }

    async fn closed_tickets(
        &self,
        _project: &ProjectId,
        _after: Option<&ClosedPlace>,
        _limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        unreachable!("nobody asks for history")
    }
}

impl Store for Written {
    async fn lead(&self) -> Result<u64, StoreError> {
        Ok(2)
    }

    async fn load(&self) -> Result<BoardRows, StoreError> {
        Ok(BoardRows {
            seq: self.board.seq,
            fences: self.board.fences,
            projects: self.board.projects.values().cloned().collect(),
            tickets: self.board.tickets.values().map(|ticket| Ticket::clone(ticket)).collect(),
            ..BoardRows::default()
        })
    }

    async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        self.events.lock().unwrap().extend(batch.events);
        Ok(())
    }
}

/// Nobody at the other end.
#[derive(Debug)]
struct Nobody;

impl Link for Nobody {
    async fn send(&self, _node: &NodeId, _message: ToNode) -> Result<(), LinkDown> {
        Ok(())
    }
}

/// A repository whose push takes until it is let go.
#[derive(Debug, Default)]
struct SlowPush {
    begun: Notify,
    go: Notify,
}

impl LandingPort for SlowPush {
    async fn land(
        &self,
        _project: &ProjectId,
        _settings: &ProjectSettings,
        _candidate: &Candidate,
    ) -> Result<Swap, LandingUnavailable> {
        self.begun.notify_one();
        self.go.notified().await;
        Ok(Swap::Proven)
    }

    async fn publish_branch(
        &self,
        _ticket: &Ticket,
        _settings: &ProjectSettings,
        _commit: &CommitId,
    ) -> Result<(), LandingUnavailable> {
        unreachable!("the project lands")
    }
}

#[tokio::test]
async fn the_engine_ends_when_the_landing_under_way_is_over_and_written() {
    let board = Bench::intended().dispatcher.board().clone();
    let store = Arc::new(Written { board, events: Mutex::default() });
    let push = Arc::new(SlowPush::default());
    let (_nodes, reports) = mpsc::channel(1);
    let config = EngineConfig { agents_max: 1 };
    let started =
        Engine::start(Arc::clone(&store), Arc::new(Nobody), Arc::clone(&push), config, reports);
    let (_handle, mut engine) = started.await.unwrap();
    push.begun.notified().await;
    engine.stop();
    for _turn in 0..1_000 {
        tokio::task::yield_now().await;
        assert!(!engine.handle.is_finished(), "git was cut off while it pushed");
    }
    push.go.notify_one();
    assert_eq!(engine.ended().await, Ended::Stopped);
    let events = store.events.lock().unwrap();
    let last = events.last().map(|recorded| recorded.event.type_name());
    assert_eq!(last, Some("landed"), "{events:?}");
}
