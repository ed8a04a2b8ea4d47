//! `scope`: only what the ticket declared was changed. Left out when it declared nothing.

use gangline_domain::verdict::{CheckResult, DECISIVE_LINES_MAX, Verdict};

use crate::registry::{Facts, listed, printable};

pub(crate) const NAME: &str = "scope";

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    let scope = &facts.left?.scope;
    if scope.is_empty() {
        return None;
    }
    let declared = scope.patterns().join(", ");
    let outside = facts.changed.iter().filter(|changed| !scope.contains(&changed.path));
    let outside: Vec<String> = outside.map(|changed| printable(&changed.path)).collect();
    if outside.is_empty() {
        return Some(CheckResult::required(
            NAME,
            Verdict::Pass,
            format!("all changes are within {declared}"),
        ));
    }
    let fact = format!("changed outside of {declared}: {}", listed(&outside));
    let mut check = CheckResult::required(NAME, Verdict::Fail, fact);
    check.lines = outside.into_iter().take(DECISIVE_LINES_MAX).collect();
    Some(check)
}
