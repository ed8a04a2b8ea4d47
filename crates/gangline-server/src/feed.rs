//! What happens, told to all who listen.
//!
//! ```text
//!   store ──relay──▶ ring of frames ─┬▶ reader ▸ SSE
//!                    (made once)     ├▶ reader ▸ WebSocket
//!                                    └▶ reader ▸ …
//! ```
//!
//! One task reads each committed event once and makes its frame once. A reader begins in the past,
//! which it reads from the store, and goes over to the ring where the two meet; sequence numbers
//! have no gaps, so it sees whether it missed something. The ring is all that readers share: who
//! falls behind it is told so and let go, and holds up nobody.

mod events;

use std::sync::Arc;
use std::time::Duration;

use axum::body::Bytes;
use gangline_api::event::EventView;
use gangline_domain::event::{Event, Recorded};
use gangline_domain::ids::{ProjectId, TicketId};
use tokio::sync::{Semaphore, broadcast};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::archive::Archive;
use crate::follow::{Place, follow};
use crate::orchestrator::Orchestrator;
use crate::view;

pub(crate) use events::{EventReader, Item, Wanted};

/// Frames that a reader may be behind.
const RING: usize = 4_096;
/// Streams that are open at most, over all doors.
pub(crate) const STREAMS_MAX: usize = 4_096;

/// An event, ready to be sent.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) seq: u64,
    pub(crate) project: Option<ProjectId>,
    pub(crate) ticket: Option<TicketId>,
    pub(crate) kind: &'static str,
    /// As server-sent event, with its number as id.
    pub(crate) sse: Bytes,
    /// As JSON.
    pub(crate) json: String,
}

impl Frame {
    fn of(recorded: &Recorded) -> Self {
        let view: EventView = view::event(recorded);
        let json = serde_json::to_string(&view).expect("BUG: a view is JSON");
        let sse = format!("id: {}\nevent: event\ndata: {json}\n\n", recorded.seq);
        Self {
            seq: recorded.seq,
            project: recorded.event.project().cloned(),
            ticket: recorded.event.ticket().cloned(),
            kind: recorded.event.type_name(),
            sse: sse.into(),
            json,
        }
    }

    /// Whether somebody may have lost what they were let in by.
    fn closes_doors(&self) -> bool {
        self.kind == "token_revoked"
    }
}

/// Where readers listen.
#[derive(Debug)]
pub(crate) struct Feed {
    ring: broadcast::Sender<Arc<Frame>>,
    pub(crate) seats: Arc<Semaphore>,
}

impl Default for Feed {
    fn default() -> Self {
        let (ring, _) = broadcast::channel(RING);
        Self { ring, seats: Arc::new(Semaphore::new(STREAMS_MAX)) }
    }
}

impl Feed {
    pub(crate) fn listen(&self) -> broadcast::Receiver<Arc<Frame>> {
        self.ring.subscribe()
    }
}

/// Tells readers of what is committed from now on, until `ending`.
pub fn relay<O: Orchestrator, A: Archive>(
    app: App<O, A>,
    ending: CancellationToken,
) -> impl Future<Output = ()> + Send {
    let seq = app.orchestrator.seq();
    // Now, and not when it first runs: readers that come in between hear of what happens there.
    let at = *seq.borrow();
    let place = Place { seq, at };
    async move {
        let ring = &app.feed.ring;
        // Whoever comes later reads from the store what they did not hear.
        let is_heard = || ring.receiver_count() > 0;
        follow(&app.orchestrator, &ending, place, is_heard, |page| {
            for recorded in page {
                // Nobody listens any more: that is no failure.
                let _heard = ring.send(Arc::new(Frame::of(recorded)));
            }
        })
        .await;
    }
}

/// Ticks so often, for the first time after one pause.
pub(crate) fn every(ms: u64) -> Interval {
    let pause = Duration::from_millis(ms);
    let mut ticks = interval_at(Instant::now() + pause, pause);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

/// What an event is about, for filters.
fn about(event: &Event) -> (Option<&ProjectId>, Option<&TicketId>, &'static str) {
    (event.project(), event.ticket(), event.type_name())
}
