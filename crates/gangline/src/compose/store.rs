//! Opening the store, and the way back when it is damaged.

use std::error::Error;
use std::path::Path;
use std::time::Duration;

use gangline_domain::ids::Timestamp;
use gangline_policy::{CommandLine, MachineConfig};
use gangline_ports::store::StoreError;
use gangline_store::sqlite::{Backup, newest_whole_backup};
use gangline_store::{OpenError, SqliteOptions, SqliteStore};

use super::clock::now;
use super::paths::Paths;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::span;

/// A daemon makes one a day; one that is older than this has been missed.
const BACKUP_AGE_MAX: Duration = Duration::from_hours(48);

/// Opens the store for the daemon.
pub(super) async fn open_store(
    paths: &Paths,
    machine: &MachineConfig,
) -> Result<SqliteStore, Failure> {
    let options =
        SqliteOptions { ballast_mib: machine.daemon.ballast_mib, ..SqliteOptions::default() };
    match SqliteStore::open_with(&paths.database(), &options).await {
        Ok(store) => Ok(store),
        Err(error) if is_damage(&error) => Err(damaged(paths, &error).await),
        Err(error) => Err(unopened(&error)),
    }
}

/// Why the store is not open, as far as no backup helps.
pub(super) fn unopened(error: &OpenError) -> Failure {
    let hint = error.hint();
    match error {
        OpenError::Locked { .. } => Failure::because(Exit::Conflict, error)
            .code("daemon_runs")
            .next("gangline list")
            .next("gangline down"),
        OpenError::DiskFull { .. } | OpenError::Backup { .. } => {
            Failure::because(Exit::Outage, error).code("disk_full").next(hint)
        }
        OpenError::Absent(_)
        | OpenError::Io { .. }
        | OpenError::Foreign(_)
        | OpenError::TooNew { .. }
        | OpenError::TooOld { .. }
        | OpenError::Corrupt { .. }
        | OpenError::Replay { .. }
        | OpenError::Unavailable { .. } => {
            Failure::because(Exit::Failed, error).code("store").next(hint)
        }
    }
}

/// Whether a backup is what helps. A file whose first page is gone looks like somebody else's.
pub(super) fn is_damage(error: &OpenError) -> bool {
    match error {
        OpenError::Corrupt { .. } | OpenError::Replay { .. } => true,
        OpenError::Foreign(path) => {
            gangline_store::sqlite::backups(path).is_ok_and(|b| !b.is_empty())
        }
        OpenError::Locked { .. }
        | OpenError::Absent(_)
        | OpenError::Io { .. }
        | OpenError::TooNew { .. }
        | OpenError::TooOld { .. }
        | OpenError::DiskFull { .. }
        | OpenError::Backup { .. }
        | OpenError::Unavailable { .. } => false,
    }
}

/// What is stored could not be read.
pub(super) async fn unreadable(paths: &Paths, error: &StoreError) -> Failure {
    match error {
        StoreError::Corrupt(_) => damaged(paths, error).await,
        StoreError::Unavailable(_) | StoreError::DiskFull(_) | StoreError::Upcast(_) => {
            Failure::because(Exit::Failed, error).next("gangline doctor --replay")
        }
    }
}

async fn damaged(paths: &Paths, error: &(dyn Error + 'static)) -> Failure {
    let way_back = way_back(paths).await;
    let failure = Failure::because(Exit::Failed, error).code("store");
    let failure = failure.excerpt(vec![way_back.told()]);
    way_back.commands().into_iter().fold(failure, Failure::next)
}

/// The newest backup that is whole, if there is one.
#[derive(Debug)]
pub(super) struct WayBack {
    /// With its last event.
    pub(super) newest: Option<(Backup, u64)>,
    database: String,
    now: Timestamp,
}

/// Looks for the newest backup that is whole.
pub(super) async fn way_back(paths: &Paths) -> WayBack {
    let newest = newest_whole_backup(&paths.database()).await.unwrap_or_else(|error| {
        tracing::warn!(%error, "the backups cannot be listed");
        None
    });
    WayBack { newest, database: shown(&paths.database()), now: now() }
}

impl WayBack {
    /// In one sentence.
    pub(super) fn told(&self) -> String {
        match &self.newest {
            None => self.none_is_whole(),
            Some((backup, seq)) => format!(
                "the newest whole backup is {} old and as of event {seq}: {}",
                self.age_of(backup),
                backup.path.display()
            ),
        }
    }

    /// Where there is none.
    pub(super) fn none_is_whole(&self) -> String {
        format!("there is no whole backup of {}", self.database)
    }

    /// What to type.
    pub(super) fn commands(&self) -> Vec<String> {
        match &self.newest {
            Some((backup, _)) => {
                vec![format!("gangline doctor --restore-backup {}", shown(&backup.path))]
            }
            None => vec![format!(
                "mv {0} {0}.damaged, to begin with an empty store; landed commits and saved work \
                 stay in their repositories",
                self.database
            )],
        }
    }

    /// Such as `3 h 5 min`.
    pub(super) fn age_of(&self, backup: &Backup) -> String {
        span(self.age_ms(backup))
    }

    /// Whether one has been missed.
    pub(super) fn is_old(&self, backup: &Backup) -> bool {
        u128::from(self.age_ms(backup)) > BACKUP_AGE_MAX.as_millis()
    }

    fn age_ms(&self, backup: &Backup) -> u64 {
        self.now.ms_since(backup.made_at)
    }
}

/// As a shell takes it.
pub(super) fn shown(path: &Path) -> String {
    CommandLine::Argv(vec![path.display().to_string()]).to_string()
}
