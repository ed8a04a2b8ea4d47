//! Trees that break the rule, and trees that look as if they did.

use super::findings;
use crate::tidy::specimen::{Specimen, shown};

#[test]
fn a_link_to_a_missing_file_or_heading_is_found() {
    let specimen = Specimen::new()
        .file(
            "README.md",
            "[a](docs/a.md) [b](docs/gone.md)\n[c](docs/a.md#the-part) [d](docs/a.md#no-part)\n[e](docs)\n",
        )
        .file("docs/a.md", "# A\n## The part\n[up](../README.md \"title\") [me](#a)\n");
    assert_eq!(
        shown(&findings(&specimen.tree())),
        [
            "README.md:1: [links] `docs/gone.md` leads nowhere: there is no docs/gone.md",
            "README.md:2: [links] `docs/a.md#no-part`: docs/a.md has no heading `#no-part`",
        ]
    );
}

#[test]
fn links_of_the_web_and_links_in_code_are_left_alone() {
    let text = "[w](https://example.org/x) `[s](gone.md)`\n```\n[f](gone.md)\n```\n";
    let specimen = Specimen::new().file("README.md", text);
    assert!(findings(&specimen.tree()).is_empty());
}
