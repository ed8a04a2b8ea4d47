use gangline_domain::verdict::{CheckResult, Claim};

use super::*;
use crate::bench::{changed, honest, policy};

const POLICY: &str = "[checks.npm-test]\nrun = \"true\"\nkind = \"test\"\n";

/// What becomes of `claim`, put beside one result of that name.
fn told(name: &str, verdict: Verdict, claim: Claim) -> String {
    let mut subject = honest();
    (subject.new_commits, subject.claim) = (2, claim);
    subject.changed = vec![changed("src/cart.rs"), changed("src/total.rs")];
    let mut results = [CheckResult::required(name, verdict, String::new())];
    tell(&mut results, &subject, &policy(POLICY));
    match &results[0].judged {
        Some(Judged { claim, truth }) => format!("{claim} {truth:?}"),
        None => "silent".to_owned(),
    }
}

#[test]
fn commits_that_were_claimed_are_there_or_not() {
    for (claimed, expected) in [
        (None, "silent"),
        (Some(0), "commits False"),
        (Some(1), "commits True"),
        (Some(2), "commits True"),
        (Some(3), "commits False"),
    ] {
        let claim = Claim { commits: claimed, ..Claim::default() };
        assert_eq!(told("commits", Verdict::Pass, claim), expected, "{claimed:?}");
    }
}

#[test]
fn files_that_were_claimed_did_change_or_not() {
    for (claimed, expected) in [
        (None, "silent"),
        (Some(&[][..]), "files False"),
        (Some(&["src/cart.rs"]), "files True"),
        (Some(&["/w/src/cart.rs", "src"]), "files True"),
        (Some(&["src/cart.rs", "src/tax.rs"]), "files False"),
    ] {
        let files = claimed.map(|files| files.iter().map(|file| (*file).to_owned()).collect());
        let claim = Claim { files, ..Claim::default() };
        assert_eq!(told("files", Verdict::Pass, claim), expected, "{claimed:?}");
    }
}

#[test]
fn what_was_said_of_a_check_is_judged_by_its_verdict() {
    use Verdict::{Fail, Inconclusive, Pass};
    for (said, verdict, expected) in [
        (("npm-test", true), Pass, "npm-test True"),
        (("tests", true), Fail, "tests False"),
        (("test", false), Fail, "test True"),
        (("test", false), Pass, "test False"),
        (("test", true), Inconclusive, "test Unproven"),
        (("lint", true), Pass, "silent"),
    ] {
        let claim = Claim { checks: [(said.0.to_owned(), said.1)].into(), ..Claim::default() };
        assert_eq!(told("npm-test", verdict, claim), expected, "{said:?} {verdict:?}");
    }
}

#[test]
fn nothing_can_be_claimed_of_what_gangline_measures_by_itself() {
    let claim = Claim { checks: [("clean".to_owned(), true)].into(), ..Claim::default() };
    assert_eq!(told("clean", Verdict::Fail, claim), "silent");
}
