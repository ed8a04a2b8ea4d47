//! Changing a checkout before anything runs in it, without ever leaving it.
//!
//! What a commit holds is its author's: a folder on the way to a test may be a link to anywhere.

use std::io;
use std::path::{Component, Path, PathBuf};

/// Makes `path` in the tree `to` what it is in the tree `from`: a file, a link, or nothing.
pub(crate) fn restore(from: &Path, to: &Path, path: &str) -> io::Result<()> {
    let source = from.join(path);
    // Behind a link there is nothing of this tree.
    let kind = match plain_parents(from, path) {
        true => source.symlink_metadata().ok().map(|found| found.file_type()),
        false => None,
    };
    let Some(kind) = kind else { return remove(to, path) };
    let target = clear(to, path)?;
    if kind.is_symlink() {
        std::os::unix::fs::symlink(std::fs::read_link(&source)?, &target)
    } else if kind.is_file() {
        std::fs::copy(&source, &target).map(drop)
    } else {
        Ok(())
    }
}

/// Writes a file into the tree.
pub(crate) fn write(tree: &Path, path: &str, text: &str) -> io::Result<()> {
    std::fs::write(clear(tree, path)?, text)
}

/// Takes a path out of the tree; what is behind a link is not in it.
pub(crate) fn remove(tree: &Path, path: &str) -> io::Result<()> {
    if !plain_parents(tree, path) {
        return Ok(());
    }
    let target = tree.join(path);
    match target.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error),
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(&target),
        Ok(_) => std::fs::remove_file(&target),
    }
}

/// The text of a file of the tree, unless a link is on the way.
pub(crate) fn read(tree: &Path, path: &str) -> Option<String> {
    let target = tree.join(path);
    let is_file = plain_parents(tree, path) && target.symlink_metadata().ok()?.is_file();
    is_file.then(|| std::fs::read_to_string(&target).ok()).flatten()
}

/// The same, of a file that has no more than `max` bytes.
pub(crate) fn read_at_most(tree: &Path, path: &str, max: u64) -> Option<String> {
    let small = is_file(tree, path) && tree.join(path).metadata().ok()?.len() <= max;
    small.then(|| read(tree, path)).flatten()
}

/// Whether a plain file stands there, without a link on the way.
pub(crate) fn is_file(tree: &Path, path: &str) -> bool {
    let target = tree.join(path);
    plain_parents(tree, path) && target.symlink_metadata().is_ok_and(|found| found.is_file())
}

/// Makes room for `path`: its folders are folders, and nothing stands there.
fn clear(tree: &Path, path: &str) -> io::Result<PathBuf> {
    let mut at = tree.to_owned();
    let parts: Vec<Component<'_>> = Path::new(path).components().collect();
    for (n, part) in parts.iter().enumerate() {
        let Component::Normal(part) = part else {
            return Err(io::Error::other("not a path within a tree"));
        };
        at.push(part);
        let found = at.symlink_metadata().ok();
        let last = n + 1 == parts.len();
        match found {
            Some(found) if found.is_dir() && last => std::fs::remove_dir_all(&at)?,
            Some(found) if found.is_dir() => {}
            Some(_) => std::fs::remove_file(&at)?,
            None => {}
        }
        if !last && !at.is_dir() {
            std::fs::create_dir(&at)?;
        }
    }
    Ok(at)
}

/// Whether all folders on the way to `path` are folders.
fn plain_parents(tree: &Path, path: &str) -> bool {
    let mut at = tree.to_owned();
    let Some(parent) = Path::new(path).parent() else { return false };
    parent.components().all(|part| {
        let Component::Normal(part) = part else { return false };
        at.push(part);
        at.symlink_metadata().is_ok_and(|found| found.is_dir())
    })
}

#[cfg(test)]
mod tests;
