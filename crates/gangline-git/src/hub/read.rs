//! Questions about commits that the hub holds.

use gangline_domain::ids::{CommitId, TreeId};

use super::Hub;
use super::records::{ChangedFile, changed_files};
use crate::git::{GitFailure, not_understood, parsed};
use crate::printable::printable_line;

/// How much a list of changed files may be.
const CHANGES_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Longest author or subject handed out, in characters.
const LINE_CHARS_MAX: usize = 300;

/// The difference of two commits as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diff {
    /// Unified diff. Where bytes are missing stands a line `[... N bytes cut ...]`.
    pub text: String,
    /// Whether bytes are missing.
    pub truncated: bool,
}

/// A commit in one line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    /// The commit.
    pub commit: CommitId,
    /// Its author's name, fit to be shown.
    pub author: String,
    /// Its subject, fit to be shown.
    pub subject: String,
}

/// Why the hub gave no answer about a commit.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The path is absolute, empty or leads upwards.
    #[error("not a path within a repository: {path:?}")]
    BadPath {
        /// The path given.
        path: String,
    },
    /// At that path is a directory, a link or a submodule.
    #[error("{path} is not a regular file")]
    NotAFile {
        /// The path given.
        path: String,
    },
    /// The file is larger than asked for.
    #[error("{path} has {found} bytes, more than {max}")]
    TooLarge {
        /// The path given.
        path: String,
        /// Its size in bytes.
        found: u64,
        /// The bound in bytes.
        max: u64,
    },
    /// Git failed, for instance because the commit is not there.
    #[error(transparent)]
    Git(#[from] GitFailure),
}

/// Whether lines that differ in blanks differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spaces {
    /// They do.
    Count,
    /// They do not, nor do blank lines.
    Ignored,
}

impl Spaces {
    fn options(self) -> &'static [&'static str] {
        match self {
            Self::Count => &[],
            Self::Ignored => &["--ignore-all-space", "--ignore-blank-lines"],
        }
    }
}

/// What has files: a commit, or a tree itself.
pub trait TreeIsh {
    /// Its object's name.
    fn name(&self) -> &str;
}

impl TreeIsh for &CommitId {
    fn name(&self) -> &str {
        self.as_str()
    }
}

impl TreeIsh for &TreeId {
    fn name(&self) -> &str {
        self.as_str()
    }
}

impl Hub {
    /// Whether the hub holds this commit.
    pub async fn has_commit(&self, commit: &CommitId) -> Result<bool, ReadError> {
        let wanted = format!("{commit}^{{commit}}");
        let finished = self.git().call(["cat-file", "-e", &wanted]).run().await?;
        Ok(finished.exit.success())
    }

    /// The tree of a commit.
    pub async fn tree_of(&self, commit: &CommitId) -> Result<TreeId, ReadError> {
        let wanted = format!("{commit}^{{tree}}");
        let line = self.git().call(["rev-parse", "--verify", &wanted]).line().await?;
        Ok(parsed("rev-parse", &line)?)
    }

    /// Whether `ancestor` is `commit` or one of its ancestors.
    pub async fn is_ancestor(
        &self,
        ancestor: &CommitId,
        commit: &CommitId,
    ) -> Result<bool, ReadError> {
        let args = ["merge-base", "--is-ancestor", ancestor.as_str(), commit.as_str()];
        Ok(self.git().call(args).yes().await?)
    }

    /// How many commits `commit` has that `base` has not.
    pub async fn rev_count(&self, base: &CommitId, commit: &CommitId) -> Result<u32, ReadError> {
        let range = format!("{base}..{commit}");
        let line = self.git().call(["rev-list", "--count", &range, "--"]).line().await?;
        Ok(parsed("rev-list", &line)?)
    }

    /// The tree that the changes between `base` and `commit` make of `onto`; nothing where they do
    /// not fit there, or where this git cannot tell.
    pub async fn carried(
        &self,
        (base, commit): (&CommitId, &CommitId),
        onto: &CommitId,
    ) -> Result<Option<TreeId>, ReadError> {
        let merge_base = format!("--merge-base={base}");
        let args = ["merge-tree", "--write-tree", &merge_base, onto.as_str(), commit.as_str()];
        let call = self.git().call(args).bulk().env("GIT_ATTR_SOURCE", onto.as_str());
        let merged = call.run().await?;
        if !merged.exit.success() {
            return Ok(None);
        }
        let output = String::from_utf8_lossy(&merged.whole()?).into_owned();
        Ok(Some(parsed("merge-tree", output.trim())?))
    }

    /// The files that differ between two commits or trees, sorted by path.
    pub async fn changed_files(
        &self,
        base: impl TreeIsh,
        commit: impl TreeIsh,
    ) -> Result<Vec<ChangedFile>, ReadError> {
        self.changed_lines(base, commit, Spaces::Count).await
    }

    /// The same, with or without lines that differ in blanks.
    pub async fn changed_lines(
        &self,
        base: impl TreeIsh,
        commit: impl TreeIsh,
        spaces: Spaces,
    ) -> Result<Vec<ChangedFile>, ReadError> {
        let args = ["diff-tree", "-r", "-z", "--raw", "--numstat", "--no-renames", "--no-ext-diff"];
        let args = args.into_iter().chain(spaces.options().iter().copied());
        let args = args.chain(["--no-textconv", base.name(), commit.name(), "--"]);
        let output = self.git().call(args).bulk().cap(CHANGES_BYTES_MAX).ok().await?.whole()?;
        Ok(changed_files(&output, spaces)?)
    }

    /// The files of a commit, by path, each with its object; links and submodules apart.
    pub async fn files(&self, commit: &CommitId) -> Result<Vec<(String, String)>, ReadError> {
        let args = ["ls-tree", "-r", "-z", "--format=%(objectmode) %(objectname) %(path)"];
        let call = self.git().call(args.into_iter().chain([commit.as_str()]));
        let output = call.bulk().cap(CHANGES_BYTES_MAX).ok().await?.whole()?;
        let output = String::from_utf8_lossy(&output);
        let line = |line: &str| {
            let (mode, rest) = line.split_once(' ')?;
            let (object, path) = rest.split_once(' ')?;
            mode.starts_with("100").then(|| (path.to_owned(), object.to_owned()))
        };
        Ok(output.split('\0').filter_map(line).collect())
    }

    /// The difference of two commits or trees, at most `bytes_max` of it.
    pub async fn diff(
        &self,
        base: impl TreeIsh,
        commit: impl TreeIsh,
        spaces: Spaces,
        bytes_max: usize,
    ) -> Result<Diff, ReadError> {
        let args = ["diff-tree", "-r", "-p", "--no-ext-diff", "--no-textconv", "--find-renames"];
        let args = args.into_iter().chain(spaces.options().iter().copied());
        let args = args.chain([base.name(), commit.name(), "--"]);
        let output = self.git().call(args).bulk().cap(bytes_max).ok().await?.stdout;
        Ok(Diff { text: output.text(), truncated: output.truncated })
    }

    /// When the commits that `commit` has and `base` has not say that they were committed, in
    /// seconds since the Unix epoch, newest first and at most `n`.
    pub async fn commit_dates(
        &self,
        base: &CommitId,
        commit: &CommitId,
        n: u32,
    ) -> Result<Vec<(CommitId, i64)>, ReadError> {
        let (range, count) = (format!("{base}..{commit}"), format!("--max-count={n}"));
        let format = "--format=%H %ct";
        let args = ["log", "--topo-order", "--no-show-signature", format, &count, &range, "--"];
        let output = self.git().call(args).ok().await?.whole()?;
        let text = String::from_utf8_lossy(&output);
        let line = |line: &str| {
            let (commit, seconds) = line.split_once(' ')?;
            Some((commit.parse().ok()?, seconds.parse().ok()?))
        };
        let odd = |text: &str| not_understood("log", text).into();
        text.lines().map(|text| line(text).ok_or_else(|| odd(text))).collect()
    }

    /// When this commit says that it was committed, in seconds since the Unix epoch.
    pub async fn commit_date(&self, commit: &CommitId) -> Result<i64, ReadError> {
        let args = ["log", "-1", "--no-show-signature", "--format=%ct", commit.as_str(), "--"];
        Ok(parsed("log", &self.git().call(args).line().await?)?)
    }

    /// The newest `n` commits that `commit` has and `base` has not, newest first.
    pub async fn log(
        &self,
        base: &CommitId,
        commit: &CommitId,
        n: u32,
    ) -> Result<Vec<LogLine>, ReadError> {
        let (range, count) = (format!("{base}..{commit}"), format!("--max-count={n}"));
        let format = "--format=%H%x00%an%x00%s";
        let args =
            ["log", "-z", "--topo-order", "--no-show-signature", format, &count, &range, "--"];
        let output = self.git().call(args).ok().await?.whole()?;
        let text = String::from_utf8_lossy(&output);
        let mut fields = text.split('\0');
        let mut lines = Vec::new();
        while let Some(commit) = fields.next().filter(|field| !field.is_empty()) {
            let (Some(author), Some(subject)) = (fields.next(), fields.next()) else {
                return Err(not_understood("log", commit).into());
            };
            lines.push(LogLine {
                commit: parsed("log", commit)?,
                author: printable_line(author, LINE_CHARS_MAX),
                subject: printable_line(subject, LINE_CHARS_MAX),
            });
        }
        Ok(lines)
    }
}
