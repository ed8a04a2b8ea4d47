//! A landing that was killed in the midst of a worktree.
//!
//! Git writes the files, then the index, then the reference. Whatever it was killed between, each
//! path is then as `old` has it or as `new` has it. If that is so for every path, nothing there
//! is the person's alone, and the rest can be written; if it is not so for one, that one is the
//! person's, and nothing is touched. Each step is refused by git itself should the person
//! change a file meanwhile.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use super::{Holder, LandRequest, git_of};
use crate::git::{GitFailure, option};
use crate::hub::{ChangeStatus, Hub, RefChange, RefError, TreeChange, Wish, swap, tree_changes};
use crate::inspect::PersonRepo;
use crate::printable::printable_line;
use crate::refs::RefName;

/// How many paths of the person's are named.
const PATHS_MAX: usize = 200;

/// How much a list of changes may be.
const CHANGES_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Lets exactly the wanted commit be asked for. A constant, because a shell reads it.
const UPLOAD_PACK: &str = "--upload-pack=git -c uploadpack.allowAnySHA1InWant=true -c core.hooksPath=/dev/null upload-pack";

/// What came of finishing.
pub(super) enum Finish {
    /// Tree, index and reference are at `new`.
    Finished,
    /// These paths are the person's own.
    Foreign { paths: Vec<String> },
    /// Another git holds the index.
    Locked,
}

type Changes = BTreeMap<Vec<u8>, TreeChange>;

/// Files that `new` adds and that are there already with another content, ignored ones included:
/// git itself would overwrite those.
pub(super) async fn in_the_way(
    holder: &Holder,
    hub: &Hub,
    request: &LandRequest<'_>,
) -> Result<Vec<Vec<u8>>, GitFailure> {
    let wanted = wanted(hub, request).await?;
    let added = wanted.values().filter(|change| change.status == ChangeStatus::Added);
    let mut found = Vec::new();
    for change in added {
        if let Some(path) = obstacle(&holder.worktree, &change.path, &wanted) {
            found.push(path);
        }
    }
    // A landing that was killed has written such files itself: `finish` compares them.
    Ok(found)
}

/// What stands where an added file goes, or where one of its directories goes.
fn obstacle(worktree: &Path, path: &[u8], wanted: &Changes) -> Option<Vec<u8>> {
    let replaced =
        |at: &[u8]| wanted.get(at).is_some_and(|change| change.status == ChangeStatus::Deleted);
    for (end, _) in path.iter().enumerate().filter(|(_, byte)| **byte == b'/') {
        let parent = &path[..end];
        match fs::symlink_metadata(worktree.join(OsStr::from_bytes(parent))) {
            Ok(found) if found.is_dir() => {}
            Ok(_) if replaced(parent) => return None,
            Ok(_) => return Some(parent.to_owned()),
            Err(_) => return None,
        }
    }
    let found = fs::symlink_metadata(worktree.join(OsStr::from_bytes(path))).ok()?;
    let mut below = path.to_owned();
    below.push(b'/');
    // A directory of tracked files that `new` replaces by a file is git's to judge.
    let was_tracked = wanted.keys().any(|other| other.starts_with(&below));
    (!(found.is_dir() && was_tracked)).then(|| path.to_owned())
}

async fn wanted(hub: &Hub, request: &LandRequest<'_>) -> Result<Changes, GitFailure> {
    let args = ["diff-tree", "-r", "-z", "--raw", "--no-renames", "--no-abbrev"];
    let args = args.into_iter().chain([request.old.as_str(), request.new.as_str(), "--"]);
    let bytes = hub.git().call(args).bulk().cap(CHANGES_BYTES_MAX).ok().await?.whole()?;
    let changes = tree_changes("diff-tree", &bytes)?;
    Ok(changes.into_iter().map(|change| (change.path.clone(), change)).collect())
}

pub(super) async fn finish(
    person: &PersonRepo,
    hub: &Hub,
    request: &LandRequest<'_>,
    holder: &Holder,
) -> Result<Finish, GitFailure> {
    let git = git_of(holder);
    let wanted = wanted(hub, request).await?;
    // The killed push may have died before or after its objects came; without them there is
    // nothing to compare with, and nothing of ours can be in the tree.
    git.call(["update-index", "-q", "--refresh", "--ignore-submodules"]).bulk().run().await?;
    let staged = ["diff-index", "--cached", "-z", "--raw", "--no-renames", "--no-abbrev"];
    let staged = staged.into_iter().chain(["--ignore-submodules=all", request.old.as_str(), "--"]);
    let staged = git.call(staged).bulk().cap(CHANGES_BYTES_MAX).ok().await?.whole()?;
    let staged = tree_changes("diff-index", &staged)?;
    let changed = ["diff-files", "-z", "--raw", "--no-renames", "--no-abbrev"];
    let changed = changed.into_iter().chain(["--ignore-submodules=all", "--"]);
    let changed = git.call(changed).bulk().cap(CHANGES_BYTES_MAX).ok().await?.whole()?;
    let changed = tree_changes("diff-files", &changed)?;

    let mut foreign: Vec<&[u8]> = Vec::new();
    for change in &staged {
        let as_wanted =
            |wanted: &TreeChange| (&wanted.mode, &wanted.object) == (&change.mode, &change.object);
        if !wanted.get(&change.path).is_some_and(as_wanted) {
            foreign.push(&change.path);
        }
    }
    // Files that `new` adds are unknown to an index that is still at `old`.
    let in_index = |path: &[u8]| staged.iter().any(|change| change.path == path);
    let added = wanted.values().filter(|change| change.status == ChangeStatus::Added);
    let written = added.filter(|change| !in_index(&change.path));
    let written = written.filter_map(|change| obstacle(&holder.worktree, &change.path, &wanted));
    let mut ours: Vec<Vec<u8>> = Vec::new();
    let written: Vec<Vec<u8>> = written.collect();
    for path in changed.iter().map(|change| &change.path).chain(&written) {
        match wanted.get(path) {
            Some(change) if is_written(holder, change).await? => ours.push(path.clone()),
            Some(_) | None => foreign.push(path),
        }
    }
    if !foreign.is_empty() {
        let shown = |path: &&[u8]| printable_line(&String::from_utf8_lossy(path), 300);
        let mut paths: Vec<String> = foreign.iter().take(PATHS_MAX).map(shown).collect();
        paths.sort();
        paths.dedup();
        return Ok(Finish::Foreign { paths });
    }
    bring_objects(person, hub, request).await?;
    write_the_rest(person, request, holder, &ours).await
}

/// A push that was refused leaves no objects behind.
async fn bring_objects(
    person: &PersonRepo,
    hub: &Hub,
    request: &LandRequest<'_>,
) -> Result<(), GitFailure> {
    let git = person.git();
    let new = format!("{}^{{commit}}", request.new);
    if git.call(["cat-file", "-e", &new]).run().await?.exit.success() {
        return Ok(());
    }
    let args = ["-c", "core.fsync=all", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head"];
    let args = args.into_iter().chain(["--no-recurse-submodules", "--no-auto-maintenance"]);
    let args = args.chain(["--refmap=", UPLOAD_PACK, "--end-of-options"]).map(Into::into);
    let args = args.chain([option("", hub.path()), request.new.as_str().into()]);
    git.call(args).bulk().ok().await.map(drop)
}

/// Whether the file in the worktree is what `new` has at that path.
async fn is_written(holder: &Holder, wanted: &TreeChange) -> Result<bool, GitFailure> {
    use std::os::unix::fs::PermissionsExt;
    let path = holder.worktree.join(OsStr::from_bytes(&wanted.path));
    let found = match fs::symlink_metadata(&path) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(wanted.status == ChangeStatus::Deleted);
        }
        Err(_) => return Ok(false),
    };
    let mode = match () {
        () if found.is_symlink() => "120000",
        () if found.is_file() && found.permissions().mode() & 0o100 != 0 => "100755",
        () if found.is_file() => "100644",
        () => return Ok(false),
    };
    if mode != wanted.mode {
        return Ok(false);
    }
    let git = git_of(holder);
    let object = if found.is_symlink() {
        let Ok(target) = fs::read_link(&path) else { return Ok(false) };
        git.call(["hash-object", "--stdin"])
            .stdin(target.into_os_string().into_vec())
            .line()
            .await?
    } else {
        let relative = PathBuf::from(OsStr::from_bytes(&wanted.path));
        let args = ["hash-object", "--"].map(Into::into).into_iter().chain([relative.into()]);
        let args: Vec<std::ffi::OsString> = args.collect();
        git.call(args).bulk().line().await?
    };
    Ok(object == wanted.object)
}

async fn write_the_rest(
    person: &PersonRepo,
    request: &LandRequest<'_>,
    holder: &Holder,
    ours: &[Vec<u8>],
) -> Result<Finish, GitFailure> {
    let git = git_of(holder);
    let sync = ["-c", "core.fsync=all"];
    if !ours.is_empty() {
        let mut paths = ours.join(&0);
        paths.push(0);
        let args = ["update-index", "--add", "--remove", "-z", "--stdin"];
        let staged = git.call(sync.into_iter().chain(args)).stdin(paths).run().await?;
        if !staged.exit.success() {
            return if holder.index_lock().exists() {
                Ok(Finish::Locked)
            } else {
                Err(staged.failure())
            };
        }
    }
    // From `old` to `new`: what is already at `new` stays, what is at `old` is written, anything
    // else makes git refuse.
    let args = ["read-tree", "-m", "-u", request.old.as_str(), request.new.as_str()];
    let written = git.call(sync.into_iter().chain(args)).bulk().run().await?;
    if !written.exit.success() {
        if holder.index_lock().exists() {
            return Ok(Finish::Locked);
        }
        return Err(written.failure());
    }
    let name = RefName::branch(request.branch);
    let wish = Wish { name: &name, new: Some(request.new), old: request.old.as_str() };
    match swap(&person.git(), &wish).await {
        Ok(RefChange::Set | RefChange::Lost { .. }) => Ok(Finish::Finished),
        Err(RefError::Git(failure)) => Err(failure),
        Err(RefError::Busy { .. }) => Ok(Finish::Locked),
    }
}
