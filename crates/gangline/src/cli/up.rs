//! `gangline up` and `gangline down`.

use clap::Args;
use gangline_api::client::ClientError;
use gangline_api::status::Shutdown;

use super::context::Context;
use super::{connect, place, project};
use crate::compose;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Live, Tone, plain};

/// `gangline up`.
#[derive(Debug, Args)]
pub(crate) struct Up {
    /// Return as soon as the daemon answers, and leave it running
    #[arg(long, short)]
    detach: bool,
}

impl Up {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        if self.detach { detached(context).await } else { foreground(context).await }
    }
}

async fn detached(context: &Context) -> Result<Exit, Failure> {
    let (client, status, started) = connect::running_or_started(context).await?;
    if context.json {
        context.out.json(&status)?;
    } else {
        let what = if started { "started" } else { "runs already" };
        context.out.line(&format!("the daemon {what} (process {})", status.pid))?;
    }
    if let Some(repository) = place::repository_around(&context.cwd)
        && !context.json
    {
        match connect::register(&client, &repository).await {
            Ok(registered) => project::tell(context, &registered)?,
            Err(failure) => without_project(context, &failure)?,
        }
    }
    Ok(Exit::Done)
}

/// Stays until it is interrupted or asked to end.
async fn foreground(context: &Context) -> Result<Exit, Failure> {
    let client = context.client();
    match client.status().await {
        Ok(status) => {
            let failure = Failure::new(
                Exit::Conflict,
                format!("a daemon runs already: process {}", status.pid),
            );
            return Err(failure.code("daemon_runs").next("gangline list").next("gangline down"));
        }
        Err(error) if error.is_away() => {}
        Err(error) => return Err(error.into()),
    }
    let daemon = compose::Daemon::start(&context.paths, compose::Log::Terminal).await?;
    if let Some(repository) = place::repository_around(&context.cwd) {
        match connect::register(&client, &repository).await {
            Ok(registered) => project::tell(context, &registered)?,
            Err(failure) => without_project(context, &failure)?,
        }
    }
    if !context.json {
        let socket = plain(&context.paths.socket().display().to_string());
        context.out.line(&format!("ready at {socket}; Ctrl-C ends it, running jobs go on"))?;
        context
            .out
            .line(&format!(" next: {}", context.out.paint(Tone::Command, "gangline add \"…\"")))?;
    }
    daemon.until_ended().await?;
    Ok(Exit::Done)
}

/// A daemon serves many projects: one that cannot be registered does not keep it from running.
fn without_project(context: &Context, failure: &Failure) -> Result<(), Failure> {
    context.out.line("this repository is not registered:")?;
    failure.tell(false);
    Ok(())
}

/// `gangline down`.
#[derive(Debug, Args)]
pub(crate) struct Down {
    /// Stop running jobs too; their work is kept
    #[arg(long)]
    jobs: bool,
}

impl Down {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ending = match client.shutdown(Shutdown { jobs: self.jobs }).await {
            Err(error @ ClientError::NoDaemon { .. }) => {
                let failure = Failure::because(Exit::NoDaemon, &error).code("no_daemon");
                return Err(failure.next("gangline doctor"));
            }
            ending => ending?,
        };
        let mut live = Live::new(context.out);
        live.show("the daemon is ending …")?;
        compose::wait_for_end(&context.paths, ending.pid).await?;
        drop(live);
        if context.json {
            context.out.json(&ending)?;
            return Ok(Exit::Done);
        }
        let jobs = match (ending.jobs, self.jobs) {
            (0, _) => String::new(),
            (n, true) => format!("; {n} jobs were stopped, their work is kept"),
            (n, false) => format!("; {n} jobs go on without it"),
        };
        context.out.line(&format!("the daemon has ended (process {}){jobs}", ending.pid))?;
        Ok(Exit::Done)
    }
}
