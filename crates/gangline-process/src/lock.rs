//! A lock on a file that ends with its holder, whatever ended the holder.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// An exclusive `flock` on a file, held until dropped or until the process ends.
///
/// The file stays when the lock goes: removing it would let two processes hold locks on two
/// files of one name.
#[derive(Debug)]
#[must_use = "the lock is given back when this is dropped"]
pub struct FileLock {
    /// Open for as long as the lock is held.
    file: File,
    path: PathBuf,
}

/// How long a look at the lock by [`FileLock::is_held`] may keep it from a new holder: looks
/// last microseconds, so that a lock still refused after these waits has a real holder.
const LOOK_WAITS_MS: [u64; 4] = [1, 2, 5, 10];

impl FileLock {
    /// Takes the lock; `None` when another holder has it. Creates the file (mode 0600), not its
    /// directory.
    pub fn try_acquire(path: impl AsRef<Path>) -> io::Result<Option<Self>> {
        let path = path.as_ref();
        let mut waits = LOOK_WAITS_MS.iter();
        loop {
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(path)?;
            match file.try_lock() {
                // Somebody may have replaced the file between open and lock.
                Ok(()) if is_at(&file, path)? => {
                    return Ok(Some(Self { file, path: path.to_owned() }));
                }
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => match waits.next() {
                    Some(wait_ms) => std::thread::sleep(Duration::from_millis(*wait_ms)),
                    None => return Ok(None),
                },
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    /// Whether somebody holds the lock. Creates nothing, and neither disturbs a holder nor
    /// makes a simultaneous [`FileLock::try_acquire`] fail. A missing file is held by nobody.
    pub fn is_held(path: impl AsRef<Path>) -> io::Result<bool> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        // A shared lock is refused by a holder only, and goes when `file` is dropped.
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// The locked file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The open file, for instance to write the holder's identity into.
    pub fn file(&self) -> &File {
        &self.file
    }
}

fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let locked = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(named) => Ok((locked.dev(), locked.ino()) == (named.dev(), named.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
