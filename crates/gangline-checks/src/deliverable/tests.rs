use gangline_domain::verdict::{CheckResult, Verdict};

use super::*;

/// An output folder with these files.
fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, OutputFolder) {
    let root = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let skip = BTreeSet::from(["outcome.json".to_owned()]);
    let folder = OutputFolder { path: root.path().to_owned(), skip };
    (root, folder)
}

fn told(check: &CheckResult) -> String {
    assert!(check.required);
    let mut told = vec![format!("{} {:?}: {}", check.name, check.verdict, check.fact)];
    told.extend(check.lines.iter().map(|line| format!("  {line}")));
    told.join("\n")
}

fn artifact_of(files: &[(&str, &str)], declared: &[&str]) -> String {
    let (_root, folder) = folder(files);
    let declared: Vec<String> = declared.iter().map(ToString::to_string).collect();
    told(&artifact(&folder, &declared))
}

fn report_of(files: &[(&str, &str)]) -> String {
    let (_root, folder) = folder(files);
    told(&report(&folder))
}

#[test]
fn an_artifact_is_files_that_are_what_they_say() {
    let files = &[("data.json", "{\"a\": 1}"), ("deep/notes.md", "# Notes\n"), ("x.bin", "\0")];
    insta::assert_snapshot!(artifact_of(files, &["data.json"]), @"artifact Pass: 3 files, 17 bytes: data.json, deep/notes.md, x.bin");
}

#[test]
fn the_outcome_file_is_no_artifact() {
    insta::assert_snapshot!(artifact_of(&[("outcome.json", "{}")], &[]), @r#"
    artifact Fail: the output folder is empty
      write the artifact's files into the output folder
    "#);
}

#[test]
fn an_artifact_that_is_not_what_it_says_fails() {
    let files = &[
        ("a.json", "{"),
        ("b.jsonl", "{}\n\n{]\n"),
        ("c.md", "text\n```\n# no\n```\n"),
        ("d", ""),
    ];
    insta::assert_snapshot!(artifact_of(files, &["e.csv"]), @r#"
    artifact Fail: e.csv is missing, a.json is no JSON: EOF while parsing an object at line 1 column 1, b.jsonl, line 3 is no JSON: key must be a string at line 1 column 2, c.md has no heading, d is empty
      e.csv is missing
      a.json is no JSON: EOF while parsing an object at line 1 column 1
      b.jsonl, line 3 is no JSON: key must be a string at line 1 column 2
      c.md has no heading
      d is empty
    "#);
}

#[test]
fn a_link_is_never_followed_out_of_the_folder() {
    let (root, folder) = folder(&[("a.md", "# A\ntext")]);
    std::os::unix::fs::symlink("/etc/hostname", root.path().join("link.md")).unwrap();
    insta::assert_snapshot!(told(&artifact(&folder, &[])), @"artifact Fail: not a plain file: link.md");
    assert_eq!(report(&folder).verdict, Verdict::Fail);
}

#[test]
fn a_folder_that_is_not_there_is_inconclusive() {
    let folder = OutputFolder { path: "/nonexistent/output".into(), skip: BTreeSet::new() };
    assert_eq!(artifact(&folder, &[]).verdict, Verdict::Inconclusive);
    assert_eq!(report(&folder).verdict, Verdict::Inconclusive);
}

#[test]
fn there_is_a_bound_on_files() {
    let (root, folder) = folder(&[]);
    for n in 0..=OUTPUT_FILES_MAX {
        fs::write(root.path().join(n.to_string()), "x").unwrap();
    }
    insta::assert_snapshot!(told(&artifact(&folder, &[])), @"artifact Fail: more than 1000 files");
}

#[test]
fn a_report_is_exactly_one_text() {
    insta::assert_snapshot!(
        report_of(&[("report.md", "# Findings\n\nThe cart is slow.\n"), ("plot.svg", "<svg/>")]),
        @"report Pass: report.md, 4 words"
    );
    insta::assert_snapshot!(report_of(&[("data.json", "{}")]), @r#"
    report Fail: there is no Markdown file in the output folder
      write exactly one Markdown file into the output folder
    "#);
    insta::assert_snapshot!(report_of(&[("a.md", "# A\nx"), ("b.md", "# B\nx")]), @r#"
    report Fail: 2 Markdown files: a.md, b.md
      write exactly one Markdown file into the output folder
    "#);
    insta::assert_snapshot!(report_of(&[("a.md", "no heading")]), @r#"
    report Fail: a.md has no heading
      begin the report with a heading, `# Title`
    "#);
    insta::assert_snapshot!(report_of(&[("a.md", "# Only\n## Headings\n")]), @r#"
    report Fail: a.md has headings and no text
      write what you found below them
    "#);
    insta::assert_snapshot!(report_of(&[("a.md", "")]), @r#"
    report Fail: a.md is empty
      begin the report with a heading, `# Title`
    "#);
}

#[test]
fn a_plan_is_one_file_that_can_be_read_without_a_flaw() {
    let plan_of = |files: &[(&str, &str)]| {
        let (_root, folder) = folder(files);
        let (check, proposal) = plan(&folder, "APP", |text| text.replace("hunter2", "***").into());
        assert_eq!(check.verdict == Verdict::Pass, proposal.is_some());
        (told(&check), proposal)
    };
    let good = "# Ticket #1: t\n**Scope:** anywhere\nhunter2\n## Acceptance\n- a test\n";
    let (said, proposal) = plan_of(&[("plan.md", good), ("notes.md", ""), ("outcome.json", "{}")]);
    assert_eq!(said, "plan Pass: plan.md, 1 ticket");
    let body = &proposal.unwrap().tickets[&1].spec.body;
    assert!(body.contains("***") && !body.contains("hunter2"), "{body}");
    insta::assert_snapshot!(plan_of(&[("report.md", good)]).0, @r"
    plan Fail: there is no plan.md in the output folder, but report.md
      write the plan to plan.md in the output folder
    ");
    insta::assert_snapshot!(plan_of(&[("plan.md", "# Ticket #1: t\n**Estimate:** 1 h\n")]).0, @r"
    plan Fail: plan.md:1: it does not say how it is accepted: a section `## Acceptance` with a list, and 2 more
      plan.md:1: it does not say how it is accepted: a section `## Acceptance` with a list
      plan.md:1: it has no scope: **Scope:** `src/**`, or anywhere
      plan.md:2: there is no field `estimate`
    ");
}
