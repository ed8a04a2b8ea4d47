//! A process that outlives the one that started it.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::Stdio;

use crate::cmd::Cmd;
use crate::output::Exit;
use crate::spawn::{self, SpawnError, Streams};
use crate::sweep::Pid;

/// A process in a session of its own. Dropping this leaves it running; as long as its parent
/// lives, the runtime reaps it when it ends.
#[derive(Debug)]
pub struct Detached {
    /// Its process id, which is also its group's and its session's.
    pub pid: Pid,
    inner: tokio::process::Child,
    exit: Option<Exit>,
}

impl Detached {
    pub(crate) fn start(cmd: &Cmd, log: &Path) -> Result<Self, SpawnError> {
        let unopened = |source| SpawnError::Log { path: log.to_owned(), source };
        let file =
            OpenOptions::new().append(true).create(true).mode(0o600).open(log).map_err(unopened)?;
        let again = file.try_clone().map_err(unopened)?;
        let streams = Streams { stdin: Stdio::null(), stdout: file.into(), stderr: again.into() };
        let inner = spawn::detached(cmd, streams)?;
        let Some(pid) = inner.id() else {
            panic!("BUG: a process that nobody awaited has been reaped");
        };
        Ok(Self { pid, inner, exit: None })
    }

    /// Waits for its end and reaps it. Cancel safe; answers at once when the end is known.
    ///
    /// # Panics
    ///
    /// When the system has lost the child, which happens only where SIGCHLD is ignored.
    pub async fn wait(&mut self) -> Exit {
        if let Some(exit) = self.exit {
            return exit;
        }
        let exit = match self.inner.wait().await {
            Ok(status) => Exit::from(status),
            Err(error) => panic!("BUG: a child cannot be awaited: {error}"),
        };
        self.exit = Some(exit);
        exit
    }
}
