//! Traces across the death of the daemon, read by the types that the protocol's own definition gives.

use std::collections::BTreeMap;
use std::time::Duration;

use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;

use super::webhooks::{Got, receiver};
use crate::world::World;

const SCRIPT: &str = "- tool: { tool: Bash, detail: make }\n\
                      - write: { path: a.txt, text: a }\n\
                      - commit: \"${KEY}: a\"\n\
                      - say: Done.";

fn spans(got: &Got) -> Vec<Span> {
    let request = ExportTraceServiceRequest::decode(&*got.body).unwrap();
    let [of] = &request.resource_spans[..] else { panic!("{request:?}") };
    of.scope_spans[0].spans.clone()
}

fn word<'s>(span: &'s Span, key: &str) -> &'s str {
    let found = span.attributes.iter().find(|attribute| attribute.key == key);
    let value = found.and_then(|found| found.value.as_ref()).and_then(|any| any.value.as_ref());
    if let Some(Value::StringValue(text)) = value { text } else { "" }
}

#[test]
fn a_ticket_is_one_trace_down_to_its_tool_calls_also_when_the_daemon_is_killed() {
    // Every third call fails, so that something is still to be told when it is killed.
    let (port, hears) = receiver(|call| match call % 3 {
        0 => "503 Service Unavailable",
        _ => "200 OK",
    });
    let mut world = World::ready();
    world.set("OTLP_AUTH", "Bearer of-a-test");
    let config = format!(
        "[traces]\nendpoint = \"http://127.0.0.1:{port}\"\n\
         headers = {{ authorization = \"env://OTLP_AUTH\" }}\n"
    );
    std::fs::write(world.path("config/config.toml"), config).unwrap();
    let key = world.add("One", SCRIPT);
    let mut got = vec![];
    let wait = Duration::from_mins(1);
    for _ in 0..2 {
        got.push(hears.recv_timeout(wait).unwrap());
    }
    world.kill_daemon();
    world.done(&["up", "--detach"]);
    world.until(&key, |shown| shown["state"] == "landed");
    let is_root = |span: &Span| span.parent_span_id.is_empty();
    while !spans(got.last().unwrap()).iter().any(is_root) {
        got.push(hears.recv_timeout(wait).unwrap());
    }
    assert!(got.iter().all(|got| got.header("authorization") == "Bearer of-a-test"));
    assert!(got.iter().all(|got| got.path == "/v1/traces"));
    // What came twice is the same span: the last telling counts, as it does for a receiver.
    let mut all: BTreeMap<Vec<u8>, Span> = BTreeMap::new();
    for span in got.iter().flat_map(spans) {
        all.insert(span.span_id.clone(), span);
    }
    let root = all.values().find(|span| is_root(span)).unwrap();
    assert_eq!((word(root, "gangline.ticket"), word(root, "gangline.end")), (&*key, "landed"));
    for span in all.values() {
        assert_eq!(span.trace_id, root.trace_id, "{span:?}");
        let known = is_root(span) || all.contains_key(&span.parent_span_id);
        assert!(known, "its parent is missing: {span:?}");
        assert!(span.start_time_unix_nano <= span.end_time_unix_nano);
    }
    let named = |name: &str| {
        let found = all.values().find(|span| span.name == name);
        found.unwrap_or_else(|| {
            panic!("no {name} among {:?}", all.values().map(|s| &s.name).collect::<Vec<_>>())
        })
    };
    let attempt = all.values().find(|span| span.name.starts_with("invoke_agent ")).unwrap();
    assert_eq!(named("execute_tool Bash").parent_span_id, attempt.span_id);
    assert_eq!(named("check commits").parent_span_id, named("verify").span_id);
    for name in ["wait", "capture", "queue", "integrate", "land"] {
        assert_eq!(named(name).parent_span_id, root.span_id, "{name}");
    }
}

#[test]
fn a_receiver_that_takes_nothing_is_found_by_the_doctor_and_holds_up_nobody() {
    let (port, hears) = receiver(|_call| "401 Unauthorized");
    let world = World::ready();
    let config = format!("[traces]\nendpoint = \"http://127.0.0.1:{port}\"\n");
    std::fs::write(world.path("config/config.toml"), config).unwrap();
    let key = world.add("One", SCRIPT);
    world.until(&key, |shown| shown["state"] == "landed");
    for _ in 0..2 {
        hears.recv_timeout(Duration::from_mins(1)).unwrap();
    }
    let doctor = world.json(&["doctor"]);
    let findings = doctor["findings"].as_array().unwrap();
    let found = findings.iter().find(|found| found["what"] == "traces").unwrap();
    assert_eq!(found["health"], "bad", "{found}");
    let says = found["found"].as_str().unwrap();
    assert!(says.contains("it answered 401 Unauthorized"), "{says}");
}
