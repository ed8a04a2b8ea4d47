//! `dates`: commits were made after their base and before now. Left out when they were.

use gangline_domain::verdict::{CheckResult, Verdict};

use crate::registry::{Facts, count};

pub(crate) const NAME: &str = "dates";

/// Seconds by which clocks may differ.
const SKEW_S: i64 = 600;

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    let dates = &facts.left?.dates;
    let odd = |at: i64| at < dates.base - SKEW_S || at > dates.now + SKEW_S;
    let forged: Vec<&str> = dates
        .commits
        .iter()
        .filter(|(_, at)| odd(*at))
        .map(|(commit, _)| commit.as_str())
        .collect();
    if forged.is_empty() {
        return None;
    }
    let fact = format!(
        "{} made before the base or in the future, by their own word",
        count(forged.len(), "commit")
    );
    let mut check = CheckResult::required(NAME, Verdict::Pass, fact);
    let which = forged.iter().map(|commit| &commit[..12.min(commit.len())]);
    check.doubts = which
        .map(|commit| format!("commit {commit} says that it was made when it cannot have been"))
        .take(5)
        .collect();
    Some(check)
}
