//! From the board to rows: what needs a person first, agents at work, the queue, and the rest.

use std::collections::BTreeSet;

use gangline_api::amount::dollars;
use gangline_api::client::TicketRef;
use gangline_api::status::{Circuit, Status};
use gangline_api::ticket::{TicketDetail, TicketView};

use super::board::{Board, named};
use crate::cli::{tone_of_state, waits};
use crate::screen::{Tone, plain};

/// What a row is about. It names the row whatever its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    Ticket(TicketRef),
    /// An agent kind that is broken.
    Kind(String),
    /// What no key mends: it is seen to on the daemon's machine.
    Machine(Trouble),
}

/// What is wrong with a daemon's machine.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trouble {
    /// A node runs short of something.
    Short { node: String, kind: String },
    /// Nothing new starts on a node, as a person wants it.
    Drained { node: String },
    /// The configuration that is there is not taken over.
    Refused,
    /// What it changes waits for the daemon's next start.
    Restart,
}

/// Where a row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Needs,
    Work,
    Queue,
    Waiting,
}

impl Section {
    pub(super) const ALL: [Self; 4] = [Self::Needs, Self::Work, Self::Queue, Self::Waiting];

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Needs => "NEEDS YOU",
            Self::Work => "AT WORK",
            Self::Queue => "QUEUE",
            Self::Waiting => "WAITING",
        }
    }

    /// What is said where there is no row.
    pub(super) fn empty(self) -> &'static str {
        match self {
            Self::Needs => "nothing needs you",
            Self::Work => "no agent is at work",
            Self::Queue => "nothing waits to land",
            Self::Waiting => "",
        }
    }
}

/// A row. All texts are safe for a terminal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) about: About,
    pub(super) section: Section,
    /// The ticket's key, with its project where there are several.
    pub(super) key: String,
    /// One word.
    pub(super) word: String,
    pub(super) tone: Tone,
    /// Since when; of an agent at work, when it was last heard doing something.
    pub(super) since_us: Option<i64>,
    pub(super) text: String,
    /// At the right: what waits on it, what it cost, or its place.
    pub(super) right: String,
    pub(super) title: String,
    /// What it is found by.
    words: String,
}

/// All rows that match, in order.
pub(super) fn rows(board: &Board, filter: &str) -> Vec<Row> {
    let several = board.projects.len() > 1;
    let waiting = board.waiting();
    let mut rows: Vec<(Rank, Row)> =
        board.status.circuits.iter().map(|c| broken(board, c)).collect();
    rows.extend(of_machine(&board.status));
    rows.extend(board.tickets.iter().map(|ticket| {
        let name = named(ticket);
        let waiting = waiting.get(&name).map_or(0, BTreeSet::len);
        of_ticket(board, ticket, waiting, several)
    }));
    let wanted = filter.trim().to_lowercase();
    rows.retain(|(_, row)| row.words.contains(&wanted) || row.key.to_lowercase().contains(&wanted));
    rows.sort_by(|(a, one), (b, other)| {
        (one.section, a, &one.key).cmp(&(other.section, b, &other.key))
    });
    rows.into_iter().map(|(_, row)| row).collect()
}

/// The place within a section: smaller is further up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Rank {
    /// What kind of need: who blocks most comes first.
    kind: u8,
    /// Tickets that wait, the most first.
    waiting: std::cmp::Reverse<usize>,
    /// The longest first.
    since_us: i64,
}

fn broken(board: &Board, circuit: &Circuit) -> (Rank, Row) {
    let kind = plain(&circuit.kind);
    let waiting = held_up(board, &circuit.kind).count();
    let row = Row {
        about: About::Kind(circuit.kind.clone()),
        section: Section::Needs,
        key: kind.clone(),
        word: "broken".to_owned(),
        tone: Tone::Bad,
        since_us: None,
        text: plain(&circuit.why),
        right: waits_on(waiting),
        title: format!("agent kind {kind}"),
        words: format!("{kind} broken {}", plain(&circuit.why)).to_lowercase(),
    };
    (Rank { kind: 0, waiting: std::cmp::Reverse(waiting), since_us: 0 }, row)
}

fn of_machine(status: &Status) -> Vec<(Rank, Row)> {
    let row = |trouble: Trouble, (key, word): (&str, &str), since_us: Option<i64>, text: &str| {
        let (key, text) = (plain(key), plain(text));
        let row = Row {
            about: About::Machine(trouble),
            section: Section::Needs,
            word: word.to_owned(),
            tone: Tone::Attention,
            since_us,
            right: String::new(),
            title: format!("{key} {word}"),
            words: format!("{key} {word} {text}").to_lowercase(),
            key,
            text,
        };
        let waiting = std::cmp::Reverse(0);
        (Rank { kind: 4, waiting, since_us: since_us.unwrap_or(i64::MAX) }, row)
    };
    let mut rows = vec![];
    for node in &status.nodes {
        rows.extend(node.alerts.iter().map(|alert| {
            let trouble = Trouble::Short { node: node.name.clone(), kind: alert.kind.clone() };
            row(trouble, (&node.name, "short"), Some(alert.since_us), &alert.text)
        }));
        if node.draining {
            let trouble = Trouble::Drained { node: node.name.clone() };
            let text = "nothing new starts on it until it is resumed";
            let (rank, row) = row(trouble, (&node.name, "drained"), None, text);
            rows.push((rank, Row { section: Section::Waiting, ..row }));
        }
    }
    if let Some(config) = &status.config {
        rows.extend(config.refused.as_ref().map(|refused| {
            row(Trouble::Refused, ("config.toml", "refused"), Some(refused.at_us), &refused.why)
        }));
        if !config.restart.is_empty() {
            let text = format!("waits for the daemon's next start: {}", config.restart.join(", "));
            rows.push(row(Trouble::Restart, ("config.toml", "restart"), None, &text));
        }
    }
    rows
}

/// Tickets that wait for an agent kind to be mended.
pub(super) fn held_up<'a>(board: &'a Board, kind: &str) -> impl Iterator<Item = &'a TicketView> {
    // The kind stands in the words for people alone.
    let named = format!("kind {kind} ");
    let stopped = |ticket: &&TicketView| ticket.wait.reason == "circuit";
    board.tickets.iter().filter(stopped).filter(move |ticket| ticket.wait.text.contains(&named))
}

fn waits_on(tickets: usize) -> String {
    if tickets == 0 { String::new() } else { format!("holds up {tickets}") }
}

/// Why a person is needed.
pub(super) struct Need {
    /// In one word.
    pub(super) word: &'static str,
    pub(super) tone: Tone,
    rank: u8,
    pub(super) since_us: i64,
    /// In full.
    pub(super) why: String,
}

/// Why a person is needed for a ticket, if so.
pub(super) fn need(ticket: &TicketView, detail: Option<&TicketDetail>) -> Option<Need> {
    let attention = |word, rank, since_us, why: &str| {
        Some(Need { word, tone: Tone::Attention, rank, since_us, why: plain(why) })
    };
    let state = ticket.state.as_str();
    if matches!(state, "working" | "parked") && ticket.wait.reason == "person" {
        return match detail.and_then(|detail| detail.questions.first()) {
            Some(question) => attention("question", 1, question.asked_us, &question.text),
            None => attention("question", 1, ticket.since_us, &ticket.wait.text),
        };
    }
    match state {
        "escalated" => {
            let why = detail.and_then(|detail| detail.escalation.as_ref());
            let why = why.map_or(ticket.wait.text.as_str(), |escalation| &escalation.summary);
            let need = attention("escalated", 2, ticket.since_us, why)?;
            Some(Need { tone: Tone::Bad, ..need })
        }
        "review" => {
            let checks = detail.and_then(|detail| detail.report.as_ref());
            let mut doubts = checks.into_iter().flat_map(|report| &report.checks);
            let why = match doubts.find_map(|check| check.doubts.first()) {
                Some(doubt) => format!("look at this: {doubt}"),
                None => format!("verified: {}", ticket.title),
            };
            attention("review", 3, ticket.since_us, &why)
        }
        _other => {
            // Tests that fail and collisions are seen to by the next attempt.
            let of_attempt = ["silence", "uncommitted"];
            let mut alerts = ticket.alerts.iter();
            let alert = alerts.find(|alert| of_attempt.contains(&alert.kind.as_str()))?;
            let word = if alert.kind == "silence" { "silent" } else { "uncommitted" };
            attention(word, 4, alert.since_us, &alert.text)
        }
    }
}

fn of_ticket(board: &Board, ticket: &TicketView, waiting: usize, several: bool) -> (Rank, Row) {
    let name = &named(ticket);
    let detail = board.details.get(name);
    let key = if several { format!("{}.{}", name.project, name.key) } else { name.key.clone() };
    let title = plain(&ticket.title);
    let mut row = Row {
        about: About::Ticket(name.clone()),
        section: Section::Waiting,
        key: plain(&key),
        word: ticket.state.clone(),
        tone: tone_of_state(&ticket.state),
        since_us: Some(ticket.since_us),
        text: title.clone(),
        right: String::new(),
        words: words(ticket),
        title,
    };
    let mut rank = Rank { kind: 0, waiting: std::cmp::Reverse(waiting), since_us: ticket.since_us };
    if let Some(need) = need(ticket, detail) {
        (rank.kind, rank.since_us) = (need.rank, need.since_us);
        row.section = Section::Needs;
        (row.word, row.tone) = (need.word.to_owned(), need.tone);
        (row.since_us, row.text) = (Some(need.since_us), need.why);
        row.right = waits_on(waiting);
        return (rank, row);
    }
    let queued = match ticket.state.as_str() {
        "queued" | "landing" => board
            .queue
            .iter()
            .position(|entry| (&entry.project, &entry.key) == (&name.project, &name.key)),
        _other => None,
    };
    match (ticket.state.as_str(), queued) {
        ("working" | "verifying", _) => {
            rank.waiting = std::cmp::Reverse(0);
            at_work(board, ticket, name, &mut row);
        }
        (_, Some(place)) => {
            // In landing order.
            rank = Rank { kind: 0, waiting: std::cmp::Reverse(0), since_us: 0 };
            rank.since_us = i64::try_from(place).unwrap_or(i64::MAX);
            row.section = Section::Queue;
            row.right = format!("#{}", board.queue[place].position);
            let waits = waits(ticket);
            if ticket.state == "landing" && !waits.is_empty() {
                row.text = waits;
            }
        }
        (state, None) => {
            let first = ["held", "draft"].contains(&state);
            rank.kind = u8::from(!first);
            let waits = waits(ticket);
            if !waits.is_empty() {
                row.text = format!("waits for {waits}");
            }
        }
    }
    (rank, row)
}

fn at_work(board: &Board, ticket: &TicketView, name: &TicketRef, row: &mut Row) {
    row.section = Section::Work;
    if ticket.state == "working" && !ticket.agent.is_empty() {
        row.word = plain(&ticket.agent);
    }
    row.since_us = None;
    row.text = plain(&ticket.wait.text);
    if let Some(pulse) = board.pulse(name) {
        // A job that has just begun has shown nothing yet.
        row.since_us = Some(pulse.last_activity_us).filter(|at| *at > 0);
        if !pulse.current.is_empty() {
            row.text = plain(&pulse.current);
        }
    } else if let Some(activity) = &ticket.activity {
        row.text = plain(activity);
    }
    let usage = board.details.get(name).map(|detail| detail.ticket.usage).unwrap_or_default();
    if usage.cost_microusd > 0 {
        row.right = dollars(usage.cost_microusd);
    } else if usage.tokens > 0 {
        row.right = tokens(usage.tokens);
    }
}

/// A count of tokens, in its largest unit.
pub(super) fn tokens(count: u64) -> String {
    match count {
        0..10_000 => format!("{count} tok"),
        10_000..10_000_000 => format!("{} k tok", count / 1_000),
        _ => format!("{} M tok", count / 1_000_000),
    }
}

fn words(ticket: &TicketView) -> String {
    let labels = ticket.labels.join(" ");
    let all = [&ticket.key, &ticket.project, &ticket.title, &ticket.state, &ticket.agent, &labels];
    plain(&all.map(String::as_str).join(" ")).to_lowercase()
}
