//! A capture behind its wall: this program again, in one sandbox, with one order.
//!
//! What comes back was made where hostile files were read, and is taken for no more than the
//! words of a stranger: bounded, parsed strictly, made fit to be shown. What counts is measured
//! when the bundle is imported.

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use gangline_domain::ids::{CommitId, Timestamp};
use gangline_process::{Cmd, Sandbox, Tier, system_read_set};
use serde::{Deserialize, Serialize};

use super::walk::NAMED_MAX;
use super::{
    CaptureError, CaptureRequest, Captured, Commits, here, io_error, limits, must_be_there,
};
use crate::checkout::BackendKind;
use crate::git::BULK;
use crate::hub::{Hub, ObjectFormat};
use crate::printable::{printable, printable_line};

/// The version of orders and answers. Both sides are this program; after an upgrade under a
/// running job they may be two.
const VERSION: u32 = 1;

/// How much an answer may be: a few hundred paths, each of bounded length.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How much is told of what went wrong, in characters.
const DETAIL_CHARS_MAX: usize = 2_000;

/// How to start the work behind the wall: `program args... ORDER`, which is to end in
/// [`capture_inside`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    /// The program.
    pub program: PathBuf,
    /// What stands before the order's path.
    pub args: Vec<OsString>,
}

/// What is to be captured, for the process behind the wall.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    version: u32,
    worktree: PathBuf,
    backend: BackendKind,
    hub: PathBuf,
    format: ObjectFormat,
    base: CommitId,
    exclude: Vec<String>,
    scratch: PathBuf,
    out: PathBuf,
    time: Timestamp,
    commits: Commits,
    file_bytes_max: u64,
}

#[derive(Debug, Serialize, Deserialize)]
struct Answer {
    version: u32,
    captured: Captured,
}

/// Has the capture made behind the wall.
pub(super) async fn ask(request: &CaptureRequest<'_>) -> Result<Captured, CaptureError> {
    must_be_there(request.worktree)?;
    let (scratch, inside) = (request.scratch, request.inside);
    std::fs::create_dir_all(scratch).map_err(io_error("create", scratch))?;
    let order = scratch.join("order.json");
    let text =
        serde_json::to_vec(&Order::of(request)).map_err(|error| failed(&error.to_string()))?;
    std::fs::write(&order, text).map_err(io_error("write", &order))?;
    // Its own name, because the system's folders are links to one another.
    let program =
        std::fs::canonicalize(&inside.program).map_err(io_error("find", &inside.program))?;
    let cmd = Cmd::new(&program)
        .args(inside.args.iter().cloned())
        .arg(&order)
        .env_from_host(&["PATH"])
        .env("LC_ALL", "C")
        .sandbox(wall(request, &program))
        .limits(limits())
        .deadline(BULK)
        .cap_bytes(ANSWER_BYTES_MAX);
    let output = cmd.output().await.map_err(|error| {
        failed(&format!("the capture could not be run: {}", with_causes(&error)))
    })?;
    if output.timed_out {
        return Err(failed(&format!("the capture took longer than {} s", BULK.as_secs())));
    }
    if !output.success() {
        let said = output.stderr.text();
        return Err(failed(&format!("the capture failed ({}): {said}", output.status)));
    }
    let answer: Answer = serde_json::from_slice(output.stdout.bytes())
        .map_err(|error| failed(&format!("the capture's answer is not understood: {error}")))?;
    if answer.version != VERSION || output.stdout.truncated {
        return Err(failed("the capture's answer is of another program"));
    }
    Ok(presentable(answer.captured, request.out))
}

/// One view of the system for all runs of git, the attempt and the hub to be read, and no network.
fn wall(request: &CaptureRequest<'_>, program: &Path) -> Sandbox {
    let system = system_read_set(std::env::var_os("PATH").as_deref());
    let hidden = !system.iter().any(|shown| program.starts_with(shown));
    Sandbox::of(request.tier)
        .read_only(system)
        .read_only([request.worktree, request.hub.path()])
        .read_only(hidden.then_some(program))
        .writable(request.scratch)
        .writable(request.out)
}

fn failed(detail: &str) -> CaptureError {
    CaptureError::Inside { detail: printable(detail, DETAIL_CHARS_MAX) }
}

/// Holds an answer to the bounds that are promised of it.
fn presentable(mut captured: Captured, out: &Path) -> Captured {
    let line = |text: &mut String| *text = printable_line(text, 300);
    captured.branch.iter_mut().for_each(line);
    captured.head_problem.iter_mut().for_each(|text| *text = printable_line(text, 500));
    captured.dirty_paths.truncate(NAMED_MAX);
    captured.dirty_paths.iter_mut().for_each(line);
    captured.skipped.truncate(NAMED_MAX);
    captured.skipped.iter_mut().for_each(|skipped| line(&mut skipped.path));
    captured.strays.truncate(NAMED_MAX);
    captured.strays.iter_mut().for_each(|stray| line(&mut stray.name));
    // Where it is, is not for the answer to say.
    captured.bundle = captured.bundle.map(|_| super::save::bundle_path(out));
    captured
}

impl Order {
    fn of(request: &CaptureRequest<'_>) -> Self {
        Self {
            version: VERSION,
            worktree: request.worktree.to_owned(),
            backend: request.backend,
            hub: request.hub.path().to_owned(),
            format: request.hub.format(),
            base: request.base.clone(),
            exclude: request.exclude.to_vec(),
            scratch: request.scratch.to_owned(),
            out: request.out.to_owned(),
            time: request.time,
            commits: request.commits,
            file_bytes_max: request.file_bytes_max,
        }
    }
}

/// Carries out the order in the file, and prints what was found. The process behind the wall
/// does nothing else.
pub fn capture_inside(order: &Path) -> ExitCode {
    let told = match carried_out(order) {
        Ok(answer) => std::io::stdout().write_all(answer.as_bytes()).map(|()| ExitCode::SUCCESS),
        Err(error) => std::io::stderr().write_all(error.as_bytes()).map(|()| ExitCode::FAILURE),
    };
    // Who does not hear the answer, does not take it for one.
    told.unwrap_or(ExitCode::FAILURE)
}

fn carried_out(order: &Path) -> Result<String, String> {
    let text = std::fs::read(order).map_err(|error| format!("{}: {error}", order.display()))?;
    let order: Order = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
    if order.version != VERSION {
        return Err(format!("the order is of version {}, not {VERSION}", order.version));
    }
    let hub = Hub::at(order.hub, order.format);
    let request = CaptureRequest {
        worktree: &order.worktree,
        backend: order.backend,
        hub: &hub,
        base: &order.base,
        exclude: &order.exclude,
        scratch: &order.scratch,
        out: &order.out,
        // The wall stands already.
        tier: Tier::L0,
        inside: &Inside { program: PathBuf::new(), args: vec![] },
        time: order.time,
        commits: order.commits,
        file_bytes_max: order.file_bytes_max,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let captured = runtime.block_on(here(&request)).map_err(|error| with_causes(&error))?;
    let answer = Answer { version: VERSION, captured };
    serde_json::to_string(&answer).map_err(|error| error.to_string())
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        text = format!("{text}: {error}");
        next = error.source();
    }
    text
}
