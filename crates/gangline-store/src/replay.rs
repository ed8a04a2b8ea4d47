//! `fold(events) == rows`, proven on what a store really holds.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

use gangline_domain::board::Board;
use gangline_domain::event::Recorded;
use gangline_domain::ticket::Ticket;
use gangline_ports::Store;
use gangline_ports::store::StoreError;
use serde::Serialize;
use serde_json::Value;

/// Events that are read at once.
const EVENTS_PER_PAGE: u32 = 1_000;
/// Characters of a differing value that are shown.
const SHOWN_CHARS_MAX: usize = 200;

/// What a replay found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplayReport {
    /// Events that were folded.
    pub events: u64,
    /// Live tickets that were compared.
    pub live: usize,
    /// Closed tickets that were compared.
    pub closed: usize,
    /// The first difference between the fold and the rows.
    pub difference: Option<Difference>,
}

/// Where rows and events disagree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Such as `ticket shop.APP-12: state.working.stage`.
    pub place: String,
    /// What the events say, as JSON, shortened.
    pub folded: String,
    /// What the rows say, as JSON, shortened.
    pub stored: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the events give {}, the rows say {}", self.place, self.folded, self.stored)
    }
}

/// Why the events cannot be folded.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// They cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The sequence has a hole.
    #[error("event {expected} is missing: event {found} follows the one before it")]
    Missing {
        /// The next in the sequence.
        expected: u64,
        /// What was found in its place.
        found: u64,
    },
    /// The sequence ends before the rows do.
    #[error("the rows are as of event {rows}, but the last event is {last}")]
    Short {
        /// The last event that the rows know of.
        rows: u64,
        /// The last event there is.
        last: u64,
    },
    /// An event does not fit the state that those before it made.
    #[error("event {seq} does not fit: {why}")]
    Misfit {
        /// Which.
        seq: u64,
        /// What the rules say.
        why: String,
    },
}

/// Folds all events from the first, and compares the result with the rows, ticket by ticket. It
/// may run beside a daemon that goes on writing: it looks at the state as of its beginning.
pub async fn fold_check<S: Store>(store: &S) -> Result<ReplayReport, ReplayError> {
    let rows = store.load().await?;
    let last = rows.seq;
    let stored = Board::from_rows(rows);
    let mut fold = Fold::default();
    let mut report = ReplayReport { events: 0, live: 0, closed: 0, difference: None };
    while fold.board.seq < last {
        let page = store.events(fold.board.seq, EVENTS_PER_PAGE).await?;
        if page.is_empty() {
            return Err(ReplayError::Short { rows: last, last: fold.board.seq });
        }
        for event in page.into_iter().take_while(|event| event.seq <= last) {
            for closed in fold.apply(&event)? {
                report.closed += 1;
                // Nothing changes a closed ticket, so it is no matter when its row is read.
                let kept = store.ticket(&closed.id).await?;
                let place = format!("ticket {}", closed.id);
                report.note(difference(&place, &Some(closed), &kept));
            }
        }
    }
    report.events = fold.board.seq;
    report.live = fold.board.tickets.len();
    report.note(boards(&fold.board, &stored));
    Ok(report)
}

impl ReplayReport {
    fn note(&mut self, found: Option<Difference>) {
        if self.difference.is_none() {
            self.difference = found;
        }
    }
}

/// A board that grows event by event, and distrusts them.
#[derive(Debug, Default)]
pub(crate) struct Fold {
    pub(crate) board: Board,
}

impl Fold {
    /// Applies the next event, and hands over the tickets that it closed.
    pub(crate) fn apply(&mut self, event: &Recorded) -> Result<Vec<Ticket>, ReplayError> {
        let expected = self.board.seq + 1;
        if event.seq != expected {
            return Err(ReplayError::Missing { expected, found: event.seq });
        }
        // To the daemon an event that does not fit is a bug. Whoever replays wants to know which.
        let evolved = catch_unwind(AssertUnwindSafe(|| self.board.evolve(event)));
        evolved.map_err(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            let why = text.unwrap_or("it was refused").to_owned();
            ReplayError::Misfit { seq: event.seq, why }
        })?;
        Ok(self.board.take_closed())
    }
}

/// The first difference between two boards, in the order in which a person would look.
fn boards(folded: &Board, stored: &Board) -> Option<Difference> {
    let answers = |board: &Board| {
        board.answers.iter().map(|(key, done)| (key.clone(), done.clone())).collect::<Vec<_>>()
    };
    difference("meta: seq", &folded.seq, &stored.seq)
        .or_else(|| difference("meta: fences", &folded.fences, &stored.fences))
        .or_else(|| maps("project", &folded.projects, &stored.projects))
        .or_else(|| maps("ticket", &folded.tickets, &stored.tickets))
        .or_else(|| maps("closed ticket", &folded.closed, &stored.closed))
        .or_else(|| maps("circuit", &folded.circuits, &stored.circuits))
        .or_else(|| maps("alerts of node", &folded.node_alerts, &stored.node_alerts))
        .or_else(|| difference("drained nodes", &folded.draining, &stored.draining))
        .or_else(|| maps("token", &folded.tokens, &stored.tokens))
        .or_else(|| difference("answers", &answers(folded), &answers(stored)))
        .or_else(|| {
            (!folded.same_as(stored)).then(|| Difference {
                place: "what is derived from the tickets".to_owned(),
                folded: "one thing".to_owned(),
                stored: "another".to_owned(),
            })
        })
}

fn maps<K, V>(
    what: &str,
    folded: &std::collections::BTreeMap<K, V>,
    stored: &std::collections::BTreeMap<K, V>,
) -> Option<Difference>
where
    K: Ord + fmt::Display,
    V: PartialEq + Serialize,
{
    let names = folded.keys().chain(stored.keys());
    let mut all = names.collect::<std::collections::BTreeSet<_>>().into_iter();
    all.find_map(|name| difference(&format!("{what} {name}"), &folded.get(name), &stored.get(name)))
}

fn difference<T>(place: &str, folded: &T, stored: &T) -> Option<Difference>
where
    T: PartialEq + Serialize,
{
    if folded == stored {
        return None;
    }
    let value = |side: &T| serde_json::to_value(side).expect("BUG: what is kept is JSON");
    let (path, folded, stored) = first_difference(String::new(), value(folded), value(stored));
    let place = match path.strip_prefix('.') {
        Some(path) => format!("{place}: {path}"),
        None => format!("{place}{path}"),
    };
    Some(Difference { place, folded: shown(&folded), stored: shown(&stored) })
}

/// Descends to the first field that differs.
fn first_difference(path: String, folded: Value, stored: Value) -> (String, Value, Value) {
    match (folded, stored) {
        (Value::Object(mut folded), Value::Object(mut stored)) => {
            let mut fields: Vec<String> = folded.keys().chain(stored.keys()).cloned().collect();
            fields.sort();
            let differs = |field: &String| folded.get(field) != stored.get(field);
            let Some(field) = fields.into_iter().find(differs) else {
                return (path, Value::Object(folded), Value::Object(stored));
            };
            let side = |of: &mut serde_json::Map<_, _>| of.remove(&field).unwrap_or_default();
            let (folded, stored) = (side(&mut folded), side(&mut stored));
            first_difference(format!("{path}.{field}"), folded, stored)
        }
        (Value::Array(mut folded), Value::Array(mut stored)) if folded.len() == stored.len() => {
            let mut pairs = folded.iter().zip(&stored);
            let Some(at) = pairs.position(|(folded, stored)| folded != stored) else {
                return (path, Value::Array(folded), Value::Array(stored));
            };
            let (folded, stored) = (folded.swap_remove(at), stored.swap_remove(at));
            first_difference(format!("{path}[{at}]"), folded, stored)
        }
        (folded, stored) => (path, folded, stored),
    }
}

fn shown(value: &Value) -> String {
    if value.is_null() {
        return "nothing".to_owned();
    }
    let text = value.to_string();
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

#[cfg(test)]
mod tests;
