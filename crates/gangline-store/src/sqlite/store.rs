//! The port's adapter.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use gangline_domain::board::BoardRows;
use gangline_domain::event::Recorded;
use gangline_domain::ids::{ProjectId, TicketId};
use gangline_domain::ticket::Ticket;
use gangline_ports::store::{Batch, ClosedPlace, CommitError, StoreError};
use gangline_ports::{Past, Store};
use sqlx::SqlitePool;
use sqlx::sqlite::SqliteConnectOptions;

use super::backups::{Backup, add_backup};
use super::ballast::BallastState;
use super::fault::store_error;
use super::open::{Leading, OpenError, Opened, SqliteOptions, open, open_read_only};
use super::read::{self, ReadError};
use super::upkeep::{BackupError, Depth, backup, damage};

/// Everything in one file. See [the module](crate::sqlite) for what survives what.
pub struct SqliteStore {
    readers: SqlitePool,
    /// Absent in a store that was opened only to be read.
    pub(super) writer: Option<Leading>,
    path: PathBuf,
    folder: PathBuf,
}

/// The store was opened only to be read.
#[derive(Debug, thiserror::Error)]
#[error("the store was opened only to be read")]
struct ReadOnly;

impl SqliteStore {
    /// Opens the store at `path`, or makes it, and keeps every other daemon out for as long as
    /// it lives. The folder exists. Must be awaited within a tokio runtime with time enabled.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_with(path, &SqliteOptions::default()).await
    }

    /// As [`SqliteStore::open`], with other bounds.
    pub async fn open_with(path: &Path, options: &SqliteOptions) -> Result<Self, OpenError> {
        open(path, options).await.map(Self::new)
    }

    /// Opens a store to look at it, also beside the daemon that uses it. It cannot lead or commit:
    /// both fail as unavailable.
    pub async fn open_read_only(path: &Path) -> Result<Self, OpenError> {
        open_read_only(path, &SqliteOptions::default()).await.map(Self::new)
    }

    fn new(opened: Opened) -> Self {
        let folder = opened.path.parent().unwrap_or(Path::new("/")).to_owned();
        Self { readers: opened.readers, writer: opened.writer, path: opened.path, folder }
    }

    /// The database's file, under the one name that does not depend on where we are.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Ends all connections in order, which copies the `-wal` file into the database, and then
    /// lets the next daemon in.
    pub async fn close(self) -> Result<(), StoreError> {
        self.readers.close().await;
        match &self.writer {
            Some(leading) => leading.writer.close().await.map_err(|error| self.error(error)),
            None => Ok(()),
        }
    }

    /// Writes a whole copy to `to`, which does not exist yet. Commits go on meanwhile.
    pub async fn backup(&self, to: &Path) -> Result<(), BackupError> {
        backup(&self.copying(), to).await
    }

    /// Makes a backup among those in the folder beside the database, and removes old ones so that
    /// `max` stay. Commits go on meanwhile. Only the daemon's own store may.
    pub async fn add_backup(&self, max: u32) -> Result<Backup, BackupError> {
        add_backup(&self.path, &self.copying(), max).await
    }

    fn copying(&self) -> SqliteConnectOptions {
        let options = self.readers.connect_options().as_ref().clone();
        options.pragma("query_only", "OFF")
    }

    /// Looks at every page and every index; says what is wrong, or nothing.
    pub async fn integrity_check(&self) -> Result<Vec<String>, StoreError> {
        let mut connection = self.readers.acquire().await.map_err(|error| self.error(error))?;
        let found = damage(&mut connection, Depth::Whole).await;
        found.map_err(|error| self.error(error))
    }

    /// Holds space back again, which a commit on a full disk has freed, once there is enough of it.
    /// To be asked from time to time; it
    /// takes a few milliseconds when there is something to do, or more on a filesystem on which
    /// space can only be had by writing.
    pub async fn renew_ballast(&self) -> io::Result<BallastState> {
        let Some(leading) = &self.writer else { return Ok(BallastState::Unwanted) };
        let ballast = leading.ballast.clone();
        tokio::task::spawn_blocking(move || ballast.hold()).await.map_err(io::Error::other)?
    }

    fn leading(&self) -> Option<&Leading> {
        self.writer.as_ref()
    }

    fn error(&self, error: sqlx::Error) -> StoreError {
        store_error(error, &self.folder)
    }

    fn read_error(&self, error: ReadError) -> StoreError {
        match error {
            ReadError::Database(error) => self.error(error),
            ReadError::Kept(error) => error,
        }
    }

    async fn reader(&self) -> Result<sqlx::pool::PoolConnection<sqlx::Sqlite>, StoreError> {
        self.readers.acquire().await.map_err(|error| self.error(error))
    }
}

impl fmt::Debug for SqliteStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteStore").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Store for SqliteStore {
    async fn lead(&self) -> Result<u64, StoreError> {
        let leading = self.leading().ok_or_else(|| StoreError::Unavailable(ReadOnly.into()))?;
        leading.writer.lead(&self.folder).await
    }

    async fn load(&self) -> Result<BoardRows, StoreError> {
        let mut transaction = self.readers.begin().await.map_err(|error| self.error(error))?;
        let rows = read::board(&mut transaction).await.map_err(|error| self.read_error(error));
        transaction.rollback().await.map_err(|error| self.error(error))?;
        rows
    }

    async fn commit(&self, batch: Batch) -> Result<(), CommitError> {
        let leading = self.leading().ok_or_else(|| CommitError::Unavailable(ReadOnly.into()))?;
        let committed = leading.writer.commit(batch, &self.folder).await;
        if matches!(committed, Err(CommitError::DiskFull(_))) {
            // What comes next, such as how a job ended, finds room.
            match leading.ballast.release() {
                Ok(()) => tracing::warn!("the disk is full: space that was held back is freed"),
                Err(error) => tracing::error!(%error, "the space held back cannot be freed"),
            }
        }
        committed
    }
}

impl Past for SqliteStore {
    async fn events(&self, after: u64, limit: u32) -> Result<Vec<Recorded>, StoreError> {
        let mut reader = self.reader().await?;
        let events = read::events(&mut reader, after, limit).await;
        events.map_err(|error| self.read_error(error))
    }

    async fn events_of(
        &self,
        ticket: &TicketId,
        after: u64,
        limit: u32,
    ) -> Result<Vec<Recorded>, StoreError> {
        let mut reader = self.reader().await?;
        let events = read::events_of(&mut reader, ticket, after, limit).await;
        events.map_err(|error| self.read_error(error))
    }

    async fn ticket(&self, ticket: &TicketId) -> Result<Option<Ticket>, StoreError> {
        let mut reader = self.reader().await?;
        read::ticket(&mut reader, ticket).await.map_err(|error| self.read_error(error))
    }

    async fn closed_tickets(
        &self,
        project: &ProjectId,
        after: Option<&ClosedPlace>,
        limit: u32,
    ) -> Result<Vec<Ticket>, StoreError> {
        let mut reader = self.reader().await?;
        let closed = read::closed_tickets(&mut reader, project, after, limit).await;
        closed.map_err(|error| self.read_error(error))
    }
}
