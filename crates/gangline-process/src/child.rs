//! A running program with piped streams.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::Signal;
use tokio::process::{ChildStderr, ChildStdin, ChildStdout};
use tokio::signal::unix::{SignalKind, signal};

use crate::cmd::Cmd;
use crate::marker::Token;
use crate::output::Exit;
use crate::sandbox::StatusPipe;
use crate::spawn::{self, SpawnError, Started, Streams};
use crate::sweep::{EndProof, Hunt, Pid};
use crate::sys::Pinned;

/// How long a process may take to go after SIGKILL. It needs microseconds, or never goes
/// because it hangs in the kernel.
const KILL_SETTLE: Duration = Duration::from_secs(2);

/// A running program. Dropping it kills it and what can be found of its descendants, without
/// waiting and without proof.
#[derive(Debug)]
#[must_use = "dropping a child kills it"]
pub struct Child {
    inner: tokio::process::Child,
    pinned: Pinned,
    /// Found in the environment of all descendants, when the command had a marker.
    token: Option<Token>,
    /// What bubblewrap says about itself, when there is a sandbox.
    status: Option<StatusPipe>,
    /// Tells that some child of this process has ended. There from the start, because its
    /// handler also undoes an ignored SIGCHLD, under which ends go unreported.
    some_end: tokio::signal::unix::Signal,
    exit: Option<Exit>,
}

impl Child {
    pub(crate) fn start(cmd: Cmd, stdin: fn() -> Stdio) -> Result<Self, SpawnError> {
        let streams = Streams { stdin: stdin(), stdout: Stdio::piped(), stderr: Stdio::piped() };
        let some_end = signal(SignalKind::child())
            .map_err(|source| SpawnError::Io { program: cmd.program.clone(), source })?;
        let Started { mut child, token, status } = spawn::attached(&cmd, streams)?;
        // The child is not reaped before `wait`, so that its id cannot be another's.
        let pinned = child.id().and_then(Pinned::open);
        let Some(pinned) = pinned else {
            let source = child.start_kill().err().unwrap_or_else(std::io::Error::last_os_error);
            return Err(SpawnError::Io { program: cmd.program, source });
        };
        Ok(Self { inner: child, pinned, token, status, some_end, exit: None })
    }

    /// The process id: the program's own, or under a sandbox that of its outer supervisor.
    pub fn pid(&self) -> Pid {
        self.pinned.pid()
    }

    /// The writing end of its stdin, once. Drop it to send end-of-file.
    pub fn take_stdin(&mut self) -> Option<ChildStdin> {
        self.inner.stdin.take()
    }

    /// The reading end of its stdout, once.
    pub fn take_stdout(&mut self) -> Option<ChildStdout> {
        self.inner.stdout.take()
    }

    /// The reading end of its stderr, once.
    pub fn take_stderr(&mut self) -> Option<ChildStderr> {
        self.inner.stderr.take()
    }

    /// Waits for the program's end, and ends what it left in its process group. Cancel safe;
    /// answers at once when the end is known.
    ///
    /// Under a sandbox a program that died of signal N ends with `Exit::Code(128 + N)`, and
    /// everything that it left behind is gone with its pid namespace.
    ///
    /// # Panics
    ///
    /// When the system has lost the child, because somebody else reaped it.
    pub async fn wait(&mut self) -> Exit {
        if let Some(exit) = self.exit {
            return exit;
        }
        while !self.pinned.has_ended() {
            // `None` only when the runtime goes down, and this future with it.
            self.some_end.recv().await;
        }
        // As long as the leader is not reaped, its group's id cannot be another group's.
        signal_group(self.pid(), Signal::KILL);
        let exit = match self.inner.wait().await {
            Ok(status) => Exit::from(status),
            Err(error) => panic!("BUG: a child cannot be awaited: {error}"),
        };
        self.exit = Some(exit);
        exit
    }

    /// Ends the program: SIGINT to its group, `grace`, SIGTERM, `grace`, SIGKILL; then whatever
    /// has left the group, by marker and by descent. With a `grace` of zero, SIGKILL at once.
    ///
    /// Answers after at most twice `grace` and a few seconds, even when something survives.
    pub async fn end(&mut self, grace: Duration) -> EndProof {
        self.end_by(&[Signal::INT, Signal::TERM], grace).await
    }

    pub(crate) async fn end_by(&mut self, signals: &[Signal], grace: Duration) -> EndProof {
        let mut hunt = self.hunt();
        let mut killed = None;
        if self.exit.is_none() {
            hunt.remember_descendants(self.pid());
            for signal in signals.iter().filter(|_| !grace.is_zero()) {
                self.signal(*signal);
                if tokio::time::timeout(grace, self.wait()).await.is_ok() {
                    break;
                }
            }
        }
        if self.exit.is_none() {
            // Once more: it may have started others while it was asked to end.
            hunt.remember_descendants(self.pid());
            signal_group(self.pid(), Signal::KILL);
            killed = Some(self.pid());
        }
        let gone = tokio::time::timeout(KILL_SETTLE, self.wait()).await.is_ok();
        let namespace = self.status.as_mut().and_then(StatusPipe::pid_namespace);
        let mut proof = hunt.inside(namespace).end(KILL_SETTLE).await;
        if let Some(pid) = killed {
            proof.killed.insert(0, pid);
        }
        if !gone {
            proof.survivors.insert(0, self.pid());
        }
        proof
    }

    /// Ends what a program that has ended left outside its group.
    pub(crate) async fn end_leftovers(&mut self) -> EndProof {
        // Bubblewrap's supervisor leaves a moment before the kernel has emptied the namespace.
        self.hunt().end(KILL_SETTLE).await
    }

    /// Whether the sandbox ended before the program ran: it could not be set up, or could not
    /// execute the program. The reason is on its stderr. Known after [`Child::wait`].
    pub fn sandbox_failed(&mut self) -> bool {
        let exited = matches!(self.exit, Some(Exit::Code(_)));
        exited && self.status.as_mut().is_some_and(|status| !status.has_run())
    }

    /// What is known of this child's descendants by their environment or namespace.
    fn hunt(&mut self) -> Hunt {
        let namespace = self.status.as_mut().and_then(StatusPipe::pid_namespace);
        Hunt::of(self.token.clone()).inside(namespace)
    }

    /// Signals the program's group; inside a sandbox the program's, because its supervisor
    /// would die of the signal and take the program along without a chance to clean up.
    fn signal(&mut self, signal: Signal) {
        let inside = self.status.as_mut().and_then(StatusPipe::inner_pid);
        signal_group(inside.unwrap_or_else(|| self.pid()), signal);
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if self.exit.is_some() {
            return;
        }
        let mut hunt = self.hunt();
        hunt.remember_descendants(self.pid());
        signal_group(self.pid(), Signal::KILL);
        hunt.strike();
    }
}

/// Signals a group that may have no members any more, which is as good as done.
fn signal_group(leader: Pid, signal: Signal) {
    let raw = i32::try_from(leader).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(raw) = raw
        && let Err(error) = rustix::process::kill_process_group(raw, signal)
        && error != rustix::io::Errno::SRCH
    {
        tracing::warn!(leader, %error, "cannot signal a process group");
    }
}
