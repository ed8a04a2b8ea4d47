use super::*;

/// One line for each proposal.
fn proposed(files: &[(&str, &str)]) -> String {
    let paths: BTreeSet<String> = files.iter().map(|(path, _)| (*path).to_owned()).collect();
    let read = |wanted: &str| {
        files.iter().find(|(path, _)| *path == wanted).map(|(_, text)| (*text).to_owned())
    };
    let Proposals { checks, setup } = propose(&paths, &read);
    let mut lines: Vec<String> = setup.iter().map(|run| format!("setup: {run}")).collect();
    for check in checks {
        let comment = if check.adoption == Adoption::Commented { "# " } else { "" };
        let kind = check.kind.word();
        let network = if check.network { ", network" } else { "" };
        let min = check.tests_min.map(|min| format!(", tests_min {min}")).unwrap_or_default();
        lines.push(format!("{comment}{} ({kind}{network}{min}): {}", check.name, check.run));
    }
    lines.join("\n")
}

#[test]
fn cargo() {
    let files = &[("Cargo.toml", "[workspace]\nmembers = []\n"), ("Cargo.lock", "")];
    insta::assert_snapshot!(proposed(files), @r#"
    setup: cargo fetch --locked
    typecheck (typecheck): cargo check --workspace --all-targets --locked
    test (test): cargo test --workspace --locked
    # clippy (lint): cargo clippy --workspace --all-targets --locked -- -D warnings
    # fmt (lint): cargo fmt --all --check
    "#);
    insta::assert_snapshot!(proposed(&[("Cargo.toml", "[package]\n")]), @r#"
    typecheck (typecheck, network): cargo check --all-targets
    test (test, network): cargo test
    # clippy (lint, network): cargo clippy --all-targets -- -D warnings
    # fmt (lint): cargo fmt --all --check
    "#);
}

#[test]
fn npm() {
    let package = r#"{
        "scripts": {"test": "vitest run", "type-check": "tsc", "lint": "biome check", "build": "b"},
        "devDependencies": {"vitest": "4"}
    }"#;
    insta::assert_snapshot!(
        proposed(&[("package.json", package), ("package-lock.json", "{}")]),
        @r#"
    setup: npm ci
    typecheck (typecheck): npm run type-check
    lint (lint): npm run lint
    test (test): npm test
    build (build): npm run build
    "#
    );
    insta::assert_snapshot!(proposed(&[("package.json", package), ("pnpm-lock.yaml", "")]), @r#"
    setup: pnpm install --frozen-lockfile
    typecheck (typecheck): pnpm run type-check
    lint (lint): pnpm run lint
    test (test): pnpm test
    build (build): pnpm run build
    "#);
}

#[test]
fn a_placeholder_is_no_test() {
    let package = r#"{"scripts": {"test": "echo \"Error: no test specified\" && exit 1"}}"#;
    assert_eq!(proposed(&[("package.json", package)]), "");
    assert_eq!(proposed(&[("package.json", "{ not json")]), "");
}

#[test]
fn python() {
    insta::assert_snapshot!(
        proposed(&[("pyproject.toml", "[tool.pytest.ini_options]\n[tool.mypy]\n[tool.ruff]\n")]),
        @r#"
    test (test): python3 -m pytest -q
    # typecheck (typecheck): python3 -m mypy .
    # lint (lint): ruff check .
    "#
    );
    insta::assert_snapshot!(proposed(&[("setup.py", ""), ("tests/test_a.py", "")]), @"test (test): python3 -m unittest");
    insta::assert_snapshot!(
        proposed(&[("requirements.txt", "pytest\n"), (".gitignore", "/.venv/\n")]),
        @r#"
    setup: python3 -m venv .venv && .venv/bin/pip install -q -r requirements.txt
    test (test): .venv/bin/python -m pytest -q
    "#
    );
    assert_eq!(proposed(&[("setup.py", "")]), "");
}

#[test]
fn go() {
    insta::assert_snapshot!(proposed(&[("go.mod", "module x\nrequire y v1.0.0\n")]), @r#"
    setup: go mod download
    vet (lint): go vet ./...
    test (test): go test -v ./...
    "#);
}

#[test]
fn maven() {
    insta::assert_snapshot!(proposed(&[("pom.xml", ""), ("mvnw", "")]), @"test (test, network): ./mvnw -B test");
}

#[test]
fn make_is_the_last_resort() {
    let makefile = "CC := cc\nall: x\ncheck test: all\n\t./run\n";
    insta::assert_snapshot!(proposed(&[("Makefile", makefile)]), @"test (test, tests_min 0): make test");
    let with_cargo = proposed(&[("Makefile", makefile), ("Cargo.toml", "[package]\n")]);
    assert!(!with_cargo.contains("make"), "{with_cargo}");
    assert_eq!(proposed(&[("Makefile", "test := 1\nall:\n")]), "");
}

#[test]
fn several_ecosystems_have_distinct_names() {
    let package = r#"{"scripts": {"test": "node --test"}}"#;
    let files = &[("Cargo.toml", "[package]\n"), ("Cargo.lock", ""), ("package.json", package)];
    insta::assert_snapshot!(proposed(files), @r#"
    setup: cargo fetch --locked
    cargo-typecheck (typecheck): cargo check --all-targets --locked
    cargo-test (test): cargo test --locked
    # cargo-clippy (lint): cargo clippy --all-targets --locked -- -D warnings
    # cargo-fmt (lint): cargo fmt --all --check
    npm-test (test): npm test
    "#);
}

#[test]
fn nothing_is_proposed_for_nothing() {
    assert_eq!(proposed(&[("README.md", "# hello")]), "");
}
