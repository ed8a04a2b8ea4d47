//! Opening a hub, or making it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Hub, ObjectFormat, lock_file};
use crate::durable;
use crate::git::{Git, GitFailure, option};
use crate::lock::{self, LockError};

/// Says that a hub was made to its end.
const SEAL: &str = "gangline-hub.json";

const SEAL_VERSION: u32 = 1;

/// What an import left when its process was killed.
const IMPORTS: &str = "gangline-import";

/// Longer than any import takes.
const IMPORT_AGE_MAX: Duration = Duration::from_hours(24);

/// A hub's own configuration: command-line settings do not reach what git starts for a fetch or
/// a push.
const CONFIG: [(&str, &str); 23] = [
    // Linked worktrees have an identity each.
    ("extensions.worktreeConfig", "true"),
    // Git does not sync by itself: a commit could be gone after a loss of power.
    ("core.fsync", "all"),
    ("core.logAllRefUpdates", "always"),
    ("core.filesRefLockTimeout", "5000"),
    ("core.packedRefsTimeout", "5000"),
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.attributesFile", "/dev/null"),
    ("fetch.fsckObjects", "true"),
    ("transfer.fsckObjects", "true"),
    ("receive.fsckObjects", "true"),
    // One pack for each import, instead of one sync for each object.
    ("transfer.unpackLimit", "1"),
    ("receive.autogc", "false"),
    ("gc.auto", "0"),
    ("gc.autoDetach", "false"),
    ("gc.pruneExpire", "never"),
    ("gc.worktreePruneExpire", "never"),
    ("gc.reflogExpire", "never"),
    ("gc.reflogExpireUnreachable", "never"),
    ("maintenance.auto", "false"),
    ("receive.denyDeletes", "true"),
    ("receive.denyNonFastForwards", "true"),
    ("uploadpack.allowAnySHA1InWant", "false"),
];

#[derive(Debug, Serialize, Deserialize)]
struct Seal {
    version: u32,
    format: ObjectFormat,
}

/// Why there is no hub.
#[derive(Debug, thiserror::Error)]
pub enum OpenHubError {
    /// Other repositories name a hub by its path, one path a line.
    #[error("not a path for a hub (it must be absolute, on one line): {}", path.display())]
    BadPath {
        /// The path given.
        path: PathBuf,
    },
    /// It is no whole hub and yet holds work. Nothing was touched.
    #[error("the hub {} is damaged: {why}", path.display())]
    Damaged {
        /// The hub.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
    /// The hub names objects in another way than the person's repository.
    #[error("the hub {} uses {}, the repository {}", path.display(), found.as_str(), wanted.as_str())]
    OtherFormat {
        /// The hub.
        path: PathBuf,
        /// The hub's way.
        found: ObjectFormat,
        /// The way asked for.
        wanted: ObjectFormat,
    },
    /// It was made by a newer Gangline.
    #[error("the hub {} has version {found}, this program knows {SEAL_VERSION}", path.display())]
    Newer {
        /// The hub.
        path: PathBuf,
        /// Its version.
        found: u32,
    },
    /// The file system refused.
    #[error("cannot {doing} {}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// Another process is in the way.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// Git failed.
    #[error(transparent)]
    Git(#[from] GitFailure),
}

impl Hub {
    /// Opens the hub at `path`, making it if need be. Safe under two processes.
    ///
    /// What a killed process left half-made is made anew, but only if it holds no reference.
    pub async fn open_or_create(path: &Path, format: ObjectFormat) -> Result<Self, OpenHubError> {
        let on_one_line = path.to_str().is_some_and(|text| !text.contains('\n'));
        if !path.is_absolute() || !on_one_line {
            return Err(OpenHubError::BadPath { path: path.to_owned() });
        }
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(io_error("create", parent))?;
        }
        let held = lock::lock(&lock_file(path)).await?;
        let hub = match look(path)? {
            State::Whole(seal) => open(path, &seal, format)?,
            State::Damaged(why) => return Err(OpenHubError::Damaged { path: path.into(), why }),
            State::HalfMade => {
                fs::remove_dir_all(path).map_err(io_error("remove", path))?;
                create(path, format).await?
            }
            State::Absent => create(path, format).await?,
        };
        drop(held);
        Ok(hub)
    }

    /// Opens a hub that is there and whole; makes nothing, mends nothing, and waits for nobody.
    pub fn existing(path: &Path) -> Result<Option<Self>, OpenHubError> {
        match look(path)? {
            State::Whole(seal) if seal.version > SEAL_VERSION => {
                Err(OpenHubError::Newer { path: path.into(), found: seal.version })
            }
            State::Whole(seal) => Ok(Some(Self::at(path.to_owned(), seal.format))),
            State::Damaged(why) => Err(OpenHubError::Damaged { path: path.into(), why }),
            State::HalfMade | State::Absent => Ok(None),
        }
    }

    /// A directory of its own for one import, removed by the caller.
    pub(super) fn import_folder(&self) -> PathBuf {
        self.path.join(IMPORTS)
    }
}

enum State {
    Absent,
    Whole(Seal),
    HalfMade,
    Damaged(String),
}

fn look(path: &Path) -> Result<State, OpenHubError> {
    match fs::symlink_metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(State::Absent),
        Err(source) => return Err(io_error("look at", path)(source)),
        Ok(found) if !found.is_dir() => {
            return Ok(State::Damaged("it is not a directory".to_owned()));
        }
        Ok(_) => {}
    }
    let seal = match fs::read(path.join(SEAL)) {
        Ok(bytes) => serde_json::from_slice::<Seal>(&bytes).ok(),
        Err(_) => None,
    };
    let missing =
        ["HEAD", "config", "objects", "refs"].iter().find(|part| !path.join(part).exists());
    Ok(match (seal, missing) {
        (Some(seal), None) => State::Whole(seal),
        (_, missing) if holds_references(path) => State::Damaged(match missing {
            Some(part) => format!("it has references, but `{part}` is missing"),
            None => format!("it has references, but `{SEAL}` is missing or unreadable"),
        }),
        (_, _) => State::HalfMade,
    })
}

/// Whether any reference, loose or packed, is there. In doubt: yes.
fn holds_references(hub: &Path) -> bool {
    let packed = match fs::read_to_string(hub.join("packed-refs")) {
        Ok(text) => text.lines().any(|line| !line.starts_with('#') && !line.trim().is_empty()),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    };
    packed || holds_files(&hub.join("refs"))
}

fn holds_files(folder: &Path) -> bool {
    match fs::read_dir(folder) {
        Ok(entries) => entries.flatten().any(|entry| {
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            !is_folder || holds_files(&entry.path())
        }),
        Err(error) => error.kind() != io::ErrorKind::NotFound,
    }
}

fn open(path: &Path, seal: &Seal, wanted: ObjectFormat) -> Result<Hub, OpenHubError> {
    if seal.version > SEAL_VERSION {
        return Err(OpenHubError::Newer { path: path.into(), found: seal.version });
    }
    let found = seal.format;
    if found != wanted {
        return Err(OpenHubError::OtherFormat { path: path.into(), found, wanted });
    }
    let hub = Hub::at(path.to_owned(), found);
    sweep_imports(&hub.import_folder());
    Ok(hub)
}

/// Removes quarantines that nobody can be using any more. One that stays costs only space.
fn sweep_imports(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let age = entry.metadata().and_then(|found| found.modified()).ok();
        let age = age.and_then(|modified| modified.elapsed().ok()).unwrap_or_default();
        if age > IMPORT_AGE_MAX
            && let Err(error) = fs::remove_dir_all(entry.path())
        {
            tracing::warn!(path = %entry.path().display(), %error, "an old quarantine stays behind");
        }
    }
}

async fn create(path: &Path, format: ObjectFormat) -> Result<Hub, OpenHubError> {
    // Only the holder of the lock is here, so that one name for what is half-made is enough.
    let mut partial = path.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    durable::absent_is_fine(fs::remove_dir_all(&partial)).map_err(io_error("remove", &partial))?;
    let format_option = format!("--object-format={}", format.as_str());
    let init = ["init", "--quiet", "--bare", "--template=", "--initial-branch=gangline-none"];
    let init = init.map(Into::into).into_iter().chain([format_option.into(), option("", &partial)]);
    Git::discover().call(init).ok().await?;

    let config = partial.join("config");
    let mut text = fs::read_to_string(&config).map_err(io_error("read", &config))?;
    text.extend(CONFIG.iter().map(|(name, value)| {
        let (section, key) = name.split_once('.').unwrap_or((name, ""));
        format!("[{section}]\n\t{key} = {value}\n")
    }));
    durable::replace(&config, text.as_bytes()).map_err(io_error("write", &config))?;
    let seal = serde_json::to_vec(&Seal { version: SEAL_VERSION, format }).unwrap_or_default();
    durable::replace(&partial.join(SEAL), &seal).map_err(io_error("write", &partial))?;
    fs::rename(&partial, path).map_err(io_error("rename", &partial))?;
    durable::sync_parent(path).map_err(io_error("sync", path))?;
    Ok(Hub::at(path.to_owned(), format))
}

fn io_error(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> OpenHubError {
    let path = path.to_owned();
    move |source| OpenHubError::Io { doing, path, source }
}
