//! `harness`: what decides which tests run, and how they are judged, is the base's. Left out when
//! nothing of that kind changed.
//!
//! A manifest may change in a hundred honest ways, so only what concerns tests is compared in it.

mod cargo;
mod go;
mod node;
mod python;

use gangline_domain::verdict::{CheckResult, Verdict};
use gangline_policy::Policy;

use crate::finding::{Finding, failed, unapproved};
use crate::registry::{Facts, listed};
use crate::subject::ChangedPath;

pub(crate) const NAME: &str = "harness";

/// What one ecosystem finds in a changed file that concerns how tests are run: a line each.
type Compare = fn(&ChangedPath) -> Vec<String>;

const ECOSYSTEMS: [Compare; 4] = [cargo::compare, node::compare, python::compare, go::compare];

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    let found = findings(facts.policy, facts.changed);
    if found.is_empty() {
        return None;
    }
    let mut paths: Vec<String> = found.iter().map(|found| found.path.clone()).collect();
    paths.dedup();
    let found = unapproved(facts, found);
    if found.is_empty() {
        let fact = format!("approved by a person: {}", listed(&paths));
        return Some(CheckResult::required(NAME, Verdict::Pass, fact));
    }
    Some(failed(NAME, "decides how tests are run, and changed", &found))
}

/// All that changed of how tests are run.
pub(crate) fn findings(policy: &Policy, changed: &[ChangedPath]) -> Vec<Finding> {
    let words = command_words(policy);
    let mut found = vec![];
    for changed in changed {
        let path = changed.path.as_str();
        if words.iter().any(|word| word == path) {
            found.push(Finding::new(path, None, "a command of the policy runs it"));
        }
        let lines = ECOSYSTEMS.iter().flat_map(|compare| compare(changed));
        found.extend(lines.map(|what| Finding::new(path, None, what)));
        found.extend(of_commands(path, &words));
    }
    found.extend(changed.iter().filter_map(|file| above_others(file, changed)));
    found
}

/// A package's manifest, put above files that were there before it: what they are loaded as is
/// another thing now.
fn above_others(file: &ChangedPath, changed: &[ChangedPath]) -> Option<Finding> {
    let folder = file.path.strip_suffix("package.json").filter(|folder| folder.ends_with('/'))?;
    let was_there = |other: &&ChangedPath| other.path.starts_with(folder) && other.before.is_some();
    let other = changed.iter().find(was_there).filter(|_| file.before.is_none())?;
    let what = format!("a manifest stands above {} now", other.path);
    Some(Finding::new(&file.path, None, what))
}

/// The words of all commands of the policy, as paths are written.
fn command_words(policy: &Policy) -> Vec<String> {
    let lines = policy.checks.iter().map(|check| check.run.to_string());
    let lines = lines.chain(policy.setup.run.iter().map(ToString::to_string));
    let mut words = vec![];
    for line in lines {
        let parts = line.split(|c: char| c.is_whitespace() || "'\"`;&|()<>=,".contains(c));
        let parts = parts.map(|word| word.trim_start_matches("./")).filter(|word| !word.is_empty());
        words.extend(parts.map(str::to_owned));
    }
    words
}

/// Files that a command reads though it does not name them.
fn of_commands(path: &str, words: &[String]) -> Option<Finding> {
    const READ: [(&str, &[&str]); 5] = [
        ("make", &["Makefile", "makefile", "GNUmakefile"]),
        ("just", &["justfile", "Justfile", ".justfile"]),
        ("task", &["Taskfile.yml", "Taskfile.yaml"]),
        ("tox", &["tox.ini", "tox.toml"]),
        ("nox", &["noxfile.py"]),
    ];
    let read = READ
        .iter()
        .find(|(command, files)| files.contains(&path) && words.iter().any(|word| word == command));
    read.map(|(command, _)| Finding::new(path, None, format!("`{command}` of the policy reads it")))
}

/// The last part of a path.
fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a file with this content was made, changed or taken away.
fn verb(changed: &ChangedPath) -> &'static str {
    match (&changed.before, &changed.after) {
        (None, _) => "was added",
        (_, None) => "was deleted",
        (Some(_), Some(_)) => "was changed",
    }
}

#[cfg(test)]
mod tests;
