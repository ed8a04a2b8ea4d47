//! The schema's versions, and the way from each to the next.

use sqlx::{Connection, SqliteConnection};

/// All migrations, oldest first; the version is the place in the list, from 1. Each has a fixture:
/// a database as it was right after it, which must open under the newest schema.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("../../migrations/sqlite/0001_first.sql"),
    include_str!("../../migrations/sqlite/0002_tokens.sql"),
    include_str!("../../migrations/sqlite/0003_node_alerts.sql"),
    include_str!("../../migrations/sqlite/0004_draining_nodes.sql"),
];

/// The schema of this program.
pub(super) const NEWEST: u32 = {
    assert!(MIGRATIONS.len() < 10_000);
    #[expect(clippy::cast_possible_truncation, reason = "asserted to be small")]
    let newest = MIGRATIONS.len() as u32;
    newest
};

/// The version of the bodies of projects and tickets. When the shape of such a type changes, or what
/// an event makes of it, so does this number, and rows of another version are folded anew from the
/// events.
pub(super) const ROWS_VERSION: u32 = 4;

/// `"GNGL"`, which the first migration writes into the file's header.
const APPLICATION_ID: i64 = 0x474E_474C;

/// What a file turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// No table at all.
    Empty,
    /// Another program's database.
    Foreign,
    /// A store of this schema.
    Schema(u32),
}

/// Looks, and changes nothing.
pub(super) async fn look(connection: &mut SqliteConnection) -> Result<Found, sqlx::Error> {
    let id: i64 = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    let tables: i64 = sqlx::query_scalar("SELECT count(*) FROM sqlite_schema")
        .fetch_one(&mut *connection)
        .await?;
    match (id, tables) {
        (APPLICATION_ID, 1..) => {
            let schema = "SELECT schema FROM meta WHERE id = 1";
            let schema: u32 = sqlx::query_scalar(schema).fetch_one(connection).await?;
            Ok(Found::Schema(schema))
        }
        (0, 0) => Ok(Found::Empty),
        _other => Ok(Found::Foreign),
    }
}

/// Applies all migrations after `from`, each in a transaction of its own.
pub(super) async fn migrate(
    connection: &mut SqliteConnection,
    from: u32,
) -> Result<(), sqlx::Error> {
    for (version, text) in (1_u32..).zip(MIGRATIONS).skip(from as usize) {
        let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::raw_sql(*text).execute(&mut *transaction).await?;
        let done = "UPDATE meta SET schema = $1 WHERE id = 1";
        sqlx::query(done).bind(i64::from(version)).execute(&mut *transaction).await?;
        transaction.commit().await?;
        tracing::info!(version, "the store's schema was migrated");
    }
    Ok(())
}
