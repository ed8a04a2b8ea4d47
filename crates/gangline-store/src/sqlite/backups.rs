//! Backups that are kept beside the database: when they were made, and which of them stay.
//!
//! ```text
//! PATH.backups/20261103T120000Z.db               made daily; the newest few stay
//! PATH.backups/20261104T120000Z-before-0002.db   made before a migration; the newest one stays
//! ```
//!
//! The moment stands in the name, so that the age is known whatever happens to the file's own times.

use std::fs::{DirBuilder, File, remove_file};
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

use gangline_domain::ids::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp as Moment};
use sqlx::ConnectOptions as _;
use sqlx::sqlite::SqliteConnectOptions;

use super::ballast::free_bytes;
use super::open::beside;
use super::upkeep::{BackupError, Depth, Facts, backup, examine, sync_folder_of};

/// What a periodic backup leaves to others at least. One that fills the disk would stop the very
/// work that it is made for.
const FREE_BYTES_MIN: u64 = 64 * 1024 * 1024;

/// A backup that was kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Backup {
    /// Its file.
    pub path: PathBuf,
    /// When it was made, to the second.
    pub made_at: Timestamp,
    /// The version that the store was brought to right after it.
    pub before_migration: Option<u32>,
}

/// The backups of the database at `path`, the newest first. None, where there is no folder.
pub fn backups(path: &Path) -> io::Result<Vec<Backup>> {
    let entries = match std::fs::read_dir(folder(path)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(vec![]),
        entries => entries?,
    };
    let mut found = vec![];
    for entry in entries {
        found.extend(named(&entry?.path()));
    }
    found
        .sort_by(|one: &Backup, other| (other.made_at, &other.path).cmp(&(one.made_at, &one.path)));
    Ok(found)
}

/// The newest of them that is whole, and its last event.
pub async fn newest_whole_backup(path: &Path) -> io::Result<Option<(Backup, u64)>> {
    for backup in backups(path)? {
        match examine(&backup.path, Depth::Quick).await {
            Ok(facts) => return Ok(Some((backup, facts.seq))),
            Err(error) => {
                tracing::warn!(path = %backup.path.display(), %error, "a backup is of no use");
            }
        }
    }
    Ok(None)
}

/// Writes a whole, compact copy of the database at `path` to `to`, where nothing is yet; the copy's
/// last event. Others may read and write meanwhile.
///
/// # Errors
///
/// Where the database cannot be read or is damaged, or the copy cannot be written.
pub async fn copy(path: &Path, to: &Path) -> Result<u64, BackupError> {
    let options = SqliteConnectOptions::new().filename(path).disable_statement_logging();
    backup(&options, to).await?;
    Ok(examine(to, Depth::Quick).await?.seq)
}

/// Makes a backup among those of the database, and lets the oldest go: `max` stay. What was
/// there before is whole until the new one is.
pub(super) async fn add_backup(
    path: &Path,
    options: &SqliteConnectOptions,
    max: u32,
) -> Result<Backup, BackupError> {
    let needed_bytes = ["", "-wal"].iter().map(|suffix| bytes(&beside(path, suffix))).sum();
    let at = path.parent().unwrap_or(Path::new("/"));
    match free_bytes(at) {
        Ok(free_bytes) if free_bytes < FREE_BYTES_MIN.saturating_add(needed_bytes) => {
            return Err(BackupError::TooLittleSpace { needed_bytes, free_bytes });
        }
        Ok(_) => {}
        Err(source) => return Err(BackupError::Io { path: at.to_owned(), source }),
    }
    let made = make(path, options, None).await?;
    if let Err(error) = prune(path, &made, max) {
        tracing::warn!(%error, "old backups stay");
    }
    Ok(made)
}

/// Makes the backup that a migration to `to` may be taken back with. A start that is repeated
/// before anything was written makes no other one.
pub(super) async fn before_migration(
    path: &Path,
    options: &SqliteConnectOptions,
    (to, present): (u32, Facts),
) -> Result<(), BackupError> {
    let io = |source| BackupError::Io { path: folder(path), source };
    let earlier = backups(path).map_err(io)?;
    let earlier = earlier.iter().find(|backup| backup.before_migration == Some(to));
    if let Some(earlier) = earlier
        && examine(&earlier.path, Depth::Quick).await.is_ok_and(|facts| facts == present)
    {
        return Ok(());
    }
    make(path, options, Some(to)).await.map(drop)
}

async fn make(
    path: &Path,
    options: &SqliteConnectOptions,
    before_migration: Option<u32>,
) -> Result<Backup, BackupError> {
    let folder = folder(path);
    let io = |source| BackupError::Io { path: folder.clone(), source };
    match DirBuilder::new().mode(0o700).create(&folder) {
        Ok(()) => sync_folder_of(&folder).map_err(io)?,
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(io(error)),
    }
    sweep(&folder).map_err(io)?;
    // Two within a second have names of their own all the same.
    let mut at = Moment::now();
    let to = loop {
        let to = folder.join(name(at, before_migration));
        if !to.try_exists().map_err(io)? {
            break to;
        }
        at = at.saturating_add(SignedDuration::from_secs(1)).unwrap_or(at);
    };
    backup(options, &to).await?;
    Ok(named(&to).expect("BUG: a backup has a backup's name"))
}

/// What a killed process left of a backup. Only the one daemon makes any.
fn sweep(folder: &Path) -> io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.to_string_lossy().contains(".partial") {
            remove_file(path)?;
        }
    }
    Ok(())
}

/// Removes what is too old. The one just made stays, even where a clock that was set back makes
/// it look like the oldest.
fn prune(path: &Path, made: &Backup, max: u32) -> io::Result<()> {
    let (mut daily, mut before) = (1, 0);
    for backup in backups(path)?.iter().filter(|backup| *backup != made) {
        let (kept, max) = match backup.before_migration {
            None => (&mut daily, max),
            Some(_) => (&mut before, 1),
        };
        if *kept < max {
            *kept += 1;
        } else {
            remove_file(&backup.path)?;
        }
    }
    File::open(folder(path))?.sync_all()
}

fn folder(path: &Path) -> PathBuf {
    beside(path, ".backups")
}

fn name(at: Moment, before_migration: Option<u32>) -> String {
    let stamp = stamp(at);
    match before_migration {
        None => format!("{stamp}.db"),
        Some(to) => format!("{stamp}-before-{to:04}.db"),
    }
}

/// A moment in UTC, to the second, in a form that every file system takes.
pub(super) fn stamp(at: Moment) -> String {
    at.strftime(STAMP).to_string()
}

const STAMP: &str = "%Y%m%dT%H%M%SZ";

fn named(path: &Path) -> Option<Backup> {
    let name = path.file_name()?.to_str()?.strip_suffix(".db")?;
    let (stamp, before_migration) = match name.split_once("-before-") {
        None => (name, None),
        Some((stamp, to)) => (stamp, Some(to.parse().ok()?)),
    };
    let at = DateTime::strptime(STAMP, stamp).ok()?.to_zoned(TimeZone::UTC).ok()?;
    let made_at = Timestamp(at.timestamp().as_microsecond());
    Some(Backup { path: path.to_owned(), made_at, before_migration })
}

fn bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |file| file.len())
}
