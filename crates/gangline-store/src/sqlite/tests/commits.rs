use std::future::Future;
use std::pin::pin;
use std::task::{Context, Waker};

use gangline_ports::store::CommitError;

use super::*;

/// What a copy of the files cannot tell: that they were synced before the commit was answered.
#[tokio::test]
async fn every_connection_that_writes_syncs_each_commit() {
    let (store, _folder) = fresh().await;
    let writer = &store.writer.as_ref().unwrap().writer;
    let first = writer.connection.lock().await.take().unwrap();
    for mut connection in [first, writer.options.connect().await.unwrap()] {
        let mode: String =
            sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut connection).await.unwrap();
        let synchronous: i64 =
            sqlx::query_scalar("PRAGMA synchronous").fetch_one(&mut connection).await.unwrap();
        // 2 is FULL.
        assert_eq!((mode.as_str(), synchronous), ("wal", 2));
    }
}

#[tokio::test]
async fn a_failed_commit_is_unknown_and_the_next_one_reads_what_is_there() {
    let (store, _folder, history, epoch) = written(10, 3, 10).await;
    // Constraints that are checked at the very end make COMMIT itself fail.
    tamper(
        store.path(),
        "CREATE TABLE parents (id INTEGER PRIMARY KEY);
         CREATE TABLE children (id REFERENCES parents (id) DEFERRABLE INITIALLY DEFERRED);
         CREATE TRIGGER fail AFTER INSERT ON events BEGIN INSERT INTO children VALUES (1); END;",
    )
    .await;
    let mut next = history.clone();
    let batch = next.batch(epoch, 10);
    let unknown = store.commit(batch.clone()).await;
    assert!(matches!(unknown, Err(CommitError::Unknown(_))), "{unknown:?}");
    assert_holds(&store, history.board()).await;

    // Meanwhile the file has moved on, as it may have after an unknown commit.
    tamper(store.path(), "DROP TRIGGER fail").await;
    tamper(store.path(), "UPDATE meta SET epoch = epoch + 1 WHERE id = 1").await;
    let stale = store.commit(batch.clone()).await;
    assert!(matches!(stale, Err(CommitError::StaleEpoch { .. })), "{stale:?}");
    tamper(store.path(), "UPDATE meta SET epoch = epoch - 1 WHERE id = 1").await;
    store.commit(batch).await.unwrap();
    assert_holds(&store, next.board()).await;
}

#[tokio::test]
async fn who_finds_the_file_busy_has_written_nothing_and_may_try_again() {
    let (store, _folder, history, epoch) = written(11, 3, 10).await;
    let mut next = history.clone();
    let batch = next.batch(epoch, 10);
    let mut other = raw(store.path()).await;
    sqlx::query("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let busy = store.commit(batch.clone()).await;
    assert!(matches!(busy, Err(CommitError::Unavailable(_))), "{busy:?}");
    assert_holds(&store, history.board()).await;
    sqlx::query("ROLLBACK").execute(&mut other).await.unwrap();
    store.commit(batch).await.unwrap();
    assert_holds(&store, next.board()).await;
}

/// Wherever the caller goes away, the batch is written whole or not at all, and the store goes on.
#[tokio::test]
async fn a_caller_that_goes_away_leaves_a_whole_batch_or_none() {
    let (store, _folder, mut history, mut epoch) = written(12, 3, 10).await;
    let (mut none, mut whole) = (0, 0);
    for round in 0..30 {
        let before = history.clone();
        {
            let mut commit = pin!(store.commit(history.batch(epoch, 40)));
            let mut context = Context::from_waker(Waker::noop());
            for _ in 0..round * 20 {
                if commit.as_mut().poll(&mut context).is_ready() {
                    break;
                }
                std::thread::yield_now();
            }
        }
        // The next leader's turn begins when whatever is still under way has ended.
        epoch = store.lead().await.unwrap();
        if store.load().await.unwrap().seq == before.board().seq {
            none += 1;
            history = before;
        } else {
            whole += 1;
        }
        assert_holds(&store, history.board()).await;
    }
    assert!(none > 0, "no caller went away in time: {whole} batches were written");
}
