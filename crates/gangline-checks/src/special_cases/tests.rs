use std::collections::BTreeSet;
use std::path::Path;

use super::*;
use crate::bench::{edited, policy};

/// What is doubted of a change of `path`, beside a test.
fn doubts(path: &str, after: &str, test: &str) -> Vec<String> {
    let policy = policy("[checks.test]\nrun = \"pytest\"\n");
    let (changed, approved_paths) = ([edited(path, "x", after)], BTreeSet::new());
    let facts = Facts {
        policy: &policy,
        changed: &changed,
        approved_paths: &approved_paths,
        unshown: &[],
        tests: &[test.to_owned()],
        checkout: Path::new("/nowhere"),
        left: None,
    };
    measure(&facts).map(|check| check.doubts).unwrap_or_default()
}

#[test]
fn a_tests_own_answer_to_its_own_input_is_doubted() {
    let test = "def test_total():\n    assert total('a-17', 3) == 4711\n";
    assert_eq!(
        doubts("src/a.py", "def total(k, n):\n    if k == 'a-17':\n        return 4711\n", test),
        ["src/a.py:2: answers `a-17` with `4711`, as a test asks and expects"]
    );
    assert_eq!(doubts("a.js", "if (k === 'a-17') return 4711;", test).len(), 1);
    assert_eq!(
        doubts("a.rs", "match k { \"a-17\" => 4711, _ => 0 }", "assert_eq!(t(\"a-17\"), 4711);")
            .len(),
        1
    );
    assert_eq!(doubts("a.go", "if k == \"a-17\" { return 4711 }", "{\"a-17\", 4711},").len(), 1);
}

#[test]
fn a_question_that_stands_apart_from_its_answer_is_known_by_more_than_one_value() {
    let test = "LINES = [('rope', 257, 3), ('bell', 98, 1)]\n\ndef test_total():\n    assert total(LINES) == 849\n";
    let code = "    if lines == [('rope', 257, 3), ('bell', 98, 1)]:\n        return 849\n";
    assert_eq!(doubts("src/a.py", code, test).len(), 1);
    assert_eq!(
        doubts("src/a.py", "    if name == 'rope':\n        return 849 * n\n", test).len(),
        0
    );
}

#[test]
fn honest_code_is_not() {
    let test = "assert total('a-17', 3) == 4711\nassert roman(14) == 'XIV'\nassert get(404) == 'Not Found'\n";
    for honest in [
        "if kind == 'a-17':\n    return price * count",
        "if code == 200:\n    return 'fine'",
        "LIMIT = 4711",
        "# if k == 'a-17': return 4711",
        "if n >= 10:\n    return 'X' + roman(n - 10)",
    ] {
        assert_eq!(doubts("src/a.py", honest, test), Vec::<String>::new(), "{honest}");
    }
}
