use std::os::unix::fs::FileExt;
use std::path::PathBuf;

use super::super::open::beside;
use super::*;
use crate::fold_check;
use crate::sqlite::{
    BackupError, OpenError, RestoreError, backups, newest_whole_backup, restore_backup,
};

fn names(path: &Path) -> Vec<String> {
    let name = |path: &PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    backups(path).unwrap().iter().map(|backup| name(&backup.path)).collect()
}

fn rot(path: &Path) {
    let file = std::fs::File::options().write(true).open(path).unwrap();
    let pages = file.metadata().unwrap().len() / 4096;
    for page in 1..pages {
        file.write_all_at(&[0x5a; 512], page * 4096).unwrap();
    }
}

#[tokio::test]
async fn the_newest_backups_stay_and_so_does_the_one_before_the_last_migration() {
    let (store, _folder, history, _) = written(60, 5, 20).await;
    let path = store.path().to_owned();
    let first = store.add_backup(7).await.unwrap();
    let folder = first.path.parent().unwrap();
    for name in [
        "20200101T000000Z.db",
        "20200102T000000Z.db",
        "20200103T000000Z.db",
        "20200101T000000Z-before-0002.db",
        "20200102T000000Z-before-0003.db",
        "20200104T000000Z.db.partial",
    ] {
        std::fs::copy(&first.path, folder.join(name)).unwrap();
    }
    std::fs::write(folder.join("notes.txt"), "not ours").unwrap();

    let made = store.add_backup(3).await.unwrap();
    let [made_name, first_name] =
        [&made, &first].map(|backup| backup.path.file_name().unwrap().to_str().unwrap());
    assert_eq!(
        names(&path),
        [made_name, first_name, "20200103T000000Z.db", "20200102T000000Z-before-0003.db"]
    );
    assert_eq!(made, backups(&path).unwrap()[0]);
    assert!(folder.join("notes.txt").exists(), "a stranger's file was removed");
    assert!(!folder.join("20200104T000000Z.db.partial").exists());
    assert_holds(&opened(&made.path).await, history.board()).await;
}

#[tokio::test]
async fn a_clock_that_was_set_back_costs_no_new_backup() {
    let (store, _folder, ..) = written(61, 2, 10).await;
    let first = store.add_backup(1).await.unwrap();
    let ahead = first.path.with_file_name("29990101T000000Z.db");
    std::fs::rename(&first.path, &ahead).unwrap();
    let made = store.add_backup(1).await.unwrap();
    assert!(made.path.exists(), "the backup that was just made is gone");
    assert!(!ahead.exists());
}

#[tokio::test]
async fn commits_do_not_wait_for_a_backup() {
    let folder = tempfile::tempdir().unwrap();
    // Who would have to wait for a lock fails at once.
    let options = SqliteOptions { busy_ms_max: 0, ..options() };
    let store = SqliteStore::open_with(&folder.path().join("gangline.db"), &options).await.unwrap();
    let epoch = store.lead().await.unwrap();
    let mut history = History::new(62);
    store.commit(history.batch(epoch, 3_000)).await.unwrap();
    let mut boards = vec![history.board().clone()];
    let write = async {
        for _ in 0..40 {
            store.commit(history.batch(epoch, 5)).await.unwrap();
            boards.push(history.board().clone());
        }
    };
    let (made, ()) = tokio::join!(store.add_backup(7), write);
    let copy = opened(&made.unwrap().path).await;
    let loaded = Board::from_rows(copy.load().await.unwrap());
    let then = boards.iter().find(|board| board.seq == loaded.seq).expect("the middle of a batch");
    assert_holds(&copy, then).await;
}

#[tokio::test]
async fn what_is_damaged_pushes_out_no_backup_that_is_whole() {
    let (store, _folder, history, _) = written(63, 10, 60).await;
    let path = store.path().to_owned();
    let whole = store.add_backup(1).await.unwrap();
    tamper(&path, "DELETE FROM events WHERE seq > 590").await;
    let refused = store.add_backup(1).await;
    let Err(BackupError::Damaged(why)) = refused else { panic!("{refused:?}") };
    assert_eq!(why, "its last event is 590, but it should be 600");
    assert_eq!(backups(&path).unwrap(), std::slice::from_ref(&whole));

    let newer = whole.path.with_file_name("29990101T000000Z.db");
    std::fs::copy(&whole.path, &newer).unwrap();
    rot(&newer);
    std::fs::write(whole.path.with_file_name("29990102T000000Z.db"), "").unwrap();
    let found = newest_whole_backup(&path).await.unwrap();
    assert_eq!(found, Some((whole, history.board().seq)));
}

#[tokio::test]
async fn a_backup_is_made_before_the_rows_are_folded_anew_and_once_only() {
    let (store, _folder, history, _) = written(64, 5, 40).await;
    let path = store.path().to_owned();
    store.close().await.unwrap();
    // A start that does not get through its migration.
    tamper(&path, "UPDATE meta SET rows = 0; UPDATE events SET version = 99 WHERE seq = 150").await;
    for _ in 0..3 {
        let refused = SqliteStore::open_with(&path, &options()).await;
        assert!(matches!(refused, Err(OpenError::Replay { .. })), "{refused:?}");
    }
    let [made] = &backups(&path).unwrap()[..] else { panic!("{:?}", names(&path)) };
    assert!(made.before_migration.is_some(), "{made:?}");
    tamper(&path, "UPDATE events SET version = 1 WHERE seq = 150").await;
    assert_holds(&opened(&path).await, history.board()).await;
}

/// A damaged store with a backup of an earlier moment.
async fn damaged(seed: u64) -> (PathBuf, TempDir, History, PathBuf, u64) {
    let (store, folder, mut history, epoch) = written(seed, 10, 60).await;
    let backup = store.add_backup(7).await.unwrap().path;
    let then = history.clone();
    store.commit(history.batch(epoch, 10)).await.unwrap();
    let path = store.path().to_owned();
    // As a killed daemon leaves it: with a `-wal` whose commits are not in the database.
    let wal = std::fs::read(beside(&path, "-wal")).unwrap();
    store.close().await.unwrap();
    std::fs::write(beside(&path, "-wal"), wal).unwrap();
    rot(&path);
    (path, folder, then, backup, epoch)
}

#[tokio::test]
async fn a_damaged_store_is_kept_aside_and_the_backup_is_led_with_fences_of_its_own() {
    let (path, _folder, then, backup, epoch) = damaged(65).await;
    let [before, wal] = ["", "-wal"].map(|suffix| std::fs::read(beside(&path, suffix)).unwrap());
    let source = std::fs::read(&backup).unwrap();

    let restored = restore_backup(&path, &backup).await.unwrap();
    assert_eq!(restored.seq, then.board().seq);
    let kept = restored.kept.unwrap();
    assert_eq!(std::fs::read(&kept).unwrap(), before);
    assert_eq!(std::fs::read(beside(&kept, "-wal")).unwrap(), wal);
    assert_eq!(std::fs::read(&backup).unwrap(), source, "the backup was written to");

    let store = opened(&path).await;
    assert_holds(&store, then.board()).await;
    assert_eq!(fold_check(&store).await.unwrap().difference, None);
    // The epochs after the backup are those of jobs that may still run.
    assert!(store.lead().await.unwrap() > epoch + 100_000);
    let left: Vec<_> = std::fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("restoring"))
        .collect();
    assert_eq!(left, Vec::<String>::new());
}

#[tokio::test]
async fn a_restore_that_was_killed_is_ended_by_the_next_start() {
    for moved in [&[][..], &[""][..], &["", "-wal"][..]] {
        let (path, _folder, then, backup, _) = damaged(66).await;
        std::fs::copy(&backup, beside(&path, ".restoring-20261103T120000Z")).unwrap();
        let aside = beside(&path, ".damaged-20261103T120000Z");
        for suffix in moved {
            std::fs::rename(beside(&path, suffix), beside(&aside, suffix)).unwrap();
        }
        assert_holds(&opened(&path).await, then.board()).await;
        assert!(aside.exists() && beside(&aside, "-wal").exists(), "{moved:?}");
    }
}

#[tokio::test]
async fn what_cannot_be_restored_leaves_the_store_as_it_is() {
    let (path, folder, _, backup, _) = damaged(67).await;
    let before = std::fs::read(&path).unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "no backup").unwrap();
    let rotten = folder.path().join("rotten.db");
    std::fs::copy(&backup, &rotten).unwrap();
    rot(&rotten);
    let newer = folder.path().join("newer.db");
    std::fs::copy(&backup, &newer).unwrap();
    tamper(&newer, "UPDATE meta SET schema = 4711").await;
    for from in [text, rotten, folder.path().join("absent.db")] {
        let refused = restore_backup(&path, &from).await;
        assert!(matches!(refused, Err(RestoreError::Backup { .. })), "{refused:?}");
    }
    let refused = restore_backup(&path, &newer).await;
    assert!(matches!(refused, Err(RestoreError::TooNew { found: 4711, .. })), "{refused:?}");
    assert_eq!(std::fs::read(&path).unwrap(), before);

    restore_backup(&path, &backup).await.unwrap();
    let _daemon = opened(&path).await;
    let refused = restore_backup(&path, &backup).await;
    assert!(
        matches!(refused, Err(RestoreError::Store(OpenError::Locked { pid: Some(_), .. }))),
        "{refused:?}"
    );
}
