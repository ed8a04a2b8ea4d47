//! `licence`: new files begin with what the policy asks for. Left out when it asks for nothing.

use gangline_domain::verdict::{CheckResult, Verdict};

use crate::finding::{Finding, failed, unapproved};
use crate::registry::{Facts, count};

pub(crate) const NAME: &str = "licence";

/// Lines in which it must stand.
const LINES: usize = 10;

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    let licence = facts.policy.change.licence.as_ref()?;
    let new: Vec<_> = facts
        .changed
        .iter()
        .filter(|changed| changed.before.is_none() && licence.paths.contains(&changed.path))
        .filter_map(|changed| Some((changed.path.as_str(), changed.text_after()?)))
        .filter(|(_, text)| !text.trim().is_empty())
        .collect();
    let bare = new
        .iter()
        .filter(|(_, text)| !text.lines().take(LINES).any(|line| line.contains(&licence.header)));
    let what = format!("its first {LINES} lines do not hold `{}`", licence.header);
    let found = unapproved(
        facts,
        bare.map(|(path, _)| Finding::new(path, Some(1), what.clone())).collect(),
    );
    if found.is_empty() {
        let fact = format!("{} with the header that is asked for", count(new.len(), "new file"));
        return (!new.is_empty()).then(|| CheckResult::required(NAME, Verdict::Pass, fact));
    }
    Some(failed(NAME, "without the licence header", &found))
}
