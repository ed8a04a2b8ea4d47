//! The newest events, kept in memory in front of the store: most of what is read was just committed.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};

use gangline_domain::event::Recorded;
use gangline_domain::ids::{ProjectId, TicketId};
use gangline_domain::ticket::Ticket;
use gangline_ports::Past;
use gangline_ports::store::{ClosedPlace, StoreError};

/// Events that are kept.
const KEPT_MAX: usize = 256;

/// What has been, the newest of it without a query.
#[derive(Debug)]
pub struct RecentPast<S> {
    store: Arc<S>,
    /// Committed and published, without a gap.
    newest: RwLock<VecDeque<Arc<Recorded>>>,
}

impl<S> RecentPast<S> {
    pub(crate) fn new(store: Arc<S>) -> Self {
        Self { store, newest: RwLock::default() }
    }

    /// Before anybody is told of their numbers.
    pub(crate) fn keep(&self, events: Vec<Recorded>) {
        let mut newest = self.newest.write().unwrap_or_else(PoisonError::into_inner);
        for event in events {
            if newest.back().is_some_and(|last| last.seq + 1 != event.seq) {
                newest.clear();
            }
            if newest.len() == KEPT_MAX {
                newest.pop_front();
            }
            newest.push_back(Arc::new(event));
        }
    }

    /// The board was read anew: what was committed in between is not known here.
    pub(crate) fn forget(&self) {
        self.newest.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Those behind `after` that are wanted, if all of them are here.
    fn kept(
        &self,
        after: u64,
        limit: u32,
        wanted: impl Fn(&Recorded) -> bool,
    ) -> Option<Vec<Recorded>> {
        let newest = self.newest.read().unwrap_or_else(PoisonError::into_inner);
        let first = newest.front()?.seq;
        let skipped = usize::try_from((after + 1).checked_sub(first)?).ok()?;
        let behind = newest.iter().skip(skipped).filter(|event| wanted(event));
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        Some(behind.take(limit).map(|event| (**event).clone()).collect())
    }
}

impl<S: Past> Past for RecentPast<S> {
    async fn events(&self, after: u64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        match self.kept(after, limit, |_| true) {
            Some(kept) => Ok(kept),
            None => self.store.events(after, limit).await,
        }
    }

    async fn events_of(
        &self,
        ticket: &TicketId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        match self.kept(after, limit, |event| event.event.ticket() == Some(ticket)) {
            Some(kept) => Ok(kept),
            None => self.store.events_of(ticket, after, limit).await,
        }
    }

    async fn ticket(&self, ticket: &TicketId) -> Result<Option<Ticket>, StoreError> {
        self.store.ticket(ticket).await
    }

    async fn closed_tickets(
        &self,
        project: &ProjectId,
        after: Option<&ClosedPlace>,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        self.store.closed_tickets(project, after, limit).await
    }
}

#[cfg(test)]
mod tests {
    use gangline_domain::event::Event;
    use gangline_domain::ids::{Actor, Timestamp};

    use super::*;

    /// A store that must not be asked for events.
    struct Unasked;

    impl Past for Unasked {
        async fn events(&self, _: u64, _: u32) -> Result<Vec<Recorded>, StoreError> {
            Err(StoreError::Corrupt("asked".to_owned()))
        }

        async fn events_of(
            &self,
            _: &TicketId,
            _: u64,
            _: u32,
        ) -> Result<Vec<Recorded>, StoreError> {
            Err(StoreError::Corrupt("asked".to_owned()))
        }

        async fn ticket(&self, _: &TicketId) -> Result<Option<Ticket>, StoreError> {
            Ok(None)
        }

        async fn closed_tickets(
            &self,
            _: &ProjectId,
            _: Option<&ClosedPlace>,
            _: u32,
        ) -> Result<Vec<Ticket>, StoreError> {
            Ok(vec![])
        }
    }

    fn numbered(seq: u64) -> Recorded {
        let event = Event::CircuitClosed { kind: "claude".parse().unwrap() };
        Recorded { seq, epoch: 1, at: Timestamp(0), actor: Actor::Gangline, key: None, event }
    }

    async fn read(past: &RecentPast<Unasked>, after: u64, limit: u32) -> Option<Vec<u64>> {
        let found = past.events(after, limit).await.ok()?;
        Some(found.into_iter().map(|recorded| recorded.seq).collect())
    }

    #[tokio::test]
    async fn what_is_kept_is_read_without_the_store_and_all_else_from_it() {
        let past = RecentPast::new(Arc::new(Unasked));
        assert_eq!(read(&past, 0, 9).await, None, "nothing is known yet");
        past.keep((5..9).map(numbered).collect());
        assert_eq!(read(&past, 3, 9).await, None, "4 is not here");
        assert_eq!(read(&past, 4, 9).await, Some(vec![5, 6, 7, 8]));
        assert_eq!(read(&past, 6, 1).await, Some(vec![7]));
        assert_eq!(read(&past, 8, 9).await, Some(vec![]));
        let none = past.events_of(&"shop.APP-1".parse().unwrap(), 4, 9).await;
        assert_eq!(none.unwrap(), vec![]);
        past.keep((9..9 + KEPT_MAX as u64).map(numbered).collect());
        assert_eq!(read(&past, 7, 9).await, None, "the oldest have gone");
        assert_eq!(read(&past, 8, 1).await, Some(vec![9]));
        past.keep(vec![numbered(999)]);
        assert_eq!(read(&past, 997, 9).await, None, "there is a gap");
        assert_eq!(read(&past, 998, 9).await, Some(vec![999]));
        past.forget();
        assert_eq!(read(&past, 998, 9).await, None);
    }
}
