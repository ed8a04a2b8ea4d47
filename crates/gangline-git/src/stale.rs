//! Locks of references that a killed git left.
//!
//! Git takes `refs/heads/main.lock`, writes, and renames it. Killed in between, it leaves a file
//! that keeps everybody from that reference until somebody removes it. In a person's repository
//! that somebody is the person; in the hub, which nobody but Gangline uses, it is Gangline.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use gangline_process::FileLock;

/// Held by who removes one.
const CLEARING: &str = "gangline-stale.lock";

/// Longer than a git that lives holds a lock, also one that writes many references to a slow disk.
const STALE: Duration = Duration::from_secs(30);

/// How long one waits in all for a lock that another git has: until it would be stale, and more.
pub(crate) const PATIENCE: Duration = Duration::from_secs(45);

/// Between two tries.
pub(crate) const AGAIN: Duration = Duration::from_millis(500);

/// The lock within this git directory that git complains of.
pub(crate) fn named(complaint: &str, git_dir: &Path) -> Option<PathBuf> {
    let (before, _) = complaint.split_once("': File exists")?;
    let (_, path) = before.rsplit_once('\'')?;
    let path = Path::new(path);
    let ours = path.starts_with(git_dir) && path.extension().is_some_and(|end| end == "lock");
    let climbs = path.components().any(|part| part == std::path::Component::ParentDir);
    (ours && !climbs).then(|| path.to_owned())
}

/// Removes a lock within this git directory that no living git can hold any more.
pub(crate) fn clear(lock: &Path, git_dir: &Path) {
    // One at a time: who looks while another removes would remove what the next git has taken.
    let Ok(Some(_alone)) = FileLock::try_acquire(git_dir.join(CLEARING)) else { return };
    let age = std::fs::symlink_metadata(lock)
        .and_then(|found| found.modified())
        .map(|at| SystemTime::now().duration_since(at).unwrap_or_default());
    if age.is_ok_and(|age| age >= STALE) {
        // What cannot be removed is complained of by git again.
        drop(std::fs::remove_file(lock));
        tracing::warn!(lock = %lock.display(), "a lock that a killed git left was removed");
    }
}

#[cfg(test)]
mod tests;
