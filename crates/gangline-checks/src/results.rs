//! Files in which a command writes down how its tests ended, as JUnit XML.
//!
//! What lies there before the command begins is removed: an old file, or one that the commit brings
//! along, says nothing about this run. Whoever writes the file is the agent's code, so it is read
//! without following a link, within bounds, and no entity of its own is expanded.

mod junit;
mod place;

use std::io;
use std::path::Path;

use gangline_domain::secret::Redactor;

use crate::registry::printable;
use crate::runners::Reading;
pub(crate) use place::find;

/// Bytes that all files of one check may have together.
const BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Files that one check may write.
pub(crate) const FILES_MAX: usize = 10_000;

/// Why there are no results.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoResults {
    #[error("no results were written to {0}")]
    Missing(String),
    #[error("the results in {path} cannot be read: {source}")]
    Unreadable { path: String, source: io::Error },
    #[error("the results in {path} are no JUnit XML: {why}")]
    Malformed { path: String, why: String },
    #[error("the results have more than {BYTES_MAX} bytes")]
    TooLong,
    #[error("there are more than {FILES_MAX} files of results")]
    TooMany,
    #[error("{place} holds too much to look for results in")]
    TooWide { place: String },
    #[error("an earlier {path} cannot be removed: {source}")]
    InTheWay { path: String, source: io::Error },
}

/// Removes what lies where results are to be written.
pub(crate) fn remove(checkout: &Path, patterns: &[String]) -> Result<(), NoResults> {
    if patterns.is_empty() {
        return Ok(());
    }
    for found in find(checkout, patterns)? {
        found
            .folder
            .remove(&found.name)
            .map_err(|source| NoResults::InTheWay { path: printable(&found.path), source })?;
    }
    Ok(())
}

/// Reads all results, without the secrets that `redactor` knows.
pub(crate) fn read(
    checkout: &Path,
    patterns: &[String],
    redactor: &Redactor,
) -> Result<Reading, NoResults> {
    let found = find(checkout, patterns)?;
    if found.is_empty() {
        return Err(NoResults::Missing(patterns.join(", ")));
    }
    let mut reading = Reading::default();
    let mut left = BYTES_MAX;
    for found in found {
        let path = printable(&found.path);
        let unreadable = |source| NoResults::Unreadable { path: path.clone(), source };
        let file = found.folder.file(&found.name).map_err(unreadable)?;
        let bytes = file.metadata().map_err(unreadable)?.len();
        left = left.checked_sub(bytes).ok_or(NoResults::TooLong)?;
        junit::read(io::Read::take(file, bytes), redactor, &mut reading)
            .map_err(|why| NoResults::Malformed { path: path.clone(), why: printable(&why) })?;
    }
    Ok(reading)
}

#[cfg(test)]
mod tests;
