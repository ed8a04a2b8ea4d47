//! `gangline import`.

use std::path::{Path, PathBuf};

use clap::Args;
use gangline_api::client::Client;
use gangline_api::command::{ImportTickets, Imported};

use gangline_api::ticket::TicketsQuery;

use super::context::Context;
use super::{connect, place};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::import::{Folder, FolderError, read, wish};
use crate::screen::{Cell, Table, Tone, plain};

/// `gangline import`.
#[derive(Debug, Args)]
#[command(after_help = "Reads DIR/*.md and DIR/*/README.md of this form:\n\n  \
    # Ticket #105: Reject empty input\n  **Priority:** High\n  **Depends on:** #104\n\n\
    It may also have the fields Agent, Labels, Capabilities and Scope (patterns in backticks). \
    All tickets are added or none. Repeating it adds what is missing.")]
pub(crate) struct Import {
    /// The folder
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Do not schedule them before `gangline start`
    #[arg(long)]
    draft: bool,
    /// Only say what would be added
    #[arg(long)]
    dry_run: bool,
}

impl Import {
    pub(crate) async fn run(self, context: &Context) -> Result<Exit, Failure> {
        if context.project.is_none() {
            place::repository(context)?;
        }
        let client = connect::running(context).await?;
        let project = connect::current_project(context, &client).await?;
        let folder = read(&self.folder, &project.key_prefix).map_err(|error| unreadable(&error))?;
        let imported = if self.dry_run {
            present(&client, &project.name).await?
        } else {
            let tickets = folder.tickets.iter().map(|(_, ticket)| wish(ticket, self.draft));
            client.import(&project.name, &ImportTickets { tickets: tickets.collect() }).await?
        };
        tell(context, &folder, &imported, self.dry_run)?;
        Ok(Exit::Done)
    }
}

/// The keys that the project has already.
async fn present(client: &Client, project: &str) -> Result<Imported, Failure> {
    let query = TicketsQuery {
        project: Some(project.to_owned()),
        closed: true,
        limit: Some(u32::MAX),
        ..TicketsQuery::default()
    };
    let tickets = client.tickets(&query).await?.tickets;
    let unchanged = tickets.into_iter().map(|ticket| ticket.key).collect();
    Ok(Imported { added: vec![], unchanged })
}

fn unreadable(error: &FolderError) -> Failure {
    let (code, next) = match error {
        FolderError::Io { .. } => ("bad_ticket", "gangline import DIR, with a folder that exists"),
        FolderError::TooMany(_) => ("bad_ticket", "gangline import DIR, for one part at a time"),
        FolderError::Nothing(_) => ("bad_ticket", "gangline import --help shows the form"),
        FolderError::Bad(_) => ("bad_ticket", "mend these files; nothing was added"),
        FolderError::Twice { .. } => {
            ("duplicate_key", "number one of them anew; nothing was added")
        }
        FolderError::Cycle(_) => {
            ("dependency_cycle", "remove one of these dependencies; nothing was added")
        }
    };
    Failure::because(Exit::Failed, error).code(code).next(next)
}

/// What was read, file by file, and what became of it.
fn tell(
    context: &Context,
    folder: &Folder,
    imported: &Imported,
    dry_run: bool,
) -> Result<(), Failure> {
    let became = |key: &str| match (dry_run, imported.added.iter().any(|added| added == key)) {
        (true, _) if imported.unchanged.iter().any(|there| there == key) => "is there already",
        (true, _) => "would be added",
        (false, true) => "added",
        (false, false) => "unchanged",
    };
    if context.json {
        let tickets = folder.tickets.iter().map(|(path, ticket)| {
            serde_json::json!({
                "key": ticket.key.to_string(), "file": path, "title": ticket.title,
                "priority": ticket.priority, "result": became(&ticket.key.to_string()),
                "depends_on": ticket.depends_on.keys().map(ToString::to_string).collect::<Vec<_>>(),
                "notes": ticket.notes.iter().map(|note| &note.what).collect::<Vec<_>>(),
            })
        });
        let skipped = folder
            .skipped
            .iter()
            .map(|(path, why)| serde_json::json!({ "file": path, "why": why }));
        let (tickets, skipped): (Vec<_>, Vec<_>) = (tickets.collect(), skipped.collect());
        let told = serde_json::json!({ "tickets": tickets, "skipped": skipped });
        return Ok(context.out.json(&told)?);
    }
    let shown = |path: &Path| {
        let path = path.strip_prefix(&context.cwd).unwrap_or(path);
        plain(&path.display().to_string())
    };
    let mut table = Table::new(["key", "", "priority", "depends on", "title…", "file…"]);
    for (path, ticket) in &folder.tickets {
        let on: Vec<String> = ticket.depends_on.keys().map(ToString::to_string).collect();
        let key = ticket.key.to_string();
        table.row([
            Cell::toned(Tone::Strong, key.clone()),
            Cell::toned(Tone::Good, became(&key)),
            Cell::new(ticket.priority.clone().unwrap_or_else(|| "medium".to_owned())),
            Cell::new(on.join(" ")),
            Cell::new(plain(&ticket.title)),
            Cell::toned(Tone::Faint, shown(path)),
        ]);
    }
    context.out.lines(table.render(context.out))?;
    for (path, ticket) in &folder.tickets {
        for note in &ticket.notes {
            context.out.line(&format!("note: {}: {}", shown(path), plain(&note.what)))?;
        }
    }
    for (path, why) in &folder.skipped {
        context.out.line(&format!("skipped {}: {why}", shown(path)))?;
    }
    Ok(())
}
