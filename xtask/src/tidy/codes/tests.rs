//! Trees that break the rule, and trees that look as if they did.

use super::{DECLARED, findings};
use crate::tidy::specimen::{Specimen, shown};

#[test]
fn a_code_without_a_page_and_a_page_without_a_code_are_found() {
    let specimen = Specimen::new()
        .file(
            DECLARED,
            "macro_rules! codes { () => {} }\ncodes! {\n    /// Doc.\n    no_such_ticket = 404,\n    not_yours = 403,\n    worn = 410,\n}\nconst X: u16 = 7;\n",
        )
        .file("docs/errors/README.md", "# Errors\n")
        .file("docs/errors/not_yours.md", "# not_yours\n\nStatus 403.\n")
        .file("docs/errors/worn.md", "# torn\n")
        .file("docs/errors/gone.md", "# gone\n");
    assert_eq!(
        shown(&findings(&specimen.tree())),
        [
            "crates/gangline-api/src/codes.rs:4: [error-codes] `no_such_ticket` has no page: write docs/errors/no_such_ticket.md",
            "docs/errors/worn.md: [error-codes] must begin with `# worn`",
            "docs/errors/worn.md: [error-codes] must name the HTTP status 410",
            "docs/errors/gone.md: [error-codes] no code `gone` is declared",
        ]
    );
}

#[test]
fn a_list_that_can_no_longer_be_read_is_found() {
    let specimen = Specimen::new().file(DECLARED, "pub enum Code {}\n");
    assert_eq!(findings(&specimen.tree()).len(), 1);
}
