//! What the daemon does now and then for what it keeps: backups of its store, space held back, a new
//! log file, and hubs packed anew. One thing after the other, so that they do not slow the machine down together.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use gangline_domain::ids::Timestamp;
use gangline_server::Orchestrator;
use gangline_store::SqliteStore;
use gangline_store::sqlite::{BallastState, backups};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::hubs::Hubs;
use super::log::rotate;
use super::reload::Followed;

/// How often it looks whether there is anything to do.
const LOOK_EVERY: Duration = Duration::from_mins(1);
/// How old the newest backup becomes.
const BACKUP_EVERY: Duration = Duration::from_hours(24);
/// How long it waits after a backup that failed.
const BACKUP_AGAIN: Duration = Duration::from_hours(1);

/// What is kept up, and how.
pub(super) struct Upkeep<O> {
    pub(super) store: Arc<SqliteStore>,
    /// Says how many backups are kept, and how large the log becomes.
    pub(super) machine: watch::Receiver<Arc<Followed>>,
    /// The store's last event.
    pub(super) seq: watch::Receiver<u64>,
    pub(super) now: fn() -> Timestamp,
    pub(super) hubs: Hubs<O>,
    /// The daemon's log file.
    pub(super) log: PathBuf,
}

impl<O: Orchestrator> Upkeep<O> {
    /// Runs until `ending`. What is under way then is given up: a backup and a pack have no name
    /// before they are whole.
    pub(super) async fn run(mut self, ending: CancellationToken) {
        let mut backup_again: Option<Instant> = None;
        let mut short_of_space = false;
        let work = async {
            loop {
                self.hold_space_back(&mut short_of_space).await;
                let log_mib = self.machine.borrow().machine.daemon.log_mib;
                if let Err(error) = rotate(&self.log, u64::from(log_mib) << 20) {
                    tracing::warn!(%error, "a new log file could not be begun");
                }
                if backup_again.is_none_or(|at| at <= Instant::now()) && self.is_backup_due() {
                    backup_again = self.back_up().await.map(|pause| Instant::now() + pause);
                }
                self.hubs.keep_up().await;
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        tokio::select! {
            () = work => {}
            () = ending.cancelled() => {}
        }
    }

    /// By the wall clock, because the machine may have slept. A backup that is from the future,
    /// as the clock has it, is as good as none.
    fn is_backup_due(&self) -> bool {
        if *self.seq.borrow() == 0 {
            // The backup of a day on which everything began would hold nothing.
            return false;
        }
        let newest = match backups(self.store.path()) {
            Ok(found) => found.into_iter().find(|backup| backup.before_migration.is_none()),
            Err(error) => {
                tracing::warn!(%error, "the backups cannot be listed");
                None
            }
        };
        let now = (self.now)();
        newest.is_none_or(|newest| {
            let age = Duration::from_millis(now.ms_since(newest.made_at));
            newest.made_at > now || age >= BACKUP_EVERY
        })
    }

    /// How long to wait for the next one, if its age does not tell.
    async fn back_up(&self) -> Option<Duration> {
        let backups_max = self.machine.borrow().machine.daemon.backups_max;
        match self.store.add_backup(backups_max).await {
            Ok(made) => {
                tracing::info!(path = %made.path.display(), "the store was backed up");
                self.is_backup_due().then_some(BACKUP_EVERY)
            }
            Err(error) => {
                let cause = std::error::Error::source(&error);
                tracing::warn!(%error, cause, "the store could not be backed up");
                Some(BACKUP_AGAIN)
            }
        }
    }

    async fn hold_space_back(&self, short: &mut bool) {
        let was_short = std::mem::take(short);
        match self.store.renew_ballast().await {
            Ok(BallastState::Held) if was_short => {
                tracing::info!("there is space again, and some is held back for a full disk");
            }
            Ok(BallastState::Held | BallastState::Unwanted) => {}
            Ok(BallastState::TooLittleSpace { free_bytes }) => {
                *short = true;
                if !was_short {
                    tracing::warn!(free_bytes, "too little space to hold some back");
                }
            }
            Err(error) => {
                *short = true;
                if !was_short {
                    tracing::warn!(%error, "no space is held back for a full disk");
                }
            }
        }
    }
}
