//! Takes back what would run programs of the agent's choice when a person types `git status` in
//! its worktree: a file system monitor, hooks, aliases, and configuration read from elsewhere.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::Path;

use rustix::fs::FileType;
use rustix::io::Errno;

use super::git_dir::config;
use super::{BackendKind, io_error};
use crate::CheckoutError;
use crate::hub::Hub;
use crate::nofollow::Folder;
use crate::worktrees;

/// What an agent leaves under one name is moved away under another at most so often.
const ASIDE_MAX: u32 = 1_000;

/// What became of a checkout's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disarmed {
    /// It is as it was when the checkout was made. Other repositories within the tree are not
    /// looked at.
    Yes,
    /// The git directory is not the one that was made: whoever runs git in the tree runs what the
    /// agent says.
    Replaced,
    /// It is no checkout with a git directory of its own, and its agent is trusted.
    Shared,
}

/// Gives the checkout at `tree` the configuration that it began with, and moves its hooks aside.
/// Nobody else may be at work in it. Done again, it changes nothing.
pub fn disarm(hub: &Hub, tree: &Path) -> Result<Disarmed, CheckoutError> {
    let Some(meta) = worktrees::read_meta(tree)?.filter(|meta| meta.backend == BackendKind::Clone)
    else {
        return Ok(Disarmed::Shared);
    };
    let mut text = config(hub.format(), false);
    if let Some(identity) = &meta.identity {
        text.push_str(&identity.config());
    }
    let disarmed = restore(tree, text.as_bytes());
    disarmed.map_err(io_error("restore the git configuration of", tree))
}

fn restore(tree: &Path, config: &[u8]) -> io::Result<Disarmed> {
    let tree = Folder::open(tree)?;
    match kind(&tree, OsStr::new(".git"))? {
        Some(FileType::Directory) => {}
        Some(_) | None => return Ok(Disarmed::Replaced),
    }
    let git = tree.below(Path::new(".git"))?;
    // With a common directory, configuration and hooks are read from there.
    for name in ["commondir", "config.worktree", "hooks"].map(OsStr::new) {
        set_aside(&git, name)?;
    }
    if git.read(Path::new("config"), config.len() as u64).is_ok_and(|present| present == config) {
        return Ok(Disarmed::Yes);
    }
    let (new, there) = (OsStr::new("config.gangline"), OsStr::new("config"));
    set_aside(&git, new)?;
    git.write_new(new, config)?;
    if kind(&git, there)? == Some(FileType::Directory) {
        set_aside(&git, there)?;
    }
    git.rename(new, there)?;
    Ok(Disarmed::Yes)
}

/// What an entry is, if there is one.
fn kind(folder: &Folder, name: &OsStr) -> io::Result<Option<FileType>> {
    match folder.stat(name) {
        Ok(stat) => Ok(Some(FileType::from_raw_mode(stat.st_mode))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Removes an entry; a folder gets a name that git does not know, with all that is in it.
fn set_aside(folder: &Folder, name: &OsStr) -> io::Result<()> {
    match kind(folder, name)? {
        None => return Ok(()),
        Some(FileType::Directory) => {}
        Some(_) => return folder.unlink(name),
    }
    for n in 1..=ASIDE_MAX {
        let mut aside = OsString::from(name);
        aside.push(format!(".set-aside-{n}"));
        match folder.rename_new(name, &aside) {
            Err(error) if error.raw_os_error() == Some(Errno::EXIST.raw_os_error()) => {}
            done => return done,
        }
    }
    Err(io::Error::other("too much of its kind was set aside before"))
}
