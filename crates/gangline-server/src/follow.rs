//! Reading on along the sequence of events, as it is committed.

use std::time::Duration;

use gangline_domain::event::Recorded;
use gangline_ports::Past as _;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::orchestrator::Orchestrator;

/// Events that are read from the store at once.
pub(crate) const PAGE: u32 = 500;
/// How long it waits when the store cannot be read.
const AGAIN: Duration = Duration::from_secs(1);

/// Where somebody who follows the sequence is.
pub(crate) struct Place {
    /// The last committed event.
    pub(crate) seq: watch::Receiver<u64>,
    /// Everything up to this one was taken.
    pub(crate) at: u64,
}

/// Takes each page of what is committed behind `place`, until `ending`. What is committed while it
/// `is_wanted` by nobody is passed over unread.
pub(crate) async fn follow<O: Orchestrator>(
    orchestrator: &O,
    ending: &CancellationToken,
    Place { mut seq, mut at }: Place,
    is_wanted: impl Fn() -> bool + Send,
    mut take: impl FnMut(&[Recorded]) + Send,
) {
    loop {
        let committed = *seq.borrow_and_update();
        if !is_wanted() {
            at = committed;
        }
        while at < committed && !ending.is_cancelled() {
            match orchestrator.past().events(at, PAGE).await {
                Ok(page) => {
                    let Some(last) = page.last() else { break };
                    at = last.seq;
                    take(&page);
                }
                Err(error) => {
                    tracing::warn!(%error, "the sequence of events cannot be read on yet");
                    tokio::select! {
                        () = ending.cancelled() => return,
                        () = tokio::time::sleep(AGAIN) => {}
                    }
                }
            }
        }
        tokio::select! {
            () = ending.cancelled() => return,
            changed = seq.changed() => if changed.is_err() { return },
        }
    }
}
