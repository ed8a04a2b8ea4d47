use super::*;
use crate::bench::{edited, policy};

/// What of a changed file decides how tests are run.
fn check(path: &str, before: &str, after: &str, expected: &[&str]) {
    let policy = policy("[checks.test]\nrun = \"sh ./ci/check.sh && make test\"\n");
    let found = findings(&policy, &[edited(path, before, after)]);
    let found: Vec<&str> = found.iter().map(|found| found.what.as_str()).collect();
    assert_eq!(found, expected, "{path}: {after}");
}

#[test]
fn what_the_policy_runs_is_the_policys() {
    check("ci/check.sh", "pytest", "true", &["a command of the policy runs it"]);
    check("Makefile", "test:\n\tpytest", "test:\n", &["`make` of the policy reads it"]);
    check("justfile", "a", "b", &[]);
}

#[test]
fn a_cargo_manifest_may_change_but_not_its_tests() {
    let base = "[package]\nname = \"a\"\nversion = \"0.1.0\"\n";
    check("Cargo.toml", base, &format!("{base}[dependencies]\nserde = \"1\"\n"), &[]);
    check("Cargo.toml", base, &format!("{base}[features]\nfast = []\n"), &[]);
    check(
        "Cargo.toml",
        base,
        &format!("{base}autotests = false\n"),
        &["`package.autotests` was added"],
    );
    check("Cargo.toml", base, &format!("{base}[lib]\ntest = false\n"), &["`lib.test` was added"]);
    check(
        "Cargo.toml",
        base,
        &format!("{base}[patch.crates-io]\na = {{ path = \"x\" }}\n"),
        &["`[patch]` was added"],
    );
    check("b/Cargo.toml", "", base, &[]);
    check("b/Cargo.toml", "", &format!("{base}[lib]\ntest = false\n"), &["`lib.test` was added"]);
    check(
        "Cargo.toml",
        "[workspace]\nmembers = [\"a\"]\n",
        "[workspace]\nmembers = [\"a\", \"b\"]\n",
        &[],
    );
    check("build.rs", "", "println!(\"cargo:rustc-env=VERSION=1\");", &[]);
    check(
        "build.rs",
        "",
        "println!(\"cargo::rustc-cfg=no_tests\");",
        &["the build script sets `rustc-cfg`"],
    );
}

#[test]
fn a_package_may_change_but_not_its_scripts() {
    let base = r#"{"version": "1.0.0", "scripts": {"test": "node --test"}}"#;
    check(
        "package.json",
        base,
        r#"{"version": "1.0.1", "scripts": {"test": "node --test", "docs": "x"}}"#,
        &[],
    );
    check("package.json", base, r#"{"scripts": {"test": "true"}}"#, &["the script `test` changed"]);
    check(
        "package.json",
        base,
        r#"{"scripts": {"test": "node --test", "pretest": "rm -r test"}}"#,
        &["the script `pretest` was added, which npm runs by itself"],
    );
    check("package.json", base, "{}", &["the script `test` was taken out"]);
    check("packages/b/package.json", "", base, &[]);
    check("vitest.config.ts", "", "x", &["the runner's configuration was added"]);
}

#[test]
fn fixtures_may_come_and_hooks_may_not() {
    check("tests/conftest.py", "", "@pytest.fixture\ndef db():\n    return 1\n", &[]);
    check(
        "conftest.py",
        "",
        "import os\ndef pytest_sessionfinish():\n    os._exit(0)\n",
        &["`def pytest_` was added", "`_exit(` was added", "`exit(` was added"],
    );
    check(
        "pytest.ini",
        "",
        "[pytest]\naddopts = -k nothing",
        &["the runner's configuration was added"],
    );
    check("pyproject.toml", "[project]\nname='a'", "[project]\nname='a'\nversion='1'", &[]);
    check(
        "pyproject.toml",
        "[project]\nname='a'",
        "[project]\nname='a'\n[tool.pytest.ini_options]\ntestpaths=['x']",
        &["`[tool.pytest]` changed"],
    );
    check("pytest.py", "", "x", &["it stands in front of python's `pytest`"]);
    check("tests/unittest/__init__.py", "", "x", &["it stands in front of python's `unittest`"]);
    check("src/mock_server.py", "", "x", &[]);
    check("x.pth", "", "import evil", &["python runs it by itself"]);
}

#[test]
fn go_runs_tests_by_its_own_main_unless_told_otherwise() {
    check("go.mod", "module a", "module a\n\nrequire x v1.0.0", &[]);
    check("go.mod", "module a", "module a\nreplace x => ../y", &["`replace x => ../y` was added"]);
    check(
        "a_test.go",
        "func TestA(t *testing.T) {}",
        "func TestMain(m *testing.M) {\n\tos.Exit(0)\n}\nfunc TestA(t *testing.T) {}",
        &["`TestMain` decides whether tests run, and is new or changed"],
    );
}

#[test]
fn a_manifest_does_not_come_between_tests_and_what_they_load() {
    let policy = policy("[checks.test]\nrun = \"npm test\"\n");
    let manifest = edited("src/package.json", "", "{ \"main\": \"./all.js\" }");
    let found = findings(&policy, &[edited("src/total.js", "a", "b"), manifest.clone()]);
    assert_eq!(found[0].what, "a manifest stands above src/total.js now");
    assert_eq!(findings(&policy, &[edited("src/total.js", "", "b"), manifest]), []);
}
