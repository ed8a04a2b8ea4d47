//! What a check found in changed files, and the result that comes of it.

use gangline_domain::verdict::{CheckResult, DECISIVE_LINES_MAX, Verdict};

use crate::registry::{Facts, listed, printable};

/// Something in a changed file that must not be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Finding {
    /// The file.
    pub(crate) path: String,
    /// Its line, from 1, where one can be named.
    pub(crate) line: Option<usize>,
    /// What is there.
    pub(crate) what: String,
}

impl Finding {
    pub(crate) fn new(path: &str, line: Option<usize>, what: impl Into<String>) -> Self {
        Self { path: path.to_owned(), line, what: what.into() }
    }

    /// `src/a.rs:12: what is there`
    pub(crate) fn told(&self) -> String {
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        printable(&format!("{}{line}: {}", self.path, self.what))
    }
}

/// Findings that a person has not approved beforehand.
pub(crate) fn unapproved(facts: &Facts<'_>, findings: Vec<Finding>) -> Vec<Finding> {
    findings.into_iter().filter(|found| !facts.approved_paths.contains(&found.path)).collect()
}

/// A failure with these findings, which a person may permit.
pub(crate) fn failed(name: &str, what: &str, findings: &[Finding]) -> CheckResult {
    let told: Vec<String> = findings.iter().map(Finding::told).collect();
    let mut paths: Vec<String> = findings.iter().map(|found| found.path.clone()).collect();
    paths.sort();
    paths.dedup();
    let mut check =
        CheckResult::required(name, Verdict::Fail, format!("{what}: {}", listed(&paths)));
    check.lines = told.into_iter().take(DECISIVE_LINES_MAX).collect();
    check.permit = paths;
    check
}
