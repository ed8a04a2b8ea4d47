//! `gangline project`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use gangline_api::project::{Change, Registered};

use super::context::Context;
use super::{connect, place};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Table, Tone, plain, verbatim_block};

/// `gangline project`.
#[derive(Debug, Subcommand)]
pub(crate) enum Project {
    /// Add this repository's project, or take over its policy as it is now
    Add(Add),
    /// Show all projects
    List,
    /// Print what the project's work is judged by, as it stands on the target branch
    Policy,
    /// Remove a project without live tickets; its repository is left alone
    Remove(Remove),
}

/// `gangline project add`.
#[derive(Debug, Args)]
pub(crate) struct Add {
    /// A directory of the repository; the current one by default
    path: Option<PathBuf>,
}

/// `gangline project remove`.
#[derive(Debug, Args)]
pub(crate) struct Remove {
    /// The project
    name: String,
}

impl Project {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Add(add) => add.run(context).await,
            Self::List => list(context).await,
            Self::Policy => policy(context).await,
            Self::Remove(remove) => {
                let done = context.client().remove_project(&remove.name).await?;
                match context.json {
                    true => context.out.json(&done)?,
                    false => context.out.line(&format!("{} removed", plain(&remove.name)))?,
                }
                Ok(Exit::Done)
            }
        }
    }
}

impl Add {
    async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut context = context.clone();
        if let Some(path) = self.path {
            context.cwd = context.cwd.join(path);
            if !context.cwd.is_dir() {
                let message = format!("there is no directory {}", context.cwd.display());
                let failure = Failure::new(Exit::Failed, message).code("not_a_repository");
                return Err(failure.next("gangline project add DIR, with a git repository"));
            }
        }
        let repository = place::repository(&context)?;
        let client = connect::running(&context).await?;
        let registered = connect::register(&client, &repository).await?;
        tell(&context, &registered)?;
        Ok(Exit::Done)
    }
}

/// Says what a registration did.
pub(crate) fn tell(context: &Context, registered: &Registered) -> Result<(), Failure> {
    if context.json {
        return Ok(context.out.json(registered)?);
    }
    connect::tell_notes(&registered.notes);
    let project = &registered.project;
    let what = match registered.change {
        Change::Added => "added",
        Change::Updated => "updated",
        Change::Unchanged => "is as it was",
    };
    let name = context.out.paint(Tone::Strong, &project.name);
    let (repo, target) = (plain(&project.repo), plain(&project.target));
    Ok(context.out.line(&format!("project {name} {what}: {repo}, target {target}"))?)
}

async fn list(context: &Context) -> Result<Exit, Failure> {
    let projects = context.client().projects().await?;
    if context.json {
        context.out.json(&projects)?;
        return Ok(Exit::Done);
    }
    if projects.projects.is_empty() {
        context.out.line("no projects")?;
        context.out.line(" next: gangline project add, in a git repository")?;
        return Ok(Exit::Done);
    }
    let mut table =
        Table::new(["project", "target", "keys", "review", "policy", "live", "repository…"]);
    for project in &projects.projects {
        let paused = if project.paused { " (paused)" } else { "" };
        table.row([
            Cell::toned(Tone::Strong, format!("{}{paused}", project.name)),
            Cell::new(plain(&project.target)),
            Cell::new(plain(&project.key_prefix)),
            Cell::new(project.review.clone()),
            Cell::new(project.policy.clone()),
            Cell::new(project.tickets.values().sum::<u32>().to_string()),
            Cell::new(plain(&project.repo)),
        ]);
    }
    context.out.lines(table.render(context.out))?;
    Ok(Exit::Done)
}

async fn policy(context: &Context) -> Result<Exit, Failure> {
    let client = context.client();
    let project = place::project(context, &client).await?.name;
    let shown = client.policy(&project).await?;
    let out = context.out;
    if context.json {
        out.json(&shown)?;
        return Ok(Exit::Done);
    }
    out.lines(verbatim_block(&shown.text))?;
    // What is printed stays TOML.
    let told = |line: &str| out.line(&out.paint(Tone::Attention, &format!("# {}", plain(line))));
    for note in &shown.notes {
        told(note)?;
    }
    if !shown.is_current {
        told("the daemon goes by an earlier one until: gangline project add")?;
    }
    Ok(Exit::Done)
}
