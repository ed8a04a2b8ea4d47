use super::{Found, ProposedCheck, Repository, shell};

const MANIFEST: &str = "go.mod";

pub(super) fn find(repository: &Repository<'_>) -> Option<Found> {
    let manifest = repository.text(MANIFEST)?;
    let depends = manifest.lines().any(|line| line.trim_start().starts_with("require"));
    Some(Found {
        ecosystem: "go",
        checks: vec![
            ProposedCheck::active("vet", "go vet ./...", MANIFEST),
            // Without -v a passing package is one line, and no test can be counted.
            ProposedCheck::active("test", "go test -v ./...", MANIFEST),
        ],
        setup: depends.then(|| shell("go mod download")).into_iter().collect(),
    })
}
