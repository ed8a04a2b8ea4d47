//! What git says about a commit on a base: the facts that checks are given.

use std::collections::{BTreeMap, BTreeSet};

use gangline_checks::{ChangedPath, Content, Dates, Side};
use gangline_domain::ids::{CommitId, TreeId};
use gangline_git::{ChangedFile, Contents, ContentsBound, GivenAttribute, TreeEntry};

use super::Hub;
use crate::clock::now;
use crate::job::Failure;

/// What is read of changed files. What is larger is told, and not looked into.
const BOUND: ContentsBound = ContentsBound { each: 2 * 1024 * 1024, all: 64 * 1024 * 1024 };
/// What is read of the base's tests.
const TESTS: ContentsBound = ContentsBound { each: 256 * 1024, all: 8 * 1024 * 1024 };
/// New commits whose dates are looked at.
const DATED_MAX: u32 = 1_000;
/// Where attributes stand.
const ATTRIBUTES: &str = ".gitattributes";
/// Attributes by which a difference is not shown, or shown as something else.
const HIDING: [&str; 4] = ["diff", "filter", "working-tree-encoding", "linguist-generated"];

/// What git says about a commit on a base.
pub(crate) struct Facts {
    pub(crate) tree: TreeId,
    pub(crate) new_commits: u32,
    pub(crate) descends_from_base: bool,
    pub(crate) changed: Vec<ChangedPath>,
    pub(crate) dates: Dates,
    pub(crate) unshown: Vec<(String, String)>,
}

impl Hub {
    pub(crate) async fn facts(&self, base: &CommitId, commit: &CommitId) -> Result<Facts, Failure> {
        let failed = |error| Failure::tool("measuring a commit", &error);
        let hub = &self.hub;
        let changed = hub.changed_files(base, commit).await.map_err(failed)?;
        let objects = changed.iter().flat_map(|file| [&file.before, &file.after]).flatten();
        let files = objects.filter(|entry| !is_submodule(entry));
        let objects: BTreeSet<&str> = files.map(|entry| entry.object.as_str()).collect();
        let contents = hub.contents(&objects, BOUND).await.map_err(failed)?;
        let contents = contents.into_iter().map(|(id, found)| (id, content(found))).collect();
        let changed: Vec<ChangedPath> =
            changed.into_iter().map(|file| changed_path(file, &contents)).collect();
        let commits = hub.commit_dates(base, commit, DATED_MAX).await.map_err(failed)?;
        let dates = Dates {
            base: hub.commit_date(base).await.map_err(failed)?,
            now: now().0 / 1_000_000,
            commits,
        };
        Ok(Facts {
            tree: hub.tree_of(commit).await.map_err(failed)?,
            new_commits: hub.rev_count(base, commit).await.map_err(failed)?,
            descends_from_base: hub.is_ancestor(base, commit).await.map_err(failed)?,
            unshown: self.unshown(base, commit, &changed).await?,
            changed,
            dates,
        })
    }

    /// The texts of files of `commit`, within a bound, by their paths.
    pub(crate) async fn texts(
        &self,
        commit: &CommitId,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<String>, Failure> {
        let failed = |error| Failure::tool("reading the tests", &error);
        let files = self.hub.files(commit).await.map_err(failed)?;
        let wanted = files.iter().filter(|(path, _)| wanted(path));
        let objects: BTreeSet<&str> = wanted.map(|(_, object)| object.as_str()).collect();
        let found = self.hub.contents(&objects, TESTS).await.map_err(failed)?;
        let text = |found: Contents| match content(found) {
            Content::Text(text) => Some(text.as_ref().to_owned()),
            Content::Binary(_) | Content::TooLarge(_) | Content::Submodule => None,
        };
        Ok(found.into_values().filter_map(text).collect())
    }

    /// Changed paths that the commit itself tells git not to show, and the base does not.
    async fn unshown(
        &self,
        base: &CommitId,
        commit: &CommitId,
        changed: &[ChangedPath],
    ) -> Result<Vec<(String, String)>, Failure> {
        let name = |changed: &ChangedPath| changed.path.rsplit('/').next() == Some(ATTRIBUTES);
        if !changed.iter().any(name) {
            return Ok(vec![]);
        }
        let paths: Vec<&str> = changed.iter().map(|changed| changed.path.as_str()).collect();
        let mut given = BTreeSet::new();
        for at in [base, commit] {
            let found = self.hub.attributes(at, &paths, &HIDING).await;
            let found = found.map_err(|error| Failure::tool("reading attributes", &error))?;
            let found: BTreeSet<GivenAttribute> = found.into_iter().filter(hides).collect();
            given = &found - &given;
        }
        let words = |given: GivenAttribute| {
            let words = match given.value.as_str() {
                "set" | "true" => given.name,
                "unset" => format!("-{}", given.name),
                value => format!("{}={value}", given.name),
            };
            (given.path, words)
        };
        Ok(given.into_iter().map(words).collect())
    }
}

fn hides(given: &GivenAttribute) -> bool {
    match given.name.as_str() {
        // A driver with a name only says how hunks are headed.
        "diff" => given.value == "unset",
        "linguist-generated" => given.value != "unset" && given.value != "false",
        _filter_or_encoding => given.value != "unset",
    }
}

fn is_submodule(entry: &TreeEntry) -> bool {
    entry.mode == "160000"
}

fn content(found: Contents) -> Content {
    match found {
        Contents::TooLarge(bytes) => Content::TooLarge(bytes),
        Contents::Read(bytes) => {
            // As git tells text: no zero byte. In whatever else it is written, most of it is read.
            if bytes.contains(&0) {
                return Content::Binary(bytes.len() as u64);
            }
            Content::Text(String::from_utf8_lossy(&bytes).into())
        }
    }
}

fn changed_path(file: ChangedFile, contents: &BTreeMap<String, Content>) -> ChangedPath {
    let lines = |count: Option<u64>| u32::try_from(count.unwrap_or(0)).unwrap_or(u32::MAX);
    let side = |entry: TreeEntry| {
        let content = contents.get(&entry.object).cloned().unwrap_or(Content::Submodule);
        Side { mode: entry.mode, object: entry.object, content }
    };
    ChangedPath {
        status: file.status.letter(),
        added: lines(file.added),
        deleted: lines(file.deleted),
        before: file.before.map(side),
        after: file.after.map(side),
        path: file.path,
    }
}
