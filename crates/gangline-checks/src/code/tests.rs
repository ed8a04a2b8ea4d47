use super::*;

fn check(path: &str, text: &str, expected: &str) {
    let language = Language::of(path).unwrap();
    assert_eq!(code(text, language, Keep::Code), expected, "{text}");
    assert_eq!(code(text, language, Keep::Code).len(), text.len());
}

#[test]
fn comments_and_strings_are_blanked_in_place() {
    check("a.rs", "let a = \"x // y\"; // z", "let a = \"      \";     ");
    check(
        "a.rs",
        "/* #[test] */ fn a<'l>(c: &'l str) { 'x' }",
        "              fn a<'l>(c: &'l str) { ' ' }",
    );
    check("a.rs", "r#\"a \" b\"# + x", "           + x");
    check("a.py", "x = '# no' # yes", "x = '    '      ");
    check("a.py", "\"\"\"def test_a():\n  pass\"\"\"\ny = 1", "                \n         \ny = 1");
    check("a.js", "const a = `b ${c}` // d", "const a = `      `     ");
    check("a.go", "s := \"a\\\"b\" /* c */", "s := \"    \"        ");
    check("a.sh", "echo \"a # b\" # c", "echo \"     \"    ");
}

#[test]
fn strings_stay_where_they_are_wanted() {
    let text = "it('adds', () => {}) // it('not')";
    assert_eq!(code(text, Language::Script, Keep::Strings), "it('adds', () => {})             ");
}

#[test]
fn no_text_is_too_odd() {
    let marks =
        ["\"", "'", "`", "r#\"", "/*", "*/", "//", "#", "\"\"\"", "'''", "\\", "\n", "é", "x"];
    let mut seed = 7_usize;
    for language in [
        Language::Rust,
        Language::Python,
        Language::Script,
        Language::Go,
        Language::Curly,
        Language::Hash,
    ] {
        for _round in 0..400 {
            let mut text = String::new();
            for _mark in 0..12 {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                text.push_str(marks[(seed >> 33) % marks.len()]);
            }
            let blanked = code(&text, language, Keep::Code);
            assert_eq!(blanked.matches('\n').count(), text.matches('\n').count(), "{text:?}");
        }
    }
}
