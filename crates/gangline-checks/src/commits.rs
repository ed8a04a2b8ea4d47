//! `commits`: there are new ones, they grew from the base, and they are on the ticket's branch.

use gangline_domain::verdict::{CheckResult, Verdict};

use crate::registry::{Facts, count, printable};
use crate::subject::Subject;

pub(crate) const NAME: &str = "commits";
/// How the fact begins when there are none.
pub(crate) const NONE: &str = gangline_domain::failure::NO_NEW_COMMIT;
/// How the fact begins when the history is another one.
pub(crate) const UNRELATED: &str = "the base is not in the history";

pub(crate) fn measure(facts: &Facts<'_>) -> Option<CheckResult> {
    let subject = facts.left?;
    let mut check = judged(subject);
    let counted = subject.claim.commits.map(|n| count(n as usize, "commit"));
    check.claimed = match (subject.no_change_claimed, counted) {
        (true, _) => Some("no change needed".to_owned()),
        (false, counted) => counted,
    };
    Some(check)
}

fn judged(subject: &Subject) -> CheckResult {
    let Subject { new_commits, expected_branch: branch, .. } = subject;
    if *new_commits == 0 {
        if subject.no_change_claimed {
            return CheckResult::required(
                NAME,
                Verdict::Pass,
                format!("{NONE}, as none was said to be needed"),
            );
        }
        let mut check =
            CheckResult::required(NAME, Verdict::Fail, format!("{NONE} since the base"));
        check.lines =
            vec![format!("commit your work with `git add` and `git commit` on branch {branch}")];
        return check;
    }
    let commits = count(*new_commits as usize, "new commit");
    if !subject.descends_from_base {
        let mut check =
            CheckResult::required(NAME, Verdict::Fail, format!("{UNRELATED} of {commits}"));
        let base = &subject.base;
        check.lines =
            vec![format!("bring your commits onto {base}, without rewriting what was there")];
        return check;
    }
    if subject.on_branch.as_ref() != Some(branch) {
        let on = match &subject.on_branch {
            Some(other) => format!("on branch {}", printable(other)),
            None => "on no branch".to_owned(),
        };
        let mut check = CheckResult::required(
            NAME,
            Verdict::Fail,
            format!("{commits}, but {on}, not on {branch}"),
        );
        check.lines =
            vec![format!("move your commits to branch {branch} and leave it checked out")];
        return check;
    }
    CheckResult::required(NAME, Verdict::Pass, format!("{commits} on {branch}"))
}
