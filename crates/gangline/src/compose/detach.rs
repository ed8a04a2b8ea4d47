//! Starting a daemon that outlives its starter, and waiting for one to end.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::Path;
use std::time::{Duration, Instant};

use gangline_api::client::Client;
use gangline_process::{Cmd, FileLock};

use super::paths::Paths;
use crate::exit::Exit;
use crate::failure::Failure;

/// How long a daemon may take until it answers: a long history is folded, a hub is opened.
const READY_MAX: Duration = Duration::from_mins(1);
/// How long a daemon may take to end: requests under way finish, jobs may be stopped.
const END_MAX: Duration = Duration::from_mins(1);
/// How long a daemon that does not answer may still have the store.
const GOING_MAX: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_millis(20);
/// Lines of the log that are shown when a daemon does not start.
const TAIL_LINES: usize = 12;
const TAIL_BYTES: u64 = 16 * 1024;

/// Starts a daemon and returns when it answers. Two starters at once get one daemon.
pub(crate) async fn start_detached(paths: &Paths, client: &Client) -> Result<(), Failure> {
    paths.make()?;
    let starting = paths.runtime().join("starting.lock");
    let begun = Instant::now();
    let _turn = loop {
        match FileLock::try_acquire(&starting) {
            Ok(Some(lock)) => break lock,
            // Somebody else starts one; their daemon is as good as ours.
            Ok(None) if begun.elapsed() < READY_MAX => tokio::time::sleep(LOOK).await,
            Ok(None) => return Err(late(paths)),
            Err(error) => return Err(Failure::because(Exit::Failed, &error)),
        }
    };
    // A daemon that is going still has the store: the next one comes after it.
    loop {
        if client.status().await.is_ok() {
            return Ok(());
        }
        let held = FileLock::is_held(paths.database_lock()).unwrap_or(false);
        if !held || begun.elapsed() > GOING_MAX {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    let log = paths.log();
    let told = std::fs::metadata(&log).map_or(0, |found| found.len());
    let program = std::env::current_exe().map_err(|e| Failure::because(Exit::Failed, &e))?;
    let mut command = Cmd::new(program).arg("daemon").cwd("/");
    // Its environment is what agents may get named variables from.
    for (name, value) in std::env::vars_os() {
        command = command.env(name, value);
    }
    for (name, path) in paths.as_env() {
        command = command.env(name, path);
    }
    let mut daemon =
        command.spawn_detached(&log).map_err(|error| Failure::because(Exit::Failed, &error))?;
    loop {
        tokio::select! {
            exit = daemon.wait() => {
                let message = format!("the daemon did not start: it ended with {exit}");
                let failure = Failure::new(Exit::NoDaemon, message).code("no_daemon");
                return Err(explained(failure, &log, told).next("gangline doctor"));
            }
            () = tokio::time::sleep(LOOK) => {}
        }
        match client.status().await {
            Ok(_) => return Ok(()),
            Err(error) if error.is_away() && begun.elapsed() < READY_MAX => {}
            Err(error) if error.is_away() => return Err(late(paths)),
            Err(error) => return Err(error.into()),
        }
    }
}

fn late(paths: &Paths) -> Failure {
    let message = format!("the daemon did not answer within {} s", READY_MAX.as_secs());
    let failure = Failure::new(Exit::NoDaemon, message).code("no_daemon");
    explained(failure, &paths.log(), 0).next("gangline doctor")
}

/// With what the daemon itself said: an error that it rendered for people stands as it is.
fn explained(failure: Failure, log: &Path, from: u64) -> Failure {
    let lines = tail(log, from).unwrap_or_default();
    failure.excerpt(lines).next(format!("less {}", log.display()))
}

/// The last lines of a log, of what was written behind `from`.
fn tail(log: &Path, from: u64) -> std::io::Result<Vec<String>> {
    let mut file = std::fs::File::open(log)?;
    let end = file.metadata()?.len();
    file.seek(SeekFrom::Start(from.min(end).max(end.saturating_sub(TAIL_BYTES))))?;
    let mut bytes = vec![];
    file.take(TAIL_BYTES).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    Ok(lines[lines.len().saturating_sub(TAIL_LINES)..].to_vec())
}

/// Waits until the daemon of this process id has let go of its store.
pub(crate) async fn wait_for_end(paths: &Paths, pid: u32) -> Result<(), Failure> {
    let lock = paths.database_lock();
    let begun = Instant::now();
    while FileLock::is_held(&lock).map_err(|e| Failure::because(Exit::Failed, &e))? {
        if begun.elapsed() > END_MAX {
            let message = format!("the daemon (process {pid}) has not ended");
            return Err(Failure::new(Exit::Outage, message).next(format!("kill {pid}")));
        }
        tokio::time::sleep(LOOK).await;
    }
    Ok(())
}
