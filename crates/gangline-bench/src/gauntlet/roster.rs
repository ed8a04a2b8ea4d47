//! Which cases there are, and which of them are played.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context as _;
use globset::GlobSet;

use super::case::{Case, Side};

/// Which cases are wanted.
#[derive(Debug, Clone, Default)]
pub struct Choice {
    /// Only those that the gate plays.
    pub gate: bool,
    /// Only those whose `name` or `side/name` matches, when there are patterns.
    pub only: GlobSet,
}

impl Choice {
    fn takes(&self, case: &Case) -> bool {
        let full = format!("{}/{}", case.side.word(), case.name);
        let named =
            self.only.is_empty() || self.only.is_match(&case.name) || self.only.is_match(&full);
        named && (case.gate || !self.gate)
    }
}

/// The cases below `gauntlet/` that are wanted, dishonest ones first, each side by name.
///
/// A folder that is no case is an error: a cheat that is silently left out proves nothing.
pub fn roster(gauntlet: &Path, choice: &Choice) -> anyhow::Result<Vec<Case>> {
    let mut cases = vec![];
    for side in Side::ALL {
        let folder = gauntlet.join(side.word());
        let entries = std::fs::read_dir(&folder);
        let entries = entries.with_context(|| format!("reading {}", folder.display()))?;
        for entry in entries {
            cases.push(Case::read(side, &entry?.path())?);
        }
    }
    cases.sort_by(|a, b| (a.side, &a.name).cmp(&(b.side, &b.name)));
    let mut names = BTreeSet::new();
    for case in &cases {
        // Each has a project of its own, which is called like it.
        anyhow::ensure!(names.insert(&case.name), "two cases are called {}", case.name);
    }
    cases.retain(|case| choice.takes(case));
    Ok(cases)
}

#[cfg(test)]
mod tests;
