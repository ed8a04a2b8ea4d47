//! The workers' API, as a client that knows nothing else of Gangline uses it.

use std::num::NonZeroU32;

use axum::extract::connect_info::MockConnectInfo;
use axum::http::HeaderName;
use axum::http::header::{HOST, ORIGIN};
use serde_json::Value;

use super::*;
use crate::door::WorkersAuth;
use crate::listen::Peer;

const SPAWN: &str = "POST /api/workers/spawn";
const WISH: &str = r#"{"ticketId":"105","description":"Implement login\nWith a form.",
    "ticketPath":"/home/ann/shop/tickets/105"}"#;

async fn asked(router: &Router, line: &str, headers: &[(&str, &str)], body: &str) -> (u16, Value) {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path);
    request = request.header(HOST, "localhost:3001").header("content-type", "application/json");
    for (name, value) in headers {
        request = request.header(name.parse::<HeaderName>().unwrap(), *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

fn door(world: &World, workers: WorkersAuth, peer: &str) -> Router {
    let peer: std::net::SocketAddr = peer.parse().unwrap();
    let guests = Guests { workers, ..Guests::default() };
    http_router(world.app.clone().with_guests(guests)).layer(MockConnectInfo(Peer(peer)))
}

async fn command(world: &World, command: Command) {
    world.app.orchestrator.command(Actor::Gangline, None, command).await.unwrap();
}

#[tokio::test]
async fn who_asks_too_much_is_told_when_to_ask_again() {
    let world = world().await;
    let peer: std::net::SocketAddr = "127.0.0.1:40000".parse().unwrap();
    let guests = Guests {
        requests_per_minute: NonZeroU32::new(4),
        spawns_per_minute: NonZeroU32::new(1),
        ..Guests::default()
    };
    let router =
        http_router(world.app.clone().with_guests(guests)).layer(MockConnectInfo(Peer(peer)));
    let ask = async |line: &str, body: &str| asked(&router, line, &[], body).await;
    assert_eq!(ask(SPAWN, WISH).await.0, 200);
    let (status, problem) = ask(SPAWN, WISH).await;
    assert_eq!((status, &problem["code"]), (429, &"too_many_requests".into()));
    insta::assert_snapshot!(problem["detail"].as_str().unwrap(), @"more than 1 spawned workers in a minute; ask again in 60 s");
    assert_eq!(problem["retry_after_s"], 60);
    for status in [200, 200, 429] {
        assert_eq!(ask("GET /api/workers", "").await.0, status);
    }
    // Whoever is to know whether it lives is answered.
    assert_eq!(ask("GET /health", "").await.0, 200);
}

#[tokio::test]
async fn a_client_that_shows_nothing_spawns_polls_and_ends_a_worker() {
    let world = world().await;
    let router = door(&world, WorkersAuth::None, "127.0.0.1:40000");
    let ask = async |line: &str, body: &str| asked(&router, line, &[], body).await;
    assert_eq!(ask("GET /health", "").await.1["status"], "ok");
    let (status, spawned) = ask(SPAWN, WISH).await;
    assert_eq!(status, 200);
    assert_eq!(
        spawned,
        serde_json::json!({
            "workerId": "worker-2", "status": "spawned",
            "worktreePath": "/state/worktrees/shop/worker-APP-1",
        })
    );
    // It was not answered, and asks again.
    assert_eq!(ask(SPAWN, WISH).await.1, spawned);
    let (_, worker) = ask("GET /api/workers/worker-2/status", "").await;
    let started = worker["startedAt"].as_str().unwrap().to_owned();
    assert_eq!(started, "1970-01-01T00:00:01.000Z");
    assert_eq!(
        worker,
        serde_json::json!({
            "workerId": "worker-2", "ticketId": "105", "status": "spawned",
            "branch": "feature/ticket-105", "startedAt": started,
            "worktreePath": "/state/worktrees/shop/worker-APP-1",
        })
    );
    let (_, all) = ask("GET /api/workers", "").await;
    assert_eq!(all, serde_json::json!({ "workers": [worker] }));
    let shown = world.ask("GET /projects/shop/tickets/APP-1", "").await;
    let shown: Value = serde_json::from_str(shown.strip_prefix("200 ").unwrap()).unwrap();
    assert_eq!(
        (&shown["title"], &shown["external_ref"]),
        (&"Implement login".into(), &"105".into())
    );
    assert_eq!(shown["created_by"], "person:workers-api");
    insta::assert_snapshot!(shown["body"].as_str().unwrap(), @r"
    Implement login
    With a form.

    The ticket's folder is `tickets/105`.

    # Ticket 105

    All of it.
    ");
    for _ in 0..2 {
        let (status, ended) = ask("DELETE /api/workers/worker-2", "").await;
        assert_eq!((status, ended), (200, serde_json::json!({ "status": "terminated" })));
    }
    let (_, worker) = ask("GET /api/workers/worker-2/status", "").await;
    assert_eq!(worker["status"], "failed");
    assert_eq!(worker["error"], "held by person:workers-api; gangline resume APP-1");
    assert!(worker["completedAt"].is_string(), "{worker}");
    let ticket = || "shop.APP-1".parse::<TicketId>().unwrap();
    command(&world, Command::Cancel { ticket: ticket() }).await;
    let (_, worker) = ask("GET /api/workers/worker-2/status", "").await;
    assert_eq!(
        (&worker["status"], &worker["error"]),
        (&"failed".into(), &"cancelled by gangline".into())
    );
    // What is closed is done with: the same name is another ticket's now.
    let (_, second) = ask(SPAWN, WISH).await;
    assert_ne!(second["workerId"], "worker-2");
}

#[tokio::test]
async fn bad_wishes_are_told_what_is_wrong() {
    let world = world().await;
    let router = door(&world, WorkersAuth::None, "[::1]:40000");
    let ask = async |line: &str, body: &str| {
        let (status, body) = asked(&router, line, &[], body).await;
        format!("{status} {}", body["code"].as_str().unwrap_or_default())
    };
    assert_eq!(ask(SPAWN, "{}").await, "400 bad_request");
    assert_eq!(
        ask(SPAWN, r#"{"ticketId":105,"description":"x","ticketPath":"/x"}"#).await,
        "400 bad_request"
    );
    let blank = r#"{"ticketId":" ","description":"x","ticketPath":"/x"}"#;
    assert_eq!(ask(SPAWN, blank).await, "400 bad_request");
    for worker in
        ["worker-1", "worker-0", "worker-", "worker-99999", "105", "worker--1", "worker-2e0"]
    {
        let line = format!("GET /api/workers/{worker}/status");
        assert_eq!(ask(&line, "").await, "404 no_such_worker", "{worker}");
    }
    assert_eq!(ask("PUT /api/workers", "").await, "405 method_not_allowed");
    // Of two projects none is the one that is meant.
    world.ask("POST /projects", r#"{"path":"/home/ann/cave"}"#).await;
    let elsewhere = r#"{"ticketId":"1","description":"x","ticketPath":"/srv/other"}"#;
    assert_eq!(ask(SPAWN, elsewhere).await, "404 no_such_project");
    assert_eq!(ask(SPAWN, WISH).await, "200 ");
}

#[tokio::test]
async fn pages_strangers_and_clients_without_their_key_stay_outside() {
    let world = world().await;
    let code = async |router: &Router, headers: &[(&str, &str)]| {
        let (status, body) = asked(router, "GET /api/workers", headers, "").await;
        format!("{status} {}", body["code"].as_str().unwrap_or_default())
    };
    let open = door(&world, WorkersAuth::None, "127.0.0.1:40000");
    assert_eq!(code(&open, &[]).await, "200 ");
    let own_page = [(ORIGIN.as_str(), "http://localhost:3001")];
    assert_eq!(code(&open, &own_page).await, "403 origin_not_allowed");
    let stranger = door(&world, WorkersAuth::None, "192.0.2.7:40000");
    assert_eq!(code(&stranger, &[]).await, "401 unauthorized");
    let keyed = door(&world, WorkersAuth::ApiKey, "192.0.2.7:40000");
    assert_eq!(code(&keyed, &[]).await, "401 unauthorized");
    assert_eq!(code(&keyed, &[("x-api-key", "gl_wrong")]).await, "401 unauthorized");
    let secret = async |role: &str| {
        let wish = format!(r#"{{"name":"bot","role":"{role}"}}"#);
        let added = world.ask("POST /tokens", &wish).await;
        let added: Value = serde_json::from_str(added.strip_prefix("200 ").unwrap()).unwrap();
        added["secret"].as_str().unwrap().to_owned()
    };
    let (viewer, operator) = (secret("L0").await, secret("L1").await);
    assert_eq!(code(&keyed, &[("x-api-key", &viewer)]).await, "403 forbidden");
    assert_eq!(code(&keyed, &[("x-api-key", &operator)]).await, "200 ");
    let bearer = format!("Bearer {operator}");
    assert_eq!(code(&keyed, &[("authorization", &bearer)]).await, "200 ");
}

#[tokio::test]
async fn a_draft_that_a_person_wrote_is_a_worker_too() {
    let world = world().await;
    let router = door(&world, WorkersAuth::None, "127.0.0.1:40000");
    world.ask("POST /projects/shop/tickets", r#"{"title":"One","draft":true}"#).await;
    let (_, all) = asked(&router, "GET /api/workers", &[], "").await;
    assert_eq!(all["workers"][0]["ticketId"], "APP-1");
    let (_, ended) = asked(&router, "DELETE /api/workers/worker-2", &[], "").await;
    assert_eq!(ended["status"], "terminated");
    assert_eq!(world.app.look(|board, _| board.tickets.len()), 1);
}
