//! The registry of checkouts: one small file beside each tree.
//!
//! ```text
//!   worktrees/shop-APP-12/             the tree, which an agent may write
//!   worktrees/shop-APP-12.meta.json    what Gangline knows of it
//!   worktrees/.trash/                  what is being deleted
//! ```

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gangline_domain::ids::{BranchName, CommitId, JobId, TicketKey};
use serde::{Deserialize, Serialize};

use crate::checkout::{BackendKind, Identity};
use crate::durable;

/// The version that is written.
pub(crate) const META_VERSION: u32 = 1;

const SUFFIX: &str = ".meta.json";

/// What Gangline knows of a checkout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Meta {
    /// The file's version, 1.
    pub version: u32,
    /// The job that it was last made ready for.
    pub job: JobId,
    /// The ticket.
    pub ticket: TicketKey,
    /// The branch; `None` for a checkout of one exact commit.
    pub branch: Option<BranchName>,
    /// What the work is measured against; for a checkout of one commit, that commit.
    pub base: CommitId,
    /// Who made it.
    pub backend: BackendKind,
    /// Who commits there; `None` for a checkout of one exact commit, and in files of versions that
    /// did not say it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<Identity>,
    /// Whether it is whole.
    pub state: State,
}

/// How far a checkout is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It is being made, or its maker was killed. There is nothing to save in it.
    Making,
    /// It was handed out.
    Ready,
}

/// Why the registry could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum MetaError {
    /// The file is not what this version writes.
    #[error("{} is unreadable: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The file system refused.
    #[error("cannot access {}", path.display())]
    Io {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// Something that lies among the worktrees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A whole checkout.
    Ready {
        /// Its tree.
        path: PathBuf,
        /// What is known of it.
        meta: Meta,
    },
    /// Half made: nothing to save, to be removed.
    HalfMade {
        /// What is there of it.
        path: PathBuf,
    },
    /// Registered, but its tree is gone.
    Gone {
        /// Where it should be.
        path: PathBuf,
        /// What is known of it.
        meta: Meta,
    },
    /// A directory that nothing says anything about, or whose file is unreadable: to be saved,
    /// then to be looked at by a person.
    Unknown {
        /// The directory.
        path: PathBuf,
        /// What is missing.
        why: String,
    },
}

/// Where the file about the tree at `path` stands.
pub(crate) fn meta_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(SUFFIX);
    PathBuf::from(name)
}

/// What is known of the tree at `path`; `None` when it is not registered.
pub fn read_meta(path: &Path) -> Result<Option<Meta>, MetaError> {
    let file = meta_path(path);
    let bytes = match fs::read(&file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(MetaError::Io { path: file, source }),
    };
    let unreadable = |why: String| MetaError::Unreadable { path: file.clone(), why };
    let meta: Meta =
        serde_json::from_slice(&bytes).map_err(|error| unreadable(error.to_string()))?;
    if meta.version > META_VERSION {
        return Err(unreadable(format!("version {} is newer than this program", meta.version)));
    }
    Ok(Some(meta))
}

pub(crate) fn write_meta(path: &Path, meta: &Meta) -> Result<(), MetaError> {
    let file = meta_path(path);
    let bytes = serde_json::to_vec_pretty(meta)
        .map_err(|error| MetaError::Unreadable { path: file.clone(), why: error.to_string() })?;
    durable::replace(&file, &bytes).map_err(|source| MetaError::Io { path: file, source })
}

/// Lists what lies in `directory`, sorted by path. A directory that does not exist is empty.
pub fn scan(directory: &Path) -> Result<Vec<Found>, MetaError> {
    let io_error = |source| MetaError::Io { path: directory.to_owned(), source };
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(io_error)?,
    };
    let mut paths = BTreeSet::new();
    for entry in entries {
        let entry = entry.map_err(io_error)?;
        let (name, path) = (entry.file_name(), entry.path());
        let name = name.to_string_lossy();
        if let Some(tree) = name.strip_suffix(SUFFIX) {
            paths.insert(directory.join(tree));
        } else if !name.starts_with('.') && entry.file_type().map_err(io_error)?.is_dir() {
            paths.insert(path);
        }
    }
    Ok(paths.into_iter().map(found).collect())
}

fn found(path: PathBuf) -> Found {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if name.contains(".partial-") {
        return Found::HalfMade { path };
    }
    match read_meta(&path) {
        Ok(Some(Meta { state: State::Making, .. })) => Found::HalfMade { path },
        Ok(Some(meta)) if path.is_dir() => Found::Ready { path, meta },
        Ok(Some(meta)) => Found::Gone { path, meta },
        Ok(None) => Found::Unknown { path, why: "it is not registered".to_owned() },
        Err(error) => Found::Unknown { path, why: error.to_string() },
    }
}
