//! Webhooks: how they are, a test of one, and signed requests that become tickets.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{ConnectInfo, Path, State};
use axum::http::HeaderMap;
use axum::{Extension, Json};
use gangline_api::codes;
use gangline_api::command::Done;
use gangline_api::webhook::{Deliveries, Tested, WebhooksView};
use gangline_domain::command::Command;

use super::tickets;
use super::verbs::done;
use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Answered, Caller, lost, unread};
use crate::hooks::{self, Hook, IntakeRequest};
use crate::identity::Identity;
use crate::listen::Peer;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;

pub(super) async fn list<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
) -> Json<WebhooksView> {
    let committed = app.orchestrator.committed();
    let hooks = Arc::clone(&app.settings().hooks);
    let seen = hooks.all().filter(|hook| is_for(&identity, hook));
    Json(WebhooksView { webhooks: seen.map(|hook| hook.view(committed)).collect() })
}

pub(super) async fn deliveries<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
    Path(name): Path<String>,
) -> Answered<Deliveries> {
    Ok(Json(found(&app, &identity, &name)?.deliveries()))
}

pub(super) async fn test<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
    Path(name): Path<String>,
) -> Answered<Tested> {
    let hook = found(&app, &identity, &name)?;
    Ok(Json(hooks::test(&app, &hook).await))
}

pub(super) async fn intake<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    name: Result<Path<String>, PathRejection>,
    ConnectInfo(Peer(peer)): ConnectInfo<Peer>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Answered<Done> {
    let Path(name) = name.map_err(lost)?;
    let body = body.map_err(|rejection| unread(&rejection))?;
    let from = peer.ip().to_string();
    let request = IntakeRequest { name: &name, from, headers: &headers, body: &body };
    let accepted = hooks::accept(&app, request).await?;
    let (key, spec, draft) = tickets::parsed(accepted.wish)?;
    let add = Command::Add { project: accepted.project, key, spec: Box::new(spec), draft };
    done(&app, Caller { actor: accepted.actor, key: Some(accepted.key) }, add).await
}

/// Who is kept to some projects sees the webhooks that are told of nothing else.
fn is_for(identity: &Identity, hook: &Hook) -> bool {
    let aim = hook.aim();
    let of = &aim.to.projects;
    identity.projects.is_none()
        || (!of.is_empty() && of.iter().all(|project| identity.is_for(project)))
}

fn found<O: Orchestrator, A: Archive>(
    app: &App<O, A>,
    identity: &Identity,
    name: &str,
) -> Result<Arc<Hook>, Failure> {
    app.settings().hooks.named(name).filter(|hook| is_for(identity, hook)).ok_or_else(|| {
        let shown: String = name.chars().take(40).collect();
        let detail = format!("there is no webhook {}", shown.escape_debug());
        Failure::new(codes::no_such_webhook, detail).hint("gangline webhooks")
    })
}
