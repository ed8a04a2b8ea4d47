//! Opening a worktree in what a person works with.

use gangline_process::{Cmd, Exit as Ended};

use crate::exit::Exit;
use crate::failure::Failure;

/// The variable that tells a shell in a worktree which ticket it is about.
const TICKET_VARIABLE: &str = "GANGLINE_TICKET";
/// Where `SHELL` is not set.
const SHELL_DEFAULT: &str = "/bin/sh";

/// A program of the person's, such as `code --wait`: words, never a shell line.
#[derive(Debug)]
pub(crate) struct Tool {
    words: Vec<String>,
}

impl Tool {
    /// `$SHELL`.
    pub(crate) fn shell() -> Self {
        let shell = std::env::var("SHELL").ok().filter(|shell| !shell.trim().is_empty());
        Self { words: vec![shell.unwrap_or_else(|| SHELL_DEFAULT.to_owned())] }
    }

    /// The named editor; an empty name means `$VISUAL` or `$EDITOR`.
    pub(crate) fn editor(named: &str) -> Result<Self, Failure> {
        let line = match named {
            "" => ["VISUAL", "EDITOR"].into_iter().find_map(|name| std::env::var(name).ok()),
            named => Some(named.to_owned()),
        };
        let words = line.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
        let tool = Self { words };
        if tool.words.is_empty() {
            return Err(Failure::new(Exit::Failed, "neither VISUAL nor EDITOR is set")
                .next("gangline open KEY --editor code"));
        }
        Ok(tool)
    }

    /// Lets the person work in the worktree of a ticket, and says how that ended.
    pub(crate) async fn work_in(self, path: &str, key: &str) -> Result<Ended, Failure> {
        let command = self.command(path).env(TICKET_VARIABLE, key);
        let failed = |error| Failure::because(Exit::Failed, &error).next(format!("cd {path}"));
        command.in_foreground().await.map_err(failed)
    }

    /// In this directory, with all of this environment.
    fn command(self, path: &str) -> Cmd {
        let mut words = self.words.into_iter();
        let program = words.next().unwrap_or_default();
        let mut command = Cmd::new(program).args(words).cwd(path);
        for (name, value) in std::env::vars_os() {
            command = command.env(name, value);
        }
        command
    }

    /// With the worktree as what it is to open.
    pub(crate) fn on(mut self, path: &str) -> Self {
        self.words.push(path.to_owned());
        self
    }
}

/// Starts the editor on a worktree and leaves it running. An empty name means `$VISUAL` or
/// `$EDITOR`.
pub(crate) fn edit(editor: &str, path: &str) -> Result<(), Failure> {
    let command = Tool::editor(editor)?.on(path).command(path);
    let log = std::path::Path::new("/dev/null");
    command.spawn_detached(log).map(drop).map_err(|error| {
        Failure::because(Exit::Failed, &error).next("gangline open KEY --editor PROGRAM")
    })
}
