//! Sockets that a job listens at: of its user alone, and gone when the job lets go of them.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tokio::net::UnixListener;

use crate::durable::{self, FileFault};

/// A bound socket's file. Dropping it removes the file: a socket without a listener refuses
/// connections, so that a leftover misleads nobody.
#[derive(Debug)]
pub(crate) struct SocketFile(PathBuf);

impl SocketFile {
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        durable::remove_file(&self.0).ok();
    }
}

/// Listens at `path`. What an earlier process of the same run left there is replaced; the caller
/// holds the run's lock.
pub(crate) fn listen(path: &Path) -> Result<(UnixListener, SocketFile), FileFault> {
    let fault = |error| FileFault::new("listen at", path, error);
    if let Some(folder) = path.parent() {
        durable::make_dir(folder)?;
    }
    durable::remove_file(path)?;
    let listener = UnixListener::bind(path).map_err(fault)?;
    let file = SocketFile(path.to_owned());
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(fault)?;
    Ok((listener, file))
}
