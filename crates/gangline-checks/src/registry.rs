//! The checks that need no command, in the order in which they are reported. One line each.

use std::collections::BTreeSet;
use std::path::Path;

use gangline_domain::verdict::CheckResult;
use gangline_policy::Policy;

use crate::subject::{ChangedPath, Subject};
use crate::{
    addressed, built, clean, commits, dates, files, harness, hidden, licence, lockfile, markers,
    protected, scope, secrets, size, special_cases, test_changes, waived, watched,
};

/// What a check may look at.
pub(crate) struct Facts<'a> {
    pub(crate) policy: &'a Policy,
    pub(crate) changed: &'a [ChangedPath],
    pub(crate) approved_paths: &'a BTreeSet<String>,
    /// As in [`Subject::unshown`].
    pub(crate) unshown: &'a [(String, String)],
    /// Texts of tests, changed or not, as far as they were read.
    pub(crate) tests: &'a [String],
    pub(crate) checkout: &'a Path,
    /// Absent for a merge candidate, which no agent left.
    pub(crate) left: Option<&'a Subject>,
}

/// A measurement that takes no time. It is left out where there is nothing to measure.
pub(crate) type Check = fn(&Facts<'_>) -> Option<CheckResult>;

pub(crate) const CHECKS: [Check; 19] = [
    commits::measure,
    dates::measure,
    files::measure,
    clean::measure,
    scope::measure,
    protected::measure,
    harness::measure,
    lockfile::measure,
    built::measure,
    test_changes::measure,
    hidden::measure,
    markers::measure,
    secrets::measure,
    licence::measure,
    size::measure,
    special_cases::measure,
    watched::measure,
    addressed::measure,
    waived::measure,
];

/// `1 file`, `2 files`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// The first few of `items`, and how many more there are.
pub(crate) fn listed<T: AsRef<str>>(items: &[T]) -> String {
    const SHOWN: usize = 5;
    let shown: Vec<String> =
        items.iter().take(SHOWN).map(|item| printable(item.as_ref())).collect();
    match items.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// What an agent wrote is data: without control characters.
pub(crate) fn printable(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() { kept.extend(c.escape_debug()) } else { kept.push(c) }
    }
    kept
}
