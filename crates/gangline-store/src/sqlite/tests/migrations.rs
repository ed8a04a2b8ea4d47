use std::fmt::Write;
use std::path::PathBuf;

use sqlx::AssertSqlSafe;

use super::super::migrate::{MIGRATIONS, NEWEST, ROWS_VERSION};
use super::*;
use crate::fold_check;
use crate::sqlite::OpenError;

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name).join("sqlite")
}

fn names(name: &str) -> Vec<String> {
    let entries = std::fs::read_dir(folder(name)).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn every_migration_is_applied_and_has_a_fixture() {
    let files = names("migrations");
    assert_eq!(files.len(), MIGRATIONS.len(), "{files:?}");
    for (version, (file, text)) in (1..).zip(files.iter().zip(MIGRATIONS)) {
        assert!(file.starts_with(&format!("{version:04}_")), "{file}");
        assert_eq!(std::fs::read_to_string(folder("migrations").join(file)).unwrap(), *text);
    }
    assert_eq!(names("fixtures"), files);
}

#[tokio::test]
async fn every_fixture_opens_under_the_newest_schema_and_replays() {
    for fixture in names("fixtures") {
        let (path, _folder) = restored(&fixture).await;
        let store = opened(&path).await;
        let report = fold_check(&store).await.unwrap();
        assert_eq!(report.difference, None, "{fixture}");
        assert!(report.events > 100 && report.live > 5 && report.closed > 2, "{report:?}");
        assert!(!store.load().await.unwrap().answers.is_empty());
        store.close().await.unwrap();
        let (schema, rows) = versions(&path).await;
        assert_eq!((schema, rows), (i64::from(NEWEST), i64::from(ROWS_VERSION)), "{fixture}");
    }
}

async fn restored(fixture: &str) -> (PathBuf, TempDir) {
    let text = std::fs::read_to_string(folder("fixtures").join(fixture)).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let path = kept.path().join("gangline.db");
    std::fs::File::create_new(&path).unwrap();
    let mut connection = raw(&path).await;
    sqlx::raw_sql(AssertSqlSafe(text)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    (path, kept)
}

async fn versions(path: &Path) -> (i64, i64) {
    let mut connection = raw(path).await;
    sqlx::query_as("SELECT schema, rows FROM meta").fetch_one(&mut connection).await.unwrap()
}

#[tokio::test]
async fn a_store_of_a_newer_program_is_refused_and_not_touched() {
    let (store, _folder, ..) = written(50, 2, 10).await;
    let path = store.path().to_owned();
    store.close().await.unwrap();
    tamper(&path, "UPDATE meta SET schema = 4711 WHERE id = 1").await;
    for refused in
        [SqliteStore::open_with(&path, &options()).await, SqliteStore::open_read_only(&path).await]
    {
        assert!(matches!(refused, Err(OpenError::TooNew { found: 4711, .. })), "{refused:?}");
    }
    assert_eq!(versions(&path).await.0, 4711);
}

#[tokio::test]
async fn rows_of_another_version_are_folded_anew() {
    let (store, _folder, history, _) = written(51, 20, 40).await;
    let path = store.path().to_owned();
    store.close().await.unwrap();
    tamper(
        &path,
        "UPDATE meta SET rows = 0, fences = 3;
         UPDATE tickets SET body = '{\"shape\":\"of old\"}';
         DELETE FROM tickets WHERE closed IS NOT NULL AND key_number % 2 = 0;
         DELETE FROM projects; INSERT INTO circuits VALUES ('gone', 'long ago');",
    )
    .await;
    let store = opened(&path).await;
    assert_holds(&store, history.board()).await;
    assert_eq!(fold_check(&store).await.unwrap().difference, None);
}

#[tokio::test]
async fn rows_that_cannot_be_folded_are_left_as_they_were() {
    let (store, _folder, ..) = written(52, 5, 40).await;
    let path = store.path().to_owned();
    store.close().await.unwrap();
    tamper(&path, "UPDATE meta SET rows = 0; UPDATE events SET version = 99 WHERE seq = 150").await;
    let refused = SqliteStore::open_with(&path, &options()).await;
    let Err(error @ OpenError::Replay { .. }) = refused else { panic!("{refused:?}") };
    assert!(error.to_string().contains("has version 99"), "{error}");
    let mut connection = raw(&path).await;
    let tickets: i64 = sqlx::query_scalar("SELECT count(*) FROM tickets")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert!(tickets > 0);
}

/// Run by hand, once, when a migration is added: `cargo test -p gangline-store -- --ignored
/// writes_the_fixture`. A fixture that is in the repository is never written again.
#[tokio::test]
#[ignore = "writes into the source tree"]
async fn writes_the_fixture_of_the_newest_schema() {
    // The first history after which no table is empty, and several tickets are closed.
    let mut seed = 2;
    let (store, _kept) = loop {
        let (store, kept, history, _) = written(seed, 40, 7).await;
        let board = history.board();
        let lacks = [
            board.circuits.is_empty(),
            board.tokens.is_empty(),
            board.node_alerts.is_empty(),
            board.draining.is_empty(),
            board.closed.len() < 3,
        ];
        if !lacks.contains(&true) {
            break (store, kept);
        }
        seed += 1;
    };
    let mut connection = raw(store.path()).await;
    let mut text = String::from("BEGIN;\nPRAGMA application_id = 1196312396;\n");
    let schema =
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type DESC, name";
    let items: Vec<(String, String)> =
        sqlx::query_as(schema).fetch_all(&mut connection).await.unwrap();
    for (_, sql) in &items {
        writeln!(text, "{sql};").unwrap();
    }
    for (table, _) in items.iter().filter(|(_, sql)| sql.starts_with("CREATE TABLE")) {
        let columns = format!(
            "SELECT group_concat('quote(' || name || ')', '||'',''||') FROM pragma_table_info('{table}')"
        );
        let columns: String =
            sqlx::query_scalar(AssertSqlSafe(columns)).fetch_one(&mut connection).await.unwrap();
        let rows = format!("SELECT {columns} FROM {table} ORDER BY 1");
        let rows: Vec<String> =
            sqlx::query_scalar(AssertSqlSafe(rows)).fetch_all(&mut connection).await.unwrap();
        for row in rows {
            writeln!(text, "INSERT INTO {table} VALUES ({row});").unwrap();
        }
    }
    text.push_str("COMMIT;\n");
    let name = names("migrations").pop().unwrap();
    let mut options = std::fs::File::options();
    let mut file =
        options.write(true).create_new(true).open(folder("fixtures").join(name)).unwrap();
    std::io::Write::write_all(&mut file, text.as_bytes()).unwrap();
}
