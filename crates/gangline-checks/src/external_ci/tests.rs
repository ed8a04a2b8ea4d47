use gangline_policy::Policy;

use super::*;

fn policy(rest: &str) -> ExternalCi {
    let text = format!(
        "[checks.test]\nrun = \"x\"\n[external_ci]\nforge = \"github\"\nrepository = \"ann/shop\"\n\
         runs = [\"build\", \"test\"]\n{rest}\n"
    );
    Policy::parse(&text, "gangline.toml").unwrap().external_ci.unwrap()
}

fn run(name: &str, state: RunState) -> Run {
    let url = format!("https://ci.example/{name}");
    Run { name: name.to_owned(), state, title: String::new(), summary: String::new(), url }
}

fn ended(name: &str, conclusion: Conclusion) -> Run {
    run(name, RunState::Concluded(conclusion))
}

fn told(policy: &ExternalCi, runs: &[Run]) -> String {
    match external_ci(policy, runs) {
        External::Open(on) => format!("open: {on}"),
        External::Settled(check) => {
            let lines: Vec<String> = check.lines.iter().map(|line| format!("\n{line}")).collect();
            format!("{} {:?}: {}{}", check.name, check.verdict, check.fact, lines.concat())
        }
    }
}

use Conclusion::{Broken, Failure, Neutral, Skipped, Success};

#[test]
fn all_that_are_named_must_have_passed() {
    let policy = policy("");
    let told = |runs: &[Run]| told(&policy, runs);
    insta::assert_snapshot!(told(&[]), @"open: build (did not appear), test (did not appear)");
    let build = ended("build", Success);
    insta::assert_snapshot!(told(&[build.clone(), ended("other", Failure)]), @"open: test (did not appear)");
    let waits = run("test", RunState::Waiting);
    insta::assert_snapshot!(told(&[build.clone(), waits.clone()]), @"open: test (has not ended)");
    let test = ended("test", Success);
    insta::assert_snapshot!(told(&[build.clone(), test.clone()]), @"external-ci Pass: passed on github: build, test");
    // Of several with one name, all count.
    insta::assert_snapshot!(told(&[build.clone(), test.clone(), waits]), @"open: test (has not ended)");
    let both = [build, test, ended("test", Failure)];
    assert!(told(&both).starts_with("external-ci Fail"));
}

#[test]
fn one_that_failed_settles_it_with_what_it_says() {
    let failed = Run {
        title: "3 tests failed".to_owned(),
        summary: "see\u{1b}[31m below\n\ncart_test.go:12: want 3\r\n".to_owned(),
        ..ended("test", Failure)
    };
    insta::assert_snapshot!(told(&policy(""), std::slice::from_ref(&failed)), @r"
    external-ci Fail: 1 run failed on github: test
    test: failure: 3 tests failed
      see\u{1b}[31m below
      cart_test.go:12: want 3
      https://ci.example/test
    ");
    let long = Run { summary: "x".repeat(10_000), url: "javascript:alert(1)".to_owned(), ..failed };
    let told = told(&policy(""), &[long]);
    assert!(told.len() < 500 && !told.contains("javascript"), "{told}");
}

#[test]
fn what_ended_without_a_result_has_measured_nothing() {
    for end in [Neutral, Skipped, Broken("timed_out".to_owned())] {
        let told = told(&policy(""), &[ended("build", Success), ended("test", end)]);
        assert!(told.starts_with("external-ci Inconclusive: measured nothing on github: test ("));
    }
    let lenient = policy("accept = [\"success\", \"skipped\", \"neutral\"]");
    let runs = [ended("build", Neutral), ended("test", Skipped)];
    assert!(told(&lenient, &runs).starts_with("external-ci Pass"));
    let broken = [ended("build", Success), ended("test", Broken("cancelled".to_owned()))];
    assert!(told(&lenient, &broken).starts_with("external-ci Inconclusive"));
}

#[test]
fn it_is_as_required_as_the_policy_has_it() {
    assert!(external_ci_unmeasured(&policy(""), "why").required);
    let unmeasured = external_ci_unmeasured(&policy("required = false"), "it\nwas");
    assert!(!unmeasured.required);
    assert_eq!(unmeasured.fact, "it\\nwas");
}
