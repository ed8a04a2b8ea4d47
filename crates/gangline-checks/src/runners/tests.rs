//! Every fixture is what the runner printed, but for the paths of the machine. Surefire's are of
//! version 2.22; the two of version 3, which are not called `surefire-2-…`, are written after its
//! documentation.

use gangline_domain::verdict::TestCounts;
use gangline_policy::Runner;

use super::*;
use crate::printed::Printed;

fn read(text: &str) -> Option<Reading> {
    read_by(&[], text)
}

fn read_by(runners: &[Runner], text: &str) -> Option<Reading> {
    let mut output = TestOutput::of(runners);
    output.push(text.as_bytes());
    output.finish()
}

/// Counts, failing tests and decisive lines of a fixture.
fn reading(text: &str) -> String {
    let Some(reading) = read(text) else { return "nothing read".to_owned() };
    let TestCounts { passed, failed, skipped } = reading.counts;
    let mut told = vec![format!("{passed} passed, {failed} failed, {skipped} skipped")];
    told.extend(crate::decisive::lines(Printed::new(text.as_bytes()), Some(&reading)));
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

/// Results by name.
fn tests(runners: &[Runner], text: &str) -> String {
    let reading = read_by(runners, text).expect("nothing read");
    let line = |(name, status): (&str, TestStatus)| format!("{status:?} {name}");
    reading.tests.by_name().into_iter().map(line).collect::<Vec<_>>().join("\n")
}

macro_rules! names {
    ($runner:ident, $name:literal) => {
        tests(&[Runner::$runner], include_str!(concat!("../../fixtures/", $name, ".txt")))
    };
}

#[test]
fn rust_tests_are_told_by_name_and_binary() {
    insta::assert_snapshot!(names!(Cargo, "cargo-failed"), @r"
    Passed shop (doc) src/lib.rs - (line 1)
    Passed shop (src/lib.rs) tests::adds
    Failed shop (src/lib.rs) tests::adds_negative
    Failed shop (src/lib.rs) tests::finds
    Skipped shop (src/lib.rs) tests::slow
    ");
    insta::assert_snapshot!(names!(Nextest, "nextest-failed"), @r"
    Passed shop tests::adds
    Failed shop tests::adds_negative
    Failed shop tests::finds
    ");
}

#[test]
fn python_tests_are_told_by_name() {
    insta::assert_snapshot!(names!(Pytest, "pytest-verbose-failed"), @r"
    Failed test_cart.py::TestCart::test_empty
    Passed test_cart.py::TestCart::test_sums
    Failed test_cart.py::test_db
    Skipped test_cart.py::test_known
    Skipped test_cart.py::test_later
    Passed test_cart.py::test_names[a b]
    Passed test_cart.py::test_names[c - d]
    ");
    assert_eq!(names!(Pytest, "pytest-verbose-failed"), names!(Pytest, "pytest-xdist-failed"));
    insta::assert_snapshot!(names!(Pytest, "pytest-quiet-failed"), @r"
    Failed test_cart.py::test_db
    Failed test_cart.py::test_empty
    ");
    insta::assert_snapshot!(names!(Unittest, "unittest-verbose-failed"), @r"
    Passed test_a (test_u.Cart.test_a)
    Failed test_b (test_u.Cart.test_b)
    Failed test_c (test_u.Cart.test_c)
    Skipped test_d (test_u.Cart.test_d)
    Passed test_e (test_u.Cart.test_e)
    Failed test_f (test_u.Cart.test_f)
    Skipped test_g (test_u.Cart.test_g)
    ");
    insta::assert_snapshot!(fixture!("pytest-verbose-failed"), @r"
    3 passed, 2 failed, 2 skipped
    failed: test_cart.py::TestCart::test_empty
    failed: test_cart.py::test_db
    E   RuntimeError: no database
    E   AssertionError: an empty cart
    E   assert 0 == 1
    E    +  where 0 = total([])
    ");
    insta::assert_snapshot!(fixture!("unittest-verbose-failed"), @r"
    3 passed, 3 failed, 2 skipped
    failed: test_c (test_u.Cart.test_c)
    failed: test_b (test_u.Cart.test_b)
    failed: test_f (test_u.Cart.test_f)
    KeyError: 'x'
    AssertionError: 2 != 3
    AssertionError: 0 is not true
    ");
}

#[test]
fn javascript_tests_are_told_by_name_and_suite() {
    insta::assert_snapshot!(names!(Jest, "jest-verbose-failed"), @r"
    Passed j/cart.test.js › cart › empty › is free
    Failed j/cart.test.js › cart › empty › is one
    Skipped j/cart.test.js › cart › later
    Skipped j/cart.test.js › cart › some day
    Passed j/cart.test.js › slow
    Passed j/cart.test.js › sums
    ");
    insta::assert_snapshot!(names!(Vitest, "vitest-verbose-failed"), @r"
    Passed v/cart.test.mjs > cart > empty > is free
    Failed v/cart.test.mjs > cart > empty > is one
    Skipped v/cart.test.mjs > cart > later
    Skipped v/cart.test.mjs > cart > some day
    Passed v/cart.test.mjs > slow
    Passed v/cart.test.mjs > sums
    ");
    insta::assert_snapshot!(names!(Mocha, "mocha-failed"), @r"
    Passed Cart > empty > is free
    Failed Cart > empty > is one
    Skipped Cart > later
    Passed Cart > slow
    Failed sums
    ");
    insta::assert_snapshot!(names!(Node, "node-spec-nested"), @r"
    Passed cart > empty > is free
    Failed cart > empty > is one
    Skipped cart > later
    Skipped known
    Failed outer
    Passed outer > inner
    Passed sums
    ");
    assert_eq!(names!(Node, "node-spec-nested"), names!(Node, "node-tap-nested"));
    insta::assert_snapshot!(fixture!("jest-verbose-failed"), @r"
    3 passed, 1 failed, 2 skipped
    failed: cart › empty › is one
    expect(received).toBe(expected) // Object.is equality
    Expected: 1
    Received: 0
    ");
    insta::assert_snapshot!(fixture!("vitest-verbose-failed"), @r"
    3 passed, 1 failed, 2 skipped
    failed: v/cart.test.mjs > cart > empty > is one
    AssertionError: expected +0 to be 1 // Object.is equality
    - 1
    + 0
    ");
    insta::assert_snapshot!(fixture!("node-spec-nested"), @r"
    3 passed, 2 failed, 2 skipped
    failed: is one
    failed: outer
    AssertionError [ERR_ASSERTION]: 0 == 1
    AssertionError [ERR_ASSERTION]: two
    ");
    insta::assert_snapshot!(fixture!("node-tap-nested"), @r"
    3 passed, 2 failed, 2 skipped
    failed: is one
    failed: outer
    error: '0 == 1'
    two
    lines
    ");
}

#[test]
fn other_tests_are_told_by_name() {
    insta::assert_snapshot!(names!(Go, "go-verbose-failed"), @r"
    Passed shop TestAdd
    Failed shop TestEmpty
    Failed shop TestEmpty/sub
    Skipped shop TestLater
    Passed shop/ok TestOk
    ");
    insta::assert_snapshot!(names!(Go, "go-json-failed"), @r"
    Passed shop TestAdd
    Failed shop TestEmpty
    Failed shop TestEmpty/sub
    Skipped shop TestLater
    Passed shop/ok TestAdd
    Passed shop/ok TestOk
    ");
    insta::assert_snapshot!(names!(Tap, "tap-failed"), @r"
    Skipped 3
    Passed adds
    Skipped some day
    Failed subtracts
    ");
    insta::assert_snapshot!(names!(Maven, "surefire-failed"), @r"
    Failed CartTest.boom
    Failed CartTest.empty
    ");
}

#[test]
fn mocha() {
    insta::assert_snapshot!(fixture!("mocha-failed"), @r"
    2 passed, 2 failed, 1 skipped
    failed: sums
    failed: Cart > empty > is one
    Error: no total
    AssertionError [ERR_ASSERTION]: 0 == 1
    -0
    +1
    ");
    insta::assert_snapshot!(fixture!("mocha-passed").lines().next().unwrap(), @"1 passed, 0 failed, 0 skipped");
}

#[test]
fn go_json() {
    insta::assert_snapshot!(fixture!("go-json-failed"), @r#"
    3 passed, 2 failed, 1 skipped
    failed: TestEmpty/sub
    failed: TestEmpty
    failed: shop/bad [build failed]
    bad/a.go:2:23: cannot use "x" (untyped string constant) as int value in return statement
    cart_test.go:9: got 0, want 1
    "#);
    insta::assert_snapshot!(fixture!("go-json-panic"), @r"
    0 passed, 1 failed, 0 skipped
    failed: TestBoom
    panic: assignment to entry in nil map [recovered]
    ");
}

/// Written after Gradle's documentation: its output was not recorded.
#[test]
fn gradle() {
    let text = "> Task :test FAILED\n\nCartTest > adds() PASSED\n\nCartTest > empty() FAILED\n    \
                org.opentest4j.AssertionFailedError: an empty cart\n        at CartTest.java:4\n\n\
                CartTest > later() SKIPPED\n\n3 tests completed, 1 failed, 1 skipped\n\n\
                FAILURE: Build failed with an exception.\n";
    insta::assert_snapshot!(reading(text), @r"
    1 passed, 1 failed, 1 skipped
    failed: CartTest > empty()
    org.opentest4j.AssertionFailedError: an empty cart
    ");
    insta::assert_snapshot!(reading("CartTest > adds() PASSED\n\nBUILD SUCCESSFUL in 1s\n").lines().next().unwrap(), @"1 passed, 0 failed, 0 skipped");
}

#[test]
fn a_runner_speaks_for_itself_only() {
    let fake = "test result: ok. 100 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
    let python = include_str!("../../fixtures/pytest-passed.txt");
    let by = |runners: &[Runner], text: &str| read_by(runners, text).map(|r| r.counts.passed);
    assert_eq!(by(&[Runner::Pytest], &format!("{fake}{python}")), Some(1));
    assert_eq!(by(&[Runner::Pytest], fake), None);
    assert_eq!(
        by(&[Runner::Unittest], include_str!("../../fixtures/unittest-verbose-failed.txt")),
        Some(3)
    );
    assert_eq!(by(&[Runner::Cargo, Runner::Pytest], python), Some(1));
}

#[test]
fn what_a_test_prints_of_its_own_runner_adds_nothing() {
    let fake = "test result: ok. 100 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
    let cargo = |printed: &str| {
        format!(
            "running 2 tests\n{printed}test a ... ok\ntest b ... ok\n\ntest result: ok. 2 passed; \
             0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n"
        )
    };
    let first = |text: &str| reading(text).lines().next().unwrap().to_owned();
    assert_eq!(first(&cargo(fake)), first(&cargo("")));
    assert_eq!(first(&cargo(&format!("running 100 tests\n{fake}"))), first(&cargo("")));
    let pytest = "= test session starts =\n= 100 passed in 0.1s =\n= 2 passed in 0.1s =\n";
    insta::assert_snapshot!(first(pytest), @"2 passed, 0 failed, 0 skipped");
    insta::assert_snapshot!(first("Ran 100 tests in 0.1s\n\nOK\n-----\nRan 2 tests in 0.1s\n\nOK\n"), @"2 passed, 0 failed, 0 skipped");
}

#[test]
fn a_failure_is_not_taken_back_by_what_is_printed_later() {
    let first = |text: &str| reading(text).lines().next().unwrap().to_owned();
    insta::assert_snapshot!(first("= 2 failed, 3 passed in 0.1s =\n= 100 passed in 0.1s =\n"), @"100 passed, 2 failed, 0 skipped");
    insta::assert_snapshot!(
        first("running 2 tests\ntest a ... FAILED\ntest b ... ok\ntest result: ok. 2 passed; 0 failed; 0 ignored\n"),
        @"1 passed, 1 failed, 0 skipped"
    );
    insta::assert_snapshot!(
        first("running 1 test\ntest result: ok. 1 passed; 0 failed\ntest result: FAILED. 0 passed; 1 failed\n"),
        @"1 passed, 1 failed, 0 skipped"
    );
}

#[test]
fn runs_of_one_command_are_added_up() {
    let pytest = include_str!("../../fixtures/pytest-verbose-failed.txt");
    insta::assert_snapshot!(reading(&format!("{pytest}{pytest}")).lines().next().unwrap(), @"6 passed, 4 failed, 4 skipped");
    let nextest = include_str!("../../fixtures/nextest-failed.txt");
    insta::assert_snapshot!(reading(&format!("{nextest}{nextest}")).lines().next().unwrap(), @"2 passed, 4 failed, 2 skipped");
}

#[test]
fn too_many_tests_are_counted_and_none_is_told() {
    let sum = "test result: ok. 60000 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n";
    let names = |number: u32, padding: &str| {
        let lines: Vec<String> =
            (0..number).map(|n| format!("test case_{n}{padding} ... ok\n")).collect();
        lines.concat()
    };
    let reading = read(&format!("running 60000 tests\n{}{sum}", names(60_000, ""))).unwrap();
    assert_eq!(reading.counts.passed, 60_000);
    assert!(reading.tests.too_many() && reading.tests.by_name().is_empty());
    let long = "x".repeat(3_900);
    let told = |names: &str| read(&format!("running 60000 tests\n{names}{sum}")).unwrap().tests;
    assert!(told(&names(2_000, &long)).too_many());
    assert!(!told(&names(1, &long).repeat(2_000)).too_many(), "it is one name");
}

/// Bytes that a seed determines: lines of fixtures torn apart and put together, and noise.
fn noise(seed: u64, bytes: usize) -> Vec<u8> {
    let parts: [&[u8]; 24] = [
        b"test ",
        b" ... ok",
        b"test result: ",
        b"running 4 tests",
        b"\n",
        b"\n",
        b"\r",
        b"\x1b[1m",
        b"= 1 failed, ",
        b"99999999999 passed",
        b"4294967295 passed",
        b" in 0.1s",
        b"Ran 3 tests in 1s",
        b"-----",
        b"=====",
        b"Tests: ",
        b"\xe2\x9c\x93 ",
        b"not ok 1 - ",
        b"# Subtest: ",
        b"---",
        b"    ",
        b"{\"Action\":\"fail\",\"Package\":\"p\",\"Test\":\"T\"}",
        b"--- FAIL: ",
        b"\xff\xfe\x00",
    ];
    let mut state = seed | 1;
    let mut text = vec![];
    while text.len() < bytes {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let at = usize::try_from(state % 1_000).unwrap();
        match parts.get(at % 40) {
            Some(part) => text.extend_from_slice(part),
            None => text.extend_from_slice(&state.to_le_bytes()[..at % 8]),
        }
    }
    text
}

#[test]
fn no_output_makes_a_reader_panic() {
    for seed in 1..300 {
        let text = noise(seed * 7_919, 4_000);
        for runners in Runner::ALL.iter().map(std::slice::from_ref).chain([&[][..]]) {
            let mut output = TestOutput::of(runners);
            text.chunks(1 + usize::try_from(seed).unwrap() % 97)
                .for_each(|piece| output.push(piece));
            let reading = output.finish();
            assert!(reading.is_none_or(|reading| reading.lines.len() <= 40), "seed {seed}");
        }
    }
}

/// Every fixture, torn at every place.
#[test]
fn a_reading_does_not_depend_on_how_the_output_comes() {
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures")).unwrap() {
        let text = std::fs::read(file.unwrap().path()).unwrap();
        let whole = |size: usize| {
            let mut output = TestOutput::of(&[]);
            text.chunks(size).for_each(|piece| output.push(piece));
            output.finish()
        };
        let expected = whole(text.len().max(1));
        for size in [1, 2, 3, 7, 64, 1_000] {
            assert_eq!(whole(size), expected);
        }
    }
}

#[test]
fn prose_is_no_summary() {
    assert_eq!(reading("ok\nall 12 tests passed, 0 failed\nTests were run\n"), "nothing read");
}
