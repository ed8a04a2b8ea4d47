//! The one writing connection: commits, all or nothing.

use std::path::Path;

use gangline_ports::store::{Batch, CommitError, StoreError};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tokio::sync::{Mutex, MutexGuard};

use super::fault::{at_commit, before_commit, store_error};
use super::rows::{
    self, CircuitRow, DrainingNodeRow, EventRow, NodeAlertsRow, ProjectRow, TicketRow, TokenRow,
    integer,
};

/// Writes, one transaction at a time.
#[derive(Debug)]
pub(super) struct Writer {
    pub(super) options: SqliteConnectOptions,
    /// Empty while a transaction is under way, and after one that did not end in order: the next
    /// one then begins with a new connection, which knows nothing but what is in the file.
    pub(super) connection: Mutex<Option<SqliteConnection>>,
}

impl Writer {
    pub(super) fn new(options: SqliteConnectOptions, connection: SqliteConnection) -> Self {
        Self { options, connection: Mutex::new(Some(connection)) }
    }

    pub(super) async fn lead(&self, folder: &Path) -> Result<u64, StoreError> {
        let unavailable = |error| store_error(error, folder);
        let mut turn = self.begin().await.map_err(unavailable)?;
        match raise_epoch(&mut turn.connection).await {
            Ok(epoch) => {
                // A commit that is not known to have happened has taken a number at most.
                turn.commit().await.map_err(unavailable)?;
                u64::try_from(epoch).map_err(|_| StoreError::Corrupt(format!("epoch {epoch}")))
            }
            Err(error) => {
                turn.undo().await;
                Err(unavailable(error))
            }
        }
    }

    pub(super) async fn commit(&self, batch: Batch, folder: &Path) -> Result<(), CommitError> {
        let prepared = Prepared::new(batch)?;
        let mut turn = self.begin().await.map_err(|error| before_commit(error, folder))?;
        match prepared.write(&mut turn.connection).await {
            Ok(()) => turn.commit().await.map_err(|error| at_commit(error, folder)),
            Err(Failed::Refused(refusal)) => {
                turn.undo().await;
                Err(refusal)
            }
            Err(Failed::Database(error)) => {
                turn.undo().await;
                Err(before_commit(error, folder))
            }
        }
    }

    async fn begin(&self) -> Result<Turn<'_>, sqlx::Error> {
        let mut slot = self.connection.lock().await;
        // It is taken out for the whole transaction: a caller that goes away in the middle drops
        // the connection, and with it what was not committed.
        let mut connection = match slot.take() {
            Some(connection) => connection,
            None => self.options.connect().await?,
        };
        // The lock is taken at once, so that no writer comes between the look and the leap.
        sqlx::query("BEGIN IMMEDIATE").execute(&mut connection).await?;
        Ok(Turn { slot, connection })
    }

    /// Closes the connection, when it is idle or as soon as it is.
    pub(super) async fn close(&self) -> Result<(), sqlx::Error> {
        match self.connection.lock().await.take() {
            Some(connection) => connection.close().await,
            None => Ok(()),
        }
    }
}

/// A transaction under way. Dropped, it is undone, and its connection is closed.
struct Turn<'a> {
    slot: MutexGuard<'a, Option<SqliteConnection>>,
    connection: SqliteConnection,
}

impl Turn<'_> {
    async fn commit(mut self) -> Result<(), sqlx::Error> {
        sqlx::query("COMMIT").execute(&mut self.connection).await?;
        *self.slot = Some(self.connection);
        Ok(())
    }

    async fn undo(mut self) {
        // Some failures have already undone the transaction. The connection is then given up
        // rather than guessed about.
        match sqlx::query("ROLLBACK").execute(&mut self.connection).await {
            Ok(_) => *self.slot = Some(self.connection),
            Err(error) => tracing::debug!(%error, "the writing connection is given up"),
        }
    }
}

async fn raise_epoch(connection: &mut SqliteConnection) -> Result<i64, sqlx::Error> {
    let raise = "UPDATE meta SET epoch = epoch + 1 WHERE id = 1";
    sqlx::query(raise).execute(&mut *connection).await?;
    sqlx::query_scalar("SELECT epoch FROM meta WHERE id = 1").fetch_one(connection).await
}

enum Failed {
    Refused(CommitError),
    Database(sqlx::Error),
}

impl From<sqlx::Error> for Failed {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// A batch turned into rows, before any lock is taken.
struct Prepared {
    epoch: u64,
    /// The event that must be the store's last.
    after: Option<u64>,
    last: u64,
    fences: u64,
    events: Vec<EventRow>,
    projects: Vec<ProjectRow>,
    removed_projects: Vec<String>,
    tickets: Vec<TicketRow>,
    circuits: Option<Vec<CircuitRow>>,
    node_alerts: Option<Vec<NodeAlertsRow>>,
    draining: Option<Vec<DrainingNodeRow>>,
    tokens: Option<Vec<TokenRow>>,
}

impl Prepared {
    fn new(batch: Batch) -> Result<Self, CommitError> {
        for pair in batch.events.windows(2) {
            if pair[1].seq != pair[0].seq + 1 {
                return Err(CommitError::Gap { first: pair[1].seq, last: pair[0].seq });
            }
        }
        let rows = batch.rows;
        let circuit = |(kind, why)| CircuitRow { kind: String::from(kind), why };
        Ok(Self {
            epoch: batch.epoch,
            after: batch.events.first().map(|first| first.seq.saturating_sub(1)),
            last: batch.events.last().map_or(0, |last| last.seq),
            fences: rows.fences,
            events: batch.events.into_iter().map(EventRow::from).collect(),
            projects: rows.projects.into_iter().map(ProjectRow::from).collect(),
            removed_projects: rows.removed_projects.into_iter().map(String::from).collect(),
            tickets: rows.tickets.into_iter().map(TicketRow::from).collect(),
            circuits: rows.circuits.map(|all| all.into_iter().map(circuit).collect()),
            node_alerts: rows
                .node_alerts
                .map(|all| all.into_iter().map(NodeAlertsRow::from).collect()),
            draining: rows.draining.map(|all| all.into_iter().map(DrainingNodeRow::from).collect()),
            tokens: rows.tokens.map(|all| all.into_iter().map(TokenRow::from).collect()),
        })
    }

    async fn write(self, connection: &mut SqliteConnection) -> Result<(), Failed> {
        self.advance(connection).await?;
        rows::write(connection, self.events).await?;
        for project in self.removed_projects {
            let remove = sqlx::query("DELETE FROM projects WHERE id = $1");
            remove.bind(project).execute(&mut *connection).await?;
        }
        rows::write(connection, self.projects).await?;
        rows::write(connection, self.tickets).await?;
        if let Some(circuits) = self.circuits {
            sqlx::query("DELETE FROM circuits").execute(&mut *connection).await?;
            rows::write(connection, circuits).await?;
        }
        if let Some(node_alerts) = self.node_alerts {
            sqlx::query("DELETE FROM node_alerts").execute(&mut *connection).await?;
            rows::write(connection, node_alerts).await?;
        }
        if let Some(draining) = self.draining {
            sqlx::query("DELETE FROM draining_nodes").execute(&mut *connection).await?;
            rows::write(connection, draining).await?;
        }
        if let Some(tokens) = self.tokens {
            sqlx::query("DELETE FROM tokens").execute(&mut *connection).await?;
            rows::write(connection, tokens).await?;
        }
        Ok(())
    }

    /// Moves the store on if this leader leads and the batch follows the last event. The row is
    /// read in the transaction each time: nothing that this process remembers is believed.
    async fn advance(&self, connection: &mut SqliteConnection) -> Result<(), Failed> {
        let meta = "SELECT epoch, seq FROM meta WHERE id = 1";
        let (epoch, seq): (i64, i64) = sqlx::query_as(meta).fetch_one(&mut *connection).await?;
        let ours = integer(self.epoch);
        if epoch != ours {
            let current = u64::try_from(epoch).unwrap_or_default();
            return Err(Failed::Refused(CommitError::StaleEpoch { ours: self.epoch, current }));
        }
        if let Some(after) = self.after
            && integer(after) != seq
        {
            let last = u64::try_from(seq).unwrap_or_default();
            return Err(Failed::Refused(CommitError::Gap { first: after + 1, last }));
        }
        // The condition is in the statement as well, for a database with more than one writer.
        let advance = sqlx::query(
            "UPDATE meta SET seq = $1, fences = $2 WHERE id = 1 AND epoch = $3 AND seq = $4",
        )
        .bind(if self.after.is_some() { integer(self.last) } else { seq })
        .bind(integer(self.fences))
        .bind(ours)
        .bind(seq)
        .execute(&mut *connection)
        .await?;
        assert_eq!(advance.rows_affected(), 1, "BUG: the lock on the meta row was not held");
        Ok(())
    }
}
