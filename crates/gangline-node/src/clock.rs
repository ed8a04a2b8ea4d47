//! The clocks, in the one place where they are read.

use std::time::{SystemTime, UNIX_EPOCH};

use gangline_domain::ids::Timestamp;
use gangline_process::ProcessIdentity;
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};

/// A moment by both clocks. The one on the wall goes on while the machine sleeps, and is set now
/// and then; how long it has been awake counts the time in which something could be done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// On the wall.
    pub at: Timestamp,
    /// Since which boot it has been awake.
    pub boot_id: String,
    /// For how long, in milliseconds. On macOS sleep counts, too.
    pub awake_ms: u64,
}

impl Moment {
    /// This one; none when the system does not tell which boot this is.
    pub(crate) fn now() -> Option<Self> {
        let boot_id = ProcessIdentity::current().ok()?.boot_id;
        let awake = clock_gettime(ClockId::Monotonic);
        let seconds = u64::try_from(awake.tv_sec).ok()?;
        let awake_ms = seconds * 1_000 + u64::try_from(awake.tv_nsec).ok()? / 1_000_000;
        Some(Self { at: now(), boot_id, awake_ms })
    }

    /// Milliseconds that are left until `deadline` of what began at this moment, as far as the
    /// machine is awake for them.
    pub(crate) fn ms_left(&self, deadline: Timestamp, now: &Self) -> u64 {
        if self.boot_id != now.boot_id {
            return deadline.ms_since(now.at);
        }
        let gone = now.awake_ms.saturating_sub(self.awake_ms);
        deadline.ms_since(self.at).saturating_sub(gone)
    }
}

/// Now, in microseconds since the Unix epoch.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests;
