//! The figures of a short life of one ticket, told by specimens of its events.

use super::*;
use crate::specimen;

const MINUTE_US: i64 = 60_000_000;
/// The first minute of a day.
const BEGIN: i64 = 20_775 * DAY_US;

/// The `nth` specimen of this type, so many minutes after the begin.
fn event(seq: u64, (minute, type_name, nth): (i64, &str, usize)) -> Recorded {
    specimen::event(seq, Timestamp(BEGIN + minute * MINUTE_US), (type_name, nth))
}

fn told(story: &[(i64, &str, usize)]) -> Insight {
    let mut insight = Insight::default();
    for (seq, moment) in (1..).zip(story) {
        let recorded = event(seq, *moment);
        insight.take(&recorded);
        // Who hears it twice counts it once.
        insight.take(&recorded);
    }
    insight
}

const LIFE: [(i64, &str, usize); 18] = [
    (0, "ticket_added", 0),
    (1, "attempt_started", 0),
    (11, "attempt_ended", 0),
    (12, "captured", 0),
    (12, "submitted", 0),
    (14, "verified", 0),
    (14, "sent_back", 0),
    (20, "attempt_started", 1),
    (30, "attempt_ended", 0),
    (31, "captured", 0),
    (31, "submitted", 0),
    (33, "verified", 1),
    (33, "review_requested", 0),
    (93, "approved", 0),
    (94, "landing_started", 0),
    (95, "integrated", 1),
    (24 * 60 + 3, "approved", 0),
    (24 * 60 + 13, "landed", 0),
];

#[test]
fn a_life_comes_to_figures() {
    let insight = told(&LIFE);
    assert_eq!((insight.seq, insight.events["approved"]), (18, 2));
    assert!(insight.live.is_empty(), "a closed ticket is forgotten");
    let figures = &insight.projects[&"shop".parse().unwrap()];
    let Tally { added, landed, attempts, commits, conflicts, approved, .. } = figures.total;
    assert_eq!((added, landed, attempts, commits), (1, 1, 2, 4));
    assert_eq!((conflicts, approved), (1, 2));
    let Tally { passed, failed, inconclusive, passed_first, measured_first, .. } = figures.total;
    assert_eq!(passed + failed + inconclusive, 2);
    assert_eq!((passed_first, measured_first), (0, 1));
    let days: Vec<_> = figures.days.iter().map(|(day, t)| (*day, t.added, t.landed)).collect();
    assert_eq!(days, [(20_775, 1, 0), (20_776, 0, 1)]);
    let minutes = |spread: &Spread| spread.mean_ms().map(|ms| ms / 60_000);
    assert_eq!(minutes(&figures.attempt), Some(10));
    assert_eq!(minutes(&figures.verification), Some(2));
    assert_eq!(minutes(&figures.to_review), Some(60));
    assert_eq!(minutes(&figures.to_landing), Some(24 * 60 + 13));
    assert_eq!(minutes(&figures.to_merge), Some(10), "from the approval that landed it");
    assert_eq!(figures.classes.values().sum::<u64>(), 1);
    assert_eq!(figures.tries, [(2, 1)].into());
    let agent = &figures.agents[&("ticket-worker".to_owned(), "claude".to_owned())];
    assert_eq!((agent.attempts, agent.ends["finished"], agent.busy_ms), (2, 2, 20 * 60_000));
    let success = figures.success(BEGIN + 2 * DAY_US);
    assert!((success.landed_per_day - 1.0 / 7.0).abs() < 1e-9);
    assert_eq!(success.review_pass_rate, Some(1.0));
    assert_eq!(success.conflicts_per_100_commits, Some(25.0));
    let later = figures.success(BEGIN + 9 * DAY_US);
    assert!(later.landed_per_day.abs() < 1e-9, "the week is over");
}

#[test]
fn coverage_is_that_of_what_landed_last_and_was_measured() {
    let of = |story: &[(i64, &str, usize)]| {
        let figures = &told(story).projects[&"shop".parse().unwrap()];
        figures.coverage.clone()
    };
    let known = BTreeMap::from([("test:coverage".to_owned(), Coverage { ran: 812, all: 1_000 })]);
    let begun = [(0, "ticket_added", 0), (1, "submitted", 0)];
    let [measured, unmeasured] = [3, 0].map(|nth| (2, "verified", nth));
    let landed = (4, "landed", 0);
    let lands = |with: &[_]| of(&[&begun[..], with, &[landed]].concat());
    assert_eq!(lands(&[measured]), known);
    assert_eq!(lands(&[unmeasured]), BTreeMap::new(), "nothing measured is no figure");
    assert_eq!(of(&[begun[0], measured]), BTreeMap::new(), "it has not landed");
    assert_eq!(lands(&[measured, unmeasured]), BTreeMap::new(), "another commit landed");
    // The report of the merged tree has none: that of the ticket's own commit stays.
    assert_eq!(lands(&[measured, (3, "integrated", 0)]), known);
    let later = [&begun[..], &[measured, landed], &begun, &[unmeasured, landed]].concat();
    assert_eq!(of(&later), known, "and what landed before stays known");
}

#[test]
fn figures_are_bounded() {
    let mut insight = Insight::default();
    for day in 0..500 {
        insight.take(&event(day + 1, (i64::try_from(day).unwrap() * 24 * 60, "ticket_added", 0)));
    }
    let figures = &insight.projects[&"shop".parse().unwrap()];
    assert_eq!((figures.days.len(), figures.total.added), (DAYS_MAX, 500));
    let newest = figures.days.last_key_value().unwrap();
    assert_eq!(*newest.0, 20_775 + 499);
}
