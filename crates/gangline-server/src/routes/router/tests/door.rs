//! Who comes in over HTTP, and what each may.

use crate::listen::Peer;
use crate::secret;
use axum::extract::connect_info::MockConnectInfo;
use axum::http::header::{
    AUTHORIZATION, COOKIE, ETAG, HOST, IF_NONE_MATCH, LOCATION, ORIGIN, SET_COOKIE,
};
use axum::http::{HeaderMap, HeaderName};
use futures_util::FutureExt as _;
use gangline_api::token::{LoginLink, TokenAdded};
use gangline_domain::event::Event;
use gangline_domain::token::{Role, Token};

use super::*;

pub(super) const HERE: &str = "127.0.0.1:3001";
pub(super) const OWN_PAGE: &str = "http://127.0.0.1:3001";

/// What came back: status, headers and body.
pub(super) type Came = (u16, HeaderMap, String);

pub(super) struct Web {
    pub(super) world: World,
    pub(super) router: Router,
}

pub(super) async fn web() -> Web {
    let world = world().await;
    let peer: std::net::SocketAddr = "127.0.0.1:40000".parse().unwrap();
    let router = http_router(world.app.clone()).layer(MockConnectInfo(Peer(peer)));
    Web { world, router }
}

impl Web {
    pub(super) async fn ask(&self, line: &str, headers: &[(HeaderName, &str)], body: &str) -> Came {
        let (method, path) = line.split_once(' ').unwrap();
        let mut request = Request::builder().method(method).uri(path).header(HOST, HERE);
        for (name, value) in headers {
            request = request.header(name, *value);
        }
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        (status, headers, String::from_utf8_lossy(&body).into_owned())
    }

    pub(super) async fn with(&self, secret: &str, line: &str, body: &str) -> (u16, String) {
        let (status, _, body) =
            self.ask(line, &[(AUTHORIZATION, &format!("Bearer {secret}"))], body).await;
        (status, body)
    }

    pub(super) async fn token(&self, body: &str) -> TokenAdded {
        let answer = self.world.ask("POST /tokens", body).await;
        serde_json::from_str(answer.strip_prefix("200 ").expect(&answer)).unwrap()
    }

    pub(super) async fn secret(&self, role: &str) -> String {
        let wish = format!(r#"{{"name":"bot","role":"{role}"}}"#);
        self.token(&wish).await.secret.unwrap()
    }
}

fn code(body: &str) -> String {
    serde_json::from_str::<Problem>(body).expect(body).code
}

#[tokio::test]
async fn nobody_comes_in_without_a_token_that_is_worth_something() {
    let web = web().await;
    let (status, headers, body) = web.ask("GET /api/v1/status", &[], "").await;
    assert_eq!((status, code(&body).as_str()), (401, "unauthorized"));
    assert_eq!(headers["www-authenticate"], "Bearer realm=\"gangline\"");
    assert_eq!(headers["gangline-api"], "1");
    let added = web.token(r#"{"name":"bot","role":"viewer"}"#).await;
    let secret = added.secret.unwrap();
    for wrong in ["", "gl_", "nonsense", &secret[..40], &added.token.id] {
        assert_eq!(web.with(wrong, "GET /api/v1/status", "").await.0, 401, "{wrong}");
    }
    assert_eq!(web.with(&secret, "GET /api/v1/status", "").await.0, 200);
    let cookie = format!("gangline={secret}");
    let as_session = web.ask("GET /api/v1/status", &[(COOKIE, &cookie)], "").await;
    assert_eq!(as_session.0, 401, "a program's token is no session");
    web.world.ask(&format!("DELETE /tokens/{}", added.token.id), "").await;
    assert_eq!(web.with(&secret, "GET /api/v1/status", "").await.0, 401, "it was revoked");
    // The rules' clock stands still, long ago.
    let wish =
        Token { expires_at: Some(NOW.plus_ms(1)), ..token("late", &secret::digest("gl_late")) };
    let add = Command::AddToken { token: Box::new(wish) };
    web.world.app.orchestrator.command(Actor::Gangline, None, add).await.unwrap();
    let (status, body) = web.with("gl_late", "GET /api/v1/status", "").await;
    assert_eq!(status, 401);
    assert!(body.contains("this token has expired"), "{body}");
}

#[tokio::test]
async fn a_daemon_that_cannot_work_says_so_to_whoever_asks() {
    let web = web().await;
    assert_eq!(web.ask("GET /health/live", &[], "").await.0, 200);
    let (status, _, body) = web.ask("GET /health/ready", &[], "").await;
    let problem: Problem = serde_json::from_str(&body).unwrap();
    // Nothing ever runs in this world.
    let told = "no node is there that jobs could be given to";
    assert_eq!((status, &problem.code[..], &problem.detail[..]), (503, "not_ready", told));
    web.world.ending.cancel();
    let (status, _, body) = web.ask("GET /health/ready", &[], "").await;
    assert!(status == 503 && body.contains("it is ending"), "{status} {body}");
}

#[tokio::test]
async fn figures_are_told_as_far_as_the_bearer_may_see() {
    let web = web().await;
    web.world.ask("POST /projects", r#"{"path":"/home/ann/cave"}"#).await;
    for project in ["shop", "cave"] {
        let path = format!("POST /projects/{project}/tickets");
        web.world.ask(&path, r#"{"title":"One \"two\"","draft":true}"#).await;
    }
    let ending = web.world.ending.clone();
    ending.cancel();
    crate::measure(web.world.app.clone(), CancellationToken::new()).now_or_never();
    let all = web.secret("L0").await;
    assert_eq!(web.ask("GET /metrics", &[], "").await.0, 401);
    let (status, page) = web.with(&all, "GET /metrics", "").await;
    assert_eq!(status, 200);
    for line in [
        "# TYPE gangline_tickets gauge",
        r#"gangline_tickets{project="cave",state="draft"} 1"#,
        r#"gangline_tickets_waiting{project="shop",reason="person"} 1"#,
        "# TYPE gangline_tickets_added_total counter",
        r#"gangline_tickets_added_total{project="shop"} 1"#,
        r#"gangline_events_total{type="ticket_added"} 2"#,
        r#"gangline_landing_seconds_bucket{project="shop",le="+Inf"} 0"#,
        r#"gangline_issues_per_day{project="shop"} 0"#,
    ] {
        assert!(page.lines().any(|told| told == line), "{line} is not in\n{page}");
    }
    let one = web.token(r#"{"name":"one","role":"L0","projects":["shop"]}"#).await;
    let (_, page) = web.with(&one.secret.unwrap(), "GET /metrics", "").await;
    assert!(page.contains(r#"project="shop""#) && !page.contains("cave"), "{page}");
    assert!(!page.contains("gangline_events_total"), "it counts what is no business of theirs");
}

#[tokio::test]
async fn insights_are_told_by_project_and_day() {
    let web = web().await;
    web.world.ask("POST /projects", r#"{"path":"/home/ann/cave"}"#).await;
    for project in ["shop", "shop", "cave"] {
        let path = format!("POST /projects/{project}/tickets");
        web.world.ask(&path, r#"{"title":"One","draft":true}"#).await;
    }
    crate::measure(web.world.app.clone(), CancellationToken::new()).now_or_never();
    let told = async |secret: &str, path: &str| {
        let (status, body) = web.with(secret, &format!("GET /api/v1{path}"), "").await;
        (status, serde_json::from_str::<serde_json::Value>(&body).unwrap())
    };
    let all = web.secret("L0").await;
    let (_, insights) = told(&all, "/insights").await;
    let of = |at: usize| insights["projects"][at].clone();
    assert_eq!((&of(0)["project"], &of(0)["total"]["added"]), (&"cave".into(), &1.into()));
    assert_eq!((&of(1)["project"], &of(1)["total"]["added"]), (&"shop".into(), &2.into()));
    // These rules' clock stands still on the first day of all, long before the last 30.
    assert_eq!(of(1)["days"], serde_json::json!([]));
    assert_eq!(told(&all, "/insights?days=x").await.0, 400);
    let one = web.token(r#"{"name":"one","role":"L1","projects":["shop"]}"#).await.secret.unwrap();
    let (_, insights) = told(&one, "/insights").await;
    assert_eq!(insights["projects"].as_array().map(Vec::len), Some(1));
    assert_eq!(told(&one, "/insights?project=cave").await.0, 403);
    let (_, me) = told(&one, "/me").await;
    assert_eq!((&me["name"], &me["role"]), (&"one".into(), &"L1".into()));
    assert_eq!(me["projects"], serde_json::json!(["shop"]));
    let owner = web.world.ask("GET /me", "").await;
    assert_eq!(owner, r#"200 {"role":"L3"}"#);
}

fn token(id: &str, sha256: &str) -> Token {
    Token {
        id: id.parse().unwrap(),
        name: id.to_owned(),
        used_as: gangline_domain::token::TokenUse::Api,
        role: Role::Admin,
        projects: None,
        sha256: sha256.to_owned(),
        expires_at: None,
        created_at: NOW,
        created_by: Actor::Gangline,
    }
}

#[tokio::test]
async fn each_route_is_for_its_role_and_those_above() {
    let web = web().await;
    let document = openapi::<Rules, NoFiles>();
    let mut looked_at = 0;
    for role in Role::ALL {
        let secret = web.secret(&role.to_string()).await;
        for (path, methods) in document["paths"].as_object().unwrap() {
            let path = path.replace("{project}", "none").replace(['{', '}'], "");
            for (method, operation) in methods.as_object().unwrap() {
                // It would end the world, and waits for nobody.
                let waits = ["/work", "/shutdown", "/api/v1/stream"]
                    .iter()
                    .any(|tail| path.ends_with(tail));
                let needed: Role = operation["x-gangline-role"].as_str().unwrap().parse().unwrap();
                if waits && role >= needed {
                    continue;
                }
                let line = format!("{} {path}", method.to_uppercase());
                let (status, body) = web.with(&secret, &line, "{}").await;
                assert_eq!(status == 403, role < needed, "{role} {line}: {status} {body}");
                assert!(status < 500, "{line}: {status} {body}");
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 160, "{looked_at}");
}

#[tokio::test]
async fn a_token_for_some_projects_sees_and_changes_nothing_else() {
    let web = web().await;
    web.world.ask("POST /projects", r#"{"path":"/home/ann/cave"}"#).await;
    web.world.ask("POST /projects/shop/tickets", r#"{"title":"One"}"#).await;
    web.world.ask("POST /projects/cave/tickets", r#"{"title":"Hidden"}"#).await;
    let added = web.token(r#"{"name":"bot","role":"L3","projects":["shop"]}"#).await;
    let secret = added.secret.unwrap();
    let get = async |path: &str| web.with(&secret, &format!("GET /api/v1{path}"), "").await;
    assert_eq!(get("/projects/shop/tickets/APP-1").await.0, 200);
    assert_eq!(get("/projects/cave/tickets/APP-1").await.0, 403);
    for path in ["/projects", "/tickets", "/events", "/queue"] {
        let (status, body) = get(path).await;
        assert_eq!(status, 200, "{path}: {body}");
        assert!(!body.contains("cave") && !body.contains("Hidden"), "{path}: {body}");
    }
    let (_, events) = get("/events").await;
    assert!(events.contains("One"), "{events}");
    let shut = web.with(&secret, "POST /api/v1/shutdown", "{}").await;
    assert_eq!((shut.0, code(&shut.1).as_str()), (403, "forbidden"));
    let asked = r#"{"name":"x","role":"L0","projects":["cave"]}"#;
    assert_eq!(web.with(&secret, "POST /api/v1/tokens", asked).await.0, 403);
}

#[tokio::test]
async fn a_login_link_lets_one_browser_in_once() {
    let web = web().await;
    let answer = web.world.ask("POST /login-links", "{}").await;
    let link: LoginLink = serde_json::from_str(answer.strip_prefix("200 ").unwrap()).unwrap();
    let path = link.url.strip_prefix(OWN_PAGE).expect(&link.url);
    let (status, headers, _) = web.ask(&format!("GET {path}"), &[], "").await;
    assert_eq!((status, headers[LOCATION].to_str().unwrap()), (303, "/"));
    let cookie = headers[SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("; HttpOnly; SameSite=Strict; "), "{cookie}");
    assert_eq!(web.ask(&format!("GET {path}"), &[], "").await.0, 401, "it opened twice");
    let cookie = cookie.split(';').next().unwrap();
    assert_eq!(web.ask("GET /api/v1/status", &[(COOKIE, cookie)], "").await.0, 200);
    let secret = cookie.strip_prefix("gangline=").unwrap();
    assert_eq!(web.with(secret, "GET /api/v1/status", "").await.0, 401, "a session is no token");
    // What changes something says from which page.
    let add = "POST /api/v1/projects/shop/tickets";
    let body = r#"{"title":"One"}"#;
    let from = async |origin: Option<&str>| {
        let mut headers = vec![(COOKIE, cookie)];
        headers.extend(origin.map(|origin| (ORIGIN, origin)));
        let (status, _, body) = web.ask(add, &headers, body).await;
        if status == 200 { "in".to_owned() } else { code(&body) }
    };
    assert_eq!(from(None).await, "origin_not_allowed");
    assert_eq!(from(Some("http://evil.example")).await, "origin_not_allowed");
    assert_eq!(from(Some("null")).await, "origin_not_allowed");
    assert_eq!(from(Some(OWN_PAGE)).await, "in");
}

#[tokio::test]
async fn deeds_are_told_with_who_and_from_where() {
    let web = web().await;
    let added = web.token(r#"{"name":"nightly","role":"operator"}"#).await;
    let secret = added.secret.unwrap();
    let add = "POST /api/v1/projects/shop/tickets";
    let (status, body) = web.with(&secret, add, r#"{"title":"One"}"#).await;
    assert_eq!(status, 200, "{body}");
    let past = web.world.app.orchestrator.past().events(0, 100).await.unwrap();
    let last = past.last().unwrap();
    let via = format!("http 127.0.0.1 token {}", added.token.id);
    assert_eq!(last.actor, Actor::Remote { name: "nightly".to_owned(), via });
    // The secret is told once, and kept nowhere.
    let kept = serde_json::to_string(&past).unwrap();
    assert!(!kept.contains(&secret) && kept.contains(&secret::digest(&secret)));
    assert!(past.iter().any(|recorded| matches!(recorded.event, Event::TokenAdded { .. })));
}

#[tokio::test]
async fn a_name_that_is_not_this_machine_s_leads_nowhere() {
    let web = web().await;
    let secret = web.secret("L3").await;
    let bearer = format!("Bearer {secret}");
    for path in ["/api/v1/status", "/login?code=x", "/elsewhere"] {
        let request = Request::builder().uri(path).header(HOST, "evil.example:3001");
        let request = request.header(AUTHORIZATION, &bearer).body(Body::empty()).unwrap();
        let response = web.router.clone().oneshot(request).await.unwrap();
        assert_eq!(response.status(), 403, "{path}");
    }
    assert_eq!(web.ask("GET /api/v1/nowhere", &[(AUTHORIZATION, &bearer)], "").await.0, 404);
}

#[test]
fn the_document_that_is_kept_is_the_one_that_is_given() {
    let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/openapi.json");
    let mut given = vec![];
    let narrow = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let mut writer = serde_json::Serializer::with_formatter(&mut given, narrow);
    serde::Serialize::serialize(&openapi::<Rules, NoFiles>(), &mut writer).unwrap();
    let given = String::from_utf8(given).unwrap() + "\n";
    if std::env::var_os("GANGLINE_KEEP_OPENAPI").is_some() {
        std::fs::write(&kept, &given).unwrap();
    }
    let kept = std::fs::read_to_string(&kept).unwrap_or_default();
    assert!(kept == given, "run this test with GANGLINE_KEEP_OPENAPI=1, and look at the change");
}

#[tokio::test]
async fn what_a_reader_has_already_is_not_sent_again() {
    let web = web().await;
    let secret = web.secret("L1").await;
    let bearer = format!("Bearer {secret}");
    let read = async |known: &str| {
        let headers = [(AUTHORIZATION, bearer.as_str()), (IF_NONE_MATCH, known)];
        let (status, headers, body) = web.ask("GET /api/v1/tickets", &headers, "").await;
        (status, headers[ETAG].to_str().unwrap().to_owned(), body)
    };
    let (status, tag, body) = read("\"another\"").await;
    assert_eq!((status, body.contains("\"tickets\"")), (200, true));
    assert_eq!(read(&tag).await, (304, tag.clone(), String::new()));
    let add = "POST /api/v1/projects/shop/tickets";
    assert_eq!(web.with(&secret, add, r#"{"title":"One"}"#).await.0, 200);
    let (status, newer, body) = read(&tag).await;
    assert_eq!((status, body.contains("One")), (200, true));
    assert_ne!(newer, tag);
}
