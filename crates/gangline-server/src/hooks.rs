//! Webhooks, by the scheme of <https://www.standardwebhooks.com>: who is told of events, and whose
//! signed requests become tickets.
//!
//! ```text
//!   sequence of events ──one sender for each──▶ sign ▸ post ──▶ receiver
//!                            │    ▲
//!                            ▼    │ again: 1 s … 1 h, three days
//!                          ledger: cursor and last deliveries, one synced file
//!
//!   sender ──▶ POST /hooks/v1/intake/NAME ▸ signature ▸ age ▸ AddTicket, once for each id
//! ```
//!
//! The sequence of events is the outbox. A ledger is written before its cursor counts, so that a
//! crash repeats a delivery, under the same id, and never leaves one out.

mod deliver;
mod intake;
mod keys;
mod ledger;
mod post;
mod reach;
pub(crate) mod sign;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, RwLock};

use gangline_domain::event::Event;
use gangline_domain::ids::ProjectId;
use gangline_domain::network::HttpAddress;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

pub use deliver::deliver;
pub(crate) use deliver::test;
pub(crate) use intake::{IntakeRequest, accept};
use keys::Keys;
use ledger::Ledger;
pub(crate) use reach::addresses as reachable;

use crate::shelf::Shelf;

/// Whom to tell of what, as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    /// Where.
    pub address: HttpAddress,
    /// Only of these types of events; of all, when empty.
    pub events: BTreeSet<&'static str>,
    /// Only of these projects; of all, when empty.
    pub projects: BTreeSet<ProjectId>,
    /// Whether it may be on this machine or in its private networks.
    pub allow_private: bool,
}

/// What becomes of the signed requests of a sender, as it is configured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intake {
    /// The project that they become tickets of.
    pub project: ProjectId,
    /// Labels that each gets beside its own.
    pub labels: Vec<String>,
    /// Whether a person opens them.
    pub draft: bool,
}

/// What a secret, or a file with keys, is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signing<'n> {
    /// What the webhook of this name is told.
    Webhook(&'n str),
    /// What the intake of this name is asked.
    Intake(&'n str),
    /// What the daemon shows to the issuer under `[oidc]`.
    OidcClient,
    /// What JWTs for the workers' API are signed with, where that is a shared secret.
    WorkersKey,
    /// The file with the keys by which JWTs for the workers' API are judged.
    WorkersKeys,
    /// The value of this header, which lets the daemon hand over traces.
    Traces(&'n str),
}

/// All webhooks and intakes of this machine.
#[derive(Debug, Default)]
pub struct Hooks {
    outbound: BTreeMap<String, Arc<Hook>>,
    intake: BTreeMap<String, (Intake, Keys)>,
}

/// One webhook at work.
#[derive(Debug)]
pub(crate) struct Hook {
    pub(crate) name: String,
    /// Changed by a new configuration; a try that is under way goes by the old one.
    aim: RwLock<Arc<Aim>>,
    shelf: Shelf,
    /// Whether it began with a running daemon: its ledger is not on disk yet.
    fresh: bool,
    /// It is to be told of nothing more.
    retired: CancellationToken,
    /// Changed by its sender alone.
    ledger: Mutex<Ledger>,
    /// Its receiver is there again.
    nudge: Notify,
}

/// Whom a webhook tells, and what it signs with.
#[derive(Debug)]
pub(crate) struct Aim {
    pub(crate) to: Outbound,
    keys: Keys,
}

impl Hooks {
    /// Takes up each webhook where its ledger in `folder` says; one without a ledger begins behind
    /// `seq`. Ledgers of webhooks that are no more are removed.
    pub fn open(
        folder: &Path,
        outbound: BTreeMap<String, Outbound>,
        intake: BTreeMap<String, Intake>,
        seq: u64,
    ) -> io::Result<Self> {
        let names: BTreeSet<&String> = outbound.keys().collect();
        ledger::tidy(folder, &names)?;
        let mut hooks = Self::default();
        for (name, to) in outbound {
            let shelf = Shelf::of(folder, &name);
            let ledger = ledger::load(&shelf, seq)?;
            let hook = Hook::new(&name, to, shelf, ledger);
            hooks.outbound.insert(name, Arc::new(hook));
        }
        hooks.intake = with_keys(intake);
        Ok(hooks)
    }

    /// As another configuration has them, while the daemon runs. Who was told before goes on where it
    /// is; a new one begins behind `seq`; one that is no more gets nothing more, and its ledger goes.
    /// All secrets are read anew.
    #[must_use]
    pub fn changed(
        &self,
        folder: &Path,
        outbound: BTreeMap<String, Outbound>,
        intake: BTreeMap<String, Intake>,
        seq: u64,
    ) -> Self {
        let gone = self.outbound.iter().filter(|(name, _)| !outbound.contains_key(*name));
        gone.for_each(|(_, hook)| hook.retired.cancel());
        let changed = |(name, to): (String, Outbound)| {
            if let Some(hook) = self.outbound.get(&name) {
                hook.aim_at(to);
                return (name, Arc::clone(hook));
            }
            let hook = Hook::new(&name, to, Shelf::of(folder, &name), Ledger::behind(seq));
            (name, Arc::new(Hook { fresh: true, ..hook }))
        };
        Self { outbound: outbound.into_iter().map(changed).collect(), intake: with_keys(intake) }
    }

    /// All webhooks, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Arc<Hook>> {
        self.outbound.values()
    }

    /// The webhook of this name.
    pub(crate) fn named(&self, name: &str) -> Option<Arc<Hook>> {
        self.outbound.get(name).map(Arc::clone)
    }
}

fn with_keys(intake: BTreeMap<String, Intake>) -> BTreeMap<String, (Intake, Keys)> {
    intake.into_iter().map(|(name, intake)| (name, (intake, Keys::default()))).collect()
}

impl Hook {
    fn new(name: &str, to: Outbound, shelf: Shelf, ledger: Ledger) -> Self {
        Self {
            name: name.to_owned(),
            aim: RwLock::new(Arc::new(Aim { to, keys: Keys::default() })),
            shelf,
            fresh: false,
            retired: CancellationToken::new(),
            ledger: Mutex::new(ledger),
            nudge: Notify::new(),
        }
    }

    /// Whom it tells now.
    pub(crate) fn aim(&self) -> Arc<Aim> {
        Arc::clone(&self.aim.read().expect("BUG: an aim is only ever replaced"))
    }

    fn aim_at(&self, to: Outbound) {
        let aim = Arc::new(Aim { to, keys: Keys::default() });
        *self.aim.write().expect("BUG: an aim is only ever replaced") = aim;
        // What failed may be mended; also a try that is failing at this moment is repeated soon.
        self.nudge.notify_one();
    }

    /// What it has been told, for a look.
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().expect("BUG: a sender panicked over its ledger")
    }

    /// Whether it is to be told of an event.
    fn wants(&self, event: &Event) -> bool {
        let to = &self.aim().to;
        let of_type = to.events.is_empty() || to.events.contains(event.type_name());
        let of_project = to.projects.is_empty()
            || event.project().is_some_and(|project| to.projects.contains(project));
        of_type && of_project
    }
}
