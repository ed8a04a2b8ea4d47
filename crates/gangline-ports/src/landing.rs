//! Moving the target branch of a person's repository.

use std::error::Error;
use std::future::Future;

use gangline_domain::ids::{CommitId, ProjectId};
use gangline_domain::job::{Candidate, Swap};
use gangline_domain::project::ProjectSettings;
use gangline_domain::ticket::Ticket;

/// Carries out decided landings. Asked again, it reads back first, so that a landing is done once
/// however often it is asked for.
pub trait LandingPort: Send + Sync + 'static {
    /// Moves the target from `candidate.old` to `candidate.new`, never by force, and reads back.
    fn land(
        &self,
        project: &ProjectId,
        settings: &ProjectSettings,
        candidate: &Candidate,
    ) -> impl Future<Output = Result<Swap, LandingUnavailable>> + Send;

    /// Leaves a verified branch in the person's repository.
    fn publish_branch(
        &self,
        ticket: &Ticket,
        settings: &ProjectSettings,
        commit: &CommitId,
    ) -> impl Future<Output = Result<(), LandingUnavailable>> + Send;
}

/// It is not known whether the target moved; ask again.
#[derive(Debug, thiserror::Error)]
#[error("the landing could not be tried")]
pub struct LandingUnavailable(#[source] pub Box<dyn Error + Send + Sync>);
