//! What a child does between fork and exec.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

use rustix::io::FdFlags;

use crate::limits::Limits;
use crate::sandbox::Wall;

/// The steps between fork and exec.
#[derive(Debug)]
pub(crate) struct Prelude {
    /// Start a session of its own, so that no terminal and no group signal reaches it.
    pub(crate) new_session: bool,
    /// Die (SIGKILL) with the spawning thread. Linux only; elsewhere the marker sweep does it.
    pub(crate) die_with_parent: bool,
    pub(crate) limits: Limits,
    /// What is put up last, because it also binds this process.
    pub(crate) wall: Option<Wall>,
    /// Descriptors that survive exec under the numbers they have here.
    pub(crate) inherit: Vec<OwnedFd>,
}

/// Arranges for `prelude` to run in the child.
#[expect(unsafe_code, reason = "setsid, rlimits and inherited descriptors exist only in pre_exec")]
pub(crate) fn install(command: &mut Command, prelude: Prelude) {
    let parent = rustix::process::getpid();
    // SAFETY: after fork in a threaded process only async-signal-safe work is allowed. `run`
    // makes raw system calls through rustix and neither allocates, locks nor panics; the errors
    // that it makes are plain numbers.
    unsafe {
        command.pre_exec(move || run(&prelude, parent));
    }
}

fn run(prelude: &Prelude, parent: rustix::process::Pid) -> io::Result<()> {
    if prelude.new_session {
        rustix::process::setsid()?;
    }
    if prelude.die_with_parent {
        crate::sys::die_with_parent()?;
        // The parent may have gone before the request was in place: nobody would end us then.
        if rustix::process::getppid() != Some(parent) {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
    }
    crate::sys::each_descriptor(close_on_exec)?;
    for descriptor in &prelude.inherit {
        rustix::io::fcntl_setfd(descriptor, FdFlags::empty())?;
    }
    prelude.limits.apply()?;
    prelude.wall.as_ref().map_or(Ok(()), Wall::raise)
}

/// Keeps what this process has itself inherited (a build's job server, a terminal's socket) from
/// the program. Everything opened by Rust is marked so from the start.
#[expect(unsafe_code, reason = "only numbers are known of descriptors opened by others")]
fn close_on_exec(descriptor: RawFd) -> rustix::io::Result<()> {
    if descriptor <= 2 {
        return Ok(());
    }
    // SAFETY: the number was just read from this process's own table, and between fork and exec
    // there is no other thread that could close it.
    let descriptor = unsafe { BorrowedFd::borrow_raw(descriptor) };
    rustix::io::fcntl_setfd(descriptor, FdFlags::CLOEXEC)
}
