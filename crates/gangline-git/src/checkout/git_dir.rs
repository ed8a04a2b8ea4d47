//! Git directories written by hand: quicker than `git clone` by a factor of a hundred, and with
//! nothing in them that is not named here.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gangline_domain::ids::CommitId;

use super::identity::Identity;
use crate::hub::ObjectFormat;
use crate::refs::RefName;

/// Where a checkout's `HEAD` is.
pub(super) enum HeadAt<'a> {
    Branch { name: RefName, start: &'a CommitId },
    Commit(&'a CommitId),
}

/// A bare repository that borrows objects.
pub(crate) fn bare_git_dir(
    path: &Path,
    format: ObjectFormat,
    borrowed: &[PathBuf],
) -> io::Result<()> {
    skeleton(path, borrowed)?;
    fs::write(path.join("HEAD"), "ref: refs/heads/gangline-none\n")?;
    fs::write(path.join("config"), config(format, true))
}

/// The git directory of a checkout, without an index.
pub(super) fn private_git_dir(
    path: &Path,
    (format, hub_objects): (ObjectFormat, PathBuf),
    head: &HeadAt<'_>,
    base: &CommitId,
    identity: Option<&Identity>,
) -> io::Result<()> {
    skeleton(path, &[hub_objects])?;
    let mut text = config(format, false);
    if let Some(identity) = identity {
        text.push_str(&identity.config());
    }
    fs::write(path.join("config"), text)?;
    // So that `git diff gangline/base` works in there.
    write_ref(path, "refs/remotes/gangline/base", base)?;
    match head {
        HeadAt::Branch { name, start } => {
            write_ref(path, name.as_str(), start)?;
            fs::write(path.join("HEAD"), format!("ref: {name}\n"))
        }
        HeadAt::Commit(commit) => fs::write(path.join("HEAD"), format!("{commit}\n")),
    }
}

fn skeleton(path: &Path, borrowed: &[PathBuf]) -> io::Result<()> {
    for folder in ["objects/info", "objects/pack", "refs/heads", "info"] {
        fs::create_dir_all(path.join(folder))?;
    }
    let mut lines = Vec::new();
    for objects in borrowed {
        use std::os::unix::ffi::OsStrExt;
        let line = objects.as_os_str().as_bytes();
        // One path a line; a line that begins with `"` is unquoted and one with `#` is skipped.
        if !line.starts_with(b"/") || line.contains(&b'\n') {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a path to borrow from"));
        }
        lines.extend_from_slice(line);
        lines.push(b'\n');
    }
    fs::write(path.join("objects/info/alternates"), lines)
}

fn write_ref(git_dir: &Path, name: &str, commit: &CommitId) -> io::Result<()> {
    let path = git_dir.join(name);
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    fs::write(path, format!("{commit}\n"))
}

/// What a git directory of ours is configured to.
pub(super) fn config(format: ObjectFormat, bare: bool) -> String {
    let (version, extensions) = match format {
        ObjectFormat::Sha1 => (0, ""),
        ObjectFormat::Sha256 => (1, "[extensions]\n\tobjectFormat = sha256\n"),
    };
    // What a Mac's file system does to names, git's own `init` would find out by trying.
    let names = match cfg!(target_os = "macos") {
        true => "\tignoreCase = true\n\tprecomposeUnicode = true\n",
        false => "",
    };
    format!(
        "[core]\n\trepositoryFormatVersion = {version}\n\tfileMode = true\n\tbare = {bare}\n\
         \tlogAllRefUpdates = true\n\tfsync = committed,derived-metadata\n{names}{extensions}\
         [gc]\n\tauto = 0\n[maintenance]\n\tauto = false\n"
    )
}
