use super::*;

/// A moment, both clocks in minutes.
fn moment(at: i64, boot_id: &str, awake: u64) -> Moment {
    Moment { at: Timestamp(at * 60_000_000), boot_id: boot_id.to_owned(), awake_ms: awake * 60_000 }
}

#[test]
fn a_deadline_counts_the_time_that_the_machine_is_awake() {
    let (began, deadline) = (moment(100, "one", 10), Timestamp(340 * 60_000_000));
    for (what, now, left) in [
        ("at once", moment(100, "one", 10), 240),
        ("an hour later", moment(160, "one", 70), 180),
        ("after ten hours of sleep", moment(760, "one", 70), 180),
        ("the wall clock was set ahead", moment(900, "one", 20), 230),
        ("the wall clock was set back", moment(10, "one", 20), 230),
        ("it was up", moment(400, "one", 310), 0),
        ("after another boot, by the wall clock", moment(300, "two", 1), 40),
    ] {
        assert_eq!(began.ms_left(deadline, &now), left * 60_000, "{what}");
    }
}

#[test]
fn this_moment_is_known_and_goes_on() {
    let first = Moment::now().unwrap();
    let second = Moment::now().unwrap();
    assert!(second.awake_ms >= first.awake_ms && second.boot_id == first.boot_id);
}
