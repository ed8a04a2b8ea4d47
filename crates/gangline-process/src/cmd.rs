//! What to run: an argument vector, its surroundings and its bounds.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::child::Child;
use crate::detached::Detached;
use crate::limits::Limits;
use crate::marker::JobMarker;
use crate::output::{Exit, Output, RunError};
use crate::sandbox::Sandbox;
use crate::spawn::SpawnError;

const DEADLINE_DEFAULT: Duration = Duration::from_mins(1);
const CAP_BYTES_DEFAULT: usize = 1024 * 1024;

/// A program to run.
///
/// Never a shell line: a program and its arguments. The environment is **empty** unless set. A
/// program named without a slash is looked up in the `PATH` set here, or else in this process's
/// own. It runs in a process group of its own and dies with this process, unless detached.
///
/// All spawning needs a tokio runtime with I/O and time enabled.
#[derive(Clone)]
#[must_use = "a command does nothing until it is run"]
pub struct Cmd {
    pub(crate) program: OsString,
    pub(crate) args: Vec<OsString>,
    pub(crate) cwd: Option<PathBuf>,
    pub(crate) env: BTreeMap<OsString, OsString>,
    pub(crate) stdin: Option<Vec<u8>>,
    pub(crate) deadline: Duration,
    pub(crate) cap_bytes: usize,
    pub(crate) marker: Option<JobMarker>,
    pub(crate) sandbox: Sandbox,
    pub(crate) limits: Limits,
    /// See [`Cmd::stays_in_group`].
    pub(crate) stays_in_group: bool,
}

impl Cmd {
    /// A command without arguments or environment, in this process's directory (or `/` inside
    /// a sandbox), unsandboxed.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            cwd: None,
            env: BTreeMap::new(),
            stdin: None,
            deadline: DEADLINE_DEFAULT,
            cap_bytes: CAP_BYTES_DEFAULT,
            marker: None,
            sandbox: Sandbox::none(),
            limits: Limits::default(),
            stays_in_group: false,
        }
    }

    /// Adds one argument.
    pub fn arg(mut self, arg: impl Into<OsString>) -> Self {
        self.args.push(arg.into());
        self
    }

    /// Adds arguments.
    pub fn args<I>(mut self, args: I) -> Self
    where
        I: IntoIterator,
        I::Item: Into<OsString>,
    {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// The directory to run in. A missing one is [`SpawnError::NoSuchDirectory`].
    pub fn cwd(mut self, directory: impl Into<PathBuf>) -> Self {
        self.cwd = Some(directory.into());
        self
    }

    /// Sets one variable.
    pub fn env(mut self, key: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.env.insert(key.into(), value.into());
        self
    }

    /// Copies the named variables of this process, those that are set.
    pub fn env_from_host(mut self, keys: &[&str]) -> Self {
        for key in keys {
            if let Some(value) = std::env::var_os(key) {
                self.env.insert(key.into(), value);
            }
        }
        self
    }

    /// What [`Cmd::output`] feeds to the program; by default its stdin is `/dev/null`.
    /// [`Cmd::spawn`] and [`Cmd::spawn_detached`] ignore it.
    pub fn stdin_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = Some(bytes.into());
        self
    }

    /// How long [`Cmd::output`] lets the program run; 60 s by default.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// How many bytes [`Cmd::output`] keeps of each stream, half from its beginning and half
    /// from its end; 1 MiB by default.
    pub fn cap_bytes(mut self, cap: usize) -> Self {
        self.cap_bytes = cap;
        self
    }

    /// Puts `GANGLINE_JOB=<marker>` into the environment, so that descendants are found by
    /// [`crate::sweep`], and `GANGLINE_RUN=<unique>`, so that the end of this command takes its
    /// own descendants along and spares the job's others.
    ///
    /// Without this call a marker that this process runs under is handed on.
    pub fn marker(mut self, marker: JobMarker) -> Self {
        self.marker = Some(marker);
        self
    }

    /// What the program may see and reach; everything by default.
    pub fn sandbox(mut self, sandbox: Sandbox) -> Self {
        self.sandbox = sandbox;
        self
    }

    /// Resource limits; by default only core dumps are off.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Says that the program, when it ends by itself, has left nothing outside its process group.
    /// [`Cmd::output`] then ends the group and does not search the process table for more, which
    /// takes several times as long as a small program.
    ///
    /// For known tools under our own settings; never for what an agent or a project wrote. Without
    /// effect under a sandbox and at the deadline, and the sweep at a job's end finds all.
    pub fn stays_in_group(mut self) -> Self {
        self.stays_in_group = true;
        self
    }

    /// Runs the program to its end. At the deadline its group and its descendants are ended,
    /// and what it printed until then comes back with [`Output::timed_out`].
    ///
    /// Dropping the future ends the program too.
    pub async fn output(self) -> Result<Output, RunError> {
        crate::output::run(self, &mut |_: &[u8]| ()).await
    }

    /// The same, and `tap` is given all that the program prints, in its order and as it comes,
    /// also what the cap cuts out. It runs between two reads: what it does, the program waits for.
    pub async fn output_through(
        self,
        tap: &mut (dyn FnMut(&[u8]) + Send),
    ) -> Result<Output, RunError> {
        crate::output::run(self, tap).await
    }

    /// Starts the program with piped stdin, stdout and stderr. There is no deadline and no cap:
    /// the caller reads the pipes and ends the child.
    pub fn spawn(self) -> Result<Child, SpawnError> {
        Child::start(self, std::process::Stdio::piped)
    }

    /// Starts the program in a session of its own, with stdin from `/dev/null` and stdout and
    /// stderr appended to `log` (created with mode 0600). It outlives this process.
    ///
    /// Refused under a sandbox, which dies with its parent by nature: detach a supervisor that
    /// spawns the sandbox.
    pub fn spawn_detached(self, log: &Path) -> Result<Detached, SpawnError> {
        Detached::start(&self, log)
    }

    /// Runs the program where this process is: on its terminal, in its process group and with its
    /// standard streams, for a person to work in. There is no deadline and no cap, and nothing that
    /// it leaves running is ended: what a person starts is theirs.
    ///
    /// Until it ends, an interrupt from the keyboard is the program's alone; later ones do not end
    /// this process any more.
    pub async fn in_foreground(self) -> Result<Exit, SpawnError> {
        crate::foreground::run(&self).await
    }

    /// The child's `PATH`, or else this process's.
    pub(crate) fn search_path(&self) -> OsString {
        let own = || std::env::var_os("PATH").unwrap_or_default();
        self.env.get(OsStr::new("PATH")).cloned().unwrap_or_else(own)
    }
}

impl fmt::Debug for Cmd {
    /// Shows the names of variables but not their values, which may be secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cmd")
            .field("program", &self.program)
            .field("args", &self.args)
            .field("cwd", &self.cwd)
            .field("env", &self.env.keys().collect::<Vec<_>>())
            .field("deadline", &self.deadline)
            .field("marker", &self.marker)
            .field("sandbox", &self.sandbox)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}
