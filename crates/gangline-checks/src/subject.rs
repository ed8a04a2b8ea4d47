//! What is measured, where, and what was claimed about it. Facts of git come in as values.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use gangline_domain::ids::{CommitId, SecretName, TreeId};
use gangline_domain::scope::Scope;
use gangline_domain::secret::{Redactor, Secret};
use gangline_domain::verdict::{CheckResult, Claim, Report, Verdict};
use gangline_policy::Policy;
use gangline_process::{JobMarker, Sandbox};

/// The commit that an attempt left, with what git and the capture say about it.
#[derive(Debug, Clone)]
pub struct Subject {
    /// The commit.
    pub commit: CommitId,
    /// Its tree.
    pub tree: TreeId,
    /// The commit that its branch grew from, whose policy judges it.
    pub base: CommitId,
    /// Commits of `commit` that `base` does not have.
    pub new_commits: u32,
    /// Whether `base` is in the history of `commit`.
    pub descends_from_base: bool,
    /// Paths whose content differs between `base` and `commit`.
    pub changed: Vec<ChangedPath>,
    /// Nothing was left uncommitted or untracked.
    pub worktree_clean: bool,
    /// The first paths that were.
    pub dirty_paths: Vec<String>,
    /// The branch that was checked out at the end, if one was.
    pub on_branch: Option<String>,
    /// The branch that should have been.
    pub expected_branch: String,
    /// What the agent says.
    pub claim: Claim,
    /// What the ticket declares it changes; empty means anywhere.
    pub scope: Scope,
    /// Whether the agent says that nothing needs to change.
    pub no_change_claimed: bool,
    /// Protected paths whose change a person has approved.
    pub approved_paths: BTreeSet<String>,
    /// Secrets in what the commit brings along; absent when it brings nothing along.
    pub secrets: Option<SecretsFound>,
    /// When its new commits say that they were made.
    pub dates: Dates,
    /// Changed paths whose difference git does not show, or shows as something else, because of
    /// an attribute that the commit gives them and the base does not, such as `-diff`.
    pub unshown: Vec<(String, String)>,
    /// What the ticket is called.
    pub title: String,
    /// Texts of the base's tests, as far as they were read.
    pub tests: Vec<String>,
}

/// When commits say that they were made, in seconds since the Unix epoch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dates {
    /// The base.
    pub base: i64,
    /// Now, by the machine's clock.
    pub now: i64,
    /// Each new commit's committer date, with its name.
    pub commits: Vec<(CommitId, i64)>,
}

/// What was found of secrets in the contents, messages and paths between base and commit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecretsFound {
    /// Where and which, in words.
    pub found: Vec<String>,
    /// Paths of contents that were too large to be looked at.
    pub unread: Vec<String>,
}

/// A merge candidate. The target tip's policy judges it.
#[derive(Debug, Clone)]
pub struct Merged {
    /// The commit that would become the target's tip.
    pub commit: CommitId,
    /// Its tree.
    pub tree: TreeId,
    /// The target's tip that it was built on.
    pub target: CommitId,
    /// Paths whose content differs between `target` and `commit`.
    pub changed: Vec<ChangedPath>,
    /// Protected paths whose change a person has approved.
    pub approved_paths: BTreeSet<String>,
    /// As in [`Subject::unshown`].
    pub unshown: Vec<(String, String)>,
}

/// A path that differs between two trees, with `/`, from the root. Renames are two paths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedPath {
    /// The path.
    pub path: String,
    /// git's letter: `A`, `M`, `D`, `T`.
    pub status: char,
    /// Lines added; 0 in what is not text.
    pub added: u32,
    /// Lines deleted; 0 in what is not text.
    pub deleted: u32,
    /// What stood there before; absent when it is new.
    pub before: Option<Side>,
    /// What stands there now; absent when it is gone.
    pub after: Option<Side>,
}

/// What one tree has at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// git's mode, such as `100644`, `120000` for a link, `160000` for a submodule.
    pub mode: String,
    /// The object's name in hexadecimal.
    pub object: String,
    /// What is in it.
    pub content: Content,
}

/// What is in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text in UTF-8. For a link, where it leads to.
    Text(Arc<str>),
    /// No text; so many bytes.
    Binary(u64),
    /// Too large to be looked at; so many bytes.
    TooLarge(u64),
    /// Another repository's commit.
    Submodule,
}

impl ChangedPath {
    /// The text before, when it is a file with text.
    pub fn text_before(&self) -> Option<&str> {
        text(self.before.as_ref())
    }

    /// The text now, when it is a file with text.
    pub fn text_after(&self) -> Option<&str> {
        text(self.after.as_ref())
    }

    /// The lines that are there now and were not before, each with its number from 1. A line that
    /// moved within its file is not new.
    pub fn new_lines(&self) -> Vec<(usize, &str)> {
        let mut there: HashMap<&str, usize> = HashMap::new();
        for line in self.text_before().unwrap_or_default().lines() {
            *there.entry(line).or_default() += 1;
        }
        let now = self.text_after().unwrap_or_default().lines().zip(1..);
        let new = now.filter(|(line, _)| match there.get_mut(line) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            Some(_) | None => true,
        });
        new.map(|(line, number)| (number, line)).collect()
    }
}

fn text(side: Option<&Side>) -> Option<&str> {
    let side = side.filter(|side| side.mode.starts_with("100"))?;
    match &side.content {
        Content::Text(text) => Some(text),
        Content::Binary(_) | Content::TooLarge(_) | Content::Submodule => None,
    }
}

/// Where commands run.
#[derive(Debug, Clone)]
pub struct Bench {
    /// A fresh checkout of the exact commit, writable inside `sandbox`.
    pub checkout: PathBuf,
    /// Where commands find it: another path only where the sandbox shows it there.
    pub inside: PathBuf,
    /// The commands' `HOME`, writable inside `sandbox`.
    pub home: PathBuf,
    /// Where what setup left is kept for later commands, on the same file system. Not visible
    /// inside `sandbox`; made when it is needed, and removed by whoever made the checkout.
    pub spare: PathBuf,
    /// Where logs are written. Exists; not visible inside `sandbox`.
    pub log_dir: PathBuf,
    /// The wall around commands. Whether it has a network is each command's own.
    pub sandbox: Sandbox,
    /// Whether the machine gives commands a network at all.
    pub network: bool,
    /// By which the commands' descendants are found.
    pub marker: JobMarker,
    /// The commands' whole environment, but for what the policy adds: `PATH`, `HOME` …
    pub env: Vec<(String, String)>,
    /// Variables that commands do not get, whoever sets them.
    pub unset: BTreeSet<String>,
    /// What is taken out of all that commands print.
    pub redactor: Redactor,
    /// Values of secrets that the policy's checks name.
    pub secrets: BTreeMap<SecretName, Secret>,
}

/// What happens while a commit is measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// A check begins.
    Started {
        /// Its name.
        name: String,
        /// What it runs, when it is a command.
        command: Option<String>,
    },
    /// A check has ended.
    Finished {
        /// Its name.
        name: String,
        /// What was found.
        verdict: Verdict,
        /// In words.
        fact: String,
    },
}

impl Subject {
    /// The report of `checks` of this commit by `policy`.
    pub fn report(&self, policy: &Policy, checks: Vec<CheckResult>) -> Report {
        Report {
            commit: self.commit.clone(),
            tree: self.tree.clone(),
            base: self.base.clone(),
            policy_sha256: policy.sha256.clone(),
            checks,
            proposal: None,
        }
    }
}

impl Merged {
    /// The report of `checks` of this candidate by `policy`.
    pub fn report(&self, policy: &Policy, checks: Vec<CheckResult>) -> Report {
        Report {
            commit: self.commit.clone(),
            tree: self.tree.clone(),
            base: self.target.clone(),
            policy_sha256: policy.sha256.clone(),
            checks,
            proposal: None,
        }
    }
}
