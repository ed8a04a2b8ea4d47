//! Making a backup, and looking for damage.

use std::fs::File;
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};

use super::fault::{Fault, fault, said};
use super::migrate::{Found, look};
use super::rows::integer;

/// Findings after which a check goes no further.
const FINDINGS_MAX: usize = 100;

/// Why there is no backup. What was there before is untouched.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A backup never replaces anything.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// No space is left.
    #[error("the disk is full")]
    DiskFull(#[source] sqlx::Error),
    /// It would leave too little space to those who commit, so it was not begun.
    #[error("a backup of {needed_bytes} bytes would leave too little of {free_bytes} free ones")]
    TooLittleSpace {
        /// What it may need.
        needed_bytes: u64,
        /// What is free to us.
        free_bytes: u64,
    },
    /// The copy is not whole, and so is not kept, or not used.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// The database could not be read, or the copy not written.
    #[error("the database could not be copied")]
    Copy(#[source] sqlx::Error),
    /// The copy could not be made to last under its name.
    #[error("{} could not be kept", .path.display())]
    Io {
        /// The backup's file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Writes a whole, compact copy of the database to `to`. Others may read and write meanwhile.
pub(super) async fn backup(options: &SqliteConnectOptions, to: &Path) -> Result<(), BackupError> {
    let io = |source| BackupError::Io { path: to.to_owned(), source };
    if to.try_exists().map_err(io)? {
        return Err(BackupError::Exists(to.to_owned()));
    }
    // Under another name first: what bears a backup's name is whole and on the disk.
    let mut partial = to.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let written = match write_partial(options, &partial).await {
        // What is damaged is copied faithfully, and must not push out a backup that is whole.
        Ok(()) => examine(&partial, Depth::Quick).await.map(drop),
        Err(error) => Err(error),
    };
    let kept = written.and_then(|()| keep(&partial, to).map_err(io));
    if kept.is_err()
        && let Err(error) = std::fs::remove_file(&partial)
    {
        tracing::debug!(%error, "no partial backup to remove");
    }
    kept
}

async fn write_partial(options: &SqliteConnectOptions, partial: &Path) -> Result<(), BackupError> {
    let folder = partial.parent().unwrap_or(Path::new("/"));
    let copy = |error| match fault(&error, folder) {
        Fault::Full => BackupError::DiskFull(error),
        Fault::Corrupt | Fault::NotADatabase | Fault::Busy | Fault::Other => {
            BackupError::Copy(error)
        }
    };
    // SQLite writes into an empty file, and keeps its permissions.
    let mut private = File::options();
    private.write(true).create(true).truncate(true).mode(0o600);
    let made = private.open(partial).map(drop);
    made.map_err(|source| BackupError::Io { path: partial.to_owned(), source })?;
    let name = partial.to_string_lossy().into_owned();
    let mut connection = options.connect().await.map_err(copy)?;
    let vacuumed = sqlx::query("VACUUM INTO $1").bind(name).execute(&mut connection).await;
    vacuumed.map(drop).map_err(copy)?;
    connection.close().await.map_err(copy)
}

/// What a whole store that nobody writes to is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    pub(super) schema: u32,
    pub(super) rows: i64,
    pub(super) epoch: u64,
    pub(super) seq: u64,
}

/// Looks at a file that nobody writes to, such as a backup, and leaves nothing beside it.
pub(super) async fn examine(path: &Path, depth: Depth) -> Result<Facts, BackupError> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .read_only(true)
        .immutable(true)
        .disable_statement_logging();
    let found = async {
        let mut connection = options.connect().await?;
        let Found::Schema(_) = look(&mut connection).await? else { return Ok(None) };
        let wrong = damage(&mut connection, depth).await?;
        let facts = facts(&mut connection).await?;
        let last: i64 = sqlx::query_scalar("SELECT coalesce(max(seq), 0) FROM events")
            .fetch_one(&mut connection)
            .await?;
        connection.close().await?;
        Ok(Some((wrong, facts, last)))
    };
    match found.await.map_err(|error: sqlx::Error| BackupError::Damaged(said(&error)))? {
        None => Err(BackupError::Damaged("it is not a store of Gangline".to_owned())),
        Some((wrong, ..)) if !wrong.is_empty() => Err(BackupError::Damaged(wrong.join("; "))),
        Some((_, facts, last)) if integer(facts.seq) != last => Err(BackupError::Damaged(format!(
            "its last event is {last}, but it should be {}",
            facts.seq
        ))),
        Some((_, facts, _)) => Ok(facts),
    }
}

/// The row that says which store this is, and as of when.
pub(super) async fn facts(connection: &mut SqliteConnection) -> Result<Facts, sqlx::Error> {
    let meta = "SELECT schema, rows, epoch, seq FROM meta WHERE id = 1";
    let (schema, rows, epoch, seq): (u32, i64, i64, i64) =
        sqlx::query_as(meta).fetch_one(connection).await?;
    let counter = |n| u64::try_from(n).unwrap_or_default();
    Ok(Facts { schema, rows, epoch: counter(epoch), seq: counter(seq) })
}

/// SQLite does not sync such a copy itself.
pub(super) fn keep(partial: &Path, to: &Path) -> io::Result<()> {
    File::open(partial)?.sync_all()?;
    std::fs::rename(partial, to)?;
    sync_folder_of(to)
}

/// Makes a new name last.
pub(super) fn sync_folder_of(path: &Path) -> io::Result<()> {
    File::open(path.parent().unwrap_or(Path::new("/")))?.sync_all()
}

/// How thoroughly to look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// The structure of all pages.
    Quick,
    /// And that the indexes fit the tables.
    Whole,
}

/// What is wrong with the file, in SQLite's words; nothing, when it is whole.
pub(super) async fn damage(
    connection: &mut SqliteConnection,
    depth: Depth,
) -> Result<Vec<String>, sqlx::Error> {
    let check = match depth {
        Depth::Quick => "PRAGMA quick_check(100)",
        Depth::Whole => "PRAGMA integrity_check(100)",
    };
    let mut found: Vec<String> = sqlx::query_scalar(check).fetch_all(connection).await?;
    found.retain(|line| line != "ok");
    found.truncate(FINDINGS_MAX);
    Ok(found)
}
