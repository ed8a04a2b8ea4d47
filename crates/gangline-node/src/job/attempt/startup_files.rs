//! What an agent's program reads at its start comes from the base commit.
//!
//! Settings, hooks and servers of tools in the worktree are instructions to the agent's program.
//! An earlier attempt may have written them, and then the next session would begin under rules
//! that no person has seen. So before a session goes on in a worktree, these files become what the
//! base has: restored where they differ, and set aside where the base has none. Nothing is lost:
//! what was there was captured when the earlier attempt ended.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path};

use gangline_domain::ids::CommitId;
use gangline_domain::job::Infra;

use crate::durable::FileFault;
use crate::job::context::Job;
use crate::job::failure::Failure;
use crate::trees::Hub;

/// Files that programs are known to read. They are restored when they were deleted, too.
const FILES: [&str; 13] = [
    ".claude/settings.json",
    ".claude/settings.local.json",
    ".codex/config.toml",
    ".codex/hooks.json",
    ".cursor/mcp.json",
    ".gemini/.env",
    ".gemini/settings.json",
    ".mcp.json",
    ".opencode/opencode.json",
    ".opencode/opencode.jsonc",
    ".vscode/mcp.json",
    "opencode.json",
    "opencode.jsonc",
];

/// Folders of which every file counts.
const FOLDERS: [&str; 6] =
    [".claude/hooks", ".claude/plugins", ".codex", ".gemini", ".opencode", ".qwen"];

/// Files that all folders together may have, and bytes of one file.
const FILES_MAX: usize = 1_000;
const BYTES_MAX: usize = 1024 * 1024;

/// Makes the files in `tree` what they are at `base`. No process of the agent may be running.
pub(super) async fn restore(
    job: &Job,
    hub: &Hub,
    base: &CommitId,
    tree: &Path,
) -> Result<(), Failure> {
    let aside = job.run.dir().join("set-aside");
    let mut paths: BTreeSet<String> = FILES.map(str::to_owned).into();
    for path in FILES.into_iter().chain(FOLDERS) {
        if let Some(link) = first_link(tree, path) {
            put_aside(job, tree, &link, &aside)?;
        }
    }
    for folder in FOLDERS {
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            for (path, kind) in entries(tree, &folder)? {
                if kind.is_dir() {
                    open.push(path);
                } else if kind.is_file() {
                    paths.insert(path);
                } else {
                    put_aside(job, tree, &path, &aside)?;
                }
            }
            if paths.len() > FILES_MAX {
                return Err(Failure::Infra(Infra::SetupFailed(format!(
                    "{folder} in the worktree has more than {FILES_MAX} files"
                ))));
            }
        }
    }
    let paths: Vec<String> = paths.into_iter().collect();
    let wanted: Vec<(&str, usize)> = paths.iter().map(|path| (path.as_str(), BYTES_MAX)).collect();
    let committed = hub.read_files(base, &wanted).await?;
    for (path, committed) in paths.iter().zip(committed) {
        make(job, (tree, path), committed.as_deref(), &aside)?;
    }
    Ok(())
}

fn make(
    job: &Job,
    (tree, path): (&Path, &String),
    committed: Option<&[u8]>,
    aside: &Path,
) -> Result<(), Failure> {
    let file = tree.join(path);
    let there = match fs::symlink_metadata(&file) {
        Ok(meta) if meta.is_file() => Some(fs::read(&file).map_err(|error| fault(&file, error))?),
        // A folder where a file should be.
        Ok(_) => Some(vec![]),
        Err(_absent) => None,
    };
    if there.as_deref() == committed {
        return Ok(());
    }
    if there.is_some() {
        put_aside(job, tree, path, aside)?;
    }
    if let Some(bytes) = committed {
        let folder = file.parent().unwrap_or(tree);
        fs::create_dir_all(folder).map_err(|error| fault(folder, error))?;
        fs::write(&file, bytes).map_err(|error| fault(&file, error))?;
    }
    let now = if committed.is_some() { "is the base's again" } else { "is set aside" };
    job.alert(format!(
        "{path} {now}: what the agent's program reads at its start comes from the base commit"
    ));
    Ok(())
}

/// The first part of a path that is a link, below `tree`. The base may have had it as one: then
/// its program reads nothing, and nothing of the agent's.
fn first_link(tree: &Path, path: &str) -> Option<String> {
    let mut at = std::path::PathBuf::new();
    for part in Path::new(path).components() {
        let Component::Normal(part) = part else { return None };
        at.push(part);
        let meta = fs::symlink_metadata(tree.join(&at)).ok()?;
        if meta.is_symlink() {
            return Some(at.to_string_lossy().into_owned());
        }
    }
    None
}

fn entries(tree: &Path, folder: &str) -> Result<Vec<(String, fs::FileType)>, Failure> {
    let at = tree.join(folder);
    let is_folder = fs::symlink_metadata(&at).is_ok_and(|meta| meta.is_dir());
    if !is_folder {
        return Ok(vec![]);
    }
    let listed = fs::read_dir(&at).map_err(|error| fault(&at, error))?;
    let mut found = vec![];
    for entry in listed {
        let entry = entry.map_err(|error| fault(&at, error))?;
        let kind = entry.file_type().map_err(|error| fault(&at, error))?;
        // A name that is no text cannot be in the list of what programs read.
        if let Some(name) = entry.file_name().to_str().filter(|name| !name.contains('\n')) {
            found.push((format!("{folder}/{name}"), kind));
        }
    }
    Ok(found)
}

/// Moves an entry out of the tree into the run's folder, where a person can look at it.
fn put_aside(job: &Job, tree: &Path, path: &str, aside: &Path) -> Result<(), Failure> {
    let (from, to) = (tree.join(path), aside.join(path));
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(|error| fault(folder, error))?;
    }
    match fs::rename(&from, &to) {
        Ok(()) => job.step(format!("{path} of the worktree is set aside as {}", to.display())),
        // It stands on another disk, or an earlier run of this job has put the same aside.
        Err(_refused) => {
            let gone = match fs::symlink_metadata(&from) {
                Ok(meta) if meta.is_dir() => fs::remove_dir_all(&from),
                Ok(_) => fs::remove_file(&from),
                Err(_absent) => Ok(()),
            };
            gone.map_err(|error| fault(&from, error))?;
        }
    }
    Ok(())
}

fn fault(path: &Path, error: std::io::Error) -> Failure {
    FileFault::new("restore", path, error).into()
}
