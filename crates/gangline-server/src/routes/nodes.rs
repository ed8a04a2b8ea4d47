//! Nodes.

use axum::Json;
use axum::extract::{Path, State};
use gangline_api::command::Done;
use gangline_api::node::Nodes;
use gangline_domain::command::Command;

use super::verbs::done;
use crate::app::App;
use crate::archive::Archive;
use crate::extract::{Answered, Caller};
use crate::orchestrator::Orchestrator;
use crate::view;

pub(super) async fn list<O: Orchestrator, A: Archive>(State(app): State<App<O, A>>) -> Json<Nodes> {
    Json(app.look(|board, seen| Nodes { nodes: view::nodes(board, seen) }))
}

pub(super) async fn drain<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    Path(node): Path<String>,
) -> Answered<Done> {
    done(&app, caller, Command::DrainNode { node: node.parse()? }).await
}

pub(super) async fn resume<O: Orchestrator, A: Archive>(
    State(app): State<App<O, A>>,
    caller: Caller,
    Path(node): Path<String>,
) -> Answered<Done> {
    done(&app, caller, Command::ResumeNode { node: node.parse()? }).await
}
