//! A daemon to talk to, started when none runs.

use std::path::Path;

use gangline_api::client::Client;
use gangline_api::project::{ProjectView, RegisterProject, Registered};
use gangline_api::status::Status;

use super::context::Context;
use super::place;
use crate::compose;
use crate::failure::Failure;
use crate::screen::Live;

/// A client whose daemon answers; starts one when none runs.
pub(crate) async fn running(context: &Context) -> Result<Client, Failure> {
    Ok(running_or_started(context).await?.0)
}

/// A client, what its daemon says of itself, and whether it was started for this.
pub(crate) async fn running_or_started(
    context: &Context,
) -> Result<(Client, Status, bool), Failure> {
    let client = context.client();
    match client.status().await {
        Ok(status) => return Ok((client, status, false)),
        Err(error) if error.is_away() && !client.is_remote() => {}
        Err(error) => return Err(error.into()),
    }
    let mut live = Live::new(context.out);
    live.show("starting the daemon …")?;
    compose::start_detached(&context.paths, &client).await?;
    drop(live);
    let status = client.status().await?;
    Ok((client, status, true))
}

/// Registers the repository's project, or takes over its policy as it is now.
pub(crate) async fn register(client: &Client, repository: &Path) -> Result<Registered, Failure> {
    let path = repository.display().to_string();
    Ok(client.register(&RegisterProject { path }).await?)
}

/// The project that new tickets go to, with its policy as it is now. What a person should know
/// is told on standard error.
pub(crate) async fn current_project(
    context: &Context,
    client: &Client,
) -> Result<ProjectView, Failure> {
    if context.project.is_some() {
        return place::project(context, client).await;
    }
    let Some(repository) = place::repository_of(context, client) else {
        return place::project(context, client).await;
    };
    let registered = register(client, &repository).await?;
    tell_notes(&registered.notes);
    Ok(registered.project)
}

/// Notes of a registration, apart from the result.
pub(crate) fn tell_notes(notes: &[String]) {
    for note in notes {
        eprintln!("note: {}", crate::screen::plain(note));
    }
}
