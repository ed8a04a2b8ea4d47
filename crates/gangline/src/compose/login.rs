//! Log-ins of agent kinds, kept in the configuration directory.

use std::path::PathBuf;

use gangline_agents::registry;
use gangline_domain::ids::AgentKind;
use gangline_domain::secret::Secret;
use gangline_node::{Held, LOGIN_VERSION, Login, Logins, variables_of};
use gangline_policy::SecretSource;
use gangline_process::Cmd;
use serde::Serialize;
use tokio::io::{AsyncBufReadExt as _, BufReader};

use super::config;
use super::paths::Paths;
use crate::exit::Exit;
use crate::failure::Failure;

/// What a program needs to open a browser, beside its own configuration.
const FOR_BROWSERS: [&str; 10] = [
    "PATH",
    "HOME",
    "LANG",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    "BROWSER",
    "HTTPS_PROXY",
];

/// A kind's log-in, for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LoginRow {
    /// The kind.
    pub(crate) kind: String,
    /// The variable that its program reads it from.
    pub(crate) variable: String,
    /// Where it is, never what it is.
    pub(crate) place: String,
}

/// Where all of them are.
pub(super) fn folder(paths: &Paths) -> Logins {
    Logins::at(paths.logins())
}

/// All log-ins.
pub(crate) fn logins(paths: &Paths) -> Result<Vec<LoginRow>, Failure> {
    let logins = folder(paths);
    let mut rows = vec![];
    for kind in logins.kinds() {
        let read = logins.read(&kind);
        if let Some(login) = read.map_err(|error| Failure::because(Exit::Failed, &error))? {
            rows.push(row(&kind, &login));
        }
    }
    Ok(rows)
}

/// A log-in, for people.
pub(super) fn row(kind: &str, login: &Login) -> LoginRow {
    let place = match &login.held {
        Held::Value(_) => "kept by Gangline".to_owned(),
        Held::From(source) => source.to_string(),
        Held::Subscription => "a subscription, renewed by Gangline".to_owned(),
    };
    LoginRow { kind: kind.to_owned(), variable: login.variable.clone(), place }
}

/// What a kind offers for logging in, in words.
pub(crate) fn way_in(kind: &str) -> Result<&'static str, Failure> {
    known(kind)?;
    Ok(match kind {
        "claude" => {
            "an API key (sk-ant-api…), or what `claude setup-token` prints in another terminal \
             (sk-ant-oat…)"
        }
        "codex" => "an API key of OpenAI (sk-…); with --subscription, an account of ChatGPT",
        "gemini" => "an API key of Google AI Studio",
        _other => "an API key of the provider; --as says which variable it belongs in",
    })
}

/// Keeps a value.
pub(crate) fn keep_value(
    paths: &Paths,
    kind: &str,
    value: &str,
    variable: Option<&str>,
) -> Result<LoginRow, Failure> {
    let kind = known(kind)?;
    let secret = Secret::new(value).map_err(|error| {
        let failure = Failure::new(Exit::Failed, format!("that is no key: {error}"));
        failure.next(format!("gangline login {kind}"))
    })?;
    if value.chars().any(|c| c.is_control() || c.is_whitespace()) || secret.as_variable().is_none()
    {
        return Err(Failure::new(Exit::Failed, "that is no key: it is one word without blanks")
            .next(format!("gangline login {kind}")));
    }
    let variable = match variable {
        Some(variable) => chosen(&kind, variable)?,
        None => by_value(&kind, value),
    };
    keep(paths, &kind, variable, Held::Value(value.to_owned()))
}

/// Keeps where a value is.
pub(crate) async fn keep_reference(
    paths: &Paths,
    kind: &str,
    place: &str,
    variable: Option<&str>,
) -> Result<LoginRow, Failure> {
    let kind = known(kind)?;
    let source: SecretSource = place.parse().map_err(|error: gangline_policy::BadSource| {
        Failure::new(Exit::Failed, error.to_string().replace('\n', "; "))
    })?;
    let known = variables_of(kind.as_str());
    let named = match &source {
        SecretSource::Env(name) => known.iter().find(|known| *known == name),
        SecretSource::File(_) | SecretSource::Command(_) => None,
    };
    let variable = match (variable, named) {
        (Some(variable), _) => chosen(&kind, variable)?,
        (None, Some(named)) => named,
        (None, None) => variables_of(kind.as_str())[0],
    };
    let row = keep(paths, &kind, variable, Held::From(source))?;
    // Said now rather than at an attempt's start. What is not set here may be set for the daemon.
    match folder(paths).of_kind(kind.as_str()).await {
        Ok(_) => Ok(row),
        Err(error) => Err(Failure::because(Exit::Failed, &error)),
    }
}

/// Lets the kind's own program log a person in, in a folder of Gangline's own. What it says is told
/// line by line.
pub(crate) async fn keep_subscription(
    paths: &Paths,
    kind: &str,
    device: bool,
    tell: impl FnMut(&str),
) -> Result<LoginRow, Failure> {
    let kind = known(kind)?;
    if kind.as_str() != "codex" {
        let failure = Failure::new(Exit::Failed, "only codex logs in by a subscription this way");
        return Err(failure.code("bad_request").next(format!("gangline login {kind}")));
    }
    let subscription = folder(paths).subscription(kind.as_str());
    let home = subscription.folder();
    subscription.make().map_err(|error| Failure::because(Exit::Failed, &error))?;
    let named = config::machine(paths)?.programs.remove(&kind);
    let program = named.unwrap_or_else(|| PathBuf::from(kind.as_str()));
    let cmd = Cmd::new(program).arg("login").args(device.then_some("--device-auth"));
    let exit = said(cmd.env_from_host(&FOR_BROWSERS).env("CODEX_HOME", home), tell).await?;
    if !exit.success() {
        let message = format!("`{kind} login` ended with {exit}; nothing was changed");
        return Err(Failure::new(Exit::Failed, message).next("gangline login codex --subscription"));
    }
    subscription.present().map_err(|error| Failure::because(Exit::Failed, &error))?;
    keep(paths, &kind, variables_of(kind.as_str())[0], Held::Subscription)
}

/// Runs a program to its end, with each line that it says.
async fn said(cmd: Cmd, mut tell: impl FnMut(&str)) -> Result<gangline_process::Exit, Failure> {
    let mut child = cmd.spawn().map_err(|error| Failure::because(Exit::Failed, &error))?;
    let stdout = child.take_stdout().map(|stream| BufReader::new(stream).lines());
    let stderr = child.take_stderr().map(|stream| BufReader::new(stream).lines());
    let (Some(mut stdout), Some(mut stderr)) = (stdout, stderr) else {
        return Ok(child.wait().await);
    };
    let (mut out, mut err) = (true, true);
    while out || err {
        let (line, open) = tokio::select! {
            line = stdout.next_line(), if out => (line, &mut out),
            line = stderr.next_line(), if err => (line, &mut err),
        };
        match line {
            Ok(Some(line)) => tell(&line),
            Ok(None) | Err(_) => *open = false,
        }
    }
    Ok(child.wait().await)
}

/// Forgets a kind's log-in. Says whether there was one.
pub(crate) fn forget_login(paths: &Paths, kind: &str) -> Result<bool, Failure> {
    let kind = known(kind)?;
    folder(paths).forget(&kind).map_err(|error| Failure::because(Exit::Failed, &error))
}

fn keep(paths: &Paths, kind: &AgentKind, variable: &str, held: Held) -> Result<LoginRow, Failure> {
    let login = Login { version: LOGIN_VERSION, variable: variable.to_owned(), held };
    let written = folder(paths).write(kind, &login);
    written.map_err(|error| Failure::because(Exit::Failed, &error))?;
    Ok(row(kind.as_str(), &login))
}

/// The kind, if its program logs in by a variable.
fn known(kind: &str) -> Result<AgentKind, Failure> {
    let listed = || {
        let kinds = registry::kinds().filter(|kind| !variables_of(kind).is_empty());
        kinds.collect::<Vec<_>>().join(", ")
    };
    match kind.parse::<AgentKind>() {
        Ok(known) if !variables_of(kind).is_empty() => Ok(known),
        Ok(_) | Err(_) => {
            let message = format!("kinds with a log-in are {}", listed());
            Err(Failure::new(Exit::Failed, message).code("bad_request").next("gangline doctor"))
        }
    }
}

fn chosen(kind: &AgentKind, variable: &str) -> Result<&'static str, Failure> {
    let known = variables_of(kind.as_str());
    known.iter().find(|name| **name == variable).copied().ok_or_else(|| {
        let message = format!("kind {kind} logs in by {}", known.join(" or "));
        Failure::new(Exit::Failed, message).code("bad_request")
    })
}

/// Which variable a value belongs in, by how it begins.
fn by_value(kind: &AgentKind, value: &str) -> &'static str {
    let variables = variables_of(kind.as_str());
    let wanted = if value.starts_with("sk-ant-oat") {
        "CLAUDE_CODE_OAUTH_TOKEN"
    } else if value.starts_with("sk-ant-") {
        "ANTHROPIC_API_KEY"
    } else if value.starts_with("sk-") {
        "OPENAI_API_KEY"
    } else if value.starts_with("AIza") {
        "GEMINI_API_KEY"
    } else {
        variables[0]
    };
    variables.iter().find(|name| **name == wanted).copied().unwrap_or(variables[0])
}
