//! A first policy for a repository, from what lies in it.

mod cargo;
mod go;
mod make;
mod maven;
mod npm;
mod python;

use std::collections::BTreeSet;

use crate::check::CheckKind;
use crate::command::CommandLine;

/// What a repository seems to need.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Proposals {
    /// Commands, in the order in which they would run. Names are distinct.
    pub checks: Vec<ProposedCheck>,
    /// Commands for `[setup]`.
    pub setup: Vec<CommandLine>,
}

/// A command that a commit could be asked to pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProposedCheck {
    /// Its name.
    pub name: String,
    /// What it runs.
    pub run: CommandLine,
    /// What it measures.
    pub kind: CheckKind,
    /// Set where the default does not fit.
    pub tests_min: Option<u32>,
    /// Whether it needs a network.
    pub network: bool,
    /// The file that suggested it.
    pub found_in: String,
    /// Whether it is written into the policy or only shown there.
    pub adoption: Adoption,
}

/// Whether a proposal is ready to be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Adoption {
    /// It is written into the policy.
    Active,
    /// It is written as a comment: whether it would run or pass here is not known.
    Commented,
}

/// A repository as it is seen here: its tracked paths with `/`, and a way to read a few of them.
pub(crate) struct Repository<'a> {
    files: &'a BTreeSet<String>,
    read: &'a dyn Fn(&str) -> Option<String>,
}

/// What one ecosystem suggests.
struct Found {
    /// Put before the names when another ecosystem is there too.
    ecosystem: &'static str,
    checks: Vec<ProposedCheck>,
    setup: Vec<CommandLine>,
}

/// Asked in this order. One line for each ecosystem.
const ECOSYSTEMS: [fn(&Repository<'_>) -> Option<Found>; 5] =
    [cargo::find, npm::find, python::find, go::find, maven::find];

/// Proposes commands for a repository with the tracked paths `files`, of which `read` gives the
/// text. Only the root is looked at, and a few well-known folders. Finding nothing is no error.
pub fn propose(files: &BTreeSet<String>, read: &dyn Fn(&str) -> Option<String>) -> Proposals {
    let repository = Repository { files, read };
    let mut found: Vec<Found> = ECOSYSTEMS.iter().filter_map(|find| find(&repository)).collect();
    if found.iter().all(|found| found.checks.is_empty()) {
        found.extend(make::find(&repository));
    }
    let several = found.iter().filter(|found| !found.checks.is_empty()).count() > 1;
    let mut proposals = Proposals::default();
    for Found { ecosystem, checks, setup } in found {
        proposals.setup.extend(setup);
        for check in checks {
            let name = if several { format!("{ecosystem}-{}", check.name) } else { check.name };
            proposals.checks.push(ProposedCheck { name, ..check });
        }
    }
    proposals
}

impl Repository<'_> {
    fn has(&self, path: &str) -> bool {
        self.files.contains(path)
    }

    fn text(&self, path: &str) -> Option<String> {
        if self.has(path) { (self.read)(path) } else { None }
    }

    fn first_of<'p>(&self, paths: &[&'p str]) -> Option<&'p str> {
        paths.iter().find(|path| self.has(path)).copied()
    }

    fn any(&self, test: impl Fn(&str) -> bool) -> bool {
        self.files.iter().any(|path| test(path))
    }
}

impl ProposedCheck {
    fn active(name: &str, line: &str, found_in: &str) -> Self {
        Self {
            name: name.to_owned(),
            run: shell(line),
            kind: CheckKind::of_name(name),
            tests_min: None,
            network: false,
            found_in: found_in.to_owned(),
            adoption: Adoption::Active,
        }
    }

    fn commented(name: &str, line: &str, found_in: &str) -> Self {
        Self { adoption: Adoption::Commented, ..Self::active(name, line, found_in) }
    }
}

fn shell(line: &str) -> CommandLine {
    CommandLine::Shell(line.to_owned())
}

#[cfg(test)]
mod tests;
