//! Rows made anew from the events.

use std::sync::Arc;

use gangline_ports::store::StoreError;
use sqlx::{Connection, SqliteConnection};

use super::migrate::ROWS_VERSION;
use super::read::{self, ReadError};
use super::rows::{
    self, CircuitRow, DrainingNodeRow, NodeAlertsRow, ProjectRow, TicketRow, TokenRow, integer,
};
use crate::replay::{Fold, ReplayError};

/// Events that are read at once.
const EVENTS_PER_PAGE: u32 = 1_000;

/// Why the rows could not be made anew. They are as they were.
#[derive(Debug, thiserror::Error)]
pub(super) enum RebuildError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Replay(#[from] ReplayError),
}

impl From<ReadError> for RebuildError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Database(error) => Self::Database(error),
            ReadError::Kept(error) => Self::Replay(error.into()),
        }
    }
}

/// Folds all rows anew when those in the store have another version than this program's.
pub(super) async fn if_outdated(connection: &mut SqliteConnection) -> Result<(), RebuildError> {
    let version = "SELECT rows FROM meta WHERE id = 1";
    let version: i64 = sqlx::query_scalar(version).fetch_one(&mut *connection).await?;
    if version == i64::from(ROWS_VERSION) {
        return Ok(());
    }
    let events = rebuild(connection).await?;
    tracing::info!(events, from = version, to = ROWS_VERSION, "the store's rows were folded anew");
    Ok(())
}

/// Replaces all rows by the fold of all events, in one transaction; says how many events there are.
pub(super) async fn rebuild(connection: &mut SqliteConnection) -> Result<u64, RebuildError> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    for table in [
        "DELETE FROM projects",
        "DELETE FROM tickets",
        "DELETE FROM circuits",
        "DELETE FROM node_alerts",
        "DELETE FROM draining_nodes",
        "DELETE FROM tokens",
    ] {
        sqlx::query(table).execute(&mut *transaction).await?;
    }
    let mut fold = Fold::default();
    loop {
        let page = read::events(&mut transaction, fold.board.seq, EVENTS_PER_PAGE).await?;
        if page.is_empty() {
            break;
        }
        let mut closed = Vec::new();
        for event in page {
            closed.extend(fold.apply(&event)?);
        }
        let how = |ticket: gangline_domain::ticket::Ticket| {
            let how = fold.board.closed.get(&ticket.id).cloned();
            TicketRow::from((ticket, how))
        };
        rows::write(&mut transaction, closed.into_iter().map(how).collect()).await?;
    }
    let board = fold.board;
    let live = board.tickets.into_values().map(Arc::unwrap_or_clone);
    let live = live.map(|ticket| TicketRow::from((ticket, None)));
    rows::write(&mut transaction, live.collect()).await?;
    let projects = board.projects.into_values().map(ProjectRow::from);
    rows::write(&mut transaction, projects.collect()).await?;
    let circuit = |(kind, why)| CircuitRow { kind: String::from(kind), why };
    rows::write(&mut transaction, board.circuits.into_iter().map(circuit).collect()).await?;
    let alerts = board.node_alerts.into_iter().map(NodeAlertsRow::from);
    rows::write(&mut transaction, alerts.collect()).await?;
    let draining = board.draining.into_iter().map(DrainingNodeRow::from);
    rows::write(&mut transaction, draining.collect()).await?;
    let tokens = board.tokens.into_values().map(TokenRow::from);
    rows::write(&mut transaction, tokens.collect()).await?;
    sqlx::query("UPDATE meta SET rows = $1, seq = $2, fences = $3 WHERE id = 1")
        .bind(i64::from(ROWS_VERSION))
        .bind(integer(board.seq))
        .bind(integer(board.fences))
        .execute(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok(board.seq)
}

impl From<RebuildError> for StoreError {
    fn from(error: RebuildError) -> Self {
        match error {
            RebuildError::Database(error) => Self::Unavailable(error.into()),
            RebuildError::Replay(ReplayError::Store(error)) => error,
            RebuildError::Replay(error) => Self::Corrupt(error.to_string()),
        }
    }
}
