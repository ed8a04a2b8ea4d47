//! One ticket of a repository, by the path of its file.

use std::io;
use std::path::{Path, PathBuf};

use gangline_api::command::AddTicket;
use gangline_domain::readme::{Read, Readme, Wrong, parse};
use gangline_domain::spec::BODY_BYTES_MAX;
use gangline_mcp::{Refusal, TicketFile};
use gangline_process::{Links, read_plain_text};

/// What a folder's ticket is written in.
const README: &str = "README.md";

/// Reads a ticket of the repository. A path counts from the directory `from`, or else from the
/// repository's root.
pub(crate) fn ticket_file(
    from: &Path,
    (repo, key_prefix): (&str, &str),
    path: &str,
) -> Result<TicketFile, Refusal> {
    let refused = |why: &str| {
        let hint = "name a file of the repository, or a folder with a README.md";
        Refusal::new("bad_ticket", format!("ticketPath {path} {why}")).hint(hint)
    };
    let unreadable = |error: io::Error| refused(&format!("cannot be read: {error}"));
    let root = Path::new(repo).canonicalize().map_err(unreadable)?;
    let found = [from, &root].into_iter().find_map(|from| from.join(path).canonicalize().ok());
    let Some(found) = found else { return Err(refused("does not exist")) };
    let file = if found.is_dir() { readme(&found).map_err(unreadable)? } else { found };
    // Of what a link leads to: nothing of the machine gets into a ticket by its name.
    let file = file.canonicalize().map_err(unreadable)?;
    if !file.starts_with(&root) {
        return Err(refused("is not in the repository"));
    }
    let text = read_plain_text(&file, BODY_BYTES_MAX, Links::Refused).map_err(unreadable)?;
    match parse(&text, key_prefix) {
        Read::Ticket(ticket) => Ok(TicketFile::Ticket(Box::new(wish(&ticket, false)))),
        Read::Other(_) => Ok(TicketFile::Text(text)),
        Read::Bad(Wrong { line, what }) => Err(refused(&format!("line {line}: {what}"))),
    }
}

fn readme(folder: &Path) -> io::Result<PathBuf> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().eq_ignore_ascii_case(README) {
            return Ok(entry.path());
        }
    }
    Err(io::Error::new(io::ErrorKind::NotFound, format!("it has no {README}")))
}

/// What is to be added.
pub(crate) fn wish(ticket: &Readme, draft: bool) -> AddTicket {
    AddTicket {
        key: Some(ticket.key.to_string()),
        title: ticket.title.clone(),
        body: ticket.body.clone(),
        priority: ticket.priority.clone(),
        labels: ticket.labels.clone(),
        depends_on: ticket.depends_on.keys().map(ToString::to_string).collect(),
        scope: ticket.scope.clone(),
        agent: ticket.agent.clone(),
        capabilities: ticket.capabilities.clone(),
        external_ref: ticket.external_ref.clone(),
        draft,
        ..AddTicket::default()
    }
}

#[cfg(test)]
mod tests;
