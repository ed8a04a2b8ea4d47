//! A small working tree that breaks a rule on purpose.

use tempfile::TempDir;

use super::source::Sources;
use super::tree::{Finding, Tree};
use crate::line::Line;

/// A git repository in a temporary folder; gone when dropped.
pub(super) struct Specimen(TempDir);

impl Specimen {
    /// An empty tree.
    pub(super) fn new() -> Self {
        let folder = TempDir::new().unwrap();
        Line::new("git init --quiet").stdout(folder.path()).unwrap();
        Self(folder)
    }

    /// With this file in it.
    pub(super) fn file(self, path: &str, text: &str) -> Self {
        let full = self.0.path().join(path);
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(full, text).unwrap();
        self
    }

    /// As the rules see it.
    pub(super) fn tree(&self) -> Tree {
        Tree::read(self.0.path()).unwrap()
    }

    /// Its Rust sources.
    pub(super) fn sources(&self) -> Sources {
        Sources::read(&self.tree())
    }
}

/// Findings as they are printed, in order.
pub(super) fn shown(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(ToString::to_string).collect()
}
