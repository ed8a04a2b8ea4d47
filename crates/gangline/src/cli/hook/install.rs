//! `gangline hook install`: Claude Code is told of the hook, and of the sub-agents it is for.

use std::path::Path;

use clap::Args;
use gangline_agents::definition::TICKET_WORKER;
use gangline_policy::POLICY_FILE;

use super::super::context::Context;
use super::super::own_file::{malformed, read, write};
use super::super::place;
use super::settings::{Merged, merged};
use crate::compose::{self, SubAgent};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Tone, plain};

/// What is in the repository, for everybody who works in it.
const SHARED: &str = ".claude/settings.json";
/// What Claude Code keeps out of git.
const LOCAL: &str = ".claude/settings.local.json";

/// `gangline hook install`.
#[derive(Debug, Args)]
#[command(
    after_help = "Adds to what is in the file and changes nothing else. Claude Code learns of the \
    sub-agents from .claude/agents, so those that it does not know yet are written there."
)]
pub(crate) struct Install {
    /// Sub-agents that become tickets: agent definitions of this repository, or shipped ones
    #[arg(long, value_name = "NAME", value_delimiter = ',', default_value = TICKET_WORKER)]
    agent: Vec<String>,
    /// Write .claude/settings.local.json, which is one's own, instead of .claude/settings.json
    #[arg(long)]
    local: bool,
    /// Print the settings as they would be, and write nothing
    #[arg(long)]
    print: bool,
}

impl Install {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let root = place::repository(context)?;
        let name = if self.local { LOCAL } else { SHARED };
        let file = root.join(name);
        let text = read(&file, name)?;
        let mut missing = vec![];
        for agent in &self.agent {
            if let SubAgent::Missing(path, text) = compose::sub_agent(&root, agent)? {
                missing.push((path, text));
            }
        }
        let merged = merged(&text, &self.command());
        let new = match merged.map_err(|error| malformed(name, &text, &error))? {
            Merged::There => None,
            Merged::New(new) => Some(new),
            Merged::Other(found) => {
                let message = format!("{name} has the hook already, as `{found}`");
                let failure = Failure::new(Exit::Conflict, message).code("hook_exists");
                return Err(failure.next(format!("change it there to `{}`", self.command())));
            }
        };
        if self.print {
            context.out.raw(new.as_ref().unwrap_or(&text).as_bytes())?;
            return Ok(Exit::Done);
        }
        // The sub-agents first: a hook for what nobody knows would never be called.
        let mut written = vec![];
        for (path, text) in &missing {
            write(&root.join(path), text)?;
            written.push(path.display().to_string());
        }
        if let Some(new) = &new {
            write(&file, new)?;
            written.push(name.to_owned());
        }
        self.tell(context, &root, name, &written)
    }

    /// What Claude Code is to call.
    fn command(&self) -> String {
        match self.agent.as_slice() {
            [agent] if agent == TICKET_WORKER => "gangline hook task".to_owned(),
            agents => format!("gangline hook task --agent {}", agents.join(",")),
        }
    }

    fn tell(
        &self,
        context: &Context,
        root: &Path,
        name: &str,
        written: &[String],
    ) -> Result<Exit, Failure> {
        if context.json {
            let told = serde_json::json!({
                "file": root.join(name), "command": self.command(), "written": written,
            });
            context.out.json(&told)?;
            return Ok(Exit::Done);
        }
        for path in written {
            context.out.line(&format!("wrote {}", plain(path)))?;
        }
        if !written.iter().any(|path| path == name) {
            context.out.line(&format!("{name} has the hook already"))?;
        }
        let mut next = vec![];
        if !root.join(POLICY_FILE).is_file() {
            next.push(("gangline init", ", without which the hook lets everything through"));
        }
        if !written.is_empty() {
            next.push(("claude", ", begun anew: it reads its hooks when it starts"));
        }
        for (command, why) in next {
            context
                .out
                .line(&format!(" next: {}{why}", context.out.paint(Tone::Command, command)))?;
        }
        Ok(Exit::Done)
    }
}
