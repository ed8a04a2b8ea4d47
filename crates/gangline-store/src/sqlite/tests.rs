use std::path::Path;

use gangline_domain::board::Board;
use gangline_ports::store::conformance::{History, RawEvent};
use gangline_ports::{Past as _, Store};
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection, SqliteConnection};
use tempfile::TempDir;

use super::{SqliteOptions, SqliteStore};

mod backups;
mod commits;
mod damage;
mod full;
mod migrations;
mod opening;
mod power;

/// As tests want it: no space held back, and no waiting for others.
fn options() -> SqliteOptions {
    SqliteOptions { ballast_mib: 0, busy_ms_max: 200, readers_max: 2 }
}

async fn opened(path: &Path) -> SqliteStore {
    SqliteStore::open_with(path, &options()).await.unwrap()
}

async fn fresh() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (opened(&folder.path().join("gangline.db")).await, folder)
}

/// A connection that knows nothing of the store's rules.
async fn raw(path: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(path).disable_statement_logging().connect().await.unwrap()
}

async fn tamper(path: &Path, text: &'static str) {
    let mut connection = raw(path).await;
    sqlx::raw_sql(text).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// A store that some batches were written to, with the history that knows what is in it.
async fn written(seed: u64, batches: u32, events: usize) -> (SqliteStore, TempDir, History, u64) {
    let (store, folder) = fresh().await;
    let epoch = store.lead().await.unwrap();
    let mut history = History::new(seed);
    for _ in 0..batches {
        store.commit(history.batch(epoch, events)).await.unwrap();
    }
    (store, folder, history, epoch)
}

async fn assert_holds(store: &SqliteStore, expected: &Board) {
    let loaded = Board::from_rows(store.load().await.unwrap());
    assert_eq!(loaded.seq, expected.seq);
    assert!(loaded.same_as(expected), "the rows are not those of event {}", expected.seq);
    let events = store.events(0, u32::MAX).await.unwrap();
    assert_eq!(events.len() as u64, expected.seq);
}

gangline_ports::store_conformance!(fresh().await, write_raw = write_raw, damage = damage);

/// The table of events begins at a page that is not there. The version of the schema is raised, so
/// that nobody goes on with what they remember.
async fn damage(store: &SqliteStore) {
    tamper(
        store.path(),
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET rootpage = 99999 WHERE name = 'events';
         PRAGMA schema_version = 4711;",
    )
    .await;
}

async fn write_raw(store: &SqliteStore, raw_event: RawEvent) {
    let mut connection = raw(store.path()).await;
    let mut transaction = connection.begin().await.unwrap();
    let event = "INSERT INTO events (seq, epoch, at_us, project, ticket, actor, type, version, body) \
                 VALUES ($1, $2, $3, $4, $5, '\"gangline\"', $6, $7, $8)";
    sqlx::query(event)
        .bind(i64::try_from(raw_event.seq).unwrap())
        .bind(i64::try_from(raw_event.epoch).unwrap())
        .bind(raw_event.at.0)
        .bind(raw_event.ticket.project.to_string())
        .bind(raw_event.ticket.to_string())
        .bind(raw_event.type_name)
        .bind(i64::from(raw_event.version))
        .bind(raw_event.body)
        .execute(&mut *transaction)
        .await
        .unwrap();
    let last = "UPDATE meta SET seq = seq + 1 WHERE id = 1";
    sqlx::query(last).execute(&mut *transaction).await.unwrap();
    transaction.commit().await.unwrap();
}
