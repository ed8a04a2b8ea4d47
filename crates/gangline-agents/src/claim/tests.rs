use super::*;

#[test]
fn an_outcome_file_is_a_structured_claim() {
    let outcome = read_outcome(
        r#"{"version":1,"status":"completed","summary":" done ","commits":2,
            "files":["a.rs"],"tests_pass":true,"checks":{"lint":false},"mood":"good"}"#,
    )
    .unwrap();
    assert_eq!(outcome.status, Status::Completed);
    assert_eq!(outcome.ignored, ["mood"]);
    let claim = outcome.claim;
    assert_eq!(claim.source, ClaimSource::Outcome);
    assert_eq!(claim.summary, "done");
    assert_eq!(claim.commits, Some(2));
    assert_eq!(claim.checks, [("lint".to_owned(), false), ("test".to_owned(), true)].into());
}

#[test]
fn only_the_status_is_required() {
    let outcome = read_outcome(r#"{"status":"no_change_needed"}"#).unwrap();
    assert_eq!(outcome.status, Status::NoChangeNeeded);
    assert_eq!(outcome.claim.commits, None);
}

#[test]
fn a_wrong_outcome_file_is_an_error_with_its_place() {
    let errors: Vec<String> = [
        "I am done!",
        "{}",
        r#"{"status":"done"}"#,
        r#"{"status":"completed","commits":"many"}"#,
        r#"{"status":"completed","version":2}"#,
        r#"{"status":"completed","tests_pass":"yes"}"#,
    ]
    .iter()
    .map(|text| read_outcome(text).unwrap_err().to_string())
    .collect();
    insta::assert_snapshot!(errors.join("\n"), @r#"
    the outcome file is not as described: expected value at line 1 column 1
    the outcome file is not as described: missing field `status` at line 1 column 2
    the outcome file is not as described: unknown variant `done`, expected one of `completed`, `gave_up`, `no_change_needed` at line 1 column 16
    the outcome file is not as described: invalid type: string "many", expected u32 at line 1 column 38
    the outcome file has version 2; 1 is known
    the outcome file is not as described: invalid type: string "yes", expected a boolean at line 1 column 40
    "#);
    let large = format!("{{\"status\":\"completed\",\"summary\":\"{}\"}}", "x".repeat(70_000));
    assert!(matches!(read_outcome(&large), Err(BadOutcome::TooLarge { .. })));
}

#[test]
fn a_wrong_outcome_file_leaves_the_final_message_to_be_read() {
    let (claim, bad) = claim_of(Some("{"), "All tests pass. Committed abc1234.");
    assert!(matches!(bad, Some(BadOutcome::Shape { .. })), "{bad:?}");
    assert_eq!(claim.source, ClaimSource::Message);
    assert_eq!(claim.commits, Some(1));
}

#[test]
fn a_final_message_is_read_for_the_usual_phrases_only() {
    let check = |message: &str, commits: Option<u32>, tests: Option<bool>| {
        let claim = read_message(message);
        assert_eq!(claim.commits, commits, "{message}");
        assert_eq!(claim.checks.get("test").copied(), tests, "{message}");
    };
    check("Done: all tests pass, committed abc1234.", Some(1), Some(true));
    check("I made 3 commits and the test suite passes.", Some(3), Some(true));
    check("Implemented and committed.", Some(1), None);
    check("Two tests fail still; nothing committed.", Some(0), Some(false));
    check("Not all tests pass yet", None, Some(false));
    check("Rounded the total.", None, None);
    check("The commit message rule is documented.", None, None);
    check("", None, None);
    assert_eq!(read_message("").source, ClaimSource::Nothing);
    assert_eq!(read_message("hm").source, ClaimSource::Message);
}

#[test]
fn a_summary_is_bounded_and_harmless() {
    let claim = read_message(&format!("\u{1b}[31m{}", "é".repeat(5_000)));
    assert_eq!(claim.summary.chars().count(), SUMMARY_CHARS_MAX);
    assert!(claim.summary.starts_with("[31mé") && claim.summary.ends_with('…'));
}

#[test]
fn who_writes_that_it_gave_up_has_given_up() {
    let heard = |end: AgentEnd, status: &str| {
        let text = format!(r#"{{"status":"{status}","summary":"why"}}"#);
        end_with(end, &read_outcome(&text).unwrap())
    };
    let done = || AgentEnd::Completed { summary: "done".to_owned() };
    assert_eq!(heard(done(), "completed"), done());
    assert_eq!(heard(done(), "gave_up"), AgentEnd::GaveUp { reason: "why".to_owned() });
    let nothing = AgentEnd::NoChangeNeeded { reason: "why".to_owned() };
    assert_eq!(heard(done(), "no_change_needed"), nothing);
    assert_eq!(heard(AgentEnd::Interrupted, "gave_up"), AgentEnd::Interrupted);
}
