//! `gangline mcp install`: a program is told of the server, after the person has seen how.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};
use std::path::PathBuf;

use clap::Args;

use super::super::context::Context;
use super::super::hook::settings::{self as hooks, Wanted, with_hook};
use super::super::own_file::{malformed, read, write};
use super::super::place;
use super::app::{App, SERVER, Scope, shown};
use super::change::{Line, between};
use super::settings::{Merged, merged};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Tone, plain};

/// When Claude Code asks for news.
pub(in super::super) const NEWS_EVENTS: [&str; 2] = ["UserPromptSubmit", "Stop"];
/// Seconds after which it goes on without.
const NEWS_TIMEOUT_S: u32 = 10;

/// `gangline mcp install`.
#[derive(Debug, Args)]
#[command(
    after_help = "Shows what changes first, and asks. Adds to what is in a file and changes nothing \
    else. Of several programs all are entered, or none."
)]
pub(super) struct Install {
    /// Which program's agent
    #[arg(long = "for", value_name = "PROGRAM", value_delimiter = ',', required = true)]
    apps: Vec<App>,
    /// For whom: everybody in the repository, or the person [default: repository for claude, cursor
    /// and vscode, user for codex and zed]
    #[arg(long)]
    scope: Option<Scope>,
    /// How the program is to call gangline, where it is not found by its name
    #[arg(long, value_name = "PATH", default_value = SERVER)]
    command: String,
    /// Without the hook by which Claude Code learns of what has ended while it talks
    #[arg(long)]
    no_hook: bool,
    /// Print the file as it would be, and write nothing
    #[arg(long, conflicts_with = "yes")]
    print: bool,
    /// Write without asking
    #[arg(long, short = 'y')]
    yes: bool,
}

/// A file, as it is and as it is to be.
struct Planned {
    /// What the file is to have.
    what: &'static str,
    /// What makes the program read it again.
    then: Option<&'static str>,
    file: PathBuf,
    name: String,
    old: String,
    /// Nothing when it is there already.
    new: Option<String>,
}

impl Install {
    pub(super) fn run(self, context: &Context) -> Result<Exit, Failure> {
        let mut planned = vec![];
        for app in &self.apps {
            planned.extend(self.hook(context, *app)?);
            planned.push(self.planned(context, *app)?);
        }
        if self.print {
            for plan in &planned {
                context.out.raw(plan.new.as_ref().unwrap_or(&plan.old).as_bytes())?;
            }
            return Ok(Exit::Done);
        }
        let changes = planned.iter().any(|plan| plan.new.is_some());
        if !context.json {
            planned.iter().try_for_each(|plan| plan.show(context))?;
        }
        if changes && !self.yes && !agreed()? {
            let failure = Failure::new(Exit::Failed, "nothing was written");
            return Err(failure.code("not_agreed").next("the same with --yes, or with --print"));
        }
        for plan in &planned {
            if let Some(new) = &plan.new {
                write(&plan.file, new)?;
            }
        }
        tell(context, &planned)
    }

    fn planned(&self, context: &Context, app: App) -> Result<Planned, Failure> {
        let scope = self.scope.unwrap_or(app.usual_scope());
        let (file, name) = match scope {
            Scope::Repository => {
                let root = place::repository(context)?;
                let file = root.join(app.in_repository());
                (file.clone(), shown(&file, Some(&root)))
            }
            Scope::User => {
                let Some(file) = app.of_user(&|name| std::env::var_os(name)) else {
                    let failure = Failure::new(Exit::Failed, "HOME is not set to an absolute path");
                    return Err(failure.next("set HOME, or give --scope repository"));
                };
                (file.clone(), shown(&file, None))
            }
        };
        let old = read(&file, &name)?;
        let merged = merged(&old, &app.form(&self.command));
        let new = match merged.map_err(|error| malformed(&name, &old, &error))? {
            Merged::There => None,
            Merged::New(new) => Some(new),
            Merged::Other(found) => {
                let message = format!("{name} has a server `{SERVER}` already: {found}");
                let failure = Failure::new(Exit::Conflict, message).code("server_exists");
                return Err(failure.next("take that entry out, then install again"));
            }
        };
        Ok(Planned { what: "server", then: Some(app.then()), file, name, old, new })
    }

    /// The hook that brings news into a conversation, where the program has such.
    fn hook(&self, context: &Context, app: App) -> Result<Option<Planned>, Failure> {
        let scope = self.scope.unwrap_or(app.usual_scope());
        let (file, name) = match (scope, app.hooks_in_repository()) {
            (_, None) => return Ok(None),
            _ if self.no_hook => return Ok(None),
            (Scope::Repository, Some(path)) => {
                (place::repository(context)?.join(path), path.to_owned())
            }
            (Scope::User, Some(_)) => {
                let Some(file) = app.hooks_of_user(&|name| std::env::var_os(name)) else {
                    return Ok(None);
                };
                (file.clone(), shown(&file, None))
            }
        };
        let old = read(&file, &name)?;
        let command = format!("{} mcp news --hook", self.command);
        let mut new: Option<String> = None;
        for event in NEWS_EVENTS {
            let text = new.as_ref().unwrap_or(&old);
            let (command, known_by) = (&*command, "mcp news");
            let wanted =
                Wanted { event, matcher: None, command, known_by, timeout_s: NEWS_TIMEOUT_S };
            let merged = with_hook(text, &wanted);
            match merged.map_err(|error| malformed(&name, text, &error))? {
                hooks::Merged::There => {}
                hooks::Merged::New(text) => new = Some(text),
                hooks::Merged::Other(found) => {
                    let message = format!("{name} has the hook already, as `{found}`");
                    let failure = Failure::new(Exit::Conflict, message).code("hook_exists");
                    return Err(failure.next("take that entry out, or give --no-hook"));
                }
            }
        }
        Ok(Some(Planned { what: "hook", then: None, file, name, old, new }))
    }
}

impl Planned {
    fn show(&self, context: &Context) -> io::Result<()> {
        let Some(new) = &self.new else {
            return context.out.line(&format!(
                "{} has the {} already",
                plain(&self.name),
                self.what
            ));
        };
        context.out.line(&format!("{}:", context.out.paint(Tone::Strong, &plain(&self.name))))?;
        for line in between(&self.old, new) {
            let tone = match line {
                Line::Same(_) => Tone::Faint,
                Line::Out(_) => Tone::Bad,
                Line::In(_) => Tone::Good,
            };
            context.out.line(&context.out.paint(tone, &plain(&line.text())))?;
        }
        Ok(())
    }
}

fn tell(context: &Context, planned: &[Planned]) -> Result<Exit, Failure> {
    if context.json {
        let files: Vec<_> = planned
            .iter()
            .map(|plan| serde_json::json!({ "file": plan.file, "written": plan.new.is_some() }))
            .collect();
        context.out.json(&serde_json::json!({ "files": files }))?;
        return Ok(Exit::Done);
    }
    for plan in planned.iter().filter(|plan| plan.new.is_some()) {
        context.out.line(&format!("wrote {}", plain(&plan.name)))?;
        if let Some(then) = plan.then {
            context.out.line(&format!(" next: {then}"))?;
        }
    }
    Ok(Exit::Done)
}

/// Asks, where somebody can answer.
fn agreed() -> io::Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(false);
    }
    let mut stderr = io::stderr().lock();
    stderr.write_all(b"write this? [y/N] ")?;
    stderr.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
