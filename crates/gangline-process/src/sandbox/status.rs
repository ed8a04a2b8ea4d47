//! What bubblewrap reports about itself on `--json-status-fd`.
//!
//! One JSON object a line: first `{ "child-pid": N, .. }`, and `{ "exit-code": N }` after the
//! program's end, but only if the program was executed. That tells a program that exits with 1
//! from a sandbox that could not be made, which exits with 1 as well.

use std::os::fd::OwnedFd;

use rustix::io::Errno;

use crate::sweep::Pid;

/// More than bubblewrap ever writes: two short lines.
const STATUS_BYTES_MAX: usize = 4096;

/// The reading end, not blocking.
#[derive(Debug)]
pub(crate) struct StatusPipe {
    from: OwnedFd,
    text: Vec<u8>,
}

impl StatusPipe {
    /// A pipe: what is read here, and what bubblewrap writes to.
    pub(crate) fn new() -> rustix::io::Result<(Self, OwnedFd)> {
        let (from, into) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?;
        rustix::io::ioctl_fionbio(&from, true)?;
        Ok((Self { from, text: Vec::new() }, into))
    }

    /// The pid, as seen from here, of the first process inside. It leads the group of the
    /// program. `None` until the namespaces exist.
    pub(crate) fn inner_pid(&mut self) -> Option<Pid> {
        self.number("child-pid").and_then(|n| Pid::try_from(n).ok())
    }

    /// The pid namespace inside, as `/proc/PID/ns/pid` names it. `None` until it exists, and
    /// from bubblewraps that do not say.
    pub(crate) fn pid_namespace(&mut self) -> Option<String> {
        self.number("pid-namespace").map(|n| format!("pid:[{n}]"))
    }

    /// Whether the program was executed. Complete once bubblewrap has ended.
    pub(crate) fn has_run(&mut self) -> bool {
        self.number("exit-code").is_some()
    }

    fn number(&mut self, key: &str) -> Option<u64> {
        self.read();
        number_of(&String::from_utf8_lossy(&self.text), key)
    }

    fn read(&mut self) {
        let mut buffer = [0; 512];
        while self.text.len() < STATUS_BYTES_MAX {
            match rustix::io::read(&self.from, &mut buffer) {
                Ok(0) => return,
                Ok(n) => self.text.extend_from_slice(&buffer[..n]),
                Err(Errno::INTR) => {}
                // Nothing more for now, or for good.
                Err(_) => return,
            }
        }
    }
}

/// The number of a key in flat JSON whose keys are known to be quoted and unescaped.
fn number_of(text: &str, key: &str) -> Option<u64> {
    let quoted = format!("\"{key}\"");
    let rest = text.split_once(&quoted)?.1.trim_start().strip_prefix(':')?.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    rest[..end].parse().ok()
}

#[cfg(test)]
mod tests;
