use gangline_ports::store::CommitError;

use super::*;
use crate::sqlite::BallastState;
use crate::sqlite::open::Leading;

/// Lets the database grow no further than `pages`, as a full disk would.
async fn limit(store: &mut SqliteStore, pages: i64) {
    let Leading { writer, .. } = store.writer.as_mut().unwrap();
    writer.close().await.unwrap();
    writer.options = writer.options.clone().pragma("max_page_count", pages.to_string());
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_half_written_reads_go_on_and_space_mends_it() {
    let (mut store, _folder, mut history, epoch) = written(20, 3, 20).await;
    let mut connection = raw(store.path()).await;
    let pages: i64 =
        sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut connection).await.unwrap();
    limit(&mut store, pages + 20).await;

    let mut written = 0;
    let (before, batch) = loop {
        let before = history.clone();
        let batch = history.batch(epoch, 64);
        match store.commit(batch.clone()).await {
            Ok(()) => written += 1,
            Err(CommitError::DiskFull(_)) => break (before, batch),
            Err(error) => panic!("a full disk is told as {error:?}"),
        }
        assert!(written < 100, "the limit does not hold");
    };
    assert_holds(&store, before.board()).await;
    // It stays full, and that changes nothing.
    for _ in 0..3 {
        let full = store.commit(batch.clone()).await;
        assert!(matches!(full, Err(CommitError::DiskFull(_))), "{full:?}");
        assert_holds(&store, before.board()).await;
    }
    assert_eq!(store.integrity_check().await.unwrap(), Vec::<String>::new());

    limit(&mut store, pages + 10_000).await;
    store.commit(batch).await.unwrap();
    assert_holds(&store, history.board()).await;
}

#[tokio::test]
async fn a_commit_on_a_full_disk_frees_what_was_held_back_and_it_is_held_again() {
    let folder = tempfile::tempdir().unwrap();
    let options = SqliteOptions { ballast_mib: 2, ..options() };
    let path = folder.path().join("gangline.db");
    let mut store = SqliteStore::open_with(&path, &options).await.unwrap();
    let (epoch, mut history) = (store.lead().await.unwrap(), History::new(21));
    let ballast = folder.path().join("gangline.db.ballast");
    assert!(ballast.exists());
    limit(&mut store, 1).await;
    let full = store.commit(history.batch(epoch, 500)).await;
    assert!(matches!(full, Err(CommitError::DiskFull(_))), "{full:?}");
    assert!(!ballast.exists(), "nothing was freed");
    assert_eq!(store.renew_ballast().await.unwrap(), BallastState::Held);
    assert!(ballast.exists());
}
