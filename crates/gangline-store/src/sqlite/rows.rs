//! Rows as they are written: many with one prepared statement.

use std::sync::{Arc, OnceLock};

use gangline_domain::board::Closed;
use gangline_domain::event::{EVENT_VERSION, Recorded};
use gangline_domain::ids::NodeId;
use gangline_domain::project::Project;
use gangline_domain::room::NodeAlerts;
use gangline_domain::ticket::Ticket;
use gangline_domain::token::Token;
use serde::Serialize;
use sqlx::sqlite::SqliteArguments;
use sqlx::{AssertSqlSafe, Sqlite, SqliteConnection};

type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// How many rows one statement writes. Few texts are ever prepared, and any number of rows that come
/// together is a sum of few such: each statement is a trip to the thread that writes.
const SIZES: [usize; 10] = [32, 16, 8, 7, 6, 5, 4, 3, 2, 1];

/// How rows of a table are written.
pub(super) struct Table {
    head: &'static str,
    columns: usize,
    tail: &'static str,
    /// One for each of [`SIZES`].
    texts: [OnceLock<Arc<str>>; SIZES.len()],
}

/// A row that knows its table.
pub(super) trait Row: Sized {
    fn table() -> &'static Table;
    /// Binds the columns in the order of the table's head.
    fn bind(self, query: Query<'_>) -> Query<'_>;
}

impl Table {
    const fn new(head: &'static str, columns: usize, tail: &'static str) -> Self {
        Self { head, columns, tail, texts: [const { OnceLock::new() }; SIZES.len()] }
    }

    fn text(&self, size: usize) -> Arc<str> {
        let make = || {
            // Places without numbers: finding a number's place among many takes its time.
            let row = format!("({})", vec!["?"; self.columns].join(", "));
            let rows = vec![row; SIZES[size]].join(", ");
            format!("{} VALUES {rows}{}", self.head, self.tail).into()
        };
        Arc::clone(self.texts[size].get_or_init(make))
    }
}

/// Writes all rows, in order.
pub(super) async fn write<R: Row>(
    connection: &mut SqliteConnection,
    rows: Vec<R>,
) -> Result<(), sqlx::Error> {
    let mut rows = rows.into_iter();
    while rows.len() > 0 {
        let fits = SIZES.iter().position(|size| *size <= rows.len());
        let size = fits.expect("BUG: no size of one row");
        let mut query = sqlx::query(AssertSqlSafe(R::table().text(size)));
        for row in rows.by_ref().take(SIZES[size]) {
            query = row.bind(query);
        }
        query.execute(&mut *connection).await?;
    }
    Ok(())
}

/// JSON, as bodies and actors are kept.
pub(super) fn json<T: Serialize>(value: &T) -> String {
    serde_json::to_string(value).expect("BUG: what the domain keeps can be written as JSON")
}

/// As an integer of the database.
pub(super) fn integer(n: u64) -> i64 {
    i64::try_from(n).expect("BUG: a counter beyond 63 bits")
}

/// A row of `events`.
pub(super) struct EventRow {
    seq: u64,
    epoch: u64,
    at_us: i64,
    project: Option<String>,
    ticket: Option<String>,
    actor: String,
    idem_key: Option<String>,
    type_name: &'static str,
    body: String,
}

impl From<Recorded> for EventRow {
    fn from(recorded: Recorded) -> Self {
        Self {
            seq: recorded.seq,
            epoch: recorded.epoch,
            at_us: recorded.at.0,
            project: recorded.event.project().map(ToString::to_string),
            ticket: recorded.event.ticket().map(ToString::to_string),
            actor: json(&recorded.actor),
            idem_key: recorded.key.map(String::from),
            type_name: recorded.event.type_name(),
            body: json(&recorded.event),
        }
    }
}

impl Row for EventRow {
    fn table() -> &'static Table {
        static TABLE: Table = Table::new(
            "INSERT INTO events \
             (seq, epoch, at_us, project, ticket, actor, idem_key, type, version, body)",
            10,
            "",
        );
        &TABLE
    }

    fn bind(self, query: Query<'_>) -> Query<'_> {
        query
            .bind(integer(self.seq))
            .bind(integer(self.epoch))
            .bind(self.at_us)
            .bind(self.project)
            .bind(self.ticket)
            .bind(self.actor)
            .bind(self.idem_key)
            .bind(self.type_name)
            .bind(i64::from(EVENT_VERSION))
            .bind(self.body)
    }
}

/// A row of `projects`.
pub(super) struct ProjectRow {
    id: String,
    body: String,
}

impl From<Project> for ProjectRow {
    fn from(project: Project) -> Self {
        Self { body: json(&project), id: project.id.into() }
    }
}

impl Row for ProjectRow {
    fn table() -> &'static Table {
        static TABLE: Table = Table::new(
            "INSERT INTO projects (id, body)",
            2,
            " ON CONFLICT (id) DO UPDATE SET body = excluded.body",
        );
        &TABLE
    }

    fn bind(self, query: Query<'_>) -> Query<'_> {
        query.bind(self.id).bind(self.body)
    }
}

/// A row of `tickets`.
pub(super) struct TicketRow {
    id: String,
    project: String,
    key_prefix: String,
    key_number: u64,
    state: &'static str,
    priority: String,
    created_at_us: i64,
    since_us: i64,
    closed: Option<String>,
    body: String,
}

impl From<(Ticket, Option<Closed>)> for TicketRow {
    fn from((ticket, closed): (Ticket, Option<Closed>)) -> Self {
        Self {
            id: ticket.id.to_string(),
            project: ticket.id.project.to_string(),
            key_prefix: ticket.id.key.prefix().to_owned(),
            key_number: ticket.id.key.number(),
            state: ticket.state.word(),
            // The bare word, which JSON puts between quotes.
            priority: json(&ticket.spec.priority).trim_matches('"').to_owned(),
            created_at_us: ticket.created_at.0,
            since_us: ticket.since.0,
            closed: closed.as_ref().map(json),
            body: json(&ticket),
        }
    }
}

impl Row for TicketRow {
    fn table() -> &'static Table {
        static TABLE: Table = Table::new(
            "INSERT INTO tickets (id, project, key_prefix, key_number, state, priority, \
             created_at_us, since_us, closed, body)",
            10,
            " ON CONFLICT (id) DO UPDATE SET state = excluded.state, \
             priority = excluded.priority, created_at_us = excluded.created_at_us, \
             since_us = excluded.since_us, closed = excluded.closed, body = excluded.body",
        );
        &TABLE
    }

    fn bind(self, query: Query<'_>) -> Query<'_> {
        query
            .bind(self.id)
            .bind(self.project)
            .bind(self.key_prefix)
            .bind(integer(self.key_number))
            .bind(self.state)
            .bind(self.priority)
            .bind(self.created_at_us)
            .bind(self.since_us)
            .bind(self.closed)
            .bind(self.body)
    }
}

/// A row of `circuits`.
pub(super) struct CircuitRow {
    pub(super) kind: String,
    pub(super) why: String,
}

impl Row for CircuitRow {
    fn table() -> &'static Table {
        static TABLE: Table = Table::new("INSERT INTO circuits (kind, why)", 2, "");
        &TABLE
    }

    fn bind(self, query: Query<'_>) -> Query<'_> {
        query.bind(self.kind).bind(self.why)
    }
}

/// A row of `node_alerts`.
pub(super) struct NodeAlertsRow {
    node: String,
    body: String,
}

impl From<(NodeId, NodeAlerts)> for NodeAlertsRow {
    fn from((node, alerts): (NodeId, NodeAlerts)) -> Self {
        Self { node: node.into(), body: json(&alerts) }
    }
}

impl Row for NodeAlertsRow {
    fn table() -> &'static Table {
        static TABLE: Table = Table::new("INSERT INTO node_alerts (node, body)", 2, "");
        &TABLE
    }

    fn bind(self, query: Query<'_>) -> Query<'_> {
        query.bind(self.node).bind(self.body)
    }
}

/// A row of `draining_nodes`.
pub(super) struct DrainingNodeRow(String);

impl From<NodeId> for DrainingNodeRow {
    fn from(node: NodeId) -> Self {
        Self(node.into())
    }
}

impl Row for DrainingNodeRow {
    fn table() -> &'static Table {
        static TABLE: Table = Table::new("INSERT INTO draining_nodes (node)", 1, "");
        &TABLE
    }

    fn bind(self, query: Query<'_>) -> Query<'_> {
        query.bind(self.0)
    }
}

/// A row of `tokens`.
pub(super) struct TokenRow {
    pub(super) id: String,
    pub(super) body: String,
}

impl From<Token> for TokenRow {
    fn from(token: Token) -> Self {
        Self { id: token.id.to_string(), body: json(&token) }
    }
}

impl Row for TokenRow {
    fn table() -> &'static Table {
        static TABLE: Table = Table::new("INSERT INTO tokens (id, body)", 2, "");
        &TABLE
    }

    fn bind(self, query: Query<'_>) -> Query<'_> {
        query.bind(self.id).bind(self.body)
    }
}
