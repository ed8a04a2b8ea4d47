//! The agents that people talk with.

use axum::extract::{Path, State};
use axum::{Extension, Json};
use gangline_api::main_agent::{Left, MainAgents};

use crate::app::App;
use crate::archive::Archive;
use crate::identity::Identity;
use crate::orchestrator::Orchestrator;

/// Who is kept to some projects is told of their own only: they may belong to any project.
pub(super) async fn list<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Extension(identity): Extension<Identity>,
) -> Json<MainAgents> {
    let mut main_agents = app.presences.all(App::<O, A>::now());
    if identity.projects.is_some() {
        main_agents.retain(|agent| identity.name.as_deref() == Some(agent.person.as_str()));
    }
    Json(MainAgents { main_agents })
}

pub(super) async fn leave<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    Path(agent): Path<String>,
) -> Json<Left> {
    Json(Left { known: app.presences.left(&agent) })
}
