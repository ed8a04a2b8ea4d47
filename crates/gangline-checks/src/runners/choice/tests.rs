use gangline_policy::Policy;

use super::*;

/// The runners that speak in a check with this command, in words.
fn check(run: &str) -> String {
    told(&format!("[checks.test]\nrun = {run}\n"))
}

fn told(text: &str) -> String {
    let policy = Policy::parse(text, "gangline.toml").unwrap_or_else(|error| panic!("{error}"));
    let speakers = speakers(&policy.checks[0]);
    if speakers.is_empty() {
        return "all".to_owned();
    }
    let words: Vec<String> = speakers.iter().map(|runner| format!("{runner:?}")).collect();
    words.join(" ").to_lowercase()
}

fn line(line: &str) -> String {
    check(&format!("'''{line}'''"))
}

#[test]
fn a_runners_own_command_lets_only_that_runner_speak() {
    let lines = [
        ("cargo test --workspace", "cargo"),
        ("cargo +nightly --locked t", "cargo"),
        ("cargo nextest run", "nextest"),
        ("cargo llvm-cov nextest", "cargo nextest"),
        ("pytest -q", "pytest"),
        (".venv/bin/python -m pytest", "pytest"),
        ("python3 -m unittest discover", "unittest"),
        ("python3.11 manage.py test", "pytest unittest"),
        ("coverage run -m pytest && coverage report", "pytest"),
        ("python -m coverage run -m unittest", "unittest"),
        ("uv run --frozen pytest", "pytest"),
        ("poetry run python -m unittest", "unittest"),
        ("tox", "pytest unittest"),
        ("npm test", "jest vitest mocha node tap"),
        ("npx --no-install vitest run", "vitest"),
        ("npx c8 mocha", "mocha"),
        ("pnpm exec jest", "jest"),
        ("yarn some-script", "jest vitest mocha node tap"),
        ("node --test test/", "node tap"),
        ("node test.js", "jest vitest mocha node tap"),
        ("go test ./...", "go"),
        ("./mvnw -q verify", "maven"),
        ("./gradlew test", "gradle"),
        ("prove -r t", "tap"),
    ];
    for (command, expected) in lines {
        assert_eq!(line(command), expected, "{command}");
    }
}

#[test]
fn what_stands_around_a_command_does_not_matter() {
    let lines = [
        "cd web && RUST_BACKTRACE=1 cargo test 2>&1",
        "set -e; mkdir -p out; timeout 5m cargo test &> out/log",
        "(cd core && cargo build && cargo test)",
        "env -u HOME CI=1 nice -n 10 cargo test -- 'a b; make'",
        "exec cargo test || exit 3",
    ];
    for command in lines {
        assert_eq!(line(command), "cargo", "{command}");
    }
    assert_eq!(check(r#"["cargo", "test", "; make"]"#), "cargo");
}

#[test]
fn several_commands_let_several_runners_speak() {
    assert_eq!(line("cargo test && npx jest"), "cargo jest");
    assert_eq!(line("cargo test\npython3 -m pytest"), "cargo pytest");
}

#[test]
fn what_may_run_anything_lets_all_speak() {
    for command in [
        "make test",
        "just test",
        "./run-tests.sh",
        "sh -c 'cargo test'",
        "cargo xtask test",
        "cargo test; ./more",
        "cargo $(cat subcommand)",
        "`which cargo` test",
        "for p in a b; do cargo test -p $p; done",
        "true",
    ] {
        assert_eq!(line(command), "all", "{command}");
    }
}

#[test]
fn the_policy_decides_where_it_says_something() {
    let text = "[checks.test]\nrun = \"make test\"\nrunner = [\"jest\", \"cargo\"]\n";
    assert_eq!(told(text), "jest cargo");
    assert_eq!(told("[checks.test]\nrun = \"cargo test\"\nrunner = \"tap\"\n"), "tap");
}
