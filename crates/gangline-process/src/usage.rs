//! What a process tree uses: processes, processor time, memory, and what a folder takes on disk.
//!
//! Limits of the system do not fit agents. `RLIMIT_AS` stops runtimes that reserve much and use
//! little (Node, Go, the JVM); `RLIMIT_NPROC` counts everything that the *user* runs, and root is
//! exempt; a cgroup of one's own is had only where one was delegated. Hence whoever runs a tree
//! looks at it now and then.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::Duration;

use crate::sweep::Pid;
use crate::sys;

/// What a tree uses at one moment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TreeUsage {
    /// Processes and threads.
    pub tasks: u64,
    /// Processor time of those that live and of those that they have waited for.
    pub cpu: Duration,
    /// Memory of their own, in bytes: what is shared with others counts for none, so that the
    /// truth is a little more.
    pub memory_bytes: u64,
}

/// What the descendants of `root` use, without `root`, and `strays` with theirs. What left its
/// parents is a descendant as long as one, such as a sandbox's first process, has adopted it;
/// [`crate::marked`] finds other strays.
///
/// Stops counting at `tasks_max`. Blocks for about 50 µs a process.
pub fn tree_usage(root: Pid, strays: &[Pid], tasks_max: u64) -> TreeUsage {
    let mut usage = TreeUsage::default();
    for pid in tree(root, strays, tasks_max) {
        let Some(one) = sys::usage(pid) else { continue };
        usage.tasks += one.tasks;
        usage.cpu += one.cpu;
        usage.memory_bytes += one.memory_bytes;
        if usage.tasks > tasks_max {
            break;
        }
    }
    usage
}

/// The memory of the same processes, in bytes, with a fair share of what several of them
/// use. Exact and slow: the kernel walks through all of it.
pub fn tree_memory(root: Pid, strays: &[Pid], tasks_max: u64) -> u64 {
    let memory =
        |pid| sys::proportional_memory(pid).or_else(|| Some(sys::usage(pid)?.memory_bytes));
    tree(root, strays, tasks_max).into_iter().filter_map(memory).sum()
}

/// Stops soon after it has found `most`.
fn tree(root: Pid, strays: &[Pid], most: u64) -> BTreeSet<Pid> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let mut found: BTreeSet<Pid> = strays.iter().copied().collect();
    let mut open: Vec<Pid> = found.iter().copied().chain([root]).collect();
    while let Some(parent) = open.pop() {
        for child in sys::children(parent) {
            if found.insert(child) {
                open.push(child);
            }
        }
        if found.len() > most {
            break;
        }
    }
    found
}

/// Bytes of memory that this machine has, where it tells.
pub fn machine_memory() -> Option<u64> {
    sys::machine_memory()
}

/// Bytes of memory that a new program can have without swapping, where the machine tells.
pub fn available_memory() -> Option<u64> {
    sys::available_memory()
}

/// What a folder takes on its disk, in bytes. Links are not followed, a file with several names
/// counts once in all. Stops when it is more than `bytes_max`. Blocks: a second for 200,000 files.
///
/// What vanishes while it looks, or cannot be read, takes nothing.
pub fn folder_bytes(folder: &Path, bytes_max: u64) -> u64 {
    let Ok(own) = fs::symlink_metadata(folder) else { return 0 };
    let mut bytes = blocks(&own);
    let mut open = if own.is_dir() { vec![folder.to_owned()] } else { vec![] };
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let Ok(meta) = entry.metadata() else { continue };
            bytes += blocks(&meta);
            if meta.is_dir() {
                open.push(entry.path());
            }
        }
        if bytes > bytes_max {
            break;
        }
    }
    bytes
}

fn blocks(meta: &fs::Metadata) -> u64 {
    let names = if meta.is_dir() { 1 } else { meta.nlink().max(1) };
    meta.blocks() * 512 / names
}
