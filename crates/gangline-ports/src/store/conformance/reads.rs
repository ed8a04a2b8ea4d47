//! Laws of what is read back.

use std::collections::BTreeSet;

use gangline_domain::board::{ANSWERS_MAX, Board};
use gangline_domain::ids::TicketId;
use gangline_domain::ticket::Ticket;

use super::{History, Store, assert_same, contents, written};
use crate::store::ClosedPlace;

/// Nothing was written, so nothing is there.
pub async fn an_empty_store_loads_an_empty_board<S: Store>(store: &S) {
    let (board, events) = contents(store).await;
    assert_same(&board, &Board::default());
    assert_eq!(events, []);
    let absent: TicketId = "shop-0.SHOP0-1".parse().expect("BUG: a bad ticket id");
    assert_eq!(store.ticket(&absent).await.unwrap(), None);
    assert_eq!(store.events_of(&absent, 0, 10).await.unwrap(), []);
    assert_eq!(store.closed_tickets(&absent.project, None, 10).await.unwrap(), []);
}

/// Events come back whole and in order, all of them and those of one ticket.
pub async fn reads_back_what_it_took_in_order<S: Store>(store: &S) {
    let epoch = store.lead().await.unwrap();
    let mut history = History::new(1);
    let mut all = Vec::new();
    for events in [1, 2, 7, 64, 100, 3] {
        let batch = history.batch(epoch, events);
        all.extend(batch.events.clone());
        store.commit(batch).await.unwrap();
    }
    assert_eq!(store.events(0, u32::MAX).await.unwrap(), all);
    assert_eq!(store.events(100, u32::MAX).await.unwrap(), all[100..]);
    assert_eq!(store.events(all.len() as u64, 10).await.unwrap(), []);

    let tickets = history.board().tickets.keys().chain(history.board().closed.keys());
    for ticket in tickets {
        let of_it: Vec<_> =
            all.iter().filter(|event| event.event.ticket() == Some(ticket)).cloned().collect();
        assert!(!of_it.is_empty(), "{ticket} came from nowhere");
        assert_eq!(store.events_of(ticket, 0, u32::MAX).await.unwrap(), of_it);
        let after = of_it[0].seq;
        assert_eq!(store.events_of(ticket, after, u32::MAX).await.unwrap(), of_it[1..]);
    }
}

/// After each commit the rows are the fold of all events so far.
pub async fn what_is_loaded_is_the_fold_of_the_events<S: Store>(store: &S) {
    let epoch = store.lead().await.unwrap();
    let mut history = History::new(2);
    for events in [[1; 12], [9; 12], [70; 12]].concat() {
        store.commit(history.batch(epoch, events)).await.unwrap();
        let loaded = Board::from_rows(store.load().await.unwrap());
        assert_same(&loaded, history.board());
    }
}

/// Who reads while batches are written finds the end of one of them, never its middle, and never
/// rows of two.
pub async fn readers_see_whole_batches_only<S: Store>(store: &S) {
    let epoch = store.lead().await.unwrap();
    let mut history = History::new(5);
    let mut boards = vec![history.board().clone()];
    let mut batches = Vec::new();
    for _ in 0..40 {
        batches.push(history.batch(epoch, 50));
        boards.push(history.board().clone());
    }
    let last = history.board().seq;
    let write = async {
        for batch in batches {
            store.commit(batch).await.unwrap();
            tokio::task::yield_now().await;
        }
    };
    let read = async {
        let mut seen = 0;
        while seen < last {
            let board = Board::from_rows(store.load().await.unwrap());
            let whole = boards.iter().find(|whole| whole.seq == board.seq);
            let whole =
                whole.unwrap_or_else(|| panic!("event {} is the middle of a batch", board.seq));
            assert_same(&board, whole);
            assert!(board.seq >= seen, "a later read sees less");
            seen = board.seq;
            tokio::task::yield_now().await;
        }
    };
    tokio::join!(write, read);
}

/// A closed ticket is no live row any more, but nothing of it is lost.
pub async fn closed_tickets_leave_the_live_rows_and_are_still_found<S: Store>(store: &S) {
    let epoch = store.lead().await.unwrap();
    let mut history = History::new(6);
    let mut whole = Vec::new();
    while whole.len() < 12 {
        let batch = history.batch(epoch, 20);
        let closed = batch.rows.tickets.iter().filter(|(_, closed)| closed.is_some());
        whole.extend(closed.map(|(ticket, _)| ticket.clone()));
        store.commit(batch).await.unwrap();
    }
    let rows = store.load().await.unwrap();
    for ticket in &whole {
        assert!(rows.tickets.iter().all(|live| live.id != ticket.id), "{} lives on", ticket.id);
        assert!(rows.closed.iter().any(|(closed, _)| *closed == ticket.id), "{}", ticket.id);
        assert_eq!(store.ticket(&ticket.id).await.unwrap().as_ref(), Some(ticket));
    }
    for ticket in history.board().tickets.values() {
        assert_eq!(store.ticket(&ticket.id).await.unwrap().as_ref(), Some(ticket.as_ref()));
    }
}

/// A project's closed tickets can be paged through.
pub async fn closed_tickets_come_in_pages_the_last_closed_first<S: Store>(store: &S) {
    let (history, _) = written(store, 7, 40, 40).await;
    let worked: BTreeSet<_> = history.board().closed.keys().map(|id| &id.project).collect();
    assert!(worked.len() > 1, "the history has too few projects to tell");
    for project in worked {
        let all = store.closed_tickets(project, None, u32::MAX).await.unwrap();
        assert!(all.iter().all(|ticket| ticket.id.project == *project), "of another project");
        assert!(all.is_sorted_by(|one, next| one.since >= next.since), "not the last first");
        let closed = history.board().closed.keys().filter(|ticket| ticket.project == *project);
        assert_eq!(all.len(), closed.count());
        assert!(all.len() > 6, "the history closed too few tickets of {project} to tell");

        let first = store.closed_tickets(project, None, 3).await.unwrap();
        assert_eq!(first, all[..3]);
        let after = ClosedPlace::of(&first[2]);
        let rest = store.closed_tickets(project, Some(&after), u32::MAX).await.unwrap();
        assert_eq!(rest, all[3..]);
        let last = ClosedPlace::of(all.last().expect("BUG: more than six tickets"));
        assert_eq!(store.closed_tickets(project, Some(&last), u32::MAX).await.unwrap(), []);
    }
}

/// Tickets that were closed at the same moment are all found, whatever the length of the pages.
pub async fn closed_tickets_of_one_moment_are_all_in_some_page<S: Store>(store: &S) {
    let epoch = store.lead().await.unwrap();
    let mut history = History::new(7).with_a_coarse_clock();
    for _ in 0..60 {
        store.commit(history.batch(epoch, 40)).await.unwrap();
    }
    let worked: BTreeSet<_> = history.board().closed.keys().map(|id| &id.project).collect();
    for project in worked {
        let all = store.closed_tickets(project, None, u32::MAX).await.unwrap();
        assert!(all.len() > 6, "the history closed too few tickets of {project} to tell");
        let together = all.windows(2).filter(|pair| pair[0].since == pair[1].since);
        assert!(together.count() > 2, "too few were closed at the same moment to tell");
        for length in [1, 2, 5] {
            let mut found: Vec<Ticket> = vec![];
            loop {
                let after = found.last().map(ClosedPlace::of);
                let page = store.closed_tickets(project, after.as_ref(), length).await.unwrap();
                if page.is_empty() {
                    break;
                }
                found.extend(page);
                assert!(found.len() <= all.len(), "a ticket is in two pages");
            }
            assert_eq!(found, all, "in pages of {length}");
        }
    }
}

/// A repeated command is recognised after a restart as before it: the last answers are loaded,
/// oldest first, and no more than the board keeps.
pub async fn answers_survive_a_reload<S: Store>(store: &S) {
    let epoch = store.lead().await.unwrap();
    let mut history = History::new(8);
    // Commands of several events first: their answer is where the last of them ended.
    store.commit(history.batch(epoch, 200)).await.unwrap();
    assert!(history.board().answers.iter().count() > 20, "the history has too few keys to tell");
    assert_same(&Board::from_rows(store.load().await.unwrap()), history.board());

    for _ in 0..11 {
        store.commit(history.answers(epoch, ANSWERS_MAX / 10)).await.unwrap();
    }
    let loaded = store.load().await.unwrap();
    assert_eq!(loaded.answers.len(), ANSWERS_MAX);
    assert!(loaded.answers.is_sorted_by(|(_, one), (_, next)| one.seq < next.seq), "not in order");
    assert_same(&Board::from_rows(loaded), history.board());
}

/// No reader gets more than it asked for.
pub async fn limits_are_respected<S: Store>(store: &S) {
    let (history, _) = written(store, 9, 10, 50).await;
    let ticket = history.board().tickets.keys().next().expect("BUG: the history has no ticket");
    for limit in [0, 1, 3] {
        let some = usize::try_from(limit).expect("BUG: a small number");
        assert_eq!(store.events(0, limit).await.unwrap().len(), some);
        assert!(store.events_of(ticket, 0, limit).await.unwrap().len() <= some);
        let closed = store.closed_tickets(&ticket.project, None, limit).await.unwrap();
        assert!(closed.len() <= some);
    }
    let pages: [(u64, u32); 3] = [(0, 499), (499, 1), (500, 0)];
    for (after, length) in pages {
        let page = store.events(after, 499).await.unwrap();
        assert_eq!(page.len() as u64, u64::from(length), "after {after}");
    }
}
