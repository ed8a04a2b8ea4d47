//! Which path leads where, and what every answer carries.

use axum::extract::DefaultBodyLimit;
use axum::http::HeaderValue;
use axum::response::Response;
use axum::routing::{delete, get, post};
use axum::{Router, middleware};
use gangline_api::codes;
use gangline_api::version::{
    API_VERSION, API_VERSION_HEADER, BASE, PROGRAM_VERSION, PROGRAM_VERSION_HEADER,
};

use super::{events, external, lessons, projects, queries, records, tickets, verbs};
use crate::app::App;
use crate::archive::Archive;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;

/// Bytes that a request may have.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Bytes that an import may have.
const IMPORT_BYTES_MAX: usize = 16 * 1024 * 1024;

/// All routes. The caller chooses what carries them.
pub fn router<O: Orchestrator, A: Archive>(app: App<O, A>) -> Router {
    let ticket = "/projects/{project}/tickets/{key}";
    let routes = Router::new()
        .route("/status", get(queries::status))
        .route("/shutdown", post(queries::shutdown))
        .route("/nodes", get(queries::nodes))
        .route("/queue", get(queries::queue))
        .route("/circuits/{kind}/close", post(queries::close_circuit))
        .route("/events", get(events::events))
        .route("/projects", get(projects::list).post(projects::register))
        .route("/projects/{project}", get(projects::show).delete(projects::remove))
        .route("/projects/{project}/pause", post(projects::pause))
        .route("/projects/{project}/resume", post(projects::resume))
        .route("/projects/{project}/honesty", get(projects::honesty))
        .route("/projects/{project}/flaky-tests", get(projects::flaky))
        .route("/projects/{project}/lessons", get(lessons::list).post(lessons::add))
        .route("/projects/{project}/lessons/{lesson}", delete(lessons::remove))
        .route("/projects/{project}/external", get(external::list).post(external::register))
        .route("/projects/{project}/external/{id}", delete(external::deregister))
        .route("/projects/{project}/external/{id}/work", get(external::work))
        .route("/projects/{project}/external/{id}/heartbeat", post(external::heartbeat))
        .route("/projects/{project}/external/{id}/submit", post(external::submit))
        .route("/projects/{project}/tickets", post(tickets::add))
        .route(
            "/projects/{project}/imports",
            post(tickets::import).layer(DefaultBodyLimit::max(IMPORT_BYTES_MAX)),
        )
        .route("/tickets", get(tickets::list))
        .route(ticket, get(tickets::show))
        .route(&format!("{ticket}/approve"), post(verbs::approve))
        .route(&format!("{ticket}/reject"), post(verbs::reject))
        .route(&format!("{ticket}/permit"), post(verbs::permit))
        .route(&format!("{ticket}/retry"), post(verbs::retry))
        .route(&format!("{ticket}/answer"), post(verbs::answer))
        .route(&format!("{ticket}/split"), post(tickets::split))
        .route(&format!("{ticket}/journal"), get(records::journal))
        .route(&format!("{ticket}/brief"), get(records::brief))
        .route(&format!("{ticket}/diff"), get(records::diff))
        .route(&format!("{ticket}/packet"), get(records::packet))
        .route(&format!("{ticket}/worklog"), get(records::worklog))
        .route(&format!("{ticket}/{{verb}}"), post(verbs::wish))
        .method_not_allowed_fallback(wrong_method)
        .with_state(app);
    Router::new()
        .nest(BASE, routes)
        .fallback(no_such_route)
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(middleware::map_response(with_versions))
}

/// Every answer says who speaks, so that a client can tell before it reads on.
async fn with_versions(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(API_VERSION_HEADER, HeaderValue::from(API_VERSION));
    headers.insert(PROGRAM_VERSION_HEADER, HeaderValue::from_static(PROGRAM_VERSION));
    response
}

async fn no_such_route() -> Failure {
    Failure::new(codes::no_such_route, "there is no such route")
}

async fn wrong_method() -> Failure {
    Failure::new(codes::method_not_allowed, "the route does not take this method")
}

#[cfg(test)]
mod tests;
