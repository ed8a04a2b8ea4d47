//! `gangline completions` and `gangline man`.

use clap::{Args, CommandFactory as _};
use clap_complete::Shell;

use super::args::Cli;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::Out;

/// `gangline completions`.
#[derive(Debug, Args)]
#[command(
    after_help = "For example: gangline completions bash > ~/.local/share/bash-completion/completions/gangline"
)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let mut script = vec![];
        clap_complete::generate(self.shell, &mut Cli::command(), "gangline", &mut script);
        Out::stdout().raw(&script)?;
        Ok(Exit::Done)
    }
}

/// `gangline man`.
#[derive(Debug, Args)]
#[command(after_help = "For example: gangline man show | man -l -")]
pub(crate) struct Man {
    /// A command, such as `show`; the whole program by default
    #[arg(value_name = "COMMAND")]
    command: Option<String>,
}

impl Man {
    pub(crate) fn run(self) -> Result<Exit, Failure> {
        let mut root = Cli::command();
        root.build();
        let command = match &self.command {
            None => root,
            Some(name) => named(&root, name)?,
        };
        let mut page = vec![];
        clap_mangen::Man::new(command).render(&mut page)?;
        Out::stdout().raw(&page)?;
        Ok(Exit::Done)
    }
}

fn named(root: &clap::Command, name: &str) -> Result<clap::Command, Failure> {
    let none = || Failure::new(Exit::NotFound, format!("no command `{name}`"));
    let found = root.find_subcommand(name).ok_or_else(|| none().next("gangline help"))?;
    Ok(found.clone().display_name(format!("gangline-{name}")))
}
