//! Trees that break the rule, and trees that look as if they did.

use super::findings;
use crate::tidy::specimen::{Specimen, shown};

fn manifest(name: &str, rest: &str) -> String {
    format!("[package]\nname = \"{name}\"\n{rest}")
}

#[test]
fn an_edge_that_is_not_listed_is_found_with_its_line() {
    let specimen = Specimen::new()
        .file("crates/gangline-domain/Cargo.toml", &manifest("gangline-domain", ""))
        .file(
            "crates/gangline-store/Cargo.toml",
            &manifest(
                "gangline-store",
                "[dependencies]\ngangline-domain.workspace = true\n[dev-dependencies]\ngangline-git.workspace = true\n",
            ),
        );
    assert_eq!(
        shown(&findings(&specimen.tree())),
        [
            "crates/gangline-store/Cargo.toml:6: [edges] `gangline-store` must not depend on `gangline-git`"
        ]
    );
}

#[test]
fn an_edge_hidden_in_a_target_table_or_behind_another_name_is_found() {
    let specimen = Specimen::new().file(
        "crates/gangline-api/Cargo.toml",
        &manifest(
            "gangline-api",
            "[target.'cfg(unix)'.dependencies]\nquiet = { package = \"gangline-domain\", path = \"..\" }\n",
        ),
    );
    assert_eq!(
        shown(&findings(&specimen.tree())),
        [
            "crates/gangline-api/Cargo.toml: [edges] `gangline-api` must not depend on `gangline-domain`"
        ]
    );
}

#[test]
fn a_crate_without_a_row_and_an_impure_domain_are_found() {
    let specimen =
        Specimen::new().file("crates/gangline-new/Cargo.toml", &manifest("gangline-new", "")).file(
            "crates/gangline-domain/Cargo.toml",
            &manifest("gangline-domain", "[dependencies]\ntokio.workspace = true\n"),
        );
    assert_eq!(
        shown(&findings(&specimen.tree())),
        [
            "crates/gangline-domain/Cargo.toml:4: [edges] the domain is pure: it must not depend on `tokio`",
            "crates/gangline-new/Cargo.toml: [edges] `gangline-new` has no row in the list of allowed edges",
        ]
    );
}

#[test]
fn the_binary_may_know_every_crate() {
    let all = "[dependencies]\ngangline-git.workspace = true\ngangline-store.workspace = true\n";
    let specimen = Specimen::new().file("crates/gangline/Cargo.toml", &manifest("gangline", all));
    assert!(findings(&specimen.tree()).is_empty());
}
