//! Power losses, simulated on copies of the files. Killing the process would prove little: the
//! system still has all that was written, synced or not.

use std::path::PathBuf;

use gangline_ports::store::conformance::History;

use super::super::open::beside;
use super::*;
use crate::fold_check;

const SECTOR: usize = 512;

/// The files of a store at one moment.
#[derive(Clone)]
struct Disk {
    database: Vec<u8>,
    wal: Vec<u8>,
}

impl Disk {
    fn of(path: &Path) -> Self {
        let read = |path| std::fs::read(path).unwrap();
        Self { database: read(path.to_owned()), wal: read(beside(path, "-wal")) }
    }

    /// The machine starts again, with this on its disk.
    fn restart(&self, folder: &Path, name: &str) -> PathBuf {
        let path = folder.join(format!("{name}.db"));
        std::fs::write(&path, &self.database).unwrap();
        std::fs::write(beside(&path, "-wal"), &self.wal).unwrap();
        path
    }
}

/// What a reader that only knows SQL finds: the last event by the meta row, the last by the
/// table, and how many there are.
async fn ends(path: &Path) -> (i64, i64, i64) {
    let mut connection = raw(path).await;
    let query = "SELECT seq, (SELECT max(seq) FROM events), (SELECT count(*) FROM events) \
                 FROM meta WHERE id = 1";
    let ends = sqlx::query_as(query).fetch_one(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    ends
}

async fn assert_whole(path: &Path, boards: &[History]) -> u64 {
    let store = opened(path).await;
    let seq = store.load().await.unwrap().seq;
    let history = boards.iter().find(|history| history.board().seq == seq);
    let history = history.unwrap_or_else(|| panic!("event {seq} is in the middle of a batch"));
    assert_holds(&store, history.board()).await;
    assert_eq!(fold_check(&store).await.unwrap().difference, None);
    assert_eq!(store.integrity_check().await.unwrap(), Vec::<String>::new());
    store.close().await.unwrap();
    seq
}

/// The `-wal` file ends at any sector after the last commit that was answered.
#[tokio::test]
async fn a_torn_tail_loses_no_answered_commit_and_leaves_no_half_batch() {
    let (store, folder, history, epoch) = written(40, 12, 20).await;
    let mut moments = vec![(history.clone(), Disk::of(store.path()))];
    let mut next = history;
    for _ in 0..2 {
        store.commit(next.batch(epoch, 20)).await.unwrap();
        moments.push((next.clone(), Disk::of(store.path())));
    }
    let histories: Vec<_> = moments.iter().map(|(history, _)| history.clone()).collect();
    let last = &moments.last().unwrap().1;
    let first_cut = moments[0].1.wal.len();
    assert!(last.wal.len() > first_cut + 3 * 4096, "the commits are too small to tear");

    for cut in (first_cut..=last.wal.len()).step_by(SECTOR) {
        let torn = Disk { database: last.database.clone(), wal: last.wal[..cut].to_vec() };
        let path = torn.restart(folder.path(), &format!("torn-{cut}"));
        // What was synced and answered when the file had this length.
        let answered = moments.iter().rfind(|(_, disk)| disk.wal.len() <= cut).unwrap();
        let seq = i64::try_from(answered.0.board().seq).unwrap();
        assert_eq!(ends(&path).await, (seq, seq, seq), "cut at byte {cut}");
        let boundary = moments.iter().any(|(_, disk)| disk.wal.len().abs_diff(cut) <= SECTOR);
        if boundary || cut % (16 * SECTOR) == 0 {
            let path = torn.restart(folder.path(), &format!("whole-{cut}"));
            assert_eq!(assert_whole(&path, &histories).await, answered.0.board().seq);
        }
    }
}

/// The sectors of a commit that was not answered reached the disk in any order, or not at all.
#[tokio::test]
async fn sectors_in_any_order_make_no_half_batch() {
    let (store, folder, history, epoch) = written(41, 6, 20).await;
    let answered = Disk::of(store.path());
    let mut next = history.clone();
    store.commit(next.batch(epoch, 30)).await.unwrap();
    let written = Disk::of(store.path());
    let tail = answered.wal.len()..written.wal.len();
    let sectors: Vec<usize> = tail.clone().step_by(SECTOR).collect();
    let (mut lost, mut kept) = (0, 0);

    let mut dice = Dice(41);
    for round in 0..120_usize {
        let mut wal = written.wal.clone();
        let missing = match round {
            0 => 0,
            // Single sectors first, then ever more of them.
            1..60 => 1,
            _more => 1 + dice.below(sectors.len()),
        };
        for _ in 0..missing {
            let at = sectors[dice.below(sectors.len())];
            let end = (at + SECTOR).min(wal.len());
            // A new file's sectors read as zeros, and a used one's as what was there before.
            if dice.below(2) == 0 {
                wal[at..end].fill(0);
            } else {
                let old = at - answered.wal.len();
                wal.copy_within(old..old + (end - at), at);
            }
        }
        let whole = wal == written.wal;
        let disk = Disk { database: written.database.clone(), wal };
        let path = disk.restart(folder.path(), &format!("round-{round}"));
        let expected = if whole { &next } else { &history };
        let seq = i64::try_from(expected.board().seq).unwrap();
        assert_eq!(ends(&path).await, (seq, seq, seq), "round {round}");
        if whole { kept += 1 } else { lost += 1 }
    }
    assert!(kept > 0 && lost > 60, "{kept} whole, {lost} torn");
}

/// The power fails while pages are copied from the `-wal` file to the database.
#[tokio::test]
async fn a_torn_database_is_mended_from_its_wal() {
    let (store, folder, history, epoch) = written(42, 10, 40).await;
    let before = Disk::of(store.path());
    let path = store.path().to_owned();
    let mut connection = raw(&path).await;
    sqlx::query("PRAGMA wal_checkpoint(PASSIVE)").execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
    let after = Disk::of(&path);
    assert_eq!(before.wal, after.wal, "the wal was begun anew too early");
    assert_ne!(before.database, after.database, "nothing was copied");

    let mut dice = Dice(42);
    for round in 0..20 {
        let mut database = after.database.clone();
        // The file may not even have its new length yet.
        if round % 3 == 0 {
            database.truncate(before.database.len() + dice.below(database.len()) / SECTOR * SECTOR);
        }
        for at in (0..database.len()).step_by(SECTOR) {
            let end = (at + SECTOR).min(database.len());
            if dice.below(2) == 0 {
                match before.database.get(at..end) {
                    Some(old) => database[at..end].copy_from_slice(old),
                    None => database[at..end].fill(0),
                }
            }
        }
        let disk = Disk { database, wal: after.wal.clone() };
        let path = disk.restart(folder.path(), &format!("checkpoint-{round}"));
        let seq = assert_whole(&path, std::slice::from_ref(&history)).await;
        assert_eq!(seq, history.board().seq, "round {round}");
    }
    let mut next = history;
    store.commit(next.batch(epoch, 5)).await.unwrap();
}

/// Copies taken while commits are under way are each a prefix of whole batches.
#[tokio::test]
async fn a_copy_taken_at_any_moment_is_a_prefix_of_whole_batches() {
    let (store, folder, mut history, epoch) = written(43, 1, 5).await;
    let mut histories = vec![history.clone()];
    let mut copies: Vec<(u64, PathBuf)> = Vec::new();
    for round in 0..24 {
        let batch = history.batch(epoch, 12);
        let (path, to) = (store.path().to_owned(), folder.path().join(format!("copy-{round}.db")));
        let answered = histories.last().unwrap().board().seq;
        let copying = tokio::task::spawn_blocking(move || {
            // The database stands still: far fewer pages are written than start a checkpoint.
            for suffix in ["", "-wal"] {
                std::fs::copy(beside(&path, suffix), beside(&to, suffix)).unwrap();
            }
            to
        });
        let (answer, copy) = tokio::join!(store.commit(batch), copying);
        answer.unwrap();
        histories.push(history.clone());
        copies.push((answered, copy.unwrap()));
    }
    for (answered, copy) in copies {
        let seq = assert_whole(&copy, &histories).await;
        assert!(seq >= answered, "event {answered} was answered, but only {seq} are there");
    }
}

/// A seed replays a failure.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % bound
    }
}
