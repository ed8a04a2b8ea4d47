//! Whom an issuer vouches for: browsers that sign in, and bearers of JWTs. The issuer stands in this
//! file, so that it can say what a real one never would; a real one is in the tests of the whole program.

use std::net::SocketAddr;

use axum::extract::State;
use axum::extract::connect_info::MockConnectInfo;
use axum::http::header::{ACCEPT, AUTHORIZATION, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName};
use axum::routing::{get, post};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gangline_domain::token::Role;
use ring::rand::SystemRandom;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::*;
use crate::door::WorkersAuth;
use crate::listen::Peer;
use crate::oidc::{Issuer, Oidc, People, Roles, Trust, WorkersJwt, WorkersKeys};

/// What the workers' API shares with its clients.
pub(super) const SHARED: &str = "a secret of 32 bytes, or of more than that\n";
/// Any seed; the key that it makes signs nothing that anybody believes.
const FILE_SEED: [u8; 32] = [7; 32];

fn jwk(id: &str, key: &Ed25519KeyPair) -> Value {
    let x = URL_SAFE_NO_PAD.encode(key.public_key());
    json!({"kty": "OKP", "crv": "Ed25519", "kid": id, "alg": "EdDSA", "use": "sig", "x": x})
}

/// The file with the keys of the workers' API.
pub(super) fn key_file() -> String {
    let key = Ed25519KeyPair::from_seed_unchecked(&FILE_SEED).unwrap();
    json!({"keys": [jwk("file", &key)]}).to_string()
}

/// Two parts of a token, to be signed.
fn unsigned(header: &Value, claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    format!("{}.{}", part(header), part(claims))
}

fn signed(id: &str, key: &Ed25519KeyPair, claims: &Value) -> String {
    let text = unsigned(&json!({"alg": "EdDSA", "kid": id}), claims);
    let signature = URL_SAFE_NO_PAD.encode(key.sign(text.as_bytes()));
    format!("{text}.{signature}")
}

fn fresh_key() -> Ed25519KeyPair {
    let made = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
    Ed25519KeyPair::from_pkcs8(made.as_ref()).unwrap()
}

fn now_s() -> i64 {
    crate::app::App::<Rules, NoFiles>::now().0 / 1_000_000
}

/// An issuer that says whatever a test wants.
struct Says {
    name: String,
    key: Mutex<(String, Ed25519KeyPair)>,
    /// What the next ID token says otherwise.
    changed: Mutex<Value>,
    /// What it says of the person elsewhere.
    userinfo: Mutex<Value>,
    /// The forms that codes were redeemed with, and the header beside each.
    redeemed: Mutex<Vec<(BTreeMap<String, String>, String)>>,
    /// The nonce that the last browser brought along.
    nonce: Mutex<String>,
    /// How often its keys were asked for.
    asked: Mutex<u32>,
}

impl Says {
    fn claims(&self) -> Value {
        json!({
            "iss": self.name, "aud": "gangline", "sub": "17", "exp": now_s() + 300,
            "email": "ann@example.org", "email_verified": true, "groups": ["engineers"],
        })
    }

    fn token(&self, change: &Value) -> String {
        let mut claims = self.claims();
        for (name, value) in change.as_object().into_iter().flatten() {
            claims[name] = value.clone();
        }
        let (id, key) = &*self.key.lock().unwrap();
        signed(id, key, &claims)
    }

    fn rotate(&self, id: &str) {
        *self.key.lock().unwrap() = (id.to_owned(), fresh_key());
    }
}

async fn discovered(State(says): State<Arc<Says>>) -> Json<Value> {
    let at = |path: &str| format!("{}{path}", says.name);
    Json(json!({
        "issuer": says.name,
        "authorization_endpoint": at("/authorize"),
        "token_endpoint": at("/token"),
        "userinfo_endpoint": at("/me"),
        "jwks_uri": at("/keys"),
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(says): State<Arc<Says>>) -> Json<Value> {
    *says.asked.lock().unwrap() += 1;
    let (id, key) = &*says.key.lock().unwrap();
    Json(json!({"keys": [jwk(id, key)]}))
}

async fn redeem(State(says): State<Arc<Says>>, headers: HeaderMap, form: String) -> Json<Value> {
    let header = headers.get(AUTHORIZATION).map(|value| value.to_str().unwrap().to_owned());
    let form = form_urlencoded::parse(form.as_bytes()).into_owned().collect();
    says.redeemed.lock().unwrap().push((form, header.unwrap_or_default()));
    let mut claims = says.changed.lock().unwrap().clone();
    if claims.get("nonce").is_none() {
        claims["nonce"] = says.nonce.lock().unwrap().clone().into();
    }
    Json(json!({"id_token": says.token(&claims), "access_token": "opaque", "token_type": "Bearer"}))
}

async fn userinfo(State(says): State<Arc<Says>>) -> Json<Value> {
    Json(says.userinfo.lock().unwrap().clone())
}

struct Team {
    world: World,
    router: Router,
    says: Arc<Says>,
    serving: JoinSet<()>,
}

fn people(emails: &[&str], groups: &[&str]) -> People {
    let set = |names: &[&str]| names.iter().map(ToString::to_string).collect();
    People { emails: set(emails), groups: set(groups), ..People::default() }
}

async fn team() -> Team {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let name = format!("http://{}", listener.local_addr().unwrap());
    let says = Arc::new(Says {
        name: name.clone(),
        key: Mutex::new(("a".to_owned(), fresh_key())),
        changed: Mutex::new(json!({})),
        userinfo: Mutex::new(json!({"sub": "17"})),
        redeemed: Mutex::default(),
        nonce: Mutex::default(),
        asked: Mutex::default(),
    });
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(discovered))
        .route("/keys", get(keys))
        .route("/token", post(redeem))
        .route("/me", get(userinfo))
        .with_state(Arc::clone(&says));
    let mut serving = JoinSet::new();
    serving.spawn(async { axum::serve(listener, router).await.unwrap() });
    let issuer = Issuer { address: name.parse().unwrap(), name };
    let oidc = Oidc {
        label: "Example".to_owned(),
        issuer: issuer.clone(),
        client_id: "gangline".to_owned(),
        has_secret: true,
        scopes: vec!["openid".to_owned(), "email".to_owned()],
        origin: None,
        roles: Roles {
            roles: [
                (Role::Operator, people(&[], &["engineers"])),
                (Role::Admin, people(&["root@example.org"], &[])),
            ]
            .into(),
            groups_claim: "groups".to_owned(),
            ..Roles::default()
        },
        session_ms: 3_600_000,
        api_audiences: ["gangline-api".to_owned()].into(),
    };
    let workers = WorkersJwt {
        keys: WorkersKeys::Issuer(issuer.clone()),
        issuer: Some(issuer.name),
        audience: Some("workers".to_owned()),
    };
    let mut world = world().await;
    world.app = world.app.with_trust(Trust::new(Some(oidc), Some(workers)));
    let guests = Guests { workers: WorkersAuth::Jwt, ..Guests::default() };
    let router = behind(&world, guests);
    Team { world, router, says, serving }
}

fn behind(world: &World, guests: Guests) -> Router {
    let peer: SocketAddr = "127.0.0.1:40000".parse().unwrap();
    http_router(world.app.clone().with_guests(guests)).layer(MockConnectInfo(Peer(peer)))
}

/// What came back: status, headers, and the code of a refusal.
type Came = (u16, HeaderMap, String);

async fn ask(router: &Router, line: &str, headers: &[(HeaderName, &str)]) -> Came {
    let (method, path) = line.split_once(' ').unwrap();
    let mut request = Request::builder().method(method).uri(path).header(HOST, "localhost:3001");
    for (name, value) in headers {
        request = request.header(name, *value);
    }
    let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
    let problem: Option<Problem> = serde_json::from_slice(&body).ok();
    let code = problem.map(|problem| format!("{}: {}", problem.code, problem.detail));
    (status, headers, code.unwrap_or_default())
}

fn cookies(headers: &HeaderMap) -> Vec<String> {
    headers.get_all(SET_COOKIE).iter().map(|value| value.to_str().unwrap().to_owned()).collect()
}

/// The parameters of an address.
fn query(address: &str) -> BTreeMap<String, String> {
    let (_, query) = address.split_once('?').unwrap();
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

impl Team {
    /// Begins to sign in: what the issuer is told, and the cookie.
    async fn leave(&self) -> (BTreeMap<String, String>, String) {
        let (status, headers, _) = ask(&self.router, "GET /login/oidc", &[]).await;
        assert_eq!(status, 303);
        let told = query(headers[LOCATION].to_str().unwrap());
        self.says.nonce.lock().unwrap().clone_from(&told["nonce"]);
        let cookie = cookies(&headers).remove(0);
        let (pair, rest) = cookie.split_once(';').unwrap();
        assert_eq!(rest, " Path=/login/oidc; HttpOnly; SameSite=Lax; Max-Age=600");
        (told, pair.to_owned())
    }

    /// Comes back from the issuer.
    async fn arrive(&self, query: &str, cookie: &str) -> Came {
        let line = format!("GET /login/oidc/callback?{query}");
        ask(&self.router, &line, &[(COOKIE, cookie)]).await
    }

    /// Signs in while the ID token says something else: what is told.
    async fn sign_in(&self, change: Value) -> String {
        *self.says.changed.lock().unwrap() = change;
        let (told, cookie) = self.leave().await;
        let query = format!("code=c&state={}&iss={}", told["state"], self.says.name);
        let (status, headers, code) = self.arrive(&query, &cookie).await;
        if status == 303 {
            assert_eq!(headers[LOCATION], "/");
            return cookies(&headers).remove(0);
        }
        let all = cookies(&headers);
        assert!(all.len() == 1 && all[0].starts_with("gangline_sign_in=; "), "{all:?}");
        format!("{status} {code}")
    }

    async fn me(&self, headers: &[(HeaderName, &str)]) -> String {
        let request = Request::builder().uri("/api/v1/me").header(HOST, "localhost:3001");
        let with =
            headers.iter().fold(request, |request, (name, value)| request.header(name, *value));
        let response =
            self.router.clone().oneshot(with.body(Body::empty()).unwrap()).await.unwrap();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        String::from_utf8_lossy(&body).into_owned()
    }

    async fn bearer(&self, token: &str) -> String {
        let bearer = format!("Bearer {token}");
        let (status, _, code) =
            ask(&self.router, "GET /api/v1/tokens", &[(AUTHORIZATION, &bearer)]).await;
        format!("{status} {code}")
    }
}

#[tokio::test]
async fn a_person_signs_in_is_known_by_name_and_signs_out() {
    let team = team().await;
    let (told, _) = team.leave().await;
    assert_eq!(told["redirect_uri"], "http://localhost:3001/login/oidc/callback");
    assert_eq!((&told["response_type"][..], &told["scope"][..]), ("code", "openid email"));
    assert_eq!((&told["code_challenge_method"][..], told["code_challenge"].len()), ("S256", 43));
    let session = team.sign_in(json!({})).await;
    let (pair, rest) = session.split_once(';').unwrap();
    assert_eq!(rest, " Path=/; HttpOnly; SameSite=Strict; Max-Age=3600");
    let (form, header) = team.says.redeemed.lock().unwrap()[0].clone();
    assert_eq!((&form["grant_type"][..], form["code_verifier"].len()), ("authorization_code", 43));
    let shown =
        URL_SAFE_NO_PAD.decode(header.strip_prefix("Basic ").unwrap().trim_end_matches('='));
    assert_eq!(String::from_utf8(shown.unwrap()).unwrap(), "gangline:a+secret%3A+of+the+client");
    let me = team.me(&[(COOKIE, pair)]).await;
    assert!(me.contains(r#""name":"ann@example.org","role":"L1""#), "{me}");
    // What they do is told under their name, and who they are at the issuer can be found.
    let page = [(COOKIE, pair), (ORIGIN, "http://localhost:3001")];
    let (status, ..) =
        ask(&team.router, "POST /api/v1/projects/shop/tickets/APP-1/hold", &page).await;
    assert_eq!(status, 404, "it is let in, and there is no such ticket");
    let (_, past) = &*team.world.app.orchestrator.inner.lock().unwrap();
    let actor = past.last().unwrap().actor.to_string();
    let by = format!("oidc 127.0.0.1 {} 17", team.says.name);
    assert!(actor.contains("ann@example.org"), "{actor}");
    let actor = &past.last().unwrap().actor;
    assert_eq!(*actor, Actor::Remote { name: "ann@example.org".to_owned(), via: by });
}

#[tokio::test]
async fn a_session_ends_when_it_is_ended_and_a_program_has_none() {
    let team = team().await;
    let session = team.sign_in(json!({})).await;
    let (pair, _) = session.split_once(';').unwrap();
    let (status, _, code) = ask(&team.router, "POST /api/v1/log-out", &[(COOKIE, pair)]).await;
    assert_eq!(status, 403, "another site's page cannot end it: {code}");
    let page = [(COOKIE, pair), (ORIGIN, "http://localhost:3001")];
    assert_eq!(ask(&team.router, "POST /api/v1/log-out", &page).await.0, 200);
    assert_eq!(ask(&team.router, "GET /api/v1/me", &page).await.0, 401);
    let bearer = format!("Bearer {}", team.says.token(&json!({"aud": "gangline-api"})));
    let ended = ask(&team.router, "POST /api/v1/log-out", &[(AUTHORIZATION, &bearer)]).await;
    assert_eq!((ended.0, ended.2.starts_with("bad_request")), (400, true));
}

#[tokio::test]
async fn an_id_token_that_is_not_in_order_lets_nobody_in() {
    let team = team().await;
    let about = "401 sign_in_failed: what the issuer says is not believed";
    for (change, why) in [
        (json!({"nonce": "another"}), "it answers another sign-in"),
        (json!({"iss": "https://evil.example"}), "it is by another issuer"),
        (json!({"aud": "another"}), "it is for another audience"),
        (json!({"azp": "another"}), "it was given to another client"),
        (json!({"exp": now_s() - 100}), "it has expired"),
        (json!({"nbf": now_s() + 100}), "it is not valid yet"),
    ] {
        assert_eq!(team.sign_in(change.clone()).await, format!("{about}: {why}"), "{change}");
    }
    let tokens = team.world.app.look(|board, _| board.tokens.len());
    assert_eq!(tokens, 0);
}

#[tokio::test]
async fn a_browser_that_did_not_go_does_not_come_back() {
    let team = team().await;
    let (told, cookie) = team.leave().await;
    let (other, _) = team.leave().await;
    let name = &team.says.name;
    let (state, wrong) = (&told["state"], &other["state"]);
    let unknown = "sign_in_failed: this browser has not begun to sign in here, or has taken more than ten minutes";
    for (query, cookie, expected) in [
        (format!("code=c&state={state}&iss={name}"), "", unknown),
        (format!("code=c&state={state}&iss={name}"), "gangline_sign_in=a.1.b", unknown),
        (
            format!("code=c&state={wrong}&iss={name}"),
            &cookie,
            "sign_in_failed: this answers another sign-in",
        ),
        (format!("code=c&iss={name}"), &cookie, "sign_in_failed: this answers another sign-in"),
        (
            format!("code=c&state={state}&iss=https://evil.example"),
            &cookie,
            "sign_in_failed: another issuer answered",
        ),
        (
            format!("code=c&state={state}"),
            &cookie,
            "sign_in_failed: nobody says which issuer answered",
        ),
        (
            format!("error=access_denied&state={state}&iss={name}"),
            &cookie,
            "sign_in_failed: the issuer says `access_denied`",
        ),
        (format!("state={state}&iss={name}"), &cookie, "sign_in_failed: the issuer gave no code"),
    ] {
        let (status, _, code) = team.arrive(&query, cookie).await;
        assert_eq!((status, code.as_str()), (401, expected), "{query}");
    }
    assert!(team.says.redeemed.lock().unwrap().is_empty(), "no code was redeemed");
}

#[tokio::test]
async fn whoever_has_no_role_is_told_so_and_gets_nothing() {
    let team = team().await;
    let stranger = json!({"groups": [], "email": "eve@example.net"});
    let told = team.sign_in(stranger.clone()).await;
    assert_eq!(told, "403 no_role: eve@example.net is known to the issuer, and has no role here");
    let (left, cookie) = team.leave().await;
    let line =
        format!("GET /login/oidc/callback?code=c&state={}&iss={}", left["state"], team.says.name);
    let browser = [(COOKIE, cookie.as_str()), (ACCEPT, "text/html")];
    let request = browser.iter().fold(
        Request::builder().uri(line.strip_prefix("GET ").unwrap()).header(HOST, "localhost:3001"),
        |request, (name, value)| request.header(name, *value),
    );
    let page = team.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    assert_eq!(page.status(), 403);
    let html = to_bytes(page.into_body(), 1 << 20).await.unwrap();
    let html = String::from_utf8_lossy(&html).into_owned();
    assert!(html.contains("<code>no_role</code>") && html.contains("/login/oidc?anew=1"), "{html}");
    let mut stranger = stranger;
    stranger["aud"] = "gangline-api".into();
    let bearer = team.bearer(&team.says.token(&stranger)).await;
    assert!(bearer.starts_with("403 no_role"), "{bearer}");
}

#[tokio::test]
async fn what_the_id_token_leaves_out_is_asked_for_elsewhere_of_the_same_person() {
    let team = team().await;
    let root = json!({"email": "root@example.org", "email_verified": true});
    let lean = json!({"email": null, "email_verified": null, "groups": null});
    *team.says.userinfo.lock().unwrap() = json!({"sub": "18", "groups": ["engineers"]});
    let told = team.sign_in(lean.clone()).await;
    assert!(told.starts_with("403 no_role"), "it speaks of somebody else: {told}");
    let mut same = root.clone();
    same["sub"] = "17".into();
    *team.says.userinfo.lock().unwrap() = same;
    let session = team.sign_in(lean).await;
    let me = team.me(&[(COOKIE, session.split_once(';').unwrap().0)]).await;
    assert!(me.contains(r#""name":"root@example.org","role":"L3""#), "{me}");
    // An address of the one is not verified by what the other says.
    let unverified = json!({"email": "root@example.org", "email_verified": null, "groups": null});
    let told = team.sign_in(unverified).await;
    assert!(told.starts_with("403 no_role"), "{told}");
}

#[tokio::test]
async fn programs_come_in_with_the_issuers_jwts_as_long_as_these_are_in_order() {
    let team = team().await;
    let api = |change: Value| {
        let mut claims = json!({"aud": "gangline-api"});
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        team.says.token(&claims)
    };
    let admin = api(json!({"email": "root@example.org"}));
    assert_eq!(team.bearer(&admin).await, "200 ");
    let me = team.me(&[(AUTHORIZATION, &format!("Bearer {admin}"))]).await;
    assert!(me.contains(r#""via":"http 127.0.0.1 oidc 17""#), "{me}");
    let operator = team.bearer(&api(json!({}))).await;
    assert!(operator.starts_with("403 forbidden"), "{operator}");
    let about = "401 unauthorized: this JWT is not believed";
    for (change, why) in [
        (json!({"aud": "gangline"}), "it is for another audience"),
        (json!({"iss": "https://evil.example"}), "it is by another issuer"),
        (json!({"exp": now_s() - 100}), "it has expired"),
    ] {
        assert_eq!(team.bearer(&api(change.clone())).await, format!("{about}: {why}"), "{change}");
    }
    let none = unsigned(&json!({"alg": "none"}), &team.says.claims());
    let told = team.bearer(&format!("{none}.")).await;
    assert_eq!(told, format!("{about}: its algorithm `none` is not one that is believed"));
    // A JWT is no session.
    let cookie = format!("gangline={admin}");
    assert_eq!(ask(&team.router, "GET /api/v1/me", &[(COOKIE, &cookie)]).await.0, 401);
    // Where no audience is configured, there are no JWTs.
    let plain = behind(&team.world, Guests::default());
    assert_eq!(ask(&plain, "GET /api/v1/me", &[(AUTHORIZATION, "Bearer a.b.c")]).await.0, 401);
}

#[tokio::test]
async fn keys_change_and_are_kept_while_the_issuer_is_away() {
    let mut team = team().await;
    let admin = json!({"aud": "gangline-api", "email": "root@example.org"});
    let old = team.says.token(&admin);
    assert_eq!(team.bearer(&old).await, "200 ");
    team.says.rotate("b");
    let new = team.says.token(&admin);
    // Its keys were asked for a moment ago; it is not asked again for each unknown name.
    let told = team.bearer(&new).await;
    assert!(told.ends_with("its key `b` is not one of the issuer's"), "{told}");
    assert_eq!(*team.says.asked.lock().unwrap(), 1);
    let (told, cookie) = team.leave().await;
    team.serving.shutdown().await;
    assert_eq!(team.bearer(&old).await, "200 ", "the issuer is away, and its keys are kept");
    let query = format!("code=c&state={}&iss={}", told["state"], team.says.name);
    let (status, _, code) = team.arrive(&query, &cookie).await;
    assert_eq!((status, code.split(':').next()), (503, Some("issuer_unavailable")), "{code}");
}

#[tokio::test]
async fn a_stream_ends_with_the_jwt_that_opened_it() {
    let team = team().await;
    let until = crate::app::App::<Rules, NoFiles>::now();
    let identity = Identity { until: Some(until), ..Identity::owner() };
    assert!(!identity.is_still_in(&team.world.app));
    let identity = Identity { until: Some(until.plus_ms(60_000)), ..identity };
    assert!(identity.is_still_in(&team.world.app));
}

#[tokio::test]
async fn a_browser_that_a_jwt_lets_in_is_in_no_longer_than_it() {
    let team = team().await;
    let token = team.says.token(&json!({"aud": "gangline-api"}));
    let request = Request::post("/api/v1/login-links").header(HOST, "localhost:3001");
    let request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    let link = team.router.clone().oneshot(request.body(Body::from("{}")).unwrap()).await.unwrap();
    let link = to_bytes(link.into_body(), 1 << 20).await.unwrap();
    let link: Value = serde_json::from_slice(&link).unwrap();
    let code = &query(link["url"].as_str().unwrap())["code"];
    assert_eq!(ask(&team.router, &format!("GET /login?code={code}"), &[]).await.0, 303);
    let ends = team.world.app.look(|board, _| {
        board.tokens.values().map(|token| token.expires_at.unwrap()).collect::<Vec<_>>()
    });
    assert_eq!(ends.len(), 1);
    assert!(ends[0].0 <= (now_s() + 300) * 1_000_000, "{ends:?}");
}

#[tokio::test]
async fn the_workers_api_takes_jwts_by_a_published_key_one_in_a_file_or_a_shared_one() {
    let team = team().await;
    let workers = async |router: &Router, token: &str| {
        let bearer = format!("Bearer {token}");
        let (status, _, code) = ask(router, "GET /api/workers", &[(AUTHORIZATION, &bearer)]).await;
        format!("{status} {code}")
    };
    let published = team.says.token(&json!({"aud": "workers"}));
    assert_eq!(workers(&team.router, &published).await, "200 ");
    let (status, _, code) = ask(&team.router, "GET /api/workers", &[]).await;
    assert_eq!((status, code.as_str()), (401, "unauthorized: the workers' API needs a JWT"));
    let other = workers(&team.router, &team.says.token(&json!({}))).await;
    assert_eq!(other, "401 unauthorized: this JWT is not believed: it is for another audience");
    let guests = || Guests { workers: WorkersAuth::Jwt, ..Guests::default() };
    let mut world = world().await;
    let judge = |keys: WorkersKeys, audience: Option<&str>| {
        let audience = audience.map(ToOwned::to_owned);
        Trust::new(None, Some(WorkersJwt { keys, issuer: Some("queue".to_owned()), audience }))
    };
    world.app = world.app.with_trust(judge(WorkersKeys::File, Some("workers")));
    let file = Ed25519KeyPair::from_seed_unchecked(&FILE_SEED).unwrap();
    let claims = |change: Value| {
        let mut claims = json!({"iss": "queue", "aud": "workers", "exp": now_s() + 60});
        for (name, value) in change.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    };
    let router = behind(&world, guests());
    assert_eq!(workers(&router, &signed("file", &file, &claims(json!({})))).await, "200 ");
    let late = signed("file", &file, &claims(json!({"exp": now_s() - 100})));
    assert!(workers(&router, &late).await.ends_with("it has expired"));
    assert!(workers(&router, &published).await.starts_with("401"));
    world.app = world.app.with_trust(judge(WorkersKeys::Shared, None));
    let router = behind(&world, guests());
    let shared = |secret: &str, claims: &Value| {
        let text = unsigned(&json!({"alg": "HS256", "typ": "JWT"}), claims);
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
        format!("{text}.{}", URL_SAFE_NO_PAD.encode(ring::hmac::sign(&key, text.as_bytes())))
    };
    let good = shared(SHARED.trim(), &claims(json!({"sub": "queue-1"})));
    assert_eq!(workers(&router, &good).await, "200 ");
    let stranger =
        workers(&router, &shared("another secret of 32 bytes and more", &claims(json!({})))).await;
    assert!(stranger.starts_with("401 unauthorized"), "{stranger}");
    assert!(workers(&router, &signed("file", &file, &claims(json!({})))).await.starts_with("401"));
}

#[tokio::test]
async fn the_page_learns_by_which_ways_it_can_be_entered() {
    let team = team().await;
    let told = async |router: &Router| {
        let request = Request::builder().uri("/login/ways").header(HOST, "localhost:3001");
        let response = router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let body = to_bytes(response.into_body(), 1 << 20).await.unwrap();
        String::from_utf8_lossy(&body).into_owned()
    };
    let way = r#"{"oidc":{"label":"Example","path":"/login/oidc"}}"#;
    assert_eq!(told(&team.router).await, way);
    let without = world().await;
    let router = behind(&without, Guests::default());
    assert_eq!(told(&router).await, "{}");
    assert_eq!(ask(&router, "GET /login/oidc", &[]).await.0, 404);
}
