//! A forge: where a repository is hosted, and where programs of others check what is pushed to it.

use std::future::Future;
use std::time::Duration;

use gangline_domain::ids::CommitId;

/// What is asked of a forge. Asking changes nothing there, and may be done as often as one likes.
///
/// All texts in the answers are other people's: whoever shows them takes out control characters and
/// cuts them short.
pub trait Forge {
    /// All runs of checks that there are of exactly this commit, the latest of each. Empty when there
    /// are none, or none yet.
    fn runs(&self, commit: &CommitId) -> impl Future<Output = Result<Vec<Run>, ForgeError>>;
}

/// One check of a commit, by whatever program carries it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What it is called. Two of the same name are possible.
    pub name: String,
    /// How it stands.
    pub state: RunState,
    /// What it says in one line; empty when nothing.
    pub title: String,
    /// What it says at length; empty when nothing.
    pub summary: String,
    /// Where a person reads on; empty when nowhere.
    pub url: String,
}

/// How a run stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunState {
    /// It has not ended.
    Waiting,
    /// It has ended.
    Concluded(Conclusion),
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Conclusion {
    /// Well.
    Success,
    /// Neither well nor ill.
    Neutral,
    /// It was not carried out.
    Skipped,
    /// The commit did not pass it.
    Failure,
    /// It came to no end of its own; in the forge's words.
    Broken(String),
}

/// Why a forge gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ForgeError {
    /// Asking again is of no use before a person has done something.
    #[error("{0}")]
    Refused(String),
    /// It may answer later, but not before so much time has passed, where it says so.
    #[error("{why}")]
    Later {
        /// What is in the way.
        why: String,
        /// How long it wants to be left alone.
        after: Option<Duration>,
    },
}
