//! How worktrees are made, named and provisioned.

use gangline_domain::scope::Scope;
use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::amount::whole;
use crate::name::RelativePath;
use crate::template::{BranchTemplate, CommitTemplate, WorktreeTemplate};

/// `[worktree]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Worktree {
    /// Patterns of untracked files that are copied from the person's repository.
    #[serde(deserialize_with = "patterns")]
    pub copy: Vec<String>,
    /// Patterns of untracked files that are linked to.
    #[serde(deserialize_with = "patterns")]
    pub link: Vec<String>,
    /// Secrets that are copied, each by its exact path, never by pattern.
    pub secrets: Vec<RelativePath>,
    /// How a checkout is made.
    pub backend: Backend,
    /// The directory's name.
    pub worktree_template: WorktreeTemplate,
    /// The branch's name.
    pub branch_template: BranchTemplate,
    /// The subject of what lands.
    pub commit_template: CommitTemplate,
    /// How many ports each worktree has from `GANGLINE_PORT_BASE` on, 1 to 100.
    #[serde(deserialize_with = "whole::<_, _, 1, 100>")]
    pub ports: u16,
}

/// How a checkout is made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Backend {
    /// `clone`: a git directory of its own, which borrows the hub's objects.
    #[default]
    Clone,
    /// `linked`: `git worktree add`, for trusted agents only.
    Linked,
}

impl Default for Worktree {
    fn default() -> Self {
        let parsed = "BUG: a default template is a template";
        Self {
            copy: vec![],
            link: vec![],
            secrets: vec![],
            backend: Backend::default(),
            worktree_template: "worker-<id>".parse().expect(parsed),
            branch_template: "gangline/<KEY>-<slug>".parse().expect(parsed),
            commit_template: "<KEY>: <subject>".parse().expect(parsed),
            ports: 10,
        }
    }
}

fn patterns<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let patterns = Vec::<String>::deserialize(deserializer)?;
    Scope::try_from(patterns).map(Vec::from).map_err(de::Error::custom)
}
