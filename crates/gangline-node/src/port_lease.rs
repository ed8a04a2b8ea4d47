//! A range of ports for each worktree, by one lock file per range.

use std::path::Path;

use gangline_process::FileLock;

use crate::durable::{self, FileFault};

/// Ranges that are tried.
const RANGES_MAX: u16 = 200;

/// A range of ports, held until dropped.
#[derive(Debug)]
pub(crate) struct PortLease {
    /// The first port.
    pub(crate) base: u16,
    _lock: FileLock,
}

/// Takes `count` ports from `first` on: the `preferred` range where it is free, otherwise the
/// first free one; `None` when all are taken. Ports of other programs are not looked at.
pub(crate) fn take(
    folder: &Path,
    first: u16,
    count: u16,
    preferred: Option<u16>,
) -> Result<Option<PortLease>, FileFault> {
    durable::make_dir(folder)?;
    let ranges = (0..RANGES_MAX).map_while(|n| {
        let base = first.checked_add(n.checked_mul(count)?)?;
        base.checked_add(count - 1).map(|_last| base)
    });
    for base in preferred.into_iter().chain(ranges) {
        let path = folder.join(format!("{base}-{count}.lock"));
        let taken = FileLock::try_acquire(&path);
        if let Some(lock) = taken.map_err(|error| FileFault::new("lock", &path, error))? {
            return Ok(Some(PortLease { base, _lock: lock }));
        }
    }
    Ok(None)
}
