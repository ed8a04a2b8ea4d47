//! Pipes are taken out of an attempt's tree before git sees it.
//!
//! Git opens what it knows by name (`.gitignore`, a reference, the list of borrowed objects)
//! without asking what it is, and the opening of a pipe waits for somebody to write. A pipe holds
//! nothing once its processes are gone, and so nothing is lost with it.

use std::path::{Path, PathBuf};

use rustix::fs::FileType;

use super::walk::NAMED_MAX;
use super::{CaptureError, Skipped, SkippedWhy, io_error};
use crate::nofollow::Folder;
use crate::printable::printable_line;

/// How many entries are looked at: some ten seconds of work.
const ENTRIES_MAX: usize = 5_000_000;

/// Removes all pipes from a tree, git directories included, and names them. Follows no link.
pub(super) fn take_out(worktree: &Path) -> Result<Vec<Skipped>, CaptureError> {
    let top = Folder::open(worktree).map_err(io_error("open", worktree))?;
    let mut removed = Vec::new();
    let mut looked_at = 0;
    let mut folders = vec![PathBuf::new()];
    while let Some(path) = folders.pop() {
        // What cannot be opened here, git cannot list either.
        let Ok(folder) = top.below(&path) else { continue };
        let Ok(entries) = folder.entries() else { continue };
        for entry in entries.flatten() {
            looked_at += 1;
            if looked_at > ENTRIES_MAX {
                return Err(CaptureError::Inside {
                    detail: format!("the worktree holds more than {ENTRIES_MAX} entries"),
                });
            }
            let at = path.join(&entry.name);
            if entry.kind.is_dir() {
                folders.push(at);
            } else if entry.kind == FileType::Fifo {
                let shown = worktree.join(&at);
                folder.unlink(&entry.name).map_err(io_error("remove the pipe", &shown))?;
                if removed.len() < NAMED_MAX {
                    let path = printable_line(&at.to_string_lossy(), 300);
                    removed.push(Skipped { path, why: SkippedWhy::NotAFile });
                }
            }
        }
    }
    Ok(removed)
}
