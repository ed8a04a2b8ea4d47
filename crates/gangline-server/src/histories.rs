//! What has become of tickets, folded from their events once and read on from there.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use gangline_domain::ids::TicketId;
use gangline_ports::Past as _;

use crate::app::App;
use crate::archive::Archive;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::view::History;

/// Events of a ticket that are read at once.
const PAGE: u32 = 1_000;
/// Histories that are kept.
const KEPT_MAX: usize = 256;

#[derive(Debug, Clone)]
struct Kept {
    history: Arc<History>,
    /// Every event up to this number was looked at.
    at: u64,
}

/// Histories that somebody asked for.
#[derive(Debug, Default)]
pub(crate) struct Histories(Mutex<HashMap<TicketId, Kept>>);

impl Histories {
    fn get(&self, id: &TicketId, committed: u64) -> Option<Kept> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).get(id).cloned();
        // A store that was restored counts from an earlier number on.
        kept.filter(|kept| kept.at <= committed)
    }

    fn keep(&self, id: &TicketId, kept: Kept) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= KEPT_MAX && !all.contains_key(id) {
            // Those who are asked about again and again come back at once.
            all.clear();
        }
        all.insert(id.clone(), kept);
    }
}

/// What has become of a ticket.
pub(crate) async fn history<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    id: &TicketId,
) -> Result<Arc<History>, Failure> {
    let committed = app.orchestrator.committed();
    let kept = app.histories.get(id, committed);
    let (mut history, mut at) = match kept {
        Some(kept) if kept.at == committed => return Ok(kept.history),
        Some(kept) => (kept.history, kept.at),
        None => (Arc::default(), 0),
    };
    loop {
        let page = app.orchestrator.past().events_of(id, at, PAGE).await?;
        let whole = u32::try_from(page.len()).unwrap_or(u32::MAX) < PAGE;
        if let Some(last) = page.last() {
            at = last.seq;
            Arc::make_mut(&mut history).take(&page);
        }
        if whole {
            let at = at.max(committed);
            app.histories.keep(id, Kept { history: Arc::clone(&history), at });
            return Ok(history);
        }
    }
}
