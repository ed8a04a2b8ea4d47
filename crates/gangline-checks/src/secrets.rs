//! `secrets`: nothing that the commit brings along, its history since the base included, holds a
//! secret that is known here, nor one of a well-known kind. Left out when nothing is new.

mod shape;

use gangline_domain::verdict::{CheckResult, DECISIVE_LINES_MAX, Verdict};

use crate::registry::{Facts, listed, printable};

pub use shape::secret_shape;

pub(crate) const NAME: &str = "secrets";

/// What to do about it.
const MEND: &str = "take it out of every commit of the branch, not only out of the last one (git \
                    rebase, or git reset --soft and a new commit); read it from its variable or file \
                    instead";

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    let secrets = facts.left?.secrets.as_ref()?;
    if !secrets.found.is_empty() {
        let found: Vec<String> = secrets.found.iter().map(|found| printable(found)).collect();
        let mut check =
            CheckResult::required(NAME, Verdict::Fail, format!("committed: {}", listed(&found)));
        let lines = std::iter::once(MEND.to_owned()).chain(found);
        check.lines = lines.take(DECISIVE_LINES_MAX).collect();
        return Some(check);
    }
    if !secrets.unread.is_empty() {
        let fact = format!("too large to be looked at: {}", listed(&secrets.unread));
        return Some(CheckResult::required(NAME, Verdict::Inconclusive, fact));
    }
    Some(CheckResult::required(NAME, Verdict::Pass, "no secret was committed".to_owned()))
}
