//! A program for a person to work in, on this process's own terminal.

use std::process::Stdio;

use tokio::signal::unix::{SignalKind, signal};

use crate::cmd::Cmd;
use crate::output::Exit;
use crate::spawn::{self, SpawnError, Streams};

/// Runs it to its end.
///
/// # Panics
///
/// When the system has lost the child, which happens only where SIGCHLD is ignored.
pub(crate) async fn run(cmd: &Cmd) -> Result<Exit, SpawnError> {
    // A keyboard's interrupt goes to everybody on the terminal. A handler, unlike an ignored
    // signal, is not handed on: the program starts with what it is used to.
    let refused = |source| SpawnError::Io { program: cmd.program.clone(), source };
    let interrupts = signal(SignalKind::interrupt()).map_err(refused)?;
    let quits = signal(SignalKind::quit()).map_err(refused)?;
    let streams =
        Streams { stdin: Stdio::inherit(), stdout: Stdio::inherit(), stderr: Stdio::inherit() };
    let mut child = spawn::beside(cmd, streams)?;
    let exit = match child.wait().await {
        Ok(status) => Exit::from(status),
        Err(error) => panic!("BUG: a child cannot be awaited: {error}"),
    };
    drop((interrupts, quits));
    Ok(exit)
}
