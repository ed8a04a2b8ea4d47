//! `gangline chat`: a person's main agent, with Gangline's tools in its hands.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use gangline_process::{Cmd, Exit as Ended};
use serde_json::json;

use super::context::Context;
use super::mcp::{NEWS_EVENTS, SERVER};
use super::{connect, place};
use crate::compose;
use crate::exit::Exit;
use crate::failure::Failure;

/// What the main agent is told to be, unless another definition is named.
const ORCHESTRATOR: &str = "orchestrator";
/// Seconds after which Claude Code goes on without news.
const NEWS_TIMEOUT_S: u32 = 10;

/// `gangline chat`.
#[derive(Debug, Args)]
#[command(
    after_help = "Starts the program where you are, with Gangline's tools and with the definition as \
    its instructions, and changes no file of its configuration. What stands behind -- is given to the \
    program itself: gangline chat -- --resume"
)]
pub(crate) struct Chat {
    /// Whose program
    #[arg(long, value_enum, default_value_t = Kind::Claude)]
    kind: Kind,
    /// The program, where it is not found by its name
    #[arg(long, value_name = "PATH")]
    program: Option<PathBuf>,
    /// The agent definition that it is told to be
    #[arg(long, value_name = "NAME", default_value = ORCHESTRATOR)]
    agent: String,
    /// For the program itself
    #[arg(last = true, value_name = "ARGUMENTS")]
    rest: Vec<OsString>,
}

/// Programs that a person can talk with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Kind {
    /// Claude Code
    Claude,
    /// Codex
    Codex,
}

impl Kind {
    fn program(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::Codex => "codex",
        }
    }

    /// What makes it the main agent: `gangline` is how it is to call this program.
    fn args(self, gangline: &str, instructions: &str) -> Vec<String> {
        let pair = |name: &str, value: &str| [name.to_owned(), value.to_owned()];
        match self {
            Self::Claude => {
                let server = json!({ "type": "stdio", "command": gangline, "args": ["mcp"] });
                let servers = json!({ "mcpServers": { SERVER: server } });
                let command = format!("{} mcp news --hook", quoted(gangline));
                let hook =
                    json!({ "type": "command", "command": command, "timeout": NEWS_TIMEOUT_S });
                let hooks: serde_json::Map<_, _> = NEWS_EVENTS
                    .iter()
                    .map(|event| ((*event).to_owned(), json!([{ "hooks": [hook] }])))
                    .collect();
                [
                    pair("--mcp-config", &servers.to_string()),
                    pair("--append-system-prompt", instructions),
                    pair("--settings", &json!({ "hooks": hooks }).to_string()),
                ]
                .concat()
            }
            Self::Codex => {
                let text = |text: &str| toml::Value::from(text).to_string();
                [
                    pair("-c", &format!("mcp_servers.{SERVER}.command={}", text(gangline))),
                    pair("-c", &format!("mcp_servers.{SERVER}.args=[\"mcp\"]")),
                    pair("-c", &format!("developer_instructions={}", text(instructions))),
                ]
                .concat()
            }
        }
    }
}

/// One word of a line that a shell reads.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

impl Chat {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let root = place::repository(context)?;
        let client = connect::running(context).await?;
        connect::current_project(context, &client).await?;
        let instructions = compose::instructions(&root, &self.agent)?;
        let gangline = std::env::current_exe().map_err(|error| {
            Failure::because(Exit::Failed, &error).next("start gangline by its whole path")
        })?;
        let gangline = gangline.display().to_string();
        let program = self.program.unwrap_or_else(|| self.kind.program().into());
        let mut command = Cmd::new(&program)
            .args(self.kind.args(&gangline, &instructions))
            .args(self.rest)
            .cwd(&context.cwd);
        for (name, value) in std::env::vars_os() {
            command = command.env(name, value);
        }
        let ended = command.in_foreground().await.map_err(|error| {
            let failure = Failure::because(Exit::Failed, &error);
            failure.next(format!("install {}, or name it with --program", self.kind.program()))
        })?;
        match ended {
            Ended::Code(0) => Ok(Exit::Done),
            Ended::Code(code) => {
                let message = format!("{} ended with {code}", program.display());
                Err(Failure::new(Exit::Failed, message))
            }
            Ended::Signal(_) => Ok(Exit::Failed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_told_of_the_tools_and_of_what_it_is() {
        let args = Kind::Claude.args("/opt/my tools/gangline", "Be it.");
        let [config, servers, prompt, said, settings, hooks] = args.as_slice() else {
            panic!("{args:?}")
        };
        assert_eq!((config.as_str(), prompt.as_str()), ("--mcp-config", "--append-system-prompt"));
        assert_eq!((said.as_str(), settings.as_str()), ("Be it.", "--settings"));
        let servers: serde_json::Value = serde_json::from_str(servers).unwrap();
        assert_eq!(servers["mcpServers"]["gangline"]["command"], "/opt/my tools/gangline");
        let hooks: serde_json::Value = serde_json::from_str(hooks).unwrap();
        let hook = &hooks["hooks"]["Stop"][0]["hooks"][0]["command"];
        assert_eq!(hook, "'/opt/my tools/gangline' mcp news --hook");
        let args = Kind::Codex.args("/opt/gangline", "Say \"no\".\nTwice.");
        let read = |arg: &str| toml::from_str::<toml::Table>(arg).unwrap();
        assert_eq!(
            read(&args[1])["mcp_servers"]["gangline"]["command"].as_str(),
            Some("/opt/gangline")
        );
        assert_eq!(read(&args[5])["developer_instructions"].as_str(), Some("Say \"no\".\nTwice."));
    }
}
