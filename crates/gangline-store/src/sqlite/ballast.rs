//! Space held back, so that a full disk can be survived in order.
//!
//! On a full disk even a deletion needs space. The ballast is a file of real blocks beside the
//! database: freed, it leaves enough room to record what is under way and to shut down.

use std::fs::{File, remove_file};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate, statvfs};

const MIB: u64 = 1024 * 1024;

/// The ballast must leave at least this many times its size to others.
const HEADROOM: u64 = 3;

/// How it stands with the space that is held back.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BallastState {
    /// It is held back.
    Held,
    /// It is not, because so little is left that it would itself fill the disk.
    TooLittleSpace {
        /// Bytes that are free to us.
        free_bytes: u64,
    },
    /// None is wanted.
    Unwanted,
}

/// The file that holds the space.
#[derive(Debug, Clone)]
pub(super) struct Ballast {
    path: PathBuf,
    bytes: u64,
}

impl Ballast {
    pub(super) fn new(path: PathBuf, mib: u32) -> Self {
        Self { path, bytes: u64::from(mib) * MIB }
    }

    /// Holds the space back, unless it already is.
    pub(super) fn hold(&self) -> io::Result<BallastState> {
        if self.bytes == 0 {
            return Ok(BallastState::Unwanted);
        }
        if std::fs::metadata(&self.path).is_ok_and(|held| allocated(&held) >= self.bytes) {
            return Ok(BallastState::Held);
        }
        let folder = self.path.parent().unwrap_or(Path::new("/"));
        let free_bytes = free_bytes(folder)?;
        if free_bytes < self.bytes * (1 + HEADROOM) {
            return Ok(BallastState::TooLittleSpace { free_bytes });
        }
        match self.allocate() {
            Ok(()) => Ok(BallastState::Held),
            Err(error) => {
                // Half a ballast would only take space from others.
                self.release()?;
                Err(error)
            }
        }
    }

    /// Frees the space.
    pub(super) fn release(&self) -> io::Result<()> {
        match remove_file(&self.path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    fn allocate(&self) -> io::Result<()> {
        let mut options = File::options();
        let mut file =
            options.write(true).create(true).truncate(true).mode(0o600).open(&self.path)?;
        let whole = fallocate(&file, FallocateFlags::empty(), 0, self.bytes).is_ok()
            && allocated(&file.metadata()?) >= self.bytes;
        if !whole {
            write_noise(&mut file, self.bytes)?;
        }
        file.sync_all()
    }
}

/// Where space cannot be asked for it is written, with bytes that no filesystem can compress.
fn write_noise(file: &mut File, bytes: u64) -> io::Result<()> {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    for _ in 0..bytes / MIB {
        let mut block = Vec::with_capacity(1024 * 1024);
        while block.len() < block.capacity() {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            block.extend_from_slice(&state.to_le_bytes());
        }
        file.write_all(&block)?;
    }
    Ok(())
}

fn allocated(metadata: &std::fs::Metadata) -> u64 {
    // `st_blocks` counts 512 bytes each, whatever the filesystem's block size.
    metadata.blocks() * 512
}

/// Bytes that are free to an ordinary user on the disk of this folder.
pub(super) fn free_bytes(folder: &Path) -> io::Result<u64> {
    let disk = statvfs(folder)?;
    Ok(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ballast_is_real_blocks_and_is_freed_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let ballast = Ballast::new(folder.path().join("b"), 2);
        assert_eq!(ballast.hold().unwrap(), BallastState::Held);
        assert!(allocated(&std::fs::metadata(&ballast.path).unwrap()) >= 2 * MIB);
        assert_eq!(ballast.hold().unwrap(), BallastState::Held);
        ballast.release().unwrap();
        assert!(!ballast.path.exists());
        ballast.release().unwrap();
        assert_eq!(ballast.hold().unwrap(), BallastState::Held);
    }

    #[test]
    fn the_ballast_never_fills_the_disk_itself() {
        let folder = tempfile::tempdir().unwrap();
        let free = free_bytes(folder.path()).unwrap();
        let half = u32::try_from(free / 2 / MIB).unwrap();
        let ballast = Ballast::new(folder.path().join("b"), half);
        let state = ballast.hold().unwrap();
        assert!(matches!(state, BallastState::TooLittleSpace { .. }), "{state:?}");
        assert!(!ballast.path.exists());
    }

    #[test]
    fn where_space_cannot_be_asked_for_it_is_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("b");
        write_noise(&mut File::create(&path).unwrap(), 2 * MIB).unwrap();
        let written = std::fs::read(&path).unwrap();
        assert_eq!(written.len() as u64, 2 * MIB);
        let one = &written[..4096];
        assert!(written[4096..].chunks(4096).all(|other| other != one), "a block repeats");
    }
}
