//! What a job's programs may use, and the watch that sees when they use more.
//!
//! ```text
//!   definition, policy, defaults ──▶ Bounds ──▶ limits of the system   open files, file size, CPU
//!                                      └──────▶ watch                  tasks, memory, CPU, disk
//! ```
//!
//! The system's limits hold for each process, the watch for all of them together. See
//! [`gangline_process::tree_usage`] for why the system alone does not do.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};
use std::path::PathBuf;
use std::pin::pin;
use std::time::{Duration, Instant};

use gangline_domain::resources::{ByteSize, Resources};
use gangline_process::{
    JobMarker, Limits, Pid, folder_bytes, machine_memory, marked, tree_memory, tree_usage,
};
use tokio::time::sleep;

/// Memory, unless the machine has little itself, in MiB.
const MEMORY_MIB_DEFAULT: u32 = 8 * 1024;
const TASKS_DEFAULT: u32 = 4096;
const OPEN_FILES_DEFAULT: u64 = 65_536;
const DISK_MIB_DEFAULT: u32 = 20 * 1024;

/// Between two looks at the processes while all is calm, and while much is used.
const CALM: Duration = Duration::from_secs(1);
const TENSE: Duration = Duration::from_millis(100);
/// Between two searches of the whole machine for processes that left their parents.
const STRAYS_EVERY: Duration = Duration::from_secs(5);
/// Between two looks at the disk: at least, at most, and as a multiple of what one look takes.
const DISK_EVERY_MIN: Duration = Duration::from_secs(2);
const DISK_EVERY_MAX: Duration = Duration::from_mins(1);
const DISK_EVERY_LOOKS: u32 = 20;

/// The bounds of one job. Of one thread.
pub(crate) struct Watch {
    bounds: Cell<Resources>,
    /// What counts towards the disk's bound.
    folders: RefCell<Vec<PathBuf>>,
    /// By which processes are found that left their parents; none where a sandbox adopts them.
    strays: Option<JobMarker>,
}

/// A bound that was passed, with what was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Passed {
    /// Processes and threads.
    Processes { max: u64 },
    /// Bytes.
    Memory { max: ByteSize, found: u64 },
    /// Seconds.
    Cpu { max: u64 },
    /// Bytes.
    Disk { max: ByteSize },
}

impl fmt::Display for Passed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Processes { max } => {
                write!(f, "ended at its limit `processes`: more than {max} processes and threads")
            }
            Self::Memory { max, found } => {
                write!(f, "ended at its limit `memory` of {max}: {} MiB in use", found >> 20)
            }
            Self::Cpu { max } => write!(f, "ended at its limit `cpu_seconds` of {max}"),
            Self::Disk { max } => write!(
                f,
                "ended at its limit `disk` of {max}: worktree, home, output and scratch are larger"
            ),
        }
    }
}

impl Watch {
    /// Default bounds, and no folders yet.
    pub(crate) fn new(strays: Option<JobMarker>) -> Self {
        Self { bounds: Cell::new(defaults()), folders: RefCell::default(), strays }
    }

    /// From now on `bounds` hold, and defaults where they say nothing.
    pub(crate) fn set(&self, bounds: Resources, folders: Vec<PathBuf>) {
        self.bounds.set(bounds.or(defaults()));
        *self.folders.borrow_mut() = folders;
    }

    /// What the system is told, for each process.
    pub(crate) fn limits(&self) -> Limits {
        let bounds = self.bounds.get();
        Limits {
            open_files: bounds.open_files.map(NonZeroU64::get),
            // One file cannot take more than all of them may.
            file_size_bytes: bounds.disk.map(ByteSize::bytes),
            cpu_seconds: bounds.cpu_seconds.map(NonZeroU64::get),
            // The first counts what is not of this job, the second what is not in use.
            processes: None,
            address_space_bytes: None,
        }
    }

    /// Ends when a bound is passed.
    pub(crate) async fn passed(&self) -> Passed {
        let (tree, disk) = (pin!(self.tree_passed()), pin!(self.disk_passed()));
        tokio::select! {
            passed = tree => passed,
            passed = disk => passed,
        }
    }

    async fn tree_passed(&self) -> Passed {
        let (mut pace, mut strays, mut searched) = (CALM, vec![], None::<Instant>);
        loop {
            sleep(pace).await;
            let bounds = self.bounds.get();
            if let Some(marker) = self.strays.clone()
                && searched.is_none_or(|at| at.elapsed() >= STRAYS_EVERY)
            {
                strays = blocking(move || marked(&marker)).await;
                searched = Some(Instant::now());
            }
            let known = strays.clone();
            match blocking(move || look(bounds, &known)).await {
                Look::Passed(passed) => return passed,
                Look::Calm => pace = CALM,
                Look::Tense => pace = TENSE,
            }
        }
    }

    async fn disk_passed(&self) -> Passed {
        let mut pace = DISK_EVERY_MIN;
        loop {
            sleep(pace).await;
            let Some(max) = self.bounds.get().disk else { continue };
            let folders = self.folders.borrow().clone();
            let started = Instant::now();
            let found = blocking(move || {
                folders.iter().fold(0, |bytes, folder| {
                    bytes + folder_bytes(folder, max.bytes().saturating_sub(bytes))
                })
            });
            if found.await > max.bytes() {
                return Passed::Disk { max };
            }
            pace = (started.elapsed() * DISK_EVERY_LOOKS).clamp(DISK_EVERY_MIN, DISK_EVERY_MAX);
        }
    }
}

enum Look {
    Passed(Passed),
    Calm,
    Tense,
}

/// Looks once at what this process has started.
fn look(bounds: Resources, strays: &[Pid]) -> Look {
    let own = std::process::id();
    let tasks_max = bounds.processes.map_or(u64::MAX, |max| u64::from(max.get()));
    let usage = tree_usage(own, strays, tasks_max);
    if usage.tasks > tasks_max {
        return Look::Passed(Passed::Processes { max: tasks_max });
    }
    if let Some(max) = bounds.cpu_seconds
        && usage.cpu.as_secs() >= max.get()
    {
        return Look::Passed(Passed::Cpu { max: max.get() });
    }
    let mut tense = usage.tasks > tasks_max / 2;
    if let Some(max) = bounds.memory {
        // What is shared between processes is in this number only once it was written to.
        if usage.memory_bytes > max.bytes() {
            let found = tree_memory(own, strays, tasks_max);
            if found > max.bytes() {
                return Look::Passed(Passed::Memory { max, found });
            }
        }
        tense |= usage.memory_bytes > max.bytes() / 2;
    }
    if tense { Look::Tense } else { Look::Calm }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => panic!("BUG: a look at the job's programs did not finish: {error}"),
    }
}

fn defaults() -> Resources {
    let most = machine_memory().map_or(u64::MAX, |bytes| bytes / 4 * 3);
    let memory = ByteSize::mib(MEMORY_MIB_DEFAULT);
    Resources {
        memory: Some(memory.min(ByteSize::at_least(most))),
        processes: NonZeroU32::new(TASKS_DEFAULT),
        open_files: NonZeroU64::new(OPEN_FILES_DEFAULT),
        cpu_seconds: None,
        disk: Some(ByteSize::mib(DISK_MIB_DEFAULT)),
    }
}
