//! What the agent claims, read from a file that the agent could have made anything of.

use std::os::unix::fs::MetadataExt;
use std::path::Path;

use gangline_agents::claim::{self, OUTCOME_BYTES_MAX, Outcome, Status};
use gangline_domain::verdict::Claim;
use gangline_process::{Links, read_plain_text};

use crate::durable;
use crate::job::context::Job;

/// What an agent reported by a tool, and what its outcome file was then.
pub(super) struct Reported {
    pub(super) outcome: Outcome,
    pub(super) file: Option<Stamp>,
}

/// By which a file that was written anew is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    inode: u64,
    bytes: u64,
    changed: (i64, i64),
}

impl Stamp {
    /// Of what stands at `path`; links are not followed.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let found = std::fs::symlink_metadata(path).ok()?;
        let changed = (found.ctime(), found.ctime_nsec());
        Some(Self { inode: found.ino(), bytes: found.len(), changed })
    }
}

/// What the agent says: how it ended where it tells, and its claim. Of what it reported by a tool
/// and what it wrote into its outcome file the later counts.
pub(super) fn of_attempt(
    job: &Job,
    (outcome_file, final_message): (&Path, &str),
    reported: Option<Reported>,
) -> (Option<Status>, Claim) {
    match reported {
        Some(Reported { outcome, file }) if file == Stamp::of(outcome_file) => {
            (Some(outcome.status), outcome.claim)
        }
        Some(_) | None => read(job, outcome_file, final_message),
    }
}

fn read(job: &Job, outcome_file: &Path, final_message: &str) -> (Option<Status>, Claim) {
    let text = match text(outcome_file) {
        Ok(text) => text,
        Err(why) => {
            job.alert(format!("the outcome file cannot be read: {why}"));
            None
        }
    };
    match text.as_deref().map(claim::read_outcome) {
        Some(Ok(Outcome { status, claim, ignored })) => {
            if !ignored.is_empty() {
                job.alert(format!("the outcome file has unknown keys: {}", ignored.join(", ")));
            }
            (Some(status), claim)
        }
        Some(Err(bad)) => {
            job.alert(bad.to_string());
            (None, claim::read_message(final_message))
        }
        None => (None, claim::read_message(final_message)),
    }
}

/// Removes the outcome file when it holds a secret: what it said has been read.
pub(super) fn forget_secrets(job: &Job, outcome_file: &Path) {
    let Ok(Some(text)) = text(outcome_file) else { return };
    if let Some(secret) = job.vault.redactor().find(text.as_bytes()) {
        job.alert(format!("the outcome file held {secret} and was removed"));
        if let Err(fault) = durable::remove_file(outcome_file) {
            job.alert(fault.to_string());
        }
    }
}

/// The file's text, when it is a plain file. Links and pipes are not followed or waited for.
fn text(path: &Path) -> Result<Option<String>, String> {
    match read_plain_text(path, OUTCOME_BYTES_MAX, Links::Refused) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}
