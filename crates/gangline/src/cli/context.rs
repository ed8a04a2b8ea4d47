//! What every command has: where things are, how to print, whom to ask.

use std::path::PathBuf;

use gangline_api::client::Client;

use super::args::Global;
use crate::compose::{self, Paths};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::Out;

/// What a command has.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    pub(crate) paths: Paths,
    pub(crate) out: Out,
    pub(crate) json: bool,
    /// `--project`.
    pub(crate) project: Option<String>,
    /// Where it was called.
    pub(crate) cwd: PathBuf,
}

impl Context {
    /// From the environment and the command line.
    pub(crate) fn new(global: Global) -> Result<Self, Failure> {
        let paths = Paths::from_env()?;
        let cwd = std::env::current_dir().map_err(|error| {
            Failure::because(Exit::Failed, &error).next("cd into a directory that exists")
        })?;
        let Global { json, project } = global;
        Ok(Self { paths, out: Out::stdout(), json, project, cwd })
    }

    /// Whom to ask.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.paths.socket(), person())
    }
}

/// Who asks: the name that the system knows.
fn person() -> String {
    let name = ["GANGLINE_PERSON", "USER", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()));
    name.unwrap_or_else(|| format!("uid-{}", rustix::process::getuid().as_raw()))
}

/// Milliseconds are not enough to order events, microseconds are.
pub(crate) fn now_us() -> i64 {
    compose::now().0
}
