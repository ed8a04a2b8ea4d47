//! What became of each claim that is about just one measurement.

use gangline_domain::verdict::{CheckResult, Judged, Truth, Verdict};
use gangline_policy::Policy;

use crate::subject::Subject;
use crate::{command, commits, files};

/// Says it of each result that something was claimed about. This comes last, for further runs may
/// still change what was measured.
pub(crate) fn tell(results: &mut [CheckResult], subject: &Subject, policy: &Policy) {
    for result in results {
        result.judged = judged(result, subject, policy);
    }
}

fn judged(result: &CheckResult, subject: &Subject, policy: &Policy) -> Option<Judged> {
    let claim = &subject.claim;
    let (name, truth) = if result.name == commits::NAME {
        (commits::NAME, of(made(claim.commits?, subject.new_commits)))
    } else if result.name == files::NAME {
        (files::NAME, of(files::holds(claim.files.as_deref()?, &subject.changed)))
    } else {
        let check = policy.checks.iter().find(|check| check.name.as_str() == result.name)?;
        let (name, passes) = command::said(claim, check)?;
        let truth = match result.verdict {
            Verdict::Pass => of(passes),
            Verdict::Fail => of(!passes),
            Verdict::Inconclusive => Truth::Unproven,
        };
        (name, truth)
    };
    Some(Judged { claim: name.to_owned(), truth })
}

/// Whether that many commits were made. An attempt that resumed counts its own, and stands on those
/// of the one before; so more than it claims is no untruth, unless it claims none.
fn made(claimed: u32, found: u32) -> bool {
    match claimed {
        0 => found == 0,
        claimed => found >= claimed,
    }
}

fn of(holds: bool) -> Truth {
    if holds { Truth::True } else { Truth::False }
}

#[cfg(test)]
mod tests;
