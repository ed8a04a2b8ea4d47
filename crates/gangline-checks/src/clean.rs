//! `clean`: nothing was left uncommitted.

use gangline_domain::verdict::{CheckResult, DECISIVE_LINES_MAX, Verdict};

use crate::registry::{Facts, listed, printable};

pub(crate) const NAME: &str = "clean";

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    let subject = facts.left?;
    if subject.worktree_clean {
        return Some(CheckResult::required(
            NAME,
            Verdict::Pass,
            "nothing was left uncommitted".to_owned(),
        ));
    }
    let paths: Vec<String> = subject.dirty_paths.iter().map(|path| printable(path)).collect();
    let fact = format!("left uncommitted: {}", listed(&paths));
    let mut check = CheckResult::required(NAME, Verdict::Fail, fact);
    check.lines = paths.into_iter().take(DECISIVE_LINES_MAX).collect();
    Some(check)
}
