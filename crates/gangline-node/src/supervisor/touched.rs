//! Whether anything in a worktree was changed, as the file system itself tells it.
//!
//! Looked at is when an entry was last changed, and not when its content was: the latter is
//! whatever the one who wrote it says. No link is followed, and no git runs here.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Entries that one look looks at. A larger tree counts as changed, which only keeps it.
const ENTRIES_MAX: usize = 2_000_000;

/// Whether anything in the tree was made, written, renamed or removed after that moment; git's own
/// files count, too. What cannot be looked at counts as changed.
pub(crate) async fn since(tree: PathBuf, moment: SystemTime) -> bool {
    let look = move || is_touched(&tree, moment, ENTRIES_MAX);
    tokio::task::spawn_blocking(look).await.unwrap_or(true)
}

fn is_touched(tree: &Path, moment: SystemTime, entries_max: usize) -> bool {
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_nanos();
    let mut open = vec![tree.to_owned()];
    let mut left = entries_max;
    while let Some(path) = open.pop() {
        let Ok(found) = path.symlink_metadata() else { return true };
        let changed = i128::from(found.ctime()) * 1_000_000_000 + i128::from(found.ctime_nsec());
        if changed > i128::try_from(since).unwrap_or(i128::MAX) || left == 0 {
            return true;
        }
        left -= 1;
        if !found.is_dir() {
            continue;
        }
        let Ok(entries) = std::fs::read_dir(&path) else { return true };
        for entry in entries {
            let Ok(entry) = entry else { return true };
            open.push(entry.path());
        }
    }
    false
}

#[cfg(test)]
mod tests;
