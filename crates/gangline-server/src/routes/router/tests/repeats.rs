//! The same request again: it is answered as it was the first time.

use super::*;

const IMPORT: &str = "POST /projects/shop/imports";

#[tokio::test]
async fn a_repeat_is_answered_alike_whatever_came_in_between() {
    let world = world().await;
    let (one, two) = (
        r#"{"tickets":[{"key":"APP-1","title":"a"}]}"#,
        r#"{"tickets":[{"key":"APP-2","title":"b"},
        {"key":"APP-1","title":"a"}]}"#,
    );
    world.ask(IMPORT, one).await;
    let first = world.ask_once("k", IMPORT, two).await;
    assert_eq!(first, r#"200 {"added":["APP-2"],"unchanged":["APP-1"]}"#);
    world.ask("POST /projects/shop/tickets/APP-2/cancel", "").await;
    assert_eq!(world.ask_once("k", IMPORT, two).await, first);
    // JSON that says the same is the same request.
    let spaced = two.replace(',', " , ");
    assert_eq!(world.ask_once("k", IMPORT, &spaced).await, first);
}

#[tokio::test]
async fn a_key_is_good_for_one_request_of_one_person() {
    let world = world().await;
    let body = r#"{"title":"One"}"#;
    let first = world.ask_once("k", TICKETS, body).await;
    assert!(first.starts_with("200 "), "{first}");
    let mut answers = vec![];
    answers.push(world.ask_once("k", TICKETS, r#"{"title":"Other"}"#).await);
    answers.push(world.ask_once("k", IMPORT, r#"{"tickets":[{"key":"APP-7","title":"b"}]}"#).await);
    answers.push(world.ask_once("k", "POST /projects/shop/tickets/APP-1/hold", "").await);
    for answer in answers {
        assert!(
            answer.starts_with("422 ") && answer.contains("idempotency_key_reused"),
            "{answer}"
        );
    }
    let request = Request::builder()
        .method("POST")
        .uri("/api/v1/projects/shop/tickets")
        .header("gangline-person", "bob")
        .header(IDEMPOTENCY_HEADER, "k")
        .body(Body::from(body));
    let by_bob = world.router.clone().oneshot(request.unwrap()).await.unwrap();
    assert_eq!(by_bob.status(), 422);
    assert_eq!(world.ask_once("k", TICKETS, body).await, first);
    let tickets = world.ask("GET /tickets", "").await;
    assert_eq!(tickets.matches(r#""key":"#).count(), 1, "{tickets}");
}

#[tokio::test]
async fn a_key_has_no_blanks() {
    let world = world().await;
    let told = world.ask_once("k 0123456789abcdef", TICKETS, r#"{"title":"One"}"#).await;
    assert!(told.starts_with("422 ") && told.contains("bad_name"), "{told}");
}

#[tokio::test]
async fn a_body_may_have_as_many_bytes_as_without_a_key() {
    let world = world().await;
    let import = |bytes: usize| {
        let body = "x".repeat(bytes);
        format!(r#"{{"tickets":[{{"key":"APP-1","title":"a","labels":["{body}"]}}]}}"#)
    };
    let large = world.ask_once("k", IMPORT, &import(2 << 20)).await;
    assert!(large.starts_with("422 "), "it was read: {}", &large[..80]);
    let larger = world.ask_once("k", IMPORT, &import(17 << 20)).await;
    assert!(larger.starts_with("413 "), "{larger}");
    let other = world.ask_once("k", TICKETS, &import(2 << 20)).await;
    assert!(other.starts_with("413 "), "{other}");
}

#[tokio::test]
async fn what_was_so_already_is_not_done_by_a_repeat_either() {
    let world = world().await;
    world.ask(TICKETS, r#"{"title":"One","draft":true}"#).await;
    let pause = "POST /projects/shop/pause";
    let first = world.ask("POST /projects/shop/resume", "").await;
    assert_eq!(first, world.ask("POST /projects/shop/resume", "").await, "nothing happens");
    let resumed = world.ask_once("k", "POST /projects/shop/resume", "").await;
    assert!(resumed.starts_with("200 "), "{resumed}");
    world.ask(pause, "").await;
    assert_eq!(world.ask_once("k", "POST /projects/shop/resume", "").await, resumed);
    let project = world.ask("GET /projects/shop", "").await;
    assert!(project.contains(r#""paused":true"#), "{project}");
    let other = world.ask_once("k", pause, "").await;
    assert!(other.contains("idempotency_key_reused"), "{other}");
}
