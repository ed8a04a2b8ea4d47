use std::os::unix::fs::PermissionsExt;

use gangline_ports::store::{CommitError, StoreError};

use super::*;
use crate::sqlite::{BackupError, BallastState, OpenError};

#[tokio::test]
async fn everything_is_still_there_after_a_restart() {
    let (store, folder, mut history, epoch) = written(1, 20, 15).await;
    let path = store.path().to_owned();
    store.close().await.unwrap();

    let store = opened(&path).await;
    assert_holds(&store, history.board()).await;
    let next = store.lead().await.unwrap();
    assert!(next > epoch);
    let stale = store.commit(history.batch(epoch, 1)).await;
    assert!(matches!(stale, Err(CommitError::StaleEpoch { .. })), "{stale:?}");
    drop(folder);
}

#[tokio::test]
async fn a_second_daemon_is_kept_out_and_told_who_is_in() {
    let (store, folder) = fresh().await;
    // Another name of the same file is no way in.
    let alias = folder.path().join("alias.db");
    std::os::unix::fs::symlink(store.path(), &alias).unwrap();
    for path in [store.path(), &alias] {
        let second = SqliteStore::open_with(path, &options()).await;
        let Err(error @ OpenError::Locked { pid: Some(pid), .. }) = second else {
            panic!("two daemons share a store: {second:?}")
        };
        assert_eq!(pid, std::process::id());
        assert!(error.hint().contains(&pid.to_string()), "{}", error.hint());
    }
    let path = store.path().to_owned();
    store.close().await.unwrap();
    opened(&path).await.close().await.unwrap();
}

#[tokio::test]
async fn who_only_reads_may_look_beside_the_daemon_and_changes_nothing() {
    let (store, _folder, mut history, epoch) = written(2, 3, 10).await;
    let reader = SqliteStore::open_read_only(store.path()).await.unwrap();
    assert_holds(&reader, history.board()).await;
    store.commit(history.batch(epoch, 10)).await.unwrap();
    assert_holds(&reader, history.board()).await;

    let lead = reader.lead().await;
    assert!(matches!(lead, Err(StoreError::Unavailable(_))), "{lead:?}");
    let commit = reader.commit(history.batch(epoch, 1)).await;
    assert!(matches!(commit, Err(CommitError::Unavailable(_))), "{commit:?}");
    reader.close().await.unwrap();
}

#[tokio::test]
async fn a_store_that_was_left_in_a_hurry_can_be_read_without_a_daemon() {
    let (store, folder, history, _) = written(3, 5, 10).await;
    let copy = folder.path().join("copy.db");
    // As a killed daemon leaves it: with a `-wal` that is not copied over yet.
    for suffix in ["", "-wal"] {
        let file = |path: &Path| super::super::open::beside(path, suffix);
        std::fs::copy(file(store.path()), file(&copy)).unwrap();
    }
    let reader = SqliteStore::open_read_only(&copy).await.unwrap();
    assert_holds(&reader, history.board()).await;
    reader.close().await.unwrap();
}

#[tokio::test]
async fn what_is_not_ours_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "These are not the rows you are looking for.\n".repeat(200)).unwrap();
    let foreign = folder.path().join("foreign.db");
    tamper_new(&foreign, "CREATE TABLE meta (id); PRAGMA user_version = 7").await;
    for path in [text, foreign] {
        let before = std::fs::read(&path).unwrap();
        let refused = SqliteStore::open_with(&path, &options()).await;
        assert!(matches!(refused, Err(OpenError::Foreign(_))), "{refused:?}");
        let refused = SqliteStore::open_read_only(&path).await;
        assert!(matches!(refused, Err(OpenError::Foreign(_))), "{refused:?}");
        assert_eq!(std::fs::read(&path).unwrap(), before, "{} was changed", path.display());
    }
    let absent = SqliteStore::open_read_only(&folder.path().join("absent.db")).await;
    assert!(matches!(absent, Err(OpenError::Absent(_))), "{absent:?}");
    let nowhere = SqliteStore::open(&folder.path().join("no/folder.db")).await;
    assert!(matches!(nowhere, Err(OpenError::Io { .. })), "{nowhere:?}");
}

async fn tamper_new(path: &Path, text: &'static str) {
    std::fs::File::create_new(path).unwrap();
    tamper(path, text).await;
}

#[tokio::test]
async fn an_empty_file_becomes_a_store() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gangline.db");
    // What a daemon leaves that was killed between making the file and filling it.
    std::fs::File::create_new(&path).unwrap();
    assert_holds(&opened(&path).await, &Board::default()).await;
}

#[tokio::test]
async fn nobody_else_can_read_the_files() {
    let (store, folder, ..) = written(4, 1, 10).await;
    store.backup(&folder.path().join("backup.db")).await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", entry.path().display());
    }
}

#[tokio::test]
async fn the_ballast_is_held_freed_and_held_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gangline.db");
    let options = SqliteOptions { ballast_mib: 2, ..options() };
    let store = SqliteStore::open_with(&path, &options).await.unwrap();
    let ballast = folder.path().join("gangline.db.ballast");
    assert_eq!(std::fs::metadata(&ballast).unwrap().len(), 2 * 1024 * 1024);
    store.writer.as_ref().unwrap().ballast.release().unwrap();
    assert!(!ballast.exists());
    assert_eq!(store.renew_ballast().await.unwrap(), BallastState::Held);
    assert!(ballast.exists());
}

#[tokio::test]
async fn loading_the_board_reads_no_body_of_a_closed_ticket() {
    let (store, _folder, ..) = written(5, 10, 50).await;
    let mut connection = raw(store.path()).await;
    let closed = "EXPLAIN QUERY PLAN SELECT id, closed FROM tickets WHERE closed IS NOT NULL";
    let live = "EXPLAIN QUERY PLAN SELECT id, body FROM tickets WHERE closed IS NULL ORDER BY id";
    let keys = "EXPLAIN QUERY PLAN SELECT seq, idem_key, ticket FROM events \
                WHERE idem_key IS NOT NULL AND seq < $1 ORDER BY seq DESC LIMIT $2";
    let mut plans = Vec::new();
    for query in [closed, live, keys] {
        let steps: Vec<(i64, i64, i64, String)> =
            sqlx::query_as(query).fetch_all(&mut connection).await.unwrap();
        plans.extend(steps.into_iter().map(|step| step.3));
    }
    assert_eq!(
        plans,
        [
            "SCAN tickets USING COVERING INDEX tickets_closed",
            "SCAN tickets USING INDEX tickets_live",
            "SEARCH events USING COVERING INDEX events_with_key (seq<?)",
        ]
    );
}

#[test]
fn every_refusal_says_what_is_wrong_and_what_to_do() {
    let path = || Path::new("/srv/gangline.db").to_owned();
    let source = || sqlx::Error::WorkerCrashed;
    let io = || std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    let refusals = [
        OpenError::Locked { path: path(), pid: Some(4711) },
        OpenError::Locked { path: path(), pid: None },
        OpenError::Absent(path()),
        OpenError::Io { path: path(), source: io() },
        OpenError::Foreign(path()),
        OpenError::TooNew { path: path(), found: 9 },
        OpenError::TooOld { path: path(), found: 0 },
        OpenError::Corrupt { path: path(), what: "page 7 is never used".to_owned() },
        OpenError::DiskFull { path: path(), source: source() },
        OpenError::Backup { path: path(), source: BackupError::Exists(path()) },
        OpenError::Replay { path: path(), why: "event 3 is missing".to_owned() },
        OpenError::Unavailable { path: path(), source: source() },
    ];
    let told: Vec<_> =
        refusals.iter().map(|refusal| format!("{refusal}\n    {}", refusal.hint())).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    another daemon uses the store /srv/gangline.db
        use the daemon that runs (process 4711), or stop it first
    another daemon uses the store /srv/gangline.db
        use the daemon that runs, or stop it first
    there is no store at /srv/gangline.db
        `gangline up` makes it
    /srv/gangline.db cannot be used
        see that folder and file are yours to read and write, and try again
    /srv/gangline.db is not a store of Gangline
        move /srv/gangline.db away, or choose another state folder
    /srv/gangline.db has schema 9; this program knows schemas up to 4
        use the newer program again
    /srv/gangline.db has schema 0, which must be migrated first
        start the daemon once: it migrates the store
    /srv/gangline.db is damaged: page 7 is never used
        gangline doctor, which names the backup to restore
    the disk of /srv/gangline.db is full
        make space, and try again
    no backup of /srv/gangline.db could be made before its migration
        make space, and try again
    the events of /srv/gangline.db cannot be replayed: event 3 is missing
        gangline doctor, which names the backup to restore
    /srv/gangline.db cannot be opened
        see that folder and file are yours to read and write, and try again
    ");
}
