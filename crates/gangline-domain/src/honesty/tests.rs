use super::*;
use crate::verdict::{CheckResult, Judged};

fn check(name: &str, verdict: Verdict, judged: Option<(&str, Truth)>) -> CheckResult {
    CheckResult {
        name: name.to_owned(),
        required: true,
        verdict,
        claimed: None,
        judged: judged.map(|(claim, truth)| Judged { claim: claim.to_owned(), truth }),
        fact: String::new(),
        lines: vec![],
        evidence: None,
        permit: vec![],
        coverage: None,
        doubts: vec![],
    }
}

/// A claim by the outcome file, of so many commits and these checks.
fn claim(commits: Option<u32>, checks: &[(&str, bool)]) -> Claim {
    let checks = checks.iter().map(|(name, passes)| ((*name).to_owned(), *passes)).collect();
    Claim { source: ClaimSource::Outcome, commits, checks, ..Claim::default() }
}

fn told(claim: &Claim, ending: Ending, checks: Vec<CheckResult>) -> String {
    let judged = judge(claim, ending, &Report::of(checks));
    let told = judged.claims.iter().map(|(claim, truth)| format!("{claim} {truth:?}"));
    told.collect::<Vec<_>>().join(", ")
}

#[test]
fn each_claim_is_true_false_or_unproven() {
    use Verdict::{Fail, Inconclusive, Pass};
    let test = |verdict, truth| check("test", verdict, Some(("test", truth)));
    let commits = |verdict, truth| check("commits", verdict, Some(("commits", truth)));
    let says = claim(Some(1), &[("test", true)]);
    for (claim, checks, expected) in [
        (
            &says,
            vec![commits(Pass, Truth::True), test(Pass, Truth::True)],
            "commits True, done True, test True",
        ),
        (
            &says,
            vec![commits(Pass, Truth::True), test(Fail, Truth::False)],
            "commits True, done False, test False",
        ),
        // Without a commit no command is run, and what was said of them stays unproven.
        (&says, vec![commits(Fail, Truth::False)], "commits False, done False, test Unproven"),
        (
            &says,
            vec![commits(Pass, Truth::True), test(Inconclusive, Truth::Unproven)],
            "commits True, done Unproven, test Unproven",
        ),
        (&says, vec![], "commits Unproven, done Unproven, test Unproven"),
        // It says `done`, and nothing else.
        (&claim(None, &[]), vec![check("clean", Fail, None)], "done False"),
        // It told of the failure itself; but not of the other one.
        (&claim(None, &[("test", false)]), vec![test(Fail, Truth::True)], "test True"),
        (
            &claim(None, &[("test", false)]),
            vec![test(Fail, Truth::True), check("clean", Fail, None)],
            "done False, test True",
        ),
        (&Claim::default(), vec![check("clean", Fail, None)], ""),
    ] {
        assert_eq!(told(claim, Ending::Done, checks.clone()), expected, "{claim:?} {checks:?}");
    }
}

#[test]
fn of_a_claim_about_several_checks_the_worst_truth_counts() {
    let tests = |truth, verdict| check("unit", verdict, Some(("tests", truth)));
    let checks = vec![
        tests(Truth::False, Verdict::Fail),
        tests(Truth::Unproven, Verdict::Inconclusive),
        tests(Truth::True, Verdict::Pass),
    ];
    let said = told(&claim(None, &[("tests", true)]), Ending::Done, checks);
    assert_eq!(said, "done False, tests False");
}

#[test]
fn who_says_that_nothing_needs_to_change_has_changed_nothing() {
    let passed = || vec![check("test", Verdict::Pass, None)];
    for (new_commits, expected) in [(0, "no change needed True"), (1, "no change needed False")] {
        let ending = Ending::NoChangeNeeded { new_commits };
        assert_eq!(told(&claim(None, &[]), ending, passed()), expected);
    }
}
