//! Removing trees that an agent has shaped: renamed away at once, deleted at leisure.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::durable::{absent_is_fine, remove_file};
use crate::lock::LockError;
use crate::worktrees;

/// The folder, beside the trees, for what is being deleted.
pub(crate) const TRASH: &str = ".trash";

/// Why something could not be removed.
#[derive(Debug, thiserror::Error)]
pub enum RemoveError {
    /// The path has no parent or no name.
    #[error("not a path of a checkout: {}", path.display())]
    BadPath {
        /// The path given.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("cannot remove {}", path.display())]
    Io {
        /// On what.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another process is in the way.
    #[error(transparent)]
    Lock(#[from] LockError),
}

/// Takes the tree out of its place, then deletes it. Its place is free even when deleting fails;
/// what is left goes with [`sweep_trash`].
pub(super) async fn remove_tree(path: &Path) -> Result<(), RemoveError> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    let bad = || RemoveError::BadPath { path: path.to_owned() };
    let (parent, name) = (path.parent().ok_or_else(bad)?, path.file_name().ok_or_else(bad)?);
    if fs::symlink_metadata(path).is_err_and(|error| error.kind() == io::ErrorKind::NotFound) {
        return Ok(());
    }
    let trash = parent.join(TRASH);
    fs::create_dir_all(&trash).map_err(io_error(&trash))?;
    let n = COUNTER.fetch_add(1, Ordering::Relaxed);
    let mut renamed = name.to_owned();
    renamed.push(format!("-{}-{n}", std::process::id()));
    let doomed = trash.join(renamed);
    absent_is_fine(fs::rename(path, &doomed)).map_err(io_error(path))?;
    sweep_trash(parent).await
}

/// Deletes what lies in the trash beside `directory`'s trees.
pub async fn sweep_trash(directory: &Path) -> Result<(), RemoveError> {
    let trash = directory.join(TRASH);
    let at = trash.clone();
    let deleted = tokio::task::spawn_blocking(move || empty(&at)).await;
    deleted.unwrap_or_else(|panic| Err(io::Error::other(panic))).map_err(io_error(&trash))
}

fn empty(trash: &Path) -> io::Result<()> {
    let entries = match fs::read_dir(trash) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    let mut failed = Ok(());
    for entry in entries {
        let entry = entry?;
        // Two sweeps at once find each other's entries gone, which is fine.
        let deleted = match entry.file_type() {
            Ok(kind) if kind.is_dir() => delete_folder(&entry.path()),
            Ok(_) => absent_is_fine(fs::remove_file(entry.path())),
            Err(error) => absent_is_fine(Err(error)),
        };
        failed = failed.and(deleted);
    }
    failed
}

/// Folders that forbid being listed or changed are opened up first; links are never followed.
fn delete_folder(path: &Path) -> io::Result<()> {
    match absent_is_fine(fs::remove_dir_all(path)) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            open_up(path)?;
            absent_is_fine(fs::remove_dir_all(path))
        }
        done => done,
    }
}

fn open_up(path: &Path) -> io::Result<()> {
    let mut folders = vec![path.to_owned()];
    while let Some(folder) = folders.pop() {
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            }
        }
    }
    Ok(())
}

/// Takes the checkout out of the registry, after its tree is out of its place.
pub(super) fn forget(path: &Path) -> Result<(), RemoveError> {
    let meta = worktrees::meta_path(path);
    remove_file(&meta).map_err(io_error(&meta))
}

pub(super) fn io_error(path: &Path) -> impl FnOnce(io::Error) -> RemoveError {
    let path = path.to_owned();
    move |source| RemoveError::Io { path, source }
}
