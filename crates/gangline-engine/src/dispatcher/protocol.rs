//! What comes in to the dispatcher and what goes out of it.

use gangline_domain::board::{Board, Done};
use gangline_domain::command::{Command, Refusal, Report};
use gangline_domain::event::Recorded;
use gangline_domain::ids::{Actor, CommitId, Fence, IdempotencyKey, NodeId, TicketId};
use gangline_domain::job::Candidate;
use gangline_domain::project::ProjectSettings;
use gangline_domain::ticket::Ticket;
use gangline_ports::link::{FromNode, ToNode};
use gangline_ports::store::Batch;

/// Names a caller that waits for an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReplyId(pub u64);

/// What comes in.
#[derive(Debug, Clone)]
pub enum Input {
    /// A person's wish.
    Command {
        /// Who waits for the answer.
        reply: ReplyId,
        /// Who asks.
        actor: Actor,
        /// Recognises a repetition.
        key: Option<IdempotencyKey>,
        /// What.
        command: Box<Command>,
    },
    /// A message of a node.
    FromNode(FromNode),
    /// A landing has been tried.
    Swapped(Report),
    /// A message for a ticket did not get through.
    DutyFailed(TicketId),
    /// The person's repository could not be worked on for a ticket, and why, for people.
    RepoUnavailable(TicketId, String),
    /// Whether the orchestrator's own echo comes back over the bus.
    Link(bool),
    /// Time has passed.
    Tick,
    /// The batch in flight is durable.
    Committed,
    /// The batch in flight was not written, and never will be.
    CommitRefused,
    /// The same, because no space is left.
    DiskFull,
    /// The batch in flight may or may not have been written.
    CommitUnknown,
    /// The board as the store has it, after [`Effect::Load`].
    Loaded(Box<Board>),
    /// The store could not be read; asked again at the next tick.
    LoadFailed,
    /// A later leader has begun.
    Deposed,
    /// What is stored is not what was written, or nobody here can read it: no repetition helps.
    /// In which way, for people.
    Broken(String),
}

/// What goes out.
#[derive(Debug, Clone)]
pub enum Effect {
    /// Write this, then say how it went.
    Commit(Box<Batch>),
    /// Read the board, then say how it went. Not asked for again before that is said.
    Load,
    /// Answer a caller.
    Reply {
        /// Whom.
        reply: ReplyId,
        /// With what.
        answer: Result<Done, Denied>,
    },
    /// These events are durable; tell readers.
    Publish(Vec<Recorded>),
    /// Readers must start over from this board.
    Republish(Box<Board>),
    /// Send a message to a node.
    Send {
        /// Which.
        node: NodeId,
        /// For which ticket.
        ticket: TicketId,
        /// What.
        message: ToNode,
    },
    /// Move a target branch, then say how it went.
    Land {
        /// For which ticket.
        ticket: TicketId,
        /// The intent's number.
        fence: Fence,
        /// The project's settings.
        settings: Box<ProjectSettings>,
        /// From where to where.
        candidate: Candidate,
    },
    /// Leave a verified branch in the person's repository, then say so.
    PublishBranch {
        /// The ticket.
        ticket: Box<Ticket>,
        /// The project's settings.
        settings: Box<ProjectSettings>,
        /// The branch's commit.
        commit: CommitId,
    },
    /// Act no more.
    StepDown,
    /// Act no more, for the store is corrupt: a person must mend it.
    GiveUp {
        /// In which way.
        why: String,
    },
}

/// Why a command has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// The rules refuse it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It was not carried out.
    #[error("the store took nothing; nothing was done")]
    NotDone,
    /// It was not carried out, because no space is left.
    #[error("the disk of the store is full; nothing was done")]
    DiskFull,
    /// It may have been carried out; the same key tells.
    #[error("it is not known whether it was done; repeat it with the same key")]
    Unknown,
    /// The store is corrupt; whether it was done is not known.
    #[error(
        "the store is corrupt, and the orchestrator stops; nothing more is done until it is mended"
    )]
    Broken,
    /// Another orchestrator leads.
    #[error("another orchestrator leads")]
    Deposed,
}
