//! `gangline mcp`: Gangline's tools for a person's main agent.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use gangline_mcp::{StdioError, serve_stdio};

use super::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

mod app;
mod change;
mod here;
mod install;
mod news;
mod settings;

pub(super) use app::SERVER;
pub(super) use install::NEWS_EVENTS;

/// `gangline mcp`.
#[derive(Debug, Args)]
#[command(
    after_help = "Without a subcommand it serves on standard input and output until the former is \
    closed: that is for the agent's own configuration, not for typing. The project is that of the \
    working directory, or the one that --project or a call names."
)]
pub(crate) struct Mcp {
    /// Where it stands, for programs that start it elsewhere
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    #[command(subcommand)]
    what: Option<What>,
}

/// What else there is.
#[derive(Debug, Subcommand)]
enum What {
    /// Enter the server in the configuration of Claude Code, Codex, Cursor, VS Code or Zed
    Install(install::Install),
    /// Tell what has come to an end since it was asked last
    News(news::News),
}

impl Mcp {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut context = context.clone();
        if let Some(directory) = &self.directory {
            context.cwd = directory.canonicalize().map_err(|error| {
                let message =
                    format!("--directory {} cannot be used: {error}", directory.display());
                Failure::new(Exit::Usage, message).next("name a directory that exists")
            })?;
        }
        match self.what {
            Some(What::Install(install)) => install.run(&context),
            Some(What::News(news)) => news.run(&context).await,
            None => serve(&context).await,
        }
    }
}

async fn serve(context: &Context) -> Result<Exit, Failure> {
    let served = serve_stdio(here::Here::new(context)).await;
    served.map(|()| Exit::Done).map_err(|error| match &error {
        StdioError::Begin(_) => Failure::because(Exit::Failed, &error)
            .code("bad_request")
            .next("docs/mcp.md says how an agent is told of it"),
        StdioError::Panicked(_) => Failure::because(Exit::Bug, &error).code("internal"),
    })
}
