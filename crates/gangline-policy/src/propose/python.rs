use super::{Found, ProposedCheck, Repository, shell};
use crate::command::CommandLine;

pub(super) fn find(repository: &Repository<'_>) -> Option<Found> {
    let manifest = repository.first_of(&[
        "pyproject.toml",
        "setup.py",
        "setup.cfg",
        "pytest.ini",
        "tox.ini",
        "requirements.txt",
    ]);
    let tests = repository.any(is_test);
    let found_in = match (manifest, tests) {
        (Some(manifest), _) => manifest,
        (None, true) => "tests",
        (None, false) => return None,
    };
    let mut checks = Vec::new();
    let pyproject = repository.text("pyproject.toml").unwrap_or_default();
    if let Some(pytest) = pytest_in(repository, &pyproject) {
        checks.push(ProposedCheck::active("test", "python3 -m pytest -q", pytest));
    } else if tests {
        checks.push(ProposedCheck::active("test", "python3 -m unittest", found_in));
    }
    if pyproject.contains("[tool.mypy]") || repository.has("mypy.ini") {
        checks.push(ProposedCheck::commented("typecheck", "python3 -m mypy .", found_in));
    }
    if pyproject.contains("[tool.ruff") || repository.has("ruff.toml") {
        checks.push(ProposedCheck::commented("lint", "ruff check .", found_in));
    }
    let setup = environment(repository);
    if setup.is_some() {
        for check in &mut checks {
            if let CommandLine::Shell(line) = &mut check.run {
                *line = line.replace("python3 -m", ".venv/bin/python -m");
            }
        }
    }
    Some(Found { ecosystem: "python", checks, setup: setup.into_iter().collect() })
}

/// An environment of the checkout's own, where git ignores it: it would otherwise count as work
/// that was left uncommitted.
fn environment(repository: &Repository<'_>) -> Option<CommandLine> {
    let ignored = repository.text(".gitignore")?;
    let is_venv = |line: &str| line.trim().trim_matches('/') == ".venv";
    if !ignored.lines().any(is_venv) {
        return None;
    }
    let file = repository.first_of(&[
        "requirements-dev.txt",
        "dev-requirements.txt",
        "requirements.txt",
    ])?;
    Some(shell(&format!("python3 -m venv .venv && .venv/bin/pip install -q -r {file}")))
}

/// The file that shows that the project's tests are pytest's.
fn pytest_in(repository: &Repository<'_>, pyproject: &str) -> Option<&'static str> {
    let mentions = |file: &str| repository.text(file).is_some_and(|text| text.contains("pytest"));
    if let Some(file) = repository.first_of(&["pytest.ini", "conftest.py", "tests/conftest.py"]) {
        return Some(file);
    }
    if pyproject.contains("pytest") {
        return Some("pyproject.toml");
    }
    ["tox.ini", "setup.cfg", "requirements-dev.txt", "dev-requirements.txt", "requirements.txt"]
        .into_iter()
        .find(|file| mentions(file))
}

fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let python = std::path::Path::new(name).extension().is_some_and(|ending| ending == "py");
    python && (name.starts_with("test_") || name.ends_with("_test.py"))
}
