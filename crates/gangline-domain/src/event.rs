//! Events: what happened. They carry results, so that replaying them needs no rule.
//!
//! An event is never changed once it is written. A new shape gets a new version, and
//! [`upcast`] turns the old one into it.

mod types;

use serde::{Deserialize, Serialize};

use crate::external::{External, ExternalEnd};
use crate::ids::{
    Actor, AgentKind, CommitId, ExternalId, Fence, IdempotencyKey, JobId, NodeId, ProjectId,
    ScheduleName, TicketId, TicketKey, Timestamp, TokenId,
};
use crate::job::{Attempt, AttemptEnd, Infra, Integration, Lease, Question, Run, Snapshot};
use crate::lesson::{Lesson, LessonId};
use crate::project::ProjectSettings;
use crate::reviewer::{AgentReview, Reviewer};
use crate::room::RoomKind;
use crate::scope::Scope;
use crate::spec::TicketSpec;
use crate::ticket::{
    AlertKind, Answer, Approval, Escalation, Intent, NextStart, ParkedFor, Stop, TryRecord,
};
use crate::token::Token;
use crate::verdict::{CheckResult, Report};

pub use types::TYPES;

/// The version that new events are written with.
pub const EVENT_VERSION: u32 = 1;

/// An event as the store keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Its place in the one sequence of all events, from 1, without gaps.
    pub seq: u64,
    /// The epoch of the leader that wrote it.
    pub epoch: u64,
    /// When it was decided.
    pub at: Timestamp,
    /// Who caused it.
    pub actor: Actor,
    /// The key of the command that caused it.
    pub key: Option<IdempotencyKey>,
    /// What happened.
    pub event: Event,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    /// A project was added, or its policy read anew.
    ProjectConfigured {
        /// Its name.
        project: ProjectId,
        /// What its policy says.
        settings: Box<ProjectSettings>,
    },
    /// A project was removed; it had no live ticket.
    ProjectRemoved {
        /// Its name.
        project: ProjectId,
    },
    /// No new job of the project starts.
    ProjectPaused {
        /// Its name.
        project: ProjectId,
    },
    /// The project goes on.
    ProjectResumed {
        /// Its name.
        project: ProjectId,
    },
    /// An agent kind is broken, and not tried again until a person says so.
    CircuitOpened {
        /// The kind.
        kind: AgentKind,
        /// What is wrong, with the remedy.
        why: String,
    },
    /// A person says that the kind works again.
    CircuitClosed {
        /// The kind.
        kind: AgentKind,
    },
    /// A node runs short of something that its jobs use.
    NodeAlertRaised {
        /// Which node.
        node: NodeId,
        /// Of what.
        kind: RoomKind,
        /// What was measured, for people.
        says: String,
    },
    /// A node has enough of it again, or is gone.
    NodeAlertCleared {
        /// Which node.
        node: NodeId,
        /// Of what.
        kind: RoomKind,
    },
    /// No new attempt and no new review starts on a node.
    NodeDrained {
        /// Which node.
        node: NodeId,
    },
    /// A node takes new attempts and reviews again.
    NodeResumed {
        /// Which node.
        node: NodeId,
    },
    /// A session that Gangline did not start takes work from now on, or says anew what it is.
    ExternalRegistered {
        /// In which project.
        project: ProjectId,
        /// What it is.
        external: Box<External>,
    },
    /// A session takes no more work, and has given back what it had.
    ExternalEnded {
        /// In which project.
        project: ProjectId,
        /// Which.
        external: ExternalId,
        /// Why.
        why: ExternalEnd,
    },
    /// A person says what helps.
    LessonAdded {
        /// In which project.
        project: ProjectId,
        /// What.
        lesson: Box<Lesson>,
    },
    /// A person takes a lesson out.
    LessonRemoved {
        /// In which project.
        project: ProjectId,
        /// Which.
        lesson: LessonId,
    },
    /// A schedule added a ticket.
    ScheduleFired {
        /// In which project.
        project: ProjectId,
        /// Which.
        schedule: ScheduleName,
        /// When it was due; nothing, when a person wanted it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        due: Option<Timestamp>,
        /// The ticket.
        ticket: TicketKey,
    },
    /// A schedule was due and added no ticket.
    ScheduleSkipped {
        /// In which project.
        project: ProjectId,
        /// Which.
        schedule: ScheduleName,
        /// When it was due.
        due: Timestamp,
        /// Why not, for people.
        why: String,
    },
    /// Somebody who is not at this machine may come in.
    TokenAdded {
        /// By this.
        token: Box<Token>,
    },
    /// They may no more.
    TokenRevoked {
        /// Which token is worth nothing now.
        token: TokenId,
    },
    /// A command with a key wished for what was so already. It is kept for its key alone: when it
    /// comes again, it must not do what it did not do the first time.
    NothingChanged,
    /// Something happened to a ticket.
    Ticket {
        /// Which.
        ticket: TicketId,
        /// What.
        what: TicketEvent,
    },
}

/// What happened to a ticket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TicketEvent {
    /// It was added.
    Added {
        /// What was asked for.
        spec: Box<TicketSpec>,
        /// Not to be scheduled yet.
        draft: bool,
    },
    /// A draft was opened.
    Opened,
    /// An attempt was given to a node.
    AttemptStarted {
        /// The attempt.
        attempt: Box<Attempt>,
        /// The right to run it.
        lease: Lease,
    },
    /// The node has made the worktree from this commit.
    AttemptBased {
        /// The attempt.
        job: JobId,
        /// The commit its branch grew from.
        base: CommitId,
    },
    /// The agent asks.
    QuestionAsked {
        /// What.
        question: Question,
    },
    /// A person answered.
    QuestionAnswered {
        /// What.
        answer: Answer,
    },
    /// Nobody answered in time, and the agent goes on without.
    QuestionExpired {
        /// What it was told instead.
        answer: Answer,
    },
    /// Something about the running attempt that a person may want to look at.
    AlertRaised {
        /// What.
        kind: AlertKind,
        /// Since when it has been so.
        since: Timestamp,
    },
    /// It is so no longer.
    AlertCleared {
        /// What.
        kind: AlertKind,
    },
    /// A person said something to the agent at work, unasked.
    Steered {
        /// What.
        text: String,
    },
    /// A person wants the attempt ended.
    StopRequested {
        /// How, and what then.
        stop: Stop,
    },
    /// The attempt's job has ended.
    AttemptEnded {
        /// How.
        end: Box<AttemptEnd>,
    },
    /// The attempt's node fell silent.
    AttemptLost,
    /// The silent node came back with the attempt still running, and nothing newer held the
    /// ticket: it goes on under its old fence.
    AttemptRegained,
    /// The silent node came back with the attempt's result, and nothing newer held the ticket.
    AttemptAdopted {
        /// How it ended.
        end: Box<AttemptEnd>,
    },
    /// A capture, verification or integration was given to a node.
    JobStarted {
        /// The job and its lease.
        run: Run,
    },
    /// A capture, verification or integration could not do its work.
    JobFailed {
        /// The job.
        job: JobId,
        /// Why.
        infra: Infra,
        /// When it is tried again.
        not_before: Timestamp,
    },
    /// What the attempt left is in the hub.
    Captured {
        /// What that is; nothing when it ended before it had a worktree.
        snapshot: Option<Snapshot>,
    },
    /// What the attempt left is to be verified.
    Submitted {
        /// The verification's name.
        verification: JobId,
    },
    /// The commit was measured.
    Verified {
        /// How.
        report: Box<Report>,
    },
    /// A measurement that could not be made is to be made once more.
    RerunOrdered,
    /// Another agent is to read the measured commit.
    ReviewerWanted {
        /// The review's name.
        review: JobId,
    },
    /// The review was given to a node.
    ReviewerStarted {
        /// Who reviews.
        reviewer: Box<Reviewer>,
        /// The job and its lease.
        run: Run,
    },
    /// The review's job has ended.
    ReviewerEnded {
        /// What came of it.
        review: Box<AgentReview>,
    },
    /// There is no answer yet, and one is asked for again.
    ReviewerPutOff {
        /// Why there is none.
        why: String,
        /// When.
        not_before: Timestamp,
        /// Whether the reviewer had its chance.
        counts: bool,
    },
    /// What the review comes to.
    ReviewerJudged {
        /// One more check of the report.
        check: Box<CheckResult>,
    },
    /// The verified commit waits for a person.
    ReviewRequested,
    /// The verified commit may land.
    Approved {
        /// Who says so, and of which commit.
        approval: Approval,
    },
    /// A person sent the verified commit back.
    Rejected {
        /// What to do better.
        feedback: String,
    },
    /// It is in the lane of the merge queue.
    LandingStarted {
        /// The integration's name.
        integration: JobId,
    },
    /// The candidate was built and measured.
    Integrated {
        /// What was found.
        found: Box<Integration>,
    },
    /// The swap of the target branch is decided.
    LandingIntended {
        /// From where to where.
        intent: Intent,
    },
    /// The person's repository cannot take it now.
    LandingDeferred {
        /// Why.
        why: String,
        /// When it is tried again.
        until: Timestamp,
    },
    /// The target moved; the candidate is built anew.
    LandingVoided {
        /// Where the target is.
        found: CommitId,
    },
    /// The candidate was read back in the target's history.
    Landed {
        /// The candidate.
        commit: CommitId,
        /// The intent that landed it.
        fence: Fence,
    },
    /// It is closed without a landing.
    Delivered {
        /// The verified commit.
        commit: CommitId,
        /// Drafts that were added with it, which a plan proposed, by the order of the plan.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        drafts: Vec<TicketKey>,
    },
    /// It goes back for another attempt.
    SentBack {
        /// What was learned; nothing when a failure of the machine taught nothing.
        record: Option<Box<TryRecord>>,
        /// How the next attempt begins.
        next: NextStart,
        /// When.
        not_before: Option<Timestamp>,
        /// Why it waits, for people; empty when it does not.
        why: String,
    },
    /// It waits for a quota or an answer.
    Parked {
        /// When it goes on by itself.
        until: Option<Timestamp>,
        /// For what.
        why: ParkedFor,
    },
    /// What is asked for is otherwise.
    Edited {
        /// All of it, as it is now.
        spec: Box<TicketSpec>,
    },
    /// A person lets its agents change protected files or existing tests.
    Permitted {
        /// Which, as patterns.
        paths: Scope,
    },
    /// A person's word to the next attempt.
    Hinted {
        /// What.
        text: String,
    },
    /// What its last attempt says that it did is kept for other tickets of its project: an earlier
    /// attempt had failed, and this one lands.
    Learned {
        /// What.
        lesson: Box<Lesson>,
    },
    /// A person holds it.
    Held {
        /// Whether its worktree is the person's to work in.
        taken_over: bool,
    },
    /// A person lets it go on.
    Released,
    /// A person has worked in its worktree and hands it back.
    HandedBack {
        /// The lease under which the worktree is captured.
        lease: Lease,
    },
    /// A person lets it have all its tries again.
    Retried,
    /// It is handed to a person.
    Escalated {
        /// With this.
        escalation: Escalation,
    },
    /// A person ended it.
    Cancelled,
}

impl Event {
    /// The type under which the store keeps it: stable, for readers and upcasters.
    pub fn type_name(&self) -> &'static str {
        match self {
            Self::ProjectConfigured { .. } => "project_configured",
            Self::ProjectRemoved { .. } => "project_removed",
            Self::ProjectPaused { .. } => "project_paused",
            Self::ProjectResumed { .. } => "project_resumed",
            Self::CircuitOpened { .. } => "circuit_opened",
            Self::CircuitClosed { .. } => "circuit_closed",
            Self::NodeAlertRaised { .. } => "node_alert_raised",
            Self::NodeAlertCleared { .. } => "node_alert_cleared",
            Self::NodeDrained { .. } => "node_drained",
            Self::NodeResumed { .. } => "node_resumed",
            Self::NothingChanged => "nothing_changed",
            Self::ExternalRegistered { .. } => "external_registered",
            Self::ExternalEnded { .. } => "external_ended",
            Self::LessonAdded { .. } => "lesson_added",
            Self::LessonRemoved { .. } => "lesson_removed",
            Self::ScheduleFired { .. } => "schedule_fired",
            Self::ScheduleSkipped { .. } => "schedule_skipped",
            Self::TokenAdded { .. } => "token_added",
            Self::TokenRevoked { .. } => "token_revoked",
            Self::Ticket { what, .. } => what.type_name(),
        }
    }

    /// The project it belongs to; none for what concerns all of them.
    pub fn project(&self) -> Option<&ProjectId> {
        match self {
            Self::ProjectConfigured { project, .. }
            | Self::ProjectRemoved { project }
            | Self::ProjectPaused { project }
            | Self::ProjectResumed { project }
            | Self::ExternalRegistered { project, .. }
            | Self::ExternalEnded { project, .. }
            | Self::LessonAdded { project, .. }
            | Self::LessonRemoved { project, .. }
            | Self::ScheduleFired { project, .. }
            | Self::ScheduleSkipped { project, .. } => Some(project),
            Self::Ticket { ticket, .. } => Some(&ticket.project),
            Self::CircuitOpened { .. }
            | Self::CircuitClosed { .. }
            | Self::NodeAlertRaised { .. }
            | Self::NodeAlertCleared { .. }
            | Self::NodeDrained { .. }
            | Self::NodeResumed { .. }
            | Self::NothingChanged
            | Self::TokenAdded { .. }
            | Self::TokenRevoked { .. } => None,
        }
    }

    /// The ticket it belongs to.
    pub fn ticket(&self) -> Option<&TicketId> {
        match self {
            Self::Ticket { ticket, .. } => Some(ticket),
            Self::ProjectConfigured { .. }
            | Self::ProjectRemoved { .. }
            | Self::ProjectPaused { .. }
            | Self::ProjectResumed { .. }
            | Self::CircuitOpened { .. }
            | Self::CircuitClosed { .. }
            | Self::NodeAlertRaised { .. }
            | Self::NodeAlertCleared { .. }
            | Self::NodeDrained { .. }
            | Self::NodeResumed { .. }
            | Self::NothingChanged
            | Self::ExternalRegistered { .. }
            | Self::ExternalEnded { .. }
            | Self::LessonAdded { .. }
            | Self::LessonRemoved { .. }
            | Self::ScheduleFired { .. }
            | Self::ScheduleSkipped { .. }
            | Self::TokenAdded { .. }
            | Self::TokenRevoked { .. } => None,
        }
    }
}

impl TicketEvent {
    /// The fence that the event granted.
    pub(crate) fn fence(&self) -> Option<Fence> {
        match self {
            Self::AttemptStarted { lease, .. } | Self::HandedBack { lease } => Some(lease.fence),
            Self::JobStarted { run } | Self::ReviewerStarted { run, .. } => Some(run.lease.fence),
            Self::LandingIntended { intent } => Some(intent.fence),
            Self::Added { .. }
            | Self::Opened
            | Self::AttemptBased { .. }
            | Self::QuestionAsked { .. }
            | Self::QuestionAnswered { .. }
            | Self::Steered { .. }
            | Self::QuestionExpired { .. }
            | Self::StopRequested { .. }
            | Self::AttemptEnded { .. }
            | Self::AttemptLost
            | Self::AttemptRegained
            | Self::AlertRaised { .. }
            | Self::AlertCleared { .. }
            | Self::AttemptAdopted { .. }
            | Self::JobFailed { .. }
            | Self::Captured { .. }
            | Self::Submitted { .. }
            | Self::Verified { .. }
            | Self::RerunOrdered
            | Self::ReviewerWanted { .. }
            | Self::ReviewerEnded { .. }
            | Self::ReviewerPutOff { .. }
            | Self::ReviewerJudged { .. }
            | Self::ReviewRequested
            | Self::Approved { .. }
            | Self::Rejected { .. }
            | Self::LandingStarted { .. }
            | Self::Integrated { .. }
            | Self::LandingDeferred { .. }
            | Self::LandingVoided { .. }
            | Self::Landed { .. }
            | Self::Delivered { .. }
            | Self::SentBack { .. }
            | Self::Parked { .. }
            | Self::Hinted { .. }
            | Self::Edited { .. }
            | Self::Permitted { .. }
            | Self::Learned { .. }
            | Self::Held { .. }
            | Self::Released
            | Self::Retried
            | Self::Escalated { .. }
            | Self::Cancelled => None,
        }
    }

    fn type_name(&self) -> &'static str {
        match self {
            Self::Added { .. } => "ticket_added",
            Self::Opened => "ticket_opened",
            Self::AttemptStarted { .. } => "attempt_started",
            Self::AttemptBased { .. } => "attempt_based",
            Self::QuestionAsked { .. } => "question_asked",
            Self::QuestionAnswered { .. } => "question_answered",
            Self::QuestionExpired { .. } => "question_expired",
            Self::Steered { .. } => "steered",
            Self::StopRequested { .. } => "stop_requested",
            Self::AttemptEnded { .. } => "attempt_ended",
            Self::AttemptLost => "attempt_lost",
            Self::AttemptRegained => "attempt_regained",
            Self::AlertRaised { .. } => "alert_raised",
            Self::AlertCleared { .. } => "alert_cleared",
            Self::AttemptAdopted { .. } => "attempt_adopted",
            Self::JobStarted { .. } => "job_started",
            Self::JobFailed { .. } => "job_failed",
            Self::Captured { .. } => "captured",
            Self::Submitted { .. } => "submitted",
            Self::Verified { .. } => "verified",
            Self::RerunOrdered => "rerun_ordered",
            Self::ReviewerWanted { .. } => "reviewer_wanted",
            Self::ReviewerStarted { .. } => "reviewer_started",
            Self::ReviewerEnded { .. } => "reviewer_ended",
            Self::ReviewerPutOff { .. } => "reviewer_put_off",
            Self::ReviewerJudged { .. } => "reviewer_judged",
            Self::ReviewRequested => "review_requested",
            Self::Approved { .. } => "approved",
            Self::Rejected { .. } => "rejected",
            Self::LandingStarted { .. } => "landing_started",
            Self::Integrated { .. } => "integrated",
            Self::LandingIntended { .. } => "landing_intended",
            Self::LandingDeferred { .. } => "landing_deferred",
            Self::LandingVoided { .. } => "landing_voided",
            Self::Landed { .. } => "landed",
            Self::Delivered { .. } => "delivered",
            Self::SentBack { .. } => "sent_back",
            Self::Parked { .. } => "parked",
            Self::Hinted { .. } => "hinted",
            Self::Edited { .. } => "edited",
            Self::Permitted { .. } => "permitted",
            Self::Learned { .. } => "learned",
            Self::Held { .. } => "held",
            Self::Released => "released",
            Self::HandedBack { .. } => "handed_back",
            Self::Retried => "retried",
            Self::Escalated { .. } => "escalated",
            Self::Cancelled => "cancelled",
        }
    }
}

/// Why a stored event cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum UpcastError {
    /// A newer program wrote it.
    #[error("event `{type_name}` has version {version}; this program reads up to {EVENT_VERSION}")]
    TooNew {
        /// Its type.
        type_name: String,
        /// Its version.
        version: u32,
    },
    /// It is not what its type and version promise.
    #[error("event `{type_name}` version {version} cannot be read")]
    Malformed {
        /// Its type.
        type_name: String,
        /// Its version.
        version: u32,
        /// What is wrong.
        #[source]
        source: serde_json::Error,
    },
}

/// Reads an event of any version up to this program's.
pub fn upcast(
    type_name: &str,
    version: u32,
    body: serde_json::Value,
) -> Result<Event, UpcastError> {
    let named = || type_name.to_owned();
    let body = match version {
        0 => from_version_0(body),
        EVENT_VERSION => body,
        _newer => return Err(UpcastError::TooNew { type_name: named(), version }),
    };
    serde_json::from_value(body).map_err(|source| UpcastError::Malformed {
        type_name: named(),
        version,
        source,
    })
}

/// Version 0 was written before the first release: a hold said nothing of take-over.
fn from_version_0(mut body: serde_json::Value) -> serde_json::Value {
    if let Some(what) = body.pointer_mut("/ticket/what")
        && what == "held"
    {
        *what = serde_json::json!({ "held": { "taken_over": false } });
    }
    body
}

#[cfg(test)]
mod tests;
