//! The daemon's unix socket.

use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::Router;
use tokio::net::{UnixListener, UnixStream};
use tokio_util::sync::CancellationToken;

/// Bytes that the path of a socket may have on all systems.
pub(crate) const SOCKET_PATH_BYTES_MAX: usize = 103;

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody listens there.
    #[error("another daemon answers at {}", .0.display())]
    InUse(PathBuf),
    /// The system limits these paths.
    #[error("the socket's path {} is longer than {SOCKET_PATH_BYTES_MAX} bytes", .0.display())]
    TooLong(PathBuf),
    /// The directory cannot be written to.
    #[error("the socket {} cannot be made", path.display())]
    Io {
        /// Where.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// A socket that answers to its owner only. Dropping it removes the file.
#[derive(Debug)]
pub struct Socket {
    listener: Option<UnixListener>,
    path: PathBuf,
    inode: u64,
}

impl Socket {
    /// Listens at `path`, whose directory is the caller's alone. A socket that nobody answers on
    /// is replaced; the caller holds the lock that keeps two daemons from doing so at once.
    pub async fn bind(path: &Path) -> Result<Self, BindError> {
        if path.as_os_str().len() > SOCKET_PATH_BYTES_MAX {
            return Err(BindError::TooLong(path.to_owned()));
        }
        let failed = |source| BindError::Io { path: path.to_owned(), source };
        match UnixStream::connect(path).await {
            Ok(_answered) => return Err(BindError::InUse(path.to_owned())),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                std::fs::remove_file(path).map_err(failed)?;
            }
            Err(error) => return Err(failed(error)),
        }
        let listener = UnixListener::bind(path).map_err(failed)?;
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(failed)?;
        let inode = std::fs::symlink_metadata(path).map_err(failed)?.ino();
        Ok(Self { listener: Some(listener), path: path.to_owned(), inode })
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        // A later daemon's socket is not ours to remove.
        let ours = std::fs::symlink_metadata(&self.path).is_ok_and(|m| m.ino() == self.inode);
        if ours && let Err(error) = std::fs::remove_file(&self.path) {
            tracing::warn!(%error, path = %self.path.display(), "the socket could not be removed");
        }
    }
}

/// Answers until `ending`, then lets requests under way finish for at most `grace`.
pub async fn serve(
    mut socket: Socket,
    router: Router,
    ending: CancellationToken,
    grace: Duration,
) -> io::Result<()> {
    let Some(listener) = socket.listener.take() else {
        panic!("BUG: a socket is served once");
    };
    let ended = ending.clone();
    let serving = axum::serve(listener, router).with_graceful_shutdown(ended.cancelled_owned());
    let deadline = async {
        ending.cancelled().await;
        tokio::time::sleep(grace).await;
    };
    tokio::select! {
        served = serving => served,
        // Whoever has not read the answer by now is not waited for.
        () = deadline => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn bound(path: &Path) -> Result<(), String> {
        Socket::bind(path).await.map(drop).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn a_live_socket_is_refused_and_a_dead_one_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let live = Socket::bind(&path).await.unwrap();
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(
            bound(&path).await.unwrap_err(),
            format!("another daemon answers at {}", path.display())
        );
        drop(live);
        assert!(!path.exists(), "the socket outlives its daemon");
        drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
        assert!(path.exists(), "this is what a killed daemon leaves");
        bound(&path).await.unwrap();
    }

    #[tokio::test]
    async fn a_path_that_no_system_takes_is_named() {
        let long = PathBuf::from(format!("/{}", "x".repeat(120)));
        assert!(matches!(Socket::bind(&long).await, Err(BindError::TooLong(_))));
    }

    #[tokio::test]
    async fn a_socket_does_not_remove_its_successor() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s");
        let old = Socket::bind(&path).await.unwrap();
        std::fs::rename(&path, dir.path().join("old")).unwrap();
        let _new = Socket::bind(&path).await.unwrap();
        drop(old);
        assert!(path.exists());
    }
}
