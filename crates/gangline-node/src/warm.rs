//! Warm layers: caches that a base commit's own setup filled, kept read-only, and lent to later jobs
//! as copies of their own.
//!
//! ```text
//!   HOME of the base's setup ──rename──▶ .new ──rename──▶ <key>/ ──copy──▶ HOME of a job
//!                               under the project's lock     └──rename──▶ .gone ▸ removed
//! ```
//!
//! A layer is never written to: it appears whole and goes whole. Nothing that a job does reaches it.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use gangline_checks::copy_folder;
use gangline_policy::HomePath;
use gangline_process::{FileLock, folder_bytes};

use crate::durable::{self, FileFault};
use crate::places::Places;
use crate::worktree;

/// Layers that a project may have. That of the base and that of an older one which tickets still
/// began on are in use; one more is for a branch that moves back.
pub(crate) const LAYERS_MAX: usize = 3;
/// What a layer may take on the disk.
pub(crate) const LAYER_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// How long a layer stays that nobody begins with.
const IDLE_MAX: Duration = Duration::from_hours(30 * 24);

/// Where a layer is made. One at a time, by the holder of the lock.
const NEW: &str = ".new";
/// Where one is put that is to be removed.
const GONE: &str = ".gone";
/// Beside the layers.
const LOCK: &str = "lock";

/// A project's layers.
#[derive(Debug, Clone)]
pub(crate) struct Layers {
    folder: PathBuf,
}

/// What became of a home that was to be a layer. The layer is there in either case: where nothing is
/// worth keeping it is empty, so that nobody tries again for the same key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(crate) enum Kept {
    /// It has so many bytes.
    Filled(u64),
    /// Setup made none of the folders.
    Nothing,
    /// It would have more than [`LAYER_BYTES_MAX`].
    TooLarge,
}

impl Layers {
    pub(crate) fn in_folder(folder: PathBuf) -> Self {
        Self { folder }
    }

    /// The right to make and remove layers; `None` while another has it.
    pub(crate) fn lock(&self) -> Result<Option<FileLock>, FileFault> {
        durable::make_dir(&self.folder)?;
        let path = self.folder.join(LOCK);
        FileLock::try_acquire(&path).map_err(|error| FileFault::new("lock", path, error))
    }

    pub(crate) fn has(&self, key: &str) -> bool {
        identity(&self.folder.join(key)).is_some()
    }

    /// Makes a layer of these folders of a home, which loses them. Blocks.
    pub(crate) fn keep(
        &self,
        _lock: &FileLock,
        key: &str,
        (home, paths): (&Path, &[HomePath]),
        bytes_max: u64,
    ) -> Result<Kept, FileFault> {
        let new = self.folder.join(NEW);
        durable::remove_tree(&new)?;
        durable::make_dir(&new)?;
        let mut kept = Kept::Nothing;
        for path in outermost(paths) {
            // What setup left may be a link to anywhere.
            if !is_plain_folder(home, &path) {
                continue;
            }
            let to = new.join(&path);
            to.parent().map_or(Ok(()), durable::make_dir)?;
            let from = home.join(&path);
            std::fs::rename(&from, &to).map_err(|error| FileFault::new("move", from, error))?;
            kept = Kept::Filled(0);
        }
        if let Kept::Filled(_) = kept {
            let bytes = folder_bytes(&new, bytes_max);
            kept = if bytes > bytes_max { Kept::TooLarge } else { Kept::Filled(bytes) };
        }
        if kept == Kept::TooLarge {
            durable::remove_tree(&new)?;
            durable::make_dir(&new)?;
        }
        let fault = |error| FileFault::new("make read-only", &new, error);
        change_modes(&new, |mode| mode & 0o555).map_err(fault)?;
        self.make_room()?;
        let layer = self.folder.join(key);
        std::fs::rename(&new, &layer).map_err(|error| FileFault::new("move", &new, error))?;
        Ok(kept)
    }

    /// Copies a layer into a home that has nothing of it yet. Says whether there was one.
    ///
    /// # Errors
    ///
    /// Why it was not copied, in words; the home then has nothing of it.
    pub(crate) async fn lend(&self, key: &str, home: &Path, end: Instant) -> Result<bool, String> {
        let layer = self.folder.join(key);
        let Some(before) = identity(&layer) else { return Ok(false) };
        // Whoever makes room takes those that were used longest ago.
        File::open(&layer).and_then(|open| open.set_modified(SystemTime::now())).ok();
        let names = worktree::names(&layer).map_err(|error| error.to_string())?;
        if let Some(there) = names.iter().find(|name| home.join(name).symlink_metadata().is_ok()) {
            return Err(format!("{} stands there already", home.join(there).display()));
        }
        let mut copied = Ok(());
        for name in &names {
            copied = copy_into(&layer.join(name), &home.join(name), end).await;
            if copied.is_err() {
                break;
            }
        }
        // It is put aside before anything of it is removed: what still stands here was whole.
        if copied.is_ok() && identity(&layer) != Some(before) {
            copied = Err("it was removed meanwhile".to_owned());
        }
        if copied.is_err() {
            for name in &names {
                durable::remove_tree(&home.join(name)).map_err(|error| error.to_string())?;
            }
        }
        copied.map(|()| true)
    }

    /// Removes the layers that were used longest ago, so that there is room for one.
    fn make_room(&self) -> Result<(), FileFault> {
        let mut layers = self.by_use()?;
        while layers.len() >= LAYERS_MAX {
            let (_, oldest) = layers.remove(0);
            self.remove(&oldest)?;
        }
        Ok(())
    }

    /// When each was last used, beginning with the one that was used longest ago.
    fn by_use(&self) -> Result<Vec<(SystemTime, PathBuf)>, FileFault> {
        let names = worktree::names(&self.folder)?.into_iter();
        let names = names.filter(|name| ![NEW, GONE, LOCK].contains(&name.as_str()));
        let layers = names.filter_map(|name| {
            let path = self.folder.join(name);
            Some((path.symlink_metadata().ok()?.modified().ok()?, path))
        });
        let mut layers: Vec<_> = layers.collect();
        layers.sort();
        Ok(layers)
    }

    fn remove(&self, layer: &Path) -> Result<(), FileFault> {
        let gone = self.folder.join(GONE);
        durable::remove_tree(&gone)?;
        std::fs::rename(layer, &gone).map_err(|error| FileFault::new("move", layer, error))?;
        durable::remove_tree(&gone)
    }

    /// Removes what a death left half done and what has not been used for long.
    fn tidy(&self, now: SystemTime) -> Result<(), FileFault> {
        let Some(_lock) = self.lock()? else { return Ok(()) };
        for name in [NEW, GONE] {
            durable::remove_tree(&self.folder.join(name))?;
        }
        for (used, layer) in self.by_use()? {
            if now.duration_since(used).is_ok_and(|idle| idle > IDLE_MAX) {
                self.remove(&layer)?;
            }
        }
        Ok(())
    }
}

/// Removes what nobody needs of all projects' layers. Those of a project that is gone are used no
/// more, and so go, too.
pub(crate) fn tidy(places: &Places, now: SystemTime) {
    let projects = worktree::projects(&places.all_warm()).unwrap_or_else(|error| {
        tracing::warn!(%error, "the warm layers cannot be listed");
        vec![]
    });
    for project in projects {
        if let Err(error) = Layers::in_folder(places.warm(&project)).tidy(now) {
            tracing::warn!(%project, %error, "warm layers are not tidied yet");
        }
    }
}

async fn copy_into(from: &Path, to: &Path, end: Instant) -> Result<(), String> {
    copy_folder(from, to, end).await?;
    let to = to.to_owned();
    // Whoever gets the copy may write to it.
    let opened = tokio::task::spawn_blocking(move || change_modes(&to, |mode| mode | 0o200)).await;
    match opened {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(error) => Err(error.to_string()),
    }
}

/// Which folder stands there, if any.
fn identity(path: &Path) -> Option<(u64, u64)> {
    let found = path.symlink_metadata().ok().filter(std::fs::Metadata::is_dir)?;
    Some((found.dev(), found.ino()))
}

/// The paths without those that are below another one of them.
fn outermost(paths: &[HomePath]) -> Vec<PathBuf> {
    let mut all: Vec<PathBuf> = paths.iter().map(|path| path.as_str().into()).collect();
    // A folder comes before what is in it.
    all.sort();
    let mut outermost: Vec<PathBuf> = vec![];
    for path in all {
        if !outermost.iter().any(|above| path.starts_with(above)) {
            outermost.push(path);
        }
    }
    outermost
}

/// Whether a folder stands there, and no link on the way.
fn is_plain_folder(home: &Path, path: &Path) -> bool {
    let mut at = home.to_owned();
    path.components().all(|part| {
        at.push(part);
        at.symlink_metadata().is_ok_and(|found| found.is_dir())
    })
}

/// Changes the permissions of all files and folders of a tree. Links are left alone.
fn change_modes(top: &Path, change: impl Fn(u32) -> u32) -> io::Result<()> {
    let mut open = vec![top.to_owned()];
    while let Some(path) = open.pop() {
        let found = path.symlink_metadata()?;
        if found.is_symlink() {
            continue;
        }
        let mode = found.mode() & 0o777;
        if found.is_dir() {
            // Before it is closed to its owner, or after it was opened.
            std::fs::set_permissions(&path, Permissions::from_mode(mode | 0o700))?;
            for entry in std::fs::read_dir(&path)? {
                open.push(entry?.path());
            }
            // What is below needs only that it can be passed through.
            let wanted = change(mode) | 0o500;
            std::fs::set_permissions(&path, Permissions::from_mode(wanted))?;
        } else {
            // What its owner cannot read could not be copied.
            let wanted = change(mode) | 0o400;
            std::fs::set_permissions(&path, Permissions::from_mode(wanted))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
