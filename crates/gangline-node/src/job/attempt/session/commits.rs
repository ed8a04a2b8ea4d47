//! Work that nobody has committed for too long: told once, and that it is over.
//!
//! No git runs here: the worktree is the agent's. What is looked at is when files were written, and
//! nothing that stands in them; an agent that sets its clock back deceives nobody but the reader of
//! an alert.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use gangline_domain::ids::Timestamp;
use gangline_domain::ticket::AlertKind;

use crate::job::context::Job;
use crate::journal::What;

/// Between two searches for changes: they cost more than a look at one file.
const SEARCH_EVERY: Duration = Duration::from_mins(5);
/// Entries that one search looks at.
const ENTRIES_MAX: usize = 20_000;
/// How long one search may take.
const SEARCH_MAX: Duration = Duration::from_millis(200);

/// Watches one attempt's worktree.
#[derive(Debug)]
pub(super) struct Commits {
    tree: PathBuf,
    /// Files of which git writes one, at least, when HEAD moves.
    marks: Vec<PathBuf>,
    bound: Duration,
    /// When the session began; what was there before is not its own.
    began: SystemTime,
    searched: Option<Instant>,
    told: Told,
}

/// What people have been told.
#[derive(Debug, PartialEq, Eq)]
enum Told {
    Nothing,
    /// That nothing was committed since then.
    Raised(SystemTime),
    /// That it was over. Nothing more is told.
    Over,
}

impl Commits {
    pub(super) fn new(tree: PathBuf, marks: Vec<PathBuf>, bound: Duration) -> Self {
        let began = SystemTime::now();
        Self { tree, marks, bound, began, searched: None, told: Told::Nothing }
    }

    /// Looks, and tells what is to be told.
    pub(super) fn look(&mut self, job: &Job) {
        if let Some(what) = self.news() {
            job.note(what);
        }
    }

    fn news(&mut self) -> Option<What> {
        let moved = self.moved();
        match self.told {
            Told::Raised(since) if moved > since => {
                self.told = Told::Over;
                Some(What::Calmed { alert: AlertKind::Uncommitted })
            }
            Told::Raised(_) | Told::Over => None,
            Told::Nothing => {
                // A clock that was set back: it is looked at again.
                let age = moved.elapsed().unwrap_or_default();
                if age < self.bound || !self.is_time() || !changed(&self.tree, moved) {
                    return None;
                }
                self.told = Told::Raised(moved);
                Some(What::Alerted { alert: AlertKind::Uncommitted, since: timestamp(moved) })
            }
        }
    }

    /// When HEAD last moved, but not before the session began.
    fn moved(&self) -> SystemTime {
        let written = |mark: &PathBuf| std::fs::symlink_metadata(mark).and_then(|at| at.modified());
        self.marks.iter().filter_map(|mark| written(mark).ok()).fold(self.began, SystemTime::max)
    }

    fn is_time(&mut self) -> bool {
        let due = self.searched.is_none_or(|last| last.elapsed() >= SEARCH_EVERY);
        if due {
            self.searched = Some(Instant::now());
        }
        due
    }
}

fn timestamp(at: SystemTime) -> Timestamp {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// Whether anything in the tree was written after that moment; what git keeps for itself apart.
/// No link is followed.
fn changed(tree: &Path, since: SystemTime) -> bool {
    let begun = Instant::now();
    let mut open = vec![tree.to_owned()];
    let mut left = ENTRIES_MAX;
    while let Some(folder) = open.pop() {
        // What cannot be read is passed over.
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            if left == 0 || begun.elapsed() > SEARCH_MAX {
                return false;
            }
            left -= 1;
            if entry.file_name() == ".git" {
                continue;
            }
            let Ok(found) = entry.metadata() else { continue };
            if found.is_dir() {
                open.push(entry.path());
            } else if found.modified().is_ok_and(|at| at > since) {
                return true;
            }
        }
    }
    false
}

#[cfg(test)]
mod tests;
