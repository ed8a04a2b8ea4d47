//! What a request goes through before its route, and its answer behind it.
//!
//! These are few layers, each of which does several things: a layer is a box, which is made anew for
//! each request together with all the boxes below it.

use axum::extract::{ConnectInfo, Request, State};
use axum::http::HeaderValue;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use gangline_api::version::{
    API_VERSION, API_VERSION_HEADER, PROGRAM_VERSION, PROGRAM_VERSION_HEADER,
};

use super::{BODY_BYTES_MAX, IMPORT_BYTES_MAX};
use crate::app::App;
use crate::archive::Archive;
use crate::door::{known_bearer, known_client, known_names, turned_away};
use crate::etag::Had;
use crate::listen::Peer;
use crate::orchestrator::Orchestrator;
use crate::presence::attended;
use crate::repeat::fingerprinted;

/// Around everything over HTTP.
pub(super) async fn outside<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    request: Request,
    next: Next,
) -> Response {
    with_versions(match known_names(&app, &request) {
        Ok(()) => next.run(request).await,
        Err(failure) => failure.into_response(),
    })
    .await
}

/// Every answer says who speaks, so that a client can tell before it reads on.
pub(super) async fn with_versions(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(API_VERSION_HEADER, HeaderValue::from(API_VERSION));
    headers.insert(PROGRAM_VERSION_HEADER, HeaderValue::from_static(PROGRAM_VERSION));
    response
}

/// Around what is for those who have a token or a session.
pub(super) async fn inside<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let identity = match known_bearer(&app, request.method(), request.headers(), peer).await {
        Ok(identity) => identity,
        Err(failure) => return turned_away(failure),
    };
    request.extensions_mut().insert(identity);
    let had = Had::by(&request);
    had.tagged(run(request, IMPORT_BYTES_MAX, next).await).await
}

/// Around the workers' API.
pub(super) async fn for_clients<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    mut request: Request,
    next: Next,
) -> Response {
    let identity = match known_client(&app, request.method(), request.headers(), peer).await {
        Ok(identity) => identity,
        Err(failure) => return failure.into_response(),
    };
    request.extensions_mut().insert(identity);
    run(request, BODY_BYTES_MAX, next).await
}

/// Around the routes for those who may be the tools of a main agent.
pub(super) async fn for_tools<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    mut request: Request,
    next: Next,
) -> Response {
    let _attending = attended(&app, &mut request);
    run(request, IMPORT_BYTES_MAX, next).await
}

/// The route, for which the request's key is good for this request alone.
async fn run(request: Request, bytes_max: usize, next: Next) -> Response {
    match fingerprinted(request, bytes_max).await {
        Ok(request) => next.run(request).await,
        Err(failure) => failure.into_response(),
    }
}
