//! Running a program to its end.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::ChildStdin;

use crate::capped::{Capped, Collector};
use crate::child::Child;
use crate::cmd::Cmd;
use crate::sandbox::{SandboxError, Tier};
use crate::spawn::SpawnError;

/// Between SIGTERM and SIGKILL for a program that has missed its deadline.
const DEADLINE_GRACE: Duration = Duration::from_millis(500);

/// How long pipes may stay open after the program's end. Only a process that has left the group
/// and has no marker can hold them.
const DRAIN_MAX: Duration = Duration::from_secs(1);

const READ_BYTES: usize = 64 * 1024;

/// How a program ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Exit {
    /// It exited by itself.
    Code(i32),
    /// A signal ended it.
    Signal(i32),
}

impl Exit {
    /// Whether it exited with 0.
    pub fn success(&self) -> bool {
        *self == Self::Code(0)
    }
}

impl std::fmt::Display for Exit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(f, "exit code {code}"),
            Self::Signal(signal) => write!(f, "signal {signal}"),
        }
    }
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(code),
            (None, Some(signal)) => Self::Signal(signal),
            (None, None) => panic!("BUG: a reaped process has neither exit code nor signal"),
        }
    }
}

/// What a program that has ended leaves.
#[derive(Debug, Clone)]
pub struct Output {
    /// How it ended. After its deadline: how it was ended.
    pub status: Exit,
    /// What it printed.
    pub stdout: Capped,
    /// What it complained.
    pub stderr: Capped,
    /// From spawn to the end of the program and its pipes.
    pub duration: Duration,
    /// Whether the deadline ended it.
    pub timed_out: bool,
}

impl Output {
    /// Whether the program exited with 0 within its deadline.
    pub fn success(&self) -> bool {
        self.status.success() && !self.timed_out
    }
}

/// Why there is no [`Output`].
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The program did not start.
    #[error(transparent)]
    Spawn(#[from] SpawnError),
    /// A pipe to or from the program broke in a way that says nothing about the program.
    #[error("cannot talk to the program")]
    Io(#[source] io::Error),
}

/// Is given what a program prints, as it comes.
type Tap<'t> = dyn FnMut(&[u8]) + Send + 't;

pub(crate) async fn run(mut cmd: Cmd, tap: &mut Tap<'_>) -> Result<Output, RunError> {
    let started = Instant::now();
    let (deadline, cap) = (cmd.deadline, cmd.cap_bytes);
    let search = !cmd.stays_in_group || cmd.sandbox.tier != Tier::L0;
    let input = cmd.stdin.take();
    let mut child = Child::start(cmd, if input.is_some() { Stdio::piped } else { Stdio::null })?;

    let (mut stdout, mut stderr) = (Collector::new(cap), Collector::new(cap));
    let (from_out, from_err) = (child.take_stdout(), child.take_stderr());
    let into = child.take_stdin();
    let pipes = async {
        let fed = feed(into, input.unwrap_or_default());
        let out = drain(from_out, |bytes| {
            tap(bytes);
            stdout.push(bytes);
        });
        tokio::try_join!(fed, out, drain(from_err, |bytes| stderr.push(bytes)))?;
        Ok(())
    };
    let timed_out = supervise(&mut child, pipes, (deadline, search)).await.map_err(RunError::Io)?;

    let status = child.wait().await;
    let (stdout, stderr) = (stdout.finish(), stderr.finish());
    if child.sandbox_failed() {
        let reason = stderr.text().trim().to_owned();
        return Err(SpawnError::from(SandboxError::Setup { reason }).into());
    }
    Ok(Output { status, stdout, stderr, duration: started.elapsed(), timed_out })
}

/// Reads until the program and all of it has ended. Says whether the deadline ended it.
async fn supervise(
    child: &mut Child,
    pipes: impl Future<Output = io::Result<()>>,
    (deadline, search): (Duration, bool),
) -> io::Result<bool> {
    let mut pipes = pin!(pipes);
    let mut end_of_time = pin!(tokio::time::sleep(deadline));
    let mut open = true;
    let timed_out = loop {
        tokio::select! {
            biased;
            _ = child.wait() => break false,
            drained = &mut pipes, if open => {
                drained?;
                open = false;
            }
            () = &mut end_of_time => break true,
        }
    };
    // The pipes are read on, so that a program that cleans up is not blocked by a full one.
    let mut ending = pin!(end(child, timed_out, search));
    if open {
        tokio::select! {
            drained = &mut pipes => {
                drained?;
                open = false;
            }
            () = &mut ending => {}
        }
    }
    if open {
        // What still holds the pipes is not ours to wait for.
        return tokio::time::timeout(DRAIN_MAX, pipes).await.unwrap_or(Ok(())).map(|()| timed_out);
    }
    ending.await;
    Ok(timed_out)
}

/// Ends what is left: all of it after the deadline, else what the program left behind, if it is
/// of a kind that leaves something.
async fn end(child: &mut Child, timed_out: bool, search: bool) {
    let proof = if timed_out {
        child.end_by(&[Signal::TERM], DEADLINE_GRACE).await
    } else if search {
        child.end_leftovers().await
    } else {
        // Its group has been ended with it.
        return;
    };
    if !proof.is_proven() {
        tracing::warn!(survivors = ?proof.survivors, "processes survive SIGKILL");
    }
}

async fn feed(into: Option<ChildStdin>, bytes: Vec<u8>) -> io::Result<()> {
    let Some(mut into) = into else { return Ok(()) };
    match into.write_all(&bytes).await {
        // A program need not read what it is given.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        written => written,
    }
}

async fn drain<R>(from: Option<R>, mut into: impl FnMut(&[u8])) -> io::Result<()>
where
    R: AsyncRead + Unpin,
{
    let Some(mut from) = from else { return Ok(()) };
    let mut buffer = vec![0; READ_BYTES];
    loop {
        match from.read(&mut buffer).await? {
            0 => return Ok(()),
            n => into(&buffer[..n]),
        }
    }
}
