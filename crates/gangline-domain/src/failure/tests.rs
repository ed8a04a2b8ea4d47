use super::FailureClass as C;
use super::*;
use crate::verdict::{Evidence, TestCounts};

#[test]
fn what_differs_from_run_to_run_is_left_out() {
    let lines = [
        "thread 'tests::finds' (32192) panicked at src/lib.rs:10:55:",
        "failed: test_2 after 12ms, 1.25 s, 0x7ffe12, 3 of 14",
        "error[E0308]: mismatched types",
        "src/a.ts(3,7): error TS2322: Type 'string'",
        "open '/tmp/pytest-of-ann/pytest-3/x0/a.json'",
        "/home/ann/.local/state/gangline/jobs/shop.APP-1.v2/3-17/t/b.js:1:7  error",
        "commit c0ffee42c0ffee of 2026-11-22T10:11:12.5Z",
        "id 6f1c2b3a-4d5e-4f60-9a7b-0123456789ab",
        "see https://example.org/errors/12",
    ];
    let told: Vec<String> = lines.iter().map(|line| normalised(line)).collect();
    insta::assert_snapshot!(told.join("\n"), @r"
    thread 'tests::finds' (#) panicked at src/lib.rs:#:
    failed: test_2 after #, # s, #, # of #
    error[E0308]: mismatched types
    src/a.ts(#): error TS2322: Type 'string'
    open '/#
    t/b.js:# error
    commit # of #
    id #
    see https://example.org/errors/#
    ");
}

#[test]
fn the_order_of_lines_says_nothing() {
    let one = Failure::told(FailureClass::Test, ["failed: a", "failed: b 3"]);
    let other = Failure::told(FailureClass::Test, ["failed: b 4", "failed: a", "failed: a"]);
    assert!(one.is_same(&other));
    assert!(!one.is_same(&Failure::told(FailureClass::Test, ["failed: a"])));
    assert!(!one.is_same(&Failure { class: FailureClass::Lint, ..one.clone() }));
    assert!(!one.is_same(&Failure { checks: vec!["test".to_owned()], ..one.clone() }));
}

fn failed(name: &str, lines: &[&str], tests: Option<u32>) -> CheckResult {
    let counts = |failed| TestCounts { failed, ..TestCounts::default() };
    CheckResult {
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        evidence: tests.map(|failed| Evidence {
            command: "make test".to_owned(),
            exit: Some(1),
            duration_ms: 1,
            tests: Some(counts(failed)),
            log_sha256: String::new(),
            log_file: String::new(),
            flaky: vec![],
        }),
        ..CheckResult::required(name, Verdict::Fail, "exit code 1".to_owned())
    }
}

#[test]
fn what_could_not_be_measured_beside_it_is_no_part_of_a_failure() {
    let mut report = Report::of(vec![failed("test", &["failed: t1 after 39 ms"], Some(1))]);
    let alone = Failure::of_report(&report);
    let unmeasured = CheckResult::required("review", Verdict::Inconclusive, "no answer".to_owned());
    report.checks.insert(0, unmeasured);
    assert!(Failure::of_report(&report).is_same(&alone));
    report.checks.pop();
    let failure = Failure::of_report(&report);
    assert_eq!((failure.class, failure.checks), (C::NotMeasured, vec!["review".to_owned()]));
}

#[test]
fn checks_and_their_lines_tell_the_class() {
    let class = |name, lines: &[&str], tests| FailureClass::of_check(&failed(name, lines, tests));
    for (name, lines, tests, expected) in [
        ("unit", &["failed: tests::finds"][..], Some(2), C::Test),
        ("all", &["failed: tests::finds"], Some(2), C::Test),
        ("test", &["error[E0425]: cannot find value `c`", "--> src/lib.rs:4:41"], None, C::Compile),
        ("test", &["./cart.go:3:2: total declared and not used"], Some(0), C::Compile),
        ("test", &["src/a.ts(3,7): error TS2322: Type 'string'"], None, C::Type),
        ("clippy", &["error[E0425]: cannot find value `c`"], None, C::Lint),
        ("mypy", &["m.py:2: error: Incompatible return value"], None, C::Type),
        ("build", &[], None, C::Compile),
        ("docs", &[], None, C::Command),
        ("secrets", &["src/a.rs:1: a token"], None, C::Secrets),
        ("scope", &[], None, C::Scope),
        ("review", &["src/a.rs:1: it divides by zero"], None, C::Review),
        ("test:canary", &[], None, C::TestsWeakened),
        ("test:sources", &[], None, C::Protected),
        ("lockfile", &[], None, C::Protected),
        ("report", &[], None, C::Deliverable),
    ] {
        assert_eq!(class(name, lines, tests), expected, "{name} {lines:?}");
    }
}

#[test]
fn names_of_checks_tell_what_they_are_about() {
    for (name, class) in [
        ("test-lint", FailureClass::Lint),
        ("cargo_test", FailureClass::Test),
        ("web.tsc", FailureClass::Type),
        ("licences", FailureClass::Command),
    ] {
        assert_eq!(FailureClass::of_command(name), class, "{name}");
    }
}
