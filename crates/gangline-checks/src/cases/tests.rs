use super::*;

fn check(path: &str, text: &str, expected: &[(&str, bool)]) {
    let found = cases(path, text);
    let found: Vec<(&str, bool)> =
        found.iter().map(|case| (case.name.as_str(), case.set_aside.is_some())).collect();
    assert_eq!(found, expected, "{text}");
}

#[test]
fn tests_of_rust_are_functions_behind_an_attribute() {
    check(
        "src/lib.rs",
        "#[test]\nfn a() {}\n#[test]\n#[ignore = \"slow\"]\nfn b() {}\n\
         #[tokio::test(flavor = \"x\")]\nasync fn c() {}\nfn d() {}\n// #[test]\nfn e() {}\n\
         #[test] #[cfg(windows)] pub fn f() {}\n#[cfg(test)]\nmod m {\n    #[test]\n    fn g() {}\n}",
        &[("a", false), ("b", true), ("c", false), ("f", true), ("g", false)],
    );
}

#[test]
fn tests_of_python_are_functions_by_their_name() {
    check(
        "tests/test_a.py",
        "def test_a():\n    pass\n\n@pytest.mark.skip(reason='x')\ndef test_b():\n    pass\n\n\
         class TestX:\n    async def test_c(self):\n        self.skipTest('x')\n\n\
         @unittest.skip('x')\nclass TestY:\n    def test_d(self): pass\n\ndef helper(): pass\n\
         def test_e(): pass\n# def test_f(): pass\n'''\ndef test_g(): pass\n'''",
        &[
            ("test_a", false),
            ("test_b", true),
            ("test_c", true),
            ("test_d", true),
            ("test_e", false),
        ],
    );
    check("test_a.py", "pytestmark = pytest.mark.skip\ndef test_a(): pass", &[("test_a", true)]);
}

#[test]
fn tests_of_scripts_are_calls_with_a_name() {
    check(
        "a.test.js",
        "describe('sum', () => {\n  it('adds', () => {});\n  it.skip(\"not\", f);\n});\n\
         test(`c`, { skip: true }, f);\ntest('d', { skip: false }, f);\nxit('e', f)\n\
         // it('f', g)\ntest.only('g', f)\nsubmit('h')",
        &[
            ("describe sum", false),
            ("adds", false),
            ("not", true),
            ("c", true),
            ("d", false),
            ("e", true),
            ("g", true),
        ],
    );
}

#[test]
fn tests_of_go_and_java_too() {
    check(
        "a_test.go",
        "package a\nfunc TestA(t *testing.T) {\n}\nfunc TestB(t *testing.T) {\n\tt.Skip(\"x\")\n}\n\
         func TestMain(m *testing.M) {}\nfunc help() {}",
        &[("TestA", false), ("TestB", true)],
    );
    check(
        "a_test.go",
        "//go:build never\n\npackage a\nfunc TestA(t *testing.T) {}",
        &[("TestA", true)],
    );
    check(
        "ATest.java",
        "@Test\nvoid adds() {}\n@Test @Disabled(\"x\")\npublic void subtracts() {}\nvoid help() {}",
        &[("adds", false), ("subtracts", true)],
    );
}
