//! What this program is when it is not the command line.

use std::ffi::OsString;
use std::path::Path;
use std::process::ExitCode;

use gangline_node::{JobHooks, job_main};
use gangline_policy::{LogFormat, LogLevel};
use tokio::runtime::{Builder, Runtime};

use super::log::Log;
use crate::exit::Exit;
use crate::failure::Failure;

/// A job's own process. Before any runtime: its namespace stage is single-threaded.
pub(crate) fn job(spec: &Path) -> ExitCode {
    Log::File.begin(LogLevel::Info, LogFormat::Text);
    job_main(spec, JobHooks::none())
}

/// A capture's work, in its sandbox.
pub(crate) fn capture_inside(order: &Path) -> ExitCode {
    gangline_node::capture_inside(order)
}

/// The scripted agent, so that one binary is enough.
pub(crate) fn scripted_agent(args: &[OsString]) -> ExitCode {
    let args: Vec<String> = args.iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    gangline_agents::scripted::main(&args)
}

/// For a client: one thread.
pub(crate) fn client_runtime() -> Result<Runtime, Failure> {
    built(&mut Builder::new_current_thread())
}

/// For the daemon: few threads, because it waits more than it works.
pub(crate) fn daemon_runtime() -> Result<Runtime, Failure> {
    built(Builder::new_multi_thread().worker_threads(2).max_blocking_threads(32))
}

fn built(builder: &mut Builder) -> Result<Runtime, Failure> {
    builder.enable_all().build().map_err(|error| Failure::because(Exit::Failed, &error))
}
