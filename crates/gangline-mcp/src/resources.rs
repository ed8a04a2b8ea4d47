//! Resources: tickets as a person reads them, journals, evidence.
//!
//! ```text
//! gangline://PROJECT/tickets/KEY            the packet: all that a decision needs, Markdown
//! gangline://PROJECT/tickets/KEY/journal    what the last attempt did, a line each
//! gangline://PROJECT/tickets/KEY/evidence   what was measured, JSON
//! ```

use gangline_api::client::TicketRef;
use gangline_api::codes;
use gangline_api::journal::JournalQuery;
use gangline_api::ticket::{TicketView, TicketsQuery};
use rmcp::model::{
    ListResourcesResult, ReadResourceResult, Resource, ResourceContents, ResourceTemplate,
};

use crate::place::Place;
use crate::refusal::Refusal;
use crate::server::Server;
use crate::shown;
use crate::tools::evidence_of;

const SCHEME: &str = "gangline://";
const MARKDOWN: &str = "text/markdown";
const JSON: &str = "application/json";
const TEXT: &str = "text/plain";
/// Tickets in one page of the list.
const PAGE: usize = 50;
/// Pages of a journal that are read to find its end.
const JOURNAL_PAGES_MAX: usize = 32;
/// Lines of a journal that are told.
const JOURNAL_LINES_MAX: usize = 300;

/// What a URI means.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Meant {
    Packet(TicketRef),
    Journal(TicketRef),
    Evidence(TicketRef),
}

/// The forms of all URIs.
pub(crate) fn templates() -> Vec<ResourceTemplate> {
    let of = |tail: &str, name: &str, what: &str, media: &str| {
        ResourceTemplate::new(format!("{SCHEME}{{project}}/tickets/{{key}}{tail}"), name)
            .with_description(what)
            .with_mime_type(media)
    };
    vec![
        of("", "ticket", "A ticket with all that a person needs to decide about it", MARKDOWN),
        of("/journal", "journal", "What a ticket's last attempt did, its last lines", TEXT),
        of("/evidence", "evidence", "What was measured of a ticket's commit", JSON),
    ]
}

/// The live tickets of the project, page by page. Without a daemon, or in no project, there are
/// none: a client that only lists what there is starts nothing.
pub(crate) async fn list<P: Place>(
    server: &Server<P>,
    cursor: Option<&str>,
) -> Result<ListResourcesResult, Refusal> {
    let offset: usize = match cursor.map(str::parse).transpose() {
        Ok(offset) => offset.unwrap_or(0),
        Err(_) => return Err(Refusal::bad_request("the cursor is not one of this server's")),
    };
    let tickets = match live(server).await {
        Ok(tickets) => tickets,
        Err(refusal) if refusal.away || refusal.code == codes::no_such_project => vec![],
        Err(refusal) => return Err(refusal),
    };
    let more = tickets.len() > offset.saturating_add(PAGE);
    let page = tickets.into_iter().skip(offset).take(PAGE).map(|ticket| resource(&ticket));
    let mut result = ListResourcesResult::with_all_items(page.collect());
    result.next_cursor = more.then(|| (offset + PAGE).to_string());
    Ok(result)
}

async fn live<P: Place>(server: &Server<P>) -> Result<Vec<TicketView>, Refusal> {
    let project = server.project_name(None).await?;
    let query = TicketsQuery { project: Some(project), ..TicketsQuery::default() };
    Ok(server.place.client().tickets(&query).await?.tickets)
}

fn resource(ticket: &TicketView) -> Resource {
    let TicketView { project, key, title, state, .. } = ticket;
    Resource::new(format!("{SCHEME}{project}/tickets/{key}"), key.clone())
        .with_title(shown::line(title))
        .with_description(format!("{key} is {state}"))
        .with_mime_type(MARKDOWN)
}

/// What stands behind a URI.
pub(crate) async fn read<P: Place>(
    server: &Server<P>,
    uri: &str,
) -> Result<ReadResourceResult, Refusal> {
    let client = server.place.client();
    let (text, media) = match meant(uri)? {
        Meant::Packet(ticket) => (client.packet(&ticket).await?.markdown, MARKDOWN),
        Meant::Evidence(ticket) => {
            let mut evidence = evidence_of(&client.ticket(&ticket).await?);
            shown::harmless(&mut evidence, shown::FULL_TEXT_CHARS_MAX);
            (format!("{evidence:#}"), JSON)
        }
        Meant::Journal(ticket) => (journal(server, &ticket).await?, TEXT),
    };
    let contents = ResourceContents::text(text, uri).with_mime_type(media);
    Ok(ReadResourceResult::new(vec![contents]))
}

fn meant(uri: &str) -> Result<Meant, Refusal> {
    let parts: Option<Vec<&str>> = uri.strip_prefix(SCHEME).map(|path| path.split('/').collect());
    let of =
        |project: &str, key: &str| TicketRef { project: project.to_owned(), key: key.to_owned() };
    match parts.as_deref() {
        Some([project, "tickets", key]) => Ok(Meant::Packet(of(project, key))),
        Some([project, "tickets", key, "journal"]) => Ok(Meant::Journal(of(project, key))),
        Some([project, "tickets", key, "evidence"]) => Ok(Meant::Evidence(of(project, key))),
        Some(_) | None => {
            let detail = format!("{} is not a resource of this server", shown::line(uri));
            let hint = "resources/templates/list has the forms";
            Err(Refusal::bad_request(detail).hint(hint))
        }
    }
}

/// The last lines of the last attempt's journal.
async fn journal<P: Place>(server: &Server<P>, ticket: &TicketRef) -> Result<String, Refusal> {
    let client = server.place.client();
    let mut query = JournalQuery::default();
    let mut lines: Vec<String> = vec![];
    let mut left_out = 0;
    for _page in 0..JOURNAL_PAGES_MAX {
        let page = client.journal(ticket, &query).await?;
        let over = page.lines.is_empty();
        let said = page.lines.into_iter().filter(|line| !line.text.is_empty());
        lines.extend(said.map(|line| shown::block(&line.text)));
        let surplus = lines.len().saturating_sub(JOURNAL_LINES_MAX);
        left_out += lines.drain(..surplus).count();
        query.job = Some(page.job);
        query.from = page.next;
        if over {
            break;
        }
    }
    if left_out > 0 {
        lines.insert(0, format!("({left_out} lines before these: gangline logs {})", ticket.key));
    }
    Ok(lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_means_one_thing_or_none() {
        let ticket = || TicketRef { project: "shop".to_owned(), key: "APP-1".to_owned() };
        let cases = [
            ("gangline://shop/tickets/APP-1", Some(Meant::Packet(ticket()))),
            ("gangline://shop/tickets/APP-1/journal", Some(Meant::Journal(ticket()))),
            ("gangline://shop/tickets/APP-1/evidence", Some(Meant::Evidence(ticket()))),
            ("gangline://shop/tickets/APP-1/secrets", None),
            ("gangline://shop", None),
            ("file:///etc/passwd", None),
            ("", None),
        ];
        for (uri, expected) in cases {
            assert_eq!(meant(uri).ok(), expected, "{uri}");
        }
    }
}
