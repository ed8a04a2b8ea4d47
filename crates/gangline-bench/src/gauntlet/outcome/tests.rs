//! What a shown ticket means for its case.

use serde_json::{Value, json};

use super::read;

fn check(name: &str, required: bool, verdict: &str) -> Value {
    json!({ "name": name, "required": required, "verdict": verdict, "fact": format!("{name}!") })
}

fn escalated(checks: &Value, candidate: &Value) -> Value {
    json!({
        "state": "escalated",
        "report": { "checks": checks },
        "candidate_report": { "checks": candidate },
        "escalation": { "reason": "tries_spent", "summary": "all tries are spent" },
    })
}

#[test]
fn a_ticket_on_its_way_has_no_outcome() {
    for state in ["open", "working", "verifying", "queued", "landing", "backoff"] {
        assert_eq!(read(&json!({ "state": state })), None, "{state}");
    }
}

#[test]
fn the_first_required_check_that_failed_rejects() {
    let checks = json!([
        check("commits", true, "pass"),
        check("lint", false, "fail"),
        check("build", true, "inconclusive"),
        check("test", true, "fail"),
    ]);
    let outcome = read(&escalated(&checks, &json!([]))).unwrap();
    assert_eq!(outcome.by(), Some(("test", "test!")));
    assert_eq!(outcome.word(), "rejected");
}

#[test]
fn a_red_merge_candidate_rejects_too() {
    let outcome = read(&escalated(&json!([]), &json!([check("test", true, "fail")]))).unwrap();
    assert_eq!(outcome.word(), "rejected");
}

#[test]
fn what_could_not_be_measured_is_told_apart() {
    let checks = json!([check("test", true, "inconclusive")]);
    assert_eq!(read(&escalated(&checks, &json!([]))).unwrap().word(), "not measured");
    let nothing = read(&escalated(&json!([]), &json!([]))).unwrap();
    assert_eq!(nothing.by(), Some(("tries_spent", "all tries are spent")));
}

#[test]
fn a_doubt_says_why_a_person_is_asked() {
    let mut shown = json!({
        "state": "review",
        "wait": { "text": "a person to approve it" },
        "report": { "checks": [check("files", true, "pass"), check("dates", true, "pass")] },
    });
    assert_eq!(read(&shown).unwrap().by(), Some(("review", "a person to approve it")));
    shown["report"]["checks"][1]["doubts"] = json!(["a commit is from the future"]);
    assert_eq!(read(&shown).unwrap().by(), Some(("dates", "a commit is from the future")));
}
