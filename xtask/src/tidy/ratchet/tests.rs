//! Sizes just within and just beyond each limit, and every way in which the list can be wrong.

use super::{LIST, findings};
use crate::tidy::specimen::{Specimen, shown};

const FILE: &str = "crates/a/src/lib.rs";

fn check(source: &str, list: &str, expected: &[&str]) {
    let specimen = Specimen::new()
        .file("crates/a/Cargo.toml", "[package]\nname = \"a\"")
        .file(FILE, source)
        .file(LIST, list);
    assert_eq!(shown(&findings(&specimen.tree(), &specimen.sources())), expected);
}

/// A function of so many lines, braces included.
fn function(name: &str, lines: usize) -> String {
    format!("fn {name}() {{\n{}}}\n", "    f();\n".repeat(lines - 2))
}

#[test]
fn a_function_may_have_seventy_lines_and_not_one_more() {
    check(&function("fits", 70), "", &[]);
    check(
        &format!("struct S;\nimpl S {{\n{}}}\n", function("long", 71)),
        "",
        &["crates/a/src/lib.rs:3: [ratchet] `long` has 71 lines, 70 are allowed"],
    );
}

#[test]
fn a_file_may_have_five_hundred_lines_of_program() {
    let line = "const A: u8 = 1;\n";
    let apart = "\n// Doc.\n\n/* more */\n/// On the next.\n#[cfg(test)]\nmod tests {\n    use super::*;\n}\n";
    check(&format!("{}{apart}", line.repeat(500)), "", &[]);
    check(
        &format!("{}{apart}", line.repeat(501)),
        "",
        &["crates/a/src/lib.rs: [ratchet] 501 program lines, 500 are allowed"],
    );
}

#[test]
fn strings_that_look_like_comments_or_code_do_not_confuse_the_count() {
    let tricky = "const A: &str = r##\"\n// not a comment\nfn not_a_function() {\n\"##;\nfn f<'a>(_: &'a str) -> char { '{' }\n";
    check(&tricky.repeat(100), "", &[]);
    check(
        &tricky.repeat(101),
        "",
        &["crates/a/src/lib.rs: [ratchet] 505 program lines, 500 are allowed"],
    );
}

#[test]
fn a_function_may_have_five_parameters_beside_its_receiver() {
    check(
        "impl S { fn fits(&self, a: A, b: A, c: A, d: A, e: A) {} }\nfn many(a: A, b: A, c: A, d: A, e: A, f: A) {}\n",
        "",
        &["crates/a/src/lib.rs:2: [ratchet] `many` has 6 parameters, 5 are allowed"],
    );
}

#[test]
fn a_large_file_of_any_kind_is_found() {
    let specimen = Specimen::new().file(LIST, "").file("logo.svg", &"x".repeat(256 * 1024 + 1));
    assert_eq!(
        shown(&findings(&specimen.tree(), &specimen.sources())),
        ["logo.svg: [ratchet] 262145 bytes, 262144 are allowed"]
    );
}

#[test]
fn tests_are_counted_apart() {
    let specimen = Specimen::new()
        .file("crates/a/Cargo.toml", "[package]\nname = \"a\"")
        .file(FILE, "#[cfg(test)]\nmod tests;\n")
        .file("crates/a/src/tests.rs", &function("long", 600))
        .file("crates/a/tests/it/main.rs", &function("long", 600))
        .file(LIST, "");
    assert_eq!(shown(&findings(&specimen.tree(), &specimen.sources())), [""; 0]);
}

#[test]
fn what_stands_on_the_list_with_its_size_passes() {
    check(&function("long", 80), "[function_lines]\n\"crates/a/src/lib.rs::long\" = 80\n", &[]);
}

#[test]
fn what_has_grown_fails() {
    check(
        &function("long", 81),
        "[function_lines]\n\"crates/a/src/lib.rs::long\" = 80\n",
        &[
            "crates/a/src/lib.rs:1: [ratchet] `long` has 81 lines, 70 are allowed; it has grown from 80",
        ],
    );
}

#[test]
fn what_has_shrunk_must_be_lowered() {
    check(
        &function("long", 75),
        "[function_lines]\n\"crates/a/src/lib.rs::long\" = 80\n",
        &[
            "crates/a/src/lib.rs:1: [ratchet] smaller than the 80 in xtask/ratchet.toml: lower it to 75",
        ],
    );
}

#[test]
fn what_fits_again_or_is_gone_must_leave_the_list() {
    check(
        &function("short", 60),
        "[function_lines]\n\"crates/a/src/lib.rs::short\" = 80\n[file_lines]\n\"crates/a/src/gone.rs\" = 900\n",
        &[
            "crates/a/src/lib.rs:1: [ratchet] within the limit now: remove it from xtask/ratchet.toml",
            "xtask/ratchet.toml: [ratchet] file_lines: `crates/a/src/gone.rs` is gone: remove it",
        ],
    );
}

#[test]
fn a_list_that_is_missing_or_unreadable_is_found() {
    let specimen = Specimen::new();
    assert_eq!(
        shown(&findings(&specimen.tree(), &specimen.sources())),
        ["xtask/ratchet.toml: [ratchet] the list is missing: an empty file will do"]
    );
    check(
        "",
        "[functions]\n",
        &["xtask/ratchet.toml: [ratchet] `functions` is not a table of the list"],
    );
}
