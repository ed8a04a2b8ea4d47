use gangline_domain::board::BoardRows;
use gangline_domain::ids::{ProjectId, TicketId};
use gangline_domain::ticket::{NextStart, Ticket};
use gangline_ports::Past;
use gangline_ports::store::conformance::History;
use gangline_ports::store::{Batch, ClosedPlace, CommitError};

use super::*;
use crate::MemoryStore;

/// A store whose events and rows are not what was written.
struct Tampered {
    inner: MemoryStore,
    events: fn(Vec<Recorded>) -> Vec<Recorded>,
    rows: fn(BoardRows) -> BoardRows,
    closed: Box<dyn Fn(Ticket) -> Option<Ticket> + Send + Sync>,
}

impl Tampered {
    async fn new() -> (Self, History) {
        let inner = MemoryStore::new();
        let epoch = inner.lead().await.unwrap();
        let mut history = History::new(60);
        for _ in 0..30 {
            inner.commit(history.batch(epoch, 50)).await.unwrap();
        }
        let same = Self { inner, events: |same| same, rows: |same| same, closed: Box::new(Some) };
        (same, history)
    }
}

impl Store for Tampered {
    async fn lead(&self) -> Result<u64, StoreError> {
        self.inner.lead().await
    }
    async fn load(&self) -> Result<BoardRows, StoreError> {
        self.inner.load().await.map(self.rows)
    }
    async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        self.inner.commit(batch).await
    }
}

impl Past for Tampered {
    async fn events(&self, after: u64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        self.inner.events(after, limit).await.map(self.events)
    }
    async fn events_of(
        &self,
        ticket: &TicketId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        self.inner.events_of(ticket, after, limit).await
    }
    async fn ticket(&self, ticket: &TicketId) -> Result<Option<Ticket>, StoreError> {
        Ok(self.inner.ticket(ticket).await?.and_then(&self.closed))
    }
    async fn closed_tickets(
        &self,
        project: &ProjectId,
        after: Option<&ClosedPlace>,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        self.inner.closed_tickets(project, after, limit).await
    }
}

async fn place(store: &Tampered) -> String {
    let report = fold_check(store).await.unwrap();
    report.difference.expect("the difference went unnoticed").place
}

#[tokio::test]
async fn what_was_written_replays_to_itself() {
    let (store, history) = Tampered::new().await;
    let report = fold_check(&store).await.unwrap();
    assert_eq!(report.difference, None);
    assert_eq!(report.events, 1_500);
    assert_eq!(report.live, history.board().tickets.len());
    assert_eq!(report.closed, history.board().closed.len());
}

#[tokio::test]
async fn the_first_difference_is_told_down_to_its_field() {
    let (mut store, history) = Tampered::new().await;
    let ticket = history.board().tickets.keys().next().unwrap();

    store.rows = |mut rows| {
        rows.tickets[0].tries_spent += 40;
        rows
    };
    let difference = fold_check(&store).await.unwrap().difference.unwrap();
    assert_eq!(difference.place, format!("ticket {ticket}: tries_spent"));
    let spent = history.board().tickets[ticket].tries_spent;
    let told = format!(
        "ticket {ticket}: tries_spent: the events give {spent}, the rows say {}",
        spent + 40
    );
    assert_eq!(difference.to_string(), told);

    store.rows = |mut rows| {
        rows.tickets.remove(0);
        rows
    };
    let difference = fold_check(&store).await.unwrap().difference.unwrap();
    assert_eq!(
        (difference.place, difference.stored),
        (format!("ticket {ticket}"), "nothing".into())
    );
    assert!(difference.folded.ends_with('…'), "{}", difference.folded);

    store.rows = |mut rows| {
        rows.projects[0].usage.tokens += 1;
        rows
    };
    assert_eq!(place(&store).await, "project shop-0: usage.tokens");
    store.rows = |mut rows| {
        rows.closed.pop();
        rows
    };
    assert!(place(&store).await.starts_with("closed ticket shop-"));
    store.rows = |mut rows| {
        rows.fences += 1;
        rows
    };
    assert_eq!(place(&store).await, "meta: fences");
    store.rows = |mut rows| {
        rows.answers[3].1.seq += 1;
        rows
    };
    assert_eq!(place(&store).await, "answers[3][1].seq");
}

#[tokio::test]
async fn the_body_of_a_closed_ticket_is_compared_too() {
    let (mut store, history) = Tampered::new().await;
    let id = history.board().closed.keys().next_back().unwrap().clone();
    let changed = id.clone();
    store.closed = Box::new(move |mut ticket| {
        if ticket.id == changed {
            ticket.next_start = match ticket.next_start {
                NextStart::Fresh => NextStart::Resume,
                NextStart::Resume => NextStart::Fresh,
            };
        }
        Some(ticket)
    });
    assert_eq!(place(&store).await, format!("ticket {id}: next_start"));
    let gone = id.clone();
    store.closed = Box::new(move |ticket| (ticket.id != gone).then_some(ticket));
    assert_eq!(place(&store).await, format!("ticket {id}"));
}

#[tokio::test]
async fn events_that_are_missing_or_do_not_fit_are_told_by_number() {
    let (mut store, _) = Tampered::new().await;
    store.events = |mut events| {
        events.retain(|event| event.seq != 700);
        events
    };
    let hole = fold_check(&store).await.unwrap_err();
    assert_eq!(hole.to_string(), "event 700 is missing: event 701 follows the one before it");

    store.events = |mut events| {
        events.retain(|event| event.seq <= 1_400);
        events
    };
    let short = fold_check(&store).await.unwrap_err();
    assert_eq!(short.to_string(), "the rows are as of event 1500, but the last event is 1400");

    // A ticket that is captured twice without having been captured anew.
    store.events = |mut events| {
        let captured = |event: &Recorded| event.event.type_name() == "captured";
        let at = events.iter().position(captured).unwrap();
        events[at + 1].event = events[at].event.clone();
        events
    };
    let misfit = fold_check(&store).await.unwrap_err();
    assert!(misfit.to_string().contains("does not fit: BUG: Captured"), "{misfit}");
}
