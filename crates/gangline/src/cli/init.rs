//! `gangline init`.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::path::Path;

use clap::Args;
use gangline_policy::POLICY_FILE;

use super::context::Context;
use super::place;
use crate::compose::{self, Draft};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Table, Tone, plain};

/// `gangline init`.
#[derive(Debug, Args)]
pub(crate) struct Init {
    /// Ask nothing
    #[arg(long, short)]
    yes: bool,
    /// Write over a gangline.toml that is there
    #[arg(long)]
    force: bool,
    /// Print it and write nothing
    #[arg(long)]
    print: bool,
    /// The branch that verified work reaches; the current one by default
    #[arg(long, value_name = "BRANCH")]
    target: Option<String>,
    /// The project's name; that of its directory by default
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// What ticket keys begin with
    #[arg(long, value_name = "PREFIX", default_value = "APP")]
    key: String,
}

impl Init {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let root = place::repository(context)?;
        let repository = compose::look_at(&root).await?;
        let draft = compose::draft_policy(
            &repository,
            self.target.as_deref(),
            self.name.as_deref(),
            &self.key,
        )
        .await?;
        if self.print {
            context.out.raw(draft.text.as_bytes())?;
            return Ok(Exit::Done);
        }
        let file = root.join(POLICY_FILE);
        if file.exists() && !self.force {
            let failure = Failure::new(Exit::Conflict, format!("{POLICY_FILE} is there already"));
            return Err(failure
                .code("policy_exists")
                .next("gangline up")
                .next("gangline init --print, to compare")
                .next("gangline init --force, to write over it"));
        }
        if !context.json {
            show(context, &draft)?;
        }
        let ask = !self.yes && !context.json && std::io::stdin().is_terminal();
        if ask && !confirmed(&file)? {
            context.out.line("nothing was written")?;
            return Ok(Exit::Failed);
        }
        write(&file, &draft.text)?;
        tell(context, &file, &draft)?;
        Ok(Exit::Done)
    }
}

fn show(context: &Context, draft: &Draft) -> Result<(), Failure> {
    let (name, target) = (plain(&draft.name), plain(&draft.target));
    let name = context.out.paint(Tone::Strong, &name);
    context.out.line(&format!("project {name}, target {target}"))?;
    let mut table = Table::new(["check", "runs~", "found in", ""]).indented(2);
    for check in &draft.checks {
        let note = if check.active { "" } else { "proposed, as a comment" };
        table.row([
            Cell::new(plain(&check.name)),
            Cell::toned(Tone::Command, plain(&check.run)),
            Cell::toned(Tone::Faint, plain(&check.found_in)),
            Cell::toned(Tone::Faint, note),
        ]);
    }
    if table.is_empty() {
        let none = "  no checks were found: name at least one in the file";
        return Ok(context.out.line(none)?);
    }
    Ok(context.out.lines(table.render(context.out))?)
}

fn confirmed(file: &Path) -> Result<bool, Failure> {
    let mut stdout = std::io::stdout().lock();
    write!(stdout, "write {}? [Y/n] ", plain(&file.display().to_string()))?;
    stdout.flush()?;
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "" | "y" | "yes"))
}

/// Whole or not at all: written beside it, then renamed.
fn write(file: &Path, text: &str) -> Result<(), Failure> {
    let beside = file.with_extension("toml.new");
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, file));
    written.map_err(|error| {
        let message = format!("{} cannot be written: {error}", file.display());
        Failure::new(Exit::Failed, message)
    })
}

fn tell(context: &Context, file: &Path, draft: &Draft) -> Result<(), Failure> {
    if context.json {
        let checks: Vec<_> = draft
            .checks
            .iter()
            .map(|check| {
                serde_json::json!({
                    "name": check.name, "run": check.run,
                    "found_in": check.found_in, "active": check.active,
                })
            })
            .collect();
        let told = serde_json::json!({
            "file": file, "project": draft.name, "target": draft.target, "checks": checks,
        });
        return Ok(context.out.json(&told)?);
    }
    let file = plain(&file.display().to_string());
    context.out.line(&format!("{file} written"))?;
    let mut next = vec![
        format!("git add {POLICY_FILE} && git commit -m \"Gangline's policy\""),
        "gangline run \"What is wanted\"".to_owned(),
    ];
    if !draft.checks.iter().any(|check| check.active) {
        next.insert(0, format!("$EDITOR {POLICY_FILE}, and name a check"));
    }
    for (at, command) in next.iter().enumerate() {
        let label = if at == 0 { " next:" } else { " then:" };
        context.out.line(&format!("{label} {}", context.out.paint(Tone::Command, command)))?;
    }
    Ok(())
}
