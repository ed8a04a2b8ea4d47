//! What the agent's git directory says, read as plain files: never a link followed, never a git
//! run on it.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use gangline_domain::ids::CommitId;
use rustix::fs::FileType;

use super::{CaptureError, CaptureRequest, Commits, Ground, io_error};
use crate::checkout::BackendKind;
use crate::nofollow::Folder;
use crate::printable::printable_line;

const HEAD_BYTES_MAX: u64 = 4096;
const PACKED_BYTES_MAX: u64 = 16 * 1024 * 1024;

/// How many references are looked at, and how deep.
const REFS_MAX: usize = 4096;
const DEPTH_MAX: usize = 16;

/// Where the agent says it is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum AgentHead {
    At { commit: CommitId, branch: Option<String> },
    Unusable { why: String },
}

/// The agent's names.
#[derive(Debug)]
pub(super) struct Agent {
    pub(super) head: AgentHead,
    /// Branches and the stash, by full name.
    pub(super) refs: BTreeMap<String, CommitId>,
}

impl Agent {
    fn unusable(why: impl Into<String>) -> Self {
        Self { head: AgentHead::Unusable { why: why.into() }, refs: BTreeMap::new() }
    }
}

pub(super) fn look(request: &CaptureRequest<'_>, ground: &Ground) -> Result<Agent, CaptureError> {
    if request.commits == Commits::Leave {
        return Ok(Agent::unusable("its commits were refused"));
    }
    match request.backend {
        BackendKind::Clone => Ok(look_private(&request.worktree.join(".git"))),
        BackendKind::Linked => {
            // Everything it has committed is in the hub already, under names of the hub.
            let borrowed = ground.git_dir.join("objects/info/alternates");
            let hub = format!("{}\n", request.hub.objects().display());
            fs::write(&borrowed, hub).map_err(io_error("write", &borrowed))?;
            Ok(look_linked(request))
        }
    }
}

fn look_private(dot_git: &Path) -> Agent {
    let folder = match Folder::open(dot_git) {
        Ok(folder) => folder,
        Err(error) => return Agent::unusable(format!("its .git is no directory ({error})")),
    };
    let refs = references(&folder);
    let head = head(&folder, &refs);
    Agent { head, refs }
}

/// The hub's directory about a linked worktree says where that worktree is; what the worktree
/// itself says about the way back is not asked.
fn look_linked(request: &CaptureRequest<'_>) -> Agent {
    let dot_git = request.worktree.join(".git");
    let admins = fs::read_dir(request.hub.path().join("worktrees")).into_iter().flatten().flatten();
    let admin = admins.map(|entry| entry.path()).find(|admin| {
        let back = fs::read_to_string(admin.join("gitdir"));
        back.is_ok_and(|back| Path::new(back.trim_end_matches('\n')) == dot_git)
    });
    let Some(admin) = admin else { return Agent::unusable("the hub does not know the worktree") };
    let folders = Folder::open(&admin).and_then(|own| Ok((own, Folder::open(request.hub.path())?)));
    match folders {
        Ok((own, hub)) => {
            let head = head(&own, &references(&hub));
            Agent { head, refs: BTreeMap::new() }
        }
        Err(error) => Agent::unusable(format!("the hub cannot be read ({error})")),
    }
}

fn head(git_dir: &Folder, refs: &BTreeMap<String, CommitId>) -> AgentHead {
    let unusable = |why: String| AgentHead::Unusable { why };
    let text = match head_text(git_dir) {
        Ok(text) => text,
        Err(error) => return unusable(format!("HEAD cannot be read ({error})")),
    };
    if let Ok(commit) = text.parse() {
        return AgentHead::At { commit, branch: None };
    }
    let Some(name) = text.strip_prefix("ref:").map(str::trim) else {
        return unusable(format!("HEAD says `{}`", printable_line(&text, 100)));
    };
    let branch = printable_line(name.strip_prefix("refs/heads/").unwrap_or(name), 200);
    match refs.get(name) {
        Some(commit) => AgentHead::At { commit: commit.clone(), branch: Some(branch) },
        None => unusable(format!("HEAD is on {branch}, which does not exist")),
    }
}

/// Old versions of git made `HEAD` a link to the branch: its text is as good.
fn head_text(git_dir: &Folder) -> io::Result<String> {
    let found = git_dir.stat("HEAD".as_ref())?;
    if FileType::from_raw_mode(found.st_mode).is_symlink() {
        let target = git_dir.link("HEAD".as_ref())?;
        return Ok(format!("ref: {}", target.to_string_lossy()));
    }
    let bytes = git_dir.read(Path::new("HEAD"), HEAD_BYTES_MAX)?;
    Ok(String::from_utf8_lossy(&bytes).trim().to_owned())
}

fn references(git_dir: &Folder) -> BTreeMap<String, CommitId> {
    let mut found = BTreeMap::new();
    if let Ok(bytes) = git_dir.read(Path::new("packed-refs"), PACKED_BYTES_MAX) {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let lines = text.lines().filter(|line| !line.starts_with(['#', '^']));
        for (commit, name) in lines.filter_map(|line| line.split_once(' ')).take(REFS_MAX) {
            if let Ok(commit) = commit.parse()
                && is_kept(name)
            {
                found.insert(name.to_owned(), commit);
            }
        }
    }
    // Loose ones win, as with git.
    let mut folders = vec![(PathBuf::from("refs/heads"), 0)];
    while let Some((path, depth)) = folders.pop() {
        let Ok(folder) = git_dir.below(&path) else { continue };
        let Ok(entries) = folder.entries() else { continue };
        for entry in entries.flatten() {
            let at = path.join(&entry.name);
            if entry.kind.is_dir() && depth < DEPTH_MAX && folders.len() < REFS_MAX {
                folders.push((at, depth + 1));
            } else if found.len() < REFS_MAX {
                found.extend(loose(git_dir, &at));
            }
        }
    }
    found.extend(loose(git_dir, Path::new("refs/stash")));
    found
}

fn is_kept(name: &str) -> bool {
    name.starts_with("refs/heads/") || name == "refs/stash"
}

fn loose(git_dir: &Folder, path: &Path) -> Option<(String, CommitId)> {
    let bytes = git_dir.read(path, HEAD_BYTES_MAX).ok()?;
    let commit = String::from_utf8_lossy(&bytes).trim().parse().ok()?;
    Some((path.to_string_lossy().into_owned(), commit))
}
