use std::sync::Mutex;

use axum::Router;
use axum::extract::State;
use axum::http::Uri;
use axum::response::{IntoResponse as _, Response};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use super::*;

const NOW: Timestamp = Timestamp(1_800_000_000_000_000);

/// What an issuer answers at each path, and how often it was asked.
#[derive(Default)]
struct Pages {
    pages: Mutex<Vec<(&'static str, u16, String)>>,
    asked: Mutex<Vec<String>>,
}

impl Pages {
    fn set(&self, path: &'static str, status: u16, body: &impl ToString) {
        let mut pages = self.pages.lock().unwrap();
        pages.retain(|(known, ..)| *known != path);
        pages.push((path, status, body.to_string()));
    }

    fn count(&self, path: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| *asked == path).count()
    }
}

async fn page(State(pages): State<Arc<Pages>>, uri: Uri) -> Response {
    pages.asked.lock().unwrap().push(uri.path().to_owned());
    let found = pages.pages.lock().unwrap().iter().find(|(path, ..)| *path == uri.path()).cloned();
    let (_, status, body) = found.unwrap_or(("", 404, String::new()));
    let status = StatusCode::from_u16(status).unwrap();
    (status, [("location", "/elsewhere")], body).into_response()
}

struct Served {
    pages: Arc<Pages>,
    issuer: Issuer,
    serving: JoinSet<()>,
}

const DOCUMENT: &str = "/team/.well-known/openid-configuration";

async fn served() -> Served {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let name = format!("http://{}/team", listener.local_addr().unwrap());
    let pages = Arc::new(Pages::default());
    let router = Router::new().fallback(page).with_state(Arc::clone(&pages));
    let mut serving = JoinSet::new();
    serving.spawn(async { axum::serve(listener, router).await.unwrap() });
    let issuer = Issuer { address: name.parse().unwrap(), name };
    let served = Served { pages, issuer, serving };
    served.pages.set(DOCUMENT, 200, &served.document());
    served.pages.set("/keys", 200, &keys("a"));
    served
}

impl Served {
    fn at(&self, path: &str) -> String {
        format!("http://{}{path}", self.issuer.address.target)
    }

    fn document(&self) -> Value {
        json!({
            "issuer": self.issuer.name,
            "authorization_endpoint": self.at("/authorize"),
            "token_endpoint": self.at("/token"),
            "jwks_uri": self.at("/keys"),
        })
    }

    /// Why nothing can be read of it with this document.
    async fn refused(&self, document: Value) -> String {
        self.pages.set(DOCUMENT, 200, &document);
        self.keys().get(NOW).await.unwrap_err()
    }

    fn keys(&self) -> Keys {
        Keys::new(KeysAt::Discovered(self.issuer.clone()))
    }
}

fn keys(id: &str) -> Value {
    let x = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
    json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": id, "x": x}]})
}

#[tokio::test]
async fn keys_are_kept_while_the_issuer_is_away_and_newer_ones_are_read_when_it_is_back() {
    let served = served().await;
    let keys_of = served.keys();
    let first = keys_of.get(NOW).await.unwrap();
    let hour = 3_600_000;
    served.pages.set("/keys", 503, &"");
    assert_eq!(keys_of.get(NOW.plus_ms(hour)).await.unwrap(), first);
    assert_eq!(served.pages.count("/keys"), 2, "it was asked, and is away");
    served.pages.set("/keys", 200, &keys("b"));
    // Somebody shows a token by a key that is not known.
    let soon = NOW.plus_ms(hour + 1_000);
    assert_eq!(keys_of.newer(Arc::clone(&first), soon).await, first);
    assert_eq!(served.pages.count("/keys"), 2, "not at every wish");
    let later = NOW.plus_ms(hour + 10_000);
    let newer = keys_of.newer(Arc::clone(&first), later).await;
    assert_ne!(newer, first);
    assert_eq!(keys_of.get(later).await.unwrap(), newer);
    assert_eq!(served.pages.count("/keys"), 3);
}

#[tokio::test]
async fn keys_are_kept_when_nobody_answers_at_all() {
    let mut served = served().await;
    let keys_of = served.keys();
    let first = keys_of.get(NOW).await.unwrap();
    served.serving.shutdown().await;
    assert_eq!(keys_of.get(NOW.plus_ms(7_200_000)).await.unwrap(), first);
    let gone = served.keys().get(NOW).await.unwrap_err();
    assert!(gone.contains("it cannot be connected to"), "{gone}");
}

#[tokio::test]
async fn an_issuer_is_well_when_it_says_who_it_is_and_its_keys_can_be_read() {
    let served = served().await;
    assert_eq!(served.issuer.ask().await, Ok(()));
    served.pages.set("/keys", 503, &"");
    let why = served.issuer.ask().await.unwrap_err();
    assert_eq!(why, "the issuer's keys cannot be read: it answered 503 Service Unavailable");
    served.pages.set(DOCUMENT, 404, &"");
    let why = served.issuer.ask().await.unwrap_err();
    assert_eq!(why, "what the issuer says of itself cannot be read: it answered 404 Not Found");
}

#[tokio::test]
async fn a_document_is_believed_when_it_is_the_issuers_own() {
    let served = served().await;
    let mut other = served.document();
    other["issuer"] = format!("{}/", served.issuer.name).into();
    let about = "what the issuer says of itself cannot be read";
    let another = format!("{about}: it is that of another issuer, `{}/`", served.issuer.name);
    assert_eq!(served.refused(other).await, another);
    assert_eq!(served.issuer.ask().await, Err(another));
    for (name, value, why) in [
        ("jwks_uri", "http://keys.example.org/", "it names an address without TLS"),
        ("token_endpoint", "http://10.0.0.1/", "it names an address without TLS"),
        ("authorization_endpoint", "javascript:alert(1)", "it names no address"),
        ("userinfo_endpoint", "file:///etc/passwd", "it names no address"),
    ] {
        let mut document = served.document();
        document[name] = value.into();
        assert_eq!(served.refused(document).await, format!("{about}: {why}"), "{name}");
    }
    let none = "it is not a discovery document";
    assert_eq!(served.refused(json!(["a"])).await, format!("{about}: {none}"));
}

#[tokio::test]
async fn answers_have_bounds_and_lead_nowhere_else() {
    let served = served().await;
    let refused = async |status: u16, body: String| {
        served.pages.set("/keys", status, &body);
        served.keys().get(NOW).await.unwrap_err()
    };
    let about = "the issuer's keys cannot be read";
    served.pages.set("/elsewhere", 200, &keys("a"));
    let moved = refused(302, keys("a").to_string()).await;
    assert_eq!(moved, format!("{about}: it answered 302 Found"));
    assert_eq!(served.pages.count("/elsewhere"), 0);
    let long = refused(200, format!("{}{}", keys("a"), " ".repeat(256 * 1024))).await;
    assert_eq!(long, format!("{about}: its answer is longer than 262144 bytes, or broke off"));
    let none = refused(200, "{\"keys\": []}".to_owned()).await;
    assert_eq!(none, format!("{about}: none of its keys is one that signatures are judged by"));
}

#[tokio::test]
async fn without_tls_only_this_machine_is_asked_whatever_a_name_leads_to() {
    for address in ["http://192.0.2.1:9/", "http://10.0.0.1/", "http://[fd00::1]/"] {
        let keys = Keys::new(KeysAt::Address(address.parse().unwrap()));
        let refused = keys.get(NOW).await.unwrap_err();
        assert!(refused.ends_with("it is plain http, and not on this machine"), "{refused}");
    }
}
