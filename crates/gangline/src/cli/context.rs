//! What every command has: where things are, how to print, whom to ask.

use std::path::PathBuf;

use gangline_api::client::{Client, DaemonUrl};

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
    /// Asks whatever daemon was named.
    client: Client,
    /// `--url`.
    url: Option<DaemonUrl>,
}

impl Context {
    /// From the environment and the command line.
    pub(crate) fn new(global: Global) -> Result<Self, Failure> {
        let paths = Paths::from_env()?;
        let cwd = std::env::current_dir().map_err(|error| {
            Failure::because(Exit::Failed, &error).next("cd into a directory that exists")
        })?;
        let Global { json, project, url } = global;
        let client = match &url {
            None => Client::new(paths.socket(), person()),
            Some(url) => Client::at_url(url.clone(), &token()?).map_err(|error| {
                Failure::because(Exit::Usage, &error).code("bad_token").next(TOKEN_NEXT)
            })?,
        };
        Ok(Self { paths, out: Out::stdout(), json, project, cwd, client, url })
    }

    /// Whom to ask.
    pub(crate) fn client(&self) -> Client {
        self.client.clone()
    }

    /// Refuses a command that works with something of the daemon's own machine, where the daemon is
    /// asked over HTTP.
    pub(crate) fn may_work_with(&self, of_own_machine: Option<&str>) -> Result<(), Failure> {
        let (Some(what), Some(url)) = (of_own_machine, &self.url) else { return Ok(()) };
        let message = format!("this works with {what} on the daemon's own machine, not by {url}");
        let failure = Failure::new(Exit::Usage, message).code("other_machine");
        Err(failure.next("call it on that machine, without --url and GANGLINE_URL"))
    }
}

/// How a token is had.
const TOKEN_NEXT: &str =
    "export GANGLINE_TOKEN=…, made on the daemon's machine by: gangline token add NAME";

/// Who asks over HTTP.
fn token() -> Result<String, Failure> {
    let token = std::env::var("GANGLINE_TOKEN").ok().filter(|token| !token.trim().is_empty());
    let token = token.map(|token| token.trim().to_owned());
    token.ok_or_else(|| {
        Failure::new(
            Exit::Usage,
            "a daemon at an address wants a token, and GANGLINE_TOKEN has none",
        )
        .code("unauthenticated")
        .next(TOKEN_NEXT)
    })
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
