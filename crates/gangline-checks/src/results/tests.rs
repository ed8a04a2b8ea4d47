use std::fmt::Write as _;
use std::os::unix::fs::symlink;

use gangline_domain::secret::Secret;
use gangline_domain::verdict::TestCounts;

use super::*;

/// What is read from one file with this text: counts, results by name, and why tests failed.
fn told(text: &str) -> String {
    told_without(&Redactor::default(), text)
}

fn told_without(redactor: &Redactor, text: &str) -> String {
    let root = tempfile::tempdir().unwrap();
    std::fs::write(root.path().join("r.xml"), text).unwrap();
    match read(root.path(), &["r.xml".to_owned()], redactor) {
        Err(why) => why.to_string(),
        Ok(reading) => {
            let TestCounts { passed, failed, skipped } = reading.counts;
            let mut told = format!("{passed} passed, {failed} failed, {skipped} skipped\n");
            for (name, status) in reading.tests.by_name() {
                writeln!(told, "{status:?} {name}").unwrap();
            }
            told + &reading.lines.join("\n")
        }
    }
}

#[test]
fn what_pytest_writes_is_read() {
    insta::assert_snapshot!(told(include_str!("../../fixtures/junit-pytest.xml")), @r#"
    3 passed, 2 failed, 2 skipped
    Failed test_cart.TestCart::test_empty
    Passed test_cart.TestCart::test_sums
    Failed test_cart::test_db
    Skipped test_cart::test_known
    Skipped test_cart::test_later
    Passed test_cart::test_names[a b]
    Passed test_cart::test_names[c - d]
    AssertionError: an empty cart assert 0 == 1  +  where 0 = total([])
    failed on setup with "RuntimeError: no database"
    "#);
}

#[test]
fn what_surefire_writes_is_read() {
    insta::assert_snapshot!(told(include_str!("../../fixtures/junit-surefire.xml")), @r"
    2 passed, 2 failed, 1 skipped
    Passed shop.CartTest::adds
    Failed shop.CartTest::boom
    Failed shop.CartTest::empty
    Passed shop.CartTest::flaky
    Skipped shop.CartTest::later
    an empty cart ==> expected: <1> but was: <0>
    no database
    ");
}

#[test]
fn a_suite_that_failed_outside_of_its_cases_has_failed() {
    insta::assert_snapshot!(told("<testsuite failures='0' errors='1'><testcase name='a'/></testsuite>"), @r"
    1 passed, 1 failed, 0 skipped
    Passed a
    ");
}

#[test]
fn what_is_no_junit_xml_tells_nothing() {
    let broken = [
        "",
        "not xml",
        "<html><body/></html>",
        "<testsuite><testcase name='a'/>",
        "<testsuite><testcase name='a'></testsuite>",
        "<testsuite><testcase/></testsuite>",
        "<testsuite><testcase name='&undefined;'/></testsuite>",
        "<!DOCTYPE a [<!ENTITY x 'xx'>]><testsuite><testcase name='&x;'/></testsuite>",
    ];
    let said: Vec<String> = broken.iter().map(|text| told(text)).collect();
    insta::assert_snapshot!(said.join("\n"), @r"
    the results in r.xml are no JUnit XML: there is no element in it
    the results in r.xml are no JUnit XML: there is no element in it
    the results in r.xml are no JUnit XML: its root is neither testsuites nor testsuite
    the results in r.xml are no JUnit XML: it ends before its end
    the results in r.xml are no JUnit XML: ill-formed document: expected `</testcase>`, but `</testsuite>` was found
    the results in r.xml are no JUnit XML: a testcase without a name
    the results in r.xml are no JUnit XML: at 1..10: unrecognized entity `undefined`
    the results in r.xml are no JUnit XML: it declares a document type
    ");
    assert!(told(&"<testsuite>".repeat(1_000)).contains("within one another"));
    let long = "x".repeat(9 * 1024 * 1024);
    let long = told(&format!("<testsuite><testcase name='{long}'/></testsuite>"));
    assert!(long.contains("a text in it is too long"), "{long}");
}

#[test]
fn no_secret_is_in_a_name_or_a_message() {
    let secret = Secret::new("correct-horse-battery").unwrap();
    let redactor = Redactor::new([("pony", &secret)]);
    let text = "<testsuite><testcase name='t[correct-horse-battery]'>\
                <failure message='it was correct-horse-battery'/></testcase></testsuite>";
    insta::assert_snapshot!(told_without(&redactor, text), @r"
    0 passed, 1 failed, 0 skipped
    Failed t[[secret pony]]
    it was [secret pony]
    ");
}

/// The paths that are found in a checkout.
fn found(root: &Path, pattern: &str) -> String {
    match place::find(root, &[pattern.to_owned()]) {
        Ok(found) => found.into_iter().map(|found| found.path).collect::<Vec<_>>().join(" "),
        Err(why) => why.to_string(),
    }
}

#[test]
fn results_are_found_by_path_and_by_pattern_and_never_behind_a_link() {
    let root = tempfile::tempdir().unwrap();
    for path in ["a.xml", "out/b.xml", "out/c.txt", "m/x/out/d.xml", "m/y/out/e.xml", ".git/f.xml"]
    {
        let path = root.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "").unwrap();
    }
    symlink("out", root.path().join("way")).unwrap();
    let found = |pattern| found(root.path(), pattern);
    insta::assert_snapshot!(found("a.xml"), @"a.xml");
    insta::assert_snapshot!(found("./out/*.xml"), @"out/b.xml");
    insta::assert_snapshot!(found("*.xml"), @"a.xml");
    insta::assert_snapshot!(found("**/out/*.xml"), @"m/x/out/d.xml m/y/out/e.xml out/b.xml");
    insta::assert_snapshot!(found("m/*/out/*.xml"), @"m/x/out/d.xml m/y/out/e.xml");
    insta::assert_snapshot!(found("nowhere/*.xml"), @"");
    insta::assert_snapshot!(found("out"), @"the results in out cannot be read: it is a folder");
    assert!(found("way/*.xml").starts_with("the results in way cannot be read: "));
}

#[test]
fn what_was_there_before_is_removed_and_a_link_is_no_result() {
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    std::fs::create_dir(at("out")).unwrap();
    std::fs::write(at("out/old.xml"), "<testsuite/>").unwrap();
    std::fs::write(at("kept.xml"), "<testsuite/>").unwrap();
    symlink("../kept.xml", at("out/link.xml")).unwrap();
    let patterns = ["out/*.xml".to_owned()];
    let read = || read(root.path(), &patterns, &Redactor::default()).map(|r| r.counts);
    assert!(
        read().unwrap_err().to_string().starts_with("the results in out/link.xml cannot be read: ")
    );
    remove(root.path(), &patterns).unwrap();
    assert!(at("kept.xml").exists());
    insta::assert_snapshot!(read().unwrap_err().to_string(), @"no results were written to out/*.xml");
}

#[test]
fn no_file_makes_the_reader_panic() {
    let text = include_str!("../../fixtures/junit-pytest.xml");
    for at in 0..text.len() {
        let mut torn = text.as_bytes().to_vec();
        torn.truncate(at);
        torn.extend_from_slice(&text.as_bytes()[at * 7 % text.len()..]);
        drop(junit::read(torn.as_slice(), &Redactor::default(), &mut Reading::default()));
        torn[at / 2] ^= 0x55;
        drop(junit::read(torn.as_slice(), &Redactor::default(), &mut Reading::default()));
    }
}
