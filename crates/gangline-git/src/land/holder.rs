//! Who has a branch checked out, among the worktrees of the person's repository.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::PathBuf;

use gangline_domain::ids::BranchName;

use crate::git::{Git, GitFailure};
use crate::inspect::PersonRepo;

/// A worktree that a branch belongs to at the moment.
#[derive(Debug)]
pub(crate) struct Holder {
    pub(crate) worktree: PathBuf,
    pub(crate) git_dir: PathBuf,
    /// The branch is not checked out but in the middle of a rebase there.
    pub(crate) rebasing: bool,
}

impl Holder {
    pub(crate) fn index_lock(&self) -> PathBuf {
        self.git_dir.join("index.lock")
    }
}

/// The worktree that has the branch checked out, or is rebasing it; `None` when nobody has.
pub(crate) async fn holder_of(
    person: &PersonRepo,
    branch: &BranchName,
) -> Result<Option<Holder>, GitFailure> {
    let listed =
        person.git().call(["worktree", "list", "--porcelain", "-z"]).ok().await?.whole()?;
    let full = format!("refs/heads/{branch}");
    let mut found = None;
    // Records end with an empty field.
    for record in
        listed.split(|byte| *byte == 0).collect::<Vec<_>>().split(|field| field.is_empty())
    {
        let value = |key: &[u8]| record.iter().find_map(|field| field.strip_prefix(key));
        let Some(worktree) = value(b"worktree ") else { continue };
        let worktree = PathBuf::from(OsString::from_vec(worktree.to_vec()));
        // One whose directory is gone holds nothing that could be disturbed.
        if record.contains(&b"bare".as_slice()) || !worktree.is_dir() {
            continue;
        }
        let asked = Git::discover().call(["rev-parse", "--absolute-git-dir"]).cwd(&worktree);
        let Ok(git_dir) = asked.line().await.map(PathBuf::from) else { continue };
        let checked_out = value(b"branch ") == Some(full.as_bytes());
        let rebasing = ["rebase-merge", "rebase-apply"].iter().any(|folder| {
            let name = fs::read_to_string(git_dir.join(folder).join("head-name"));
            name.is_ok_and(|name| name.trim_end() == full)
        });
        if rebasing || (checked_out && found.is_none()) {
            found = Some(Holder { worktree, git_dir, rebasing });
        }
        if rebasing {
            break;
        }
    }
    Ok(found)
}
