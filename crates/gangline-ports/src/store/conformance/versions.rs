//! Laws of events that another version of the program wrote.

use gangline_domain::event::{EVENT_VERSION, Event, TicketEvent, UpcastError};
use gangline_domain::ids::{TicketId, Timestamp};

use super::{History, Store};
use crate::store::StoreError;

/// An event as a backend keeps it, of any version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEvent {
    /// Its place in the sequence: the store's next.
    pub seq: u64,
    /// The epoch of its writer, which leads.
    pub epoch: u64,
    /// When.
    pub at: Timestamp,
    /// Whose event it is.
    pub ticket: TicketId,
    /// Its type's name.
    pub type_name: String,
    /// The version of its body.
    pub version: u32,
    /// JSON.
    pub body: String,
}

/// What the first program wrote is read by this one.
pub async fn old_versions_are_upcast<S, W>(store: &S, write_raw: W)
where
    S: Store,
    W: AsyncFn(&S, RawEvent),
{
    let raw = specimen(store, 0).await;
    write_raw(store, raw.clone()).await;
    let what = TicketEvent::Held { taken_over: false };
    let expected = Event::Ticket { ticket: raw.ticket.clone(), what };
    let last = store.events(raw.seq - 1, 10).await.unwrap();
    assert_eq!(last.len(), 1);
    assert_eq!(last[0].event, expected);
    let of_ticket = store.events_of(&raw.ticket, raw.seq - 1, 10).await.unwrap();
    assert_eq!(of_ticket, last);
}

/// What a later program wrote is not guessed at.
pub async fn a_newer_version_is_a_clear_error<S, W>(store: &S, write_raw: W)
where
    S: Store,
    W: AsyncFn(&S, RawEvent),
{
    let raw = specimen(store, EVENT_VERSION + 1).await;
    write_raw(store, raw.clone()).await;
    let refused = store.events(0, u32::MAX).await;
    let Err(StoreError::Upcast(UpcastError::TooNew { type_name, version })) = refused else {
        panic!("an event from the future was read as {refused:?}")
    };
    assert_eq!((type_name, version), (raw.type_name, raw.version));
    // What came before it is still to be had.
    let readable = u32::try_from(raw.seq - 1).expect("BUG: a short history");
    assert_eq!(store.events(0, readable).await.unwrap().len() as u64, raw.seq - 1);
}

/// A hold of a ticket that is there, as version 0 wrote it: a word, without its taking over.
async fn specimen<S: Store>(store: &S, version: u32) -> RawEvent {
    let epoch = store.lead().await.unwrap();
    let mut history = History::new(40);
    store.commit(history.batch(epoch, 30)).await.unwrap();
    let ticket = history.board().tickets.keys().next().expect("BUG: the history has no ticket");
    RawEvent {
        seq: history.board().seq + 1,
        epoch,
        at: Timestamp(1_800_000_000_000_000),
        ticket: ticket.clone(),
        type_name: "held".to_owned(),
        version,
        body: format!(r#"{{"ticket":{{"ticket":"{ticket}","what":"held"}}}}"#),
    }
}
