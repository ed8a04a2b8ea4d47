//! Waiting for a lock that another process may hold.

use std::fs::{File, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gangline_process::FileLock;

/// What stands between two looks at a lock that is held.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Longer than any holder needs: locks cover metadata, never a checkout.
const WAIT_MAX: Duration = Duration::from_mins(2);

/// Why a lock was not had.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Somebody held it all the time.
    #[error("{} is held by another process for more than {seconds} s", path.display())]
    Held {
        /// The lock's file.
        path: PathBuf,
        /// How long was waited.
        seconds: u64,
    },
    /// The file cannot be opened or locked.
    #[error("cannot lock {}", path.display())]
    Io {
        /// The lock's file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Takes the lock, waiting for as long as a holder may reasonably need.
pub(crate) async fn lock(path: &Path) -> Result<FileLock, LockError> {
    waiting(path, FileLock::try_acquire).await
}

/// A lock that many hold at once, and that keeps out who wants it alone.
#[derive(Debug)]
#[must_use = "the lock is given back when this is dropped"]
pub(crate) struct Shared {
    _file: File,
}

/// Takes the lock together with others, waiting for as long as a holder may reasonably need.
pub(crate) async fn share(path: &Path) -> Result<Shared, LockError> {
    waiting(path, |path| {
        let file = File::options().read(true).append(true).create(true).mode(0o600).open(path)?;
        match file.try_lock_shared() {
            Ok(()) => Ok(Some(Shared { _file: file })),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    })
    .await
}

async fn waiting<T: Send + 'static>(
    path: &Path,
    take: fn(PathBuf) -> io::Result<Option<T>>,
) -> Result<T, LockError> {
    let started = Instant::now();
    loop {
        let at = path.to_owned();
        let tried = tokio::task::spawn_blocking(move || take(at)).await;
        match tried.unwrap_or_else(|panic| Err(io::Error::other(panic))) {
            Ok(Some(lock)) => return Ok(lock),
            Ok(None) if started.elapsed() > WAIT_MAX => {
                return Err(LockError::Held { path: path.to_owned(), seconds: WAIT_MAX.as_secs() });
            }
            Ok(None) => tokio::time::sleep(LOOK_EVERY).await,
            Err(source) => return Err(LockError::Io { path: path.to_owned(), source }),
        }
    }
}
