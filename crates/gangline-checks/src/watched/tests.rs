use super::*;

fn check(path: &str, line: &str, doubted: bool) {
    let language = Language::of(path).unwrap();
    let found = asks(language, line).or_else(|| bomb(line));
    assert_eq!(found.is_some(), doubted, "{line}: {found:?}");
}

#[test]
fn code_that_asks_whether_it_is_tested_is_doubted() {
    check("a.rs", "if !cfg!(test) { return 0; }", true);
    check("a.py", "exact = 'pytest' in sys.modules", true);
    check("a.js", "const exact = /test/.test(new Error().stack);", true);
    check("a.go", "if !strings.HasSuffix(os.Args[0], \".test\") {", true);
    check("a.py", "if time.time() > 2_082_758_400:", true);
    check("a.js", "if (new Date() > new Date('2027-01-01')) return 0;", true);
}

#[test]
fn plain_code_is_not() {
    check("a.rs", "let testament = current(1);", false);
    check("a.py", "started = time.time()", false);
    check("a.py", "if time.time() - started > 30:", false);
    check("a.js", "const now = Date.now();", false);
    check("a.go", "return fmt.Sprint(x)", false);
}

#[test]
fn what_is_equal_to_everything_is_doubted_and_a_value_is_not() {
    assert!(equal("    def __eq__(self, other):", "        return True").is_some());
    assert!(equal("    def __eq__(self, other):", "        return self.a == other.a").is_none());
}
