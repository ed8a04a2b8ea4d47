//! Exit codes, as `docs/exit-codes.md` documents them.

use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done,
    /// Failed, or refused.
    Failed,
    /// The command line was wrong.
    Usage,
    /// No daemon, or it cannot be reached.
    NoDaemon,
    /// No such ticket, project or job.
    NotFound,
    /// Not in this state.
    Conflict,
    /// `run`: verification failed for good, or the ticket was escalated.
    Escalated,
    /// `run`: waiting for a person.
    Person,
    /// A bug.
    Bug,
    /// A passing outage.
    Outage,
}

impl Exit {
    /// The number.
    pub(crate) fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NoDaemon => 3,
            Self::NotFound => 4,
            Self::Conflict => 5,
            Self::Escalated => 6,
            Self::Person => 7,
            Self::Bug => 70,
            Self::Outage => 75,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
