//! How long events waited to be durable.

use std::sync::atomic::{AtomicU64, Ordering};

use gangline_domain::event::Recorded;
use gangline_domain::ids::Timestamp;

/// From the decision of events to their durability, over the engine's life.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Durability {
    /// Events.
    pub events: u64,
    /// All their waits together, in microseconds.
    pub waited_us: u64,
}

/// Counts them. Two figures that are read apart may be one batch apart.
#[derive(Debug, Default)]
pub(crate) struct Waits {
    events: AtomicU64,
    waited_us: AtomicU64,
}

impl Waits {
    pub(crate) fn count(&self, events: &[Recorded], now: Timestamp) {
        let waited =
            events.iter().map(|event| u64::try_from(now.0 - event.at.0).unwrap_or(0)).sum();
        self.waited_us.fetch_add(waited, Ordering::Relaxed);
        self.events.fetch_add(events.len() as u64, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Durability {
        let [events, waited_us] =
            [&self.events, &self.waited_us].map(|figure| figure.load(Ordering::Relaxed));
        Durability { events, waited_us }
    }
}
