//! Trees that break the rule, and trees that look as if they did.

use super::findings;
use crate::tidy::specimen::{Specimen, shown};

#[test]
fn a_migration_without_a_fixture_is_found() {
    let specimen = Specimen::new()
        .file("crates/gangline-store/src/sqlite/migrations/0001_first.sql", "")
        .file("crates/gangline-store/src/sqlite/migrations/0002_second.sql", "")
        .file("crates/gangline-store/tests/fixtures/0001_first.dump.sql", "");
    assert_eq!(
        shown(&findings(&specimen.tree())),
        [
            "crates/gangline-store/src/sqlite/migrations/0002_second.sql: [migrations] no fixture: add crates/gangline-store/**/fixtures/0002_second.*"
        ]
    );
}
