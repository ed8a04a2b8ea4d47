//! Where the truth is kept: events, and the rows that are folded from them.

pub mod conformance;

use std::error::Error;
use std::future::Future;

use gangline_domain::board::{Board, BoardRows, Closed};
use gangline_domain::event::{Recorded, UpcastError};
use gangline_domain::ids::{AgentKind, NodeId, ProjectId, TicketId, Timestamp};
use gangline_domain::project::Project;
use gangline_domain::room::NodeAlerts;
use gangline_domain::ticket::Ticket;
use gangline_domain::token::Token;

/// One leader at a time writes. Each commit carries its epoch and is refused when a later leader
/// has begun.
pub trait Store: Past {
    /// Becomes the leader: the epoch grows by one, durably. Earlier leaders can commit no more.
    fn lead(&self) -> impl Future<Output = Result<u64, StoreError>> + Send;

    /// The rows of the board, as of the last commit.
    fn load(&self) -> impl Future<Output = Result<BoardRows, StoreError>> + Send;

    /// Writes events and rows in one transaction; durable when it returns `Ok`.
    fn commit(&self, batch: Batch) -> impl Future<Output = Result<(), CommitError>> + Send;
}

/// What has been, which the board does not hold. Whoever has only this cannot write.
pub trait Past: Send + Sync + 'static {
    /// Events with `seq > after`, in order, at most `limit`.
    fn events(
        &self,
        after: u64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Recorded>, StoreError>> + Send;

    /// Events of one ticket with `seq > after`, in order, at most `limit`.
    fn events_of(
        &self,
        ticket: &TicketId,
        after: u64,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Recorded>, StoreError>> + Send;

    /// A ticket, live or closed.
    fn ticket(
        &self,
        ticket: &TicketId,
    ) -> impl Future<Output = Result<Option<Ticket>, StoreError>> + Send;

    /// Closed tickets of a project, the last closed first, at most `limit`: from the first one, or
    /// those behind `after`.
    fn closed_tickets(
        &self,
        project: &ProjectId,
        after: Option<&ClosedPlace>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Ticket>, StoreError>> + Send;
}

/// A place among a project's closed tickets. The moment alone is none: one commit may close several
/// at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosedPlace {
    /// When the ticket there was closed.
    pub since: Timestamp,
    /// Which it is.
    pub ticket: TicketId,
}

impl ClosedPlace {
    /// Where a closed ticket stands.
    pub fn of(ticket: &Ticket) -> Self {
        Self { since: ticket.since, ticket: ticket.id.clone() }
    }
}

/// What one commit writes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// The writer's epoch.
    pub epoch: u64,
    /// In sequence, the first one following the store's last.
    pub events: Vec<Recorded>,
    /// The rows as they are after these events.
    pub rows: Rows,
}

/// Rows that changed, as they are after the batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rows {
    /// The counter of the last fence.
    pub fences: u64,
    /// Projects that were added or changed.
    pub projects: Vec<Project>,
    /// Projects that were removed.
    pub removed_projects: Vec<ProjectId>,
    /// Tickets that were added or changed; the closed ones among them with `Closed`.
    pub tickets: Vec<(Ticket, Option<Closed>)>,
    /// All open circuits, when they changed.
    pub circuits: Option<Vec<(AgentKind, String)>>,
    /// All nodes that run short of something, when they changed.
    pub node_alerts: Option<Vec<(NodeId, NodeAlerts)>>,
    /// All nodes that are being drained, when they changed.
    pub draining: Option<Vec<NodeId>>,
    /// All tokens, when they changed.
    pub tokens: Option<Vec<Token>>,
}

impl Rows {
    /// The rows that `events` touched, taken from the board after them and from the tickets that
    /// they closed.
    pub fn touched(board: &Board, closed: Vec<Ticket>, events: &[Recorded]) -> Self {
        use gangline_domain::event::Event;
        let mut projects = std::collections::BTreeSet::new();
        let mut tickets = std::collections::BTreeSet::new();
        let (mut circuits, mut node_alerts, mut draining, mut tokens) =
            (false, false, false, false);
        for recorded in events {
            match &recorded.event {
                Event::CircuitOpened { .. } | Event::CircuitClosed { .. } => circuits = true,
                Event::NodeAlertRaised { .. } | Event::NodeAlertCleared { .. } => {
                    node_alerts = true;
                }
                Event::NodeDrained { .. } | Event::NodeResumed { .. } => draining = true,
                Event::NothingChanged => {}
                Event::TokenAdded { .. } | Event::TokenRevoked { .. } => tokens = true,
                Event::Ticket { ticket, .. } => {
                    tickets.insert(ticket.clone());
                    projects.insert(ticket.project.clone());
                }
                Event::ProjectConfigured { project, .. }
                | Event::ProjectRemoved { project }
                | Event::ProjectPaused { project }
                | Event::ProjectResumed { project }
                | Event::ExternalRegistered { project, .. }
                | Event::ExternalEnded { project, .. }
                | Event::LessonAdded { project, .. }
                | Event::LessonRemoved { project, .. }
                | Event::ScheduleFired { project, .. }
                | Event::ScheduleSkipped { project, .. } => {
                    projects.insert(project.clone());
                }
            }
        }
        let live = tickets.iter().filter_map(|id| board.ticket(id)).map(|t| (t.clone(), None));
        let closed = closed.into_iter().map(|ticket| {
            let closed = board.closed.get(&ticket.id).cloned();
            (ticket, closed)
        });
        Self {
            fences: board.fences,
            removed_projects: projects
                .iter()
                .filter(|id| !board.projects.contains_key(*id))
                .cloned()
                .collect(),
            projects: projects.iter().filter_map(|id| board.projects.get(id)).cloned().collect(),
            tickets: live.chain(closed).collect(),
            circuits: circuits.then(|| board.circuits.clone().into_iter().collect()),
            node_alerts: node_alerts.then(|| board.node_alerts.clone().into_iter().collect()),
            draining: draining.then(|| board.draining.iter().cloned().collect()),
            tokens: tokens.then(|| board.tokens.values().cloned().collect()),
        }
    }
}

/// Why something could not be read, or the lead not be taken.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Try again later; nothing was changed.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// No space is left.
    #[error("the store's disk is full")]
    DiskFull(#[source] Box<dyn Error + Send + Sync>),
    /// What is stored is not what was written.
    #[error("the store is corrupt: {0}")]
    Corrupt(String),
    /// An event was written by another version.
    #[error(transparent)]
    Upcast(#[from] UpcastError),
}

/// Why a commit did not happen, or may have.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// A later leader has begun. Nothing was written, and nothing ever will be by this one.
    #[error("epoch {ours} is over: epoch {current} leads")]
    StaleEpoch {
        /// The batch's.
        ours: u64,
        /// The store's.
        current: u64,
    },
    /// The batch does not follow the store's last event. Nothing was written.
    #[error("the batch begins at {first}, but the store's last event is {last}")]
    Gap {
        /// The batch's first sequence number.
        first: u64,
        /// The store's last.
        last: u64,
    },
    /// No space is left. Nothing was written.
    #[error("the store's disk is full")]
    DiskFull(#[source] Box<dyn Error + Send + Sync>),
    /// Nothing was written; try again later.
    #[error("the store is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
    /// What is stored is not what was written. This batch may or may not be in it; no repetition
    /// helps, nothing more may be written, and a person must mend it.
    #[error("the store is corrupt: {0}")]
    Corrupt(String),
    /// It may or may not have been written. The board must be loaded again.
    #[error("the commit's result is unknown")]
    Unknown(#[source] Box<dyn Error + Send + Sync>),
}
