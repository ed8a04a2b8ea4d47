//! Tokens and login links: how people and programs come in that are not at this machine's socket.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, Path, State};
use axum::http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use gangline_api::codes;
use gangline_api::command::Done;
use gangline_api::token::{AddLoginLink, AddToken, LoginLink, TokenAdded, TokenView, Tokens};
use gangline_domain::command::Command;
use gangline_domain::ids::{Actor, ProjectId, Timestamp};
use gangline_domain::token::{Role, Token, TokenUse};
use serde::Deserialize;

use super::verbs::done;
use crate::app::App;
use crate::archive::Archive;
use crate::door::COOKIE_NAME;
use crate::extract::{Answered, Asked, Body, Caller};
use crate::identity::Identity;
use crate::listen::Peer;
use crate::notice::refusal;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;
use crate::secret;
use crate::view;

/// How long a browser stays logged in, in milliseconds.
const SESSION_MS: u64 = 30 * 86_400_000;

pub(super) async fn list<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
) -> Json<Tokens> {
    Json(app.look(|board, seen| Tokens {
        tokens: board.tokens.values().map(|token| view::token(token, seen.now)).collect(),
    }))
}

pub(super) async fn add<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
    caller: Caller,
    Body(wish): Body<AddToken>,
) -> Answered<TokenAdded> {
    let role = role(&wish.role, &identity)?;
    let projects = wish.projects.iter().map(|name| name.parse());
    let projects: BTreeSet<ProjectId> = projects.collect::<Result<_, _>>()?;
    if let Some(stranger) = projects.iter().find(|project| !identity.is_for(project)) {
        let detail = format!("your own token is not for {stranger}");
        return Err(Failure::new(codes::forbidden, detail));
    }
    // Whoever is kept to some projects lets nobody into others.
    let projects = if projects.is_empty() { identity.projects } else { Some(projects) };
    let now = App::<O, A>::now();
    let secret = secret::fresh();
    let token = Token {
        id: secret::fresh_id(),
        name: wish.name,
        used_as: TokenUse::Api,
        role,
        projects,
        sha256: secret::digest(&secret),
        expires_at: wish.expires_in_ms.map(|ms| now.plus_ms(ms)),
        created_at: now,
        created_by: caller.actor.clone(),
    };
    let id = token.id.clone();
    let key = caller.key.clone();
    let command = Command::AddToken { token: Box::new(token) };
    let done = app.orchestrator.command(caller.actor, caller.key, command).await?;
    if let Some(view) = app.look(|board, seen| Some(view::token(board.tokens.get(&id)?, seen.now)))
    {
        return Ok(Json(TokenAdded { token: view, secret: Some(secret) }));
    }
    // A repeat: what was told once is told to nobody else.
    let before = added_at(&app, done.seq).await?;
    match (before, key) {
        (Some(token), Some(_)) => Ok(Json(TokenAdded { token, secret: None })),
        (_, _) => Err(Failure::new(codes::no_such_token, "the token was revoked meanwhile")),
    }
}

/// The token that the event with this number added.
async fn added_at<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    seq: u64,
) -> Result<Option<TokenView>, Failure> {
    use gangline_domain::event::Event;
    use gangline_ports::Past as _;
    let events = app.orchestrator.past().events(seq.saturating_sub(1), 1).await?;
    let now = App::<O, A>::now();
    Ok(events.into_iter().find_map(|recorded| {
        if let Event::TokenAdded { token } = recorded.event {
            return Some(view::token(&token, now));
        }
        None
    }))
}

/// The role of that name, which is not above the caller's own.
fn role(text: &str, identity: &Identity) -> Result<Role, Failure> {
    let bad = |error: gangline_domain::token::BadRole| {
        Failure::new(codes::bad_request, error.to_string())
    };
    let role: Role = text.parse().map_err(bad)?;
    if role > identity.role {
        let detail = format!("role {role} is above your own, {}", identity.role);
        return Err(Failure::new(codes::forbidden, detail));
    }
    Ok(role)
}

pub(super) async fn revoke<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    Path(token): Path<String>,
) -> Answered<Done> {
    done(&app, caller, Command::RevokeToken { token: token.parse()? }).await
}

pub(super) async fn add_link<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
    caller: Caller,
    Body(wish): Body<AddLoginLink>,
) -> Answered<LoginLink> {
    let Some(address) = &app.daemon.http else {
        let detail = "the daemon listens at no address";
        return Err(Failure::new(codes::no_http, detail)
            .hint("set `listen` under [http] in config.toml, then gangline up"));
    };
    let role = match wish.role {
        Some(text) => role(&text, &identity)?,
        None => identity.role,
    };
    let name = match &caller.actor {
        Actor::Person(name) | Actor::Remote { name, .. } => name.clone(),
        Actor::Policy | Actor::Gangline => String::new(),
    };
    let identity = Identity { name: Some(name), role, ..identity };
    let (secret, end) = app.links.add(identity, App::<O, A>::now());
    let url = format!("http://{address}/login?code={secret}");
    Ok(Json(LoginLink { url, expires_us: end.0 }))
}

/// What a login link carries.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Code {
    code: String,
}

/// Opens a login link: the browser gets a session, and the page.
pub(super) async fn log_in<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    headers: HeaderMap,
    Asked(Code { code }): Asked<Code>,
) -> Response {
    match let_in(&app, peer, &code).await {
        Ok(response) => response,
        Err(failure) => refusal(&headers, failure, &[("/", "To the dashboard")]),
    }
}

async fn let_in<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    peer: SocketAddr,
    code: &str,
) -> Result<Response, Failure> {
    let now = App::<O, A>::now();
    let Some(identity) = app.links.open(code, now) else {
        let detail = "this link was opened already, or its time is over";
        return Err(Failure::new(codes::unauthorized, detail).hint("gangline dashboard"));
    };
    let secret = secret::fresh();
    let actor = Actor::Remote {
        name: identity.name.clone().unwrap_or_default(),
        via: format!("login link {}", peer.ip()),
    };
    let token = session(&identity, &secret, &actor, now);
    let command = Command::AddToken { token: Box::new(token) };
    app.orchestrator.command(actor, None, command).await?;
    let age = SESSION_MS / 1_000;
    let cookie =
        format!("{COOKIE_NAME}={secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age={age}");
    let headers: [(HeaderName, String); 4] = [
        (SET_COOKIE, cookie),
        (LOCATION, "/".to_owned()),
        (CACHE_CONTROL, "no-store".to_owned()),
        (REFERRER_POLICY, "no-referrer".to_owned()),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
}

fn session(identity: &Identity, secret: &str, actor: &Actor, now: Timestamp) -> Token {
    let end = now.plus_ms(SESSION_MS);
    Token {
        id: secret::fresh_id(),
        name: identity.name.clone().filter(|name| !name.is_empty()).unwrap_or("somebody".into()),
        used_as: TokenUse::Session,
        role: identity.role,
        projects: identity.projects.clone(),
        sha256: secret::digest(secret),
        // Whoever is let in for some hours lets no browser in for longer.
        expires_at: Some(identity.until.map_or(end, |until| until.min(end))),
        created_at: now,
        created_by: actor.clone(),
    }
}
