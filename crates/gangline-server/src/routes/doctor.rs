//! What the machine and the daemon can and cannot do.

use axum::extract::State;
use axum::{Extension, Json};
use gangline_api::codes;
use gangline_api::doctor::CheckUp;

use super::{hooks, projects, queries};
use crate::app::App;
use crate::archive::{Archive, OfDaemon};
use crate::extract::Answered;
use crate::identity::Identity;
use crate::orchestrator::Orchestrator;
use crate::problem::Failure;

pub(super) async fn check_up<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
) -> Answered<CheckUp> {
    // It tells of every project.
    identity.reaches(None, false)?;
    let said = async || OfDaemon {
        status: queries::status(State(app.clone())).await.0,
        projects: projects::list(State(app.clone()), Extension(identity.clone())).await.0,
        webhooks: hooks::list(State(app.clone()), Extension(identity.clone())).await.0,
    };
    tokio::select! {
        found = app.check_ups.done(async || app.archive.check_up(said().await).await) => {
            Ok(Json(found))
        }
        () = app.ending.cancelled() => {
            let detail = "the daemon is ending";
            Err(Failure::new(codes::shutting_down, detail).hint("gangline up --detach"))
        }
    }
}
