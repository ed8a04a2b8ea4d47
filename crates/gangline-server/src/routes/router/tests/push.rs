//! Push messages, posted over real sockets and read by another program than the one that seals them.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use axum::extract::Request as Asked;
use axum::http::header::{AUTHORIZATION, LOCATION};
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gangline_api::push::{PushMessage, PushTested, PushView};
use gangline_domain::event::Event;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use web_push_native::p256::SecretKey;
use web_push_native::p256::elliptic_curve::sec1::ToEncodedPoint as _;

use super::door::{Web, web};
use super::*;
use crate::push::{Push, PushReach, tell_devices};
use crate::specimen;

const PATIENCE: Duration = Duration::from_secs(30);
const AUTH: [u8; 16] = [9; 16];

/// What came in: path, headers and body.
type Got = (String, HeaderMap, Vec<u8>);

/// A push service. Answers with the statuses that it was given, and with 201 after these.
#[derive(Clone)]
struct Service {
    port: u16,
    got: Arc<Mutex<Vec<Got>>>,
    says: Arc<Mutex<VecDeque<u16>>>,
}

impl Service {
    async fn start(tasks: &mut JoinSet<()>, says: &[u16]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let says = Arc::new(Mutex::new(says.iter().copied().collect::<VecDeque<_>>()));
        let service = Self { port, got: Arc::default(), says };
        let own = service.clone();
        let answer = async move |request: Asked| {
            let (head, body) = request.into_parts();
            let body = to_bytes(body, 1 << 20).await.unwrap().to_vec();
            own.got.lock().unwrap().push((head.uri.to_string(), head.headers, body));
            let status = own.says.lock().unwrap().pop_front().unwrap_or(201);
            (StatusCode::from_u16(status).unwrap(), [(LOCATION, "/elsewhere")])
        };
        let router = Router::new().fallback(answer);
        tasks.spawn(async { axum::serve(listener, router).await.unwrap() });
        service
    }

    /// What was posted, by the path of each endpoint, as a browser with these keys reads it.
    fn read(&self) -> Vec<(String, PushMessage)> {
        let got = self.got.lock().unwrap();
        let read = got.iter().map(|(path, _, body)| {
            let text = web_push_native::decrypt(body.clone(), &secret(path), &AUTH.into()).unwrap();
            (path.clone(), serde_json::from_slice(&text).unwrap())
        });
        read.collect()
    }

    /// How often it was called for a path. Nothing is read for that: reading takes its time.
    fn calls(&self, path: &str) -> usize {
        self.got.lock().unwrap().iter().filter(|(to, _, _)| to == path).count()
    }

    fn titles(&self, path: &str) -> Vec<String> {
        let of_it = self.read().into_iter().filter(|(to, _)| to == path);
        of_it.map(|(_, message)| message.title).collect()
    }

    /// What a browser says of itself.
    fn device(&self, path: &str) -> String {
        device(&format!("http://127.0.0.1:{}{path}", self.port), path)
    }
}

/// The key of the browser behind a path.
fn secret(path: &str) -> SecretKey {
    let last = *path.as_bytes().last().unwrap();
    SecretKey::from_slice(&[last; 32]).unwrap()
}

fn device(endpoint: &str, path: &str) -> String {
    let point = secret(path).public_key().to_encoded_point(false);
    let keys = json!({
        "p256dh": URL_SAFE_NO_PAD.encode(point.as_bytes()),
        "auth": URL_SAFE_NO_PAD.encode(AUTH),
    });
    json!({ "endpoint": endpoint, "keys": keys, "label": path }).to_string()
}

fn reach(allow_private: bool) -> PushReach {
    PushReach { contact: "mailto:ann@example.org".to_owned(), allow_private }
}

/// A daemon that tells devices from now on.
async fn telling(tasks: &mut JoinSet<()>, folder: &TempDir, allow_private: bool) -> Web {
    let Web { world, .. } = web().await;
    let seq = *world.app.orchestrator.seq().borrow();
    let push = Push::open(&folder.path().join("push"), reach(allow_private), seq).unwrap();
    world.app.change_settings(|settings| settings.push = Some(push));
    tasks.spawn(tell_devices(world.app.clone(), world.ending.clone()));
    let router = http_router(world.app.clone());
    let peer: std::net::SocketAddr = "127.0.0.1:40000".parse().unwrap();
    let peer = axum::extract::connect_info::MockConnectInfo(crate::listen::Peer(peer));
    Web { router: router.layer(peer), world }
}

/// This specimen happens now, to a ticket of this project.
fn happens(world: &World, type_name: &str, project: &str) {
    let mut inner = world.app.orchestrator.inner.lock().unwrap();
    let (board, past) = &mut *inner;
    board.seq += 1;
    let now = App::<Rules, NoFiles>::now();
    let mut recorded = specimen::all(type_name).next().unwrap();
    (recorded.seq, recorded.at) = (board.seq, now);
    if let Event::Ticket { ticket, .. } = &mut recorded.event {
        *ticket = TicketId { project: project.parse().unwrap(), key: "APP-1".parse().unwrap() };
    }
    past.push(recorded);
    world.app.orchestrator.seq.send_replace(board.seq);
}

async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < PATIENCE, "it never came to be: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn shown(world: &World) -> PushView {
    let answer = world.ask("GET /push", "").await;
    serde_json::from_str(answer.strip_prefix("200 ").expect(&answer)).unwrap()
}

async fn subscribed(world: &World, device: &str) -> String {
    let answer = world.ask("POST /push/subscriptions", device).await;
    let answer = answer.strip_prefix("200 ").expect(&answer);
    let entered: serde_json::Value = serde_json::from_str(answer).unwrap();
    entered["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_device_is_told_what_needs_its_person_sealed_and_again_until_it_is_taken() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let service = Service::start(&mut tasks, &[503]).await;
    let world = telling(&mut tasks, &folder, true).await.world;
    world.ask(TICKETS, r#"{"title":"Faster carts"}"#).await;
    happens(&world, "question_asked", "shop");
    let id = subscribed(&world, &service.device("/a")).await;
    assert_eq!(subscribed(&world, &service.device("/a")).await, id, "the same endpoint again");
    happens(&world, "escalated", "shop");
    happens(&world, "captured", "shop");
    until("it is told", async || service.calls("/a") == 2).await;
    let [(_, first), (_, again)] = &service.read()[..] else { panic!("{:?}", service.read()) };
    assert_eq!(first, again);
    assert_eq!(
        (&*first.title, &*first.url, &*first.tag),
        ("APP-1 needs you", "/t/shop/APP-1", "shop.APP-1")
    );
    assert!(first.body.starts_with("Faster carts\n"), "{first:?}");
    until("it stands there", async || {
        shown(&world).await.subscriptions.iter().any(|known| known.told_us.is_some())
    })
    .await;
    let view = shown(&world).await;
    let [known] = &view.subscriptions[..] else { panic!("{view:?}") };
    assert_eq!((known.waiting, known.failing_since_us, &*known.service), (0, None, "127.0.0.1"));
    let headers = service.got.lock().unwrap()[0].1.clone();
    let header = |name: &str| headers[name].to_str().unwrap();
    assert_eq!((header("content-encoding"), header("urgency")), ("aes128gcm", "high"));
    assert_eq!(header("topic").len(), 32);
    let ttl: u64 = header("ttl").parse().unwrap();
    assert!((86_000..=86_400).contains(&ttl), "{ttl}");
    let key = format!(", k={}", view.public_key.unwrap());
    assert!(
        header("authorization").starts_with("vapid t=") && header("authorization").ends_with(&key)
    );
}

#[tokio::test]
async fn nobody_is_told_of_a_project_that_they_may_not_see_nor_once_they_are_let_in_no_more() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let service = Service::start(&mut tasks, &[]).await;
    let web = telling(&mut tasks, &folder, true).await;
    subscribed(&web.world, &service.device("/a")).await;
    let one = web.token(r#"{"name":"bob","role":"L0","projects":["shop"]}"#).await;
    let bearer = format!("Bearer {}", one.secret.unwrap());
    let headers = [(AUTHORIZATION, &*bearer)];
    let line = "POST /api/v1/push/subscriptions";
    let (status, _, body) = web.ask(line, &headers, &service.device("/b")).await;
    assert_eq!(status, 200, "{body}");
    let (_, _, own) = web.ask("GET /api/v1/push", &headers, "").await;
    let own: PushView = serde_json::from_str(&own).unwrap();
    assert_eq!(own.subscriptions.len(), 1, "one's own devices and nobody else's");
    let others = shown(&web.world).await.subscriptions[0].id.clone();
    for line in [
        format!("DELETE /api/v1/push/subscriptions/{others}"),
        format!("POST /api/v1/push/subscriptions/{others}/test"),
    ] {
        let (status, _, body) = web.ask(&line, &headers, "").await;
        assert!(status == 404 && body.contains("no_such_subscription"), "{line}: {body}");
    }
    happens(&web.world, "question_asked", "cave");
    happens(&web.world, "circuit_opened", "");
    until("ann is told of both", async || service.calls("/a") == 2).await;
    happens(&web.world, "review_requested", "shop");
    until("bob is told of the third", async || service.calls("/b") > 0).await;
    assert_eq!(service.titles("/b"), ["APP-1 waits for your review"]);
    web.world.ask(&format!("DELETE /tokens/{}", one.token.id), "").await;
    happens(&web.world, "escalated", "shop");
    until("ann is told of all", async || service.calls("/a") == 4).await;
    assert_eq!(service.titles("/b").len(), 1, "whose token was revoked is told nothing more");
}

#[tokio::test]
async fn a_device_that_its_push_service_does_not_know_any_more_is_forgotten() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let service = Service::start(&mut tasks, &[410]).await;
    let world = telling(&mut tasks, &folder, true).await.world;
    subscribed(&world, &service.device("/a")).await;
    happens(&world, "question_asked", "shop");
    until("it is forgotten", async || shown(&world).await.subscriptions.is_empty()).await;
    // And by a test, too.
    service.says.lock().unwrap().push_back(404);
    let id = subscribed(&world, &service.device("/b")).await;
    let answer = world.ask(&format!("POST /push/subscriptions/{id}/test"), "").await;
    let tested: PushTested =
        serde_json::from_str(answer.strip_prefix("200 ").expect(&answer)).unwrap();
    assert!(tested.gone && !tested.delivered, "{tested:?}");
    assert!(shown(&world).await.subscriptions.is_empty());
}

#[tokio::test]
async fn a_slow_push_service_holds_up_nobody_else() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let service = Service::start(&mut tasks, &[]).await;
    let world = telling(&mut tasks, &folder, true).await.world;
    // It takes connections and never answers.
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let endpoint = format!("http://{}/m", mute.local_addr().unwrap());
    subscribed(&world, &device(&endpoint, "/m")).await;
    subscribed(&world, &service.device("/a")).await;
    happens(&world, "question_asked", "shop");
    let (mut held, _) = mute.accept().await.unwrap();
    happens(&world, "review_requested", "shop");
    until("the other is told of both", async || service.calls("/a") == 2).await;
    let mut first = [0; 5];
    tokio::io::AsyncReadExt::read_exact(&mut held, &mut first).await.unwrap();
    assert_eq!(&first, b"POST ");
}

#[tokio::test]
async fn what_waits_is_told_by_the_next_daemon() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let service = Service::start(&mut tasks, &[500]).await;
    let world = telling(&mut tasks, &folder, true).await.world;
    subscribed(&world, &service.device("/a")).await;
    let before = shown(&world).await.public_key;
    happens(&world, "question_asked", "shop");
    until("it failed", async || shown(&world).await.subscriptions[0].failing_since_us.is_some())
        .await;
    assert!(world.ask("GET /status", "").await.contains(r#""push":{"devices":1"#));
    // This one ends; the next one has its files.
    world.app.change_settings(|settings| settings.push = None);
    let folder = folder.path().join("push");
    let seq = *world.app.orchestrator.seq().borrow();
    let next = Push::open(&folder, reach(true), seq).unwrap();
    world.app.change_settings(|settings| settings.push = Some(next));
    until("it is told", async || service.calls("/a") == 2).await;
    assert_eq!(shown(&world).await.public_key, before, "one key pair, for good");
    let file = std::fs::metadata(folder.join("push.json")).unwrap();
    assert_eq!(std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o777, 0o600);
}

#[tokio::test]
async fn only_public_push_services_behind_tls_are_told() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let service = Service::start(&mut tasks, &[]).await;
    let world = telling(&mut tasks, &folder, false).await.world;
    let mut told = vec![];
    for endpoint in [
        &format!("http://127.0.0.1:{}/a", service.port),
        "https://127.0.0.1/a",
        "https://[::ffff:10.0.0.1]/a",
        "https://169.254.169.254/latest",
        "http://push.example/a",
        "file:///etc/passwd",
        "https://ann:pass@push.example/a",
    ] {
        told.push(world.refused("POST /push/subscriptions", &device(endpoint, "/a")).await);
    }
    let keyless = r#"{"endpoint":"https://push.example/a","keys":{"p256dh":"AA","auth":"AA"}}"#;
    told.push(world.refused("POST /push/subscriptions", keyless).await);
    insta::assert_snapshot!(told.join("\n"), @"
    400 bad_request: the endpoint is no https address
    400 bad_request: the endpoint is not public → allow_private = true under [push] in config.toml
    400 bad_request: the endpoint is not public → allow_private = true under [push] in config.toml
    400 bad_request: the endpoint is not public → allow_private = true under [push] in config.toml
    400 bad_request: the endpoint is no https address
    400 bad_request: the endpoint is no https address
    400 bad_request: the endpoint is no https address
    400 bad_request: p256dh is a point of P-256, 65 bytes in base64url
    ");
    assert!(shown(&world).await.subscriptions.is_empty());
    assert!(service.got.lock().unwrap().is_empty());
}

#[tokio::test]
async fn what_is_reached_no_more_by_a_changed_configuration_is_not_even_connected_to() {
    let (mut tasks, folder) = (JoinSet::new(), tempfile::tempdir().unwrap());
    let service = Service::start(&mut tasks, &[]).await;
    let world = telling(&mut tasks, &folder, true).await.world;
    subscribed(&world, &service.device("/a")).await;
    world.app.change_settings(|settings| {
        settings.push = settings.push.as_ref().map(|push| push.changed(reach(false)));
    });
    happens(&world, "question_asked", "shop");
    until("it says why", async || {
        let view = shown(&world).await;
        view.subscriptions[0].error.as_ref().is_some_and(|why| why.contains("127.0.0.1"))
    })
    .await;
    assert!(service.got.lock().unwrap().is_empty());
}

#[tokio::test]
async fn where_it_is_switched_off_everybody_is_told_so() {
    let world = world().await;
    assert_eq!(shown(&world).await, PushView::default());
    let off = "409 push_off: this daemon sends no push messages → enabled = true under [push] in config.toml";
    let device = device("https://push.example/a", "/a");
    assert_eq!(world.refused("POST /push/subscriptions", &device).await, off);
    assert_eq!(world.refused("DELETE /push/subscriptions/0", "").await, off);
    assert_eq!(world.refused("POST /push/subscriptions/0/test", "").await, off);
}
