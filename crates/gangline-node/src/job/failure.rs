//! Why a job did not come to its end.

use gangline_domain::job::Infra;
use gangline_process::{RunError, SpawnError};

use crate::durable::{self, FileFault};
use crate::job::limits::Passed;
use crate::worktree::LockError;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// For the machine's sake.
    Infra(Infra),
    /// Somebody wanted it to end.
    Stopped,
    /// Its time was up.
    TimedOut,
    /// Its programs used more than they may.
    Passed(Passed),
}

impl Failure {
    /// A tool of ours failed, or the disk is full.
    pub(crate) fn tool(what: &str, error: &(dyn std::error::Error + 'static)) -> Self {
        let infra = durable::full_disk(error)
            .unwrap_or_else(|| Infra::Tool(format!("{what}: {}", durable::with_causes(error))));
        Self::Infra(infra)
    }

    /// As a failure of the machine, for jobs that know nothing else.
    pub(crate) fn infra(self) -> Infra {
        match self {
            Self::Infra(infra) => infra,
            Self::Stopped => Infra::Tool("the job was told to end".to_owned()),
            Self::Passed(passed) => Infra::Tool(format!("its programs were {passed}")),
            Self::TimedOut => Infra::Tool("the job's time was up".to_owned()),
        }
    }
}

impl From<FileFault> for Failure {
    fn from(fault: FileFault) -> Self {
        Self::Infra(fault.infra())
    }
}

impl From<LockError> for Failure {
    fn from(error: LockError) -> Self {
        match error {
            LockError::Busy(_) => Self::Infra(Infra::Tool(error.to_string())),
            LockError::File(fault) => fault.into(),
        }
    }
}

impl From<SpawnError> for Failure {
    fn from(error: SpawnError) -> Self {
        let full = durable::full_disk(&error);
        Self::Infra(full.unwrap_or_else(|| Infra::SpawnFailed(durable::with_causes(&error))))
    }
}

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Spawn(error) => error.into(),
            RunError::Io(_) => Self::tool("a program", &error),
        }
    }
}
