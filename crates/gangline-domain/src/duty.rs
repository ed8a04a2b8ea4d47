//! What ought to be so outside, given the durable board: jobs that run, words that are
//! delivered, attempts that are stopped, the swap that is decided. The effects runner makes it
//! so; after a crash the same function says what is left. Each duty is idempotent by job and
//! fence, so that doing it again harms nothing.

use crate::ids::{CommitId, Fence, JobId, NodeId, Timestamp};
use crate::mutant::{Mutant, active};
use crate::project::{LandingMode, Project};
use crate::ticket::{
    Held, HeldFrom, Landing, LandingStage, Said, Stage, StopHow, Ticket, TicketState, Working,
};

/// What a job that runs checks gets beside their own time, in milliseconds: for fetching, checking
/// out and telling. When time is up, it is the checks that say so, and not a job that is ended.
const AROUND_CHECKS_MS: u64 = 15 * 60_000;

/// One thing that ought to be so.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Duty {
    /// The job runs on the node under this fence.
    Run {
        /// Where.
        node: NodeId,
        /// Which.
        job: JobId,
        /// Under which right.
        fence: Fence,
        /// Until when at most.
        deadline: Timestamp,
    },
    /// The lost attempt has not been ended: its node may come back with it, or with its result.
    Spare {
        /// Where it was.
        node: NodeId,
        /// Which.
        job: JobId,
        /// Under which right.
        fence: Fence,
    },
    /// The attempt has been told the first `count` things that people said to it.
    Tell {
        /// Where.
        node: NodeId,
        /// Which.
        job: JobId,
        /// Under which right.
        fence: Fence,
        /// How many.
        count: usize,
    },
    /// The attempt has been told to end.
    Stop {
        /// Where.
        node: NodeId,
        /// Which.
        job: JobId,
        /// Under which right.
        fence: Fence,
        /// How.
        how: StopHow,
    },
    /// The ticket's worktree is a person's, and its node leaves it alone until it is handed back.
    Lend {
        /// Where it is.
        node: NodeId,
    },
    /// The target branch has been moved.
    Land {
        /// The intent's number.
        fence: Fence,
    },
    /// The verified branch is in the person's repository.
    Publish {
        /// Its commit.
        commit: CommitId,
    },
}

/// The duties that one ticket gives rise to.
pub fn duties(ticket: &Ticket, project: &Project) -> Vec<Duty> {
    let mut duties = running(ticket, project);
    duties.extend(outside(ticket, project));
    duties.extend(lent(ticket));
    duties.extend(ticket.spared().map(|lost| Duty::Spare {
        node: lost.lease.node.clone(),
        job: lost.attempt.job.clone(),
        fence: lost.lease.fence,
    }));
    duties
}

impl Duty {
    /// The job that must not be ended while this duty lasts.
    pub fn keeps(&self) -> Option<(&NodeId, &JobId, Fence)> {
        match self {
            Self::Run { node, job, fence, .. } | Self::Spare { node, job, fence } => {
                Some((node, job, *fence))
            }
            Self::Tell { .. }
            | Self::Stop { .. }
            | Self::Lend { .. }
            | Self::Land { .. }
            | Self::Publish { .. } => None,
        }
    }
}

/// The job that runs, and what its attempt is told.
fn running(ticket: &Ticket, project: &Project) -> Vec<Duty> {
    let mut duties = vec![];
    if let Some(run) = ticket.run() {
        let (node, job, fence) = (run.lease.node, run.job, run.lease.fence);
        let checks_ms = project.settings.limits.verification_ms;
        let deadline = match (ticket.running_attempt(), ticket.reviewer()) {
            (Some(attempt), _) => attempt.deadline,
            (None, Some(reviewer)) => reviewer.deadline,
            (None, None) => {
                run.lease.granted_at.plus_ms(checks_ms.saturating_add(AROUND_CHECKS_MS))
            }
        };
        duties.push(Duty::Run { node, job, fence, deadline });
    }
    let TicketState::Working(Working { attempt, stage: Stage::Running { lease, said, stop, .. } }) =
        &ticket.state
    else {
        return duties;
    };
    let (node, job, fence) = (&lease.node, &attempt.job, lease.fence);
    let is_kept = |said: &Said| active(Mutant::KeepWord) && matches!(said, Said::Word { .. });
    if !said.iter().all(is_kept) {
        let (node, job, count) = (node.clone(), job.clone(), said.len());
        duties.push(Duty::Tell { node, job, fence, count });
    }
    if let Some(stop) = stop
        && !active(Mutant::ForgetStop)
    {
        let (node, job, how) = (node.clone(), job.clone(), stop.how);
        duties.push(Duty::Stop { node, job, fence, how });
    }
    duties
}

/// What a person has taken over.
fn lent(ticket: &Ticket) -> Option<Duty> {
    if let TicketState::Held(Held { from: HeldFrom::TakenOver(_), .. }) = &ticket.state {
        return ticket.home.clone().map(|node| Duty::Lend { node });
    }
    None
}

/// What is to become of the person's repository.
fn outside(ticket: &Ticket, project: &Project) -> Option<Duty> {
    if let TicketState::Landing(Landing { stage: LandingStage::Intended(intent), .. }) =
        &ticket.state
    {
        return Some(Duty::Land { fence: intent.fence });
    }
    if let TicketState::Queued(entry) = &ticket.state
        && project.settings.landing == LandingMode::Branch
        && !project.paused
    {
        return Some(Duty::Publish { commit: entry.approval.commit.clone() });
    }
    None
}
