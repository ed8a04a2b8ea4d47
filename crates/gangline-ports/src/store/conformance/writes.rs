//! Laws of who may write, and what a refusal leaves.

use gangline_domain::board::Board;

use super::{Batch, History, Store, assert_same, assert_unchanged, contents, written};
use crate::store::{CommitError, StoreError};

/// What was decided by a leader whose time is over never reaches the store.
pub async fn refuses_a_stale_epoch_and_writes_nothing<S: Store>(store: &S) {
    let (mut history, ours) = written(store, 20, 3, 10).await;
    let current = store.lead().await.unwrap();
    let before = contents(store).await;
    let refused = store.commit(history.batch(ours, 10)).await;
    let Err(CommitError::StaleEpoch { ours: said, current: leads }) = refused else {
        panic!("a stale epoch was not refused as such: {refused:?}")
    };
    assert_eq!((said, leads), (ours, current));
    assert_unchanged(store, &before).await;
}

/// An epoch is taken with `lead`, not made up.
pub async fn refuses_an_epoch_that_nobody_has_taken<S: Store>(store: &S) {
    let (mut history, epoch) = written(store, 21, 1, 10).await;
    let before = contents(store).await;
    let refused = store.commit(history.batch(epoch + 1, 10)).await;
    assert!(matches!(refused, Err(CommitError::StaleEpoch { .. })), "{refused:?}");
    assert_unchanged(store, &before).await;
}

/// The sequence has no gap, no overlap, and no hole within a batch.
pub async fn refuses_a_gap_and_writes_nothing<S: Store>(store: &S) {
    let (mut history, epoch) = written(store, 22, 2, 10).await;
    let before = contents(store).await;
    let next = history.batch(epoch, 5);
    let after_next = history.batch(epoch, 5);

    let refused = store.commit(after_next.clone()).await;
    assert!(matches!(refused, Err(CommitError::Gap { first: 26, last: 20 })), "{refused:?}");
    assert_unchanged(store, &before).await;

    let mut holed = next.clone();
    holed.events.remove(2);
    let refused = store.commit(holed).await;
    assert!(matches!(refused, Err(CommitError::Gap { first: 24, last: 22 })), "{refused:?}");
    assert_unchanged(store, &before).await;

    store.commit(next.clone()).await.unwrap();
    let refused = store.commit(next).await;
    assert!(matches!(refused, Err(CommitError::Gap { first: 21, last: 25 })), "{refused:?}");

    store.commit(after_next).await.unwrap();
    assert_same(&contents(store).await.0, history.board());
}

/// Each leader has an epoch of its own, above all before it, and is the only one who can write.
pub async fn lead_grows_and_fences_the_earlier_leader<S: Store>(store: &S) {
    let mut history = History::new(23);
    let mut earlier = Vec::new();
    for _ in 0..4 {
        let epoch = store.lead().await.unwrap();
        assert!(earlier.iter().all(|old| *old < epoch), "{earlier:?}, then {epoch}");
        let batch = history.batch(epoch, 3);
        for old in &earlier {
            let theirs = Batch { epoch: *old, ..batch.clone() };
            let refused = store.commit(theirs).await;
            assert!(matches!(refused, Err(CommitError::StaleEpoch { .. })), "{refused:?}");
        }
        store.commit(batch).await.unwrap();
        earlier.push(epoch);
    }
    assert_same(&contents(store).await.0, history.board());

    let (left, right) = tokio::join!(store.lead(), store.lead());
    assert_ne!(left.unwrap(), right.unwrap(), "two leaders share an epoch");
}

/// However their commits meet, the later leader's is written and the earlier one's is not.
pub async fn exactly_one_of_two_racing_leaders_commits<S: Store>(store: &S) {
    let mut winner = History::new(24);
    for _ in 0..10 {
        let earlier = store.lead().await.unwrap();
        let later = store.lead().await.unwrap();
        let batch = winner.batch(later, 4);
        let theirs = Batch { epoch: earlier, ..batch.clone() };
        let (lost, won) = tokio::join!(store.commit(theirs), store.commit(batch));
        assert!(matches!(lost, Err(CommitError::StaleEpoch { .. })), "{lost:?}");
        won.unwrap();
    }
    assert_same(&contents(store).await.0, winner.board());
}

/// Two batches for the same place in the sequence cannot both be written.
pub async fn exactly_one_of_two_racing_batches_wins<S: Store>(store: &S) {
    let epoch = store.lead().await.unwrap();
    let (mut left, mut right) = (History::new(25), History::new(26));
    let (one, other) =
        tokio::join!(store.commit(left.batch(epoch, 6)), store.commit(right.batch(epoch, 6)));
    assert!(one.is_ok() ^ other.is_ok(), "{one:?} and {other:?}");
    let expected = if one.is_ok() { left.board() } else { right.board() };
    assert_same(&contents(store).await.0, expected);
    let refused = one.and(other);
    assert!(matches!(refused, Err(CommitError::Gap { first: 1, last: 6 })), "{refused:?}");
}

/// A large batch is there as a whole, and a refused one is not there at all: neither its events
/// nor any of its rows.
pub async fn a_batch_is_all_or_nothing<S: Store>(store: &S) {
    let epoch = store.lead().await.unwrap();
    let mut history = History::new(27);
    for events in [256, 1, 257, 1000] {
        let before = contents(store).await;
        let batch = history.batch(epoch, events);
        let mut gap = batch.clone();
        gap.events.remove(0);
        assert!(events == 1 || store.commit(gap).await.is_err());
        assert!(store.commit(Batch { epoch: epoch + 1, ..batch.clone() }).await.is_err());
        assert_unchanged(store, &before).await;

        store.commit(batch).await.unwrap();
        let (board, all) = contents(store).await;
        assert_same(&board, history.board());
        assert_eq!(all.len() as u64, board.seq);
    }
}

/// Without events the sequence stands still, and the epoch still counts.
pub async fn an_empty_batch_writes_its_rows_and_no_event<S: Store>(store: &S) {
    let (history, epoch) = written(store, 28, 2, 10).await;
    let rows = crate::store::Rows { fences: history.board().fences, ..Default::default() };
    store.commit(Batch { epoch, events: vec![], rows: rows.clone() }).await.unwrap();
    let (board, events) = contents(store).await;
    assert_same(&board, history.board());
    assert_eq!(events.len(), 20);

    let stale = Batch { epoch: epoch - 1, events: vec![], rows };
    assert!(matches!(store.commit(stale).await, Err(CommitError::StaleEpoch { .. })));
    let mut folded = Board::default();
    for event in &events {
        folded.evolve(event);
    }
    assert_same(&board, &folded);
}

/// Damage that a commit meets is told as such, however often it is tried: who is told to try again
/// later, or to look again, would do so for ever. `damage` makes the events unreadable for whoever
/// writes, and leaves the rest as it is.
pub async fn damage_is_told_as_damage<S, D>(store: &S, damage: D)
where
    S: Store,
    D: AsyncFn(&S),
{
    let (mut history, epoch) = written(store, 11, 3, 20).await;
    let before = Board::from_rows(store.load().await.unwrap());
    damage(store).await;
    let batch = history.batch(epoch, 5);
    for _ in 0..3 {
        let refused = store.commit(batch.clone()).await;
        let Err(CommitError::Corrupt(why)) = refused else { panic!("{refused:?}") };
        assert!(!why.is_empty(), "nobody is told what is wrong");
    }
    // What can still be read was not touched.
    match store.load().await {
        Ok(rows) => assert_same(&Board::from_rows(rows), &before),
        Err(StoreError::Corrupt(_)) => {}
        Err(error) => panic!("{error:?}"),
    }
}
