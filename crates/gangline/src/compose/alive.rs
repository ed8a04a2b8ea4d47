//! Jobs that run, told by the locks they hold.

use std::path::{Path, PathBuf};

use gangline_domain::ids::{Fence, JobId};
use gangline_node::places::{JobPlaces, Places};
use gangline_process::{FileLock, Pid, marked};

/// Processes of runs whose own job process is gone: nothing that outlives its job is meant to.
pub(super) fn leftovers(places: &Places) -> Vec<Pid> {
    let dead = marked_runs(places).filter(|run| !FileLock::is_held(run.lock()).unwrap_or(false));
    dead.flat_map(|run| marked(run.marker())).collect()
}

/// Runs whose end has not been told yet; all others have ended.
fn marked_runs(places: &Places) -> impl Iterator<Item = JobPlaces> {
    entries(&places.active()).into_iter().filter_map(|mark| {
        let (job, fence) = mark.file_name()?.to_str()?.split_once('@')?;
        let (job, fence): (JobId, Fence) = (job.parse().ok()?, fence.parse().ok()?);
        Some(places.job(&job, fence))
    })
}

/// How many job processes there are, whether or not a daemon watches over them.
pub(super) fn jobs_alive(places: &Places) -> usize {
    let marked = marked_runs(places).map(|run| run.lock());
    // Captures that the node does on its own have no mark.
    let rescues = entries(&places.state.join("rescues"));
    let rescues = rescues.iter().flat_map(|job| entries(job)).map(|run| run.join("lock"));
    marked.chain(rescues).filter(|lock| FileLock::is_held(lock).unwrap_or(false)).count()
}

/// What is in a folder; nothing when it is not there.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}
