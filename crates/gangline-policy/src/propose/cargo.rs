use super::{Found, ProposedCheck, Repository, shell};

const MANIFEST: &str = "Cargo.toml";

/// Clippy and rustfmt are components that a toolchain may lack, and code that was never linted
/// fails at once: they are shown, not set.
pub(super) fn find(repository: &Repository<'_>) -> Option<Found> {
    let manifest = repository.text(MANIFEST)?;
    let workspace = manifest.lines().any(|line| line.trim() == "[workspace]");
    let all = if workspace { " --workspace" } else { "" };
    let locked = if repository.has("Cargo.lock") { " --locked" } else { "" };
    let test = format!("cargo test{all}{locked}");
    let check = format!("cargo check{all} --all-targets{locked}");
    let clippy = format!("cargo clippy{all} --all-targets{locked} -- -D warnings");
    let mut checks = vec![
        ProposedCheck::active("typecheck", &check, MANIFEST),
        ProposedCheck::active("test", &test, MANIFEST),
        ProposedCheck::commented("clippy", &clippy, MANIFEST),
        ProposedCheck::commented("fmt", "cargo fmt --all --check", MANIFEST),
    ];
    // What is locked can be fetched beforehand, so that the checks need no network. Without a
    // lock every build may resolve anew, and fetching would leave a file that git does not know.
    let setup = (!locked.is_empty()).then(|| shell("cargo fetch --locked"));
    for check in &mut checks {
        check.network = setup.is_none() && check.name != "fmt";
    }
    Some(Found { ecosystem: "cargo", checks, setup: setup.into_iter().collect() })
}
