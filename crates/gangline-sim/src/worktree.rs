//! Worktrees of nodes, and how what is in them is kept.

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::ids::CommitId;

use crate::git::Git;

/// A ticket's worktree on this node.
#[derive(Debug, Clone)]
pub(crate) struct Worktree {
    pub(crate) base: CommitId,
    pub(crate) head: CommitId,
    /// Written, not committed.
    pub(crate) dirt: BTreeMap<u8, u32>,
    /// Whether all that is in it is in the hub too.
    pub(crate) captured: bool,
}

/// Brings a worktree's content into the hub; the commit that holds what was not committed.
pub(crate) fn keep(tree: &mut Worktree, git: &mut Git) -> Option<CommitId> {
    let mut todo = vec![tree.head.clone()];
    let mut seen = BTreeSet::new();
    while let Some(id) = todo.pop() {
        if !seen.insert(id.clone()) {
            continue;
        }
        let commit = git.get(&id).clone();
        git.kept.extend(commit.tree.values().copied());
        todo.extend(commit.parents);
    }
    tree.captured = true;
    if tree.dirt.is_empty() {
        return None;
    }
    git.kept.extend(tree.dirt.values().copied());
    let mut files = git.get(&tree.head).tree.clone();
    files.extend(tree.dirt.iter().map(|(file, content)| (*file, *content)));
    Some(git.commit(files, vec![tree.head.clone()]))
}
