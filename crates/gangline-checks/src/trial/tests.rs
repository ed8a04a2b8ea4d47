use std::time::Duration;

use super::*;
use crate::bench::{Folders, World, edited, honest, policy};
use crate::subject::ChangedPath;

const POLICY: &str =
    "[checks.test]\nrun = \"python3 -m unittest discover -s tests -p 'test_*.py' -v\"\n";
const CODE: &str = "def add(a, b):\n    return a + b\n";
const HEAD: &str = "import sys\nsys.path.insert(0, '.')\nimport unittest\nfrom cart import add\n\n\nclass Cart(unittest.TestCase):\n";
const ADDS: &str = "    def test_adds(self):\n        self.assertEqual(add(1, 2), 3)\n";

fn tests(body: &str) -> String {
    format!("{HEAD}{body}")
}

/// What trials say of a change of the code and of `tests/test_cart.py`.
async fn tried(rules: &str, code: (&str, &str), test: (&str, &str)) -> String {
    let changed: Vec<ChangedPath> = [("cart.py", code), ("tests/test_cart.py", test)]
        .into_iter()
        .filter(|(_, (before, after))| before != after)
        .map(|(path, (before, after))| edited(path, before, after))
        .collect();
    let subject = Subject { changed, ..honest() };
    let unchanged: Vec<(&str, &str)> = [("cart.py", code), ("tests/test_cart.py", test)]
        .into_iter()
        .filter(|(_, (before, after))| before == after)
        .map(|(path, (before, _))| (path, before))
        .collect();
    let folders = Folders::of(&subject, &unchanged);
    told(rules, &subject, &folders).await
}

async fn told(text: &str, subject: &Subject, folders: &Folders) -> String {
    let world = World::new();
    let policy = policy(text);
    let facts = Facts {
        policy: &policy,
        changed: &subject.changed,
        approved_paths: &subject.approved_paths,
        unshown: &[],
        tests: &[],
        checkout: &world.bench.checkout,
        left: Some(subject),
    };
    let end = Instant::now() + Duration::from_mins(1);
    let trials = Trials { facts: &facts, subject, layout: folders, end };
    let commit = folders.lay(&subject.commit, "the commit").await.unwrap();
    let measured = command::measure(&policy.checks[0], None, &commit, end).await;
    folders.clear(commit);
    assert_eq!(measured.result.verdict, Verdict::Pass, "{:?}", measured.result);
    let results = trials.of(&policy.checks[0], &measured).await;
    assert_eq!(folders.left(), 0, "all trees are cleared away");
    let line =
        |result: &CheckResult| format!("{} {:?}: {}", result.name, result.verdict, result.fact);
    results.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn honest_work_with_a_test_is_proven() {
    let more =
        format!("{ADDS}    def test_adds_text(self):\n        self.assertEqual(add('1', 2), 3)\n");
    let code = "def add(a, b):\n    return int(a) + int(b)\n";
    insta::assert_snapshot!(
        tried(POLICY, (CODE, code), (&tests(ADDS), &tests(&more))).await,
        @r"
    test:base-tests Pass: tests as they are on the base (tests/test_cart.py) pass against the new code: 1 test passed
    test:canary Pass: a planted test that fails is noticed (tests/test_cart.py belongs to the tests, and changed)
    test:new-tests Pass: 1 new test: without the change they do not pass: 1 of 2 tests failed
    test:kept Pass: 2 tests run, 1 on the base
    "
    );
}

#[tokio::test]
async fn a_test_that_was_bent_to_the_code_is_found() {
    let bent = ADDS.replace("3)", "4)");
    let code = "def add(a, b):\n    return a + b + 1\n";
    insta::assert_snapshot!(
        tried(POLICY, (CODE, code), (&tests(ADDS), &tests(&bent))).await,
        @r"
    test:base-tests Fail: tests as they are on the base (tests/test_cart.py) do not pass against the new code: 1 of 1 test failed
    test:canary Pass: a planted test that fails is noticed (tests/test_cart.py belongs to the tests, and changed)
    test:kept Pass: 1 test run, 1 on the base
    "
    );
}

#[tokio::test]
async fn a_suite_that_cannot_fail_is_found() {
    let code = "import atexit, os, sys\n\
        sys.stderr.write('test_adds (test_cart.Cart.test_adds) ... ok\\n\\n' + 70 * '-' + '\\nRan 1 test in 0.001s\\n\\nOK\\n')\n\
        os._exit(0)\n";
    insta::assert_snapshot!(tried(POLICY, (CODE, code), (&tests(ADDS), &tests(ADDS))).await, @r"
    test:canary Fail: a test that fails was planted, and the command passed all the same; on the base it does not
    test:kept Pass: 1 test run, 1 on the base
    ");
}

#[tokio::test]
async fn tests_that_pass_without_the_change_prove_nothing() {
    let more = format!("{ADDS}    def test_nothing(self):\n        self.assertTrue(True)\n");
    let code = "def add(a, b):\n    return b + a\n";
    let note = tried(POLICY, (CODE, code), (&tests(ADDS), &tests(&more))).await;
    insta::assert_snapshot!(note.lines().find(|line| line.contains("new-tests")).unwrap(), @"test:new-tests Pass: 1 new test: all tests pass without the change, too; they prove nothing");
    let strict = format!("{POLICY}[tests]\nnew = \"require\"\ncanary = \"never\"\n");
    let strict = tried(&strict, (CODE, code), (&tests(ADDS), &tests(&more))).await;
    insta::assert_snapshot!(strict.lines().find(|line| line.contains("new-tests")).unwrap(), @"test:new-tests Fail: 1 new test: all tests pass without the change, too; they prove nothing");
}

#[tokio::test]
async fn plain_code_under_a_slow_suite_is_not_tried() {
    let text = format!("{POLICY}[tests]\ncanary = \"never\"\n");
    let code = "def add(a, b):\n    return b + a\n";
    assert_eq!(tried(&text, (CODE, code), (&tests(ADDS), &tests(ADDS))).await, "");
}

/// What is made of a first run that failed.
async fn judged_again(code: &str, test: &str) -> String {
    let subject = Subject { changed: vec![edited("cart.py", CODE, code)], ..honest() };
    let folders = Folders::of(&subject, &[("tests/test_cart.py", test)]);
    let (policy, world) = (policy(POLICY), World::new());
    let facts = Facts {
        policy: &policy,
        changed: &subject.changed,
        approved_paths: &subject.approved_paths,
        unshown: &[],
        tests: &[],
        checkout: &world.bench.checkout,
        left: Some(&subject),
    };
    let end = Instant::now() + Duration::from_mins(1);
    let trials = Trials { facts: &facts, subject: &subject, layout: &folders, end };
    let commit = folders.lay(&subject.commit, "the commit").await.unwrap();
    let first = command::measure(&policy.checks[0], None, &commit, end).await;
    folders.clear(commit);
    assert_eq!(first.result.verdict, Verdict::Fail);
    let again = trials.again(&policy.checks[0], first).await.result;
    std::fs::remove_file(folders.path().join("runs")).ok();
    let flaky = again.evidence.iter().flat_map(|evidence| &evidence.flaky);
    let flaky: Vec<String> = flaky
        .map(|seen| format!("{} {}/{} {}", seen.test, seen.failed, seen.runs, seen.on_base))
        .collect();
    format!("{} {:?}: {} {:?} {flaky:?}", again.name, again.verdict, again.fact, again.doubts)
}

/// With a test that fails at these runs, counted from 1, wherever they are.
fn failing_at(runs: &[u8]) -> String {
    format!(
        "{ADDS}    def test_chance(self):\n        with open('../../runs', 'a+') as runs:\n\
         \x20           runs.write('x')\n            runs.flush()\n\
         \x20           self.assertNotIn(runs.tell(), {runs:?})\n"
    )
}

#[tokio::test]
async fn a_test_that_fails_by_chance_is_told_from_one_that_the_commit_broke() {
    let swapped = "def add(a, b):\n    return b + a\n";
    insta::assert_snapshot!(judged_again(swapped, &tests(&failing_at(&[1, 3]))).await, @r#"test Pass: 2 tests passed; flaky: 1 of 2 runs failed in test_chance (test_cart.Cart.test_chance), 1 of 1 on the base [] ["test_chance (test_cart.Cart.test_chance) 1/2 true"]"#);
    insta::assert_snapshot!(judged_again(swapped, &tests(&failing_at(&[1, 6]))).await, @r#"test Pass: 2 tests passed; flaky: 1 of 2 runs failed in test_chance (test_cart.Cart.test_chance), 1 of 4 on the base [] ["test_chance (test_cart.Cart.test_chance) 1/2 true"]"#);
    // How often the base runs beyond eight times is a question of how quick it is.
    let doubted = judged_again(swapped, &tests(&failing_at(&[1]))).await;
    let (before, runs) = doubted.split_once("; on the base ").unwrap();
    let (runs, after) = runs.split_once(" of ").unwrap();
    assert!(runs.parse::<u8>().unwrap() >= 8, "{doubted}");
    insta::assert_snapshot!(before, @r#"test Pass: 2 tests passed; flaky: 1 of 2 runs failed in test_chance (test_cart.Cart.test_chance) ["test_chance (test_cart.Cart.test_chance) failed once and then passed"#);
    assert!(
        after.ends_with(r#"runs passed"] ["test_chance (test_cart.Cart.test_chance) 1/2 false"]"#),
        "{after}"
    );
    let unlucky = |runs: &[u8]| tests(&failing_at(runs));
    insta::assert_snapshot!(judged_again(swapped, &unlucky(&[1, 2, 3, 6])).await, @r#"test Pass: 2 tests passed; flaky: 3 of 4 runs failed in test_chance (test_cart.Cart.test_chance), 1 of 3 on the base [] ["test_chance (test_cart.Cart.test_chance) 3/4 true"]"#);
    insta::assert_snapshot!(judged_again(swapped, &unlucky(&[1, 2, 3, 4])).await, @r#"test Pass: 2 tests passed; flaky: 3 of 4 runs failed in test_chance (test_cart.Cart.test_chance), 1 of 1 on the base [] ["test_chance (test_cart.Cart.test_chance) 3/4 true"]"#);
    insta::assert_snapshot!(judged_again(swapped, &unlucky(&[1, 2, 3])).await, @"test Fail: 1 of 2 tests failed; on the base they pass [] []");
    insta::assert_snapshot!(judged_again(swapped, &unlucky(&[1, 2, 3, 6, 7, 8, 9, 10, 11])).await, @"test Fail: 1 of 2 tests failed, 8 of 8 times; on the base 1 of 3 [] []");
    let broken = "def add(a, b):\n    return a - b\n";
    insta::assert_snapshot!(judged_again(broken, &tests(ADDS)).await, @"test Fail: 1 of 1 test failed; on the base they pass [] []");
    let red = ADDS.replace("3)", "5)");
    insta::assert_snapshot!(judged_again(swapped, &tests(&red)).await, @"test Inconclusive: 1 of 1 test failed; red on the base, too: test_adds (test_cart.Cart.test_adds) [] []");
}
