//! What is looked at: the files that git tracks or would track.

use std::fmt;
use std::path::Path;

use anyhow::{Context, Result};

use crate::line::Line;

/// Files larger than this are weighed, not read.
const READ_BYTES_MAX: u64 = 1 << 20;

/// The files of one working tree, in path order.
#[derive(Debug)]
pub(crate) struct Tree {
    /// Everything git tracks or would track; what it ignores is no part of the project.
    pub(crate) files: Vec<Entry>,
}

/// One file.
#[derive(Debug)]
pub(crate) struct Entry {
    /// Relative to the root, with `/` between the parts.
    pub(crate) path: String,
    /// Size in bytes.
    pub(crate) bytes: u64,
    /// The content; empty when it is not UTF-8 or larger than a mebibyte.
    pub(crate) text: String,
}

impl Tree {
    /// Reads the tree at `root`, which must be in a git repository.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let list = Line::new("git ls-files -z --cached --others --exclude-standard");
        let names = String::from_utf8(list.stdout(root)?).context("a path is not UTF-8")?;
        let mut paths: Vec<&str> = names.split('\0').filter(|path| !path.is_empty()).collect();
        paths.sort_unstable();
        paths.dedup();
        let mut files = Vec::with_capacity(paths.len());
        for path in paths {
            // Tracked but deleted in the working tree, or a symbolic link: nothing to look at.
            let full = root.join(path);
            let Some(meta) = full.symlink_metadata().ok().filter(std::fs::Metadata::is_file) else {
                continue;
            };
            let text = if meta.len() <= READ_BYTES_MAX {
                String::from_utf8(std::fs::read(&full)?).unwrap_or_default()
            } else {
                String::new()
            };
            files.push(Entry { path: path.to_owned(), bytes: meta.len(), text });
        }
        Ok(Self { files })
    }

    /// The file at `path`, if there is one.
    pub(crate) fn file(&self, path: &str) -> Option<&Entry> {
        let at = self.files.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        self.files.get(at)
    }

    /// The files below `folder`, which ends with `/`.
    pub(crate) fn below<'a>(&'a self, folder: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.files.iter().filter(move |file| file.path.starts_with(folder))
    }
}

impl Entry {
    /// Whether the name ends in `.<extension>`.
    pub(crate) fn is(&self, extension: &str) -> bool {
        Path::new(&self.path).extension().is_some_and(|found| found == extension)
    }

    /// Recorded foreign material: read by tests, written by others, held to no rule of ours.
    pub(crate) fn is_fixture(&self) -> bool {
        self.path.split('/').any(|part| part == "fixtures")
    }
}

/// One breach of one rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    /// The file, relative to the root.
    pub(crate) path: String,
    /// The line, counted from 1; 0 when the whole file is meant.
    pub(crate) line: usize,
    /// The rule's short name.
    pub(crate) rule: &'static str,
    /// What is wrong and what to do.
    pub(crate) message: String,
}

impl Finding {
    /// A breach at `path`, as a whole.
    pub(crate) fn new(rule: &'static str, path: &str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line: 0, rule, message: message.into() }
    }

    /// The same breach at a line.
    pub(crate) fn at(mut self, line: usize) -> Self {
        self.line = line;
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, rule, message } = self;
        if *line == 0 {
            write!(f, "{path}: [{rule}] {message}")
        } else {
            write!(f, "{path}:{line}: [{rule}] {message}")
        }
    }
}
