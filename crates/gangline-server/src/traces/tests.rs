//! Spans of a short life of one ticket, told by specimens of its events.

use std::collections::BTreeSet;

use gangline_domain::ids::Timestamp;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use serde_json::json;

use super::course::{Course, may_end};
use super::inside::Reading;
use crate::specimen;

const MINUTE_US: i64 = 60_000_000;

/// Minutes, types of events and which specimen.
const LIFE: [(i64, &str, usize); 24] = [
    (0, "ticket_added", 1),
    (1, "ticket_opened", 0),
    (2, "attempt_started", 0),
    (3, "question_asked", 0),
    (5, "question_answered", 0),
    (6, "steered", 0),
    (11, "attempt_ended", 3),
    (11, "job_started", 0),
    (12, "captured", 0),
    (12, "job_started", 1),
    (13, "job_failed", 0),
    (14, "job_started", 1),
    (15, "verified", 0),
    (15, "sent_back", 0),
    (20, "attempt_started", 1),
    (25, "attempt_lost", 0),
    (27, "attempt_adopted", 0),
    (30, "review_requested", 0),
    (40, "approved", 0),
    (42, "landing_started", 0),
    (43, "job_started", 2),
    (45, "integrated", 1),
    (46, "landing_intended", 0),
    (47, "landed", 0),
];

fn told(content: bool) -> Vec<Span> {
    spans(content, &LIFE)
}

fn spans(content: bool, story: &[(i64, &str, usize)]) -> Vec<Span> {
    let mut course = Course::new(content);
    let mut spans = vec![];
    for (seq, &(minute, type_name, nth)) in (1..).zip(story) {
        let recorded = specimen::event(seq, Timestamp(minute * MINUTE_US), (type_name, nth));
        let over = course.take(&recorded);
        assert!(
            over.is_empty() || may_end(&recorded.event).is_some(),
            "{type_name} ends something, and is not looked at"
        );
        spans.extend(over.into_iter().map(|over| over.draft.done()));
    }
    spans
}

fn word(span: &Span, key: &str) -> Option<String> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    let Value::StringValue(text) = found.value.as_ref()?.value.as_ref()? else { return None };
    Some(text.clone())
}

/// Name, minutes, the name of its parent, and what was wrong.
fn line(span: &Span, all: &[Span]) -> String {
    let minute = |nanos: u64| nanos / 60_000_000_000;
    let parent = all.iter().find(|other| other.span_id == span.parent_span_id);
    let parent = parent.map_or("-", |parent| &parent.name);
    let (from, to) = (minute(span.start_time_unix_nano), minute(span.end_time_unix_nano));
    let wrong = word(span, "error.type").unwrap_or_default();
    format!("{from:>2} to {to:>2} {} in {parent} {wrong}", span.name).trim_end().to_owned()
}

#[test]
fn a_life_is_a_tree_of_spans() {
    let spans = told(false);
    let lines: Vec<String> = spans.iter().map(|span| line(span, &spans)).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
     1 to  2 wait in ticket
     3 to  5 question in invoke_agent ticket-worker
     2 to 11 invoke_agent ticket-worker in ticket gave_up
    11 to 12 capture in ticket
    12 to 13 verify in ticket infra
    14 to 15 verify in ticket fail
    15 to 20 wait in ticket
    20 to 27 invoke_agent ticket-worker in ticket
    30 to 40 review by a person in ticket
    40 to 42 queue in ticket
    43 to 45 integrate in ticket conflict
    46 to 47 land in ticket
     0 to 47 ticket in -
    ");
    let ids: BTreeSet<&[u8]> = spans.iter().map(|span| &*span.span_id).collect();
    assert_eq!(ids.len(), spans.len(), "two spans have one id");
    assert_eq!(spans, told(false), "what is told again is told of the same spans");
}

#[test]
fn an_attempt_that_was_given_up_ends_when_its_node_fell_silent() {
    let story = [
        (0, "ticket_added", 0),
        (1, "attempt_started", 0),
        (9, "attempt_lost", 0),
        (20, "attempt_started", 1),
    ];
    let spans = spans(false, &story);
    let lines: Vec<String> = spans.iter().map(|span| line(span, &spans)).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    0 to  1 wait in -
    1 to  9 invoke_agent ticket-worker in - node_lost
    ");
}

#[test]
fn what_was_said_goes_along_where_it_is_wanted_and_nowhere_else() {
    let said = |content| format!("{:?}", told(content));
    for text in [
        "Say what the cart does",
        "May I change the public interface?",
        "leave the tests alone",
        "it is not said which currency",
    ] {
        assert!(!said(false).contains(text), "{text}");
        assert!(said(true).contains(text), "{text}");
    }
}

#[test]
fn a_journal_tells_tool_calls_and_checks() {
    let mut course = Course::new(false);
    let mut insides = vec![];
    for (seq, (minute, type_name, nth)) in (1..).zip(LIFE) {
        let over =
            course.take(&specimen::event(seq, Timestamp(minute * MINUTE_US), (type_name, nth)));
        insides.extend(over.into_iter().filter_map(|over| over.inside));
    }
    let mut reading = Reading::new(insides.remove(0));
    let line = |n: u64, minute: i64, what: serde_json::Value| {
        let mut line = what;
        line["n"] = n.into();
        line["at_us"] = (minute * MINUTE_US).into();
        line
    };
    let started = |id: &str| json!({ "kind": "tool_started", "id": id, "tool": "Bash", "detail": "make secret", "paths": [] });
    let mut spans = vec![];
    for line in [
        line(1, 2, json!({ "kind": "message", "text": "hello" })),
        line(2, 3, started("t1")),
        line(3, 4, started("t2")),
        line(4, 5, json!({ "kind": "tool_finished", "id": "t1", "ok": false, "detail": "no" })),
        line(5, 6, json!({ "kind": "of the future" })),
        line(6, 7, json!({ "kind": "tool_finished", "id": "t9", "ok": true, "detail": "" })),
        line(
            7,
            8,
            json!({ "kind": "checked", "name": "test", "verdict": "fail", "fact": "1 of 3" }),
        ),
    ] {
        spans.extend(reading.take(&line));
    }
    let (open, left_out) = reading.ended(Timestamp(11 * MINUTE_US));
    spans.extend(open);
    let spans: Vec<Span> = spans.into_iter().map(super::span::Draft::done).collect();
    let lines: Vec<String> = spans.iter().map(|span| self::line(span, &spans)).collect();
    insta::assert_snapshot!(lines.join("\n"), @"
    3 to  5 execute_tool Bash in - tool_error
    8 to  8 check test in - fail
    4 to 11 execute_tool Bash in - unfinished
    ");
    assert_eq!(left_out, 0);
    assert_eq!(word(&spans[0], "gen_ai.tool.call.id").as_deref(), Some("t1"));
    assert!(!format!("{spans:?}").contains("make secret"));
}
