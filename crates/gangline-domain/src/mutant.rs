//! Planted faults. The simulation switches one on and must catch it; a simulation that has not
//! caught a planted fault proves nothing. Without the `mutants` feature none of this exists in
//! the program.

/// A fault that can be planted in the rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mutant {
    /// A report is believed whatever its fence.
    IgnoreFence,
    /// An inconclusive report passes.
    InconclusivePasses,
    /// A failed attempt spends no try.
    TriesAreFree,
    /// A lost node spends a try.
    LostNodeSpendsTry,
    /// Dependencies are not waited for.
    IgnoreDependencies,
    /// The project's limit of attempts is not looked at.
    IgnoreLimit,
    /// Two tickets are let into the lane of the merge queue.
    TwoInLane,
    /// The candidate lands whatever its checks said.
    LandRed,
    /// After the target moved, the old candidate is intended again.
    KeepCandidate,
    /// A landing that was not read back is called landed.
    BelieveSwap,
    /// Effects are carried out before their events are durable.
    EffectsFirst,
    /// After an unknown commit, the working board is kept.
    KeepBoard,
    /// An attempt that is ended for good is not captured.
    SkipCapture,
    /// Parked tickets are forgotten when their moment has come.
    ForgetTimers,
    /// A cancelled ticket's attempt is not told.
    ForgetStop,
    /// What a person wants of an attempt whose work is being captured is forgotten.
    ForgetLateStop,
    /// Budgets are not looked at.
    IgnoreBudget,
    /// Of tickets that are added together, those before the first refused one are added.
    ImportInPart,
    /// What is asked for is changed under the agent's hands, and what was judged by the old lands.
    EditUnderWay,
    /// A word that an agent did not ask for is not passed on.
    KeepWord,
    /// A word to an agent whose attempt fails is not told to the next one.
    ForgetWord,
    /// The parts of a ticket that is split are added, and it goes on beside them.
    SplitInPart,
    /// A plan is delivered with the first of its drafts, and without the others.
    PlanInPart,
    /// What a plan proposes is begun before a person has accepted it.
    ProposalsRun,
    /// A schedule adds a ticket while its last one is not closed.
    OverlapSchedules,
    /// A due time is decided about again and again.
    RepeatDue,
    /// A budget of the project or of the day that is used up makes the ticket a person's.
    EscalateAnyBudget,
    /// A node that comes back with a lost attempt must end it, though nothing newer holds the
    /// ticket.
    FenceLost,
    /// A branch that may not have reached the person's repository is called delivered.
    BelievePublication,
    /// An alert that is told again is raised again.
    RepeatAlerts,
    /// An alert of a node that is told again is raised again.
    RepeatNodeAlerts,
    /// An alert of a node is cleared as soon as what it has is not too little.
    HastyNodeAlerts,
    /// What is new starts on a node that is being drained.
    IgnoreDrain,
    /// What a ticket needs its agent to be able to do is not looked at.
    IgnoreCapabilities,
    /// An attempt whose external session has gone is left alone.
    ForgetExternal,
    /// A session is given more than it takes at once.
    CrowdExternal,
    /// What a check doubts lands without a person.
    IgnoreDoubts,
    /// What a reviewer found wrong fails nothing.
    IgnoreFindings,
    /// A ticket that failed as it did before goes on with the session that failed.
    ResumeSameFailure,
    /// A lesson is offered to any ticket, however confidential what it comes from is.
    IgnoreLevels,
}

/// All of them.
pub const ALL: [Mutant; 40] = [
    Mutant::IgnoreFence,
    Mutant::InconclusivePasses,
    Mutant::TriesAreFree,
    Mutant::LostNodeSpendsTry,
    Mutant::IgnoreDependencies,
    Mutant::IgnoreLimit,
    Mutant::TwoInLane,
    Mutant::LandRed,
    Mutant::KeepCandidate,
    Mutant::BelieveSwap,
    Mutant::EffectsFirst,
    Mutant::KeepBoard,
    Mutant::SkipCapture,
    Mutant::ForgetTimers,
    Mutant::ForgetStop,
    Mutant::ForgetLateStop,
    Mutant::IgnoreBudget,
    Mutant::ImportInPart,
    Mutant::EditUnderWay,
    Mutant::KeepWord,
    Mutant::ForgetWord,
    Mutant::SplitInPart,
    Mutant::PlanInPart,
    Mutant::ProposalsRun,
    Mutant::OverlapSchedules,
    Mutant::RepeatDue,
    Mutant::EscalateAnyBudget,
    Mutant::FenceLost,
    Mutant::BelievePublication,
    Mutant::RepeatAlerts,
    Mutant::RepeatNodeAlerts,
    Mutant::HastyNodeAlerts,
    Mutant::IgnoreDrain,
    Mutant::IgnoreCapabilities,
    Mutant::ForgetExternal,
    Mutant::CrowdExternal,
    Mutant::IgnoreDoubts,
    Mutant::IgnoreFindings,
    Mutant::ResumeSameFailure,
    Mutant::IgnoreLevels,
];

#[cfg(feature = "mutants")]
mod planted {
    use std::cell::Cell;

    use super::Mutant;

    thread_local! {
        static PLANTED: Cell<Option<Mutant>> = const { Cell::new(None) };
    }

    /// Plants a fault in this thread, or takes it out again.
    pub fn plant(mutant: Option<Mutant>) {
        PLANTED.with(|cell| cell.set(mutant));
    }

    /// Whether the fault is planted in this thread.
    pub fn active(mutant: Mutant) -> bool {
        PLANTED.with(|cell| cell.get() == Some(mutant))
    }
}

#[cfg(feature = "mutants")]
pub use planted::{active, plant};

/// Whether the fault is planted: never, without the `mutants` feature.
#[cfg(not(feature = "mutants"))]
#[inline]
pub fn active(_mutant: Mutant) -> bool {
    false
}
