//! What the agent's git directory says, read as plain files: never a link followed, never a git
//! run on it.

use std::collections::{BTreeMap, BTreeSet};
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

/// How much of one log is read, and how many of the commits that logs name are looked at.
const LOG_BYTES_MAX: u64 = 4 * 1024 * 1024;
const LOGGED_MAX: usize = 4096;

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
    /// Branches, tags, the stash and all else but remotes, by full name.
    pub(super) refs: BTreeMap<String, CommitId>,
    /// What references and `HEAD` were before, by the name of the log, newest first.
    pub(super) left: Vec<(String, CommitId)>,
}

impl Agent {
    fn unusable(why: impl Into<String>) -> Self {
        Self {
            head: AgentHead::Unusable { why: why.into() },
            refs: BTreeMap::new(),
            left: Vec::new(),
        }
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
    let left = logged(&folder);
    Agent { head, refs, left }
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
            Agent { head, refs: BTreeMap::new(), left: Vec::new() }
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
    for at in files_below(git_dir, "refs") {
        let full = found.len() >= REFS_MAX;
        if !full && at.to_str().is_some_and(is_kept) {
            found.extend(loose(git_dir, &at));
        }
    }
    // However many others there are.
    found.extend(loose(git_dir, Path::new("refs/stash")));
    found
}

/// The files of a folder and the folders below, in order.
fn files_below(git_dir: &Folder, folder: &str) -> BTreeSet<PathBuf> {
    let mut files = BTreeSet::new();
    let mut folders = vec![(PathBuf::from(folder), 0)];
    while let Some((path, depth)) = folders.pop() {
        let Ok(folder) = git_dir.below(&path) else { continue };
        let Ok(entries) = folder.entries() else { continue };
        for entry in entries.flatten() {
            let at = path.join(&entry.name);
            if entry.kind.is_dir() && depth < DEPTH_MAX && folders.len() < REFS_MAX {
                folders.push((at, depth + 1));
            } else if files.len() < 2 * REFS_MAX {
                files.insert(at);
            }
        }
    }
    files
}

/// All that is the attempt's own: what it fetched is somebody else's.
fn is_kept(name: &str) -> bool {
    name.starts_with("refs/") && !name.starts_with("refs/remotes/")
}

/// What the logs of references say was there, the stash first: its older entries are nowhere else.
fn logged(git_dir: &Folder) -> Vec<(String, CommitId)> {
    let mut logs: Vec<PathBuf> = files_below(git_dir, "logs").into_iter().collect();
    logs.retain(|log| !log.starts_with("logs/refs/remotes"));
    logs.sort_by_key(|log| log != Path::new("logs/refs/stash"));
    let mut left = Vec::new();
    for log in logs {
        let Ok(bytes) = git_dir.read(&log, LOG_BYTES_MAX) else { continue };
        let text = String::from_utf8_lossy(&bytes);
        // `<before> <after> <who> <when>\t<what>`
        let commits = text.lines().rev().filter_map(|line| line.split(' ').nth(1));
        let commits = commits.filter(|commit| commit.bytes().any(|byte| byte != b'0'));
        let name = log.to_string_lossy();
        let commits = commits.filter_map(|commit| commit.parse().ok());
        left.extend(commits.map(|commit| (name.clone().into_owned(), commit)));
    }
    left.truncate(LOGGED_MAX);
    left
}

fn loose(git_dir: &Folder, path: &Path) -> Option<(String, CommitId)> {
    let bytes = git_dir.read(path, HEAD_BYTES_MAX).ok()?;
    let commit = String::from_utf8_lossy(&bytes).trim().parse().ok()?;
    Some((path.to_string_lossy().into_owned(), commit))
}
