//! A bench and a subject for tests: cheap to build, true unless a test makes them lie.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use gangline_domain::ids::CommitId;
use gangline_domain::scope::Scope;
use gangline_domain::secret::Redactor;
use gangline_domain::verdict::{Claim, ClaimSource};
use gangline_policy::Policy;
use gangline_process::{JobMarker, Sandbox};

use crate::subject::{Bench, ChangedPath, Content, Dates, Merged, Side, Subject};
use crate::trial::Layout;

/// A checkout and a log folder that go away with it.
pub(crate) struct World {
    root: tempfile::TempDir,
    pub(crate) bench: Bench,
}

impl World {
    pub(crate) fn new() -> Self {
        let root = tempfile::tempdir().unwrap();
        let bench = bench_in(root.path());
        Self { root, bench }
    }

    pub(crate) fn file(&self, path: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.bench.checkout.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn path(&self) -> &std::path::Path {
        self.root.path()
    }
}

/// An empty checkout in a folder, without a sandbox.
fn bench_in(root: &Path) -> Bench {
    let folder = |name: &str| {
        let path = root.join(name);
        std::fs::create_dir_all(&path).unwrap();
        path
    };
    Bench {
        checkout: folder("checkout"),
        inside: root.join("checkout"),
        home: folder("home"),
        spare: root.join("spare"),
        log_dir: folder("logs"),
        sandbox: Sandbox::none(),
        network: true,
        marker: JobMarker::new("test.APP-1.v1").unwrap(),
        env: vec![("PATH".to_owned(), std::env::var("PATH").unwrap())],
        unset: BTreeSet::new(),
        redactor: Redactor::default(),
        secrets: BTreeMap::new(),
    }
}

pub(crate) fn policy(text: &str) -> Policy {
    Policy::parse(text, "gangline.toml").unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn changed(path: &str) -> ChangedPath {
    edited(path, "one\ntwo\n", "one\nthree\nfour\nfive\n")
}

/// A file whose text was another before; empty texts stand for no file.
pub(crate) fn edited(path: &str, before: &str, after: &str) -> ChangedPath {
    let side = |text: &str| {
        let object = format!("{:040x}", text.len());
        let content = Content::Text(text.into());
        (!text.is_empty()).then(|| Side { mode: "100644".to_owned(), object, content })
    };
    let status = match (before, after) {
        ("", _) => 'A',
        (_, "") => 'D',
        (_, _) => 'M',
    };
    let (before, after) = (side(before), side(after));
    ChangedPath { path: path.to_owned(), status, added: 3, deleted: 1, before, after }
}

/// An honest attempt: one commit that changes `src/cart.rs`, claimed as it is.
pub(crate) fn honest() -> Subject {
    Subject {
        commit: "a".repeat(40).parse().unwrap(),
        tree: "b".repeat(40).parse().unwrap(),
        base: "c".repeat(40).parse().unwrap(),
        new_commits: 1,
        descends_from_base: true,
        changed: vec![changed("src/cart.rs")],
        worktree_clean: true,
        dirty_paths: vec![],
        on_branch: Some("gangline/APP-1-cart".to_owned()),
        expected_branch: "gangline/APP-1-cart".to_owned(),
        claim: Claim {
            source: ClaimSource::Outcome,
            summary: "done".to_owned(),
            commits: Some(1),
            files: Some(vec!["src/cart.rs".to_owned()]),
            checks: [("test".to_owned(), true)].into(),
            lessons: vec![],
        },
        scope: Scope::default(),
        no_change_claimed: false,
        approved_paths: BTreeSet::new(),
        secrets: None,
        dates: Dates::default(),
        unshown: vec![],
        title: "Round totals half up".to_owned(),
        tests: vec![],
    }
}

pub(crate) fn merged() -> Merged {
    let Subject { commit, tree, base, changed, approved_paths, .. } = honest();
    Merged { commit, tree, target: base, changed, approved_paths, unshown: vec![] }
}

/// Trees of commits, as folders that are copied.
pub(crate) struct Folders {
    root: tempfile::TempDir,
    trees: BTreeMap<String, BTreeMap<String, String>>,
}

impl Folders {
    /// Empty trees, in which no test can be planted.
    pub(crate) fn none() -> Self {
        Self { root: tempfile::tempdir().unwrap(), trees: BTreeMap::new() }
    }

    /// The trees of `honest()`: its base's and its own, by the files that changed and those that
    /// did not.
    pub(crate) fn of(subject: &Subject, unchanged: &[(&str, &str)]) -> Self {
        let mut folders = Self::none();
        for (commit, now) in [(&subject.base, false), (&subject.commit, true)] {
            let mut files: BTreeMap<String, String> = unchanged
                .iter()
                .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
                .collect();
            for changed in &subject.changed {
                let text = if now { changed.text_after() } else { changed.text_before() };
                files.extend(text.map(|text| (changed.path.clone(), text.to_owned())));
            }
            folders.trees.insert(commit.to_string(), files);
        }
        folders
    }

    /// Where the trees are.
    pub(crate) fn path(&self) -> &Path {
        self.root.path()
    }

    /// How many trees are there now.
    pub(crate) fn left(&self) -> usize {
        std::fs::read_dir(self.root.path()).unwrap().count()
    }
}

impl Layout for Folders {
    async fn lay(&self, commit: &CommitId, name: &str) -> Result<Bench, String> {
        let empty = BTreeMap::new();
        let files = self.trees.get(commit.as_str()).unwrap_or(&empty);
        let root = self.root.path().join(name);
        let bench = bench_in(&root);
        for (path, text) in files {
            crate::tree::write(&bench.checkout, path, text).unwrap();
        }
        Ok(bench)
    }

    fn clear(&self, bench: Bench) {
        std::fs::remove_dir_all(bench.checkout.parent().unwrap()).unwrap();
    }
}
