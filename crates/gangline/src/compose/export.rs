//! Journals, in the form that other tools read.

use std::path::{Path, PathBuf};

use gangline_domain::ids::JobId;
use gangline_node::journal;
use gangline_node::places::Places;

use super::archive::runs;
use super::paths::Paths;
use crate::exit::Exit;
use crate::failure::Failure;

/// Writes `agent-workspace/sessions/session-<job>/tool_calls.jsonl` of each job below `to`.
pub(crate) fn export_journals<'a>(
    paths: &Paths,
    jobs: impl Iterator<Item = &'a str>,
    to: &Path,
) -> Result<Vec<PathBuf>, Failure> {
    let places = places(paths);
    let jobs = jobs.filter_map(|job| job.parse::<JobId>().ok());
    let last_run = jobs.filter_map(|job| runs(&places, &job).pop().map(|(_, path)| path));
    let runs: Vec<PathBuf> = last_run.collect();
    if runs.is_empty() {
        return Err(Failure::new(Exit::NotFound, "no attempt has left a journal here")
            .code("no_such_journal"));
    }
    let exported =
        journal::export(&runs, to).map_err(|error| Failure::because(Exit::Failed, &error))?;
    Ok(exported.files)
}

/// The node's own view of the directories.
pub(super) fn places(paths: &Paths) -> Places {
    Places { state: paths.state().to_owned(), runtime: paths.runtime().to_owned() }
}
