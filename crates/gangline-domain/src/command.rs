//! Commands: what people and reports want to happen. Each may be refused.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::edit::SpecEdit;
use crate::external::{BadExternal, EXTERNAL_KIND, External, ExternalEnd, HandIn};
use crate::failure::FailureClass;
use crate::ids::{
    AgentKind, AgentName, CommitId, ExternalId, Fence, JobId, JobKind, NodeId, ProjectId,
    ScheduleName, TicketId, TicketKey, Timestamp, TokenId,
};
use crate::job::{JobResult, Question, Swap};
use crate::lesson::LessonId;
use crate::level::Level;
use crate::project::ProjectSettings;
use crate::scope::{BadScope, Scope};
use crate::spec::{BadSpec, TICKETS_AT_ONCE_MAX, TicketSpec};
use crate::ticket::{AlertKind, Answer, StopHow};
use crate::token::{TOKENS_MAX, Token};

/// What a person, or a surface for them, asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    /// Adds a project, or takes over its policy as it is now.
    ConfigureProject {
        /// Its name.
        project: ProjectId,
        /// What its policy says.
        settings: Box<ProjectSettings>,
    },
    /// Removes a project without live tickets.
    RemoveProject {
        /// Its name.
        project: ProjectId,
    },
    /// Starts no new job of the project.
    PauseProject {
        /// Its name.
        project: ProjectId,
    },
    /// Lets the project go on.
    ResumeProject {
        /// Its name.
        project: ProjectId,
    },
    /// Says that an agent kind works again.
    CloseCircuit {
        /// The kind.
        kind: AgentKind,
    },
    /// Starts no new attempt and no new review on a node.
    DrainNode {
        /// Its name.
        node: NodeId,
    },
    /// Lets a node take new attempts and reviews again.
    ResumeNode {
        /// Its name.
        node: NodeId,
    },
    /// Registers a session that Gangline did not start, or says anew what it is.
    RegisterExternal {
        /// In which project.
        project: ProjectId,
        /// What it is.
        external: Box<External>,
    },
    /// Takes a session's registration back; what it is at goes back, too.
    EndExternal {
        /// In which project.
        project: ProjectId,
        /// Which.
        external: ExternalId,
        /// Why.
        why: ExternalEnd,
    },
    /// Keeps what helps, as a person says.
    AddLesson {
        /// In which project.
        project: ProjectId,
        /// What.
        lesson: Box<NewLesson>,
    },
    /// Takes a lesson out.
    RemoveLesson {
        /// In which project.
        project: ProjectId,
        /// Which.
        lesson: LessonId,
    },
    /// Lets somebody in who is not at this machine.
    AddToken {
        /// What for. Who adds it and when is said by the decision.
        token: Box<Token>,
    },
    /// Lets a token's bearer in no more.
    RevokeToken {
        /// Which.
        token: TokenId,
    },
    /// Adds a ticket.
    Add {
        /// To this project.
        project: ProjectId,
        /// Under this key; the project's next one when absent.
        key: Option<TicketKey>,
        /// What is asked for.
        spec: Box<TicketSpec>,
        /// Not to be scheduled yet.
        draft: bool,
    },
    /// Adds a schedule's ticket. Of a due time that was decided about before, nothing more.
    FireSchedule {
        /// In which project.
        project: ProjectId,
        /// Which.
        schedule: ScheduleName,
        /// When it was due; nothing, when a person wants it now.
        due: Option<Timestamp>,
        /// What is asked for.
        spec: Box<TicketSpec>,
    },
    /// Says that a schedule added nothing when it was due, and why.
    SkipSchedule {
        /// In which project.
        project: ProjectId,
        /// Which.
        schedule: ScheduleName,
        /// When it was due.
        due: Timestamp,
        /// For people.
        why: String,
    },
    /// Adds several tickets, which may depend on one another: all of them, or none.
    AddAll {
        /// To this project.
        project: ProjectId,
        /// At most [`TICKETS_AT_ONCE_MAX`](crate::spec::TICKETS_AT_ONCE_MAX), each under its key.
        tickets: BTreeMap<TicketKey, NewTicket>,
    },
    /// Opens those of these tickets that are still drafts: all of them at once.
    StartDrafts {
        /// In this project.
        project: ProjectId,
        /// At most [`TICKETS_AT_ONCE_MAX`](crate::spec::TICKETS_AT_ONCE_MAX).
        tickets: BTreeSet<TicketKey>,
    },
    /// Ends those of these tickets that are still drafts: all of them at once.
    DropDrafts {
        /// In this project.
        project: ProjectId,
        /// At most [`TICKETS_AT_ONCE_MAX`](crate::spec::TICKETS_AT_ONCE_MAX).
        tickets: BTreeSet<TicketKey>,
    },
    /// Makes tickets of a ticket's parts and cancels it: all of that, or nothing.
    Split {
        /// Which.
        ticket: TicketId,
        /// Each under its key, in the ticket's project.
        parts: BTreeMap<TicketKey, NewTicket>,
    },
    /// Changes what is asked for.
    Edit {
        /// Which.
        ticket: TicketId,
        /// What is to be otherwise.
        edit: Box<SpecEdit>,
    },
    /// Opens a draft.
    Start {
        /// Which.
        ticket: TicketId,
    },
    /// Lets the verified commit land.
    Approve {
        /// Which.
        ticket: TicketId,
        /// The commit that was reviewed; the present one when absent.
        commit: Option<CommitId>,
    },
    /// Sends the verified commit back.
    Reject {
        /// Which.
        ticket: TicketId,
        /// What to do better.
        feedback: String,
    },
    /// Lets its agents change protected files or existing tests.
    Permit {
        /// Which.
        ticket: TicketId,
        /// What, as patterns; at least one.
        paths: Scope,
    },
    /// Judges once more what was offered last and did not pass, without another attempt.
    Recheck {
        /// Which.
        ticket: TicketId,
    },
    /// Gives an escalated or waiting ticket all its tries again, now.
    Retry {
        /// Which.
        ticket: TicketId,
        /// A word to the next attempt.
        hint: Option<String>,
    },
    /// Answers an agent's question.
    Answer {
        /// Which.
        ticket: TicketId,
        /// The question's id; the oldest open one when absent.
        question: Option<String>,
        /// The answer.
        text: String,
    },
    /// Says a word to the ticket's agent, unasked: to the one at work, else to the next.
    Steer {
        /// Which.
        ticket: TicketId,
        /// The word.
        text: String,
    },
    /// Keeps a ticket from going on; a running attempt is stopped and its work kept.
    Hold {
        /// Which.
        ticket: TicketId,
    },
    /// Lets a held, parked or waiting ticket go on.
    Resume {
        /// Which.
        ticket: TicketId,
    },
    /// Ends a running attempt, keeps its work, and holds the ticket.
    Stop {
        /// Which.
        ticket: TicketId,
        /// How.
        how: StopHow,
    },
    /// Ends a ticket. Its work is kept under rescue refs.
    Cancel {
        /// Which.
        ticket: TicketId,
    },
    /// Gives the ticket's worktree to a person.
    TakeOver {
        /// Which.
        ticket: TicketId,
    },
    /// Captures and verifies what a person did in the worktree they took over.
    HandBack {
        /// Which.
        ticket: TicketId,
    },
    /// Captures and verifies what an external session did in its worktree.
    HandIn {
        /// Which.
        ticket: TicketId,
        /// Who.
        external: ExternalId,
        /// Under which right.
        fence: Fence,
        /// What it says.
        hand_in: Box<HandIn>,
    },
}

/// A lesson as a person gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLesson {
    /// At most [`LESSON_CHARS_MAX`](crate::lesson::LESSON_CHARS_MAX) characters.
    pub text: String,
    /// What kind of failure it helps against; any, when absent.
    pub class: Option<FailureClass>,
    /// The paths that it is about.
    pub paths: Scope,
    /// How confidential it is.
    pub level: Level,
}

/// One of several tickets that are added together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewTicket {
    /// What is asked for.
    pub spec: Box<TicketSpec>,
    /// Not to be scheduled yet.
    pub draft: bool,
}

impl Command {
    /// The ticket it is about.
    pub fn ticket(&self) -> Option<&TicketId> {
        match self {
            Self::ConfigureProject { .. }
            | Self::RemoveProject { .. }
            | Self::PauseProject { .. }
            | Self::ResumeProject { .. }
            | Self::CloseCircuit { .. }
            | Self::DrainNode { .. }
            | Self::ResumeNode { .. }
            | Self::RegisterExternal { .. }
            | Self::EndExternal { .. }
            | Self::AddLesson { .. }
            | Self::RemoveLesson { .. }
            | Self::AddToken { .. }
            | Self::RevokeToken { .. }
            | Self::Add { .. }
            | Self::FireSchedule { .. }
            | Self::SkipSchedule { .. }
            | Self::AddAll { .. }
            | Self::StartDrafts { .. }
            | Self::DropDrafts { .. } => None,
            Self::Split { ticket, .. }
            | Self::Edit { ticket, .. }
            | Self::Start { ticket }
            | Self::Approve { ticket, .. }
            | Self::Reject { ticket, .. }
            | Self::Permit { ticket, .. }
            | Self::Recheck { ticket }
            | Self::Retry { ticket, .. }
            | Self::Answer { ticket, .. }
            | Self::Steer { ticket, .. }
            | Self::Hold { ticket }
            | Self::Resume { ticket }
            | Self::Stop { ticket, .. }
            | Self::Cancel { ticket }
            | Self::TakeOver { ticket }
            | Self::HandBack { ticket }
            | Self::HandIn { ticket, .. } => Some(ticket),
        }
    }
}

/// What a node, or the landing, reports about one ticket. Carries the fence under which it was
/// done; a stale one changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Report {
    /// The attempt's worktree was made from this commit.
    Based {
        /// The attempt.
        job: JobId,
        /// Its fence.
        fence: Fence,
        /// The commit.
        base: CommitId,
    },
    /// The agent asks.
    Asked {
        /// The attempt.
        job: JobId,
        /// Its fence.
        fence: Fence,
        /// What.
        question: Question,
    },
    /// Nobody answered in time, and the agent goes on without.
    Expired {
        /// The attempt.
        job: JobId,
        /// Its fence.
        fence: Fence,
        /// What the agent was told instead.
        answer: Answer,
    },
    /// Something about the attempt that a person may want to look at.
    Alerted {
        /// The attempt.
        job: JobId,
        /// Its fence.
        fence: Fence,
        /// What.
        kind: AlertKind,
        /// Since when it has been so.
        since: Timestamp,
    },
    /// It is so no longer.
    Calmed {
        /// The attempt.
        job: JobId,
        /// Its fence.
        fence: Fence,
        /// What.
        kind: AlertKind,
    },
    /// A job has ended.
    Ended {
        /// The job.
        job: JobId,
        /// Its fence.
        fence: Fence,
        /// With what.
        result: Box<JobResult>,
    },
    /// A swap of the target branch has been tried.
    Swapped {
        /// For which ticket.
        ticket: TicketId,
        /// The intent's fence.
        fence: Fence,
        /// What came of it.
        swap: Swap,
    },
    /// The verified branch was left in the person's repository.
    Published {
        /// For which ticket.
        ticket: TicketId,
        /// The branch's commit.
        commit: CommitId,
    },
}

impl Report {
    /// The ticket it is about.
    pub fn ticket(&self) -> &TicketId {
        match self {
            Self::Based { job, .. }
            | Self::Asked { job, .. }
            | Self::Expired { job, .. }
            | Self::Alerted { job, .. }
            | Self::Calmed { job, .. }
            | Self::Ended { job, .. } => &job.ticket,
            Self::Swapped { ticket, .. } | Self::Published { ticket, .. } => ticket,
        }
    }

    /// The job it is about, and the fence under which that was done.
    pub fn job(&self) -> Option<(&JobId, Fence)> {
        match self {
            Self::Based { job, fence, .. }
            | Self::Asked { job, fence, .. }
            | Self::Expired { job, fence, .. }
            | Self::Alerted { job, fence, .. }
            | Self::Calmed { job, fence, .. }
            | Self::Ended { job, fence, .. } => Some((job, *fence)),
            Self::Swapped { .. } | Self::Published { .. } => None,
        }
    }
}

/// Why a command is not carried out. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such project.
    #[error("there is no project {0}")]
    NoSuchProject(ProjectId),
    /// No such ticket, live or closed.
    #[error("there is no ticket {0}")]
    NoSuchTicket(TicketId),
    /// It is closed.
    #[error("{ticket} is closed: {how}")]
    Closed {
        /// Which.
        ticket: TicketId,
        /// How it was closed.
        how: &'static str,
    },
    /// The key is taken.
    #[error("{0} exists already")]
    DuplicateKey(TicketId),
    /// The idempotency key came with another request before.
    #[error("the idempotency key {0} was used for another request")]
    KeyReused(String),
    /// No such token.
    #[error("there is no token {0}")]
    NoSuchToken(TokenId),
    /// It would be worth nothing.
    #[error("a token cannot expire before it is added")]
    TokenExpired,
    /// No more are kept.
    #[error("there are {count} tokens, and at most {TOKENS_MAX} are kept")]
    TooManyTokens {
        /// Tokens that have not expired.
        count: usize,
    },
    /// The text is not a ticket.
    #[error(transparent)]
    BadSpec(#[from] BadSpec),
    /// More tickets at once than one commit takes.
    #[error("{count} tickets at once are more than {TICKETS_AT_ONCE_MAX}")]
    TooMany {
        /// Tickets given.
        count: usize,
    },
    /// A dependency does not exist.
    #[error("{ticket} cannot depend on {on}: there is no such ticket")]
    UnknownDependency {
        /// Which.
        ticket: TicketKey,
        /// On what.
        on: TicketKey,
    },
    /// A dependency will never land.
    #[error("{ticket} cannot depend on {on}: it was cancelled")]
    CancelledDependency {
        /// Which.
        ticket: TicketKey,
        /// On what.
        on: TicketKey,
    },
    /// Tickets would wait for one another.
    #[error("these tickets would wait for one another: {}", shown(.0))]
    DependencyCycle(Vec<TicketKey>),
    /// Not while it is in this state.
    #[error("{ticket} is {state}; {verb} needs it to be {needs}")]
    WrongState {
        /// Which.
        ticket: TicketId,
        /// Its state's word.
        state: &'static str,
        /// What was asked for.
        verb: &'static str,
        /// In which state that can be done.
        needs: &'static str,
    },
    /// Work for what was asked until now is under way, or waits to be judged or to land.
    #[error(
        "{ticket} is {state}: while its work is under way, only its priority, its budget and plain \
         labels may be changed"
    )]
    UnderWay {
        /// Which.
        ticket: TicketId,
        /// Its state's word.
        state: &'static str,
    },
    /// Its landing is decided and may have happened.
    #[error("{0} is landing; it cannot be stopped between the decision and its proof")]
    IsLanding(TicketId),
    /// The reviewed commit is not the present one.
    #[error("you reviewed {reviewed}, but {ticket} is now at {present}")]
    Superseded {
        /// Which.
        ticket: TicketId,
        /// Given.
        reviewed: CommitId,
        /// Present.
        present: CommitId,
    },
    /// No such question is open.
    #[error("{ticket} has no open question{}", of(.id.as_deref()))]
    NoSuchQuestion {
        /// Which ticket.
        ticket: TicketId,
        /// The id that was asked for.
        id: Option<String>,
    },
    /// The definition is unknown.
    #[error("project {project} has no agent {agent}; it has {}", known.join(", "))]
    UnknownAgent {
        /// Which project.
        project: ProjectId,
        /// Asked for.
        agent: String,
        /// What there is.
        known: Vec<String>,
    },
    /// Live tickets keep the project.
    #[error("project {project} has {live} live tickets, such as {example}")]
    ProjectInUse {
        /// Which.
        project: ProjectId,
        /// How many.
        live: usize,
        /// One of them.
        example: TicketKey,
    },
    /// There is nothing in a worktree yet.
    #[error("no attempt of {0} has left a worktree yet")]
    NothingToTakeOver(TicketId),
    /// Nothing was offered that could be judged again.
    #[error("{0} has offered nothing that could be judged again")]
    NothingToRecheck(TicketId),
    /// Not a list of patterns.
    #[error(transparent)]
    BadScope(#[from] BadScope),
    /// The text is empty or too long.
    #[error("the {what} is empty or longer than {bytes_max} bytes")]
    BadText {
        /// Which text.
        what: &'static str,
        /// Its bound.
        bytes_max: usize,
    },
    /// What a session says of itself cannot be.
    #[error(transparent)]
    BadExternal(#[from] BadExternal),
    /// The definition's agents are started by Gangline.
    #[error("agent {agent} of project {project} is of kind {kind}, not {EXTERNAL_KIND}")]
    NotExternal {
        /// Which project.
        project: ProjectId,
        /// Which agent.
        agent: AgentName,
        /// Its kind.
        kind: AgentKind,
    },
    /// No such session.
    #[error("project {project} has no external session {external}")]
    NoSuchExternal {
        /// Which project.
        project: ProjectId,
        /// Asked for.
        external: ExternalId,
    },
    /// The session is not at it, or not any more.
    #[error("{ticket} is not assigned to session {external} under fence {fence}")]
    NotAssigned {
        /// Which ticket.
        ticket: TicketId,
        /// Which session.
        external: ExternalId,
        /// As it was given.
        fence: Fence,
    },
    /// No such lesson.
    #[error("project {project} has no lesson {lesson}")]
    NoSuchLesson {
        /// Which project.
        project: ProjectId,
        /// Asked for.
        lesson: LessonId,
    },
    /// No such schedule.
    #[error("project {project} has no schedule {schedule}")]
    NoSuchSchedule {
        /// Which project.
        project: ProjectId,
        /// Asked for.
        schedule: ScheduleName,
    },
    /// Its last ticket goes on.
    #[error("{ticket} of schedule {schedule} is {state}: there is one at a time")]
    ScheduleBusy {
        /// Which schedule.
        schedule: ScheduleName,
        /// Its last ticket.
        ticket: TicketId,
        /// That ticket's state's word.
        state: &'static str,
    },
    /// No such node.
    #[error("there is no node {0}")]
    NoSuchNode(NodeId),
    /// It works already.
    #[error("the circuit of agent kind {0} is not open")]
    CircuitNotOpen(AgentKind),
}

fn shown(keys: &[TicketKey]) -> String {
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" → ")
}

fn of(id: Option<&str>) -> String {
    id.map(|id| format!(" `{}`", id.escape_debug())).unwrap_or_default()
}

impl Refusal {
    /// The stable code for surfaces.
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoSuchProject(_) => "no_such_project",
            Self::NoSuchTicket(_) => "no_such_ticket",
            Self::Closed { .. } => "ticket_closed",
            Self::DuplicateKey(_) => "duplicate_key",
            Self::BadSpec(_) => "bad_ticket",
            Self::TooMany { .. } | Self::BadExternal(_) | Self::BadScope(_) => "bad_request",
            Self::UnknownDependency { .. } => "unknown_dependency",
            Self::CancelledDependency { .. } => "cancelled_dependency",
            Self::KeyReused(_) => "idempotency_key_reused",
            Self::NoSuchToken(_) => "no_such_token",
            Self::TokenExpired => "token_expired",
            Self::TooManyTokens { .. } => "too_many_tokens",
            Self::DependencyCycle(_) => "dependency_cycle",
            Self::WrongState { .. } => "wrong_state",
            Self::UnderWay { .. } => "under_way",
            Self::IsLanding(_) => "is_landing",
            Self::Superseded { .. } => "superseded",
            Self::NoSuchQuestion { .. } => "no_such_question",
            Self::UnknownAgent { .. } => "unknown_agent",
            Self::ProjectInUse { .. } => "project_in_use",
            Self::NothingToTakeOver(_) => "nothing_to_take_over",
            Self::NothingToRecheck(_) => "nothing_to_recheck",
            Self::BadText { .. } => "bad_text",
            Self::NotExternal { .. } => "not_external",
            Self::NoSuchExternal { .. } => "no_such_external",
            Self::NoSuchLesson { .. } => "no_such_lesson",
            Self::NotAssigned { .. } => "not_assigned",
            Self::NoSuchSchedule { .. } => "no_such_schedule",
            Self::ScheduleBusy { .. } => "schedule_busy",
            Self::NoSuchNode(_) => "no_such_node",
            Self::CircuitNotOpen(_) => "circuit_not_open",
        }
    }
}

/// What became of a report.
#[must_use]
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// It changes the board in this way.
    News(Vec<crate::event::TicketEvent>),
    /// It is known already, or about something that has ended: nothing to do.
    Known,
    /// Its fence is stale. The node must end the job; what it left is kept under rescue refs.
    Stale {
        /// What the job does.
        kind: JobKind,
    },
}
