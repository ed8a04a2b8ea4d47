//! Resource limits of one process tree, set between fork and exec.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde::{Deserialize, Serialize};

/// Resource limits that every process of the tree inherits.
///
/// A limit is only ever lowered: a value above the current hard limit means that limit.
/// `None` leaves what this process has. Core dumps are always off, because a dump may hold
/// secrets and lands wherever the host's pattern says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// Open file descriptors per process.
    pub open_files: Option<u64>,
    /// Processes and threads of the *user*, not of this tree. The kernel exempts root.
    pub processes: Option<u64>,
    /// Size of one written file, in bytes.
    pub file_size_bytes: Option<u64>,
    /// Seconds of processor time per process, at which it is killed.
    pub cpu_seconds: Option<u64>,
    /// Address space per process, in bytes. Runtimes that reserve much (Node, Go, the JVM)
    /// fail under small values.
    pub address_space_bytes: Option<u64>,
}

impl Limits {
    /// The same, with `other`'s limits where this has none.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self {
            open_files: self.open_files.or(other.open_files),
            processes: self.processes.or(other.processes),
            file_size_bytes: self.file_size_bytes.or(other.file_size_bytes),
            cpu_seconds: self.cpu_seconds.or(other.cpu_seconds),
            address_space_bytes: self.address_space_bytes.or(other.address_space_bytes),
        }
    }

    /// Applies the limits to the calling process.
    ///
    /// Runs between fork and exec, hence system calls only, no allocation.
    pub(crate) fn apply(self) -> rustix::io::Result<()> {
        lower(Resource::Core, 0)?;
        let wanted = [
            (Resource::Nofile, self.open_files),
            (Resource::Nproc, self.processes),
            (Resource::Fsize, self.file_size_bytes),
            (Resource::Cpu, self.cpu_seconds),
            (Resource::As, self.address_space_bytes),
        ];
        for (resource, value) in wanted {
            if let Some(value) = value {
                lower(resource, value)?;
            }
        }
        Ok(())
    }
}

fn lower(resource: Resource, value: u64) -> rustix::io::Result<()> {
    let ceiling = getrlimit(resource).maximum.unwrap_or(u64::MAX);
    let value = Some(value.min(ceiling));
    setrlimit(resource, Rlimit { current: value, maximum: value })
}
