use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use gangline_ports::store::StoreError;

use super::*;
use crate::fold_check;
use crate::sqlite::{BackupError, OpenError};

/// A closed store of some size.
async fn closed(seed: u64) -> (PathBuf, TempDir, History) {
    let (store, folder, history, _) = written(seed, 10, 60).await;
    let path = store.path().to_owned();
    store.close().await.unwrap();
    (path, folder, history)
}

async fn refused_as_corrupt(path: &Path) -> String {
    let refused = SqliteStore::open_with(path, &options()).await;
    let Err(error @ OpenError::Corrupt { .. }) = refused else {
        panic!("damage went unnoticed: {refused:?}")
    };
    assert!(error.to_string().contains("gangline.db"), "{error}");
    assert!(error.hint().contains("gangline doctor"), "{}", error.hint());
    error.to_string()
}

#[tokio::test]
async fn a_file_that_was_cut_short_is_refused() {
    let (path, _folder, _) = closed(30).await;
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    refused_as_corrupt(&path).await;
}

#[tokio::test]
async fn a_page_of_rubbish_is_refused() {
    let (path, _folder, _) = closed(31).await;
    let file = std::fs::File::options().write(true).open(&path).unwrap();
    let pages = file.metadata().unwrap().len() / 4096;
    file.write_all_at(&[0x5a; 4096], pages / 2 * 4096).unwrap();
    refused_as_corrupt(&path).await;
}

#[tokio::test]
async fn events_that_are_missing_at_the_end_are_noticed() {
    let (path, _folder, _) = closed(32).await;
    tamper(&path, "DELETE FROM events WHERE seq > 590").await;
    let told = refused_as_corrupt(&path).await;
    assert!(told.ends_with("its last event is 590, but it should be 600"), "{told}");
}

#[tokio::test]
async fn a_row_that_cannot_be_read_is_told_by_name() {
    let (store, _folder, history, _) = written(33, 5, 50).await;
    let ticket = history.board().tickets.keys().next().unwrap().clone();
    tamper(store.path(), "UPDATE tickets SET body = '{\"id\":7}' WHERE closed IS NULL").await;
    let load = store.load().await;
    let Err(StoreError::Corrupt(what)) = load else { panic!("{load:?}") };
    assert!(what.contains(&format!("ticket {ticket}")), "{what}");
}

#[tokio::test]
async fn a_whole_check_finds_what_a_quick_one_does_not() {
    let (store, _folder, ..) = written(34, 5, 50).await;
    assert_eq!(store.integrity_check().await.unwrap(), Vec::<String>::new());
    // An index that disagrees with its table.
    tamper(
        store.path(),
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = 'CREATE INDEX events_of_ticket ON events (project, seq)'
          WHERE name = 'events_of_ticket';",
    )
    .await;
    let path = store.path().to_owned();
    store.close().await.unwrap();
    let store = opened(&path).await;
    let found = store.integrity_check().await.unwrap();
    assert!(found.iter().any(|line| line.contains("events_of_ticket")), "{found:?}");
}

#[tokio::test]
async fn a_backup_is_a_whole_store_of_its_own() {
    let (store, folder, mut history, epoch) = written(35, 10, 40).await;
    let to = folder.path().join("backup.db");
    store.backup(&to).await.unwrap();
    let then = history.clone();
    store.commit(history.batch(epoch, 10)).await.unwrap();

    let again = store.backup(&to).await;
    assert!(matches!(again, Err(BackupError::Exists(_))), "{again:?}");
    let copy = opened(&to).await;
    assert_holds(&copy, then.board()).await;
    assert_eq!(fold_check(&copy).await.unwrap().difference, None);
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "partial"))
        .collect();
    assert_eq!(left, Vec::<PathBuf>::new());
}
