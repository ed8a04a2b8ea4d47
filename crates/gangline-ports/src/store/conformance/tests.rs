use std::collections::BTreeSet;

use super::History;

#[test]
fn the_same_seed_makes_the_same_history() {
    let (mut one, mut other) = (History::new(77), History::new(77));
    assert_eq!(one.batch(1, 500), other.batch(1, 500));
    assert_ne!(one.batch(1, 500), History::new(78).batch(1, 500));
}

#[test]
fn a_long_history_tells_of_every_kind_of_event() {
    let mut history = History::new(1);
    let events = history.batch(3, 20_000).events;
    let told: BTreeSet<&str> = events.iter().map(|event| event.event.type_name()).collect();
    let all = [
        "approved",
        "attempt_adopted",
        "attempt_based",
        "attempt_ended",
        "attempt_lost",
        "attempt_started",
        "cancelled",
        "captured",
        "circuit_closed",
        "circuit_opened",
        "delivered",
        "escalated",
        "handed_back",
        "held",
        "hinted",
        "integrated",
        "job_failed",
        "job_started",
        "landed",
        "landing_deferred",
        "landing_intended",
        "landing_started",
        "landing_voided",
        "node_alert_cleared",
        "node_alert_raised",
        "node_drained",
        "node_resumed",
        "nothing_changed",
        "parked",
        "project_configured",
        "project_paused",
        "project_removed",
        "project_resumed",
        "question_answered",
        "question_asked",
        "rejected",
        "released",
        "rerun_ordered",
        "retried",
        "review_requested",
        "sent_back",
        "steered",
        "stop_requested",
        "submitted",
        "ticket_added",
        "ticket_opened",
        "token_added",
        "token_revoked",
        "verified",
    ];
    let untold: Vec<_> = all.into_iter().filter(|kind| !told.contains(kind)).collect();
    assert_eq!(untold, [""; 0]);
}
