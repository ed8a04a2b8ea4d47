//! `CHECK:sources`: what a command measured is what was committed. Left out when the command left the
//! changed files alone.

use std::path::Path;

use gangline_domain::verdict::CheckResult;
use gangline_policy::CheckPolicy;

use crate::finding::{Finding, failed};
use crate::subject::ChangedPath;
use crate::tree;

/// The texts of the changed files as they are in the checkout now.
pub(crate) fn texts(changed: &[ChangedPath], checkout: &Path) -> Vec<Option<String>> {
    let text = |changed: &ChangedPath| {
        changed.text_after()?;
        tree::read(checkout, &changed.path)
    };
    changed.iter().map(text).collect()
}

/// The files that the command wrote anew with something else in them.
pub(crate) fn found(
    check: &CheckPolicy,
    (changed, before): (&[ChangedPath], &[Option<String>]),
    checkout: &Path,
) -> Option<CheckResult> {
    let now = texts(changed, checkout);
    let other = changed.iter().zip(before.iter().zip(&now)).filter(|(_, (was, is))| was != is);
    let what = "the command wrote something else into it, and measured that";
    let found: Vec<Finding> =
        other.map(|(changed, _)| Finding::new(&changed.path, None, what)).collect();
    if found.is_empty() {
        return None;
    }
    let name = format!("{}:sources", check.name);
    let mut result = failed(&name, "not what was committed", &found);
    result.required = check.required;
    result.permit = vec![];
    Some(result)
}
