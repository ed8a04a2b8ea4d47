use gangline_domain::secret::Secret;
use gangline_domain::verdict::{TestCounts, Verdict};

use super::*;
use crate::bench::{World, policy};

const SOON: Duration = Duration::from_mins(1);

/// Runs the only check of a policy and tells what came of it.
async fn measured(world: &World, check: &str) -> CheckResult {
    let policy = policy(check);
    measure(&policy.checks[0], None, &world.bench, Instant::now() + SOON).await.result
}

async fn told(check: &str) -> String {
    let CheckResult { verdict, fact, lines, .. } = measured(&World::new(), check).await;
    let mut told = vec![format!("{verdict:?}: {fact}")];
    told.extend(lines.into_iter().map(|line| format!("  {line}")));
    told.join("\n")
}

/// Without what the machine's own shell says.
async fn told_by_us(check: &str) -> String {
    told(check).await.lines().take(2).collect::<Vec<_>>().join("\n")
}

fn lint(line: &str) -> String {
    format!("[checks.lint]\nrun = '''{line}'''\n")
}

fn test(line: &str) -> String {
    format!("[checks.test]\nrun = '''{line}'''\n")
}

fn fixture(name: &str, code: u8) -> String {
    let path = format!("{}/fixtures/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    format!("cat {path}; exit {code}")
}

#[tokio::test]
async fn an_exit_code_of_zero_passes_what_is_no_test() {
    insta::assert_snapshot!(told(&lint("echo fine")).await, @"Pass: exit code 0");
}

#[tokio::test]
async fn any_other_exit_code_fails_and_tells_the_decisive_lines() {
    insta::assert_snapshot!(told(&lint("echo fine; echo 'a.c:1:2: error: no' >&2; exit 3")).await, @r#"
    Fail: exit code 3
      a.c:1:2: error: no
    "#);
}

#[tokio::test]
async fn a_missing_program_is_inconclusive_and_named() {
    insta::assert_snapshot!(told_by_us(&lint("nosuchtool --check")).await, @r#"
    Inconclusive: nosuchtool is not installed; exit code 127
      install nosuchtool where the checks run, or let [setup] install it
    "#);
    insta::assert_snapshot!(told_by_us("[checks.lint]\nrun = [\"nosuchtool\", \"x y\"]\n").await, @r#"
    Inconclusive: nosuchtool is not installed; exit code 127
      install nosuchtool where the checks run, or let [setup] install it
    "#);
    insta::assert_snapshot!(told_by_us(&test(&fixture("npm-missing-program", 127))).await, @r#"
    Inconclusive: jest is not installed; exit code 127
      install jest where the checks run, or let [setup] install it
    "#);
    insta::assert_snapshot!(told_by_us(&test(&fixture("pytest-missing", 1))).await, @r#"
    Inconclusive: pytest is not installed; exit code 1
      install pytest where the checks run, or let [setup] install it
    "#);
    insta::assert_snapshot!(told_by_us(&lint(&fixture("cargo-no-such-command", 101))).await, @r#"
    Inconclusive: cargo nosuch is not installed; exit code 101
      install cargo nosuch where the checks run, or let [setup] install it
    "#);
}

#[tokio::test]
async fn what_cannot_be_executed_is_inconclusive() {
    insta::assert_snapshot!(told_by_us(&lint("touch script; ./script")).await, @r#"
    Inconclusive: a program could not be executed; exit code 126
      commit it as executable, with an interpreter that exists
    "#);
}

#[tokio::test]
async fn the_deadline_is_inconclusive_and_ends_what_runs() {
    let started = Instant::now();
    let check = "[checks.test]\nrun = \"echo waiting; sleep 600\"\ntimeout = \"1s\"\n";
    insta::assert_snapshot!(told(check).await, @r#"
    Inconclusive: did not end within 1s
      waiting
    "#);
    assert!(started.elapsed() < Duration::from_secs(30));
}

#[tokio::test]
async fn when_the_time_for_all_checks_is_up_nothing_more_runs() {
    let policy = policy(&lint("touch ran"));
    let world = World::new();
    let check = measure(&policy.checks[0], None, &world.bench, Instant::now()).await.result;
    assert_eq!(check.verdict, Verdict::Inconclusive);
    assert_eq!(check.fact, "not run: the time for all checks was up");
    assert!(!world.bench.checkout.join("ran").exists());
}

#[tokio::test]
async fn a_kill_from_outside_is_inconclusive_and_a_crash_is_a_failure() {
    insta::assert_snapshot!(told_by_us(&lint("kill -9 $$")).await, @r#"
    Inconclusive: ended by SIGKILL from outside
      the machine may have been short of memory: run fewer checks at once (limits.verifications) or give the command less to do
    "#);
    insta::assert_snapshot!(told_by_us(&lint("sh -c 'kill -9 $$'; exit $?")).await, @r#"
    Inconclusive: ended by SIGKILL from outside
      the machine may have been short of memory: run fewer checks at once (limits.verifications) or give the command less to do
    "#);
    insta::assert_snapshot!(told_by_us(&lint("kill -11 $$")).await, @"Fail: crashed with SIGSEGV");
}

#[tokio::test]
async fn a_full_disk_is_inconclusive() {
    insta::assert_snapshot!(told(&lint("echo 'cc: No space left on device'; exit 1")).await, @r#"
    Inconclusive: the disk is full
      free some space, then run the checks again
      cc: No space left on device
    "#);
}

#[tokio::test]
async fn a_missing_network_is_inconclusive_unless_the_check_had_one() {
    insta::assert_snapshot!(told(&test(&fixture("cargo-offline", 101))).await, @r#"
    Inconclusive: it wanted the network, which checks do not have
      fetch what it needs in [setup], or write network = true for this check
      error: failed to get `left` as a dependency of package `shop v0.1.0 (/checkout)`
    "#);
    insta::assert_snapshot!(told(&test(&fixture("maven-offline", 1))).await.lines().next().unwrap(), @"Inconclusive: it wanted the network, which checks do not have");
    let networked = format!("{}network = true\n", test(&fixture("cargo-offline", 101)));
    assert!(told(&networked).await.starts_with("Fail: "));
}

#[tokio::test]
async fn tests_pass_when_they_ran_and_none_failed() {
    insta::assert_snapshot!(told(&test(&fixture("pytest-passed", 0))).await, @"Pass: 1 test passed");
    insta::assert_snapshot!(told(&test(&fixture("surefire-passed", 0))).await, @"Pass: 2 tests passed, 1 skipped");
}

#[tokio::test]
async fn tests_that_failed_are_counted_and_named() {
    insta::assert_snapshot!(told(&test(&fixture("unittest-failed", 1))).await, @r#"
    Fail: 2 of 3 tests failed
      failed: test_c (test_u.Cart.test_c)
      failed: test_b (test_u.Cart.test_b)
      KeyError: 'x'
      AssertionError: 2 != 3
    "#);
}

#[tokio::test]
async fn a_runner_made_to_exit_with_zero_still_fails() {
    insta::assert_snapshot!(told(&test(&fixture("cargo-failed", 0))).await.lines().next().unwrap(), @"Fail: 2 of 4 tests failed, and yet the command exited with 0");
}

#[tokio::test]
async fn zero_tests_are_inconclusive_whatever_the_exit_code() {
    let runs = [
        ("cargo-none", 0),
        ("nextest-none", 4),
        ("pytest-none", 5),
        ("unittest-none", 0),
        ("jest-none", 1),
        ("vitest-none-colour", 1),
        ("node-none", 0),
        ("go-none", 0),
        ("surefire-2-none", 0),
    ];
    let mut all = vec![];
    for (name, code) in runs {
        all.push(format!(
            "{name}: {}",
            told(&test(&fixture(name, code))).await.lines().next().unwrap()
        ));
    }
    insta::assert_snapshot!(all.join("\n"), @r#"
    cargo-none: Inconclusive: no test ran; exit code 0
    nextest-none: Inconclusive: no test was collected; exit code 4
    pytest-none: Inconclusive: no test was collected; exit code 5
    unittest-none: Inconclusive: no test ran; exit code 0
    jest-none: Inconclusive: no test was collected; exit code 1
    vitest-none-colour: Inconclusive: no test was collected; exit code 1
    node-none: Inconclusive: no test ran; exit code 0
    go-none: Inconclusive: no test ran; exit code 0
    surefire-2-none: Inconclusive: no test ran; exit code 0
    "#);
}

#[tokio::test]
async fn a_silenced_suite_is_inconclusive_unless_the_policy_trusts_its_exit_code() {
    insta::assert_snapshot!(told(&test("true")).await, @r#"
    Inconclusive: exit code 0, but its output holds no counts: no test is known to have run
      let the command print its runner's summary, name the runner in the policy (runner = "pytest") where the command hides it, or say tests_min = 0 to trust its exit code alone
    "#);
    insta::assert_snapshot!(told(&format!("{}tests_min = 0\n", test("true"))).await, @"Pass: exit code 0; its tests were not counted");
    let none = format!("{}tests_min = 0\n", test(&fixture("cargo-none", 0)));
    assert!(told(&none).await.starts_with("Inconclusive: no test ran"));
}

#[tokio::test]
async fn fewer_tests_than_the_policy_asks_for_fail() {
    let check = format!("{}tests_min = 14\n", test(&fixture("pytest-passed", 0)));
    insta::assert_snapshot!(told(&check).await, @"Fail: 1 test passed; the policy asks for at least 14");
}

#[tokio::test]
async fn code_that_does_not_compile_fails_its_tests() {
    insta::assert_snapshot!(told(&test(&fixture("cargo-compile", 101))).await, @r#"
    Fail: exit code 101
      error[E0425]: cannot find value `c` in this scope
      --> src/lib.rs:4:41
    "#);
    insta::assert_snapshot!(told(&test(&fixture("surefire-2-compile", 1))).await, @r#"
    Fail: exit code 1
      [ERROR] /home/ann/shop/core/src/test/java/x/CartTest.java:[7,33] incompatible types: java.lang.String cannot be converted to int
    "#);
}

#[tokio::test]
async fn the_evidence_holds_both_streams_in_their_order() {
    let world = World::new();
    let check =
        measured(&world, &test("echo one; echo two >&2; echo '= 2 passed in 0.1s ='")).await;
    let evidence = check.evidence.unwrap();
    let log = std::fs::read_to_string(world.bench.log_dir.join(&evidence.log_file)).unwrap();
    assert_eq!(log, "one\ntwo\n= 2 passed in 0.1s =\n");
    assert_eq!(evidence.log_file, "test.log");
    assert_eq!(evidence.log_sha256, gangline_policy::Policy::sha256_of(&log));
    assert_eq!(evidence.exit, Some(0));
    assert_eq!(evidence.tests, Some(TestCounts { passed: 2, failed: 0, skipped: 0 }));
    assert!(evidence.command.starts_with("echo one"));
}

#[tokio::test]
async fn a_flood_is_kept_up_to_the_cap_with_its_end() {
    let world = World::new();
    let flood = "yes 0123456789 | head -c 20000000; echo; echo '= 2 passed in 0.1s ='";
    let check = measured(&world, &test(flood)).await;
    assert_eq!(check.verdict, Verdict::Pass, "{}", check.fact);
    let log = world.bench.log_dir.join("test.log");
    let bytes = std::fs::metadata(log).unwrap().len();
    assert!(bytes <= LOG_BYTES_MAX as u64 + 100, "{bytes}");
}

#[tokio::test]
async fn a_list_is_run_word_by_word_and_never_by_a_shell() {
    let world = World::new();
    let check = "[checks.lint]\nrun = [\"printf\", \"%s|\", \"$HOME\", \"a b\", \"; exit 1\"]\n";
    measured(&world, check).await;
    let log = std::fs::read_to_string(world.bench.log_dir.join("lint.log")).unwrap();
    assert_eq!(log, "$HOME|a b|; exit 1|");
}

#[tokio::test]
async fn a_command_has_no_environment_but_what_bench_and_policy_give() {
    let world = World::new();
    let check = "[checks.lint]\nrun = \"env\"\nenv = { SHOP = \"open\", CI = \"no\" }\n";
    measured(&world, check).await;
    let log = std::fs::read_to_string(world.bench.log_dir.join("lint.log")).unwrap();
    let mut names: Vec<&str> = log.lines().filter_map(|line| line.split('=').next()).collect();
    names.retain(|name| !matches!(*name, "PWD" | "OLDPWD" | "SHLVL" | "_"));
    names.sort_unstable();
    assert_eq!(names, ["CI", "GANGLINE_JOB", "GANGLINE_RUN", "NO_COLOR", "PATH", "SHOP"]);
    assert!(log.contains("CI=no\n") && log.contains("SHOP=open\n"));
}

#[tokio::test]
async fn a_verdict_without_a_log_is_none() {
    let mut world = World::new();
    world.bench.log_dir = world.path().join("gone");
    let check = measured(&world, &lint("true")).await;
    assert_eq!(check.verdict, Verdict::Inconclusive);
    assert!(check.fact.contains("its log could not be kept"), "{}", check.fact);
}

#[tokio::test]
async fn a_checkout_that_is_not_there_is_inconclusive() {
    let mut world = World::new();
    world.bench.checkout = world.path().join("gone");
    world.bench.inside = world.bench.checkout.clone();
    let check = measured(&world, &lint("true")).await;
    assert_eq!(check.verdict, Verdict::Inconclusive);
    assert!(check.fact.starts_with("could not be run: "), "{}", check.fact);
}

#[tokio::test]
async fn a_claim_is_found_by_the_checks_name_or_its_kinds() {
    let world = World::new();
    let policy = policy("[checks.npm-test]\nrun = \"true\"\nkind = \"test\"\n");
    for (said, claimed) in [
        (("npm-test", true), Some("passes")),
        (("test", false), Some("fails")),
        (("tests", true), Some("passes")),
        (("lint", true), None),
    ] {
        let claim = Claim { checks: [(said.0.to_owned(), said.1)].into(), ..Claim::default() };
        let end = Instant::now() + SOON;
        let check = measure(&policy.checks[0], Some(&claim), &world.bench, end).await.result;
        assert_eq!(check.claimed.as_deref(), claimed, "{said:?}");
    }
}

#[tokio::test]
async fn a_summary_counts_wherever_in_the_output_it_stands() {
    let world = World::new();
    let filler = "yes 0123456789 | head -c 12000000";
    let middle = format!("{filler}; echo; echo '= 1 failed, 2 passed in 0.1s ='; {filler}");
    let check = measured(&world, &test(&middle)).await;
    assert_eq!(
        (check.verdict, check.fact.as_str()),
        (Verdict::Fail, "1 of 3 tests failed, and yet the command exited with 0")
    );
}

#[tokio::test]
async fn only_the_runner_that_the_policy_names_is_believed() {
    let run = test("echo 'test result: ok. 9 passed; 0 failed'; echo '= 2 passed in 0.1s ='");
    let named = |runner: &str| format!("{run}runner = \"{runner}\"\n");
    insta::assert_snapshot!(told(&named("pytest")).await, @"Pass: 2 tests passed");
    assert!(told(&named("go")).await.starts_with("Inconclusive: "));
}

#[tokio::test]
async fn no_secret_stands_in_a_tests_name_or_in_the_lines_about_it() {
    let mut world = World::new();
    let secret = Secret::new("correct-horse-battery").unwrap();
    world.bench.redactor = Redactor::new([("pony", &secret)]);
    let run = "printf 'E   it was correct-horse-'; echo battery; \
               echo '= short test summary info ='; echo 'FAILED t.py::test[correct-horse-battery]'; \
               echo '= 1 failed in 0.1s ='";
    let check = measured(&world, &test(run)).await;
    insta::assert_snapshot!(check.lines.join("\n"), @r"
    failed: t.py::test[[secret pony]]
    E   it was [secret pony]
    ");
    let log = std::fs::read_to_string(world.bench.log_dir.join("test.log")).unwrap();
    assert!(!log.contains("battery") && log.contains("[secret pony]"), "{log}");
}

/// A command that writes a results file of one test and prints a summary.
fn writes(xml: &str, printed: &str) -> String {
    let run = format!("mkdir -p out && echo \"{xml}\" > out/r.xml; echo \"{printed}\"");
    format!("{}results = \"out/*.xml\"\n", test(&run))
}

#[tokio::test]
async fn a_results_file_counts_tests() {
    let passing = "<testsuite><testcase name='a'/></testsuite>";
    let failing = "<testsuite><testcase name='a'><failure message='no'/></testcase></testsuite>";
    insta::assert_snapshot!(told(&writes(passing, "")).await, @"Pass: 1 test passed");
    insta::assert_snapshot!(told(&writes(failing, "")).await, @r"
    Fail: 1 of 1 test failed, and yet the command exited with 0
      failed: a
      no
    ");
    insta::assert_snapshot!(told(&writes("<testsuite/>", "")).await, @"Inconclusive: no test ran; exit code 0");
}

#[tokio::test]
async fn of_file_and_output_the_worse_counts() {
    let passing = "<testsuite><testcase name='a'/></testsuite>";
    let failing = "<testsuite><testcase name='a'><failure message='no'/></testcase></testsuite>";
    insta::assert_snapshot!(told(&writes(passing, "= 1 failed, 1 passed in 1s =")).await, @r"
    Fail: 1 of 2 tests failed, and yet the command exited with 0; its output counts 1 that failed, and its results file 0
      = 1 failed, 1 passed in 1s =
    ");
    insta::assert_snapshot!(told(&writes(failing, "= 2 passed in 1s =")).await, @r"
    Fail: 1 of 1 test failed, and yet the command exited with 0; its output counts 0 that failed, and its results file 1
      failed: a
      no
    ");
    insta::assert_snapshot!(told(&writes(passing, "= 2 passed in 1s =")).await, @"Pass: 1 test passed");
}

#[tokio::test]
async fn a_results_file_that_is_missing_or_no_such_file_is_inconclusive() {
    insta::assert_snapshot!(told(&writes("<testsuite>", "= 2 passed in 1s =")).await, @"Inconclusive: exit code 0, but the results in out/r.xml are no JUnit XML: it ends before its end");
    let nothing = format!("{}results = \"out/*.xml\"\n", test("echo '= 2 passed in 1s ='"));
    insta::assert_snapshot!(told(&nothing).await, @"Inconclusive: exit code 0, but no results were written to out/*.xml");
    let broken = format!("{}results = \"r.xml\"\n", test(&fixture("cargo-compile", 101)));
    assert!(told(&broken).await.starts_with("Fail: exit code 101"), "it did not compile");
}

#[tokio::test]
async fn a_results_file_that_was_there_before_counts_for_nothing() {
    let world = World::new();
    world.file("out/r.xml", "<testsuite><testcase name='a'/></testsuite>");
    let check = measured(&world, &format!("{}results = \"out/r.xml\"\n", test("true"))).await;
    insta::assert_snapshot!(check.fact, @"exit code 0, but no results were written to out/r.xml");
    assert!(!world.bench.checkout.join("out/r.xml").exists());
}

/// A crate with one failing test, in a checkout where cargo runs as it does outside.
fn failing_crate() -> World {
    let mut world = World::new();
    for name in ["HOME", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
        let value = std::env::var(name).ok();
        world.bench.env.extend(value.map(|value| (name.to_owned(), value)));
    }
    let manifest = "[package]\nname = \"cart\"\nedition = \"2021\"\n[workspace]\n";
    world.file("Cargo.toml", manifest);
    world.file("src/lib.rs", "#[test]\nfn adds() {\n    assert_eq!(1 + 1, 3, \"the sum\");\n}\n");
    world
}

const CARGO: &str = "[checks.test]\nrun = [\"cargo\", \"test\", \"--offline\"]\n";

#[tokio::test]
async fn a_real_suite_that_fails_is_counted_named_and_explained() {
    let check = measured(&failing_crate(), CARGO).await;
    assert_eq!((check.verdict, check.fact.as_str()), (Verdict::Fail, "1 of 1 test failed"));
    let lines = check.lines.join("\n");
    assert!(lines.starts_with("failed: adds\n"), "{lines}");
    assert!(lines.contains("src/lib.rs:3:5") && lines.contains("the sum"), "{lines}");
}

/// Each of these makes the failing suite above exit with 0.
#[tokio::test]
async fn a_real_suite_that_was_made_to_exit_with_zero_does_not_pass() {
    let world = failing_crate();
    world.file(
        "Cargo.toml",
        "[package]\nname = \"cart\"\nedition = \"2021\"\n[lib]\ntest = false\n[workspace]\n",
    );
    let check = measured(&world, CARGO).await;
    assert_eq!(check.verdict, Verdict::Inconclusive, "{}", check.fact);
    let world = failing_crate();
    world.file(".cargo/config.toml", "[target.'cfg(all())']\nrunner = \"true\"\n");
    let check = measured(&world, CARGO).await;
    assert_eq!(check.verdict, Verdict::Inconclusive, "{}", check.fact);
}
