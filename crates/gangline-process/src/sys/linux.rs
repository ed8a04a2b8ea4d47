//! Linux: procfs and process file descriptors.

use std::fs;
use std::io::{self, Read};
use std::mem::MaybeUninit;
use std::os::fd::{OwnedFd, RawFd};
use std::time::Duration;

use rustix::fs::{CWD, Mode, OFlags, RawDir};
use rustix::process::{Pid, PidfdFlags, Signal};

/// Asks the kernel to kill this process when the thread that spawned it exits.
pub(crate) fn die_with_parent() -> rustix::io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))
}

/// Calls `act` with every open descriptor of this process. Allocates nothing, because it runs
/// between fork and exec.
pub(crate) fn each_descriptor(
    act: impl Fn(RawFd) -> rustix::io::Result<()>,
) -> rustix::io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let table = rustix::fs::openat(CWD, c"/proc/self/fd", flags, Mode::empty())?;
    let mut buffer = [MaybeUninit::uninit(); 4096];
    let mut entries = RawDir::new(&table, &mut buffer);
    while let Some(entry) = entries.next() {
        let entry = entry?;
        let number = std::str::from_utf8(entry.file_name().to_bytes()).ok();
        if let Some(number) = number.and_then(|name| name.parse().ok()) {
            act(number)?;
        }
    }
    Ok(())
}

/// The pid namespace that a process lives in, such as `pid:[4026531836]`.
pub(crate) fn pid_namespace(pid: u32) -> Option<String> {
    let link = fs::read_link(format!("/proc/{pid}/ns/pid")).ok()?;
    Some(link.to_str()?.to_owned())
}

/// The ids of all processes that can be seen from here.
pub(crate) fn processes() -> io::Result<Vec<u32>> {
    let mut pids = Vec::new();
    for entry in fs::read_dir("/proc")? {
        if let Some(pid) = entry?.file_name().to_str().and_then(|name| name.parse().ok()) {
            pids.push(pid);
        }
    }
    Ok(pids)
}

/// The environment that `pid` was started with, `KEY=VALUE` entries ending in NUL.
///
/// Empty for a process that is gone, is a zombie, or belongs to somebody else.
pub(crate) fn variables(pid: u32) -> Vec<u8> {
    fs::read(format!("/proc/{pid}/environ")).unwrap_or_default()
}

/// The parent of a process that lives; zombies count as gone.
pub(crate) fn parent_of(pid: u32) -> Option<u32> {
    stat(pid).map(|stat| stat.parent)
}

/// When a living process started, in clock ticks since boot.
pub(crate) fn start_ticks(pid: u32) -> Option<u64> {
    stat(pid).map(|stat| stat.start_ticks)
}

/// A token that changes with every boot.
pub(crate) fn boot_id() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned())
}

struct Stat {
    parent: u32,
    start_ticks: u64,
}

/// Longer than all that stands in `/proc/PID/stat`: 52 numbers and a name of 64 bytes.
const STAT_BYTES_MAX: usize = 2048;

/// `/proc/PID/stat`, in one read: all processes of a machine are looked at again and again, and a
/// file that does not tell its size is else read in many small pieces.
fn stat_text(pid: u32) -> Option<String> {
    let mut text = [0; STAT_BYTES_MAX];
    let mut file = fs::File::open(format!("/proc/{pid}/stat")).ok()?;
    let length = file.read(&mut text).ok()?;
    Some(String::from_utf8_lossy(&text[..length]).into_owned())
}

fn stat(pid: u32) -> Option<Stat> {
    let text = stat_text(pid)?;
    // The second field is the program's name in parentheses; it may hold blanks and
    // parentheses itself, so the fields are counted from the last one that closes.
    let mut fields = text.rsplit_once(')')?.1.split_ascii_whitespace();
    let state = fields.next()?;
    if matches!(state, "Z" | "X" | "x") {
        return None;
    }
    let parent = fields.next()?.parse().ok()?;
    // State is field 3, the parent field 4, the start time field 22 of proc(5).
    let start_ticks = fields.nth(17)?.parse().ok()?;
    Some(Stat { parent, start_ticks })
}

/// What one process uses.
pub(crate) struct Usage {
    pub(crate) tasks: u64,
    pub(crate) cpu: Duration,
    pub(crate) memory_bytes: u64,
}

/// `None` for a process that is gone.
pub(crate) fn usage(pid: u32) -> Option<Usage> {
    let text = stat_text(pid)?;
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    // Fields 14 to 17 of proc(5) are ticks in user and system mode, its own and those of
    // children that it has waited for; field 20 counts its threads.
    let number = |field: usize| fields.get(field - 3)?.parse::<u64>().ok();
    let ticks: u64 = (14..=17).filter_map(number).sum();
    let memory = fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let mut pages = memory.split_ascii_whitespace().skip(1).map_while(|n| n.parse::<u64>().ok());
    let (resident, shared) = (pages.next().unwrap_or(0), pages.next().unwrap_or(0));
    let page = u64::try_from(rustix::param::page_size()).unwrap_or(4096);
    Some(Usage {
        tasks: number(20)?,
        cpu: Duration::from_millis(ticks * 1000 / rustix::param::clock_ticks_per_second().max(1)),
        memory_bytes: resident.saturating_sub(shared) * page,
    })
}

/// Bytes of memory that the machine has.
pub(crate) fn machine_memory() -> Option<u64> {
    meminfo("MemTotal:")
}

/// Bytes of memory that a new program can have without swapping.
pub(crate) fn available_memory() -> Option<u64> {
    meminfo("MemAvailable:")
}

fn meminfo(name: &str) -> Option<u64> {
    let text = fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kib: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

/// `None` where the kernel does not tell.
pub(crate) fn proportional_memory(pid: u32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    let kib: u64 = line.split_ascii_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

/// The children of all threads of a process.
pub(crate) fn children(pid: u32) -> Vec<u32> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let listed = threads.filter_map(|thread| {
        let list = fs::read_to_string(thread.path().join("children")).ok()?;
        Some(list.split_ascii_whitespace().filter_map(|n| n.parse().ok()).collect::<Vec<u32>>())
    });
    listed.flatten().collect()
}

/// A process that cannot be confused with a later one of the same id.
#[derive(Debug)]
pub(crate) struct Pinned {
    pid: u32,
    descriptor: OwnedFd,
}

impl Pinned {
    /// `None` when no such process exists.
    pub(crate) fn open(pid: u32) -> Option<Self> {
        let raw = Pid::from_raw(i32::try_from(pid).ok()?)?;
        let descriptor = rustix::process::pidfd_open(raw, PidfdFlags::NONBLOCK).ok()?;
        Some(Self { pid, descriptor })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    /// Sends a signal; says whether the process was there to get it.
    pub(crate) fn signal(&self, signal: Signal) -> bool {
        rustix::process::pidfd_send_signal(&self.descriptor, signal).is_ok()
    }

    /// Whether the process has ended, be it reaped or not. Until it is reaped, its id and its
    /// group's id belong to nobody else.
    pub(crate) fn has_ended(&self) -> bool {
        let mut polled =
            [rustix::event::PollFd::new(&self.descriptor, rustix::event::PollFlags::IN)];
        let at_once = rustix::time::Timespec { tv_sec: 0, tv_nsec: 0 };
        matches!(rustix::event::poll(&mut polled, Some(&at_once)), Ok(ready) if ready > 0)
    }
}
