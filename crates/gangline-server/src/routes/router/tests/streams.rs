//! What happens, as it happens.

use std::time::Duration;

use axum::body::BodyDataStream;
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;

use super::door::web;
use super::*;
use crate::{relay, serve_http};

/// One message of a stream: its fields, but for comments.
#[derive(Debug, Default, PartialEq)]
struct Heard {
    id: Option<String>,
    event: String,
    data: Value,
}

impl Heard {
    fn end(&self) -> (&str, Option<u64>) {
        assert_eq!(self.event, "end", "{self:?}");
        (self.data["reason"].as_str().unwrap(), self.data["resume"].as_u64())
    }
}

/// The reader's side, as the living standard says it is to be read.
struct Listener {
    body: BodyDataStream,
    rest: String,
}

impl Listener {
    /// The next message; none behind the last.
    async fn next(&mut self) -> Option<Heard> {
        // A quiet stream says that it is alive, which is no answer.
        let deadline = tokio::time::Instant::now() + Duration::from_secs(10);
        loop {
            if let Some((message, rest)) = self.rest.split_once("\n\n") {
                let mut heard = Heard::default();
                for line in message.lines() {
                    match line.split_once(": ").unwrap_or((line, "")) {
                        ("id", id) => heard.id = Some(id.to_owned()),
                        ("event", event) => heard.event = event.to_owned(),
                        ("data", data) => heard.data = serde_json::from_str(data).unwrap(),
                        comment => assert_eq!(comment.0, "", "{line}"),
                    }
                }
                self.rest = rest.to_owned();
                if !heard.event.is_empty() {
                    return Some(heard);
                }
                continue;
            }
            let chunk = tokio::time::timeout_at(deadline, self.body.next());
            let chunk = chunk.await.expect("nothing was told in time")?.unwrap();
            self.rest.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    async fn event(&mut self) -> (u64, String) {
        let heard = self.next().await.expect("the stream goes on");
        assert_eq!(heard.event, "event", "{heard:?}");
        assert_eq!(heard.id.as_deref(), Some(heard.data["seq"].to_string().as_str()));
        let kind = heard.data["type"].as_str().unwrap().to_owned();
        (heard.data["seq"].as_u64().unwrap(), kind)
    }

    async fn ends(&mut self) -> (String, Option<u64>) {
        let last = self.next().await.expect("it says why it ends");
        let (reason, resume) = last.end();
        assert_eq!(self.next().await, None, "nothing comes behind the end");
        (reason.to_owned(), resume)
    }
}

async fn listen(router: &Router, path: &str, headers: &[(&str, &str)]) -> Listener {
    let mut request =
        Request::builder().uri(format!("/api/v1{path}")).header("host", "127.0.0.1:3001");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!((response.status().as_u16(), path), (200, path));
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    Listener { body: response.into_body().into_data_stream(), rest: String::new() }
}

/// A daemon whose relay runs as long as the test does.
async fn told() -> World {
    let world = world().await;
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    tokio::spawn(relay(world.app.clone(), world.ending.clone()));
    world
}

async fn add(world: &World, title: &str) {
    world.ask(TICKETS, &json!({ "title": title, "draft": true }).to_string()).await;
}

#[tokio::test]
async fn a_reader_comes_from_the_past_into_the_present_and_misses_nothing() {
    let world = told().await;
    for n in 0..1_200 {
        add(&world, &format!("Old {n}")).await;
    }
    let mut all = listen(&world.router, "/stream?after=0", &[]).await;
    let mut landed = listen(&world.router, "/stream?types=landed,project_paused", &[]).await;
    let mut resumed = listen(&world.router, "/stream?after=3", &[("last-event-id", "1200")]).await;
    assert_eq!(all.next().await.unwrap().data, json!({ "seq": 0 }));
    assert_eq!(landed.next().await.unwrap().data, json!({ "seq": 1_201 }));
    assert_eq!(resumed.next().await.unwrap().id.as_deref(), Some("1200"));
    assert_eq!(all.event().await, (1, "project_configured".to_owned()));
    for seq in 2..=1_201 {
        assert_eq!(all.event().await, (seq, "ticket_added".to_owned()));
    }
    assert_eq!(resumed.event().await.0, 1_201);
    for seq in 1_202..1_300 {
        add(&world, "New").await;
        assert_eq!(all.event().await, (seq, "ticket_added".to_owned()));
        assert_eq!(resumed.event().await.0, seq);
    }
    world.ask("POST /projects/shop/pause", "").await;
    assert_eq!(landed.event().await, (1_300, "project_paused".to_owned()));
    assert_eq!(all.event().await.0, 1_300);
    world.ending.cancel();
    assert_eq!(landed.ends().await, ("closing".to_owned(), Some(1_300)));
    assert_eq!(all.ends().await.0, "closing");
}

#[tokio::test]
async fn who_takes_too_little_is_told_so_and_holds_up_nobody() {
    let world = told().await;
    let mut slow = listen(&world.router, "/stream", &[]).await;
    let mut quick = listen(&world.router, "/stream", &[]).await;
    let of_ticket = "/stream?project=shop&key=APP-2&after=0";
    let mut of_ticket = listen(&world.router, of_ticket, &[]).await;
    for reader in [&mut slow, &mut quick, &mut of_ticket] {
        assert_eq!(reader.next().await.unwrap().event, "begin");
    }
    add(&world, "First").await;
    assert_eq!((slow.event().await.0, quick.event().await.0), (2, 2));
    add(&world, "Second").await;
    assert_eq!(quick.event().await.0, 3);
    for seq in 4..6_000 {
        let change = if seq % 2 == 0 { "pause" } else { "resume" };
        world.ask(&format!("POST /projects/shop/{change}"), "").await;
        assert_eq!(quick.event().await.0, seq);
    }
    let (reason, resume) = slow.ends().await;
    assert_eq!((reason.as_str(), resume), ("slow", Some(2)));
    let mut again = listen(&world.router, "/stream?after=2", &[]).await;
    again.next().await.unwrap();
    for seq in 3..6_000 {
        assert_eq!(again.event().await.0, seq);
    }
    assert_eq!(of_ticket.event().await, (3, "ticket_added".to_owned()));
}

#[tokio::test]
async fn a_stream_ends_with_what_let_it_in_and_begins_nowhere_else_than_it_can() {
    let web = web().await;
    #[expect(clippy::disallowed_methods, reason = "it ends with the test's runtime")]
    tokio::spawn(relay(web.world.app.clone(), web.world.ending.clone()));
    let added = web.token(r#"{"name":"bot","role":"viewer"}"#).await;
    let bearer = format!("Bearer {}", added.secret.unwrap());
    let mut stream = listen(&web.router, "/stream", &[("authorization", &bearer)]).await;
    assert_eq!(stream.next().await.unwrap().event, "begin");
    web.world.ask(&format!("DELETE /tokens/{}", added.token.id), "").await;
    assert_eq!(stream.ends().await.0, "revoked");
    // A store that was restored from a backup counts from an earlier number on.
    let mut ahead = listen(&web.world.router, "/stream?after=1000000", &[]).await;
    assert_eq!(ahead.ends().await, ("ahead".to_owned(), Some(3)));
    let refused = [
        "GET /stream?types=landed,landing_ticket",
        "GET /stream?key=APP-1",
        "GET /stream?afer=1",
        "GET /ws",
        "GET /projects/shop/tickets/APP-9/journal/stream",
    ];
    let mut told = vec![];
    for line in refused {
        told.push(web.world.refused(line, "").await);
    }
    insta::assert_snapshot!(told.join("\n"), @r"
    400 bad_request: `landing_ticket` is no type of event → docs/http.md lists them
    400 bad_request: `key` needs `project`
    400 bad_request: Failed to deserialize query string: afer: unknown field `afer`, expected one of `after`, `project`, `key`, `types`
    400 bad_request: this is a WebSocket: Connection header did not include 'upgrade' → GET /stream is the same without one
    404 no_such_ticket: there is no ticket shop.APP-9 → gangline list --all
    ");
    let scoped = web.token(r#"{"name":"one","role":"viewer","projects":["shop"]}"#).await;
    let bearer = format!("Bearer {}", scoped.secret.unwrap());
    let request = Request::builder()
        .uri("/api/v1/stream?project=cave")
        .header("host", "127.0.0.1:3001")
        .header("authorization", &bearer);
    let request = request.body(Body::empty()).unwrap();
    let response = web.router.clone().oneshot(request).await.unwrap();
    assert_eq!(response.status().as_u16(), 403, "another project than the token's");
    let mut own = listen(&web.router, "/stream?after=0", &[("authorization", &bearer)]).await;
    assert_eq!(own.next().await.unwrap().event, "begin");
    assert_eq!(own.event().await.0, 1);
    add(&web.world, "Own").await;
    assert_eq!(own.event().await.1, "ticket_added", "tokens are no business of theirs");
}

#[tokio::test]
async fn one_socket_carries_many_streams() {
    let web = web().await;
    let (app, ending) = (web.world.app.clone(), web.world.ending.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = http_router(app.clone());
    #[expect(clippy::disallowed_methods, reason = "both end with the test's runtime")]
    let served = {
        tokio::spawn(relay(app, ending.clone()));
        tokio::spawn(serve_http(listener, router, ending.clone(), Duration::from_secs(5)))
    };
    let ask = |origin: Option<String>, bearer: &str| {
        let mut request = format!("ws://{address}/api/v1/ws").into_client_request().unwrap();
        let bearer = format!("Bearer {bearer}").parse().unwrap();
        request.headers_mut().insert("authorization", bearer);
        if let Some(origin) = origin {
            request.headers_mut().insert("origin", origin.parse().unwrap());
        }
        tokio_tungstenite::connect_async(request)
    };
    let secret = web.secret("L0").await;
    assert!(ask(None, "gl_nobody").await.is_err(), "without a token nobody comes in");
    let evil = ask(Some("http://evil.example".to_owned()), &secret).await;
    assert!(evil.is_err(), "a page of another site was let in");
    let (mut socket, _) = ask(Some(format!("http://{address}")), &secret).await.unwrap();
    let mut told = async |asked: &str, count: usize| {
        socket.send(Message::text(asked)).await.unwrap();
        let mut told: Vec<Value> = vec![];
        while told.len() < count {
            let message = tokio::time::timeout(Duration::from_secs(30), socket.next());
            let message = message.await.expect("nothing was told in time").unwrap().unwrap();
            if let Message::Text(text) = message {
                told.push(serde_json::from_str(&text).unwrap());
            }
        }
        told
    };
    let begun = told(r#"{"op":"subscribe","id":"a","stream":"events","after":0}"#, 3).await;
    assert_eq!(begun[0], json!({ "id": "a", "begin": { "seq": 0 } }));
    assert_eq!(begun[1]["event"]["type"], "project_configured");
    let asked = r#"{"op":"subscribe","id":"b\"1","stream":"events","types":"ticket_added"}"#;
    assert_eq!(begun[2]["event"]["type"], "token_added");
    let begun = told(asked, 1).await;
    assert_eq!(begun[0]["id"], "b\"1");
    for (asked, code) in [
        (r#"{"op":"subscribe","id":"a","stream":"events"}"#, "bad_request"),
        (r#"{"op":"subscribe","id":"c","stream":"events","types":"nothing"}"#, "bad_request"),
        (
            r#"{"op":"subscribe","id":"c","stream":"journal","project":"shop","key":"APP-9"}"#,
            "no_such_ticket",
        ),
        (r#"{"op":"dance"}"#, "bad_request"),
        ("{", "bad_request"),
    ] {
        let refused = told(asked, 1).await;
        assert_eq!(refused[0]["problem"]["code"], code, "{asked}: {refused:?}");
    }
    add(&web.world, "One").await;
    let both = told(r#"{"op":"unsubscribe","id":"none"}"#, 2).await;
    let mut names: Vec<_> = both.iter().map(|told| told["id"].as_str().unwrap()).collect();
    names.sort_unstable();
    assert_eq!(names, ["a", "b\"1"]);
    told(r#"{"op":"unsubscribe","id":"a"}"#, 0).await;
    ending.cancel();
    let ends = told(r#"{"op":"unsubscribe","id":"a"}"#, 1).await;
    assert_eq!(ends[0]["end"]["reason"], "closing", "{ends:?}");
    served.await.unwrap().unwrap();
}

#[test]
fn the_guide_lists_all_types_of_events() {
    let guide = include_str!("../../../../../../docs/http.md");
    let (_, list) = guide.split_once("Types of events: ").unwrap();
    let (list, _) = list.split_once(".\n").unwrap();
    let told: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
    assert_eq!(told, gangline_domain::event::TYPES);
}
