//! A fake git: commits with whole trees, one hub, and a target branch for each project.
//! It also knows the truth that checks only measure: whether a tree is red.

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::ids::{CommitId, ProjectId, TicketId, TreeId};

/// File → content.
pub(crate) type Tree = BTreeMap<u8, u32>;

#[derive(Debug, Clone)]
pub(crate) struct Commit {
    pub(crate) tree: Tree,
    pub(crate) parents: Vec<CommitId>,
}

/// All objects, wherever they are, and the refs that matter.
#[derive(Debug, Clone)]
pub(crate) struct Git {
    commits: BTreeMap<CommitId, Commit>,
    /// Content that reached the hub under a ref of an attempt or of a rescue.
    pub(crate) kept: BTreeSet<u32>,
    targets: BTreeMap<ProjectId, CommitId>,
    /// Branches that were left in the persons' repositories.
    pub(crate) published: BTreeSet<(TicketId, CommitId)>,
    root: CommitId,
    next: u64,
}

fn hex(n: u64) -> String {
    format!("{n:040x}")
}

impl Git {
    pub(crate) fn new() -> Self {
        let root: CommitId = hex(1).parse().expect("BUG: forty digits");
        let first = Commit { tree: Tree::new(), parents: vec![] };
        Self {
            commits: BTreeMap::from([(root.clone(), first)]),
            kept: BTreeSet::new(),
            targets: BTreeMap::new(),
            published: BTreeSet::new(),
            root,
            next: 1,
        }
    }

    /// The tip of the project's target branch.
    pub(crate) fn target(&self, project: &ProjectId) -> &CommitId {
        self.targets.get(project).unwrap_or(&self.root)
    }

    pub(crate) fn set_target(&mut self, project: &ProjectId, tip: &CommitId) {
        self.targets.insert(project.clone(), tip.clone());
    }

    pub(crate) fn commit(&mut self, tree: Tree, parents: Vec<CommitId>) -> CommitId {
        self.next += 1;
        let id: CommitId = hex(self.next).parse().expect("BUG: forty digits");
        self.commits.insert(id.clone(), Commit { tree, parents });
        id
    }

    pub(crate) fn get(&self, id: &CommitId) -> &Commit {
        &self.commits[id]
    }

    /// A name that equal trees share.
    pub(crate) fn tree_id(&self, id: &CommitId) -> TreeId {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for (file, content) in &self.get(id).tree {
            for part in [u64::from(*file), u64::from(*content)] {
                hash = (hash ^ part).wrapping_mul(0x0100_0000_01b3);
            }
        }
        hex(hash).parse().expect("BUG: forty digits")
    }

    pub(crate) fn is_ancestor(&self, old: &CommitId, new: &CommitId) -> bool {
        let mut seen = BTreeSet::new();
        let mut todo = vec![new];
        while let Some(id) = todo.pop() {
            if id == old {
                return true;
            }
            if seen.insert(id) {
                todo.extend(&self.get(id).parents);
            }
        }
        false
    }

    /// Files that differ between two commits.
    fn changed(&self, from: &CommitId, to: &CommitId) -> BTreeMap<u8, Option<u32>> {
        let (from, to) = (&self.get(from).tree, &self.get(to).tree);
        let files: BTreeSet<u8> = from.keys().chain(to.keys()).copied().collect();
        files
            .into_iter()
            .filter(|file| from.get(file) != to.get(file))
            .map(|file| (file, to.get(&file).copied()))
            .collect()
    }

    /// The merge of `branch`, grown from `base`, into `onto`; or the files in conflict.
    pub(crate) fn merge(
        &self,
        onto: &CommitId,
        base: &CommitId,
        branch: &CommitId,
    ) -> Result<Tree, Vec<u8>> {
        let (ours, theirs) = (self.changed(base, onto), self.changed(base, branch));
        let conflicts: Vec<u8> = theirs
            .iter()
            .filter(|(file, content)| ours.get(file).is_some_and(|our| our != *content))
            .map(|(file, _)| *file)
            .collect();
        if !conflicts.is_empty() {
            return Err(conflicts);
        }
        let mut tree = self.get(onto).tree.clone();
        for (file, content) in theirs {
            match content {
                Some(content) => tree.insert(file, content),
                None => tree.remove(&file),
            };
        }
        Ok(tree)
    }
}

/// The truth about a tree: red when a content is bad, or when two files do not go together
/// though each is good by itself.
pub(crate) fn is_red(tree: &Tree) -> bool {
    let bad = |content: &u32| content.is_multiple_of(8);
    let clash = match (tree.get(&0), tree.get(&1)) {
        (Some(a), Some(b)) => (a + b).is_multiple_of(3),
        _apart => false,
    };
    clash || tree.values().any(bad)
}
