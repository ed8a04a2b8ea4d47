//! Webhooks, told over real sockets, and what is asked of intakes.

use std::collections::{BTreeSet, VecDeque};
use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use axum::extract::Request as Asked;
use axum::extract::connect_info::MockConnectInfo;
use axum::http::header::{HOST, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use gangline_api::webhook::{Deliveries, Tested, WebhookHealth, WebhooksView};
use gangline_domain::network::{HttpAddress, Target};
use gangline_domain::secret::Secret;
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::*;
use crate::hooks::sign::SigningKey;
use crate::hooks::{Hooks, Intake, Outbound, deliver};
use crate::listen::Peer;

const PATIENCE: Duration = Duration::from_secs(30);

/// What came in: path, headers and body.
type Got = (String, HeaderMap, String);

/// Whoever is told. Answers with the statuses that it was given, and with 204 after these.
#[derive(Clone)]
struct Receiver {
    port: u16,
    got: Arc<Mutex<Vec<Got>>>,
    says: Arc<Mutex<VecDeque<u16>>>,
}

impl Receiver {
    async fn start(tasks: &mut JoinSet<()>, says: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let says = Arc::new(Mutex::new(says.iter().copied().collect::<VecDeque<_>>()));
        let receiver = Self { port, got: Arc::default(), says };
        let own = receiver.clone();
        let answer = async move |request: Asked| {
            let (head, body) = request.into_parts();
            let body = to_bytes(body, 1 << 20).await.unwrap();
            let text = String::from_utf8(body.to_vec()).unwrap();
            own.got.lock().unwrap().push((head.uri.to_string(), head.headers, text));
            let status = own.says.lock().unwrap().pop_front().unwrap_or(204);
            let status = StatusCode::from_u16(status).unwrap();
            (status, [(LOCATION, "/elsewhere")], "as you say")
        };
        let router = Router::new().fallback(answer);
        tasks.spawn(async { axum::serve(listener, router).await.unwrap() });
        receiver
    }

    fn got(&self) -> Vec<Got> {
        self.got.lock().unwrap().clone()
    }

    fn header(&self, at: usize, name: &str) -> String {
        self.got()[at].1[name].to_str().unwrap().to_owned()
    }

    /// Types of the events that it was told of.
    fn types(&self) -> Vec<String> {
        let types = self.got().into_iter().map(|(_, _, body)| {
            let message: serde_json::Value = serde_json::from_str(&body).unwrap();
            message["type"].as_str().unwrap().to_owned()
        });
        types.collect()
    }
}

fn to(port: u16, path: &str) -> Outbound {
    let target = Target::with_default("127.0.0.1", port).unwrap();
    Outbound {
        address: HttpAddress { tls: false, target, path: path.to_owned() },
        events: BTreeSet::new(),
        projects: BTreeSet::new(),
        allow_private: true,
    }
}

fn intakes() -> BTreeMap<String, Intake> {
    let intake = |draft| Intake {
        project: "shop".parse().unwrap(),
        labels: vec!["from-outside".to_owned()],
        draft,
    };
    [("tracker".to_owned(), intake(true)), ("unread".to_owned(), intake(true))].into()
}

/// A daemon with these webhooks, which are told from now on.
async fn hooked(tasks: &mut JoinSet<()>, folder: &TempDir, outbound: &[(&str, Outbound)]) -> World {
    let World { app, wishes, ending, .. } = world().await;
    let seq = *app.orchestrator.seq().borrow();
    let hooks =
        Hooks::open(&folder.path().join("webhooks"), named(outbound), intakes(), seq).unwrap();
    let app = app.with_hooks(hooks);
    tasks.spawn(deliver(app.clone(), ending.clone()));
    World { router: socket_router(app.clone()), app, wishes, ending }
}

fn named(outbound: &[(&str, Outbound)]) -> BTreeMap<String, Outbound> {
    outbound.iter().map(|(name, to)| ((*name).to_owned(), to.clone())).collect()
}

/// What a changed configuration comes to while the daemon runs.
fn change(world: &World, folder: &TempDir, outbound: &[(&str, Outbound)]) {
    let seq = *world.app.orchestrator.seq().borrow();
    world.app.change_settings(|settings| {
        let folder = folder.path().join("webhooks");
        let hooks = settings.hooks.changed(&folder, named(outbound), BTreeMap::new(), seq);
        settings.hooks = Arc::new(hooks);
    });
}

async fn until(holds: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "it never came to be");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn answered<T: serde::de::DeserializeOwned>(answer: &str) -> T {
    serde_json::from_str(answer.strip_prefix("200 ").expect(answer)).unwrap()
}

async fn listed(world: &World) -> WebhooksView {
    answered(&world.ask("GET /webhooks", "").await)
}

fn key() -> SigningKey {
    SigningKey::read(&Secret::new(SIGNING_SECRET).unwrap()).unwrap()
}

fn now_s() -> i64 {
    App::<Rules, NoFiles>::now().0 / 1_000_000
}

#[tokio::test]
async fn an_event_is_told_signed_and_again_under_the_same_id_until_it_is_taken() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let receiver = Receiver::start(&mut tasks, &[500, 429]).await;
    let world = hooked(&mut tasks, &folder, &[("board", to(receiver.port, "/in?token=t"))]).await;
    assert_eq!(listed(&world).await.webhooks[0].health, WebhookHealth::Unused);
    world.ask(TICKETS, r#"{"title":"One"}"#).await;
    world.ask(TICKETS, r#"{"title":"Two"}"#).await;
    until(async || receiver.got().len() == 1).await;
    until(async || listed(&world).await.webhooks[0].health == WebhookHealth::Failing).await;
    let failing = listed(&world).await.webhooks[0].clone();
    assert_eq!(failing.error.as_deref(), Some("it answered 500 Internal Server Error"));
    assert!(failing.behind == 2 && failing.next_try_us.is_some(), "{failing:?}");
    until(async || receiver.got().len() == 4).await;
    let ids: Vec<String> = (0..4).map(|at| receiver.header(at, "webhook-id")).collect();
    assert!(ids[0] == ids[1] && ids[1] == ids[2], "{ids:?}");
    assert_ne!(ids[2], ids[3]);
    for (path, headers, body) in receiver.got() {
        assert_eq!(path, "/in?token=t");
        key().verified(&headers, body.as_bytes(), now_s()).unwrap();
        let message: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(message["type"], "ticket_added");
        assert_eq!(message["timestamp"], "1970-01-01T00:00:01Z");
        assert_eq!(message["data"]["project"], "shop");
    }
    until(async || listed(&world).await.webhooks[0].behind == 0).await;
    let shown = world.ask("GET /webhooks", "").await;
    assert!(!shown.contains("token=t") && !shown.contains("whsec_"), "{shown}");
    let told: Deliveries = answered(&world.ask("GET /webhooks/board/deliveries", "").await);
    let tries: Vec<_> = told.deliveries.iter().map(|told| (told.seq, told.tries)).collect();
    assert_eq!(tries, [(3, 1), (2, 3)], "newest first");
}

#[tokio::test]
async fn a_receiver_that_never_answers_holds_up_nobody_else() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let receiver = Receiver::start(&mut tasks, &[]).await;
    let hooks = [
        ("a-silent", to(silent.local_addr().unwrap().port(), "/")),
        ("live", to(receiver.port, "/")),
    ];
    let world = hooked(&mut tasks, &folder, &hooks).await;
    for _ in 0..3 {
        world.ask(TICKETS, r#"{"title":"One"}"#).await;
    }
    until(async || listed(&world).await.webhooks[1].behind == 0).await;
    assert_eq!(receiver.got().len(), 3);
    let listed = listed(&world).await;
    let behind: Vec<u64> = listed.webhooks.iter().map(|webhook| webhook.behind).collect();
    assert_eq!(behind, [3, 0], "{listed:?}");
}

#[tokio::test]
async fn webhooks_come_change_and_go_while_the_daemon_runs() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let down = Receiver::start(&mut tasks, &[500; 200]).await;
    let (mended, new) =
        (Receiver::start(&mut tasks, &[]).await, Receiver::start(&mut tasks, &[]).await);
    let (broken, gone) = (to(down.port, "/"), to(down.port, "/gone"));
    let world = hooked(&mut tasks, &folder, &[("board", broken), ("gone", gone.clone())]).await;
    let sent = r#"{"title":"One"}"#;
    world.ask(TICKETS, sent).await;
    until(async || listed(&world).await.webhooks.iter().all(|hook| hook.error.is_some())).await;
    let ledger = |name: &str| folder.path().join(format!("webhooks/{name}.json")).exists();
    assert!(ledger("gone"));

    // One goes on where it was, at its new address; one is gone; one begins with what comes.
    let outbound = [("board", to(mended.port, "/")), ("new", to(new.port, "/"))];
    change(&world, &folder, &outbound);
    until(async || listed(&world).await.webhooks.iter().all(|hook| hook.behind == 0)).await;
    assert_eq!((mended.got().len(), new.got().len()), (1, 0));
    until(async || !ledger("gone") && ledger("new")).await;
    world.ask(TICKETS, sent).await;
    until(async || listed(&world).await.webhooks.iter().all(|hook| hook.behind == 0)).await;
    assert_eq!((mended.got().len(), new.got().len()), (2, 1));
    assert!(world.ask("POST /webhooks/gone/test", "").await.starts_with("404 "));

    // One that comes back, however soon, begins anew.
    change(&world, &folder, &[]);
    change(&world, &folder, &outbound);
    world.ask(TICKETS, sent).await;
    until(async || listed(&world).await.webhooks.iter().all(|hook| hook.behind == 0)).await;
    assert_eq!((mended.got().len(), new.got().len()), (3, 2));
    until(async || ledger("board") && ledger("new")).await;
}

#[tokio::test]
async fn the_status_decides_though_the_rest_of_an_answer_never_comes() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let world = hooked(&mut tasks, &folder, &[("board", to(port, "/"))]).await;
    let drip = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        let head = b"HTTP/1.1 202 Accepted\r\ncontent-length: 100\r\n\r\nnot all of it";
        stream.write_all(head).await.unwrap();
        std::future::pending::<()>().await;
    };
    let tested: Tested = tokio::select! {
        () = drip => unreachable!(),
        answer = world.ask("POST /webhooks/board/test", "") => answered(&answer),
    };
    assert!(tested.delivered && tested.answer == "not all of it", "{tested:?}");
}

#[tokio::test]
async fn only_what_was_asked_for_is_told() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let (one, other) =
        (Receiver::start(&mut tasks, &[]).await, Receiver::start(&mut tasks, &[]).await);
    let hooks = [
        ("few", Outbound { events: ["held"].into(), ..to(one.port, "/") }),
        ("other", Outbound { projects: ["cave".parse().unwrap()].into(), ..to(other.port, "/") }),
    ];
    let world = hooked(&mut tasks, &folder, &hooks).await;
    world.ask(TICKETS, r#"{"title":"One"}"#).await;
    world.ask("POST /projects/shop/tickets/APP-1/hold", "").await;
    world.ask("POST /projects", r#"{"path":"/home/ann/cave"}"#).await;
    until(async || listed(&world).await.webhooks.iter().all(|hook| hook.behind == 0)).await;
    assert_eq!(one.types(), ["held"]);
    assert_eq!(other.types(), ["project_configured"]);
}

#[tokio::test]
async fn no_redirect_is_followed_and_a_test_says_what_the_receiver_said() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let receiver = Receiver::start(&mut tasks, &[302, 200]).await;
    let world = hooked(&mut tasks, &folder, &[("board", to(receiver.port, "/in"))]).await;
    let test = "POST /webhooks/board/test";
    let moved: Tested = answered(&world.ask(test, "").await);
    assert!(!moved.delivered && moved.status == Some(302), "{moved:?}");
    assert_eq!(moved.error.unwrap(), "it answered 302 Found, and no redirect is followed");
    let taken: Tested = answered(&world.ask(test, "").await);
    assert!(taken.delivered && taken.status == Some(200) && taken.answer == "as you say");
    let paths: Vec<String> = receiver.got().into_iter().map(|(path, ..)| path).collect();
    assert_eq!(paths, ["/in", "/in"]);
    let (_, headers, body) = &receiver.got()[1];
    assert_eq!(key().verified(headers, body.as_bytes(), now_s()).unwrap(), taken.id);
    assert_eq!(receiver.types(), ["ping", "ping"]);
    let refused = world.refused("POST /webhooks/none/test", "").await;
    assert_eq!(refused, "404 no_such_webhook: there is no webhook none → gangline webhooks");
}

#[tokio::test]
async fn a_private_address_is_not_even_connected_to() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let hidden = |host: &str| {
        let target = Target::with_default(host, port).unwrap();
        let address = HttpAddress { tls: true, target, path: "/".to_owned() };
        Outbound { address, allow_private: false, ..to(port, "/") }
    };
    let hooks = [("number", hidden("127.0.0.1")), ("name", hidden("localhost"))];
    let world = hooked(&mut tasks, &folder, &hooks).await;
    for name in ["number", "name"] {
        let tested: Tested = answered(&world.ask(&format!("POST /webhooks/{name}/test"), "").await);
        let error = tested.error.unwrap();
        assert!(error.contains("which is not public"), "{error}");
    }
    let accepted = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
    assert!(accepted.is_err(), "somebody was there");
}

/// The intake's door, as somebody elsewhere finds it.
fn intake_door(world: &World) -> Router {
    let peer: std::net::SocketAddr = "127.0.0.1:40000".parse().unwrap();
    http_router(world.app.clone()).layer(MockConnectInfo(Peer(peer)))
}

struct Sent<'s> {
    name: &'s str,
    host: &'s str,
    id: &'s str,
    at: i64,
    body: &'s str,
    /// What was signed in its stead.
    signed: Option<&'s str>,
}

async fn sent(router: &Router, sent: Sent<'_>) -> String {
    let Sent { name, host, id, at, body, signed } = sent;
    let signature = key().sign(id, at, signed.unwrap_or(body).as_bytes());
    let request = Request::post(format!("/hooks/v1/intake/{name}"))
        .header(HOST, host)
        .header("webhook-id", id)
        .header("webhook-timestamp", at)
        .header("webhook-signature", signature)
        .body(Body::from(body.to_owned()))
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let body = String::from_utf8_lossy(&body).into_owned();
    match serde_json::from_str::<Problem>(&body) {
        Ok(problem) => format!("{status} {}: {}", problem.code, problem.detail),
        Err(_) => format!("{status} {body}"),
    }
}

const BUG: &str = r#"{"title":"Totals are off","body":"By a cent.","labels":["bug"],"priority":"high","external_ref":"BUG-7"}"#;

fn good<'s>() -> Sent<'s> {
    Sent {
        name: "tracker",
        host: "localhost:3001",
        id: "msg_1",
        at: now_s(),
        body: BUG,
        signed: None,
    }
}

#[tokio::test]
async fn a_signed_request_becomes_one_ticket_however_often_it_is_sent() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let world = hooked(&mut tasks, &folder, &[]).await;
    let door = intake_door(&world);
    let first = sent(&door, good()).await;
    assert_eq!(first, r#"200 {"seq":2,"project":"shop","key":"APP-1"}"#);
    // A sender that was not answered signs each try anew.
    assert_eq!(sent(&door, Sent { at: now_s() - 60, ..good() }).await, first);
    let second = sent(&door, Sent { id: "msg_2", ..good() }).await;
    assert_eq!(second, r#"200 {"seq":3,"project":"shop","key":"APP-2"}"#);
    let shown: serde_json::Value =
        answered(&world.ask("GET /projects/shop/tickets/APP-1", "").await);
    let picked = ["title", "state", "priority", "labels", "external_ref", "created_by"]
        .map(|field| shown[field].to_string());
    assert_eq!(
        picked.join(" "),
        r#""Totals are off" "draft" "high" ["bug","from-outside"] "BUG-7" "person:tracker""#
    );
}

#[tokio::test]
async fn what_is_not_signed_in_order_adds_nothing() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let world = hooked(&mut tasks, &folder, &[]).await;
    let door = intake_door(&world);
    let large = format!(r#"{{"title":"x","body":"{}"}}"#, "a".repeat(600 * 1024));
    let answers = [
        sent(&door, Sent { signed: Some("{}"), ..good() }).await,
        sent(&door, Sent { name: "none", ..good() }).await,
        sent(&door, Sent { name: "unread", ..good() }).await,
        sent(&door, Sent { host: "evil.example", ..good() }).await,
        sent(&door, Sent { body: r#"{"title":"x","key":"APP-9"}"#, ..good() }).await,
        sent(&door, Sent { body: r#"{"title":""}"#, ..good() }).await,
        sent(&door, Sent { body: &large, ..good() }).await,
    ];
    insta::assert_snapshot!(answers.join("\n"), @"
    401 bad_signature: no signature fits its id, its timestamp and its bytes
    404 no_such_intake: there is no intake none
    503 unavailable: this intake cannot check signatures now
    403 host_not_allowed: `evil.example` is not a name of this machine
    400 bad_request: unknown field `key`, expected one of `title`, `body`, `priority`, `labels`, `external_ref` at line 1 column 18
    422 bad_ticket: the title is empty
    413 body_too_large: the request has too many bytes
    ");
    let old = sent(&door, Sent { at: now_s() - 400, ..good() }).await;
    assert!(old.starts_with("401 stale_signature: it was signed 40"), "{old}");
    assert_eq!(world.ask("GET /tickets", "").await, r#"200 {"tickets":[]}"#);
    assert_eq!(sent(&door, good()).await, r#"200 {"seq":2,"project":"shop","key":"APP-1"}"#);
}

#[tokio::test]
async fn who_sends_too_much_is_told_when_to_send_again() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let world = hooked(&mut tasks, &folder, &[]).await;
    let peer: std::net::SocketAddr = "127.0.0.1:40000".parse().unwrap();
    let guests = Guests { requests_per_minute: NonZeroU32::new(2), ..Guests::default() };
    let door =
        http_router(world.app.clone().with_guests(guests)).layer(MockConnectInfo(Peer(peer)));
    for _ in 0..2 {
        let answer = sent(&door, Sent { signed: Some(""), ..good() }).await;
        assert!(answer.starts_with("401 bad_signature"), "{answer}");
    }
    let answer = sent(&door, good()).await;
    assert!(answer.starts_with("429 too_many_requests"), "{answer}");
}
