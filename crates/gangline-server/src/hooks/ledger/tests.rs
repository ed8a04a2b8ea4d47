use super::*;

const DAY_MS: u64 = 24 * 3_600_000;

fn tried(seq: u64, now: Timestamp, error: Option<&str>) -> Try {
    Try {
        seq,
        id: format!("evt_{seq}"),
        kind: "landed",
        happened: Timestamp(0),
        now,
        status: Some(if error.is_some() { 500 } else { 204 }),
        error: error.map(str::to_owned),
        duration_ms: 3,
    }
}

#[test]
fn pauses_grow_to_an_hour_and_are_spread() {
    let most = |failures| pause(failures, u32::MAX).as_secs();
    let seconds: Vec<u64> = (1..=14).map(most).collect();
    let grown = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048, 3_600, 3_600];
    assert_eq!(seconds, grown);
    assert_eq!(most(10_000), 3_600);
    assert_eq!(pause(1, 0).as_millis(), 500);
    assert_eq!(pause(13, 0).as_secs(), 1_800);
}

#[test]
fn the_cursor_moves_when_an_event_was_taken_and_not_before() {
    let (failed, next) = Ledger::behind(6).after(tried(7, Timestamp(1), Some("no")), u32::MAX);
    assert_eq!((failed.cursor, next), (6, Next::Again(Duration::from_secs(1))));
    let (again, next) = failed.after(tried(7, Timestamp(2), Some("no")), u32::MAX);
    assert_eq!((again.cursor, next), (6, Next::Again(Duration::from_secs(2))));
    assert_eq!(again.failing_since_us, Some(1));
    let (taken, next) = again.after(tried(7, Timestamp(3), None), 0);
    assert_eq!((taken.cursor, next), (7, Next::Delivered));
    assert_eq!((taken.failures, taken.failing_since_us, taken.next_try_us), (0, None, None));
    assert_eq!(taken.delivered_us, Some(3));
    let told: Vec<_> = taken.deliveries.iter().map(|told| (told.seq, told.tries)).collect();
    assert_eq!(told, [(7, 3)], "one entry for each event");
}

#[test]
fn an_event_is_given_up_after_three_days_of_trying_and_others_after_one_try() {
    let begun = Timestamp(0).plus_ms(10 * DAY_MS);
    let (ledger, next) = Ledger::behind(6).after(tried(7, begun, Some("no")), 0);
    assert!(matches!(next, Next::Again(_)), "it happened long ago, but was not tried before");
    let (ledger, next) = ledger.after(tried(7, begun.plus_ms(3 * DAY_MS - 1), Some("no")), 0);
    assert!(matches!(next, Next::Again(_)));
    let (ledger, next) = ledger.after(tried(7, begun.plus_ms(3 * DAY_MS), Some("no")), 0);
    assert!(matches!(next, Next::GivenUp(_)));
    assert_eq!((ledger.cursor, ledger.given_up), (7, 1));
    let (ledger, next) = ledger.after(tried(8, begun.plus_ms(3 * DAY_MS + 1), Some("no")), 0);
    assert!(matches!(next, Next::GivenUp(_)), "it has waited behind the first for as long");
    assert_eq!(ledger.cursor, 8);
    let late = Try {
        happened: begun.plus_ms(2 * DAY_MS),
        ..tried(9, begun.plus_ms(4 * DAY_MS), Some("no"))
    };
    let (_, next) = ledger.after(late, 0);
    assert!(matches!(next, Next::Again(_)), "it has not");
}

#[test]
fn an_event_is_given_up_after_so_many_tries() {
    let mut ledger = Ledger::behind(6);
    let mut nexts = vec![];
    for _ in 0..TRIES_MAX {
        let (after, next) = ledger.after(tried(7, Timestamp(1), Some("no")), 0);
        ledger = after;
        nexts.push(matches!(next, Next::GivenUp(_)));
    }
    assert_eq!(nexts.iter().filter(|given_up| **given_up).count(), 1);
    assert!(nexts.ends_with(&[true]));
}

#[test]
fn the_last_deliveries_are_kept_over_restarts() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("webhooks");
    let names = ["a".to_owned(), "b".to_owned()];
    tidy(&folder, &names.iter().collect()).unwrap();
    let shelf = Shelf::of(&folder, "a");
    let mut ledger = load(&shelf, 40).unwrap();
    assert_eq!(ledger, Ledger::behind(40));
    assert_eq!(load(&shelf, 50).unwrap().cursor, 40, "it begins where it was configured");
    for seq in 41..300 {
        ledger = ledger.after(tried(seq, Timestamp(1), None), 0).0;
    }
    shelf.write(&ledger).unwrap();
    assert_eq!(load(&shelf, 50).unwrap(), ledger);
    assert_eq!((ledger.deliveries.len(), ledger.deliveries[0].seq), (200, 100));
    load(&Shelf::of(&folder, "b"), 1).unwrap();
    tidy(&folder, &names[..1].iter().collect()).unwrap();
    let again = load(&Shelf::of(&folder, "b"), 9).unwrap();
    assert_eq!(again.cursor, 9, "what was taken out is forgotten");
    std::fs::write(folder.join("a.json"), "{").unwrap();
    assert_eq!(load(&shelf, 60).unwrap().cursor, 60);
    assert!(folder.join("a.bad").exists());
}
