//! `gangline agents`: the definitions that tickets can name.

mod record;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::context::Context;
use super::place;
use crate::compose::{self, AgentRow};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Table, Tone, plain};

/// `gangline agents`.
#[derive(Debug, Subcommand)]
pub(crate) enum Agents {
    /// Show the definitions of this repository: kind, model, tools, limit, and where they stand
    List(List),
    /// Show what became of each agent's claims: how many were true, false and unproven
    Record,
    /// Turn a YAML pool of sub-agents into definitions, all of them or none
    Import(Import),
}

/// `gangline agents list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Only those that can do this
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    capability: Vec<String>,
}

/// `gangline agents import`.
#[derive(Debug, Args)]
#[command(after_help = "A definition that is there already and says something else is never \
    written over: the import is refused.")]
pub(crate) struct Import {
    /// The pool: `subagents:` with id, specialization, max_concurrent_issues and capabilities
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Only say what would be written
    #[arg(long)]
    dry_run: bool,
}

impl Agents {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        match self {
            Self::List(list) => list.run(context),
            Self::Record => record::run(context).await,
            Self::Import(import) => import.run(context),
        }
    }
}

impl List {
    fn run(self, context: &Context) -> Result<Exit, Failure> {
        let (mut agents, warnings) = compose::agents(&place::repository(context)?)?;
        agents.retain(|agent| {
            self.capability.iter().all(|wanted| agent.capabilities.contains(wanted))
        });
        if context.json {
            let document = serde_json::json!({ "agents": agents, "warnings": warnings });
            context.out.json(&document)?;
            return Ok(Exit::Done);
        }
        let mut table =
            Table::new(["agent", "kind", "model", "at once", "tools…", "can do…", "from…"]);
        for agent in &agents {
            table.row(row(agent));
        }
        context.out.lines(table.render(context.out))?;
        for warning in warnings {
            context.out.line(&format!("warning: {}", plain(&warning)))?;
        }
        Ok(Exit::Done)
    }
}

fn row(agent: &AgentRow) -> [Cell; 7] {
    let name = plain(&agent.name);
    let tools = agent.tools.as_ref().map_or("all".to_owned(), |tools| plain(&tools.join(" ")));
    let from = agent.file.as_deref().map_or("shipped".to_owned(), plain);
    [
        if agent.default {
            Cell::toned(Tone::Strong, format!("{name} *"))
        } else {
            Cell::new(name)
        },
        Cell::new(plain(&agent.kind)),
        Cell::new(agent.model.as_deref().map_or("-".to_owned(), plain)),
        Cell::new(agent.max_concurrent.to_string()),
        Cell::new(tools),
        Cell::new(plain(&agent.capabilities.join(" "))),
        Cell::toned(Tone::Faint, from),
    ]
}

impl Import {
    fn run(self, context: &Context) -> Result<Exit, Failure> {
        let root = place::repository(context)?;
        let pool = compose::read_pool(&root, &self.file)?;
        let shown = |path: &PathBuf| path.strip_prefix(&root).unwrap_or(path).display().to_string();
        if !pool.different.is_empty() {
            let names: Vec<String> = pool.different.iter().map(shown).collect();
            let what = format!("{} would be written over", names.join(", "));
            let failure = Failure::new(Exit::Conflict, what).code("bad_request");
            return Err(failure.next("remove or rename what is there, then import again"));
        }
        if !self.dry_run {
            for (path, text) in &pool.new {
                write(path, text)?;
            }
        }
        let written: Vec<String> = pool.new.iter().map(|(path, _)| shown(path)).collect();
        if context.json {
            let same: Vec<String> = pool.same.iter().map(shown).collect();
            context.out.json(&serde_json::json!({
                "written": written, "unchanged": same, "warnings": pool.warnings,
                "dry_run": self.dry_run,
            }))?;
            return Ok(Exit::Done);
        }
        let verb = if self.dry_run { "would write" } else { "wrote" };
        for name in &written {
            context.out.line(&format!("{verb} {}", plain(name)))?;
        }
        for path in &pool.same {
            context.out.line(&format!("unchanged {}", plain(&shown(path))))?;
        }
        for warning in &pool.warnings {
            context.out.line(&format!("warning: {}", plain(warning)))?;
        }
        if !written.is_empty() && !self.dry_run {
            let next = context.out.paint(Tone::Command, "gangline project add");
            context.out.line(&format!(" next: commit them, then {next}"))?;
        }
        Ok(Exit::Done)
    }
}

/// Written beside and renamed, so that no half definition is ever read.
fn write(path: &std::path::Path, text: &str) -> Result<(), Failure> {
    let beside = path.with_extension("md.new");
    let written = std::fs::create_dir_all(path.parent().unwrap_or(path))
        .and_then(|()| std::fs::write(&beside, text))
        .and_then(|()| std::fs::rename(&beside, path));
    written.map_err(|error| {
        Failure::new(Exit::Failed, format!("{} cannot be written: {error}", path.display()))
            .next("make room or mend its permissions, then import again")
    })
}
