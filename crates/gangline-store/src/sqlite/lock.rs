//! One daemon per store.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

/// The right to write to one store, for as long as it is held. The system takes it back when the
/// process ends, however it ends.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

/// Why the lock cannot be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum LockError {
    /// Another process has it, or another part of this one.
    #[error("{} is held by {}", .path.display(), holder(*.pid))]
    Held {
        /// The lock file.
        path: PathBuf,
        /// Who holds it; unknown for the moment in which it is taken.
        pid: Option<u32>,
    },
    /// The lock file cannot be used.
    #[error("{} cannot be locked", .path.display())]
    Io {
        /// The lock file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

fn holder(pid: Option<u32>) -> String {
    pid.map_or_else(|| "another process".to_owned(), |pid| format!("process {pid}"))
}

impl Lock {
    /// Takes the lock or says who has it; does not wait.
    pub(super) fn take(path: &Path) -> Result<Self, LockError> {
        let io = |source| LockError::Io { path: path.to_owned(), source };
        let mut options = File::options();
        // The file stays when the lock is given back: removing it would let two processes hold a
        // lock each, on two files of the same name.
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut file = options.open(path).map_err(io)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => {
                let pid = read_pid(&mut file);
                return Err(LockError::Held { path: path.to_owned(), pid });
            }
            Err(errno) => return Err(io(errno.into())),
        }
        let pid = std::process::id();
        file.set_len(0).and_then(|()| file.rewind()).map_err(io)?;
        match writeln!(file, "{pid}") {
            Ok(()) => {}
            // The pid is for people. A full disk must not keep the daemon from its store.
            Err(error) => tracing::warn!(%error, "the lock file cannot name its holder"),
        }
        Ok(Self { _file: file })
    }
}

fn read_pid(file: &mut File) -> Option<u32> {
    let mut text = String::new();
    file.take(32).read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}
