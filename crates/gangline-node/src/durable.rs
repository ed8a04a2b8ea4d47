//! Files that are whole or absent, whatever happens in between: written aside, synced, renamed,
//! and the directory synced.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use gangline_domain::job::Infra;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A file or folder of ours could not be read or written.
#[derive(Debug, thiserror::Error)]
#[error("cannot {verb} {}: {source}", path.display())]
pub struct FileFault {
    /// What was tried.
    pub verb: &'static str,
    /// Where.
    pub path: PathBuf,
    /// What the system said.
    #[source]
    pub source: io::Error,
}

impl FileFault {
    pub(crate) fn new(verb: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self { verb, path: path.into(), source }
    }

    /// The same as a failure of the machine.
    pub(crate) fn infra(&self) -> Infra {
        if is_full(&self.source) {
            Infra::DiskFull(self.path.display().to_string())
        } else {
            Infra::Tool(self.to_string())
        }
    }
}

/// Whether there is no space left, or none for this user.
pub(crate) fn is_full(error: &io::Error) -> bool {
    use io::ErrorKind::{QuotaExceeded, StorageFull};
    matches!(error.kind(), StorageFull | QuotaExceeded)
}

/// Looks for a full disk among an error and its causes.
pub(crate) fn full_disk(error: &(dyn std::error::Error + 'static)) -> Option<Infra> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(fault) = error.downcast_ref::<FileFault>()
            && is_full(&fault.source)
        {
            return Some(fault.infra());
        }
        if error.downcast_ref::<io::Error>().is_some_and(is_full) {
            return Some(Infra::DiskFull(error.to_string()));
        }
        let said = error.to_string();
        if said.contains("No space left on device") || said.contains("Disk quota exceeded") {
            return Some(Infra::DiskFull(said));
        }
        next = error.source();
    }
    None
}

/// An error with its causes, in one line.
pub(crate) fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let said = error.to_string();
        // Transparent errors repeat what their cause says.
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        next = error.source();
    }
    text
}

/// Makes a folder and those above it, readable by this user alone.
pub(crate) fn make_dir(path: &Path) -> Result<(), FileFault> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true).mode(0o700);
    builder.create(path).map_err(|error| FileFault::new("make", path, error))
}

/// Makes the entries of a folder survive a loss of power.
pub(crate) fn sync_dir(path: &Path) -> Result<(), FileFault> {
    let synced = File::open(path).and_then(|folder| folder.sync_all());
    synced.map_err(|error| FileFault::new("sync", path, error))
}

/// Makes a file that was written lazily survive a loss of power, its name too.
pub(crate) fn sync_file(path: &Path) -> Result<(), FileFault> {
    let synced = File::open(path).and_then(|file| file.sync_all());
    synced.map_err(|error| FileFault::new("sync", path, error))?;
    path.parent().map_or(Ok(()), sync_dir)
}

/// Writes a whole file, mode 0600, so that a reader sees all of it or what was there before.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), FileFault> {
    write_aside(path, bytes, true)
}

/// The same without a sync: whole after a crash of ours, perhaps old after a loss of power.
pub(crate) fn write_lazily(path: &Path, bytes: &[u8]) -> Result<(), FileFault> {
    write_aside(path, bytes, false)
}

fn write_aside(path: &Path, bytes: &[u8], synced: bool) -> Result<(), FileFault> {
    let aside = aside(path);
    let fault = |error| FileFault::new("write", path, error);
    let written = || -> io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(0o600).open(&aside)?;
        file.write_all(bytes)?;
        if synced {
            file.sync_all()?;
        }
        std::fs::rename(&aside, path)
    };
    let done = written();
    if done.is_err() {
        // A half-written file would only take up the space that is missing.
        remove_file(&aside).ok();
    }
    done.map_err(fault)?;
    match path.parent() {
        Some(folder) if synced => sync_dir(folder),
        Some(_) | None => Ok(()),
    }
}

/// Beside the file, under a name that no other process uses.
fn aside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

/// Writes a value as JSON, whole and synced.
pub(crate) fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), FileFault> {
    write_whole(path, &json(value))
}

/// A value of ours as JSON.
pub(crate) fn json<T: Serialize>(value: &T) -> Vec<u8> {
    serde_json::to_vec(value).expect("BUG: a value of ours is JSON")
}

/// Reads a JSON file; `None` when there is none.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, FileFault> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(FileFault::new("read", path, error)),
    };
    match serde_json::from_slice(&bytes) {
        Ok(value) => Ok(Some(value)),
        Err(error) => Err(FileFault::new("understand", path, io::Error::other(error))),
    }
}

/// Removes a file, which may be gone already.
pub(crate) fn remove_file(path: &Path) -> Result<(), FileFault> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(FileFault::new("remove", path, error))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Removes a folder with all in it, which may be gone already. Links are removed, not followed.
pub(crate) fn remove_tree(path: &Path) -> Result<(), FileFault> {
    match std::fs::remove_dir_all(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        // An agent may have taken away the permissions of its own folders.
        Err(_) => {
            unlock(path);
            match std::fs::remove_dir_all(path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    Err(FileFault::new("remove", path, error))
                }
                Ok(()) | Err(_) => Ok(()),
            }
        }
    }
}

/// Gives this user all rights on the folders of a tree. What cannot be changed is left to the
/// removal, which then says so.
fn unlock(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let mut open = vec![path.to_owned()];
    while let Some(folder) = open.pop() {
        if !folder.symlink_metadata().is_ok_and(|found| found.is_dir()) {
            continue;
        }
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).ok();
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        open.extend(entries.map(|entry| entry.path()));
    }
}
