use std::collections::BTreeSet;
use std::os::unix::fs::symlink;

use super::*;
use crate::bench::{World, edited, policy};

const PY: &str = include_str!("../../fixtures/coverage-py.source");
const JS: &str = include_str!("../../fixtures/coverage-js.source");
const GO: &str = include_str!("../../fixtures/coverage-go.source");

/// A checkout with a change in it and a file of coverage; true unless a test makes it lie.
struct Case {
    changed: Vec<ChangedPath>,
    /// Where the file is, and what it holds; `/checkout` in it is the checkout.
    file: (&'static str, String),
    policy: String,
    approved: BTreeSet<String>,
    world: World,
}

impl Case {
    /// A new file and what a tool said of it.
    fn new(path: &str, text: &str, file: &'static str, data: &str) -> Self {
        let policy = "[checks.test]\nrun = \"x\"\n".to_owned();
        let changed = vec![edited(path, "", text)];
        let approved = BTreeSet::new();
        Self { changed, file: (file, data.to_owned()), policy, approved, world: World::new() }
    }

    fn python(data: &str) -> Self {
        Self::new("shop/cart.py", PY, "out/coverage", data)
    }

    fn rule(mut self, line: &str) -> Self {
        self.policy = format!("{}{line}\n", self.policy);
        self
    }

    fn also(mut self, path: &str, before: &str, after: &str) -> Self {
        self.changed.push(edited(path, before, after));
        self
    }

    fn measured(&self) -> CheckResult {
        let (path, data) = &self.file;
        let checkout = self.world.bench.checkout.to_str().unwrap();
        for changed in &self.changed {
            if let Some(text) = changed.text_after() {
                self.world.file(&changed.path, text);
            }
        }
        if !data.is_empty() {
            self.world.file(path, data.replace("/checkout", checkout));
        }
        self.of_what_is_there(SystemTime::now())
    }

    fn of_what_is_there(&self, began: SystemTime) -> CheckResult {
        let (keys, rest) = self.policy.split_once("\n[").unwrap_or((&self.policy, ""));
        let rest = if rest.is_empty() { String::new() } else { format!("[{rest}") };
        let text = format!("{keys}\ncoverage = \"{}\"\n{rest}", self.file.0);
        let policy = policy(&text);
        let facts = Facts {
            policy: &policy,
            changed: &self.changed,
            approved_paths: &self.approved,
            unshown: &[],
            tests: &[],
            checkout: &self.world.bench.checkout,
            left: None,
        };
        measure(&policy.checks[0], &facts, &self.world.bench, began).unwrap()
    }

    fn told(&self) -> String {
        told(&self.measured())
    }
}

fn told(check: &CheckResult) -> String {
    let required = if check.required { "required " } else { "" };
    let mut told = format!("{} {required}{:?}: {}", check.name, check.verdict, check.fact);
    for line in &check.lines {
        told = format!("{told}\n  {line}");
    }
    for doubt in &check.doubts {
        told = format!("{told}\n  doubt: {doubt}");
    }
    told
}

#[test]
fn what_coverage_py_writes_is_read_in_each_of_its_formats() {
    let lcov = Case::python(include_str!("../../fixtures/coverage-py.lcov")).told();
    insta::assert_snapshot!(lcov, @r"
    test:coverage Pass: 7 of 12 new lines ran (58 %); 2 of them set aside by a new comment for the tool
      shop/cart.py:11
      shop/cart.py:17-18
      shop/cart.py:22-23
    ");
    assert_eq!(Case::python(include_str!("../../fixtures/coverage-py.xml")).told(), lcov);
    assert_eq!(Case::python(include_str!("../../fixtures/coverage-py.json")).told(), lcov);
}

#[test]
fn what_node_c8_and_nyc_write_is_read() {
    let js = |file, data| Case::new("src/cart.js", JS, file, data).told();
    let node = js("lcov.info", include_str!("../../fixtures/coverage-node.lcov"));
    insta::assert_snapshot!(node, @r"
    test:coverage Pass: 8 of 13 new lines ran (61 %); 2 of them set aside by a new comment for the tool
      src/cart.js:10
      src/cart.js:16-17
      src/cart.js:20-21
    ");
    // It says that what was set aside ran.
    assert_eq!(js("c.xml", include_str!("../../fixtures/coverage-c8.xml")), node);
    assert_eq!(js("coverage/c.json", include_str!("../../fixtures/coverage-c8.json")), node);
    let text = JS.replace("c8 ignore next 3", "istanbul ignore next");
    let data = include_str!("../../fixtures/coverage-nyc.json");
    insta::assert_snapshot!(Case::new("src/cart.js", &text, "a.json", data).told(), @r"
    test:coverage Pass: 6 of 10 new lines ran (60 %); 2 of them set aside by a new comment for the tool
      src/cart.js:10
      src/cart.js:16-17
      src/cart.js:21
    ");
}

#[test]
fn what_go_writes_is_read_by_the_names_of_modules() {
    let data = include_str!("../../fixtures/coverage-go.out");
    let module = "module example.com/shop // the shop\n";
    let of = |path: &str, at: &str, file| {
        let case = Case::new(path, GO, file, data);
        case.world.file(at, module);
        case.told()
    };
    insta::assert_snapshot!(of("cart/cart.go", "go.mod", "cover.out"), @r"
    test:coverage Pass: 6 of 9 new lines ran (66 %)
      cart/cart.go:18
      cart/cart.go:23-24
    ");
    insta::assert_snapshot!(of("back/cart/cart.go", "back/go.mod", "back/cover.out"), @r"
    test:coverage Pass: 6 of 9 new lines ran (66 %)
      back/cart/cart.go:18
      back/cart/cart.go:23-24
    ");
    // Another module's file of that name is another file.
    let other = of("vendor/cart/cart.go", "vendor/go.mod", "cover.out");
    assert!(other.contains("of 9 new lines"), "{other}");
    let other = of("cart/cart.go", "other/go.mod", "cover.out");
    insta::assert_snapshot!(other, @"test:coverage Pass: no new line of code could have run; no data for 1 changed file: cart/cart.go");
}

#[test]
fn the_whole_is_what_the_data_tells_of_changed_or_not() {
    let total = |check: CheckResult| check.coverage.map(|told| (told.ran, told.all));
    let py = |data| total(Case::python(data).measured());
    let whole = py(include_str!("../../fixtures/coverage-py.lcov"));
    assert_eq!(whole, Some((7, 10)), "its own `LH` and `LF`");
    assert_eq!(py(include_str!("../../fixtures/coverage-py.xml")), whole);
    assert_eq!(py(include_str!("../../fixtures/coverage-py.json")), whole);
    let other = "SF:/checkout/shop/cart.py\nDA:1,1\nend_of_record\nSF:shop/other.py\nDA:1,0\nDA:2,3\n\
        end_of_record\nSF:shop/cart.py\nDA:1,0\nDA:2,0\nend_of_record\n";
    assert_eq!(py(other), Some((2, 4)), "a file with two names is one, and what ran once ran");
    let go = "mode: set\nshop/a.go:1.2,3.4 2 1\nshop/a.go:1.2,3.4 2 0\nshop/b.go:1.2,9.4 3 0\n";
    let go = Case::new("cart/cart.go", GO, "cover.out", go);
    assert_eq!(total(go.measured()), Some((2, 5)), "statements, as go tool cover counts them");
    assert_eq!(py("TN:\nSF:shop/cart.py\nend_of_record\n"), None, "no line is no figure");
    assert_eq!(py("SF:shop/cart.py\nDA:1,1\n"), None, "half a file is none");
    assert_eq!(py(""), None);
}

#[test]
fn less_than_the_minimum_fails_or_is_doubted_or_told() {
    let data = include_str!("../../fixtures/coverage-py.lcov");
    let case = |rest: &str| Case::python(data).rule("coverage_min = 59").rule(rest);
    insta::assert_snapshot!(case("").told(), @r"
    test:coverage required Fail: 7 of 12 new lines ran (58 %); 2 of them set aside by a new comment for the tool; the policy asks for 59 %
      shop/cart.py:11
      shop/cart.py:17-18
      shop/cart.py:22-23
    ");
    assert_eq!(case("").measured().permit, ["shop/cart.py"]);
    let review = case("[tests]\nuncovered = \"review\"").measured();
    assert_eq!((review.verdict, review.doubts.len()), (Verdict::Pass, 1));
    let note = case("[tests]\nuncovered = \"note\"").measured();
    assert_eq!((note.verdict, note.doubts.len()), (Verdict::Pass, 0));
    let enough = Case::python(data).rule("coverage_min = 58").measured();
    assert_eq!((enough.verdict, enough.required), (Verdict::Pass, true));
    let optional = Case::python(data).rule("coverage_min = 59\nrequired = false").rule("");
    let optional =
        Case { policy: format!("{}[checks.b]\nrun = \"y\"\n", optional.policy), ..optional };
    assert_eq!((optional.measured().verdict, optional.measured().required), (Verdict::Fail, false));
}

#[test]
fn a_person_may_let_a_file_be_uncovered() {
    let data = include_str!("../../fixtures/coverage-py.lcov");
    let mut case = Case::python(data).rule("coverage_min = 90");
    case.approved.insert("shop/cart.py".to_owned());
    insta::assert_snapshot!(case.told(), @"test:coverage required Pass: no new line of code could have run");
}

#[test]
fn only_new_code_counts_and_of_it_neither_tests_nor_prose_nor_moved_and_generated_files() {
    let data = "SF:a.py\nDA:1,1\nDA:2,0\nDA:3,0\nend_of_record\n";
    let case = Case::new("tests/test_a.py", "def test(): ...\n", "lcov", data)
        .also("a.py", "x = 1\ny = 2\n", "x = 1\ny = 2\n# only a remark\n")
        .also("README.md", "a\n", "b\n")
        .also("old.py", "print('moved')\n", "")
        .also("new.py", "", "print('moved')\n")
        .also("gen.py", "# @generated\n", "# @generated\nz = 3\n")
        .rule("coverage_min = 100");
    insta::assert_snapshot!(case.told(), @"test:coverage required Pass: no new line of code could have run");
    let case = case.also("a.py", "x = 1\ny = 2\n", "x = 1\nz = 2\ny = 2\n");
    insta::assert_snapshot!(case.told(), @r"
    test:coverage required Fail: 0 of 1 new line ran (0 %); the policy asks for 100 %
      a.py:2
    ");
}

#[test]
fn a_changed_file_without_data_is_told_and_with_a_minimum_doubted() {
    let data = "SF:a.py\nDA:1,1\nend_of_record\n";
    let case = || {
        Case::new("a.py", "x = 1\n", "lcov", data).also("b.py", "", "def b(): return 1\n").also(
            "b.css",
            "",
            "a { b: c }\n",
        )
    };
    insta::assert_snapshot!(case().told(), @"test:coverage Pass: 1 of 1 new line ran (100 %); no data for 1 changed file: b.py");
    insta::assert_snapshot!(case().rule("coverage_min = 50").told(), @r"
    test:coverage required Pass: 1 of 1 new line ran (100 %); no data for 1 changed file: b.py
      doubt: nothing says whether the new code of b.py ran
    ");
}

#[test]
fn paths_begin_where_the_tool_was_run() {
    let data = "SF:src/a.js\nDA:1,0\nend_of_record\n";
    let case = Case::new("web/src/a.js", "run();\n", "web/coverage/lcov.info", data)
        .also("src/a.js", "", "go();\n");
    insta::assert_snapshot!(case.told(), @r"
    test:coverage Pass: 0 of 1 new line ran (0 %); no data for 1 changed file: src/a.js
      web/src/a.js:1
    ");
    let outside =
        "SF:/usr/lib/src/a.js\nDA:1,1\nend_of_record\nSF:../src/a.js\nDA:1,1\nend_of_record\n";
    let case = Case::new("src/a.js", "run();\n", "lcov.info", outside);
    insta::assert_snapshot!(case.told(), @"test:coverage Pass: no new line of code could have run; no data for 1 changed file: src/a.js");
}

#[test]
fn what_a_new_comment_sets_aside_has_not_run_and_what_an_old_one_does_is_the_projects() {
    let lines = "SF:a.py\nDA:1,1\nDA:2,1\nDA:3,1\nDA:4,1\nend_of_record\n";
    let told = |before: &str, after: &str| {
        Case::new("b.py", "", "lcov", lines).also("a.py", before, after).told()
    };
    let function = "def a():  # pragma: no cover\n    return 1\n\nb = 2\n";
    insta::assert_snapshot!(told("", function), @r"
    test:coverage Pass: 1 of 3 new lines ran (33 %); 2 of them set aside by a new comment for the tool
      a.py:1-2
    ");
    insta::assert_snapshot!(told("def a():  # pragma: no cover\n    return 2\n", function), @"test:coverage Pass: 2 of 2 new lines ran (100 %)");
    let decorated = "@cache  # PRAGMA NO COVER\ndef a():\n    return 1\n\nb = 2\n";
    assert!(told("", decorated).contains("3 of them set aside"));
    let js = |text: &str| Case::new("a.js", text, "lcov", &lines.replace(".py", ".js")).told();
    assert!(
        js("a();\n// c8 ignore start\nb();\nc();\n// c8 ignore stop\nd();\n")
            .contains("2 of them set")
    );
    assert!(js("// node:coverage disable\nb();\nc();\n").contains("2 of them set"));
    assert!(js("// node:coverage ignore next 2\nb();\nc();\n").contains("2 of them set"));
    assert!(js("/* istanbul ignore file */\nb();\nc();\nd();\n").contains("3 of them set"));
    assert!(!js("const pragma = 'cover';\nb();\n").contains("set aside"));
}

#[test]
fn what_is_no_coverage_of_this_run_is_not_believed() {
    let python = |data: &str| Case::python(data).rule("coverage_min = 1").told();
    insta::assert_snapshot!(python(""), @"test:coverage required Inconclusive: no coverage was written to out/coverage");
    insta::assert_snapshot!(python("plainly not"), @"test:coverage required Inconclusive: the coverage in out/coverage is not understood: it is neither lcov, Cobertura XML, a profile of Go, nor JSON of Istanbul or coverage.py");
    insta::assert_snapshot!(python("SF:shop/cart.py\nDA:4,1\n"), @"test:coverage required Inconclusive: the coverage in out/coverage is not understood: it ends before its end");
    insta::assert_snapshot!(python("SF:shop/cart.py\nDA:x\n"), @"test:coverage required Inconclusive: the coverage in out/coverage is not understood: line 2 is no lcov");
    insta::assert_snapshot!(python("mode: set\n"), @"test:coverage required Inconclusive: the coverage in out/coverage is not understood: it tells of no file");
    insta::assert_snapshot!(python("mode: set\nx.go:1\n"), @"test:coverage required Inconclusive: the coverage in out/coverage is not understood: line 2 is no profile");
    insta::assert_snapshot!(python("<report/>"), @"test:coverage required Inconclusive: the coverage in out/coverage is not understood: its root is not coverage");
    insta::assert_snapshot!(python("<coverage><class filename='shop/cart.py'>"), @"test:coverage required Inconclusive: the coverage in out/coverage is not understood: it ends before its end");
    for broken in
        ["{", "{\"a\": 3}", "{\"files\": []}", "<coverage><line/></coverage>", "<coverage/>"]
    {
        let told = python(broken);
        assert!(
            told.contains("Inconclusive: the coverage in out/coverage is not understood"),
            "{told}"
        );
    }
    let committed = "SF:shop/cart.py\nDA:4,1\nend_of_record\n";
    let copied = Case::python(committed).also("forged.info", "", committed).told();
    insta::assert_snapshot!(copied, @"test:coverage Inconclusive: the coverage in out/coverage is a file of the commit, not of this run");
    let old = Case::python(committed);
    old.told();
    let later = SystemTime::now() + Duration::from_mins(1);
    insta::assert_snapshot!(told(&old.of_what_is_there(later)), @"test:coverage Inconclusive: the coverage in out/coverage is older than this run");
}

#[test]
fn no_link_is_followed_and_what_lay_there_is_removed() {
    let case = Case::python("");
    let elsewhere = tempfile::tempdir().unwrap();
    let real = elsewhere.path().join("real");
    std::fs::write(&real, "SF:shop/cart.py\nDA:4,1\nend_of_record\n").unwrap();
    std::fs::create_dir(case.world.bench.checkout.join("out")).unwrap();
    symlink(&real, case.world.bench.checkout.join("out/coverage")).unwrap();
    let told = told(&case.of_what_is_there(SystemTime::UNIX_EPOCH));
    assert!(told.contains("Inconclusive: the coverage in out/coverage cannot be read"), "{told}");
    let text = "[checks.test]\nrun = \"x\"\ncoverage = \"out/coverage\"\n";
    remove(&case.world.bench.checkout, &policy(text).checks[0]).unwrap();
    assert!(real.exists(), "only the link is gone");
    assert!(case.told().contains("no coverage was written"));
}

#[test]
fn a_file_without_end_is_none() {
    let case = Case::python("");
    let path = case.world.file("out/coverage", "");
    std::fs::File::create(path).unwrap().set_len(BYTES_MAX + 1).unwrap();
    let told = told(&case.of_what_is_there(SystemTime::UNIX_EPOCH));
    insta::assert_snapshot!(told, @"test:coverage Inconclusive: the coverage has more than 67108864 bytes");
}
