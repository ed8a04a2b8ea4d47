use super::*;

#[test]
fn the_missing_program_is_found_in_the_words_of_each_shell() {
    for (line, expected) in [
        ("sh: 1: jest: not found", Some("jest")),
        ("/bin/sh: 1: ./run: not found", Some("./run")),
        ("bash: line 1: ruff: command not found", Some("ruff")),
        ("zsh: command not found: x", None),
        ("/usr/bin/python3: No module named pytest", Some("pytest")),
        ("python: No module named mypy.__main__; 'mypy' is a package", Some("mypy")),
        ("ModuleNotFoundError: No module named 'cart'", None),
        ("E   ModuleNotFoundError: No module named 'cart'", None),
        ("error: no such command: `nextest`", Some("cargo nextest")),
        ("error: 'cargo-clippy' is not installed for the toolchain 'stable'", Some("cargo-clippy")),
        ("make: tsc: No such file or directory", Some("tsc")),
        ("the page was not found", None),
        ("assert: file: not found", None),
    ] {
        assert_eq!(missing_program(line).as_deref(), expected, "{line}");
    }
}

#[test]
fn only_locks_that_do_not_fit_are_the_commits_own_doing() {
    let stale = |text: &str| stale_lock(Printed::new(text.as_bytes())).is_some();
    assert!(stale(include_str!("../../../fixtures/npm-ci-out-of-sync.txt")));
    assert!(stale(
        "error: cannot update the lock file /checkout/Cargo.lock because --locked was passed to prevent this"
    ));
    assert!(!stale("npm error code E500"));
}
