//! A text that fills the screen and can be scrolled: a ticket, a diff, a journal, help.

use std::collections::VecDeque;

use gangline_api::client::TicketRef;
use gangline_api::journal::Diff;
use gangline_api::ticket::TicketDetail;

use super::offers::Act;
use super::styled::{Break, Piece, Pieces, painted, piece, wrapped};
use crate::cli::{rendered, tone_of_diff};
use crate::screen::{Out, Tone, plain, verbatim_block};

/// Lines of a journal that are kept.
const LINES_MAX: usize = 5_000;

/// What a page is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Of {
    Ticket(TicketRef),
    Diff(TicketRef),
    Journal(TicketRef),
    Help,
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Page {
    pub(super) of: Of,
    /// Nothing of it has arrived yet.
    pub(super) awaited: bool,
    lines: VecDeque<Pieces>,
    how: Break,
    /// As many columns wide as the screen.
    pub(super) wrapped: Vec<Pieces>,
    /// The first line on the screen.
    pub(super) top: usize,
    /// It stays at its end when it grows.
    pub(super) tail: bool,
    width: usize,
}

impl Page {
    /// Without a text yet.
    pub(super) fn new(of: Of, width: u16) -> Self {
        let how = match of {
            Of::Diff(_) => Break::Anywhere,
            Of::Ticket(_) | Of::Journal(_) | Of::Help => Break::Words,
        };
        let tail = matches!(of, Of::Journal(_));
        let width = usize::from(width);
        let (lines, wrapped) = (VecDeque::new(), vec![]);
        Self { of, awaited: true, lines, how, wrapped, top: 0, tail, width }
    }

    /// The ticket that it is about.
    pub(super) fn ticket(&self) -> Option<&TicketRef> {
        match &self.of {
            Of::Ticket(ticket) | Of::Diff(ticket) | Of::Journal(ticket) => Some(ticket),
            Of::Help => None,
        }
    }

    /// What stands above it.
    pub(super) fn title(&self) -> String {
        match &self.of {
            Of::Ticket(ticket) => plain(&ticket.key),
            Of::Diff(ticket) => format!("{} · what changed", plain(&ticket.key)),
            Of::Journal(ticket) => format!("{} · what its agent does", plain(&ticket.key)),
            Of::Help => "keys".to_owned(),
        }
    }

    /// Puts another text in place of its own; what was on the screen stays there.
    pub(super) fn set(&mut self, lines: impl IntoIterator<Item = Pieces>) {
        self.awaited = false;
        self.lines = lines.into_iter().collect();
        self.wrap();
    }

    /// Adds lines at the end; the oldest go when there are too many.
    pub(super) fn extend(&mut self, lines: impl IntoIterator<Item = Pieces>) {
        self.awaited = false;
        for line in lines {
            self.wrapped.extend(wrapped(&line, self.width, self.how));
            self.lines.push_back(line);
        }
        if self.lines.len() > LINES_MAX {
            self.lines.drain(..self.lines.len() - LINES_MAX);
            self.wrap();
        }
    }

    /// Fits it to another width.
    pub(super) fn resize(&mut self, width: u16) {
        self.width = usize::from(width);
        self.wrap();
    }

    fn wrap(&mut self) {
        let lines = self.lines.iter();
        self.wrapped = lines.flat_map(|line| wrapped(line, self.width, self.how)).collect();
    }

    /// The first line on a screen of so many rows.
    pub(super) fn first(&self, rows: usize) -> usize {
        let last = self.wrapped.len().saturating_sub(rows);
        if self.tail { last } else { self.top.min(last) }
    }

    /// Moves by so many lines.
    pub(super) fn scroll(&mut self, by: isize, rows: usize) {
        let last = self.wrapped.len().saturating_sub(rows);
        self.top = self.first(rows).saturating_add_signed(by).min(last);
        self.tail = matches!(self.of, Of::Journal(_)) && self.top == last;
    }
}

/// The page of `gangline show`.
pub(super) fn ticket(detail: &TicketDetail, width: u16, now_us: i64) -> Vec<Pieces> {
    let out = Out::for_page(usize::from(width).max(20));
    let mut lines: Vec<Pieces> =
        rendered(detail, out, now_us).iter().map(|line| painted(line)).collect();
    // Its commands have keys here.
    let commands = |line: &Pieces| {
        let text = line.first().map(|piece| piece.text.trim_start().to_owned()).unwrap_or_default();
        text.starts_with("next:") || text.starts_with("or:")
    };
    while lines.last().is_some_and(|line| line.is_empty() || commands(line)) {
        lines.pop();
    }
    lines
}

/// All of what changed; every character of it shows.
pub(super) fn diff(diff: &Diff) -> Vec<Pieces> {
    let mut lines: Vec<Pieces> = vec![];
    let widest = diff.files.iter().map(|file| file.path.chars().count()).max().unwrap_or(0).min(50);
    for file in &diff.files {
        let count = |n: Option<u32>| n.map_or("-".to_owned(), |n| n.to_string());
        lines.push(vec![
            piece(Tone::Faint, format!("{} ", plain(&file.status))),
            piece(Tone::Plain, format!("{:<widest$}  ", plain(&file.path))),
            piece(Tone::Good, format!("+{:<5}", count(file.added))),
            piece(Tone::Bad, format!("-{}", count(file.deleted))),
        ]);
    }
    lines.push(vec![]);
    let text = verbatim_block(&diff.text);
    lines.extend(text.iter().map(|line| vec![piece(tone_of_diff(line), line.clone())]));
    if diff.truncated {
        let more = "… the rest is left out; o opens the worktree, where git has it all";
        lines.push(vec![piece(Tone::Attention, more)]);
    }
    lines
}

/// Lines of a journal.
pub(super) fn journal(lines: &[String]) -> Vec<Pieces> {
    let shown = lines.iter().filter(|line| !line.is_empty());
    shown.map(|line| vec![piece(Tone::Plain, plain(line))]).collect()
}

/// All keys.
pub(super) fn help() -> Vec<Pieces> {
    let heading = |text: &str| vec![piece(Tone::Strong, text)];
    let key = |key: &str, what: &str| -> Vec<Piece> {
        vec![piece(Tone::Command, format!("  {key:<11}")), piece(Tone::Plain, what)]
    };
    let mut lines = vec![
        heading("ANYWHERE"),
        key("↑ ↓ j k", "one up, one down"),
        key("PgUp PgDn", "a screen up or down; also Ctrl-B, Ctrl-F, the space bar"),
        key("g G", "to the beginning, to the end; also Home and End"),
        key("Tab", "to the next section; Shift-Tab to the one before"),
        key("Enter", "show the ticket: claim beside fact, its tries, the decisive lines"),
        key("Esc q", "back; q on the first screen ends gangline top"),
        key("/", "filter by words of key, title, state, agent, label; Esc ends it"),
        key("?", "this page"),
        key("Ctrl-L", "write the screen anew"),
        key("Ctrl-Z", "stop; the shell's fg brings it back"),
        vec![],
        heading("THE SELECTED TICKET, WHERE IT MAKES SENSE"),
    ];
    let acts = Act::ALL.into_iter().filter(|act| *act != Act::Start);
    lines.extend(acts.map(|act| key(&act.key().to_string(), act.help())));
    lines.extend([
        vec![],
        heading("WHILE YOU WRITE"),
        key("Enter", "send"),
        key("Ctrl-J", "a line break; also Alt-Enter. What is pasted keeps its own"),
        key("Tab", "take the next of the answers that the agent offers"),
        key("Esc", "do not send"),
    ]);
    lines
}
