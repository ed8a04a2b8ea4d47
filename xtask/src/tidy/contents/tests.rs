//! Trees that break the rule, and trees that look as if they did.

use super::findings;
use crate::tidy::specimen::{Specimen, shown};

#[test]
fn code_in_a_table_of_contents_is_found_and_a_table_is_not() {
    let sources = Specimen::new()
        .file("crates/a/Cargo.toml", "[package]\nname = \"a\"")
        .file(
            "crates/a/src/lib.rs",
            "//! Docs.\n#![warn(missing_docs)]\nmod deep;\n/// Doc.\npub mod b;\npub use b::B;\n#[cfg(test)]\nmod tests { fn f() {} }\n",
        )
        .file("crates/a/src/b.rs", "use std::fmt;\npub struct B;")
        .file("crates/a/src/deep/mod.rs", "use std::fmt;\n\nfn helper() {}\nmacro_rules! m { () => {} }")
        .sources();
    let rest = "[contents] only docs, `mod` and `pub use` stand in a table of contents: move this to a module";
    assert_eq!(
        shown(&findings(&sources)),
        [1, 3, 4].map(|line| format!("crates/a/src/deep/mod.rs:{line}: {rest}"))
    );
}
