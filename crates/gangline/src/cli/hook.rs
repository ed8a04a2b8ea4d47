//! `gangline hook`: what other programs call at a moment of theirs.

use clap::Subcommand;

use super::context::Context;
use crate::exit::Exit;
use crate::failure::Failure;

mod install;
pub(super) mod settings;
mod task;

/// `gangline hook`.
#[derive(Debug, Subcommand)]
pub(crate) enum Hook {
    /// Claude Code's `PreToolUse`: a sub-agent that is asked for becomes a ticket
    Task(task::Task),
    /// Have Claude Code call `hook task` in this repository
    Install(install::Install),
}

impl Hook {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::Task(task) => task.run(context).await,
            Self::Install(install) => install.run(context),
        }
    }
}
