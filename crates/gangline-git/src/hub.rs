//! The hub: a bare repository per project and node, Gangline's own.
//!
//! Everything that must not be lost is kept alive by a reference below `refs/gangline/`, and
//! nothing is ever collected: checkouts borrow the hub's objects, and a collection beside
//! commits corrupts (measured: 162 of 320 commits failed). Objects are only packed anew.

use std::path::{Path, PathBuf};

use gangline_process::FileLock;
use serde::{Deserialize, Serialize};

use crate::git::Git;
use crate::lock::{self, LockError};

mod attributes;
mod contents;
mod fetch;
mod files;
mod import;
mod open;
mod read;
mod records;
mod scan;
mod set;
mod upkeep;

pub use attributes::GivenAttribute;
pub use contents::{Contents, ContentsBound};
pub use fetch::FetchTargetError;
pub use files::WantedFile;
pub use import::{ImportError, ImportRequest, Imported, RescueRef};
pub use open::OpenHubError;
pub use read::{Diff, LogLine, ReadError, Spaces, TreeIsh};
pub use records::{ChangeStatus, ChangedFile, TreeEntry};
pub use scan::Scan;
pub use set::{Expected, RefChange, RefError};
pub use upkeep::{HubSize, RepackError, Repacked, Still};

pub(crate) use import::{HEAD_REF, RESCUE_REF};
pub(crate) use records::{TreeChange, tree_changes};
pub(crate) use set::{Wish, loose_tip, swap, tip};

/// How a repository names its objects. A hub has its person's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ObjectFormat {
    /// 40 hexadecimal digits.
    Sha1,
    /// 64 hexadecimal digits.
    Sha256,
}

impl ObjectFormat {
    /// Git's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Sha1 => "sha1",
            Self::Sha256 => "sha256",
        }
    }

    pub(crate) fn from_git(text: &str) -> Option<Self> {
        match text {
            "sha1" => Some(Self::Sha1),
            "sha256" => Some(Self::Sha256),
            _ => None,
        }
    }

    /// What git writes for "no object".
    pub(crate) fn zero(self) -> String {
        match self {
            Self::Sha1 => "0".repeat(40),
            Self::Sha256 => "0".repeat(64),
        }
    }
}

/// An open hub. Cheap to clone; several processes may have the same one open.
#[derive(Debug, Clone)]
pub struct Hub {
    path: PathBuf,
    format: ObjectFormat,
    git: Git,
}

impl Hub {
    /// A hub that is known to be there, without a look at it.
    pub(crate) fn at(path: PathBuf, format: ObjectFormat) -> Self {
        let git = Git::at(&path).own();
        Self { path, format, git }
    }

    /// Its directory, absolute.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How it names objects.
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// Where its objects are, for those that borrow them.
    pub fn objects(&self) -> PathBuf {
        self.path.join("objects")
    }

    pub(crate) fn git(&self) -> &Git {
        &self.git
    }

    /// Keeps other processes from changing metadata: references in groups, linked worktrees.
    pub(crate) async fn lock(&self) -> Result<FileLock, LockError> {
        lock::lock(&lock_file(&self.path)).await
    }
}

/// Beside the hub, because the hub itself may have to be made anew.
fn lock_file(hub: &Path) -> PathBuf {
    let mut name = hub.as_os_str().to_owned();
    name.push(".lock");
    PathBuf::from(name)
}
