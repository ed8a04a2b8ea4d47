//! A migration without a database from before it is a guess.

use super::tree::{Finding, Tree};

const STORE: &str = "crates/gangline-store/";

/// Looks for migrations that no file below a `fixtures` folder of the store is named after.
pub(super) fn findings(tree: &Tree) -> Vec<Finding> {
    let files: Vec<_> = tree.below(STORE).collect();
    let fixtures: Vec<&str> =
        files.iter().filter(|file| file.is_fixture()).map(|file| name(&file.path)).collect();
    let migrations = files.iter().filter(|file| {
        !file.is_fixture()
            && file.is("sql")
            && file.path.split('/').any(|part| part == "migrations")
    });
    let without = migrations.filter(|file| {
        let stem = name(&file.path).trim_end_matches(".sql");
        !fixtures.iter().any(|fixture| fixture.starts_with(stem))
    });
    let finding = |path: &str| {
        let stem = name(path).trim_end_matches(".sql");
        let message = format!("no fixture: add {STORE}**/fixtures/{stem}.*");
        Finding::new("migrations", path, message)
    };
    without.map(|file| finding(&file.path)).collect()
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests;
