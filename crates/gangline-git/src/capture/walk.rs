//! What lies in the worktree that git passes over in silence: pipes, sockets, devices, and what is
//! nested deeper than a path can say. Looks at
//! names and kinds only, follows no link.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use super::{Skipped, SkippedWhy};
use crate::nofollow::Folder;
use crate::printable::printable_line;

/// How many entries are looked at, and how many are named.
const ENTRIES_MAX: usize = 500_000;
pub(super) const NAMED_MAX: usize = 200;

/// Lists what is neither file nor directory nor link, outside of `ignored` directories.
pub(super) fn odd_files(worktree: &Path, ignored: &BTreeSet<Vec<u8>>) -> Vec<Skipped> {
    let Ok(top) = Folder::open(worktree) else { return Vec::new() };
    let mut found = Vec::new();
    let mut looked_at = 0;
    let mut folders = vec![PathBuf::new()];
    while let Some(path) = folders.pop() {
        let entries = match top.below(&path).and_then(|folder| folder.entries()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::InvalidFilename => {
                // Nested deeper than a path may be long.
                let path = printable_line(&path.to_string_lossy(), 300);
                found.push(Skipped { path, why: SkippedWhy::NotStorable });
                continue;
            }
            Err(_) => continue,
        };
        for entry in entries.flatten() {
            looked_at += 1;
            if looked_at > ENTRIES_MAX || found.len() >= NAMED_MAX {
                return found;
            }
            let at = path.join(&entry.name);
            if entry.name == OsStr::new(".git") || ignored.contains(at.as_os_str().as_bytes()) {
                continue;
            }
            if entry.kind.is_dir() {
                folders.push(at);
            } else if !entry.kind.is_file() && !entry.kind.is_symlink() {
                let path = printable_line(&at.to_string_lossy(), 300);
                found.push(Skipped { path, why: SkippedWhy::NotAFile });
            }
        }
    }
    found
}

/// A regular file's size; `None` for everything else.
pub(super) fn size_of(worktree: &Path, path: &[u8]) -> Option<u64> {
    let path = Path::new(OsStr::from_bytes(path));
    let parent = Folder::open(worktree).ok()?.below(path.parent()?).ok()?;
    let stat = parent.stat(path.file_name()?).ok()?;
    let is_file = rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file();
    is_file.then(|| u64::try_from(stat.st_size).unwrap_or(u64::MAX))
}

/// Whether something lies in the directory.
pub(super) fn holds_anything(worktree: &Path, path: &[u8]) -> bool {
    let below =
        Folder::open(worktree).and_then(|top| top.below(Path::new(OsStr::from_bytes(path))));
    below.and_then(|folder| folder.entries()).is_ok_and(|mut entries| entries.next().is_some())
}
