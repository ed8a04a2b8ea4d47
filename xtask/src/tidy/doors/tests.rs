//! Trees that break the rule, and trees that look as if they did.

use super::findings;
use crate::tidy::specimen::{Specimen, shown};

fn check(path: &str, text: &str, expected: &[&str]) {
    let specimen = Specimen::new()
        .file("crates/gangline-node/Cargo.toml", "[package]\nname = \"gangline-node\"")
        .file("crates/gangline-domain/Cargo.toml", "[package]\nname = \"gangline-domain\"")
        .file("crates/gangline-process/Cargo.toml", "[package]\nname = \"gangline-process\"")
        .file(path, text);
    assert_eq!(shown(&findings(&specimen.sources())), expected, "{text}");
}

#[test]
fn a_second_door_to_processes_is_found_however_it_is_imported() {
    let message = "only gangline-process starts processes; give it a command instead";
    for (line, text) in [
        (1, "fn f() { std::process::Command::new(\"x\"); }"),
        (1, "fn f() { m!(tokio::process::Command::new(1)); }"),
    ] {
        let sources = Specimen::new()
            .file("crates/gangline-node/Cargo.toml", "[package]\nname = \"gangline-node\"")
            .file("crates/gangline-node/src/lib.rs", text)
            .sources();
        let found = shown(&findings(&sources));
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with(&format!("crates/gangline-node/src/lib.rs:{line}: ")));
    }
    check(
        "crates/gangline-node/src/lib.rs",
        "use std::{fmt,\n    process::{Command, ExitCode}};\nuse tokio::process;\nfn f() { process::Command::new(1) }",
        &[
            &format!(
                "crates/gangline-node/src/lib.rs:2: [one-door] `std::process::Command`: {message}"
            ),
            &format!(
                "crates/gangline-node/src/lib.rs:4: [one-door] `process::Command::new`: {message}"
            ),
        ],
    );
}

#[test]
fn the_door_itself_tests_and_words_in_strings_are_left_alone() {
    check("crates/gangline-process/src/lib.rs", "use std::process::Command;", &[]);
    check("crates/gangline-node/tests/it/main.rs", "use std::process::Command;", &[]);
    check(
        "crates/gangline-node/src/lib.rs",
        "/// Never `std::process::Command::new`.\nfn f() -> &'static str { r#\"std::process::Command::new(\"#  }\n#[cfg(test)]\nmod tests {\n    use std::process::Command;\n}\n",
        &[],
    );
}

#[test]
fn a_domain_that_looks_at_the_clock_is_found() {
    check(
        "crates/gangline-domain/src/lib.rs",
        "use std::time::{Duration, SystemTime};\nfn f() { std::fs::read(\"x\"); }\n",
        &[
            "crates/gangline-domain/src/lib.rs:1: [pure-domain] `std::time::SystemTime`: the domain has no clock, randomness or I/O; take it as an argument",
            "crates/gangline-domain/src/lib.rs:2: [pure-domain] `std::fs::read`: the domain has no clock, randomness or I/O; take it as an argument",
        ],
    );
    check("crates/gangline-domain/src/lib.rs", "use std::time::Duration;", &[]);
}
