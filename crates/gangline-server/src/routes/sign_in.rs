//! Signing in by an issuer, and out.

use std::sync::Arc;

use axum::extract::{ConnectInfo, State};
use axum::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{AppendHeaders, IntoResponse, Response};
use axum::{Extension, Json};
use gangline_api::codes;
use gangline_api::command::Done;
use gangline_api::token::{SignInWays, WayIn};
use gangline_domain::command::Command;
use gangline_domain::ids::Actor;
use gangline_domain::token::{Token, TokenUse};
use serde::Deserialize;

use super::verbs::done;
use crate::app::App;
use crate::archive::Archive;
use crate::door::{COOKIE_NAME, cookie, origin_asked};
use crate::extract::{Answered, Asked, Caller};
use crate::identity::Identity;
use crate::listen::Peer;
use crate::notice::refusal;
use crate::oidc::{Came, Provider, SIGN_IN_MS};
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::secret;

/// The cookie of a browser that is at the issuer. It comes back along with a page of that, so it
/// cannot be `SameSite=Strict`; it is sent nowhere else, and opens nothing by itself.
const SIGN_IN_COOKIE: &str = "gangline_sign_in";
const SIGN_IN_PATH: &str = "/login/oidc";

/// By which ways a browser can come in here.
pub(super) async fn ways<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
) -> Json<SignInWays> {
    let oidc = app.settings().trust.oidc().map(|provider| WayIn {
        label: provider.config().label.clone(),
        path: SIGN_IN_PATH.to_owned(),
    });
    Json(SignInWays { oidc })
}

/// How a sign-in begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Begin {
    /// Asks again who it is.
    anew: Option<String>,
}

/// Sends a browser to the issuer.
pub(super) async fn leave<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    headers: HeaderMap,
    Asked(begin): Asked<Begin>,
) -> Response {
    let left = async {
        let provider = provider(&app, peer)?;
        let origin = origin(&provider, &headers);
        let leaving = provider.leave(&origin, begin.anew.is_some(), App::<O, A>::now()).await?;
        let kept = kept_cookie(&leaving.cookie, SIGN_IN_MS / 1_000, is_safe(&origin));
        let location = HeaderValue::from_str(&leaving.location);
        let location = location
            .map_err(|_| Failure::new(codes::issuer_unavailable, "the issuer's address is none"))?;
        Ok::<_, Failure>((kept, location))
    };
    match left.await {
        Ok((cookie, location)) => {
            let headers = AppendHeaders([(SET_COOKIE, text(&cookie)), (LOCATION, location)]);
            (StatusCode::SEE_OTHER, NOT_KEPT, headers).into_response()
        }
        Err(failure) => refusal(&headers, failure, &[("/", "To the dashboard")]),
    }
}

/// Nothing of this is kept, or told to the next page.
const NOT_KEPT: [(HeaderName, HeaderValue); 2] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// Takes a browser back from the issuer: it gets a session, and the page.
pub(super) async fn arrive<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    headers: HeaderMap,
    Asked(came): Asked<Came>,
) -> Response {
    let ended = |safe| text(&kept_cookie("", 0, safe));
    let arrived = async {
        let provider = provider(&app, peer)?;
        let origin = origin(&provider, &headers);
        let session = session(&app, &provider, &headers, (&origin, &came), peer).await?;
        Ok::<_, Failure>((session, is_safe(&origin)))
    };
    match arrived.await {
        Ok((session, safe)) => {
            let cookies = [
                (SET_COOKIE, text(&session)),
                (SET_COOKIE, ended(safe)),
                (LOCATION, HeaderValue::from_static("/")),
            ];
            (StatusCode::SEE_OTHER, NOT_KEPT, AppendHeaders(cookies)).into_response()
        }
        Err(failure) => {
            let anew = format!("{SIGN_IN_PATH}?anew=1");
            let links =
                [(anew.as_str(), "Sign in again, or as somebody else"), ("/", "To the dashboard")];
            let page = refusal(&headers, failure, &links);
            (AppendHeaders([(SET_COOKIE, ended(false))]), page).into_response()
        }
    }
}

/// The cookie of a new session for whoever came back.
async fn session<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    provider: &Provider,
    headers: &HeaderMap,
    (origin, came): (&str, &Came),
    peer: std::net::SocketAddr,
) -> Result<String, Failure> {
    let now = App::<O, A>::now();
    let kept = cookie(headers, SIGN_IN_COOKIE).unwrap_or_default();
    let person = provider.arrive(&*app.archive, origin, (kept, came), now).await?;
    let secret = secret::fresh();
    let config = provider.config();
    let actor = Actor::Remote {
        name: person.name.clone(),
        via: format!("oidc {} {} {}", peer.ip(), config.issuer.name, person.subject),
    };
    let token = Token {
        id: secret::fresh_id(),
        name: person.name,
        used_as: TokenUse::Session,
        role: person.role,
        projects: None,
        sha256: secret::digest(&secret),
        expires_at: Some(now.plus_ms(config.session_ms)),
        created_at: now,
        created_by: actor.clone(),
    };
    let command = Command::AddToken { token: Box::new(token) };
    app.orchestrator.command(actor, None, command).await?;
    let (age, safe) = (config.session_ms / 1_000, if is_safe(origin) { "; Secure" } else { "" });
    Ok(format!("{COOKIE_NAME}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}{safe}"))
}

fn kept_cookie(value: &str, age_s: u64, safe: bool) -> String {
    let safe = if safe { "; Secure" } else { "" };
    format!(
        "{SIGN_IN_COOKIE}={value}; Path={SIGN_IN_PATH}; HttpOnly; SameSite=Lax; Max-Age={age_s}{safe}"
    )
}

fn provider<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    peer: std::net::SocketAddr,
) -> Result<Arc<Provider>, Failure> {
    let Some(provider) = app.settings().trust.oidc() else {
        let detail = "nobody can sign in here by an issuer";
        return Err(Failure::new(codes::no_such_route, detail).hint("gangline dashboard"));
    };
    let pace = provider.pace();
    pace.map_or(Ok(()), |pace| pace.count(&peer.ip().to_string()))?;
    Ok(provider)
}

/// Where browsers find this daemon: where it is said, or else where this one asks.
fn origin(provider: &Provider, headers: &HeaderMap) -> String {
    provider.config().origin.clone().unwrap_or_else(|| origin_asked(headers))
}

/// Whether cookies are for TLS alone.
fn is_safe(origin: &str) -> bool {
    origin.starts_with("https://")
}

fn text(text: &str) -> HeaderValue {
    HeaderValue::from_str(text).expect("BUG: a cookie of our own is text")
}

/// Ends the session of the browser that asks.
pub(super) async fn log_out<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
    caller: Caller,
) -> Answered<Done> {
    let session = identity.token.filter(|_| identity.used_as == Some(TokenUse::Session));
    let Some(token) = session else {
        let detail = "only the session of a browser can be ended so";
        return Err(Failure::new(codes::bad_request, detail).hint("gangline token revoke ID"));
    };
    done(&app, caller, Command::RevokeToken { token }).await
}
