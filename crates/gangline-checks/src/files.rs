//! `files`: something really changed, and what was claimed to have changed did.

use gangline_domain::verdict::{CheckResult, ClaimSource, Verdict};

use crate::registry::{Facts, count, listed, printable};
use crate::subject::{ChangedPath, Subject};

pub(crate) const NAME: &str = "files";
/// What stands before a path that was claimed to have changed and did not.
pub(crate) const UNTRUE: &str = gangline_domain::failure::UNTRUE_FILES;

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    let subject = facts.left?;
    let mut check = judged(subject);
    check.claimed = subject.claim.files.as_ref().map(|files| match files.as_slice() {
        [] => "no file changed".to_owned(),
        files => format!("changed {}", listed(files)),
    });
    Some(check)
}

fn judged(subject: &Subject) -> CheckResult {
    let changed = &subject.changed;
    if changed.is_empty() {
        return match (subject.new_commits, subject.no_change_claimed) {
            (0, true) => CheckResult::required(
                NAME,
                Verdict::Pass,
                "nothing changed, as was said".to_owned(),
            ),
            (0, false) => CheckResult::required(NAME, Verdict::Fail, "nothing changed".to_owned()),
            (_, _) => {
                let mut check = CheckResult::required(
                    NAME,
                    Verdict::Fail,
                    "the new commits change no file".to_owned(),
                );
                check.lines = vec!["commit the files that you changed".to_owned()];
                check
            }
        };
    }
    let added: u64 = changed.iter().map(|path| u64::from(path.added)).sum();
    let deleted: u64 = changed.iter().map(|path| u64::from(path.deleted)).sum();
    let fact = format!("{} changed, +{added} -{deleted}", count(changed.len(), "file"));
    let claimed = subject.claim.files.as_deref().unwrap_or_default();
    let untrue = untrue(claimed, changed);
    if untrue.is_empty() {
        let unclaimed =
            changed.iter().filter(|path| !claimed.iter().any(|claim| meant(claim, path)));
        let unclaimed: Vec<&str> = unclaimed.map(|path| path.path.as_str()).collect();
        let fact = if claimed.is_empty() || unclaimed.is_empty() {
            fact
        } else {
            format!("{fact}; not claimed: {}", listed(&unclaimed))
        };
        return CheckResult::required(NAME, Verdict::Pass, fact);
    }
    let fact = format!("{fact}; {UNTRUE}{}", listed(&untrue));
    // A reading of free words may misread them, and must not cost a try.
    if subject.claim.source != ClaimSource::Outcome {
        return CheckResult::required(NAME, Verdict::Pass, fact);
    }
    let mut check = CheckResult::required(NAME, Verdict::Fail, fact);
    check.lines = untrue.iter().map(|path| format!("{UNTRUE}{}", printable(path))).collect();
    check.lines.truncate(gangline_domain::verdict::DECISIVE_LINES_MAX);
    check
}

/// Those of the claimed files that did not change.
fn untrue<'c>(claimed: &'c [String], changed: &[ChangedPath]) -> Vec<&'c String> {
    claimed.iter().filter(|claim| !changed.iter().any(|path| meant(claim, path))).collect()
}

/// Whether the files that were claimed to have changed did; that none did, where none was named.
pub(crate) fn holds(claimed: &[String], changed: &[ChangedPath]) -> bool {
    match claimed {
        [] => changed.is_empty(),
        claimed => untrue(claimed, changed).is_empty(),
    }
}

/// Whether a claim means this path: itself, a folder around it, or an absolute path to it, as
/// agents like to write.
fn meant(claim: &str, changed: &ChangedPath) -> bool {
    let path = changed.path.as_str();
    let claim = claim.trim().trim_start_matches("./").trim_end_matches('/');
    let is_folder = path.strip_prefix(claim).is_some_and(|rest| rest.starts_with('/'));
    let is_absolute =
        claim.starts_with('/') && claim.strip_suffix(path).is_some_and(|head| head.ends_with('/'));
    path == claim || (is_folder && !claim.is_empty()) || is_absolute
}
