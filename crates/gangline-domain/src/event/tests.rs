use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::*;

/// Version 1 as it is in the stores of people. Lines are added, and never changed.
const VERSION_1: &str = include_str!("../../fixtures/events_v1.jsonl");
const SOURCE: &str = include_str!("../event.rs");

struct Specimen {
    type_name: String,
    version: u32,
    body: Value,
}

fn specimens() -> impl Iterator<Item = Specimen> {
    VERSION_1.lines().map(|line| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        Specimen {
            type_name: line["type"].as_str().unwrap().to_owned(),
            version: u32::try_from(line["version"].as_u64().unwrap()).unwrap(),
            body: line["body"].take(),
        }
    })
}

/// All names that an event can have: each stands once in this crate's source, and a variant
/// without one does not compile.
fn type_names() -> BTreeSet<&'static str> {
    SOURCE.lines().filter_map(|line| line.split_once("=> \"")?.1.strip_suffix("\",")).collect()
}

#[test]
fn every_event_has_a_specimen() {
    let names = type_names();
    assert!(names.len() >= 41, "the source was not read: {names:?}");
    let specimens: BTreeSet<String> = specimens().map(|specimen| specimen.type_name).collect();
    let missing: Vec<_> = names.iter().filter(|name| !specimens.contains(**name)).collect();
    assert!(missing.is_empty(), "no specimen in fixtures/events_v1.jsonl of {missing:?}");
}

#[test]
fn the_list_of_types_is_whole() {
    assert_eq!(TYPES, type_names().into_iter().collect::<Vec<_>>());
}

#[test]
fn what_was_written_is_read_and_written_back_the_same() {
    for Specimen { type_name, version, body } in specimens() {
        let event = upcast(&type_name, version, body.clone()).unwrap();
        assert_eq!(event.type_name(), type_name);
        assert_eq!(serde_json::to_value(&event).unwrap(), body);
    }
}

#[test]
fn a_record_is_read_back_as_it_was_written() {
    for (seq, Specimen { type_name, version, body }) in (1..).zip(specimens()) {
        let recorded = Recorded {
            seq,
            epoch: 3,
            at: Timestamp(1_795_000_000_000_000),
            actor: Actor::Person("anna".to_owned()),
            key: Some("2f6c".parse().unwrap()),
            event: upcast(&type_name, version, body).unwrap(),
        };
        let text = serde_json::to_string(&recorded).unwrap();
        assert_eq!(serde_json::from_str::<Recorded>(&text).unwrap(), recorded);
    }
}

#[test]
fn an_old_reader_says_of_new_data_that_it_is_new() {
    let error = upcast("held", EVENT_VERSION + 1, json!({})).unwrap_err();
    insta::assert_snapshot!(error, @"event `held` has version 2; this program reads up to 1");
    assert!(matches!(error, UpcastError::TooNew { .. }));
}

#[test]
fn a_new_reader_reads_version_0() {
    let old = json!({ "ticket": { "ticket": "shop.APP-1", "what": "held" } });
    let new = json!({ "ticket": { "ticket": "shop.APP-1", "what": { "held": { "taken_over": false } } } });
    assert_eq!(upcast("held", 0, old).unwrap(), upcast("held", 1, new).unwrap());
    // All else was in version 0 as it is in version 1.
    for Specimen { type_name, body, .. } in specimens() {
        let old = upcast(&type_name, 0, body.clone()).unwrap();
        assert_eq!(old, upcast(&type_name, 1, body).unwrap());
    }
}

#[test]
fn what_is_no_event_is_named_with_its_version() {
    let bodies = [
        json!(null),
        json!({ "ticket": { "ticket": "../x", "what": "opened" } }),
        json!({ "unknown": {} }),
    ];
    for body in bodies {
        let error = upcast("opened", 1, body).unwrap_err();
        insta::allow_duplicates! {
            insta::assert_snapshot!(error, @"event `opened` version 1 cannot be read");
        }
        assert!(std::error::Error::source(&error).is_some());
    }
}
