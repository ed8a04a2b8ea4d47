//! `gangline diff` and `gangline worklog`.

use clap::Args;
use gangline_api::journal::DiffQuery;

use super::context::Context;
use super::place;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::screen::{Cell, Table, Tone, date, plain, verbatim_block};

/// `gangline diff`.
#[derive(Debug, Args)]
pub(crate) struct Diff {
    /// The ticket
    key: String,
    /// Only the names of changed files and their counts
    #[arg(long)]
    stat: bool,
    /// What this attempt changed, such as a1; the last one by default
    #[arg(long, value_name = "ATTEMPT")]
    attempt: Option<String>,
    /// Only what it changed otherwise than this earlier attempt did, such as a1
    #[arg(long, value_name = "ATTEMPT")]
    since: Option<String>,
    /// Leave out what only blanks and blank lines changed
    #[arg(short = 'w', long)]
    ignore_whitespace: bool,
}

impl Diff {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        let query = DiffQuery {
            attempt: self.attempt,
            since: self.since,
            ignore_whitespace: self.ignore_whitespace,
        };
        let diff = client.diff(&ticket, &query).await?;
        let out = context.out;
        if context.json {
            out.json(&diff)?;
            return Ok(Exit::Done);
        }
        if diff.with_base {
            let told = "the target has changed the same places: its changes are in here, too";
            out.line(&out.paint(Tone::Attention, told))?;
        }
        if self.stat {
            let mut table = Table::new(["", "file…", "added", "deleted"]);
            for file in &diff.files {
                let count = |n: Option<u32>| n.map_or("-".to_owned(), |n| n.to_string());
                table.row([
                    Cell::toned(Tone::Faint, plain(&file.status)),
                    Cell::new(plain(&file.path)),
                    Cell::toned(Tone::Good, count(file.added)),
                    Cell::toned(Tone::Bad, count(file.deleted)),
                ]);
            }
            out.lines(table.render(out))?;
        } else {
            let lines = verbatim_block(&diff.text);
            out.lines(lines.iter().map(|line| out.paint(tone(line), line)))?;
            if diff.truncated {
                out.line("… the rest is left out; see it with git: gangline open KEY")?;
            }
        }
        Ok(Exit::Done)
    }
}

/// How a line of a diff looks.
pub(crate) fn tone(line: &str) -> Tone {
    if line.starts_with("+++") || line.starts_with("---") || line.starts_with("diff ") {
        Tone::Strong
    } else if line.starts_with('+') {
        Tone::Good
    } else if line.starts_with('-') {
        Tone::Bad
    } else if line.starts_with("@@") {
        Tone::Active
    } else {
        Tone::Plain
    }
}

/// `gangline worklog`.
#[derive(Debug, Args)]
pub(crate) struct Worklog {
    /// The ticket
    key: String,
}

impl Worklog {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        let client = context.client();
        let ticket = place::ticket(context, &client, &self.key).await?;
        let worklog = client.worklog(&ticket).await?;
        let out = context.out;
        if context.json {
            out.json(&worklog)?;
            return Ok(Exit::Done);
        }
        if worklog.entries.is_empty() {
            out.line("nobody has worked on it yet")?;
        }
        for entry in &worklog.entries {
            let ended = entry.ended_us.map_or("now".to_owned(), date);
            let line =
                format!("{} – {ended}  {}", date(entry.started_us), plain(&entry.started_by));
            out.line(&out.paint(Tone::Strong, &line))?;
            let fields = [
                ("job", Some(&entry.job)),
                ("project", Some(&entry.project_path)),
                ("worktree", entry.worktree_path.as_ref()),
                ("branch", entry.branch.as_ref()),
                ("commit", entry.commit.as_ref()),
                ("outcome", entry.outcome.as_ref()),
            ];
            for (name, value) in fields {
                if let Some(value) = value {
                    out.line(&format!("  {name:<8}  {}", plain(value)))?;
                }
            }
        }
        Ok(Exit::Done)
    }
}
