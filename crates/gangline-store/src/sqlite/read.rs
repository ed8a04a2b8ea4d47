//! Reads. All of them run on a connection that sees one state of the database.

use std::collections::HashSet;
use std::str::FromStr;

use gangline_domain::board::{ANSWERS_MAX, Answers, BoardRows, Done};
use gangline_domain::event::{Recorded, upcast};
use gangline_domain::ids::{ProjectId, TicketId, Timestamp};
use gangline_domain::ticket::Ticket;
use gangline_ports::store::{ClosedPlace, StoreError};
use serde::de::DeserializeOwned;
use sqlx::SqliteConnection;

/// Rows of events with a key that are read at once.
const KEYS_PER_PAGE: i64 = 4_096;

/// Why rows could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Kept(#[from] StoreError),
}

/// The columns of `events` that are read: seq, epoch, at_us, actor, idem_key, type, version, body.
type EventColumns = (i64, i64, i64, String, Option<String>, String, i64, String);

/// The rows of the board. The connection is in a transaction, so that they fit one another.
pub(super) async fn board(connection: &mut SqliteConnection) -> Result<BoardRows, ReadError> {
    let meta = "SELECT seq, fences FROM meta WHERE id = 1";
    let (seq, fences): (i64, i64) = sqlx::query_as(meta).fetch_one(&mut *connection).await?;
    let projects = "SELECT id, body FROM projects ORDER BY id";
    let projects: Vec<(String, String)> =
        sqlx::query_as(projects).fetch_all(&mut *connection).await?;
    let tickets = "SELECT id, body FROM tickets WHERE closed IS NULL ORDER BY id";
    let tickets: Vec<(String, String)> =
        sqlx::query_as(tickets).fetch_all(&mut *connection).await?;
    let closed = "SELECT id, closed FROM tickets WHERE closed IS NOT NULL";
    let closed: Vec<(String, String)> = sqlx::query_as(closed).fetch_all(&mut *connection).await?;
    let circuits = "SELECT kind, why FROM circuits ORDER BY kind";
    let circuits: Vec<(String, String)> =
        sqlx::query_as(circuits).fetch_all(&mut *connection).await?;
    let alerts = "SELECT node, body FROM node_alerts ORDER BY node";
    let alerts: Vec<(String, String)> = sqlx::query_as(alerts).fetch_all(&mut *connection).await?;
    let draining = "SELECT node FROM draining_nodes ORDER BY node";
    let draining: Vec<String> = sqlx::query_scalar(draining).fetch_all(&mut *connection).await?;
    let tokens = "SELECT id, body FROM tokens ORDER BY id";
    let tokens: Vec<(String, String)> = sqlx::query_as(tokens).fetch_all(&mut *connection).await?;
    let answers = answers(connection).await?;
    Ok(BoardRows {
        seq: counter("meta", seq)?,
        fences: counter("meta", fences)?,
        projects: bodies("project", &projects)?,
        tickets: bodies("ticket", &tickets)?,
        closed: closed
            .iter()
            .map(|(id, closed)| Ok((name("ticket", id)?, body("closed ticket", id, closed)?)))
            .collect::<Result<_, StoreError>>()?,
        circuits: circuits
            .into_iter()
            .map(|(kind, why)| Ok((name("circuit", &kind)?, why)))
            .collect::<Result<_, StoreError>>()?,
        node_alerts: alerts
            .iter()
            .map(|(node, alerts)| {
                Ok((name("node", node)?, body("alerts of a node", node, alerts)?))
            })
            .collect::<Result<_, StoreError>>()?,
        draining: draining
            .iter()
            .map(|node| name("node", node))
            .collect::<Result<_, StoreError>>()?,
        tokens: bodies("token", &tokens)?,
        answers: answers.iter().map(|(key, done)| (key.clone(), done.clone())).collect(),
    })
}

/// The last answers. The events of one command follow one another, so that it is enough to go back
/// until there is one key more than is kept, and to remember forwards from there.
async fn answers(connection: &mut SqliteConnection) -> Result<Answers, ReadError> {
    let page = "SELECT seq, idem_key, ticket FROM events \
                WHERE idem_key IS NOT NULL AND seq < $1 ORDER BY seq DESC LIMIT $2";
    let mut newest_first: Vec<(i64, String, Option<String>)> = Vec::new();
    let mut keys = HashSet::new();
    let mut before = i64::MAX;
    'pages: loop {
        let rows: Vec<(i64, String, Option<String>)> = sqlx::query_as(page)
            .bind(before)
            .bind(KEYS_PER_PAGE)
            .fetch_all(&mut *connection)
            .await?;
        let Some((last, ..)) = rows.last() else { break };
        before = *last;
        for row in rows {
            if keys.len() == ANSWERS_MAX && !keys.contains(&row.1) {
                break 'pages;
            }
            keys.insert(row.1.clone());
            newest_first.push(row);
        }
    }
    let mut answers = Answers::default();
    for (seq, key, ticket) in newest_first.into_iter().rev() {
        let ticket = ticket.map(|ticket| name("ticket", &ticket)).transpose()?;
        let done = Done { seq: counter("event", seq)?, ticket };
        answers.remember(name("idempotency key", &key)?, done);
    }
    Ok(answers)
}

/// Events after a place in the sequence.
pub(super) async fn events(
    connection: &mut SqliteConnection,
    after: u64,
    limit: u32,
) -> Result<Vec<Recorded>, ReadError> {
    let page = "SELECT seq, epoch, at_us, actor, idem_key, type, version, body \
                FROM events WHERE seq > $1 ORDER BY seq LIMIT $2";
    let rows: Vec<EventColumns> = sqlx::query_as(page)
        .bind(place(after))
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await?;
    Ok(rows.into_iter().map(recorded).collect::<Result<_, StoreError>>()?)
}

/// Events of a ticket after a place in the sequence.
pub(super) async fn events_of(
    connection: &mut SqliteConnection,
    ticket: &TicketId,
    after: u64,
    limit: u32,
) -> Result<Vec<Recorded>, ReadError> {
    let page = "SELECT seq, epoch, at_us, actor, idem_key, type, version, body \
                FROM events WHERE ticket = $1 AND seq > $2 ORDER BY seq LIMIT $3";
    let query =
        sqlx::query_as(page).bind(ticket.to_string()).bind(place(after)).bind(i64::from(limit));
    let rows: Vec<EventColumns> = query.fetch_all(connection).await?;
    Ok(rows.into_iter().map(recorded).collect::<Result<_, StoreError>>()?)
}

/// One ticket.
pub(super) async fn ticket(
    connection: &mut SqliteConnection,
    ticket: &TicketId,
) -> Result<Option<Ticket>, ReadError> {
    let id = ticket.to_string();
    let found: Option<String> = sqlx::query_scalar("SELECT body FROM tickets WHERE id = $1")
        .bind(&id)
        .fetch_optional(connection)
        .await?;
    Ok(found.map(|text| body("ticket", &id, &text)).transpose()?)
}

/// Closed tickets of a project, the last closed first.
pub(super) async fn closed_tickets(
    connection: &mut SqliteConnection,
    project: &ProjectId,
    after: Option<&ClosedPlace>,
    limit: u32,
) -> Result<Vec<Ticket>, ReadError> {
    let page = "SELECT id, body FROM tickets \
                WHERE closed IS NOT NULL AND project = $1 AND (since_us, id) < ($2, $3) \
                ORDER BY since_us DESC, id DESC LIMIT $4";
    // No ticket is closed at the end of time.
    let (since_us, id) = match after {
        Some(after) => (after.since.0, after.ticket.to_string()),
        None => (i64::MAX, String::new()),
    };
    let rows: Vec<(String, String)> = sqlx::query_as(page)
        .bind(project.as_str().to_owned())
        .bind(since_us)
        .bind(id)
        .bind(i64::from(limit))
        .fetch_all(connection)
        .await?;
    Ok(bodies("ticket", &rows)?)
}

fn recorded(columns: EventColumns) -> Result<Recorded, StoreError> {
    let (seq, epoch, at_us, actor, key, type_name, version, text) = columns;
    let what = format!("event {seq}");
    // A version that is not even a small number was written by nothing that we know.
    let version = u32::try_from(version).unwrap_or(u32::MAX);
    let json = serde_json::from_str(&text).map_err(|error| corrupt(&what, &error))?;
    Ok(Recorded {
        seq: counter("event", seq)?,
        epoch: counter(&what, epoch)?,
        at: Timestamp(at_us),
        actor: body("the actor of event", &seq.to_string(), &actor)?,
        key: key.map(|key| name("idempotency key", &key)).transpose()?,
        event: upcast(&type_name, version, json)?,
    })
}

fn bodies<T: DeserializeOwned>(
    what: &str,
    rows: &[(String, String)],
) -> Result<Vec<T>, StoreError> {
    rows.iter().map(|(id, text)| body(what, id, text)).collect()
}

fn body<T: DeserializeOwned>(what: &str, id: &str, text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|error| corrupt(&format!("{what} {id}"), &error))
}

fn name<T: FromStr<Err: std::error::Error>>(what: &str, text: &str) -> Result<T, StoreError> {
    text.parse().map_err(|error| corrupt(what, &error))
}

fn counter(what: &str, n: i64) -> Result<u64, StoreError> {
    u64::try_from(n).map_err(|error| corrupt(what, &error))
}

fn corrupt(what: &str, error: &dyn std::error::Error) -> StoreError {
    StoreError::Corrupt(format!("{what}: {error}"))
}

/// A place in the sequence that a caller may have made up.
fn place(after: u64) -> i64 {
    i64::try_from(after).unwrap_or(i64::MAX)
}
