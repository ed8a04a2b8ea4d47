//! Opening: one daemon, a file that is ours, the newest schema.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, SqliteConnection, SqlitePool};

use super::backups::before_migration;
use super::ballast::{Ballast, BallastState};
use super::fault::{Fault, fault, said};
use super::lock::{Lock, LockError};
use super::migrate::{Found, NEWEST, ROWS_VERSION, look, migrate};
use super::rebuild::{RebuildError, if_outdated};
use super::restore;
use super::upkeep::{BackupError, Depth, damage, facts, sync_folder_of};
use super::write::Writer;

/// Files up to this size are checked page by page when they are opened: tens of milliseconds.
/// Larger ones are left to `gangline doctor`.
const CHECKED_BYTES_MAX: u64 = 32 * 1024 * 1024;

/// What the `-wal` file is cut back to when it was larger.
const WAL_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How a store is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteOptions {
    /// Space that is held back for a full disk, in MiB; 0 for none.
    pub ballast_mib: u32,
    /// How long a write waits for another process that uses the file, in milliseconds.
    pub busy_ms_max: u64,
    /// Connections that read at once.
    pub readers_max: u32,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { ballast_mib: 16, busy_ms_max: 5_000, readers_max: 4 }
    }
}

/// Why a store cannot be opened. See [`OpenError::hint`] for what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Another daemon has it.
    #[error("another daemon uses the store {}", .path.display())]
    Locked {
        /// The database.
        path: PathBuf,
        /// The holder's process id, unless it was just starting.
        pid: Option<u32>,
    },
    /// It was to be read, and is not there.
    #[error("there is no store at {}", .0.display())]
    Absent(PathBuf),
    /// A file or folder cannot be used.
    #[error("{} cannot be used", .path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The file is something else.
    #[error("{} is not a store of Gangline", .0.display())]
    Foreign(PathBuf),
    /// A newer program has used it.
    #[error("{} has schema {found}; this program knows schemas up to {NEWEST}", .path.display())]
    TooNew {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: u32,
    },
    /// An older program has used it, and it may only be read.
    #[error("{} has schema {found}, which must be migrated first", .path.display())]
    TooOld {
        /// The database.
        path: PathBuf,
        /// Its schema.
        found: u32,
    },
    /// The file is damaged.
    #[error("{} is damaged: {what}", .path.display())]
    Corrupt {
        /// The database.
        path: PathBuf,
        /// How.
        what: String,
    },
    /// No space is left.
    #[error("the disk of {} is full", .path.display())]
    DiskFull {
        /// The database.
        path: PathBuf,
        /// What failed.
        #[source]
        source: sqlx::Error,
    },
    /// The backup before a migration could not be made, so nothing was migrated.
    #[error("no backup of {} could be made before its migration", .path.display())]
    Backup {
        /// The database.
        path: PathBuf,
        /// Why.
        #[source]
        source: BackupError,
    },
    /// The events cannot be folded into the rows that this program needs.
    #[error("the events of {} cannot be replayed: {why}", .path.display())]
    Replay {
        /// The database.
        path: PathBuf,
        /// Which event, and why.
        why: String,
    },
    /// It may work later.
    #[error("{} cannot be opened", .path.display())]
    Unavailable {
        /// The database.
        path: PathBuf,
        /// Why.
        #[source]
        source: sqlx::Error,
    },
}

impl OpenError {
    /// What the person can do about it.
    pub fn hint(&self) -> String {
        match self {
            Self::Locked { pid: Some(pid), .. } => {
                format!("use the daemon that runs (process {pid}), or stop it first")
            }
            Self::Locked { pid: None, .. } => "use the daemon that runs, or stop it first".into(),
            Self::Absent(_) => "`gangline up` makes it".into(),
            Self::Io { .. } | Self::Unavailable { .. } => {
                "see that folder and file are yours to read and write, and try again".into()
            }
            Self::Foreign(path) => {
                format!("move {} away, or choose another state folder", path.display())
            }
            Self::TooNew { .. } => "use the newer program again".into(),
            Self::TooOld { .. } => "start the daemon once: it migrates the store".into(),
            Self::Corrupt { .. } | Self::Replay { .. } => {
                "gangline doctor, which names the backup to restore".into()
            }
            Self::DiskFull { .. } | Self::Backup { .. } => "make space, and try again".into(),
        }
    }
}

/// What an open store is made of.
pub(super) struct Opened {
    pub(super) path: PathBuf,
    pub(super) readers: SqlitePool,
    pub(super) writer: Option<Leading>,
}

/// What only the one daemon has.
#[derive(Debug)]
pub(super) struct Leading {
    pub(super) writer: Writer,
    pub(super) ballast: Ballast,
    /// Given back last: see the order of fields.
    pub(super) _lock: Lock,
}

/// Opens the store for the daemon.
pub(super) async fn open(path: &Path, options: &SqliteOptions) -> Result<Opened, OpenError> {
    let path = resolved(path)?;
    let at = At(&path);
    let lock = Lock::take(&beside(&path, ".lock")).map_err(|error| at.lock(error))?;
    restore::finish(&path).map_err(|source| OpenError::Io { path: path.clone(), source })?;
    let ballast = Ballast::new(beside(&path, ".ballast"), options.ballast_mib);
    let connected = match connect(&at, options).await {
        // A daemon that was ended on a full disk must be able to start on it: this is what the
        // space was held back for.
        Err(full @ OpenError::DiskFull { .. }) => {
            tracing::warn!("the disk is full: the space that was held back is freed");
            match ballast.release() {
                Ok(()) => connect(&at, options).await,
                Err(_) => Err(full),
            }
        }
        other => other,
    };
    let (writer, readers) = connected?;
    match ballast.hold() {
        Ok(BallastState::Held | BallastState::Unwanted) => {}
        Ok(BallastState::TooLittleSpace { free_bytes }) => {
            tracing::warn!(free_bytes, "too little space to hold some back for a full disk");
        }
        Err(error) => tracing::warn!(%error, "no space is held back for a full disk"),
    }
    Ok(Opened { readers, writer: Some(Leading { writer, ballast, _lock: lock }), path })
}

/// Makes the file if need be, brings it up to date, and connects to it.
async fn connect(at: &At<'_>, options: &SqliteOptions) -> Result<(Writer, SqlitePool), OpenError> {
    if !at.0.exists() {
        create(at.0).map_err(|source| OpenError::Io { path: at.0.to_owned(), source })?;
    }
    let plain = connect_options(at.0, options);
    // Nothing is changed before it is known whose file it is: not even its journal mode.
    let found = inspect(at, &plain).await?;
    if found == Found::Foreign {
        return Err(OpenError::Foreign(at.0.to_owned()));
    }
    let writing = plain
        .clone()
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .pragma("journal_size_limit", WAL_BYTES_MAX.to_string());
    let mut connection = writing.connect().await.map_err(|error| at.database(error))?;
    bring_up_to_date(at, found, &mut connection, &plain).await?;
    let reading = plain.pragma("query_only", "ON");
    let readers = pool(reading, options).await.map_err(|error| at.database(error))?;
    Ok((Writer::new(writing, connection), readers))
}

/// Opens the store to look at it, beside a daemon or without one.
pub(super) async fn open_read_only(
    path: &Path,
    options: &SqliteOptions,
) -> Result<Opened, OpenError> {
    let path = resolved(path)?;
    if !path.exists() {
        return Err(OpenError::Absent(path));
    }
    let at = At(&path);
    let reading = connect_options(&path, options).read_only(true);
    match inspect(&at, &reading).await? {
        Found::Schema(NEWEST) => {}
        Found::Schema(found) => return Err(OpenError::TooOld { path, found }),
        Found::Empty | Found::Foreign => return Err(OpenError::Foreign(path)),
    }
    let readers = pool(reading, options).await.map_err(|error| at.database(error))?;
    Ok(Opened { path, readers, writer: None })
}

fn connect_options(path: &Path, options: &SqliteOptions) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(Duration::from_millis(options.busy_ms_max))
        .foreign_keys(true)
        .disable_statement_logging()
}

async fn pool(
    reading: SqliteConnectOptions,
    options: &SqliteOptions,
) -> Result<SqlitePool, sqlx::Error> {
    SqlitePoolOptions::new().max_connections(options.readers_max).connect_with(reading).await
}

/// Looks at a file that may be anything.
async fn inspect(at: &At<'_>, options: &SqliteConnectOptions) -> Result<Found, OpenError> {
    let mut connection = options.connect().await.map_err(|error| at.database(error))?;
    let found = look(&mut connection).await.map_err(|error| at.database(error))?;
    match found {
        Found::Schema(schema) if schema > NEWEST => {
            return Err(OpenError::TooNew { path: at.0.to_owned(), found: schema });
        }
        Found::Schema(_) => check(at, &mut connection).await?,
        Found::Empty | Found::Foreign => {}
    }
    connection.close().await.map_err(|error| at.database(error))?;
    Ok(found)
}

/// Whether the file is whole, as far as can be told quickly.
async fn check(at: &At<'_>, connection: &mut SqliteConnection) -> Result<(), OpenError> {
    let small = std::fs::metadata(at.0).is_ok_and(|file| file.len() <= CHECKED_BYTES_MAX);
    if small {
        let found = damage(connection, Depth::Quick).await.map_err(|error| at.database(error))?;
        if let Some(first) = found.first() {
            return Err(at.corrupt(first));
        }
    }
    let ends = "SELECT meta.seq, coalesce((SELECT max(seq) FROM events), 0) \
                FROM meta WHERE id = 1";
    let (known, last): (i64, i64) =
        sqlx::query_as(ends).fetch_one(connection).await.map_err(|error| at.database(error))?;
    if known == last {
        return Ok(());
    }
    Err(at.corrupt(&format!("its last event is {last}, but it should be {known}")))
}

async fn bring_up_to_date(
    at: &At<'_>,
    found: Found,
    connection: &mut SqliteConnection,
    plain: &SqliteConnectOptions,
) -> Result<(), OpenError> {
    let from = if let Found::Schema(from) = found { from } else { 0 };
    if from > 0 {
        let present = facts(connection).await.map_err(|error| at.database(error))?;
        if from < NEWEST || present.rows != i64::from(ROWS_VERSION) {
            let made = before_migration(at.0, plain, (NEWEST, present)).await;
            made.map_err(|source| OpenError::Backup { path: at.0.to_owned(), source })?;
        }
    }
    migrate(connection, from).await.map_err(|error| at.database(error))?;
    match if_outdated(connection).await {
        Ok(()) => Ok(()),
        Err(RebuildError::Database(error)) => Err(at.database(error)),
        Err(RebuildError::Replay(error)) => {
            Err(OpenError::Replay { path: at.0.to_owned(), why: error.to_string() })
        }
    }
}

/// Errors about one file.
struct At<'a>(&'a Path);

impl At<'_> {
    fn database(&self, source: sqlx::Error) -> OpenError {
        let path = self.0.to_owned();
        match fault(&source, self.0.parent().unwrap_or(Path::new("/"))) {
            Fault::Full => OpenError::DiskFull { path, source },
            Fault::Corrupt => self.corrupt(&said(&source)),
            Fault::NotADatabase => OpenError::Foreign(path),
            Fault::Busy | Fault::Other => OpenError::Unavailable { path, source },
        }
    }

    fn corrupt(&self, what: &str) -> OpenError {
        OpenError::Corrupt { path: self.0.to_owned(), what: what.to_owned() }
    }

    fn lock(&self, error: LockError) -> OpenError {
        match error {
            LockError::Held { pid, .. } => OpenError::Locked { path: self.0.to_owned(), pid },
            LockError::Io { path, source } => OpenError::Io { path, source },
        }
    }
}

/// One name per file, so that two names of it do not have a lock each.
pub(super) fn resolved(path: &Path) -> Result<PathBuf, OpenError> {
    let io = |source| OpenError::Io { path: path.to_owned(), source };
    if let Ok(whole) = path.canonicalize() {
        return Ok(whole);
    }
    let name = path.file_name().ok_or_else(|| io(io::ErrorKind::InvalidFilename.into()))?;
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        Some(_) | None => Path::new("."),
    };
    Ok(folder.canonicalize().map_err(io)?.join(name))
}

pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// An empty file that nobody else can read: tickets may speak of secrets. SQLite gives the files
/// beside it the same permissions.
fn create(path: &Path) -> io::Result<()> {
    // Only a new file is ever opened by us. To open and close one that SQLite has open would
    // silently end its locks, as the system ties them to the process.
    File::options().write(true).create_new(true).mode(0o600).open(path)?;
    sync_folder_of(path)
}
