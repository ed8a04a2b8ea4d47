//! `protected`: what the policy protects was not changed, or a person approved it. Left out
//! when nothing changed at all.

use gangline_domain::verdict::{CheckResult, DECISIVE_LINES_MAX, Verdict};

use crate::registry::{Facts, listed, printable};

pub(crate) const NAME: &str = "protected";

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    if facts.changed.is_empty() {
        return None;
    }
    // Where a file system knows no case, one stands in the other's place.
    let protected = |path: &&str| {
        facts.policy.protected.covers(path) || facts.policy.protected.covers(&path.to_lowercase())
    };
    let changed = facts.changed.iter().map(|changed| changed.path.as_str()).filter(protected);
    let (approved, needs): (Vec<&str>, Vec<&str>) =
        changed.partition(|path| facts.approved_paths.contains(*path));
    if needs.is_empty() {
        let fact = match approved.as_slice() {
            [] => "no protected path changed".to_owned(),
            paths => format!("approved by a person: {}", listed(paths)),
        };
        return Some(CheckResult::required(NAME, Verdict::Pass, fact));
    }
    let paths: Vec<String> = needs.iter().map(|path| printable(path)).collect();
    let fact = format!("changed, and needs a person: {}", listed(&paths));
    let mut check = CheckResult::required(NAME, Verdict::Fail, fact);
    check.lines = paths.into_iter().take(DECISIVE_LINES_MAX).collect();
    check.permit = needs.into_iter().map(str::to_owned).collect();
    Some(check)
}
