//! Every fixture is what the runner printed, but for the paths of the machine. Surefire's are of
//! version 2.22; the two of version 3, which are not called `surefire-2-…`, are written after its
//! documentation.

use super::*;
use crate::printed::plain_lines;

/// Counts, failing tests and decisive lines of a fixture.
fn reading(text: &str) -> String {
    let lines = plain_lines(text);
    let Some(reading) = read(&lines) else { return "nothing read".to_owned() };
    let TestCounts { passed, failed, skipped } = reading.counts;
    let mut told = vec![format!("{passed} passed, {failed} failed, {skipped} skipped")];
    told.extend(crate::decisive::lines(&lines, Some(&reading)));
    told.join("\n")
}

macro_rules! fixture {
    ($name:literal) => {
        reading(include_str!(concat!("../../fixtures/", $name, ".txt")))
    };
}

#[test]
fn cargo_test() {
    insta::assert_snapshot!(fixture!("cargo-failed"), @r#"
    2 passed, 2 failed, 1 skipped
    failed: tests::adds_negative
    failed: tests::finds
    thread 'tests::adds_negative' (32191) panicked at src/lib.rs:8:34:
    assertion `left == right` failed: one and minus two
    left: -1
    right: 3
    thread 'tests::finds' (32192) panicked at src/lib.rs:10:55:
    the cart is empty
    "#);
    insta::assert_snapshot!(fixture!("cargo-passed-colour").lines().next().unwrap(), @"1 passed, 0 failed, 0 skipped");
    insta::assert_snapshot!(fixture!("cargo-none").lines().next().unwrap(), @"0 passed, 0 failed, 0 skipped");
}

#[test]
fn nextest() {
    insta::assert_snapshot!(fixture!("nextest-failed"), @r#"
    1 passed, 2 failed, 1 skipped
    failed: shop tests::adds_negative
    failed: shop tests::finds
    thread 'tests::adds_negative' (29555) panicked at src/lib.rs:8:34:
    assertion `left == right` failed: one and minus two
    left: -1
    right: 3
    thread 'tests::finds' (29558) panicked at src/lib.rs:10:55:
    the cart is empty
    "#);
    insta::assert_snapshot!(fixture!("nextest-passed-colour").lines().next().unwrap(), @"1 passed, 0 failed, 0 skipped");
    insta::assert_snapshot!(fixture!("nextest-none").lines().next().unwrap(), @"0 passed, 0 failed, 1 skipped");
}

#[test]
fn nextest_counts_a_slow_test_once_and_names_one_that_a_signal_ended() {
    let text = "     Summary [  12.3s] 4/5 tests run: 2 passed (1 slow, 1 leaky), 1 failed, 1 timed out, 1 skipped\n   \
                SIGSEGV [   0.1s] (3/5) shop tests::crash\n   TIMEOUT [  60.0s] (4/5) shop tests::loops\n";
    insta::assert_snapshot!(reading(text), @r#"
    2 passed, 2 failed, 1 skipped
    failed: shop tests::crash
    failed: shop tests::loops
    "#);
}

#[test]
fn pytest() {
    insta::assert_snapshot!(fixture!("pytest-failed"), @r#"
    1 passed, 2 failed, 1 skipped
    failed: test_cart.py::test_empty
    failed: test_cart.py::test_db
    E   RuntimeError: no database
    E   AssertionError: an empty cart
    E   assert 0 == 1
    E    +  where 0 = total([])
    "#);
    assert_eq!(fixture!("pytest-failed"), fixture!("pytest-quiet-failed"));
    insta::assert_snapshot!(fixture!("pytest-passed").lines().next().unwrap(), @"1 passed, 0 failed, 0 skipped");
    insta::assert_snapshot!(fixture!("pytest-none").lines().next().unwrap(), @"0 passed, 0 failed, 0 skipped");
    insta::assert_snapshot!(fixture!("pytest-collection"), @r#"
    0 passed, 1 failed, 0 skipped
    failed: test_x.py
    E   ModuleNotFoundError: No module named 'nothere'
    "#);
}

#[test]
fn pytest_summaries_of_plugins_and_long_runs_are_read() {
    let first = |text: &str| reading(text).lines().next().unwrap().to_owned();
    insta::assert_snapshot!(
        first("= 3 passed, 2 subtests passed, 1 xfailed, 1 warning in 61.20s (0:01:01) ="),
        @"3 passed, 0 failed, 1 skipped"
    );
    insta::assert_snapshot!(first("no tests ran in 0.01s"), @"0 passed, 0 failed, 0 skipped");
    assert_eq!(reading("we arrived in 3s"), "nothing read");
}

#[test]
fn unittest() {
    insta::assert_snapshot!(fixture!("unittest-failed"), @r#"
    1 passed, 2 failed, 1 skipped
    failed: test_c (test_u.Cart.test_c)
    failed: test_b (test_u.Cart.test_b)
    KeyError: 'x'
    AssertionError: 2 != 3
    "#);
    insta::assert_snapshot!(fixture!("unittest-passed").lines().next().unwrap(), @"1 passed, 0 failed, 0 skipped");
    insta::assert_snapshot!(fixture!("unittest-none").lines().next().unwrap(), @"0 passed, 0 failed, 0 skipped");
}

#[test]
fn jest() {
    insta::assert_snapshot!(fixture!("jest-failed"), @r#"
    1 passed, 1 failed, 1 skipped
    failed: t/broken.test.js
    failed: empty › is one
    Cannot find module './nothere' from 't/broken.test.js'
    expect(received).toBe(expected) // Object.is equality
    Expected: 1
    Received: 0
    "#);
    insta::assert_snapshot!(fixture!("jest-passed").lines().next().unwrap(), @"1 passed, 0 failed, 2 skipped");
    insta::assert_snapshot!(fixture!("jest-none").lines().next().unwrap(), @"0 passed, 0 failed, 0 skipped");
}

#[test]
fn vitest() {
    insta::assert_snapshot!(fixture!("vitest-failed-colour"), @r#"
    1 passed, 1 failed, 1 skipped
    failed: v.test.mjs > empty > is one
    AssertionError: expected +0 to be 1 // Object.is equality
    - 1
    + 0
    "#);
    insta::assert_snapshot!(fixture!("vitest-passed-colour").lines().next().unwrap(), @"1 passed, 0 failed, 2 skipped");
    insta::assert_snapshot!(fixture!("vitest-none-colour").lines().next().unwrap(), @"0 passed, 0 failed, 0 skipped");
}

#[test]
fn node() {
    insta::assert_snapshot!(fixture!("node-failed"), @r#"
    1 passed, 1 failed, 1 skipped
    failed: is one
    AssertionError [ERR_ASSERTION]: 0 == 1
    "#);
    insta::assert_snapshot!(fixture!("node-tap-failed"), @r#"
    1 passed, 1 failed, 1 skipped
    failed: is one
    error: '0 == 1'
    "#);
    insta::assert_snapshot!(fixture!("node-none").lines().next().unwrap(), @"0 passed, 0 failed, 0 skipped");
}

#[test]
fn go() {
    insta::assert_snapshot!(fixture!("go-failed"), @r#"
    1 passed, 2 failed, 0 skipped
    failed: TestEmpty
    failed: TestEmpty/sub
    failed: shop/bad [build failed]
    bad/a.go:2:23: cannot use "x" (untyped string constant) as int value in return statement
    cart_test.go:4: got 0, want 1
    "#);
    insta::assert_snapshot!(fixture!("go-verbose-failed"), @r#"
    2 passed, 2 failed, 1 skipped
    failed: TestEmpty
    failed: TestEmpty/sub
    failed: shop/bad [build failed]
    bad/a.go:2:23: cannot use "x" (untyped string constant) as int value in return statement
    cart_test.go:4: got 0, want 1
    "#);
    insta::assert_snapshot!(fixture!("go-panic"), @r#"
    0 passed, 1 failed, 0 skipped
    failed: TestBoom
    panic: assignment to entry in nil map [recovered, repanicked]
    "#);
    insta::assert_snapshot!(fixture!("go-passed").lines().next().unwrap(), @"1 passed, 0 failed, 0 skipped");
    insta::assert_snapshot!(fixture!("go-none").lines().next().unwrap(), @"0 passed, 0 failed, 0 skipped");
}

#[test]
fn tap_and_prove() {
    insta::assert_snapshot!(fixture!("tap-failed"), @r#"
    1 passed, 1 failed, 2 skipped
    failed: subtracts
    Failed test 'subtracts'
    at ../t.t line 2.
    got: '1'
    expected: '2'
    "#);
    insta::assert_snapshot!(fixture!("prove-failed"), @r#"
    3 passed, 1 failed, 0 skipped
    failed: t.t
    Failed test 'subtracts'
    at t.t line 2.
    got: '1'
    expected: '2'
    "#);
}

#[test]
fn a_planned_test_that_was_never_reported_did_not_pass() {
    insta::assert_snapshot!(reading("1..3\nok 1 - a\n"), @r#"
    1 passed, 2 failed, 0 skipped
    1..3
    ok 1 - a
    "#);
    assert_eq!(reading("1..5\n"), "nothing read");
}

#[test]
fn surefire() {
    insta::assert_snapshot!(fixture!("surefire-failed"), @r#"
    1 passed, 2 failed, 1 skipped
    failed: CartTest.empty
    failed: CartTest.boom
    CartTest.empty:4 an empty cart ==> expected: <1> but was: <0>
    CartTest.boom:4 IllegalState no database
    "#);
    insta::assert_snapshot!(fixture!("surefire-passed").lines().next().unwrap(), @"2 passed, 0 failed, 1 skipped");
}

#[test]
fn surefire_of_several_modules() {
    insta::assert_snapshot!(fixture!("surefire-2-failed"), @r#"
    3 passed, 2 failed, 1 skipped
    failed: CartTest.rounds
    failed: CartTest.breaks
    CartTest.rounds:9 expected:<4> but was:<3>
    CartTest.breaks:10 IllegalState no cart
    "#);
    insta::assert_snapshot!(fixture!("surefire-2-passed").lines().next().unwrap(), @"4 passed, 0 failed, 1 skipped");
    insta::assert_snapshot!(fixture!("surefire-2-none").lines().next().unwrap(), @"0 passed, 0 failed, 0 skipped");
    assert_eq!(fixture!("surefire-2-compile"), "nothing read");
}

#[test]
fn two_suites_of_one_command_are_added_up() {
    let cargo = include_str!("../../fixtures/cargo-passed-colour.txt");
    let jest = include_str!("../../fixtures/jest-passed.txt");
    insta::assert_snapshot!(reading(&format!("{cargo}{jest}")).lines().next().unwrap(), @"2 passed, 0 failed, 2 skipped");
}

#[test]
fn prose_is_no_summary() {
    assert_eq!(reading("ok\nall 12 tests passed, 0 failed\nTests were run\n"), "nothing read");
}
