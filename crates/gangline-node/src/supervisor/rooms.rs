//! How much the node has left of what its jobs use.

use std::collections::VecDeque;
use std::path::Path;

use gangline_domain::resources::ByteSize;
use gangline_domain::room::{Room, RoomKind};
use gangline_policy::Daemon;

/// Measurements of which the smallest counts: a minute of signs of life. Too little is told at
/// once, enough only when it has been so for that long.
const MEASURED_MAX: usize = 12;

/// What was measured lately.
#[derive(Debug, Default)]
pub(crate) struct Rooms {
    disk: Gauge,
    memory: Gauge,
}

/// Bytes that were free, the last ones.
#[derive(Debug, Default)]
struct Gauge(VecDeque<u64>);

impl Rooms {
    /// What there is now, at the disk of `state` and of memory. What cannot be measured is left out.
    pub(crate) fn measure(&mut self, state: &Path, limits: &Daemon) -> Vec<Room> {
        let disk = self.disk.room(RoomKind::Disk, disk(state), limits.disk_alert);
        let memory = self.memory.room(RoomKind::Memory, memory(), limits.memory_alert);
        [disk, memory].into_iter().flatten().collect()
    }
}

impl Gauge {
    fn room(&mut self, kind: RoomKind, measured: Option<Measured>, low: ByteSize) -> Option<Room> {
        let Measured { free_bytes, total_bytes } = measured?;
        self.0.push_back(free_bytes);
        while self.0.len() > MEASURED_MAX {
            self.0.pop_front();
        }
        let free_bytes = self.0.iter().copied().min()?;
        Some(Room { kind, free_bytes, total_bytes, low })
    }
}

#[derive(Debug, Clone, Copy)]
struct Measured {
    free_bytes: u64,
    total_bytes: u64,
}

fn disk(at: &Path) -> Option<Measured> {
    let found = match rustix::fs::statvfs(at) {
        Ok(found) => found,
        Err(error) => {
            tracing::debug!(%error, "the free space of the state's disk is not known");
            return None;
        }
    };
    let bytes = |blocks: u64| blocks.saturating_mul(found.f_frsize);
    Some(Measured { free_bytes: bytes(found.f_bavail), total_bytes: bytes(found.f_blocks) })
}

fn memory() -> Option<Measured> {
    let total_bytes = gangline_process::machine_memory()?;
    Some(Measured { free_bytes: gangline_process::available_memory()?, total_bytes })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn too_little_counts_at_once_and_enough_only_after_a_minute() {
        let mut gauge = Gauge::default();
        let low = ByteSize::mib(1);
        let mut free = |free_bytes| {
            let measured = Measured { free_bytes, total_bytes: 100 };
            gauge.room(RoomKind::Disk, Some(measured), low).unwrap().free_bytes
        };
        assert_eq!(free(90), 90);
        assert_eq!(free(7), 7);
        for _later in 1..MEASURED_MAX {
            assert_eq!(free(80), 7);
        }
        assert_eq!(free(80), 80);
    }

    #[test]
    fn the_disk_and_on_linux_the_memory_of_this_machine_are_measured() {
        let folder = tempfile::tempdir().unwrap();
        let limits = Daemon { disk_alert: ByteSize::mib(7), ..Daemon::default() };
        let rooms = Rooms::default().measure(folder.path(), &limits);
        assert_eq!((rooms[0].kind, rooms[0].low), (RoomKind::Disk, ByteSize::mib(7)));
        assert_eq!(rooms.len(), if cfg!(target_os = "linux") { 2 } else { 1 });
        for room in rooms {
            assert!(room.free_bytes > 0 && room.free_bytes <= room.total_bytes, "{room:?}");
        }
        let nowhere = Rooms::default().measure(&folder.path().join("gone"), &limits);
        assert!(nowhere.iter().all(|room| room.kind == RoomKind::Memory), "{nowhere:?}");
    }
}
