//! What came of a job, written whole and synced; its existence ends the job.

use std::io;
use std::path::PathBuf;

use gangline_domain::budget::Usage;
use gangline_domain::ids::{Fence, JobId, JobKind, Timestamp};
use gangline_domain::job::{AttemptEnd, EndKind, Infra, Integration, JobResult};
use gangline_domain::reviewer::{AgentReview, ReviewEnd};
use gangline_domain::verdict::{Claim, Verdict};
use serde::{Deserialize, Serialize};

use crate::clock::now;
use crate::durable::{self, FileFault};
use crate::places::{JobPlaces, Places};
use crate::worktree;

/// The version of [`Outcome`].
pub const OUTCOME_VERSION: u32 = 1;

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// [`OUTCOME_VERSION`].
    pub version: u32,
    /// The job.
    pub job: JobId,
    /// Its fence.
    pub fence: Fence,
    /// When it had ended.
    pub at: Timestamp,
    /// Who wrote this.
    pub by: WrittenBy,
    /// With what.
    pub result: JobResult,
}

/// Who says how a job ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WrittenBy {
    /// The job.
    Job,
    /// The node, for a job that died.
    Node,
}

/// Why an outcome cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum BadOutcome {
    /// It could not be read.
    #[error(transparent)]
    File(#[from] FileFault),
    /// It is of another program.
    #[error(
        "the outcome is of version {version}; this program understands up to {OUTCOME_VERSION}"
    )]
    Newer {
        /// Its version.
        version: u32,
    },
    /// It is damaged.
    #[error("the outcome is damaged: {0}")]
    Damaged(#[source] serde_json::Error),
}

impl Outcome {
    /// The outcome of a run, if it has ended.
    pub fn read(run: &JobPlaces) -> Result<Option<Self>, BadOutcome> {
        #[derive(Deserialize)]
        struct Versioned {
            version: u32,
        }
        let path = run.outcome();
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FileFault::new("read", path, error).into()),
        };
        let told: Versioned = serde_json::from_slice(&bytes).map_err(BadOutcome::Damaged)?;
        if told.version > OUTCOME_VERSION {
            return Err(BadOutcome::Newer { version: told.version });
        }
        serde_json::from_slice(&bytes).map(Some).map_err(BadOutcome::Damaged)
    }

    /// Writes it; when this returns, the job has ended.
    pub(crate) fn write(
        run: &JobPlaces,
        (job, fence): (&JobId, Fence),
        by: WrittenBy,
        result: JobResult,
    ) -> Result<Self, FileFault> {
        let outcome =
            Self { version: OUTCOME_VERSION, job: job.clone(), fence, at: now(), by, result };
        durable::write_json(&run.outcome(), &outcome)?;
        Ok(outcome)
    }
}

/// Keeps an outcome that cannot be read under a name of its own, and gives that. The file stays, to
/// be replaced: at no moment has the job no outcome.
pub(crate) fn set_aside(run: &JobPlaces) -> Result<PathBuf, FileFault> {
    let path = run.outcome();
    let kept = path.with_file_name(format!("outcome.unread-{}.json", now().0));
    std::fs::hard_link(&path, &kept).map_err(|error| FileFault::new("set aside", path, error))?;
    Ok(kept)
}

/// The outcome of a job's last run here, if there is one.
pub(crate) fn last_of(places: &Places, job: &JobId) -> Option<Outcome> {
    let runs = worktree::names(&places.runs_of(job)).ok()?;
    let fences = runs.iter().filter_map(|name| name.parse::<Fence>().ok());
    let last = fences.max()?;
    Outcome::read(&places.job(job, last)).ok().flatten()
}

/// The result of a job of this kind that failed for the machine's sake.
pub(crate) fn failed(kind: JobKind, infra: Infra) -> JobResult {
    match kind {
        JobKind::Attempt => JobResult::Attempt(end(EndKind::Infra(infra))),
        JobKind::Capture | JobKind::Verification | JobKind::Integration | JobKind::Review => {
            JobResult::Failed(infra)
        }
    }
}

/// An attempt's end without a word of the agent.
pub(crate) fn end(how: EndKind) -> AttemptEnd {
    AttemptEnd { how, claim: Claim::default(), session: None, usage: Usage::default() }
}

/// A result in a few words, for people.
pub(crate) fn in_words(result: &JobResult) -> String {
    let verdict = |verdict| match verdict {
        Verdict::Pass => "passed",
        Verdict::Fail => "failed",
        Verdict::Inconclusive => "could not be measured",
    };
    match result {
        JobResult::Attempt(end) => end_in_words(&end.how),
        JobResult::Captured(None) => "there was nothing to capture".to_owned(),
        JobResult::Captured(Some(snapshot)) => match &snapshot.rescue {
            None => format!("captured {} new commits", snapshot.new_commits),
            Some(_) => {
                format!("captured {} new commits and uncommitted work", snapshot.new_commits)
            }
        },
        JobResult::Verified(report) => format!("verification {}", verdict(report.verdict())),
        JobResult::Integrated(Integration::Built { report, .. }) => {
            format!("the merged tree {}", verdict(report.verdict()))
        }
        JobResult::Integrated(Integration::Conflict { paths, .. }) => {
            format!("conflict in {}", paths.join(", "))
        }
        JobResult::Reviewed(AgentReview { end, .. }) => match end {
            ReviewEnd::Answered { findings, .. } => format!("{} findings", findings.len()),
            ReviewEnd::Unreadable(why) => format!("the answer could not be read: {why}"),
            ReviewEnd::Ended(how) => end_in_words(how),
        },
        JobResult::Failed(infra) => infra.to_string(),
    }
}

fn end_in_words(how: &EndKind) -> String {
    match how {
        EndKind::Finished => "the agent says it is done".to_owned(),
        EndKind::NoChangeNeeded => "the agent says nothing needs to change".to_owned(),
        EndKind::HandedBack => "handed back".to_owned(),
        EndKind::GaveUp(why) => format!("the agent gave up: {why}"),
        EndKind::TimedOut => "the time was up".to_owned(),
        EndKind::Crashed(why) => format!("the agent died: {why}"),
        EndKind::BudgetSpent => "the budget is used up".to_owned(),
        EndKind::Unanswered(_) => "the question was not answered in time".to_owned(),
        EndKind::Quota { message, .. } => format!("quota: {message}"),
        EndKind::AuthFailed(why) => format!("the agent could not log in: {why}"),
        EndKind::AgentMissing(program) => format!("{program} is not installed"),
        EndKind::Stopped => "stopped".to_owned(),
        EndKind::Infra(infra) => infra.to_string(),
    }
}
