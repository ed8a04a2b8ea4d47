//! A ticket and where it stands.
//!
//! ```text
//!             ┌────────────────── retry(hint) ◀──────────────────┐
//!  Draft ─▶ Open ─▶ Working ─▶ Verifying ─pass▶ Review ─▶ Queued ─▶ Landing ─▶ Landed
//!            ▲ ▲       │            │ fail        │ reject    │ conflict or red
//!            │ └ Backoff, Parked ◀──┴─────────────┴───────────┘
//!            └─ Held       tries spent ─▶ Escalated      any ─▶ Cancelled
//! ```
//!
//! A field stands in the variant in which it is true.

use serde::{Deserialize, Serialize};

use crate::budget::Usage;
use crate::failure::Failure;
use crate::ids::{Actor, CommitId, Fence, JobId, NodeId, TicketId, TicketKey, Timestamp};
use crate::job::{Attempt, Lease, Left, Question, Run};
use crate::level::Level;
use crate::spec::TicketSpec;
use crate::verdict::CheckResult;

mod escalation;
mod landing;
mod resting;
mod verifying;
mod working;

pub use escalation::{Escalation, Reason, Suggestion};
pub use landing::{Approval, Intent, Landing, LandingStage, Queued, Verified};
pub use resting::{Backoff, Held, HeldFrom, Parked, ParkedFor};
pub use verifying::{Reviewing, ReviewingStage, Submission, Verifying, VerifyingStage};
pub use working::{
    AfterStop, Alert, AlertKind, Answer, Phase, Said, Stage, Stop, StopHow, Working,
};

/// Records of failed attempts that a ticket keeps for its next brief.
pub const RECORDS_MAX: usize = 8;
/// Hints that a ticket keeps.
pub const HINTS_MAX: usize = 8;

/// A unit of work; the durable thing. What few tickets have is boxed: there are thousands of them that
/// only wait.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// Its name.
    pub id: TicketId,
    /// What was asked for.
    pub spec: TicketSpec,
    /// When it was added.
    pub created_at: Timestamp,
    /// Who added it.
    pub created_by: Actor,
    /// Where it stands.
    pub state: TicketState,
    /// Since when.
    pub since: Timestamp,
    /// Tries that failures have used up.
    pub tries_spent: u8,
    /// Failures of the machine in a row.
    pub infra_in_row: u8,
    /// The last one of them, for people; empty when there is none.
    #[serde(default)]
    pub infra_last: String,
    /// Conflicts or red merged trees so far.
    pub conflicts: u8,
    /// Jobs numbered so far.
    pub jobs: u32,
    /// What failed attempts taught, oldest first.
    pub records: Vec<TryRecord>,
    /// What people said to the next attempt, oldest first.
    pub hints: Vec<Hint>,
    /// What the last captured attempt left.
    pub left: Option<Left>,
    /// The node that has its worktree, since an attempt was started there.
    pub home: Option<NodeId>,
    /// The attempt that last had its worktree: captured, or given up after its capture had failed
    /// again and again.
    pub last_attempt: Option<Box<Attempt>>,
    /// What was judged last and did not pass, until another attempt begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offered: Option<Box<Submission>>,
    /// What an agent that reviewed said last, and of which commit: no commit is read until somebody
    /// lets it pass.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Box<(CommitId, CheckResult)>>,
    /// An attempt whose node fell silent, while nothing newer holds the ticket.
    pub lost: Option<Box<Lost>>,
    /// Verifications that came to a verdict.
    #[serde(default)]
    pub verified: u32,
    /// How the next attempt begins.
    pub next_start: NextStart,
    /// Spent by all its attempts.
    pub usage: Usage,
    /// What a person may want to look at in its work, until it is so no longer.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub alarms: Vec<Alert>,
}

/// How the next attempt is to begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextStart {
    /// A new session in a new worktree.
    Fresh,
    /// Where the last one left off.
    Resume,
}

/// An attempt that was given up because its node fell silent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lost {
    /// The attempt.
    pub attempt: Attempt,
    /// The lease it had.
    pub lease: Lease,
    /// What it spent, as far as that was counted before it was lost.
    #[serde(default)]
    pub counted: Usage,
    /// It had not ended, and goes on should its node come back with it.
    #[serde(default)]
    pub running: bool,
    /// Its open questions.
    #[serde(default)]
    pub questions: Vec<Question>,
    /// What it was to be told.
    #[serde(default, rename = "answers")]
    pub said: Vec<Said>,
    /// See `questions`.
    #[serde(default)]
    pub alerts: Vec<Alert>,
    /// What its external session had handed in before it was lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub handed_in: Option<Stop>,
}

/// What one failed attempt taught.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TryRecord {
    /// The attempt.
    pub attempt: JobId,
    /// Which try it was.
    pub try_no: u8,
    /// What kind of failure.
    pub cause: Cause,
    /// One line: what went wrong.
    pub error: String,
    /// The agent's own summary of what it did.
    pub approach: String,
    /// What Gangline measured.
    pub facts: Vec<String>,
    /// Decisive lines of the failed checks.
    pub lines: Vec<String>,
    /// Whether it used up a try.
    pub spent: bool,
    /// What kind of failure it was, and what it is recognised by; absent in records of versions
    /// that did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure: Option<Failure>,
    /// An earlier attempt that failed in just this way: the next try goes about it otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<JobId>,
}

/// Kinds of failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A required check failed.
    ChecksFailed,
    /// The agent gave up.
    GaveUp,
    /// The session ran out of time.
    TimedOut,
    /// The agent's process died.
    Crashed,
    /// The agent could not log in or is not installed.
    AgentBroken,
    /// A failure of the machine.
    Infra,
    /// The branch conflicts with the target.
    Conflict,
    /// The merged tree is red.
    RedOnMerged,
    /// A reviewer sent it back.
    Rejected,
}

/// A person's word to the next attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hint {
    /// Who said it.
    pub by: Actor,
    /// What.
    pub text: String,
}

/// Where a ticket stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "most live tickets are in the large ones")]
pub enum TicketState {
    /// Editable, never scheduled.
    Draft,
    /// Waits for its dependencies, a slot, or a budget.
    Open,
    /// Open again at a moment.
    Backoff(Backoff),
    /// Waits for a quota or an answer; spends nothing.
    Parked(Parked),
    /// A person holds it.
    Held(Held),
    /// An attempt is under way.
    Working(Working),
    /// What the attempt left is measured.
    Verifying(Verifying),
    /// Waits for a person's approval.
    Review(Verified),
    /// Waits for the merge queue's lane.
    Queued(Queued),
    /// In the lane.
    Landing(Landing),
    /// Proven in the target's history.
    Landed {
        /// The commit that landed.
        commit: CommitId,
    },
    /// Closed without a landing: an artifact, a report, a plan, a branch, or no change needed.
    Delivered {
        /// The verified commit.
        commit: CommitId,
        /// Drafts that a plan proposed, and that were added when it was delivered.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        drafts: Vec<TicketKey>,
    },
    /// Handed to a person.
    Escalated(Escalation),
    /// Ended by a person.
    Cancelled {
        /// Who ended it.
        by: Actor,
    },
}

impl TicketState {
    /// One word for people, filters and rows.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Backoff(_) => "backoff",
            Self::Parked(_) => "parked",
            Self::Held(_) => "held",
            Self::Working(_) => "working",
            Self::Verifying(_) => "verifying",
            Self::Review(_) => "review",
            Self::Queued(_) => "queued",
            Self::Landing(_) => "landing",
            Self::Landed { .. } => "landed",
            Self::Delivered { .. } => "delivered",
            Self::Escalated(_) => "escalated",
            Self::Cancelled { .. } => "cancelled",
        }
    }

    /// All words that [`TicketState::word`] says, on the way of a ticket.
    pub const WORDS: [&str; 14] = [
        "draft",
        "open",
        "backoff",
        "parked",
        "held",
        "working",
        "verifying",
        "review",
        "queued",
        "landing",
        "landed",
        "delivered",
        "escalated",
        "cancelled",
    ];

    /// Whether nothing more will happen to the ticket.
    pub fn is_closed(&self) -> bool {
        matches!(self, Self::Landed { .. } | Self::Delivered { .. } | Self::Cancelled { .. })
    }

    /// Whether the capture, verification or integration of this state runs; nothing in a state
    /// that has none.
    pub(crate) fn phase(&self) -> Option<&Phase> {
        if let Some(Reviewing { stage: ReviewingStage::Job { phase, .. }, .. }) = self.reviewing() {
            return Some(phase);
        }
        match self {
            Self::Working(Working { stage: Stage::Capturing { phase, .. }, .. })
            | Self::Verifying(Verifying { stage: VerifyingStage::Job(phase), .. })
            | Self::Landing(Landing { stage: LandingStage::Integrating { phase, .. }, .. }) => {
                Some(phase)
            }
            Self::Draft
            | Self::Open
            | Self::Backoff(_)
            | Self::Parked(_)
            | Self::Held(_)
            | Self::Working(_)
            | Self::Verifying(_)
            | Self::Review(_)
            | Self::Queued(_)
            | Self::Landing(_)
            | Self::Landed { .. }
            | Self::Delivered { .. }
            | Self::Escalated(_)
            | Self::Cancelled { .. } => None,
        }
    }

    /// As [`TicketState::phase`], to be changed.
    pub(crate) fn phase_mut(&mut self) -> Option<&mut Phase> {
        if self.reviewing().is_some() {
            let reviewing = self.reviewing_mut()?;
            let ReviewingStage::Job { phase, .. } = &mut reviewing.stage else { return None };
            return Some(phase);
        }
        if let Self::Working(Working { stage: Stage::Capturing { phase, .. }, .. })
        | Self::Verifying(Verifying { stage: VerifyingStage::Job(phase), .. })
        | Self::Landing(Landing { stage: LandingStage::Integrating { phase, .. }, .. }) = self
        {
            return Some(phase);
        }
        None
    }
}

impl Ticket {
    /// How confidential it is, by its labels.
    pub fn level(&self) -> Level {
        Level::of_labels(self.spec.labels.iter().map(String::as_str))
    }

    /// The job that runs for the ticket now, and its lease.
    pub fn run(&self) -> Option<Run> {
        if let TicketState::Working(Working { attempt, stage: Stage::Running { lease, .. } }) =
            &self.state
        {
            return Some(Run { job: attempt.job.clone(), lease: lease.clone() });
        }
        self.state.phase().and_then(Phase::run).cloned()
    }

    /// The alerts of the ticket and of its running attempt that have not been cleared. A closed one
    /// has none.
    pub fn alerts(&self) -> impl Iterator<Item = &Alert> {
        let own: &[Alert] = if self.state.is_closed() { &[] } else { &self.alarms };
        let mut all: &[Alert] = &[];
        if let TicketState::Working(Working { stage: Stage::Running { alerts, .. }, .. }) =
            &self.state
        {
            all = alerts;
        }
        // Those of the attempt first: nothing but a person may end what they tell of.
        all.iter().filter(|alert| alert.cleared_at.is_none()).chain(own)
    }

    /// The attempt that was lost and would still be welcome: nothing newer holds the ticket.
    pub fn spared(&self) -> Option<&Lost> {
        let at_rest = matches!(self.state, TicketState::Open | TicketState::Backoff(_));
        self.lost.as_deref().filter(|_| at_rest)
    }

    /// Whether the job may run, or report, under this fence.
    pub fn holds(&self, job: &JobId, fence: Fence) -> bool {
        self.node_of(job, fence).is_some()
    }

    /// The node that may run the job, or report about it, under this fence.
    pub fn node_of(&self, job: &JobId, fence: Fence) -> Option<NodeId> {
        let run = self.run().filter(|run| run.job == *job && run.lease.fence == fence);
        let spared =
            self.spared().filter(|lost| lost.attempt.job == *job && lost.lease.fence == fence);
        run.map(|run| run.lease.node).or_else(|| spared.map(|lost| lost.lease.node.clone()))
    }

    /// The attempt whose job runs now.
    pub fn running_attempt(&self) -> Option<&Attempt> {
        if let TicketState::Working(Working { attempt, stage: Stage::Running { .. } }) = &self.state
        {
            return Some(attempt);
        }
        None
    }

    /// When the ticket goes on by itself, if the clock is all it waits for.
    pub fn wakes_at(&self) -> Option<Timestamp> {
        match &self.state {
            TicketState::Backoff(Backoff { until, .. })
            | TicketState::Landing(Landing {
                stage: LandingStage::Deferred { until, .. }, ..
            }) => Some(*until),
            TicketState::Parked(parked) => parked.until,
            TicketState::Working(_) | TicketState::Verifying(_) | TicketState::Landing(_) => {
                self.state.phase().and_then(Phase::due)
            }
            TicketState::Draft
            | TicketState::Open
            | TicketState::Held(_)
            | TicketState::Review(_)
            | TicketState::Queued(_)
            | TicketState::Landed { .. }
            | TicketState::Delivered { .. }
            | TicketState::Escalated(_)
            | TicketState::Cancelled { .. } => None,
        }
    }
}
