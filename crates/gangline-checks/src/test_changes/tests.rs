use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::bench::{edited, policy};

const CHECK: &str = "[checks.test]\nrun = \"pytest\"\n";

/// What is said of changed files, in one text.
fn said(text: &str, changed: &[ChangedPath], permits: &[&str]) -> String {
    let policy = policy(text);
    let approved_paths: BTreeSet<String> = permits.iter().map(ToString::to_string).collect();
    let facts = Facts {
        policy: &policy,
        changed,
        approved_paths: &approved_paths,
        unshown: &[],
        tests: &[],
        checkout: Path::new("/nowhere"),
        left: None,
    };
    measure(&facts).map_or("nothing".to_owned(), |check| {
        let lines: Vec<String> = check.lines.iter().map(|line| format!("\n  {line}")).collect();
        format!("{:?}: {}{}", check.verdict, check.fact, lines.concat())
    })
}

const TWO: &str = "def test_a(): pass\ndef test_b(): pass\n";

#[test]
fn a_test_that_is_gone_needs_another_in_its_place_or_leave() {
    let gone = edited("tests/test_x.py", TWO, "def test_a(): pass\n");
    insta::assert_snapshot!(said(CHECK, std::slice::from_ref(&gone), &[]), @r"
    Fail: tests were taken away or set aside: tests/test_x.py
      tests/test_x.py: the test `test_b` is gone, and none came in its place
    ");
    insta::assert_snapshot!(said(CHECK, std::slice::from_ref(&gone), &["tests/test_x.py"]), @"Pass: 0 new tests, 1 gone or renamed");
    let moved = edited("tests/deep/test_y.py", "", "def test_b(): pass\n");
    insta::assert_snapshot!(said(CHECK, &[gone, moved], &[]), @"nothing");
    let renamed = edited("tests/test_x.py", TWO, "def test_a(): pass\ndef test_c(): pass\n");
    insta::assert_snapshot!(said(CHECK, &[renamed], &[]), @"Pass: 1 new test, 1 gone or renamed");
}

#[test]
fn a_test_that_ran_is_not_set_aside() {
    let skipped = "@pytest.mark.skip\ndef test_a(): pass\ndef test_b(): pass\n";
    let aside = edited("tests/test_x.py", TWO, skipped);
    insta::assert_snapshot!(said(CHECK, std::slice::from_ref(&aside), &[]), @r"
    Fail: tests were taken away or set aside: tests/test_x.py
      tests/test_x.py: the test `test_a` is set aside now: @pytest.mark.skip
    ");
    let review = format!("{CHECK}[tests]\nweakened = \"review\"\n");
    insta::assert_snapshot!(said(&review, &[aside], &[]), @r"
    Pass: tests were taken away or set aside: tests/test_x.py
      tests/test_x.py: the test `test_a` is set aside now: @pytest.mark.skip
    ");
    let new = edited(
        "tests/test_x.py",
        TWO,
        &format!("{TWO}@pytest.mark.skipif(win)\ndef test_c(): pass\n"),
    );
    insta::assert_snapshot!(said(CHECK, &[new], &[]), @"Pass: 1 new test");
}

#[test]
fn tests_beside_the_code_count_as_well() {
    let before = "fn f() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn a() {}\n}\n";
    let gone = edited("src/lib.rs", before, "fn f() {}\n");
    insta::assert_snapshot!(said(CHECK, &[gone], &[]), @r"
    Fail: tests were taken away or set aside: src/lib.rs
      src/lib.rs: the test `a` is gone, and none came in its place
    ");
    insta::assert_snapshot!(said(CHECK, &[edited("src/a.py", "", "def test_connection(): pass")], &[]), @"nothing");
}
