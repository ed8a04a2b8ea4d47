//! macOS: `ps` and `sysctl`. Written to the documentation of these programs and untested.
//!
//! There are no process descriptors here, so a process is pinned by its id alone, and no
//! parent-death signal, so a tree whose supervisor was killed is found by its marker.

use std::io;
use std::os::fd::RawFd;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal};

pub(crate) fn die_with_parent() -> rustix::io::Result<()> {
    Ok(())
}

/// Nothing: descriptors that this process has inherited are handed on.
pub(crate) fn each_descriptor(
    _act: impl Fn(RawFd) -> rustix::io::Result<()>,
) -> rustix::io::Result<()> {
    Ok(())
}

/// There are no pid namespaces.
pub(crate) fn pid_namespace(_pid: u32) -> Option<String> {
    None
}

pub(crate) fn processes() -> io::Result<Vec<u32>> {
    let listing = run("/bin/ps", &["-axo", "pid="])?;
    Ok(listing.lines().filter_map(|line| line.trim().parse().ok()).collect())
}

/// `ps -E` prints the environment behind the command, separated by blanks.
pub(crate) fn variables(pid: u32) -> Vec<u8> {
    let listing = run("/bin/ps", &["-E", "-ww", "-o", "command=", "-p", &pid.to_string()]);
    let words = listing.unwrap_or_default().replace([' ', '\n'], "\0");
    words.into_bytes()
}

pub(crate) fn parent_of(pid: u32) -> Option<u32> {
    let line = run("/bin/ps", &["-o", "state=,ppid=", "-p", &pid.to_string()]).ok()?;
    let (state, parent) = line.trim().split_once(char::is_whitespace)?;
    if state.starts_with('Z') { None } else { parent.trim().parse().ok() }
}

/// A number that is the same for the same start time, which `ps` gives to the second.
pub(crate) fn start_ticks(pid: u32) -> Option<u64> {
    parent_of(pid)?;
    let line = run("/bin/ps", &["-o", "lstart=", "-p", &pid.to_string()]).ok()?;
    let start = line.trim();
    // FNV-1a: the text is compared for equality only, so that a stable digest is enough.
    let digest = start.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |digest, byte| {
        (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (!start.is_empty()).then_some(digest)
}

pub(crate) fn boot_id() -> io::Result<String> {
    Ok(run("/usr/sbin/sysctl", &["-n", "kern.bootsessionuuid"])?.trim().to_owned())
}

/// What one process uses.
pub(crate) struct Usage {
    pub(crate) tasks: u64,
    pub(crate) cpu: Duration,
    pub(crate) memory_bytes: u64,
}

/// Memory and presence only: `ps` counts no threads, and its processor time has many formats.
pub(crate) fn usage(pid: u32) -> Option<Usage> {
    let line = run("/bin/ps", &["-o", "rss=", "-p", &pid.to_string()]).ok()?;
    let kib: u64 = line.trim().parse().ok()?;
    Some(Usage { tasks: 1, cpu: Duration::ZERO, memory_bytes: kib * 1024 })
}

pub(crate) fn machine_memory() -> Option<u64> {
    run("/usr/sbin/sysctl", &["-n", "hw.memsize"]).ok()?.trim().parse().ok()
}

/// Not told cheaply enough to be asked every few seconds.
pub(crate) fn available_memory() -> Option<u64> {
    None
}

pub(crate) fn proportional_memory(_pid: u32) -> Option<u64> {
    None
}

pub(crate) fn children(pid: u32) -> Vec<u32> {
    let listing = run("/bin/ps", &["-axo", "pid=,ppid="]).unwrap_or_default();
    let pairs = listing.lines().filter_map(|line| line.trim().split_once(char::is_whitespace));
    let own = pairs.filter(|(_, parent)| parent.trim().parse() == Ok(pid));
    own.filter_map(|(child, _)| child.parse().ok()).collect()
}

fn run(program: &str, arguments: &[&str]) -> io::Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("LC_ALL", "C")
        .env("TZ", "UTC")
        .stdin(Stdio::null())
        .output()?;
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

#[derive(Debug)]
pub(crate) struct Pinned {
    pid: u32,
    raw: Pid,
}

impl Pinned {
    pub(crate) fn open(pid: u32) -> Option<Self> {
        let raw = Pid::from_raw(i32::try_from(pid).ok()?)?;
        rustix::process::test_kill_process(raw).ok()?;
        Some(Self { pid, raw })
    }

    pub(crate) fn pid(&self) -> u32 {
        self.pid
    }

    pub(crate) fn signal(&self, signal: Signal) -> bool {
        rustix::process::kill_process(self.raw, signal).is_ok()
    }

    pub(crate) fn has_ended(&self) -> bool {
        parent_of(self.pid).is_none()
    }
}
