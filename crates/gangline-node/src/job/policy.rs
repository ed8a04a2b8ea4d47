//! Which rules apply: those of a commit, or the snapshot that a person accepted.

use gangline_domain::ids::CommitId;
use gangline_domain::job::Infra;
use gangline_policy::{POLICY_BYTES_MAX, POLICY_FILE, Policy};

use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::trees::Hub;

/// The policy of `commit`; where it has none, the snapshot. None that can be read ends the job
/// with a text that says what to do.
pub(crate) async fn of_commit(job: &Job, hub: &Hub, commit: &CommitId) -> Result<Policy, Failure> {
    let committed = hub.read_files(commit, &[WANTED]).await?.pop().flatten();
    of_file(job, commit, committed)
}

/// The policy file, and the bytes that are read of it: one more than it may have.
pub(crate) const WANTED: (&str, usize) = (POLICY_FILE, POLICY_BYTES_MAX + 1);

/// The same, of the file's content at `commit` that was read together with others.
pub(crate) fn of_file(
    job: &Job,
    commit: &CommitId,
    committed: Option<Vec<u8>>,
) -> Result<Policy, Failure> {
    let unusable = |why: String| Failure::Infra(Infra::SetupFailed(why));
    if let Some(bytes) = committed {
        let text = String::from_utf8(bytes)
            .map_err(|_| unusable(format!("{POLICY_FILE} of {commit} is not UTF-8 text")))?;
        return Policy::parse(&text, POLICY_FILE).map_err(|error| unusable(error.to_string()));
    }
    match &job.settings().policy_snapshot {
        Some(text) => {
            job.step(format!("{POLICY_FILE} is not committed: the accepted snapshot applies"));
            Policy::parse(text, POLICY_FILE).map_err(|error| unusable(error.to_string()))
        }
        None => Err(unusable(format!(
            "there is no {POLICY_FILE} at {commit}, and no snapshot was accepted: \
             run `gangline init`, commit it, then `gangline up`"
        ))),
    }
}
