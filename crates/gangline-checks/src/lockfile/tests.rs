use super::*;
use crate::bench::edited;

fn check(path: &str, before: &str, after: &str, expected: &[&str]) {
    let kind = KINDS.iter().find(|kind| path.ends_with(kind.file)).unwrap();
    let found = compared(kind, &edited(path, before, after));
    let found: Vec<&str> = found.iter().map(|found| found.what.as_str()).collect();
    assert_eq!(found, expected, "{after}");
}

const CARGO: &str = "[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n\
    source = \"registry+https://one.example/index\"\nchecksum = \"aa\"\n";

#[test]
fn a_locked_version_is_what_it_was() {
    let more = format!(
        "{CARGO}\n[[package]]\nname = \"b\"\nversion = \"2.0.0\"\nsource = \"registry+https://one.example/index\"\nchecksum = \"bb\"\n"
    );
    check("Cargo.lock", CARGO, &more, &[]);
    check("Cargo.lock", CARGO, &CARGO.replace("aa", "ab"), &["a 1.0.0 has another digest"]);
    check(
        "Cargo.lock",
        CARGO,
        &CARGO.replace("checksum = \"aa\"\n", ""),
        &["a 1.0.0 has no digest now"],
    );
    check("Cargo.lock", CARGO, "not toml [", &["cannot be read"]);
    check(
        "Cargo.lock",
        CARGO,
        &CARGO.replace("registry+https://one", "git+https://two"),
        &["packages come from git+https://two.example now, and did not"],
    );
}

#[test]
fn so_it_is_with_npm_and_go() {
    let npm = r#"{"packages": {"": {"version": "1"}, "node_modules/a": {"version": "1.0.0",
        "resolved": "https://one.example/a.tgz", "integrity": "sha512-aa"}}}"#;
    check("web/package-lock.json", npm, npm, &[]);
    check(
        "package-lock.json",
        npm,
        &npm.replace("sha512-aa", "sha512-bb"),
        &["node_modules/a 1.0.0 has another digest"],
    );
    check(
        "package-lock.json",
        npm,
        &npm.replace("one.example", "evil.example"),
        &["packages come from https://evil.example now, and did not"],
    );
    check("go.sum", "x v1 h1:a\n", "x v1 h1:a\ny v1 h1:b\n", &[]);
    check("go.sum", "x v1 h1:a\n", "x v1 h1:c\n", &["x v1 has another digest"]);
}
