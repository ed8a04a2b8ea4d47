//! What the agent is given to report, ask and look up by: the worker's tools.

use std::path::{Path, PathBuf};

use gangline_agents::driver::{AgentDriver, McpServer, SessionPlan};
use gangline_agents::worker::{SERVER, SOCKET_ENV, SUBCOMMAND};
use gangline_process::Tier;

use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::worker::Desk;

/// What the system appends to the path of a running program whose file was replaced.
const REPLACED: &str = " (deleted)";

/// Opens the socket for an agent that can use the tools, and puts into its plan the server of the
/// tools, which is this very program.
pub(super) fn give(
    job: &Job,
    driver: &dyn AgentDriver,
    plan: &mut SessionPlan,
) -> Result<Option<Desk>, Failure> {
    // Tier landlock lets no program open a socket, and so its outcome comes by the file.
    if !driver.takes_mcp() || plan.sandbox.tier == Tier::L1 {
        return Ok(None);
    }
    let Some(program) = own_program() else {
        job.alert("the agent has no tools to report by: this program's own file is gone");
        return Ok(None);
    };
    let desk = Desk::open(job.run.worker_socket())?;
    let variable = (SOCKET_ENV.to_owned(), desk.path().display().to_string());
    plan.mcp.push(McpServer {
        name: SERVER.to_owned(),
        command: program.display().to_string(),
        args: vec![SUBCOMMAND.to_owned()],
        env: vec![variable.clone()],
    });
    plan.env.push(variable);
    if plan.sandbox.tier != Tier::L0 {
        // Of the socket's folder nothing else is shown.
        plan.sandbox = plan.sandbox.clone().read_only([program.as_path(), desk.path()]);
    }
    Ok(Some(desk))
}

/// This program's file, although it may have been upgraded since it was started.
fn own_program() -> Option<PathBuf> {
    let own = std::env::current_exe().ok()?;
    let shown = own.to_string_lossy();
    let kept = shown.strip_suffix(REPLACED).map_or_else(|| own.clone(), PathBuf::from);
    Some(kept).filter(|file: &PathBuf| Path::is_file(file))
}
