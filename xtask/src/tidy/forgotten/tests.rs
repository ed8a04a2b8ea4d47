//! Trees that break the rule, and trees that look as if they did.

use super::findings;
use crate::tidy::specimen::{Specimen, shown};

fn crate_a() -> Specimen {
    Specimen::new().file("crates/a/Cargo.toml", "[package]\nname = \"a\"")
}

#[test]
fn a_test_file_that_nothing_declares_is_found() {
    let sources = crate_a()
        .file("crates/a/src/lib.rs", "mod b;")
        .file("crates/a/src/b.rs", "")
        .file("crates/a/src/b/tests.rs", "#[test] fn never_run() {}")
        .file("crates/a/tests/it/main.rs", "mod world;")
        .file("crates/a/tests/it/world.rs", "mod deep;")
        .file("crates/a/tests/it/world/deep.rs", "")
        .file("crates/a/tests/it/lost.rs", "")
        .sources();
    let rest = "[forgotten] no `mod` declaration reaches this file, so nothing ever compiles it";
    assert_eq!(
        shown(&findings(&sources)),
        ["src/b/tests.rs", "tests/it/lost.rs"].map(|path| format!("crates/a/{path}: {rest}"))
    );
}

#[test]
fn a_path_attribute_an_inline_module_and_a_bin_are_followed() {
    let sources = crate_a()
        .file("crates/a/src/main.rs", "#[path = \"odd/name.rs\"] mod b; mod inline { mod c; }")
        .file("crates/a/src/odd/name.rs", "mod beside;")
        .file("crates/a/src/odd/beside.rs", "")
        .file("crates/a/src/inline/c.rs", "#[cfg(test)] mod tests;")
        .file("crates/a/src/inline/c/tests.rs", "")
        .file("crates/a/src/bin/tool.rs", "")
        .file("crates/a/tests/fixtures/foreign.rs", "not even rust")
        .sources();
    assert!(sources.findings.is_empty(), "{:?}", sources.findings);
    assert!(findings(&sources).is_empty(), "{:?}", findings(&sources));
}

#[test]
fn tests_compiled_into_the_program_and_a_second_binary_are_found() {
    let sources = crate_a()
        .file("crates/a/src/lib.rs", "mod tests;")
        .file("crates/a/src/tests.rs", "")
        .file("crates/a/tests/it/main.rs", "")
        .file("crates/a/tests/other.rs", "")
        .sources();
    assert_eq!(
        shown(&findings(&sources)),
        [
            "crates/a/src/tests.rs: [forgotten] declared without `#[cfg(test)]`: it is compiled into the program",
            "crates/a/tests/other.rs: [forgotten] a second integration-test binary: make it a module of the first",
        ]
    );
}

#[test]
fn a_declared_module_without_a_file_and_broken_syntax_are_found() {
    let sources = crate_a()
        .file("crates/a/src/lib.rs", "mod b;\nmod gone;")
        .file("crates/a/src/b.rs", "fn (")
        .sources();
    let found = shown(&sources.findings);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("crates/a/src/b.rs:1: [parse] does not parse: "));
    assert_eq!(found[1], "crates/a/src/lib.rs:2: [parse] `mod gone` has no file");
}
