//! The course of each ticket as a trace of OpenTelemetry, handed over by OTLP over HTTP.
//!
//! ```text
//!   ticket ─┬ wait ┬ invoke_agent NAME ─┬ execute_tool TOOL      out of its journal
//!           │      │                    └ question
//!           │      ├ capture
//!           │      ├ verify ── check NAME                        out of its journal and report
//!           │      ├ review, review by a person, escalated
//!           │      └ queue ▸ integrate ▸ land
//! ```
//!
//! The sequence of events is the outbox: a span is made when what it is about is over, and handed over
//! before the cursor moves on. Its ids are made from what it is about, so that one that is handed over
//! twice after a crash is the same span.

mod course;
mod export;
mod inside;
mod span;
#[cfg(test)]
mod tests;

use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard};

use gangline_api::status::TracesView;
use gangline_domain::network::HttpAddress;
use serde::{Deserialize, Serialize};

pub use export::tell_traces;

use crate::kept_secret::KeptSecret;
use crate::shelf::Shelf;

/// The name of the file that says how far it is.
const NAME: &str = "traces";

/// Who takes traces, as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceSink {
    /// Where, with the path of the protocol.
    pub endpoint: HttpAddress,
    /// Names of headers whose values are secrets, in small letters.
    pub headers: Vec<String>,
    /// Whether titles, questions, facts and what tools were asked for go along.
    pub content: bool,
}

/// Traces at work.
#[derive(Debug)]
pub struct Traces {
    sink: TraceSink,
    /// The values of its headers, in their order.
    secrets: Vec<KeptSecret>,
    shelf: Shelf,
    /// Changed by whoever hands over.
    progress: Mutex<Progress>,
}

/// How far it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Progress {
    /// All spans that were over with this event were taken or given up.
    cursor: u64,
    /// Spans that were taken.
    taken: u64,
    /// Spans that were given up.
    given_up: u64,
    /// Tries in a row that failed, since when, and why the last one did.
    failures: u32,
    failing_since_us: Option<i64>,
    error: Option<String>,
}

impl Traces {
    /// Goes on where it was left in `folder`; begins behind `seq` where it never was.
    pub fn open(folder: &Path, sink: TraceSink, seq: u64) -> io::Result<Arc<Self>> {
        let shelf = Shelf::of(folder, NAME);
        let progress = match shelf.load()? {
            Some(progress) => progress,
            None => Progress { cursor: seq, ..Progress::default() },
        };
        // At once, so that a crash leaves out nothing that comes from now on.
        shelf.write(&progress)?;
        Ok(Arc::new(Self::new(sink, shelf, progress)))
    }

    /// Forgets how far it was: who configures it again begins anew.
    pub fn forget(folder: &Path) -> io::Result<()> {
        Shelf::of(folder, NAME).remove()
    }

    /// As another configuration has it, while the daemon runs. All secrets are read anew.
    #[must_use]
    pub fn changed(&self, sink: TraceSink) -> Arc<Self> {
        Arc::new(Self::new(sink, self.shelf.clone(), self.progress().clone()))
    }

    fn new(sink: TraceSink, shelf: Shelf, progress: Progress) -> Self {
        let secrets = sink.headers.iter().map(|_| KeptSecret::default()).collect();
        Self { sink, secrets, shelf, progress: Mutex::new(progress) }
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().expect("BUG: an exporter panicked over its progress")
    }

    /// For people and programs. `seq` is the last event.
    pub(crate) fn view(&self, seq: u64) -> TracesView {
        let progress = self.progress().clone();
        TracesView {
            endpoint: self.sink.endpoint.to_string(),
            behind: seq.saturating_sub(progress.cursor),
            spans: progress.taken,
            given_up: progress.given_up,
            failing_since_us: progress.failing_since_us,
            error: progress.error,
        }
    }
}
