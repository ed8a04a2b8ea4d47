//! Landing: the engine's decision, carried out by git.

use std::path::Path;

use gangline_domain::ids::{BranchName, CommitId, ProjectId};
use gangline_domain::job::{Candidate, Swap};
use gangline_domain::project::ProjectSettings;
use gangline_domain::ticket::Ticket;
use gangline_git::{
    Hub, LandOutcome, LandRequest, PersonRepo, PublishOutcome, ReadBack, inspect, land,
    publish_branch, read_back,
};
use gangline_node::journal::Worklog;
use gangline_node::places::Places;
use gangline_node::{FileFault, worktree};
use gangline_ports::LandingPort;
use gangline_ports::landing::LandingUnavailable;

/// Lands in the repositories of this machine.
#[derive(Debug, Clone)]
pub(super) struct GitLanding {
    pub(super) places: Places,
}

impl GitLanding {
    async fn both(
        &self,
        project: &ProjectId,
        settings: &ProjectSettings,
    ) -> Result<(PersonRepo, Hub), LandingUnavailable> {
        let person = inspect(Path::new(&settings.repo)).await.map_err(unavailable)?;
        let hub = self.places.hub(project);
        let hub = Hub::open_or_create(&hub, person.format).await.map_err(unavailable)?;
        Ok((person, hub))
    }
}

impl LandingPort for GitLanding {
    async fn land(
        &self,
        project: &ProjectId,
        settings: &ProjectSettings,
        candidate: &Candidate,
    ) -> Result<Swap, LandingUnavailable> {
        let (person, hub) = self.both(project, settings).await?;
        let request =
            LandRequest { branch: &settings.target, old: &candidate.old, new: &candidate.new };
        // It may have happened already: what the branch says decides, before and after.
        if read_back(&person, &request).await.map_err(unavailable)? == ReadBack::Contains {
            return Ok(Swap::Proven);
        }
        let still_old = match land(&person, &hub, &request).await {
            LandOutcome::Refused(why) => return Ok(Swap::Refused(why.to_string())),
            LandOutcome::Unavailable { why } => why,
            LandOutcome::Landed | LandOutcome::Moved { .. } => "the branch did not move".to_owned(),
        };
        // Whatever the push said: git has ended, and the branch is what it is.
        match read_back(&person, &request).await.map_err(unavailable)? {
            ReadBack::Contains => Ok(Swap::Proven),
            ReadBack::Elsewhere { tip: Some(found) } => Ok(Swap::Moved { found }),
            ReadBack::Elsewhere { tip: None } => {
                Ok(Swap::Refused(format!("the branch {} is gone", settings.target)))
            }
            ReadBack::StillOld => Ok(Swap::Refused(still_old)),
        }
    }

    async fn publish_branch(
        &self,
        ticket: &Ticket,
        settings: &ProjectSettings,
        commit: &CommitId,
    ) -> Result<(), LandingUnavailable> {
        let (person, hub) = self.both(&ticket.id.project, settings).await?;
        let branch = branch_of(&self.places, ticket).map_err(unavailable)?;
        match publish_branch(&person, &hub, &branch, commit).await {
            PublishOutcome::Published => Ok(()),
            PublishOutcome::Refused(why) => Err(said(why.to_string())),
            PublishOutcome::Unavailable { why } => Err(said(why)),
        }
    }
}

/// The ticket's branch, as its worktree has it; when that is gone, as the last attempt wrote it
/// down. What cannot be read is no reason to call it by another name.
pub(super) fn branch_of(places: &Places, ticket: &Ticket) -> Result<BranchName, FileFault> {
    if let Some((_, meta)) = worktree::find(places, &ticket.id)? {
        return Ok(meta.branch);
    }
    if let Some(attempt) = &ticket.last_attempt
        && let Some(log) = Worklog::last_of(places, &attempt.job)?
    {
        return Ok(log.branch);
    }
    let default = format!("gangline/{}", ticket.id.key).parse();
    Ok(default.expect("BUG: a key makes a branch name"))
}

fn unavailable(error: impl std::error::Error + Send + Sync + 'static) -> LandingUnavailable {
    LandingUnavailable(Box::new(error))
}

fn said(why: String) -> LandingUnavailable {
    LandingUnavailable(why.into())
}

#[cfg(test)]
mod tests;
