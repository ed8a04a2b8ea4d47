//! A backup put in place of a store that is damaged, which is kept aside.
//!
//! ```text
//! FILE ──copy──▶ PATH.restoring.partial   checked, its epoch raised, synced
//!                       │ rename: from here on it is decided
//!                       ▼
//!                PATH.restoring-<moment>
//!                       │ PATH ▶ PATH.damaged-<moment>, and its -wal beside it
//!                       ▼
//!                PATH
//! ```
//!
//! Whoever dies behind the first rename is finished by the next who opens the store. The `-wal`
//! file must have gone before the backup has its place: SQLite would replay it into the backup.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use jiff::Timestamp as Moment;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};

use super::backups::stamp;
use super::lock::{Lock, LockError};
use super::migrate::NEWEST;
use super::open::{OpenError, beside, resolved};
use super::rows::integer;
use super::upkeep::{BackupError, Depth, examine, keep, sync_folder_of};

/// How many leaders may have been since the backup. Their jobs may still run, and what they left
/// lies under their fences: the next leader must not give out one of these again.
const EPOCHS_LOST_MAX: u64 = 1_000_000;

const RESTORING: &str = ".restoring-";

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// The store's last event now.
    pub seq: u64,
    /// Where the earlier store is kept, if there was one.
    pub kept: Option<PathBuf>,
}

/// Why nothing was restored. The store is as it was.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// Another daemon has the store, or its file cannot be used.
    #[error(transparent)]
    Store(#[from] OpenError),
    /// It is of no use.
    #[error("the backup {} cannot be restored", .path.display())]
    Backup {
        /// The backup.
        path: PathBuf,
        /// Why.
        #[source]
        source: BackupError,
    },
    /// A newer program has made it.
    #[error("the backup {} has schema {found}; this program knows schemas up to {NEWEST}", .path.display())]
    TooNew {
        /// The backup.
        path: PathBuf,
        /// Its schema.
        found: u32,
    },
    /// A file cannot be written or moved.
    #[error("{} cannot be written", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Puts the backup in `from` in place of the store at `path`, which nobody uses now. The backup
/// itself is only read.
pub async fn restore_backup(path: &Path, from: &Path) -> Result<Restored, RestoreError> {
    let path = resolved(path)?;
    let lock = Lock::take(&beside(&path, ".lock")).map_err(|error| locked(&path, error))?;
    let finished = finish(&path).map_err(|source| io_error(&path, source))?;
    drop(finished);
    let partial = beside(&path, ".restoring.partial");
    let seq = prepared(from, &partial).await;
    let seq = seq.inspect_err(|_| {
        if let Err(error) = fs::remove_file(&partial) {
            tracing::debug!(%error, "no partial copy to remove");
        }
    })?;
    let decided = beside(&path, &format!("{RESTORING}{}", stamp(Moment::now())));
    keep(&partial, &decided).map_err(|source| io_error(&decided, source))?;
    let kept = finish(&path).map_err(|source| io_error(&path, source))?;
    drop(lock);
    Ok(Restored { seq, kept })
}

/// Copies the backup, looks at every page of the copy, and makes it one that may be led.
async fn prepared(from: &Path, partial: &Path) -> Result<u64, RestoreError> {
    for suffix in ["", "-journal", "-wal", "-shm"] {
        // A journal that a killed process left would be rolled back into the copy.
        let left = beside(partial, suffix);
        match fs::remove_file(&left) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io_error(&left, error));
            }
            Ok(()) | Err(_) => {}
        }
    }
    let source = |source| {
        let source = BackupError::Io { path: from.to_owned(), source };
        RestoreError::Backup { path: from.to_owned(), source }
    };
    let mut read = File::open(from).map_err(source)?;
    let mut private = File::options();
    private.write(true).create_new(true).mode(0o600);
    let mut written = private.open(partial).map_err(|error| io_error(partial, error))?;
    io::copy(&mut read, &mut written).map_err(|error| io_error(partial, error))?;
    drop(written);
    let of_no_use = |source| RestoreError::Backup { path: from.to_owned(), source };
    let facts = examine(partial, Depth::Whole).await.map_err(of_no_use)?;
    if facts.schema > NEWEST {
        return Err(RestoreError::TooNew { path: from.to_owned(), found: facts.schema });
    }
    let raise = async {
        let options = SqliteConnectOptions::new().filename(partial).disable_statement_logging();
        let mut connection = options.connect().await?;
        let epoch = "UPDATE meta SET epoch = $1 WHERE id = 1";
        let raised = integer(facts.epoch.saturating_add(EPOCHS_LOST_MAX));
        sqlx::query(epoch).bind(raised).execute(&mut connection).await?;
        connection.close().await
    };
    raise.await.map_err(BackupError::Copy).map_err(of_no_use)?;
    Ok(facts.seq)
}

/// Ends what was decided, if anything was; says where the earlier store is kept. The lock is held.
pub(super) fn finish(path: &Path) -> io::Result<Option<PathBuf>> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned() + RESTORING;
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut kept = None;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let file = entry.file_name().to_string_lossy().into_owned();
        let Some(stamp) = file.strip_prefix(&name) else { continue };
        let aside = beside(path, &format!(".damaged-{stamp}"));
        if move_aside(path, &aside)? || aside.exists() {
            kept = Some(aside.clone());
        }
        for suffix in ["-wal", "-shm", "-journal"] {
            move_aside(&beside(path, suffix), &beside(&aside, suffix))?;
        }
        sync_folder_of(path)?;
        fs::rename(entry.path(), path)?;
        sync_folder_of(path)?;
        tracing::warn!(path = %path.display(), "the store was restored from a backup");
    }
    Ok(kept)
}

/// Whether there was anything. Nothing is ever written over.
fn move_aside(from: &Path, to: &Path) -> io::Result<bool> {
    if !from.try_exists()? {
        return Ok(false);
    }
    if to.try_exists()? {
        let message = format!("{} is in the way", to.display());
        return Err(io::Error::new(io::ErrorKind::AlreadyExists, message));
    }
    fs::rename(from, to).map(|()| true)
}

fn locked(path: &Path, error: LockError) -> OpenError {
    match error {
        LockError::Held { pid, .. } => OpenError::Locked { path: path.to_owned(), pid },
        LockError::Io { path, source } => OpenError::Io { path, source },
    }
}

fn io_error(path: &Path, source: io::Error) -> RestoreError {
    RestoreError::Io { path: path.to_owned(), source }
}
