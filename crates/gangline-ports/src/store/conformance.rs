//! The laws of [`Store`]. A backend is a type that passes them; see [`crate::store_conformance`].
//!
//! Each law gets a store that holds nothing. What it writes comes from a [`History`], so that the
//! rows it expects back are those that the domain itself folds from the events.

mod history;
mod next;
mod reads;
#[cfg(test)]
mod tests;
mod versions;
mod writes;

pub use history::History;
pub use reads::{
    an_empty_store_loads_an_empty_board, answers_survive_a_reload,
    closed_tickets_come_in_pages_the_last_closed_first,
    closed_tickets_leave_the_live_rows_and_are_still_found,
    closed_tickets_of_one_moment_are_all_in_some_page, limits_are_respected,
    readers_see_whole_batches_only, reads_back_what_it_took_in_order,
    what_is_loaded_is_the_fold_of_the_events,
};
pub use versions::{RawEvent, a_newer_version_is_a_clear_error, old_versions_are_upcast};
pub use writes::{
    a_batch_is_all_or_nothing, an_empty_batch_writes_its_rows_and_no_event,
    damage_is_told_as_damage, exactly_one_of_two_racing_batches_wins,
    exactly_one_of_two_racing_leaders_commits, lead_grows_and_fences_the_earlier_leader,
    refuses_a_gap_and_writes_nothing, refuses_a_stale_epoch_and_writes_nothing,
    refuses_an_epoch_that_nobody_has_taken,
};

use gangline_domain::board::Board;
use gangline_domain::event::Recorded;

use super::{Batch, Store};

/// Everything that the store holds, as a reader sees it.
async fn contents<S: Store>(store: &S) -> (Board, Vec<Recorded>) {
    let board = Board::from_rows(store.load().await.unwrap());
    (board, store.events(0, u32::MAX).await.unwrap())
}

/// Takes the lead and writes `batches` of `events` each.
async fn written<S: Store>(store: &S, seed: u64, batches: u32, events: usize) -> (History, u64) {
    let epoch = store.lead().await.unwrap();
    let mut history = History::new(seed);
    for _ in 0..batches {
        store.commit(history.batch(epoch, events)).await.unwrap();
    }
    (history, epoch)
}

/// Fails unless both boards are the same, and says in which part they differ.
#[track_caller]
fn assert_same(found: &Board, expected: &Board) {
    assert_eq!(found.seq, expected.seq, "the last event");
    assert_eq!(found.fences, expected.fences, "the last fence");
    assert_eq!(found.projects, expected.projects, "projects");
    assert_eq!(found.tickets, expected.tickets, "live tickets");
    assert_eq!(found.closed, expected.closed, "closed tickets");
    assert_eq!(found.circuits, expected.circuits, "circuits");
    assert_eq!(found.node_alerts, expected.node_alerts, "alerts of nodes");
    assert_eq!(found.draining, expected.draining, "nodes that are being drained");
    assert_eq!(found.tokens, expected.tokens, "tokens");
    assert!(found.answers == expected.answers, "answers");
    assert!(found.same_as(expected), "what is derived");
}

/// Fails unless the store holds exactly what it held before.
async fn assert_unchanged<S: Store>(store: &S, before: &(Board, Vec<Recorded>)) {
    let (board, events) = contents(store).await;
    assert_same(&board, &before.0);
    assert_eq!(events.len(), before.1.len(), "a refused batch left events");
}

/// Gives each law its own test, so that a failure is named after the law it broke.
///
/// `$fresh` makes a store and whatever must live as long as it does, and may await:
/// `store_conformance!((MemoryStore::default(), ()))`. A store that outlives the program gives, too,
/// an async closure from `(&store, RawEvent)` that writes the event as the backend's first version
/// kept it, with all else that a commit writes, and one from `(&store)` that damages what is kept.
#[macro_export]
macro_rules! store_conformance {
    ($fresh:expr $(,)?) => {
        $crate::store_conformance! { @laws conformance, $fresh;
            an_empty_store_loads_an_empty_board,
            reads_back_what_it_took_in_order,
            what_is_loaded_is_the_fold_of_the_events,
            readers_see_whole_batches_only,
            refuses_a_stale_epoch_and_writes_nothing,
            refuses_an_epoch_that_nobody_has_taken,
            refuses_a_gap_and_writes_nothing,
            lead_grows_and_fences_the_earlier_leader,
            exactly_one_of_two_racing_leaders_commits,
            exactly_one_of_two_racing_batches_wins,
            a_batch_is_all_or_nothing,
            an_empty_batch_writes_its_rows_and_no_event,
            closed_tickets_leave_the_live_rows_and_are_still_found,
            closed_tickets_come_in_pages_the_last_closed_first,
            closed_tickets_of_one_moment_are_all_in_some_page,
            answers_survive_a_reload,
            limits_are_respected,
        }
    };
    ($fresh:expr, write_raw = $write_raw:expr, damage = $damage:expr $(,)?) => {
        $crate::store_conformance!($fresh);
        mod conformance_of_versions {
            use super::*;
            #[tokio::test]
            async fn old_versions_are_upcast() {
                let (store, _kept) = $fresh;
                $crate::store::conformance::old_versions_are_upcast(&store, $write_raw).await;
            }
            #[tokio::test]
            async fn a_newer_version_is_a_clear_error() {
                let (store, _kept) = $fresh;
                $crate::store::conformance::a_newer_version_is_a_clear_error(&store, $write_raw)
                    .await;
            }
        }
        mod conformance_of_damage {
            use super::*;
            #[tokio::test]
            async fn damage_is_told_as_damage() {
                let (store, _kept) = $fresh;
                $crate::store::conformance::damage_is_told_as_damage(&store, $damage).await;
            }
        }
    };
    (@laws $module:ident, $fresh:expr; $($law:ident),+ $(,)?) => {
        mod $module {
            use super::*;
            $(#[tokio::test]
            async fn $law() {
                let (store, _kept) = $fresh;
                $crate::store::conformance::$law(&store).await;
            })+
        }
    };
}
