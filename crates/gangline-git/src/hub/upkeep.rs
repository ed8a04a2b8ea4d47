//! Packing a hub anew, so that it stays quick, without ever losing an object.
//!
//! Checkouts borrow the hub's objects, also such as no reference keeps alive any more. So nothing is
//! judged by what it is reachable from: small packs and loose objects are rolled up into one pack,
//! whatever they hold, and only copies of what the new pack holds are removed. Git that reads
//! meanwhile finds an object that has moved by looking again.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};

use gangline_process::FileLock;
use serde::{Deserialize, Serialize};

use super::Hub;
use crate::durable;
use crate::git::GitFailure;
use crate::lock::{LockError, lock};

/// Says when the hub was last packed anew, and how long it took.
const NOTE: &str = "gangline-upkeep.json";

/// What a killed git has left in the folder of packs is removed when it is older than any run.
const LEFT_AGE_MAX: Duration = Duration::from_hours(24);

/// Git's prefixes for what is half written there.
const LEFT_PREFIXES: [&str; 3] = [".tmp-", "tmp_pack_", "tmp_idx_"];

/// How much there is in a hub.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HubSize {
    /// Objects in a file each.
    pub loose: u64,
    /// Packs of objects.
    pub packs: u64,
    /// What packs have, in bytes.
    pub pack_bytes: u64,
    /// References in a file each.
    pub loose_refs: u64,
    /// When it was last packed anew, in microseconds since the Unix epoch.
    pub packed_at_us: Option<i64>,
}

/// What became of a wish to pack.
#[must_use]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repacked {
    /// It is done.
    Done {
        /// How long it took, in milliseconds.
        took_ms: u64,
    },
    /// Something is being imported, or another packs: later, then.
    Busy,
}

/// Why a hub was not packed anew. It holds what it held.
#[derive(Debug, thiserror::Error)]
pub enum RepackError {
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
    /// Git failed, or took too long.
    #[error(transparent)]
    Git(#[from] GitFailure),
}

/// A hub whose packs stay where they are as long as this lives.
#[derive(Debug)]
#[must_use = "the hub is let go when this is dropped"]
pub struct Still {
    _alone: FileLock,
}

#[derive(Debug, Serialize, Deserialize)]
struct Note {
    at_us: i64,
    took_ms: u64,
}

impl Hub {
    /// Counts. Reads folders only, and takes what vanishes meanwhile for absent.
    pub fn size(&self) -> HubSize {
        let objects = self.objects();
        let mut size = HubSize {
            loose_refs: files_below(&self.path().join("refs")),
            packed_at_us: self.note().map(|note| note.at_us),
            ..HubSize::default()
        };
        for folder in entries(&objects) {
            let name = folder.file_name().to_string_lossy().into_owned();
            if name.len() == 2 {
                size.loose += entries(&folder.path()).count() as u64;
            }
        }
        for pack in entries(&objects.join("pack")) {
            if pack.path().extension().is_some_and(|extension| extension == "pack") {
                size.packs += 1;
                size.pack_bytes += pack.metadata().map_or(0, |pack| pack.len());
            }
        }
        size
    }

    /// Rolls up loose objects and small packs, and packs references. Bounded by git's own deadline
    /// of a minute, for which imports wait.
    pub async fn repack(&self) -> Result<Repacked, RepackError> {
        let path = self.upkeep_lock();
        let held = FileLock::try_acquire(&path);
        let Some(alone) = held.map_err(io_error("lock", &path))? else {
            return Ok(Repacked::Busy);
        };
        let begun = Instant::now();
        self.sweep();
        // One thread: others work meanwhile. Bitmaps would need a pack of everything.
        let settings = ["-c", "pack.threads=1", "-c", "repack.writeBitmaps=false"];
        let roll_up = ["repack", "--geometric=2", "-d", "-l", "-q", "-n"];
        self.git().call(settings.into_iter().chain(roll_up)).ok().await?;
        let held = self.lock().await?;
        self.git().call(["pack-refs", "--all"]).ok().await?;
        drop(held);
        let took_ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let at_us = i64::try_from(since.as_micros()).unwrap_or(i64::MAX);
        let note = serde_json::to_vec(&Note { at_us, took_ms }).unwrap_or_default();
        let at = self.path().join(NOTE);
        durable::replace(&at, &note).map_err(io_error("write", &at))?;
        drop(alone);
        Ok(Repacked::Done { took_ms })
    }

    /// Keeps the packs where they are, and imports out, until what is returned is dropped. Waits for
    /// who holds them now.
    pub async fn still(&self) -> Result<Still, LockError> {
        Ok(Still { _alone: lock(&self.upkeep_lock()).await? })
    }

    /// Held by each import together with others, and by who packs alone. A process that dies lets
    /// it go.
    pub(super) fn upkeep_lock(&self) -> PathBuf {
        let mut name = self.path().as_os_str().to_owned();
        name.push(".upkeep.lock");
        PathBuf::from(name)
    }

    fn note(&self) -> Option<Note> {
        serde_json::from_slice(&fs::read(self.path().join(NOTE)).ok()?).ok()
    }

    /// One that stays costs only space.
    fn sweep(&self) {
        for left in entries(&self.objects().join("pack")) {
            let name = left.file_name().to_string_lossy().into_owned();
            let age = left.metadata().and_then(|found| found.modified()).ok();
            let age = age.and_then(|modified| modified.elapsed().ok()).unwrap_or_default();
            if LEFT_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
                && age > LEFT_AGE_MAX
                && let Err(error) = fs::remove_file(left.path())
            {
                tracing::warn!(path = %left.path().display(), %error, "half a pack stays behind");
            }
        }
    }
}

fn entries(folder: &Path) -> impl Iterator<Item = fs::DirEntry> {
    fs::read_dir(folder).into_iter().flatten().flatten()
}

fn files_below(folder: &Path) -> u64 {
    let below = |entry: fs::DirEntry| match entry.file_type() {
        Ok(kind) if kind.is_dir() => files_below(&entry.path()),
        Ok(_) => 1,
        Err(_) => 0,
    };
    entries(folder).map(below).sum()
}

fn io_error(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> RepackError {
    let path = path.to_owned();
    move |source| RepackError::Io { doing, path, source }
}
