//! Who a process is, told apart from a later one that got the same id.

use std::io;

use serde::{Deserialize, Serialize};

use crate::sweep::Pid;
use crate::sys;

/// Names one process of one boot of this machine.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ProcessIdentity {
    /// The process id.
    pub pid: Pid,
    /// When it started, in clock ticks since boot (compared for equality only).
    pub start_ticks: u64,
    /// Which boot of the machine it belongs to.
    pub boot_id: String,
}

impl ProcessIdentity {
    /// The calling process.
    pub fn current() -> io::Result<Self> {
        let gone = || io::Error::new(io::ErrorKind::NotFound, "the process table is unreadable");
        Self::of(std::process::id())?.ok_or_else(gone)
    }

    /// The living process with this id; `None` when there is none, or only a zombie.
    pub fn of(pid: Pid) -> io::Result<Option<Self>> {
        let boot_id = sys::boot_id()?;
        Ok(sys::start_ticks(pid).map(|start_ticks| Self { pid, start_ticks, boot_id }))
    }

    /// Whether this very process lives. A zombie does not, nor does a namesake.
    ///
    /// An unreadable process table counts as dead; whoever acts on death asks the job's
    /// [`crate::FileLock`] as well.
    pub fn is_alive(&self) -> bool {
        matches!(Self::of(self.pid), Ok(Some(found)) if found == *self)
    }
}
