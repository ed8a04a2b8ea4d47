//! Which project and which ticket are meant.

use std::path::{Path, PathBuf};

use gangline_api::client::{Client, TicketRef};
use gangline_api::project::ProjectView;
use gangline_domain::ids::{ProjectId, TicketKey};

use super::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

/// The working tree around a directory: the nearest one upwards that has a `.git`.
pub(crate) fn repository_around(directory: &Path) -> Option<PathBuf> {
    let found = directory.ancestors().find(|directory| directory.join(".git").exists())?;
    Some(found.canonicalize().unwrap_or_else(|_| found.to_owned()))
}

/// The repository around the current directory, where the daemon could have it for a project.
pub(crate) fn repository_of(context: &Context, client: &Client) -> Option<PathBuf> {
    if client.is_remote() { None } else { repository_around(&context.cwd) }
}

/// The repository around the current directory, which is needed.
pub(crate) fn repository(context: &Context) -> Result<PathBuf, Failure> {
    repository_around(&context.cwd).ok_or_else(|| {
        Failure::new(
            Exit::Failed,
            format!("{} is not inside a git repository", context.cwd.display()),
        )
        .code("not_a_repository")
        .next("cd into one, or make one: git init && git commit --allow-empty -m \"Start\"")
    })
}

/// Refuses what is for no project, before a daemon is started for it.
pub(crate) fn somewhere(context: &Context) -> Result<(), Failure> {
    if context.project.is_none() && !context.client().is_remote() {
        repository(context)?;
    }
    Ok(())
}

/// The project that is meant: the one that is named, that of the repository, or the only one.
pub(crate) async fn project(context: &Context, client: &Client) -> Result<ProjectView, Failure> {
    if let Some(name) = &context.project {
        return Ok(client.project(name).await?);
    }
    let mut projects = client.projects().await?.projects;
    let around = repository_of(context, client);
    if let Some(repository) = &around
        && let Some(at) = projects.iter().position(|project| Path::new(&project.repo) == repository)
    {
        return Ok(projects.swap_remove(at));
    }
    match (around, projects.len()) {
        (None, 1) => Ok(projects.swap_remove(0)),
        (Some(repository), _) => Err(Failure::new(
            Exit::NotFound,
            format!("the repository {} is no project yet", repository.display()),
        )
        .code("no_such_project")
        .next("gangline project add")
        .next("--project NAME, one of `gangline project list`")),
        (None, 0) => Err(Failure::new(Exit::NotFound, "there is no project yet")
            .code("no_such_project")
            .next(match client.is_remote() {
                true => "gangline project add, on the daemon's machine",
                false => "gangline init, in a git repository",
            })),
        (None, _several) => {
            let names: Vec<String> = projects.into_iter().map(|project| project.name).collect();
            Err(Failure::new(
                Exit::NotFound,
                format!("the project is not clear; there are {}", names.join(", ")),
            )
            .code("no_such_project")
            .next(match client.is_remote() {
                true => "--project NAME",
                false => "--project NAME, or cd into its repository",
            }))
        }
    }
}

/// The project that is named, or that of the repository; outside of one, all projects.
pub(crate) async fn project_around(
    context: &Context,
    client: &Client,
) -> Result<Option<String>, Failure> {
    if context.project.is_none() && repository_of(context, client).is_none() {
        return Ok(None);
    }
    Ok(Some(project(context, client).await?.name))
}

/// The ticket with this key, or `project.KEY`.
pub(crate) async fn ticket(
    context: &Context,
    client: &Client,
    name: &str,
) -> Result<TicketRef, Failure> {
    if let Some((project, key)) = name.split_once('.')
        && project.parse::<ProjectId>().is_ok()
    {
        return Ok(TicketRef { project: project.to_owned(), key: key.to_owned() });
    }
    if let Err(error) = name.parse::<TicketKey>() {
        let failure = Failure::new(Exit::Failed, error.to_string()).code("bad_name");
        return Err(failure.next("gangline list"));
    }
    let project = project(context, client).await?.name;
    Ok(TicketRef { project, key: name.to_owned() })
}
