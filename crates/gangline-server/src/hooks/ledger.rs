//! What a webhook was told, and how far: one small file for each, whole or as it was before.

use std::collections::{BTreeSet, VecDeque};
use std::fs::DirBuilder;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::Path;
use std::time::Duration;

use gangline_api::webhook::{DeliveryOutcome, DeliveryView};
use gangline_domain::ids::Timestamp;
use serde::{Deserialize, Serialize};

use crate::pause::pause;
use crate::shelf::Shelf;

/// Deliveries that are kept of each webhook.
const DELIVERIES_MAX: usize = 200;
/// How often an event is tried, and for how long.
const TRIES_MAX: u32 = 100;
const GIVE_UP_MS: u64 = 3 * 24 * 3_600_000;

/// How far a webhook is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ledger {
    /// All events up to this one were delivered, given up or not wanted.
    pub(crate) cursor: u64,
    /// Tries in a row that failed.
    pub(crate) failures: u32,
    /// When the first of these was.
    pub(crate) failing_since_us: Option<i64>,
    /// When it is tried again.
    pub(crate) next_try_us: Option<i64>,
    /// When an event was delivered last.
    pub(crate) delivered_us: Option<i64>,
    /// Events that were given up.
    pub(crate) given_up: u64,
    /// The last ones, oldest first.
    pub(crate) deliveries: VecDeque<DeliveryView>,
}

/// One try.
#[derive(Debug, Clone)]
pub(super) struct Try {
    pub(super) seq: u64,
    pub(super) id: String,
    pub(super) kind: &'static str,
    /// When the event happened.
    pub(super) happened: Timestamp,
    /// When the try ended.
    pub(super) now: Timestamp,
    /// The status of the answer, and why it is none that counts as taken.
    pub(super) status: Option<u16>,
    pub(super) error: Option<String>,
    pub(super) duration_ms: u64,
}

/// What comes after a try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Next {
    /// The next event.
    Delivered,
    /// The same event, after a pause.
    Again(Duration),
    /// The next event, after a pause.
    GivenUp(Duration),
}

impl Ledger {
    /// Behind an event, as if everything before it had been told.
    pub(super) fn behind(cursor: u64) -> Self {
        Self { cursor, ..Self::default() }
    }

    /// As it is after a try. `chance` spreads pauses, so that those who failed together do not come
    /// back together.
    pub(super) fn after(&self, done: Try, chance: u32) -> (Self, Next) {
        let mut after = self.clone();
        let tries = match after.deliveries.pop_back_if(|last| last.seq == done.seq) {
            Some(last) => last.tries + 1,
            None => 1,
        };
        let Try { seq, id, kind, happened, now, status, error, duration_ms } = done;
        let next = if error.is_none() {
            after.failures = 0;
            (after.failing_since_us, after.next_try_us) = (None, None);
            after.delivered_us = Some(now.0);
            Next::Delivered
        } else {
            after.failures = after.failures.saturating_add(1);
            let since = *after.failing_since_us.get_or_insert(now.0);
            let pause = pause(after.failures, chance);
            after.next_try_us =
                Some(now.plus_ms(u64::try_from(pause.as_millis()).unwrap_or(u64::MAX)).0);
            // An event that waited behind others which failed has been waiting for as long.
            let waits_ms = now.ms_since(Timestamp(happened.0.max(since)));
            match tries >= TRIES_MAX || waits_ms >= GIVE_UP_MS {
                true => Next::GivenUp(pause),
                false => Next::Again(pause),
            }
        };
        let outcome = match next {
            Next::Delivered => DeliveryOutcome::Delivered,
            Next::Again(_) => DeliveryOutcome::Failing,
            Next::GivenUp(_) => DeliveryOutcome::GivenUp,
        };
        if outcome != DeliveryOutcome::Failing {
            after.cursor = seq;
        }
        after.given_up += u64::from(outcome == DeliveryOutcome::GivenUp);
        let (kind, at_us) = (kind.to_owned(), now.0);
        after.deliveries.push_back(DeliveryView {
            seq,
            id,
            kind,
            at_us,
            tries,
            outcome,
            status,
            error,
            duration_ms,
        });
        while after.deliveries.len() > DELIVERIES_MAX {
            after.deliveries.pop_front();
        }
        (after, next)
    }
}

/// Where the ledgers are kept: makes the folder, and removes what belongs to webhooks that are no
/// more: one that comes back begins anew.
pub(super) fn tidy(folder: &Path, names: &BTreeSet<&String>) -> io::Result<()> {
    if names.is_empty() && !folder.exists() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|ext| ext == "json") && !names.contains(&name) {
            std::fs::remove_file(&path)?;
        }
    }
    Ok(())
}

/// The ledger that is kept; a new one behind `seq` where there is none yet.
pub(super) fn load(shelf: &Shelf, seq: u64) -> io::Result<Ledger> {
    if let Some(ledger) = shelf.load()? {
        return Ok(ledger);
    }
    let ledger = Ledger::behind(seq);
    shelf.write(&ledger)?;
    Ok(ledger)
}

#[cfg(test)]
mod tests;
