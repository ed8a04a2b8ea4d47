//! `gangline backup` and `restore`: all that must not be lost, in one file.
//!
//! ```text
//!   backup    store ▸ hubs, journals, outputs        what events name is there when they are copied
//!   restore   FILE ▸ restoring/  ▸ marked ▸ what is there ▸ before-restore-…/   restoring/ ▸ its place
//!                                        ▸ the store, the last ▸ mark removed
//! ```
//!
//! Whoever dies before the mark has changed nothing; whoever dies behind it has it seen by the next
//! daemon, which does not start, and finished by the same command.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Component, Path, PathBuf};

use gangline_api::version::PROGRAM_VERSION;
use gangline_domain::ids::ProjectId;
use gangline_process::FileLock;
use gangline_store::sqlite;
use serde::{Deserialize, Serialize};
use tar::{Archive, Builder, EntryType, Header};

use super::clock::now;
use super::export::places;
use super::hubs;
use super::paths::Paths;
use super::restore::restore_backup;
use crate::exit::Exit;
use crate::failure::Failure;

/// What the archive is, as its first entry.
const MANIFEST: &str = "gangline-backup.json";
/// The version of the archive's shape.
const FORMAT: u32 = 1;
/// What its last entry is: an archive without it was cut off.
const END: &str = "gangline-backup.end";
const DATABASE: &str = "gangline.db";
/// Folders of the state directory that are in an archive. Worktrees, homes and caches are made anew.
const FOLDERS: [&str; 9] =
    ["projects", "jobs", "rescues", "output", "given", "calls", "webhooks", "traces", "push"];
/// Within the state directory: where an archive is unpacked, and what says that it is put in place.
const UNPACKED: &str = "restoring";
/// Within the state directory: the copy of the store that goes into an archive.
const COPYING: &str = "backing-up";
const MARK: &str = "restoring.mark";

/// What was backed up, or restored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    format: u32,
    /// The version of the program that made it.
    pub(crate) program: String,
    /// The store's last event.
    pub(crate) seq: u64,
    /// When it was made, in microseconds since 1970.
    pub(crate) made_us: i64,
    /// The projects whose hubs are in it.
    pub(crate) projects: Vec<String>,
}

/// A backup as it is on the disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Kept {
    pub(crate) file: PathBuf,
    pub(crate) bytes: u64,
    #[serde(flatten)]
    pub(crate) manifest: Manifest,
}

/// Why a file could not be made or used, with the next command.
fn failed(message: String, error: &io::Error) -> Failure {
    let full = matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded);
    let (exit, next) = match full {
        true => (Exit::Outage, "make space, and try again"),
        false => (Exit::Failed, "look who may read and write there: ls -ld"),
    };
    Failure::because(exit, error).next(next).within(message)
}

/// Writes all that must not be lost to `to`, where nothing is yet, beside a daemon or without one.
pub(crate) async fn back_up(paths: &Paths, to: &Path) -> Result<Kept, Failure> {
    if to.exists() {
        let message = format!("{} is there already", to.display());
        return Err(Failure::new(Exit::Conflict, message).next("name a file that is not there"));
    }
    if !paths.database().exists() {
        let message = format!("there is no store in {}", paths.state().display());
        return Err(Failure::new(Exit::NotFound, message).next("gangline doctor"));
    }
    let mut partial = to.as_os_str().to_owned();
    partial.push(".partial");
    let partial = PathBuf::from(partial);
    let written = written(paths, &partial).await.and_then(|manifest| {
        keep(&partial, to).map_err(|error| failed(to.display().to_string(), &error))?;
        let bytes = fs::metadata(to).map_or(0, |found| found.len());
        Ok(Kept { file: to.to_owned(), bytes, manifest })
    });
    if written.is_err()
        && let Err(error) = fs::remove_file(&partial)
    {
        tracing::debug!(%error, "no partial backup to remove");
    }
    written
}

async fn written(paths: &Paths, to: &Path) -> Result<Manifest, Failure> {
    let io = |error: io::Error| failed(format!("{} cannot be written", to.display()), &error);
    let folder = Copying::begun(paths.state())?;
    let copy = folder.path.join(DATABASE);
    // The store before the hubs: a commit is in its hub before an event names it.
    let seq = sqlite::copy(&paths.database(), &copy)
        .await
        .map_err(|error| Failure::because(Exit::Failed, &error).next("gangline doctor --replay"))?;
    let places = places(paths);
    let hubs = hubs::found(&places);
    let projects = hubs.iter().map(|(project, _)| project.clone()).collect();
    let program = PROGRAM_VERSION.to_owned();
    let manifest = Manifest { format: FORMAT, program, seq, made_us: now().0, projects };
    let mut options = File::options();
    let file = options.write(true).create(true).truncate(true).mode(0o600).open(to).map_err(io)?;
    let mut archive = Builder::new(io::BufWriter::new(file));
    let text = serde_json::to_vec_pretty(&manifest).expect("BUG: a manifest is JSON");
    append(&mut archive, Path::new(MANIFEST), text.len() as u64, &mut &*text).map_err(io)?;
    append_file(&mut archive, &copy, Path::new(DATABASE)).map_err(io)?;
    for (project, path) in hubs {
        let hub = project.parse::<ProjectId>().ok().map(|_| gangline_git::Hub::existing(&path));
        // What is no hub has no packs that could move.
        let still = match hub {
            Some(Ok(Some(hub))) => Some(
                hub.still()
                    .await
                    .map_err(|error| Failure::because(Exit::Outage, &error).next("try again"))?,
            ),
            Some(Ok(None) | Err(_)) | None => None,
        };
        let (from, name) = (path.parent().unwrap_or(&path), Path::new("projects").join(&project));
        append_folder(&mut archive, from, &name).map_err(io)?;
        drop(still);
    }
    for name in FOLDERS.iter().skip(1) {
        append_folder(&mut archive, &paths.state().join(name), Path::new(name)).map_err(io)?;
    }
    append(&mut archive, Path::new(END), 0, &mut io::empty()).map_err(io)?;
    let file = archive.into_inner().and_then(|file| file.into_inner().map_err(Into::into));
    file.and_then(|file| file.sync_all()).map_err(io)?;
    Ok(manifest)
}

/// Where the store is copied to, before it goes into the archive. What a backup left that was killed
/// there is removed by the next one.
struct Copying {
    path: PathBuf,
    _lock: FileLock,
}

impl Copying {
    fn begun(state: &Path) -> Result<Self, Failure> {
        let path = state.join(COPYING);
        let io = |error: io::Error| failed(format!("{} cannot be made", path.display()), &error);
        let Some(lock) = FileLock::try_acquire(path.with_extension("lock")).map_err(io)? else {
            let message = "another backup is being made".to_owned();
            return Err(Failure::new(Exit::Conflict, message).next("wait until it is there"));
        };
        match fs::remove_dir_all(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(io(error)),
            Err(_) | Ok(()) => {}
        }
        let mut folder = fs::DirBuilder::new();
        folder.mode(0o700).create(&path).map_err(io)?;
        Ok(Self { path, _lock: lock })
    }
}

impl Drop for Copying {
    fn drop(&mut self) {
        if let Err(error) = fs::remove_dir_all(&self.path) {
            tracing::debug!(%error, "the copy of the store is left to the next backup");
        }
    }
}

/// A folder's plain files and folders. What vanishes meanwhile, or is a lock, is left out.
fn append_folder<W: io::Write>(
    archive: &mut Builder<W>,
    from: &Path,
    name: &Path,
) -> io::Result<()> {
    let entries = match fs::read_dir(from) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries?,
    };
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Directory);
    header.set_mode(0o700);
    header.set_size(0);
    archive.append_data(&mut header, name, io::empty())?;
    for entry in entries {
        let entry = entry?;
        let (path, name) = (entry.path(), name.join(entry.file_name()));
        let kind = entry.file_type()?;
        if kind.is_dir() {
            append_folder(archive, &path, &name)?;
        } else if kind.is_file() && path.extension().is_none_or(|extension| extension != "lock") {
            match append_file(archive, &path, &name) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                done => done?,
            }
        }
    }
    Ok(())
}

fn append_file<W: io::Write>(archive: &mut Builder<W>, from: &Path, name: &Path) -> io::Result<()> {
    let mut file = File::open(from)?;
    let bytes = file.metadata()?.len();
    append(archive, name, bytes, &mut file)
}

/// So many bytes, however the file grows or shrinks meanwhile.
fn append<W: io::Write>(
    archive: &mut Builder<W>,
    name: &Path,
    bytes: u64,
    from: &mut dyn io::Read,
) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o600);
    header.set_size(bytes);
    archive.append_data(&mut header, name, from.chain(io::repeat(0)).take(bytes))
}

/// Gives what is whole its name, for good.
fn keep(partial: &Path, to: &Path) -> io::Result<()> {
    fs::rename(partial, to)?;
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Refuses to work on a state directory in which a restore stands half done.
pub(super) fn refuse_half_restored(paths: &Paths) -> Result<(), Failure> {
    let Ok(from) = fs::read_to_string(paths.state().join(MARK)) else { return Ok(()) };
    let message = "a restore was broken off before all was in its place";
    let failure = Failure::new(Exit::Conflict, message).code("half_restored");
    Err(failure.next(format!("gangline restore {} --force", from.trim())))
}

fn refuse_beside_a_daemon(paths: &Paths) -> Result<(), Failure> {
    if !FileLock::is_held(paths.database_lock()).unwrap_or(false) {
        return Ok(());
    }
    let failure = Failure::new(Exit::Conflict, "the daemon runs").code("daemon_runs");
    Err(failure.next("gangline down --jobs"))
}

/// Puts what an archive holds in its place; what was there is moved aside. Says where to.
pub(crate) async fn restore(
    paths: &Paths,
    from: &Path,
    force: bool,
) -> Result<(Manifest, Option<PathBuf>), Failure> {
    paths.make()?;
    let state = paths.state();
    if !force && paths.database().exists() {
        let message = format!("there is a store in {} already", state.display());
        return Err(Failure::new(Exit::Conflict, message)
            .next(format!("gangline restore {} --force, to move it aside", from.display()))
            .next("GANGLINE_STATE_DIR=…, another state directory"));
    }
    refuse_beside_a_daemon(paths)?;
    let unpacked = state.join(UNPACKED);
    let io = |error: io::Error| failed(format!("{} cannot be restored", from.display()), &error);
    remove(&unpacked).map_err(io)?;
    let manifest = unpack(from, &unpacked)?;
    let mark = state.join(MARK);
    let whole = fs::canonicalize(from).map_err(io)?;
    // What takes the place of folders that were on the disk is on the disk, too.
    rustix::fs::sync();
    fs::write(&mark, whole.as_os_str().as_encoded_bytes()).map_err(io)?;
    File::open(&mark).and_then(|file| file.sync_all()).map_err(io)?;
    sync(state).map_err(io)?;
    // One that began meanwhile has not seen the mark, or sees it once it has the lock.
    if let Err(failure) = refuse_beside_a_daemon(paths) {
        fs::remove_file(&mark).map_err(io)?;
        return Err(failure);
    }
    let aside = state.join(format!("before-restore-{}", now().0));
    let mut moved = false;
    for name in FOLDERS.iter().chain(&["active", "worktrees", "homes", "warm"]) {
        let (there, new) = (state.join(name), unpacked.join(name));
        if there.exists() {
            fs::create_dir_all(&aside).map_err(io)?;
            fs::rename(&there, aside.join(name)).map_err(io)?;
            moved = true;
        }
        if new.exists() {
            fs::rename(&new, &there).map_err(io)?;
        }
    }
    sync(state).map_err(io)?;
    let restored = restore_backup(paths, &unpacked.join(DATABASE), true).await?;
    remove(&unpacked).map_err(io)?;
    fs::remove_file(&mark).map_err(io)?;
    sync(state).map_err(io)?;
    Ok((manifest, if moved { Some(aside) } else { restored.kept }))
}

/// Everything of the archive below a folder: plain files and folders of names that it may have.
fn unpack(from: &Path, to: &Path) -> Result<Manifest, Failure> {
    let what = || format!("{} cannot be restored", from.display());
    let io = |error: io::Error| failed(what(), &error);
    let no_backup = |why: &str| {
        Failure::new(Exit::Failed, format!("{}: {why}", what()))
            .next("name a file that `gangline backup` has made")
    };
    let file = File::open(from).map_err(|error| {
        Failure::because(Exit::NotFound, &error).within(what()).next("gangline backup FILE")
    })?;
    fs::create_dir_all(to).map_err(io)?;
    let mut archive = Archive::new(io::BufReader::new(file));
    let mut manifest: Option<Manifest> = None;
    let (mut database, mut ended) = (false, false);
    for entry in archive.entries().map_err(io)? {
        let mut entry = entry.map_err(|error| no_backup(&error.to_string()))?;
        let path = entry.path().map_err(io)?.into_owned();
        let Some(manifest) = &manifest else {
            let mut text = String::new();
            let read = entry.read_to_string(&mut text);
            let first = path == Path::new(MANIFEST) && read.is_ok();
            let read = first.then(|| serde_json::from_str::<Manifest>(&text).ok()).flatten();
            manifest = Some(read.ok_or_else(|| no_backup("it is no backup of gangline"))?);
            continue;
        };
        if manifest.format > FORMAT {
            return Err(no_backup("a newer gangline has made it"));
        }
        let kind = entry.header().entry_type();
        if path == Path::new(END) {
            ended = true;
            continue;
        }
        if !is_known(&path) || !matches!(kind, EntryType::Regular | EntryType::Directory) {
            return Err(no_backup(&format!("it has {}", path.display())));
        }
        database |= path == Path::new(DATABASE);
        if !entry.unpack_in(to).map_err(io)? {
            return Err(no_backup(&format!("it has {}", path.display())));
        }
    }
    match manifest {
        Some(manifest) if database && ended => Ok(manifest),
        Some(_) | None => Err(no_backup("it was cut off")),
    }
}

fn is_known(path: &Path) -> bool {
    let plain = path.components().all(|part| matches!(part, Component::Normal(_)));
    let first = path.components().next().and_then(|part| part.as_os_str().to_str());
    plain && first.is_some_and(|first| first == DATABASE || FOLDERS.contains(&first))
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}
