//! Trees that break the rule, and trees that look as if they did.

use super::findings;
use crate::tidy::specimen::{Specimen, shown};

#[test]
fn a_banned_package_in_the_lock_file_is_found_with_the_reason() {
    let specimen = Specimen::new()
        .file("deny.toml", "[bans]\ndeny = [{ crate = \"bad\", reason = \"it is bad\" }]\n")
        .file("Cargo.lock", "[[package]]\nname = \"bad\"\n[[package]]\nname = \"good\"\n");
    assert_eq!(
        shown(&findings(&specimen.tree())),
        ["Cargo.lock: [bans] `bad` is banned: it is bad"]
    );
}
