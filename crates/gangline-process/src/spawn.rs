//! From a [`Cmd`] to a running process.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::LazyLock;
use std::sync::mpsc::{SyncSender, sync_channel};

use tokio::runtime::Handle;

use crate::cmd::Cmd;
use crate::marker::{self, JobMarker, MARKER_VARIABLE, RUN_VARIABLE, Token};
use crate::pre_exec::{self, Prelude};
use crate::resolve;
use crate::sandbox::{self, Network, SandboxError, Tier};

/// Why a program did not start.
#[derive(Debug, thiserror::Error)]
pub enum SpawnError {
    /// No such program.
    #[error("program {program:?} not found")]
    NotFound {
        /// As the caller named it.
        program: OsString,
    },
    /// There is a file of that name, but it is no program for this user.
    #[error("program {program:?} may not be executed")]
    PermissionDenied {
        /// As the caller named it.
        program: OsString,
    },
    /// The directory to run in does not exist or is no directory.
    #[error("no such directory: {}", path.display())]
    NoSuchDirectory {
        /// The directory asked for.
        path: PathBuf,
    },
    /// The sandbox could not be had as described; nothing ran.
    #[error("sandbox refused")]
    Sandbox(#[from] SandboxError),
    /// The log of a detached process could not be opened.
    #[error("cannot open log {}", path.display())]
    Log {
        /// The log asked for.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// The system could not start a process (too many, out of memory, limits).
    #[error("cannot start {program:?}")]
    Io {
        /// As the caller named it.
        program: OsString,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

/// The three standard streams.
pub(crate) struct Streams {
    pub(crate) stdin: Stdio,
    pub(crate) stdout: Stdio,
    pub(crate) stderr: Stdio,
}

/// A process that has just begun.
pub(crate) struct Started {
    pub(crate) child: tokio::process::Child,
    pub(crate) token: Option<Token>,
    pub(crate) status: Option<sandbox::StatusPipe>,
}

/// Starts `cmd` in a group of its own, to die with this process.
pub(crate) fn attached(cmd: &Cmd, streams: Streams) -> Result<Started, SpawnError> {
    let (mut command, mut prelude, started) = prepare(cmd)?;
    command.process_group(0);
    prelude.die_with_parent = true;
    let child = launch(cmd, command, prelude, streams)?;
    Ok(Started { child, token: started.token, status: started.status })
}

/// Starts `cmd` in a session of its own, to outlive this process.
pub(crate) fn detached(cmd: &Cmd, streams: Streams) -> Result<tokio::process::Child, SpawnError> {
    if cmd.sandbox.tier != Tier::L0 {
        return Err(SandboxError::Detached.into());
    }
    let (command, mut prelude, _) = prepare(cmd)?;
    prelude.new_session = true;
    launch(cmd, command, prelude, streams)
}

/// Starts `cmd` in this process's own group, to go on should this process end.
pub(crate) fn beside(cmd: &Cmd, streams: Streams) -> Result<tokio::process::Child, SpawnError> {
    if cmd.sandbox.tier != Tier::L0 {
        return Err(SandboxError::Detached.into());
    }
    let (command, prelude, _) = prepare(cmd)?;
    launch(cmd, command, prelude, streams)
}

struct Accessories {
    token: Option<Token>,
    status: Option<sandbox::StatusPipe>,
}

fn prepare(cmd: &Cmd) -> Result<(Command, Prelude, Accessories), SpawnError> {
    let mut prelude = Prelude {
        new_session: false,
        die_with_parent: false,
        limits: cmd.limits.or(cmd.sandbox.limits),
        wall: None,
        inherit: Vec::new(),
    };
    let (marks, token) = marks(cmd.marker.clone().or_else(JobMarker::inherited));
    let mut accessories = Accessories { token, status: None };
    if cmd.sandbox.tier != Tier::L2
        && cmd.sandbox.private.as_ref().is_some_and(|private| !private.files.is_empty())
    {
        return Err(SandboxError::NoPrivateFolder { tier: cmd.sandbox.tier }.into());
    }
    let mut command = match cmd.sandbox.tier {
        Tier::L0 if matches!(cmd.sandbox.network, Network::Proxy(_)) => {
            return Err(SandboxError::NoProxy { tier: Tier::L0 }.into());
        }
        Tier::L0 => plain(cmd)?,
        Tier::L1 => {
            let (command, wall) = sandbox::walled(cmd)?;
            prelude.wall = Some(wall);
            command
        }
        Tier::L2 => {
            let wrapped = sandbox::wrap(cmd, &marks)?;
            prelude.inherit = wrapped.inherit;
            accessories.status = Some(wrapped.status);
            wrapped.command
        }
    };
    command.envs(marks);
    Ok((command, prelude, accessories))
}

/// The variables by which descendants are found.
fn marks(marker: Option<JobMarker>) -> (Vec<(&'static str, String)>, Option<Token>) {
    let Some(marker) = marker else { return (Vec::new(), None) };
    let run = marker::next_run();
    let token = Token::of_run(&run);
    (vec![(MARKER_VARIABLE, marker.into()), (RUN_VARIABLE, run)], Some(token))
}

#[expect(clippy::disallowed_methods, reason = "this is the one door to processes")]
fn plain(cmd: &Cmd) -> Result<Command, SpawnError> {
    if let Some(cwd) = &cmd.cwd
        && !cwd.is_dir()
    {
        return Err(SpawnError::NoSuchDirectory { path: cwd.clone() });
    }
    let program = resolve::program(&cmd.program, &cmd.search_path(), cmd.cwd.as_deref())?;
    let mut command = Command::new(program);
    command.args(&cmd.args).env_clear();
    if let Some(home) = &cmd.sandbox.home {
        command.env("HOME", home);
    }
    command.envs(&cmd.env);
    if let Some(cwd) = &cmd.cwd {
        command.current_dir(cwd);
    }
    Ok(command)
}

fn launch(
    cmd: &Cmd,
    mut command: Command,
    prelude: Prelude,
    streams: Streams,
) -> Result<tokio::process::Child, SpawnError> {
    command.stdin(streams.stdin).stdout(streams.stdout).stderr(streams.stderr);
    pre_exec::install(&mut command, prelude);
    on_lasting_thread(tokio::process::Command::from(command)).map_err(|source| {
        let program = cmd.program.clone();
        match (source.kind(), &cmd.cwd) {
            // Whatever was there a moment ago may be gone by now.
            (io::ErrorKind::NotFound, Some(cwd)) if !cwd.is_dir() => {
                SpawnError::NoSuchDirectory { path: cwd.clone() }
            }
            (io::ErrorKind::NotFound, _) => SpawnError::NotFound { program },
            (io::ErrorKind::PermissionDenied, _) => SpawnError::PermissionDenied { program },
            _ => SpawnError::Io { program, source },
        }
    })
}

type Task = Box<dyn FnOnce() + Send>;

/// Spawns that may wait for the thread; each takes about a millisecond.
const QUEUE_MAX: usize = 64;

/// Forks on a thread that lives as long as this process, because children are killed when the
/// thread that forked them exits.
fn on_lasting_thread(mut command: tokio::process::Command) -> io::Result<tokio::process::Child> {
    static THREAD: LazyLock<io::Result<SyncSender<Task>>> = LazyLock::new(|| {
        let (tasks, inbox) = sync_channel::<Task>(QUEUE_MAX);
        // Never joined: its whole point is to end with the process.
        std::thread::Builder::new()
            .name("gangline-spawn".into())
            .spawn(move || inbox.into_iter().for_each(|task| task()))?;
        Ok(tasks)
    });
    let tasks = match &*THREAD {
        Ok(tasks) => tasks,
        Err(error) => return Err(io::Error::new(error.kind(), error.to_string())),
    };
    let runtime = Handle::try_current().map_err(io::Error::other)?;
    let (reply, answer) = sync_channel(1);
    let task = move || {
        let _entered = runtime.enter();
        // An error means that the caller has gone, which it cannot while it waits below.
        drop(reply.send(command.spawn()));
    };
    tasks.send(Box::new(task)).map_err(|_| io::Error::other("the spawning thread has ended"))?;
    answer.recv().map_err(|_| io::Error::other("the spawning thread has ended"))?
}
