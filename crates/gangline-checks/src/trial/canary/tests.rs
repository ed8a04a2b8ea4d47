use super::*;

/// What is planted in a tree with these files.
fn check(files: &[(&str, &str)], expected: &[&str]) -> Vec<Planted> {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        tree::write(root.path(), path, text).unwrap();
    }
    let planted = plants(root.path(), &Suite::default(), "abc");
    let paths: Vec<&str> = planted.iter().map(|planted| planted.path.as_str()).collect();
    assert_eq!(paths, expected);
    planted
}

#[test]
fn a_failing_test_is_planted_beside_those_that_are_there() {
    check(&[("tests/test_a.py", "x")], &["tests/test_a.py", "tests/test_holds_nothing_abc.py"]);
    check(&[("pkg/a_test.go", "package a_test\n")], &["pkg/holds_nothing_abc_test.go"]);
    check(
        &[
            ("Cargo.toml", "[package]\nname = \"a\""),
            ("src/lib.rs", "fn f() {}"),
            ("tests/a.rs", ""),
        ],
        &["tests/holds_nothing_abc.rs"],
    );
    let inline = "fn f() {}\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn a() {}\n}\n";
    check(&[("Cargo.toml", "[package]\nname = \"a\""), ("src/lib.rs", inline)], &["src/lib.rs"]);
    check(&[("README.md", "x")], &[]);
    check(&[("node_modules/a/a.test.js", "x")], &[]);
}

#[test]
fn it_belongs_to_the_runner_of_the_file_beside_it() {
    let head = "import { test } from 'node:test';\nimport assert from 'node:assert';\n\ntest('a', () => {});\n";
    let planted = check(
        &[("test/a.test.mjs", head)],
        &["test/a.test.mjs", "test/holds_nothing_abc.test.mjs"],
    );
    insta::assert_snapshot!(planted[1].text, @r"
    import { test } from 'node:test';

    test('holds_nothing_abc', () => {
      throw new Error('holds_nothing_abc');
    });
    ");
    let head = "const { describe, it } = require('node:test');\n";
    let planted = check(&[("a.spec.js", head)], &["a.spec.js", "holds_nothing_abc.spec.js"]);
    assert!(planted[1].text.contains("\nit('"), "{}", planted[1].text);
    let planted =
        check(&[("a.test.ts", "test('x', f)")], &["a.test.ts", "holds_nothing_abc.test.ts"]);
    assert!(planted[1].text.contains("\ntest('"), "{}", planted[1].text);
}
