//! What the daemon tells by itself: events, and lines of a journal. Each reader waits at the daemon
//! and resumes where it was, so that nothing is lost while the daemon is away.

use std::time::Duration;

use gangline_api::client::{Client, ClientError, TicketRef};
use gangline_api::codes;
use gangline_api::event::EventsQuery;
use gangline_api::journal::JournalQuery;
use tokio::sync::mpsc::Sender;

use super::model::Message;

/// How long one request waits for news.
const WAIT_MS: u64 = 25_000;
/// Between two looks for a daemon that is away.
const AWAY_MS: u64 = 500;
/// Between two looks for a journal that has not begun.
const PAUSE_MS: u64 = 1_000;

/// Whether whoever listens is still there.
async fn told(to: &Sender<Message>, message: Message) -> bool {
    to.send(message).await.is_ok()
}

async fn pause(ms: u64) {
    tokio::time::sleep(Duration::from_millis(ms)).await;
}

/// Tells of events behind `after`, for as long as anybody listens.
pub(super) async fn events(
    client: Client,
    project: Option<String>,
    mut after: u64,
    to: Sender<Message>,
) {
    let mut lost = false;
    loop {
        let wait_ms = if lost { None } else { Some(WAIT_MS) };
        let query = EventsQuery { after, wait_ms, project: project.clone(), ..Default::default() };
        let page = match client.events(&query).await {
            Ok(page) => page,
            Err(error) => {
                lost = true;
                if !told(&to, Message::Lost(error.to_string())).await {
                    return;
                }
                pause(AWAY_MS).await;
                continue;
            }
        };
        if std::mem::take(&mut lost) {
            // A store that was restored from a backup counts from an earlier number on.
            let Ok(status) = client.status().await else {
                lost = true;
                continue;
            };
            after = page.next.min(status.seq);
            if !told(&to, Message::Happened(page.events)).await || !told(&to, Message::Back).await {
                return;
            }
            continue;
        }
        after = page.next;
        if !page.events.is_empty() && !told(&to, Message::Happened(page.events)).await {
            return;
        }
    }
}

/// Tells what a ticket's agents do, from attempt to attempt, for as long as anybody listens.
pub(super) async fn journal(client: Client, ticket: TicketRef, to: Sender<Message>) {
    let (mut job, mut from) = (None, 0);
    loop {
        let query = JournalQuery { job: job.clone(), from, wait_ms: Some(WAIT_MS) };
        let page = match client.journal(&ticket, &query).await {
            Ok(page) => page,
            Err(ClientError::Refused(problem)) if problem.code != codes::no_such_journal => {
                let line = format!("its journal cannot be read: {}", problem.detail);
                told(&to, Message::Journal(ticket, vec![line])).await;
                return;
            }
            // It has not begun, or the daemon is away, which the header tells.
            Err(_later) => {
                pause(PAUSE_MS).await;
                continue;
            }
        };
        let lines: Vec<String> = page.lines.into_iter().map(|line| line.text).collect();
        if !lines.is_empty() && !told(&to, Message::Journal(ticket.clone(), lines)).await {
            return;
        }
        (job, from) = (Some(page.job), page.next);
        match page.later {
            Some(later) if page.ended => (job, from) = (Some(later), 0),
            None if page.ended => pause(PAUSE_MS).await,
            Some(_) | None => {}
        }
    }
}
