//! What came of a job, written whole and synced; its existence ends the job.

use gangline_domain::budget::Usage;
use gangline_domain::ids::{Fence, JobId, JobKind, Timestamp};
use gangline_domain::job::{AttemptEnd, EndKind, Infra, Integration, JobResult};
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

impl Outcome {
    /// The outcome of a run, if it has ended.
    pub fn read(run: &JobPlaces) -> Result<Option<Self>, FileFault> {
        durable::read_json(&run.outcome())
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
        JobKind::Capture | JobKind::Verification | JobKind::Integration => JobResult::Failed(infra),
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
