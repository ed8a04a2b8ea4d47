//! Putting a finished ticket's branch into the person's repository, for them to look at.
//!
//! Only what Gangline itself has put there is ever overwritten. What it puts is noted in the hub
//! before and after, so that a crash between the two does not make its own branch look foreign.

use gangline_domain::ids::{BranchName, CommitId};

use crate::git::{GitFailure, option};
use crate::hub::{Expected, Hub, RefChange, RefError, tip};
use crate::inspect::PersonRepo;
use crate::land::holder_of;
use crate::refs::RefName;

/// Run by git's push through a shell: a constant, with nothing of anybody's in it.
const RECEIVE_PACK: &str = "git -c receive.denyCurrentBranch=refuse \
     -c receive.denyNonFastForwards=false -c receive.denyDeletes=true -c receive.autogc=false \
     -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.fsync=all -c gc.auto=0 \
     receive-pack";

/// What came of publishing.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "the branch may not be there"]
pub enum PublishOutcome {
    /// The branch is at the commit.
    Published,
    /// The person's own work is in the way.
    Refused(PublishRefused),
    /// It could not be tried, or its outcome is unknown.
    Unavailable {
        /// Why.
        why: String,
    },
}

/// What is in the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublishRefused {
    /// A branch of that name is not Gangline's, or somebody has gone on from it.
    #[error("there is a branch of that name that Gangline did not write, at {found}")]
    Foreign {
        /// Where it is.
        found: CommitId,
    },
    /// It is checked out.
    #[error("the branch is checked out in {}", worktree.display())]
    CheckedOut {
        /// Where.
        worktree: std::path::PathBuf,
    },
    /// Another branch's name contains it, or is contained in it.
    #[error("another branch takes the name: {detail}")]
    NameTaken {
        /// Git's words.
        detail: String,
    },
}

#[derive(Debug, thiserror::Error)]
enum PublishFailure {
    #[error(transparent)]
    Git(#[from] GitFailure),
    #[error(transparent)]
    Ref(#[from] RefError),
}

/// Puts `commit` as `branch` into the person's repository. Idempotent.
pub async fn publish_branch(
    person: &PersonRepo,
    hub: &Hub,
    branch: &BranchName,
    commit: &CommitId,
) -> PublishOutcome {
    match try_to_publish(person, hub, branch, commit).await {
        Ok(outcome) => outcome,
        Err(error) => PublishOutcome::Unavailable { why: error.to_string() },
    }
}

async fn try_to_publish(
    person: &PersonRepo,
    hub: &Hub,
    branch: &BranchName,
    commit: &CommitId,
) -> Result<PublishOutcome, PublishFailure> {
    let (name, published) = (RefName::branch(branch), RefName::published(branch));
    let found = tip(&person.git(), &name).await?;
    if found.as_ref() == Some(commit) {
        note(hub, &published, commit).await?;
        return Ok(PublishOutcome::Published);
    }
    let before = RefName::publishing(branch);
    if let Some(found) = &found {
        let noted = [hub.resolve(&published).await?, hub.resolve(&before).await?];
        if !noted.contains(&Some(found.clone())) {
            let found = found.clone();
            return Ok(PublishOutcome::Refused(PublishRefused::Foreign { found }));
        }
    }
    if let Some(holder) = holder_of(person, branch).await? {
        let worktree = holder.worktree;
        return Ok(PublishOutcome::Refused(PublishRefused::CheckedOut { worktree }));
    }
    if let Some(found) = &found {
        note(hub, &published, found).await?;
    }
    note(hub, &before, commit).await?;

    // An empty value says that the branch must not exist.
    let expected = found.map_or(String::new(), String::from);
    let lease = format!("--force-with-lease={name}:{expected}");
    let receive = format!("--receive-pack={RECEIVE_PACK}");
    let args = ["push", "--porcelain", "--no-verify", "--no-follow-tags", "--atomic"];
    let args = args.into_iter().chain([lease.as_str(), &receive, "--end-of-options"]);
    let args = args.map(Into::into).chain([option("", &person.common_dir)]);
    let call = hub.git().call(args.chain([format!("{commit}:{name}").into()]));
    let pushed = call.bulk().run().await?;
    let found = tip(&person.git(), &name).await?;
    if found.as_ref() == Some(commit) {
        note(hub, &published, commit).await?;
        return Ok(PublishOutcome::Published);
    }
    let said = format!("{}\n{}", pushed.stdout.text(), pushed.stderr);
    let detail = crate::printable::printable(&said, 2_000);
    Ok(match found {
        Some(found) => PublishOutcome::Refused(PublishRefused::Foreign { found }),
        None if says_name_taken(&said) => {
            PublishOutcome::Refused(PublishRefused::NameTaken { detail })
        }
        None => PublishOutcome::Unavailable { why: detail },
    })
}

/// Sets a note in the hub, whatever it was.
async fn note(hub: &Hub, name: &RefName, commit: &CommitId) -> Result<(), RefError> {
    let mut expected = hub.resolve(name).await?.map_or(Expected::Absent, Expected::At);
    while let RefChange::Lost { found } = hub.set_ref_cas(name, commit, &expected).await? {
        expected = found.map_or(Expected::Absent, Expected::At);
    }
    Ok(())
}

/// Git's words for `a` beside `a/b`.
fn says_name_taken(said: &str) -> bool {
    said.contains("cannot lock ref") || said.contains("failed to update ref")
}
