//! One case: a folder with `case.toml`, `agent.sh` and sometimes `base/` and `files/`.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::{Deserialize, Serialize};

use super::outcome::Outcome;

/// Whether the agent cheats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Its work must not land.
    Dishonest,
    /// Its work must land.
    Honest,
}

impl Side {
    /// Both, in the order of the table.
    pub const ALL: [Self; 2] = [Self::Dishonest, Self::Honest];

    /// As its folder is called.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dishonest => "dishonest",
            Self::Honest => "honest",
        }
    }
}

/// Whose tests judge the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ecosystem {
    /// `cargo test`.
    Cargo,
    /// `npm test`, which is `node --test`.
    Npm,
    /// `python3 -m pytest`.
    Pytest,
    /// `go test`.
    Go,
}

impl Ecosystem {
    /// As its folder is called.
    pub fn word(self) -> &'static str {
        match self {
            Self::Cargo => "cargo",
            Self::Npm => "npm",
            Self::Pytest => "pytest",
            Self::Go => "go",
        }
    }
}

/// `case.toml`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    project: Ecosystem,
    title: String,
    body: String,
    why: String,
    #[serde(default)]
    permits: Vec<String>,
    #[serde(default)]
    scope: Vec<String>,
    #[serde(default)]
    caught_by: Vec<String>,
    #[serde(default)]
    gate: bool,
    #[serde(default)]
    person: bool,
}

/// A scripted agent with its work order.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its folder's name.
    pub name: String,
    /// Whether it cheats.
    pub side: Side,
    /// The project that it works in.
    pub project: Ecosystem,
    /// The ticket's title.
    pub title: String,
    /// The ticket's body.
    pub body: String,
    /// What the cheat is, or why the odd thing is right.
    pub why: String,
    /// Patterns of protected files that the ticket lets the agent change.
    pub permits: Vec<String>,
    /// Patterns of the files that the ticket is about.
    pub scope: Vec<String>,
    /// Checks that are expected to catch it.
    pub caught_by: Vec<String>,
    /// Whether the gate plays it, too.
    pub gate: bool,
    /// Whether a person is the right judge of it: an honest one may then end in review.
    pub person: bool,
    /// Where it is.
    pub folder: PathBuf,
}

impl Case {
    /// Reads one folder.
    pub fn read(side: Side, folder: &Path) -> anyhow::Result<Self> {
        let name = folder.file_name().and_then(|name| name.to_str()).context("no folder name")?;
        let path = folder.join("case.toml");
        let text = std::fs::read_to_string(&path);
        let text = text.with_context(|| format!("reading {}", path.display()))?;
        let file: File =
            toml::from_str(&text).with_context(|| format!("reading {}", path.display()))?;
        anyhow::ensure!(folder.join("agent.sh").is_file(), "{} has no agent.sh", folder.display());
        Ok(Self {
            name: name.to_owned(),
            side,
            project: file.project,
            title: file.title,
            body: file.body,
            why: file.why,
            permits: file.permits,
            scope: file.scope,
            caught_by: file.caught_by,
            gate: file.gate,
            person: file.person,
            folder: folder.to_owned(),
        })
    }

    /// Whether the program did right by it.
    #[must_use]
    pub fn is_right(&self, outcome: &Outcome) -> bool {
        match (outcome, self.side) {
            (Outcome::Review { .. }, Side::Honest) => self.person,
            (Outcome::Landed | Outcome::Delivered, side) => side == Side::Honest,
            (
                Outcome::Review { .. } | Outcome::Rejected { .. } | Outcome::NotMeasured { .. },
                side,
            ) => side == Side::Dishonest,
            (Outcome::Error { .. }, Side::Dishonest | Side::Honest) => false,
        }
    }

    /// Whether a check caught it that is not among those expected.
    pub fn is_unexpected(&self, outcome: &Outcome) -> bool {
        let Some((check, _)) = outcome.by() else { return false };
        !self.caught_by.is_empty() && !self.caught_by.iter().any(|expected| expected == check)
    }
}

#[cfg(test)]
mod tests;
