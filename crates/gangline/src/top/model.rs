//! The state of the screen, what can happen to it, and what it asks for.

use std::collections::{BTreeSet, VecDeque};

use gangline_api::client::TicketRef;
use gangline_api::command::Verb;
use gangline_api::event::EventView;
use gangline_api::journal::Diff;
use gangline_api::main_agent::MainAgentView;
use gangline_api::node::NodeView;
use gangline_api::ticket::TicketDetail;

use super::board::{Board, Wanted};
use super::editor::Editor;
use super::page::Page;
use super::rows::{About, Row, rows};
use super::typed::Typed;

/// Events that are kept to be shown.
pub(super) const EVENTS_KEPT: usize = 50;

/// Everything that is shown.
#[derive(Debug, Clone)]
pub(super) struct Model {
    /// Only this project.
    pub(super) project: Option<String>,
    pub(super) colour: bool,
    /// Columns and rows.
    pub(super) size: (u16, u16),
    pub(super) now_us: i64,
    pub(super) board: Board,
    pub(super) reading: Reading,
    /// Something happened to these since they were read.
    pub(super) changed: BTreeSet<TicketRef>,
    /// What the nodes' jobs are at is being asked.
    pub(super) listening: bool,
    pub(super) link: Link,
    /// The last ones, in order.
    pub(super) events: VecDeque<EventView>,
    /// The rows that match the filter.
    pub(super) rows: Vec<Row>,
    pub(super) filter: Editor,
    pub(super) selected: Option<About>,
    /// Where the selected row stood last.
    pub(super) place: usize,
    /// What is open above the board, the uppermost last.
    pub(super) pages: Vec<Page>,
    pub(super) asking: Option<Asking>,
    pub(super) flash: Option<Flash>,
}

/// Whether the board is up to date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    /// Nothing has happened since it was read.
    Fresh,
    /// It is to be read as soon as that can be done.
    Stale,
    /// It is being read.
    Busy,
    /// It is being read, and something has happened meanwhile.
    BusyAndStale,
}

/// The connection to the daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Link {
    Up,
    Lost { since_us: i64, why: String },
}

/// What a person is being asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asking {
    /// Words to filter by.
    Filter,
    /// A text.
    Text {
        what: TextFor,
        ticket: TicketRef,
        /// Above the text: a title, then what it answers.
        title: String,
        about: String,
        /// What it may be.
        options: Vec<String>,
        /// The option that was taken last.
        option: Option<usize>,
        editor: Editor,
    },
    /// Whether something is meant.
    Sure { question: String, wish: Wish },
}

/// What a text is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TextFor {
    Answer { question: Option<String> },
    Reject,
    Hint,
}

/// A word about what has just been done or refused, until the next key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flash {
    pub(super) text: String,
    pub(super) good: bool,
}

/// What a person wants of the daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wish {
    Answer {
        ticket: TicketRef,
        question: Option<String>,
        text: String,
    },
    Approve {
        ticket: TicketRef,
        commit: Option<String>,
    },
    Reject {
        ticket: TicketRef,
        feedback: String,
    },
    Retry {
        ticket: TicketRef,
        hint: Option<String>,
    },
    Permit {
        ticket: TicketRef,
        paths: Vec<String>,
    },
    Plain {
        ticket: TicketRef,
        verb: Verb,
    },
    /// An agent kind works again.
    Close {
        kind: String,
    },
}

/// What happened.
#[derive(Debug)]
pub(super) enum Message {
    Typed(Typed),
    Resized(u16, u16),
    /// A second has gone by.
    Tick(i64),
    /// The board was read.
    Read(Box<Board>),
    /// It could not be.
    Unread(String),
    /// Events, in order.
    Happened(Vec<EventView>),
    /// The daemon does not answer.
    Lost(String),
    /// It answers again.
    Back,
    /// What the nodes' jobs are at, and who is there; nothing when that could not be learnt.
    Pulses(Option<(Vec<NodeView>, Vec<MainAgentView>)>),
    Detail(Box<TicketDetail>),
    Diff(TicketRef, Box<Diff>),
    /// Lines of a journal.
    Journal(TicketRef, Vec<String>),
    /// What was asked for came to this.
    Told(Flash),
    /// A program that had the terminal has ended.
    Returned(Option<Flash>),
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Effect {
    Read(Wanted),
    /// Ask what the nodes' jobs are at.
    Listen,
    Detail(TicketRef),
    Diff(TicketRef),
    /// Read a ticket's journal on and on.
    Follow(TicketRef),
    Unfollow,
    Wish(Wish),
    /// A shell in a worktree.
    Open {
        key: String,
        path: String,
    },
    TakeOver(TicketRef),
    /// Write the whole screen anew.
    Afresh,
    /// Stop this process, as Ctrl-Z does.
    Suspend,
    Quit,
}

impl Model {
    /// With a board that has just been read.
    pub(super) fn new(board: Board, project: Option<String>, now_us: i64) -> Self {
        let mut model = Self {
            project,
            colour: false,
            size: (80, 24),
            now_us,
            board,
            reading: Reading::Fresh,
            changed: BTreeSet::new(),
            listening: false,
            link: Link::Up,
            events: VecDeque::new(),
            rows: vec![],
            filter: Editor::default(),
            selected: None,
            place: 0,
            pages: vec![],
            asking: None,
            flash: None,
        };
        model.arrange();
        model
    }

    /// Makes the rows anew, and keeps the selection on what it was on.
    pub(super) fn arrange(&mut self) {
        self.rows = rows(&self.board, &self.filter.text());
        let same = |selected: &About| self.rows.iter().position(|row| row.about == *selected);
        match self.selected.as_ref().and_then(same) {
            Some(at) => self.place = at,
            None => self.select(self.place),
        }
    }

    /// Selects the row at a place, or the last one.
    pub(super) fn select(&mut self, place: usize) {
        self.place = place.min(self.rows.len().saturating_sub(1));
        self.selected = self.rows.get(self.place).map(|row| row.about.clone());
    }

    /// The selected row.
    pub(super) fn row(&self) -> Option<&Row> {
        self.rows.get(self.place).filter(|row| Some(&row.about) == self.selected.as_ref())
    }

    /// What keys are about: the ticket of the uppermost page, or else the selected row.
    pub(super) fn subject(&self) -> Option<About> {
        let of_page = self.pages.last().and_then(Page::ticket).cloned().map(About::Ticket);
        of_page.or_else(|| self.selected.clone())
    }

    /// The selected ticket.
    pub(super) fn selected_ticket(&self) -> Option<TicketRef> {
        match &self.selected {
            Some(About::Ticket(ticket)) => Some(ticket.clone()),
            Some(About::Kind(_) | About::Machine(_)) | None => None,
        }
    }
}
