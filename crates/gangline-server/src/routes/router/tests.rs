mod doctor;
mod door;
mod hooks;
mod lists;
mod malformed;
mod mcp;
mod nodes;
mod oidc;
mod push;
mod repeats;
mod schedules;
mod streams;
mod workers;
mod world;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use axum::body::{Body, to_bytes};
use axum::http::Request;
use gangline_api::problem::Problem;
use gangline_api::version::IDEMPOTENCY_HEADER;
use gangline_domain::command::Command;
use gangline_domain::ids::{Actor, TicketId};
use gangline_ports::Past;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;

use super::*;
use crate::app::StopWish;
use crate::door::Guests;
use world::*;

const TICKETS: &str = "POST /projects/shop/tickets";

#[tokio::test]
async fn a_ticket_is_added_and_shown_with_what_it_waits_for() {
    let world = world().await;
    let added = world.ask(TICKETS, r#"{"title":"Faster carts","priority":"high"}"#).await;
    assert_eq!(added, r#"200 {"seq":2,"project":"shop","key":"APP-1"}"#);
    let shown = world.ask("GET /projects/shop/tickets/APP-1", "").await;
    let shown: serde_json::Value =
        serde_json::from_str(shown.strip_prefix("200 ").unwrap()).unwrap();
    let picked = ["key", "title", "state", "priority", "agent", "wait", "created_by"]
        .map(|field| shown[field].to_string());
    insta::assert_snapshot!(picked.join("\n"), @r#"
    "APP-1"
    "Faster carts"
    "open"
    "high"
    "worker"
    {"for":"node","text":"a node that can drive its agent"}
    "person:ann"
    "#);
}

#[tokio::test]
async fn each_kind_of_bad_input_has_its_code() {
    let world = world().await;
    world.ask(TICKETS, r#"{"title":"One","key":"APP-1"}"#).await;
    let asked = [
        (TICKETS, "{"),
        (TICKETS, r#"{"titel":"x"}"#),
        (TICKETS, r#"{"title":""}"#),
        (TICKETS, r#"{"title":"x","key":"APP-1"}"#),
        (TICKETS, r#"{"title":"x","key":"../../etc"}"#),
        (TICKETS, r#"{"title":"x","depends_on":["APP-9"]}"#),
        (TICKETS, r#"{"title":"x","key":"APP-3","depends_on":["APP-3"]}"#),
        (TICKETS, r#"{"title":"x","agent":"nobody"}"#),
        (TICKETS, r#"{"title":"x","priority":"urgent"}"#),
        (TICKETS, r#"{"title":"x","scope":["../a"]}"#),
        ("POST /projects/none/tickets", r#"{"title":"x"}"#),
        ("POST /projects/sh%2Fop/tickets", r#"{"title":"x"}"#),
        ("GET /projects/shop/tickets/APP-77", ""),
        ("GET /projects/shop/tickets/app-1", ""),
        ("POST /projects/shop/tickets/APP-1/approve", "{}"),
        ("POST /projects/shop/tickets/APP-1/dance", ""),
        ("POST /projects/shop/tickets/APP-1/answer", r#"{"text":"yes"}"#),
        ("POST /projects/shop/tickets/APP-1/take-over", ""),
        ("GET /projects/shop/tickets/APP-1/journal", ""),
        ("GET /projects/shop/tickets/APP-1/diff", ""),
        ("DELETE /projects/shop", ""),
        ("POST /circuits/claude/close", ""),
        ("POST /projects", r#"{"path":"shop"}"#),
        ("POST /projects", r#"{"path":"/home/bob/shop"}"#),
        ("GET /events?key=APP-1", ""),
        ("GET /events?afer=1", ""),
        ("GET /nowhere", ""),
        ("PUT /status", ""),
    ];
    let mut answers = vec![];
    for (line, body) in asked {
        answers.push(world.refused(line, body).await);
    }
    insta::assert_snapshot!(answers.join("\n"), @"
    400 bad_request: EOF while parsing an object at line 1 column 1
    400 bad_request: unknown field `titel`, expected one of `key`, `title`, `body`, `priority`, `labels`, `depends_on`, `scope`, `permits`, `agent`, `capabilities`, `deliverable`, `brief`, `external_ref`, `budget`, `draft` at line 1 column 8
    422 bad_ticket: the title is empty → gangline add --help
    409 duplicate_key: shop.APP-1 exists already → gangline show APP-1
    422 bad_name: `../../etc` is not a ticket key such as APP-12: it has no dash → gangline list --all
    422 unknown_dependency: APP-2 cannot depend on APP-9: there is no such ticket → gangline list --all
    422 dependency_cycle: these tickets would wait for one another: APP-3 → APP-3 → leave the dependency out
    422 unknown_agent: project shop has no agent nobody; it has worker → choose one of these, or write .gangline/agents/nobody.md
    422 bad_ticket: `urgent` is not a priority; one is critical, high, medium or low → gangline add --help
    422 bad_ticket: `../a` is not a path pattern: it must stay below the repository's root → gangline add --help
    404 no_such_project: there is no project none → gangline project list
    422 bad_name: `sh/op` is not a project name: only a-z, 0-9 and - are allowed → gangline project list
    404 no_such_ticket: there is no ticket shop.APP-77 → gangline list --all
    422 bad_name: `app-1` is not a ticket key such as APP-12: it must begin with A-Z → gangline list --all
    409 wrong_state: shop.APP-1 is open; approve needs it to be in review → gangline show APP-1
    404 no_such_route: there is no such route
    404 no_such_question: shop.APP-1 has no open question → gangline show APP-1
    409 wrong_state: shop.APP-1 is open; take over needs it to be working, escalated, held or waiting → gangline show APP-1
    404 no_such_journal: no agent has worked on shop.APP-1 yet → gangline show APP-1
    409 nothing_to_show: no attempt of shop.APP-1 has left a commit yet → gangline show APP-1
    409 project_in_use: project shop has 1 live tickets, such as APP-1 → gangline list --project shop
    409 circuit_not_open: the circuit of agent kind claude is not open → gangline doctor
    400 bad_request: `path` must be absolute
    409 project_name_taken: project shop is the repository /home/ann/shop → give this one its own [project] name in gangline.toml
    400 bad_request: `key` needs `project`
    400 bad_request: Failed to deserialize query string: afer: unknown field `afer`, expected one of `after`, `limit`, `wait_ms`, `project`, `key`, `types`
    404 no_such_route: there is no such route
    405 method_not_allowed: the route does not take this method
    ");
}

#[tokio::test]
async fn an_import_is_checked_as_a_whole_before_anything_is_added() {
    let world = world().await;
    let import = "POST /projects/shop/imports";
    let cycle = r#"{"tickets":[{"key":"APP-1","title":"a","depends_on":["APP-2"]},
        {"key":"APP-2","title":"b","depends_on":["APP-1"]}]}"#;
    let unknown = r#"{"tickets":[{"key":"APP-1","title":"a"},
        {"key":"APP-2","title":"b","depends_on":["APP-9"]}]}"#;
    let twice = r#"{"tickets":[{"key":"APP-1","title":"a"},{"key":"APP-1","title":"b"}]}"#;
    let mut answers = vec![];
    for bad in [cycle, unknown, twice] {
        answers.push(world.refused(import, bad).await);
    }
    answers.push(world.ask("GET /tickets", "").await);
    let good = r#"{"tickets":[{"key":"APP-1","title":"a","depends_on":["APP-2"]},
        {"key":"APP-2","title":"b"}]}"#;
    answers.push(world.ask(import, good).await);
    answers.push(world.ask(import, good).await);
    let changed = r#"{"tickets":[{"key":"APP-2","title":"other"}]}"#;
    answers.push(world.refused(import, changed).await);
    insta::assert_snapshot!(answers.join("\n"), @r#"
    422 dependency_cycle: these tickets would wait for one another: APP-1 → APP-2 → APP-1 → leave the dependency out
    422 unknown_dependency: APP-2 cannot depend on APP-9: there is no such ticket → gangline list --all
    409 duplicate_key: APP-1 stands in the import twice
    200 {"tickets":[]}
    200 {"added":["APP-2","APP-1"],"unchanged":[]}
    200 {"added":[],"unchanged":["APP-2","APP-1"]}
    409 duplicate_key: shop.APP-2 exists already → gangline show APP-2
    "#);
}

#[tokio::test]
async fn a_ticket_is_split_into_parts_that_say_where_they_come_from() {
    let world = world().await;
    world.ask(TICKETS, r#"{"title":"Schema"}"#).await;
    let whole = r#"{"title":"Carts and totals","body":"Faster.\n\n```x\n```","priority":"high",
        "labels":["perf"],"depends_on":["APP-1"],"scope":["src/**"],"permits":["tests/cart/**"],
        "agent":"worker","external_ref":"105"}"#;
    world.ask(TICKETS, whole).await;
    world.ask(TICKETS, r#"{"title":"Taken","key":"APP-4"}"#).await;
    world.ask(TICKETS, r#"{"title":"Waits","key":"APP-9","depends_on":["APP-2"]}"#).await;
    let split = "POST /projects/shop/tickets/APP-2/split";
    let wish = r#"{"parts":["Carts\nOnly the carts.","Totals"]}"#;
    let answer = world.ask_once("once", split, wish).await;
    assert_eq!(answer, r#"200 {"added":["APP-10","APP-11"],"dependents":["APP-9"]}"#);
    assert_eq!(world.ask_once("once", split, wish).await, answer, "a repeat is answered alike");
    let mut told = vec![];
    for key in ["APP-10", "APP-11"] {
        let shown = world.ask(&format!("GET /projects/shop/tickets/{key}"), "").await;
        let shown: serde_json::Value =
            serde_json::from_str(shown.strip_prefix("200 ").unwrap()).unwrap();
        let fields = ["title", "priority", "labels", "scope", "permits", "agent", "external_ref"];
        told.extend(fields.map(|field| shown[field].to_string()));
        told.extend(shown["depends_on"].as_array().unwrap().iter().map(|on| on["key"].to_string()));
        told.push(shown["body"].as_str().unwrap().to_owned());
    }
    insta::assert_snapshot!(told.join("\n"), @r##"
    "Carts"
    "high"
    ["perf"]
    ["src/**"]
    ["tests/cart/**"]
    "worker"
    "105"
    "APP-1"
    Only the carts.

    Part 1 of 2 of APP-2, which was split; the rest is for APP-11. Do this part only. APP-2 is “Carts and totals”. It asked for:

    > Faster.
    >
    > ```x
    > ```
    "Totals"
    "high"
    ["perf"]
    ["src/**"]
    ["tests/cart/**"]
    "worker"
    "105"
    "APP-1"
    "APP-10"
    Part 2 of 2 of APP-2, which was split; the rest is for APP-10. Do this part only. APP-2 is “Carts and totals”. It asked for:

    > Faster.
    >
    > ```x
    > ```
    "##);
    let again = world.refused(split, wish).await;
    assert!(again.starts_with("409 ticket_closed"), "{again}");
}

#[tokio::test]
async fn a_split_that_is_refused_changes_nothing() {
    let world = world().await;
    world.ask(TICKETS, r#"{"title":"Carts"}"#).await;
    let split = "POST /projects/shop/tickets/APP-1/split";
    let nine = serde_json::json!({ "parts": vec!["x"; 9] }).to_string();
    let mut answers = vec![];
    for wish in [r#"{"parts":["one"]}"#, &nine, r#"{"parts":["one"," "]}"#] {
        answers.push(world.refused(split, wish).await);
    }
    let unknown = "POST /projects/shop/tickets/APP-7/split";
    answers.push(world.refused(unknown, r#"{"parts":["a","b"]}"#).await);
    insta::assert_snapshot!(answers.join("\n"), @r##"
    400 bad_request: a ticket is split into 2 to 8 parts, not 1 → gangline split --help
    400 bad_request: a ticket is split into 2 to 8 parts, not 9 → gangline split --help
    422 bad_ticket: the title is empty → gangline add --help
    404 no_such_ticket: there is no ticket shop.APP-7 → gangline list --all
    "##);
    let listed = world.ask("GET /tickets", "").await;
    assert!(listed.contains("APP-1") && !listed.contains("APP-2"), "{listed}");
}

#[tokio::test]
async fn parts_may_go_on_at_once_and_drop_what_was_cancelled() {
    let world = world().await;
    for title in [r#"{"title":"Gone"}"#, r#"{"title":"Carts","depends_on":["APP-1"]}"#] {
        world.ask(TICKETS, title).await;
    }
    world.ask("POST /projects/shop/tickets/APP-1/cancel", "").await;
    let split = "POST /projects/shop/tickets/APP-2/split";
    let answer = world.ask(split, r#"{"parts":["a","b","c"],"parallel":true}"#).await;
    assert_eq!(answer, r#"200 {"added":["APP-3","APP-4","APP-5"],"dependents":[]}"#);
    let last = world.ask("GET /projects/shop/tickets/APP-5", "").await;
    assert!(last.contains(r#""depends_on":[]"#), "{last}");
    assert!(world.ask("GET /tickets", "").await.matches(r#""state":"open""#).count() == 3);
}

#[tokio::test]
async fn a_reader_of_events_misses_nothing_and_waits_for_news() {
    let world = world().await;
    let first = world.ask("GET /events?after=0", "").await;
    assert!(first.contains("project_configured") && first.ends_with(r#""next":1}"#), "{first}");
    let (news, _) = tokio::join!(
        world.ask("GET /events?after=1&wait_ms=30000&project=shop&key=APP-1", ""),
        world.ask(TICKETS, r#"{"title":"One"}"#),
    );
    insta::assert_snapshot!(news, @r#"200 {"events":[{"seq":2,"at_us":1000000,"actor":"person:ann","type":"ticket_added","project":"shop","key":"APP-1","text":"added: One"}],"next":2}"#);
    let nothing = world.ask("GET /events?after=2&wait_ms=1", "").await;
    assert_eq!(nothing, r#"200 {"events":[],"next":2}"#);
}

#[tokio::test]
async fn requests_that_wait_are_answered_when_the_daemon_ends() {
    let world = world().await;
    let wait = world.ask("GET /events?after=9&wait_ms=60000", "");
    let end = async { world.ending.cancel() };
    let (answer, ()) = tokio::join!(wait, end);
    assert_eq!(answer, r#"200 {"events":[],"next":9}"#);
}

#[tokio::test]
async fn registering_again_changes_only_what_changed() {
    let world = world().await;
    let again = world.ask("POST /projects", r#"{"path":"/home/ann/shop"}"#).await;
    assert!(again.contains(r#""change":"unchanged","notes":["a note"]"#), "{again}");
    world.ask("POST /projects/shop/pause", "").await;
    let shown = world.ask("GET /projects/shop", "").await;
    assert!(shown.contains(r#""paused":true"#), "{shown}");
}

#[tokio::test]
async fn the_wish_to_end_reaches_the_daemon() {
    let world = world().await;
    let answer = world.ask("POST /shutdown", r#"{"jobs":true}"#).await;
    assert_eq!(answer, r#"200 {"pid":7,"jobs":0}"#);
    assert_eq!(*world.wishes.borrow(), StopWish::StopJobs);
}

#[tokio::test]
async fn a_body_has_a_bound() {
    let world = world().await;
    let long = format!(r#"{{"title":"{}"}}"#, "x".repeat(BODY_BYTES_MAX));
    let refused = world.refused(TICKETS, &long).await;
    assert_eq!(refused, "413 body_too_large: the request has too many bytes");
}

#[tokio::test]
async fn sessions_that_cannot_be_are_refused_with_a_code_of_their_own() {
    let world = world().await;
    let code = async |line: &str, body: &str| {
        let told = world.refused(line, body).await;
        told.split(':').next().unwrap_or_default().to_owned()
    };
    let register = "POST /projects/shop/external";
    assert_eq!(code(register, r#"{"id":"one"}"#).await, "422 unknown_agent");
    assert_eq!(code(register, r#"{"id":"one","agent":"worker"}"#).await, "422 not_external");
    let far = r#"{"id":"one","agent":"worker","webhook":"http://192.0.2.1/"}"#;
    assert_eq!(code(register, far).await, "400 bad_request");
    assert_eq!(code(register, r#"{"id":"../one"}"#).await, "422 bad_name");
    let of = "/projects/shop/external/one";
    assert_eq!(code(&format!("GET {of}/work"), "").await, "404 no_such_external");
    assert_eq!(code(&format!("GET {of}/work?after=x"), "").await, "400 bad_request");
    assert_eq!(code(&format!("POST {of}/heartbeat"), "{}").await, "404 no_such_external");
    assert_eq!(code(&format!("DELETE {of}"), "").await, "404 no_such_external");
    world.ask(TICKETS, r#"{"title":"Faster carts"}"#).await;
    let submit = format!("POST {of}/submit");
    let given = r#"{"issue":"APP-1","fence":"1-1","summary":"done"}"#;
    assert_eq!(code(&submit, given).await, "409 not_assigned");
    let unknown = r#"{"issue":"APP-1","fence":"1-1","status":"maybe"}"#;
    assert_eq!(code(&submit, unknown).await, "400 bad_request");
    let wordless = r#"{"issue":"APP-1","fence":"1-1","status":"gave_up"}"#;
    assert_eq!(code(&submit, wordless).await, "400 bad_request");
    assert_eq!(world.ask("GET /projects/shop/external", "").await, r#"200 {"sessions":[]}"#);
}

#[tokio::test]
async fn lessons_are_added_found_and_taken_out() {
    let world = world().await;
    let lessons = "/projects/shop/lessons";
    let add = format!("POST {lessons}");
    let text = r#"{"text":"run sqlx\nprepare","class":"compile","paths":["db/**"],"level":"c2"}"#;
    let added = world.ask(&add, text).await;
    assert!(
        added.starts_with(r#"200 {"id":"L1","text":"run sqlx prepare","level":"c2""#),
        "{added}"
    );
    world.ask(&add, r#"{"text":"paint the doors"}"#).await;
    let found = world.ask(&format!("GET {lessons}?search=door+prepare&limit=1"), "").await;
    assert!(found.contains("L2") && !found.contains("L1"), "{found}");
    let refused = async |line: &str, body: &str| {
        let told = world.refused(line, body).await;
        told.split(':').next().unwrap_or_default().to_owned()
    };
    assert_eq!(refused(&add, r#"{"text":" "}"#).await, "422 bad_text");
    assert_eq!(refused(&add, r#"{"text":"x","class":"bad luck"}"#).await, "400 bad_request");
    assert_eq!(refused(&add, r#"{"text":"x","level":"c3"}"#).await, "400 bad_request");
    assert_eq!(refused("GET /projects/none/lessons", "").await, "404 no_such_project");
    let delete = format!("DELETE {lessons}/L1");
    assert!(world.ask(&delete, "").await.starts_with("200 "));
    assert_eq!(refused(&delete, "").await, "404 no_such_lesson");
    assert_eq!(refused(&format!("DELETE {lessons}/first"), "").await, "400 bad_request");
    let left = world.ask(&format!("GET {lessons}"), "").await;
    assert!(left.contains("L2") && !left.contains("L1"), "{left}");
}
