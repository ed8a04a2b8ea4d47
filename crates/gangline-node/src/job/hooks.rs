//! Where a test may kill a job.

/// Places between two effects of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CrashPoint {
    /// The lock is held, nothing is written.
    Locked,
    /// The journal is open.
    Opened,
    /// The base is told, the worktree not made.
    Based,
    /// The worktree is made, its agent not started.
    CheckedOut,
    /// The agent is at work.
    AgentStarted,
    /// The agent has ended, its processes too.
    AgentEnded,
    /// A bundle is made, not imported.
    Bundled,
    /// A bundle is imported, the worktree not marked.
    Imported,
    /// The fresh checkout of a verification is made.
    FreshCheckout,
    /// The checks have run.
    Measured,
    /// The candidate is built, not measured.
    CandidateBuilt,
    /// All is done, the outcome not written.
    BeforeOutcome,
    /// The outcome is written, the process not ended.
    AfterOutcome,
}

impl CrashPoint {
    /// All of them, in order.
    pub const ALL: [Self; 13] = [
        Self::Locked,
        Self::Opened,
        Self::Based,
        Self::CheckedOut,
        Self::AgentStarted,
        Self::AgentEnded,
        Self::Bundled,
        Self::Imported,
        Self::FreshCheckout,
        Self::Measured,
        Self::CandidateBuilt,
        Self::BeforeOutcome,
        Self::AfterOutcome,
    ];
}

/// What a caller of [`super::job_main`] wants to happen on the way.
#[derive(Debug, Clone, Copy)]
pub struct JobHooks {
    /// Called at each place that is passed.
    pub at: fn(CrashPoint),
}

impl JobHooks {
    /// Nothing happens on the way.
    pub fn none() -> Self {
        Self { at: |_place| {} }
    }
}
