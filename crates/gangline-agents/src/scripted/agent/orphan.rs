//! Processes that outlive the agent, as proof that somebody ends them.

use std::path::PathBuf;
use std::time::Duration;

use gangline_process::{Cmd, RUN_VARIABLE};
use serde::{Deserialize, Serialize};

use super::Stop;
use crate::scripted::SUBCOMMAND;
use crate::scripted::script::Orphan;

/// What an orphan is told, as JSON after `--orphan`.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Task {
    after_ms: u64,
    linger_ms: u64,
    file: PathBuf,
    text: String,
    /// Whether another process shall do it, so that this one can end at once.
    hand_on: bool,
    log: PathBuf,
}

/// Starts one.
pub(super) fn start(orphan: &Orphan, file: PathBuf, hand_on: bool) -> Result<(), Stop> {
    // The pipe itself, opened once more: it stays open as long as the orphan lives.
    let log = if orphan.hold_output { "/dev/fd/1" } else { "/dev/null" };
    let task = Task {
        after_ms: orphan.after_ms,
        linger_ms: orphan.linger_ms,
        file,
        text: orphan.text.clone(),
        hand_on,
        log: log.into(),
    };
    spawn(&task, orphan.scrub_env)
}

fn spawn(task: &Task, scrub_env: bool) -> Result<(), Stop> {
    let failed = |what: &str, why: &dyn std::fmt::Display| Stop::Failed(format!("{what}: {why}"));
    let own = std::env::current_exe().map_err(|error| failed("own program", &error))?;
    let json = serde_json::to_string(task).map_err(|error| failed("task", &error))?;
    // `env` undoes what a spawn sets: an orphan has its agent's own marks, as those of other
    // agents have, or none at all.
    let mut cmd = Cmd::new("env");
    if scrub_env {
        cmd = cmd.arg("-i");
    } else if let Some(run) = std::env::var_os(RUN_VARIABLE) {
        cmd = cmd.arg(format!("{RUN_VARIABLE}={}", run.to_string_lossy()));
    }
    cmd = cmd.arg(own);
    // As `gangline` this program is the agent only under its subcommand.
    if std::env::args_os().nth(1).is_some_and(|first| first == SUBCOMMAND) {
        cmd = cmd.arg(SUBCOMMAND);
    }
    cmd = cmd.args(["--orphan".to_owned(), json]);
    for (name, value) in std::env::vars_os() {
        cmd = cmd.env(name, value);
    }
    match cmd.spawn_detached(&task.log) {
        Ok(_) => Ok(()),
        Err(error) => Err(failed("orphan", &error)),
    }
}

/// The orphan's own life.
pub(super) async fn live(json: &str) -> Result<(), String> {
    let mut task: Task = serde_json::from_str(json).map_err(|error| error.to_string())?;
    if std::mem::take(&mut task.hand_on) {
        return match spawn(&task, false) {
            Ok(()) => Ok(()),
            Err(stop) => Err(format!("{stop:?}")),
        };
    }
    tokio::time::sleep(Duration::from_millis(task.after_ms)).await;
    std::fs::write(&task.file, &task.text).map_err(|error| error.to_string())?;
    tokio::time::sleep(Duration::from_millis(task.linger_ms)).await;
    Ok(())
}
