//! Who comes in over HTTP: host, origin and token are looked at before any route is.
//!
//! ```text
//!   request ▸ Host allowed? ▸ Origin our own, or allowed? ▸ whose token or session? ▸ role ▸ route
//! ```
//!
//! A page of another site can make a browser send requests here; it cannot make it send another
//! `Host` or leave `Origin` out of a request that changes something.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;

use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{AUTHORIZATION, COOKIE, HOST, ORIGIN, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use gangline_api::codes;
use gangline_domain::ids::Timestamp;
use gangline_domain::token::{Role, Token, TokenUse};

use crate::app::App;
use crate::archive::Archive;
use crate::identity::Identity;
use crate::listen::Peer;
use crate::oidc::{Provider, looks_like};
use crate::orchestrator::Orchestrator;
use crate::pace::Pace;
use crate::problem::Failure;
use crate::secret;
use crate::settings::Settings;

/// As whom clients of the workers' API are told that show nothing.
const CLIENT_NAME: &str = "workers-api";
/// Where such a client may show its key.
const API_KEY_HEADER: &str = "x-api-key";
/// The cookie of a browser's session.
pub(crate) const COOKIE_NAME: &str = "gangline";

/// Names and origins that are let in beside this machine's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Guests {
    /// Host names, or `*.` and what all of them end with, in lower case and without a port.
    pub hosts: Vec<String>,
    /// Origins, such as `https://board.example.org`.
    pub origins: Vec<String>,
    /// What clients of the workers' API show.
    pub workers: WorkersAuth,
    /// Requests of one token or session in a minute; no bound when absent.
    pub requests_per_minute: Option<NonZeroU32>,
    /// Workers that one client of the workers' API spawns in a minute; no bound when absent.
    pub spawns_per_minute: Option<NonZeroU32>,
}

/// How clients of the workers' API come in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum WorkersAuth {
    /// Without anything, from this machine or by an allowed name; never from a page.
    #[default]
    None,
    /// With an API token of role L1 or above, as `X-API-Key` or `Authorization: Bearer`.
    ApiKey,
    /// With a JWT that [`crate::Trust`] judges, as `Authorization: Bearer`.
    Jwt,
}

impl Guests {
    fn knows(&self, host: &str) -> bool {
        self.hosts.iter().any(|known| match known.strip_prefix('*') {
            Some(end) => host.len() > end.len() && host.ends_with(end),
            None => host == known,
        })
    }
}

/// Who is counted: a token, or whoever is there.
fn counted(pace: Option<&Pace>, identity: &Identity, peer: SocketAddr) -> Result<(), Failure> {
    let Some(pace) = pace else { return Ok(()) };
    match (&identity.token, &identity.subject) {
        (Some(token), _) => pace.count(token.as_str()),
        (None, Some(subject)) => pace.count(subject),
        (None, None) => pace.count(&peer.ip().to_string()),
    }
}

/// Turns away who calls this machine by a name that is not its own, as a page does whose name was
/// made to lead here, and pages of other sites.
pub(crate) fn known_names<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    request: &Request,
) -> Result<(), Failure> {
    names(request.headers(), request.uri().host(), app.settings().guests())
}

fn names(headers: &HeaderMap, asked: Option<&str>, guests: &Guests) -> Result<(), Failure> {
    let host = text(headers, &HOST).or(asked).unwrap_or_default().to_ascii_lowercase();
    let name = without_port(&host);
    if !is_loopback(name) && !guests.knows(name) {
        let shown: String = name.chars().take(80).collect();
        let detail = format!("`{}` is not a name of this machine", shown.escape_debug());
        return Err(Failure::new(codes::host_not_allowed, detail)
            .hint("add it to `hosts` under [http] in config.toml"));
    }
    let Some(origin) = text(headers, &ORIGIN) else { return Ok(()) };
    let origin = origin.to_ascii_lowercase();
    let same = ["http://", "https://"]
        .iter()
        .any(|scheme| origin.strip_prefix(scheme).is_some_and(|authority| authority == host));
    if same || guests.origins.contains(&origin) {
        return Ok(());
    }
    let shown: String = origin.chars().take(80).collect();
    let detail = format!("pages of {} may not ask", shown.escape_debug());
    Err(Failure::new(codes::origin_not_allowed, detail)
        .hint("add it to `origins` under [http] in config.toml"))
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        // An address of version 6 has its colons in brackets.
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        _bare => host,
    }
}

fn is_loopback(name: &str) -> bool {
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    name == "localhost" || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// Who has this token or session, if they may ask now.
pub(crate) async fn known_bearer<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    method: &Method,
    headers: &HeaderMap,
    peer: SocketAddr,
) -> Result<Identity, Failure> {
    let identity = bearer(app, method, headers, peer).await?;
    counted(app.settings().requests(), &identity, peer)?;
    Ok(identity)
}

/// The answer to who may not come in.
pub(crate) fn turned_away(failure: Failure) -> Response {
    let mut response = failure.into_response();
    if response.status() == StatusCode::UNAUTHORIZED {
        let scheme = HeaderValue::from_static("Bearer realm=\"gangline\"");
        response.headers_mut().insert(WWW_AUTHENTICATE, scheme);
    }
    response
}

async fn bearer<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    method: &Method,
    headers: &HeaderMap,
    peer: SocketAddr,
) -> Result<Identity, Failure> {
    let (given, used_as) = match (bearer_token(headers), session(headers)) {
        (Some(token), _) => (token, TokenUse::Api),
        (None, Some(cookie)) => (cookie, TokenUse::Session),
        (None, None) => {
            let detail = "this door needs a token";
            return Err(Failure::new(codes::unauthorized, detail)
                .hint("gangline token add, or gangline dashboard for a browser"));
        }
    };
    if used_as == TokenUse::Api
        && looks_like(given)
        && let Some(provider) = app.settings().trust.oidc()
        && provider.takes_bearers()
    {
        // Seldom, and much: it is not part of what each request carries along.
        return Box::pin(vouched(&provider, given, App::<O, A>::now(), peer)).await;
    }
    // A browser sends its cookie along whoever's page asks; what changes something says whose.
    if used_as == TokenUse::Session && !method.is_safe() && text(headers, &ORIGIN).is_none() {
        let detail = "a browser that changes something says from which page";
        return Err(Failure::new(codes::origin_not_allowed, detail));
    }
    let door = match used_as {
        TokenUse::Api => "http",
        TokenUse::Session => "browser",
    };
    identity(app, (given, used_as), &format!("{door} {}", peer.ip()))
}

/// Whom the issuer vouches for.
async fn vouched(
    provider: &Provider,
    given: &str,
    now: Timestamp,
    peer: SocketAddr,
) -> Result<Identity, Failure> {
    let (person, until) = provider.bearer(given, now).await?;
    Ok(Identity {
        name: Some(person.name),
        role: person.role,
        projects: None,
        token: None,
        used_as: None,
        via: Some(format!("http {} oidc {}", peer.ip(), person.subject)),
        subject: Some(format!("oidc {}", person.subject)),
        until: Some(until),
    })
}

/// Who has this secret.
fn identity<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    (given, used_as): (&str, TokenUse),
    via: &str,
) -> Result<Identity, Failure> {
    let now = App::<O, A>::now();
    let digest = secret::digest(given);
    let found = app.orchestrator.read(|board| {
        let known = |token: &&Token| token.sha256 == digest && token.used_as == used_as;
        board.tokens.values().find(known).cloned()
    });
    let wrong =
        |detail: &str| Failure::new(codes::unauthorized, detail).hint("gangline token list");
    let token = found.ok_or_else(|| wrong("this token is not known, or was revoked"))?;
    if token.has_expired(now) {
        return Err(wrong("this token has expired"));
    }
    Ok(Identity {
        name: Some(token.name),
        role: token.role,
        projects: token.projects,
        via: Some(format!("{via} token {}", token.id)),
        token: Some(token.id),
        used_as: Some(used_as),
        subject: None,
        until: token.expires_at,
    })
}

/// Which client of the workers' API asks, if it may do so now.
pub(crate) async fn known_client<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    method: &Method,
    headers: &HeaderMap,
    peer: SocketAddr,
) -> Result<Identity, Failure> {
    let settings = app.settings();
    let identity = client(app, &settings, headers, peer).await?;
    counted(settings.requests(), &identity, peer)?;
    if method == Method::POST {
        counted(settings.spawns(), &identity, peer)?;
    }
    Ok(identity)
}

async fn client<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    settings: &Settings,
    headers: &HeaderMap,
    peer: SocketAddr,
) -> Result<Identity, Failure> {
    if text(headers, &ORIGIN).is_some() {
        let detail = "pages have no business with the workers' API";
        return Err(Failure::new(codes::origin_not_allowed, detail));
    }
    let via = format!("workers api {}", peer.ip());
    match settings.guests().workers {
        WorkersAuth::None if peer.ip().is_loopback() || named_guest(settings.guests(), headers) => {
            Ok(nameless(via))
        }
        WorkersAuth::None => {
            let detail = "the workers' API is open to this machine only";
            Err(Failure::new(codes::unauthorized, detail)
                .hint("auth = \"api_key\" under [seed_api] in config.toml"))
        }
        WorkersAuth::ApiKey => {
            let key = headers.get(API_KEY_HEADER).and_then(|value| value.to_str().ok());
            let Some(given) = key.or(bearer_token(headers)) else {
                let detail = "the workers' API needs a key";
                return Err(Failure::new(codes::unauthorized, detail).hint("gangline token add"));
            };
            let identity = identity(app, (given, TokenUse::Api), &via)?;
            identity.allows(Role::Operator)?;
            Ok(identity)
        }
        WorkersAuth::Jwt => {
            let judge = settings.trust.workers();
            let (Some(given), Some(judge)) = (bearer_token(headers), judge) else {
                let detail = "the workers' API needs a JWT";
                return Err(Failure::new(codes::unauthorized, detail)
                    .hint("Authorization: Bearer …, as docs/workers-api.md says"));
            };
            let now = App::<O, A>::now();
            let (name, until) = judge.client(&*app.archive, given, now).await?;
            let subject = name.as_ref().map(|name| format!("workers {name}"));
            let name = Some(name.unwrap_or_else(|| CLIENT_NAME.to_owned()));
            Ok(Identity { name, subject, until: Some(until), ..nameless(via) })
        }
    }
}

/// A client of the workers' API that says of nobody who it is.
fn nameless(via: String) -> Identity {
    Identity {
        name: Some(CLIENT_NAME.to_owned()),
        role: Role::Operator,
        via: Some(via),
        ..Identity::owner()
    }
}

/// Counts who sends something signed, before anybody looks at the signature.
pub(crate) async fn counted_senders<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    request: Request,
    next: Next,
) -> Response {
    let settings = app.settings();
    match settings.requests().map_or(Ok(()), |pace| pace.count(&format!("intake {}", peer.ip()))) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}

/// The origin that a browser has asked at. Its name was looked at; beyond this machine there is a
/// proxy with TLS in front.
pub(crate) fn origin_asked(headers: &HeaderMap) -> String {
    let host = text(headers, &HOST).unwrap_or_default().to_ascii_lowercase();
    let scheme = if is_loopback(without_port(&host)) { "http" } else { "https" };
    format!("{scheme}://{host}")
}

/// Whether the request calls this machine by a name that was allowed on purpose.
fn named_guest(guests: &Guests, headers: &HeaderMap) -> bool {
    let host = text(headers, &HOST).unwrap_or_default().to_ascii_lowercase();
    guests.knows(without_port(&host))
}

fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, &AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn session(headers: &HeaderMap) -> Option<&str> {
    cookie(headers, COOKIE_NAME)
}

/// The cookie of this name.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, wanted: &str) -> Option<&'h str> {
    let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(name, value)| (name.trim(), value.trim()))
        .find_map(|(name, value)| (name == wanted).then_some(value))
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(host: &str, origin: Option<&str>) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        let guests = Guests {
            hosts: vec!["gang.example.org".to_owned(), "*.flycast".to_owned()],
            origins: vec!["https://board.example.org".to_owned()],
            ..Guests::default()
        };
        match names(&headers, None, &guests) {
            Ok(()) => "in".to_owned(),
            Err(failure) => failure.0.code,
        }
    }

    #[test]
    fn only_names_of_this_machine_lead_here() {
        for host in [
            "localhost",
            "LOCALHOST:3001",
            "127.0.0.1:3001",
            "[::1]:3001",
            "[::1]",
            "gang.example.org",
            "gang.example.org:443",
            "workers.flycast:3001",
        ] {
            assert_eq!(said(host, None), "in", "{host}");
        }
        for host in [
            "",
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:3001",
            "flycast",
            ".flycast",
            "192.168.1.5",
            "gang.example.org.evil",
        ] {
            assert_eq!(said(host, None), "host_not_allowed", "{host}");
        }
    }

    #[test]
    fn only_our_own_pages_and_those_allowed_may_ask() {
        let own = "localhost:3001";
        for origin in
            ["http://localhost:3001", "https://localhost:3001", "https://board.example.org"]
        {
            assert_eq!(said(own, Some(origin)), "in", "{origin}");
        }
        for origin in [
            "null",
            "http://localhost",
            "http://localhost:8080",
            "http://evil.example",
            "http://board.example.org",
            "http://localhost:3001.evil",
            "file://",
            "",
        ] {
            assert_eq!(said(own, Some(origin)), "origin_not_allowed", "{origin}");
        }
    }

    #[test]
    fn cookies_and_tokens_are_found_among_others() {
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, "a=b; gangline=gl_x; c=d".parse().unwrap());
        assert_eq!(session(&headers), Some("gl_x"));
        headers.insert(COOKIE, "notgangline=gl_x; gangline2=y".parse().unwrap());
        assert_eq!(session(&headers), None);
        headers.insert(AUTHORIZATION, "bearer  gl_y".parse().unwrap());
        assert_eq!(bearer_token(&headers), Some("gl_y"));
        headers.insert(AUTHORIZATION, "Basic gl_y".parse().unwrap());
        assert_eq!(bearer_token(&headers), None);
    }
}
