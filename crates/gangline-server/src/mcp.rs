//! The tools for main agents over streamable HTTP, at `/mcp`.
//!
//! ```text
//!   names ▸ token or session ▸ /mcp ▸ tools ──▶ the routes of /api/v1, within the process,
//!                                               in the name of whoever came in
//! ```
//!
//! No tool has a rule of its own: what its caller may not do by the routes, the tool may not do
//! either. Nothing is kept between two requests.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Query, Request, State};
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::response::Response;
use axum::{Extension, Router};
use gangline_api::client::{Answering, Client, Within};
use gangline_api::codes;
use gangline_api::project::{Change, ProjectView, Registered};
use gangline_domain::token::Role;
use gangline_mcp::{Place, Refusal, Server, TicketFile};
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use rmcp::transport::{StreamableHttpServerConfig, StreamableHttpService};
use serde::Deserialize;
use tower::ServiceExt as _;

use crate::app::App;
use crate::archive::Archive;
use crate::door::Guests;
use crate::identity::Identity;
use crate::orchestrator::Orchestrator;

/// Bytes that an answer of the routes may have.
const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// Bytes that a message may have.
const MESSAGE_BYTES_MAX: usize = 1024 * 1024;
/// How those who come in here are told apart from those who ask the routes themselves.
const DOOR: &str = "mcp";

/// What all requests at `/mcp` share.
pub(crate) struct Tools<O, A> {
    pub(crate) app: App<O, A>,
    /// Those of `/api/v1`, which still have to be told who asks.
    pub(crate) routes: Router,
}

impl<O: Clone, A> Clone for Tools<O, A> {
    fn clone(&self) -> Self {
        Self { app: self.app.clone(), routes: self.routes.clone() }
    }
}

/// `?project=`.
#[derive(Debug, Deserialize)]
pub(crate) struct Named {
    project: Option<String>,
}

/// Answers one message of the protocol.
pub(crate) async fn answer<O: Orchestrator, A: Archive>(
    State(tools): State<Tools<O, A>>,
    Extension(identity): Extension<Identity>,
    Query(Named { project }): Query<Named>,
    request: Request,
) -> Response {
    let identity = identity.by(DOOR);
    let id = identity.via.as_deref().and_then(|via| via.rsplit(' ').next()).unwrap_or(DOOR);
    let routes = Routes { router: tools.routes.clone(), identity: identity.clone() };
    let client = Client::within(Arc::new(routes)).as_main_agent(id);
    // Without a session nobody says twice what their program is called: the token's name is known.
    client.met(identity.name.as_deref().unwrap_or_default());
    let config = config(request.headers(), tools.app.settings().guests());
    let place = Inside { app: tools.app, identity, project, client };
    let server = Server::new(place);
    let sessions = Arc::new(NeverSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(server.clone()), sessions, config);
    service.handle(request).await.map(Body::new)
}

/// The door has looked at host and origin before; the library looks at the origin once more.
fn config(headers: &HeaderMap, guests: &Guests) -> StreamableHttpServerConfig {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own = ["http", "https"].map(|scheme| format!("{scheme}://{host}"));
    let origins = own.iter().chain(&guests.origins).map(|origin| with_port(origin));
    StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(MESSAGE_BYTES_MAX)
        .disable_allowed_hosts()
        .with_allowed_origins(origins)
        .enforce_origin_validation()
}

/// An origin with the port that it means.
fn with_port(origin: &str) -> String {
    let (scheme, authority) = origin.split_once("://").unwrap_or(("http", origin));
    let bare = authority.rsplit(':').next().unwrap_or_default();
    let has_port = authority.contains(':') && bare.bytes().all(|byte| byte.is_ascii_digit());
    match (has_port, scheme) {
        (true, _) => origin.to_owned(),
        (false, "https") => format!("{origin}:443"),
        (false, _) => format!("{origin}:80"),
    }
}

/// The routes, in the name of one who has come in.
#[derive(Debug)]
struct Routes {
    router: Router,
    identity: Identity,
}

impl Within for Routes {
    fn answer(
        &self,
        request: axum::http::Request<http_body_util::Full<axum::body::Bytes>>,
    ) -> Answering<'_> {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(self.identity.clone());
        let router = self.router.clone();
        Box::pin(async move {
            let response = router.oneshot(request).await.unwrap_or_else(|never| match never {});
            let (parts, body) = response.into_parts();
            // What is longer is no JSON any more, which the client tells.
            let body = to_bytes(body, ANSWER_BYTES_MAX).await.unwrap_or_default();
            Response::from_parts(parts, body)
        })
    }
}

/// Where the tools of one request stand.
struct Inside<O, A> {
    app: App<O, A>,
    identity: Identity,
    project: Option<String>,
    client: Client,
}

impl<O: Clone, A> Clone for Inside<O, A> {
    fn clone(&self) -> Self {
        Self {
            app: self.app.clone(),
            identity: self.identity.clone(),
            project: self.project.clone(),
            client: self.client.clone(),
        }
    }
}

impl<O: Orchestrator, A: Archive> Place for Inside<O, A> {
    fn client(&self) -> &Client {
        &self.client
    }

    async fn wake(&self) -> Result<(), Refusal> {
        Ok(())
    }

    /// The one that the address names, or else the only one that the caller may see.
    async fn project(&self) -> Result<Arc<ProjectView>, Refusal> {
        if let Some(name) = &self.project {
            return Ok(Arc::new(self.client.project(name).await?));
        }
        let mut projects = self.client.projects().await?.projects;
        match (projects.pop(), projects.is_empty()) {
            (Some(only), true) => Ok(Arc::new(only)),
            (None, _) => {
                let refusal = Refusal::new(codes::no_such_project, "there is no project yet");
                Err(refusal.hint("gangline init, in a repository"))
            }
            (Some(_), false) => {
                let detail = "there are several projects, and none is named";
                let hint = "name one as `project`, or end the server's address in ?project=NAME";
                Err(Refusal::new(codes::no_such_project, detail).hint(hint))
            }
        }
    }

    async fn current_project(&self) -> Result<Registered, Refusal> {
        let project = Arc::unwrap_or_clone(self.project().await?);
        Ok(Registered { project, change: Change::Unchanged, notes: vec![] })
    }

    async fn ticket_file(&self, project: &ProjectView, path: &str) -> Result<TicketFile, Refusal> {
        // What a file says is told in the refusal of one that is malformed.
        let may = self.identity.allows(Role::Operator);
        may.map_err(|failure| Refusal::from(&*failure.0))?;
        let known = project.name.parse().ok();
        let known = known.and_then(|id| self.app.look(|board, _| board.projects.get(&id).cloned()));
        let Some(known) = known else {
            let detail = format!("there is no project {}", project.name);
            return Err(Refusal::new(codes::no_such_project, detail));
        };
        self.app.archive.ticket_file(&known, path).await
    }
}

#[cfg(test)]
mod tests {
    use super::with_port;

    #[test]
    fn an_origin_means_one_port() {
        for (origin, meant) in [
            ("http://127.0.0.1:3001", "http://127.0.0.1:3001"),
            ("https://board.example.org", "https://board.example.org:443"),
            ("http://[::1]", "http://[::1]:80"),
            ("http://[::1]:3001", "http://[::1]:3001"),
        ] {
            assert_eq!(with_port(origin), meant);
        }
    }
}
