//! The board: all live tickets and what is needed to decide about them. The fold of all events.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::command::Refusal;
use crate::event::Event;
use crate::ids::{
    AgentKind, CommitId, Fence, IdempotencyKey, JobId, JobKind, NodeId, ProjectId, TicketId,
    TicketKey, Timestamp, TokenId,
};
use crate::project::Project;
use crate::room::NodeAlerts;
use crate::ticket::{Held, HeldFrom, Ticket};
use crate::token::Token;

/// Answers that are remembered so that a repeated command is not done twice.
pub const ANSWERS_MAX: usize = 10_000;

/// The in-memory state of everything that can still change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Board {
    /// The last event in it.
    pub seq: u64,
    /// The counter of the last fence granted.
    pub fences: u64,
    /// All projects.
    pub projects: BTreeMap<ProjectId, Project>,
    /// Tickets that are not closed. Shared, because a ticket is large: the map moves what it holds, and
    /// a copy of the board is made now and then.
    pub tickets: BTreeMap<TicketId, Arc<Ticket>>,
    /// Closed tickets, as little of them as decisions need.
    pub closed: BTreeMap<TicketId, Closed>,
    /// Agent kinds that are broken, and why.
    pub circuits: BTreeMap<AgentKind, String>,
    /// What nodes run short of. None of them is there without an alert.
    pub node_alerts: BTreeMap<NodeId, NodeAlerts>,
    /// Nodes on which no new attempt and no new review starts, as a person wants it.
    pub draining: BTreeSet<NodeId>,
    /// What lets people in who are not at this machine.
    pub tokens: BTreeMap<TokenId, Token>,
    /// What commands with a key were answered.
    pub answers: Answers,
    /// Tickets that were closed since [`Board::take_closed`] was last called.
    pub(crate) just_closed: Vec<Ticket>,
    /// Derived from the tickets; see [`Index`].
    pub(crate) index: Index,
}

/// What stays on the board of a closed ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Closed {
    /// Its landing is proven.
    Landed(CommitId),
    /// It was delivered.
    Delivered,
    /// It was ended.
    Cancelled,
}

impl Closed {
    /// The word of the state in which it was closed.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Landed(_) => "landed",
            Self::Delivered => "delivered",
            Self::Cancelled => "cancelled",
        }
    }
}

/// The answer of a command that was carried out: where its events ended, and about which ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Done {
    /// The last event it caused.
    pub seq: u64,
    /// The ticket it was about.
    pub ticket: Option<TicketId>,
}

/// The last [`ANSWERS_MAX`] answers by key, oldest dropped first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// By the name of the key.
    by_name: BTreeMap<Box<str>, (IdempotencyKey, Done)>,
    /// Names, oldest first.
    order: VecDeque<Box<str>>,
}

impl Answers {
    /// What the command with this key was answered.
    ///
    /// # Errors
    ///
    /// Where the key came with another request.
    pub fn get(&self, key: &IdempotencyKey) -> Option<Result<&Done, Refusal>> {
        let (known, done) = self.by_name.get(key.name())?;
        Some(match (known.request(), key.request()) {
            (Some(known), Some(asked)) if known != asked => {
                Err(Refusal::KeyReused(key.name().to_owned()))
            }
            _same => Ok(done),
        })
    }

    /// What is decided about a command, so that it leaves something to know its key by.
    pub fn known_by(key: Option<&IdempotencyKey>, mut decided: Vec<Event>) -> Vec<Event> {
        if key.is_some() && decided.is_empty() {
            decided.push(Event::NothingChanged);
        }
        decided
    }

    /// Remembers; a later event of the same command moves the answer on.
    pub fn remember(&mut self, key: IdempotencyKey, done: Done) {
        let name: Box<str> = key.name().into();
        if self.by_name.insert(name.clone(), (key, done)).is_none() {
            self.order.push_back(name);
        }
        while self.order.len() > ANSWERS_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.by_name.remove(&oldest);
            }
        }
    }

    /// All of them, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = (&IdempotencyKey, &Done)> {
        self.order.iter().map(|name| {
            let (key, done) = &self.by_name[name];
            (key, done)
        })
    }
}

/// What can be computed from the tickets, kept so that planning need not look at all of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Index {
    /// Who waits for whom: dependency → dependents.
    pub(crate) dependents: BTreeMap<TicketId, BTreeSet<TicketId>>,
    /// When tickets go on by themselves.
    pub(crate) timers: BTreeSet<(Timestamp, TicketId)>,
    /// Tickets whose state word is `open` or `backoff`.
    pub(crate) waiting: BTreeSet<TicketId>,
    /// Tickets with a running job, an attempt that is not captured, or a landing.
    pub(crate) busy: BTreeSet<TicketId>,
    /// Tickets in the merge queue or its lane.
    pub(crate) queue: BTreeSet<TicketId>,
    /// Tickets in whose worktrees people work.
    pub(crate) lent: BTreeSet<TicketId>,
}

impl Board {
    /// A board from its rows. Derived indexes are computed.
    pub fn from_rows(rows: BoardRows) -> Self {
        let mut board = Self {
            seq: rows.seq,
            fences: rows.fences,
            projects: rows.projects.into_iter().map(|row| (row.id.clone(), row)).collect(),
            closed: rows.closed.into_iter().collect(),
            circuits: rows.circuits.into_iter().collect(),
            node_alerts: rows.node_alerts.into_iter().collect(),
            draining: rows.draining.into_iter().collect(),
            tokens: rows.tokens.into_iter().map(|token| (token.id.clone(), token)).collect(),
            ..Self::default()
        };
        for (key, done) in rows.answers {
            board.answers.remember(key, done);
        }
        for ticket in rows.tickets {
            board.put(ticket);
        }
        board
    }

    /// The live ticket of that name.
    pub fn ticket(&self, id: &TicketId) -> Option<&Ticket> {
        self.tickets.get(id).map(AsRef::as_ref)
    }

    /// Live tickets that depend on `id`.
    pub fn dependents(&self, id: &TicketId) -> impl Iterator<Item = &TicketId> {
        self.index.dependents.get(id).into_iter().flatten()
    }

    /// The dependencies of `ticket` that have not landed or been delivered.
    pub fn unmet(&self, ticket: &Ticket) -> Vec<TicketKey> {
        let project = &ticket.id.project;
        let met = |key: &&TicketKey| {
            let id = TicketId { project: project.clone(), key: (*key).clone() };
            matches!(self.closed.get(&id), Some(Closed::Landed(_) | Closed::Delivered))
        };
        ticket.spec.depends_on.iter().filter(|key| !met(key)).cloned().collect()
    }

    /// The first moment at which a ticket goes on by itself.
    pub fn next_timer(&self) -> Option<Timestamp> {
        self.index.timers.first().map(|(at, _)| *at)
    }

    /// The first moment after `moment` at which a ticket goes on by itself. What is due already and
    /// has not gone on waits for something else.
    pub fn next_timer_after(&self, moment: Timestamp) -> Option<Timestamp> {
        self.index.timers.iter().map(|(at, _)| *at).find(|at| *at > moment)
    }

    /// Tickets whose moment has come.
    pub fn due(&self, now: Timestamp) -> impl Iterator<Item = &TicketId> {
        self.index.timers.iter().take_while(move |(at, _)| *at <= now).map(|(_, id)| id)
    }

    /// Tickets that hold a lease, an uncaptured attempt or the lane.
    pub fn busy(&self) -> impl Iterator<Item = &Ticket> {
        self.index.busy.iter().map(|id| self.tickets[id].as_ref())
    }

    /// Tickets in the merge queue or its lane.
    pub fn queue(&self) -> impl Iterator<Item = &Ticket> {
        self.index.queue.iter().map(|id| self.tickets[id].as_ref())
    }

    /// Open tickets and those that wait for a moment.
    pub fn waiting(&self) -> impl Iterator<Item = &Ticket> {
        self.index.waiting.iter().map(|id| self.tickets[id].as_ref())
    }

    /// Tickets in whose worktrees people work.
    pub fn lent(&self) -> impl Iterator<Item = &Ticket> {
        self.index.lent.iter().map(|id| self.tickets[id].as_ref())
    }

    /// Replaces a ticket and everything derived from it. A closed one leaves the board but for
    /// its [`Closed`] entry, which the caller has set.
    pub(crate) fn put(&mut self, ticket: Ticket) {
        if let Some(old) = self.tickets.remove(&ticket.id) {
            self.index.remove(&old);
        }
        if ticket.state.is_closed() {
            self.just_closed.push(ticket);
        } else {
            self.index.add(&ticket);
            self.tickets.insert(ticket.id.clone(), Arc::new(ticket));
        }
    }

    /// Tickets that were closed since the last call, whole: the store keeps them.
    #[must_use]
    pub fn take_closed(&mut self) -> Vec<Ticket> {
        std::mem::take(&mut self.just_closed)
    }

    /// Whether the two are the same in all that is kept. What was not taken yet of the closed
    /// tickets does not count.
    pub fn same_as(&self, other: &Self) -> bool {
        let bare = |board: &Self| Self { just_closed: vec![], ..board.clone() };
        bare(self) == bare(other)
    }
}

impl Index {
    fn add(&mut self, ticket: &Ticket) {
        use crate::ticket::TicketState as S;
        let id = &ticket.id;
        for key in &ticket.spec.depends_on {
            let on = TicketId { project: id.project.clone(), key: key.clone() };
            self.dependents.entry(on).or_default().insert(id.clone());
        }
        if let Some(at) = ticket.wakes_at() {
            self.timers.insert((at, id.clone()));
        }
        match &ticket.state {
            S::Open | S::Backoff(_) => {
                self.waiting.insert(id.clone());
            }
            S::Working(_) | S::Verifying(_) => {
                self.busy.insert(id.clone());
            }
            S::Queued(_) => {
                self.queue.insert(id.clone());
            }
            S::Landing(_) => {
                self.queue.insert(id.clone());
                self.busy.insert(id.clone());
            }
            S::Held(Held { from: HeldFrom::TakenOver(_), .. }) => {
                self.lent.insert(id.clone());
            }
            S::Draft
            | S::Parked(_)
            | S::Held(_)
            | S::Review(_)
            | S::Escalated(_)
            | S::Landed { .. }
            | S::Delivered { .. }
            | S::Cancelled { .. } => {}
        }
    }

    fn remove(&mut self, ticket: &Ticket) {
        let id = &ticket.id;
        for key in &ticket.spec.depends_on {
            let on = TicketId { project: id.project.clone(), key: key.clone() };
            if let Some(dependents) = self.dependents.get_mut(&on) {
                dependents.remove(id);
                if dependents.is_empty() {
                    self.dependents.remove(&on);
                }
            }
        }
        if let Some(at) = ticket.wakes_at() {
            self.timers.remove(&(at, id.clone()));
        }
        self.waiting.remove(id);
        self.busy.remove(id);
        self.queue.remove(id);
        self.lent.remove(id);
    }
}

/// A board as the store keeps it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BoardRows {
    /// The last event.
    pub seq: u64,
    /// The counter of the last fence.
    pub fences: u64,
    /// All projects.
    pub projects: Vec<Project>,
    /// Live tickets.
    pub tickets: Vec<Ticket>,
    /// Closed tickets.
    pub closed: Vec<(TicketId, Closed)>,
    /// Broken agent kinds.
    pub circuits: Vec<(AgentKind, String)>,
    /// Nodes that run short of something.
    pub node_alerts: Vec<(NodeId, NodeAlerts)>,
    /// Nodes that are being drained.
    pub draining: Vec<NodeId>,
    /// Tokens.
    pub tokens: Vec<Token>,
    /// Answers, oldest first.
    pub answers: Vec<(IdempotencyKey, Done)>,
}

/// Ticket numbers are below this: a key has room for twelve digits.
const TICKET_NUMBER_END: u64 = 1_000_000_000_000;

/// Hands out numbers that nobody has had. It works on copies of the board's counters, so that a
/// decision that is refused uses up none.
#[derive(Debug)]
pub struct Numbers {
    epoch: u64,
    fences: u64,
    /// The numbers behind the last keys that were handed out.
    keys: BTreeMap<ProjectId, u64>,
}

impl Numbers {
    /// Numbers above all of the board's, under this leader's epoch.
    pub fn of(board: &Board, epoch: u64) -> Self {
        Self { epoch, fences: board.fences, keys: BTreeMap::new() }
    }

    /// The project's next key that no ticket has, and that was not handed out.
    pub fn key(&mut self, board: &Board, project: &Project) -> TicketKey {
        let behind = self.keys.get(&project.id).copied().unwrap_or_default();
        let from = project.next_number.max(behind);
        let prefix = &project.settings.key_prefix;
        let free = |number: &u64| {
            let key = TicketKey::new(prefix, *number);
            let key = key.expect("BUG: the prefix is checked when the policy is read");
            let id = TicketId { project: project.id.clone(), key };
            let taken = board.tickets.contains_key(&id) || board.closed.contains_key(&id);
            (!taken).then_some(id.key)
        };
        let numbers = (from..TICKET_NUMBER_END).chain(1..from);
        // A number may be taken: by an earlier project of this name, or under another prefix.
        let key = numbers.into_iter().find_map(|number| free(&number));
        let key = key.expect("BUG: all numbers are taken");
        self.keys.insert(project.id.clone(), key.number() + 1);
        key
    }

    /// A fence above all before it.
    pub fn fence(&mut self) -> Fence {
        self.fences += 1;
        Fence { epoch: self.epoch, n: self.fences }
    }
}

/// The name of the ticket's next job. The event that uses it must count it.
pub fn next_job(ticket: &Ticket, kind: JobKind) -> JobId {
    JobId { ticket: ticket.id.clone(), kind, n: ticket.jobs + 1 }
}
