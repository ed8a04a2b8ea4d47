//! `built`: nothing was committed that tools write, where it could be run in place of what it was
//! made from. Left out when there is none of it.

use gangline_domain::verdict::{CheckResult, Verdict};

use crate::finding::{Finding, failed, unapproved};
use crate::registry::{Facts, listed};

pub(crate) const NAME: &str = "built";

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    let built = &facts.policy.change.built;
    if built.is_empty() {
        return None;
    }
    let changed = facts.changed.iter().filter(|changed| changed.after.is_some());
    let paths: Vec<&str> =
        changed.map(|changed| changed.path.as_str()).filter(|path| built.contains(path)).collect();
    if paths.is_empty() {
        return None;
    }
    let what = "tools write this, and it may be run in place of its sources";
    let found = paths.iter().map(|path| Finding::new(path, None, what)).collect();
    let found = unapproved(facts, found);
    if found.is_empty() {
        let fact = format!("approved by a person: {}", listed(&paths));
        return Some(CheckResult::required(NAME, Verdict::Pass, fact));
    }
    Some(failed(NAME, "committed, though tools write it", &found))
}
