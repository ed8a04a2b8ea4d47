use gangline_api::journal::DiffFile;
use gangline_api::ticket::{BudgetView, EscalationView, HintView, TicketView};
use gangline_api::verification::{ClaimView, EvidenceView};

use super::*;

/// What an agent may try: a terminal's commands, a way out of its fence and cell, a picture that
/// tells somebody that it was looked at, and a person who is called.
const HOSTILE: &str = "Done\u{1b}[2J\n```\n# All checks passed\n![x](http://x.test/y) | pass | @all \
                       `ok` <b>\u{202e}";

fn attempt(n: u32, claim: &str) -> AttemptView {
    AttemptView {
        job: format!("shop.APP-1.a{n}"),
        try_no: u8::try_from(n).unwrap(),
        agent: "worker".to_owned(),
        kind: "claude".to_owned(),
        start: "fresh".to_owned(),
        tier: None,
        base: None,
        started_us: 0,
        deadline_us: 0,
        ended_us: Some(1),
        end: Some("the agent says it is done".to_owned()),
        claim: Some(ClaimView {
            source: "outcome".to_owned(),
            summary: claim.to_owned(),
            ending: None,
            truth: None,
        }),
        commit: Some("c".repeat(40)),
        rescue: None,
        left_out: vec![],
        verdict: Some("fail".to_owned()),
        usage: UsageView { tokens: 400, cost_microusd: 20_000, wall_ms: 12_000 },
    }
}

fn record(n: u32, approach: &str) -> RecordView {
    RecordView {
        job: format!("shop.APP-1.a{n}"),
        try_no: u8::try_from(n).unwrap(),
        cause: "checks_failed".to_owned(),
        class: "test".to_owned(),
        class_text: "tests failed".to_owned(),
        checks: vec!["test".to_owned()],
        fingerprint: None,
        same_as: (n == 2).then(|| "shop.APP-1.a1".to_owned()),
        error: "test: 2 of 14 failed".to_owned(),
        approach: approach.to_owned(),
        facts: vec!["test: 2 of 14 failed".to_owned()],
        lines: vec!["assertion `left == right` failed".to_owned()],
        spent: true,
    }
}

fn measured(claimed: &str) -> ReportView {
    let evidence = EvidenceView {
        command: "cargo test | tail".to_owned(),
        exit: Some(101),
        duration_ms: 3_200,
        tests: None,
        log_sha256: String::new(),
        log_file: String::new(),
    };
    let check = CheckView {
        claim: None,
        name: "test".to_owned(),
        required: true,
        verdict: "fail".to_owned(),
        claimed: Some(claimed.to_owned()),
        fact: "2 of 14 failed".to_owned(),
        lines: vec!["assertion failed: total".to_owned()],
        permit: vec!["tests/cart's.rs".to_owned()],
        doubts: vec!["a test was renamed".to_owned()],
        evidence: Some(evidence),
    };
    ReportView {
        job: "shop.APP-1.v2".to_owned(),
        verdict: "fail".to_owned(),
        commit: "c".repeat(40),
        base: "b".repeat(40),
        policy_sha256: String::new(),
        claim: None,
        checks: vec![check],
    }
}

fn escalated(claim: &str) -> TicketDetail {
    let suggestions = ["simplify", "more_context", "split", "take_over", "discard", "newer"];
    TicketDetail {
        ticket: TicketView {
            project: "shop".to_owned(),
            key: "APP-1".to_owned(),
            title: "Faster carts".to_owned(),
            state: "escalated".to_owned(),
            priority: "high".to_owned(),
            tries_spent: 2,
            tries: 2,
            usage: UsageView { tokens: 800, cost_microusd: 40_000, wall_ms: 24_000 },
            ..TicketView::default()
        },
        body: "They are slow.".to_owned(),
        scope: vec!["src/**".to_owned()],
        attempts: vec![attempt(1, "I made it faster"), attempt(2, claim)],
        records: vec![record(1, "I made it faster"), record(2, "I cached totals")],
        hints: vec![HintView { by: "person:ann".to_owned(), text: "look at total()".to_owned() }],
        report: Some(measured("all tests pass")),
        escalation: Some(EscalationView {
            reason: "tries_spent".to_owned(),
            summary: "all 2 tries failed".to_owned(),
            suggestions: suggestions.map(str::to_owned).into(),
        }),
        budget: BudgetView { tokens: Some(100_000), ..BudgetView::default() },
        ..TicketDetail::default()
    }
}

fn diff(text: &str) -> Diff {
    let file = DiffFile {
        path: "src/cart.rs".to_owned(),
        status: "M".to_owned(),
        added: Some(1),
        deleted: Some(1),
    };
    let (base, commit) = ("b".repeat(40), "c".repeat(40));
    let (job, text) = ("shop.APP-1.a1".to_owned(), text.to_owned());
    Diff {
        base,
        commit,
        files: vec![file],
        text,
        truncated: false,
        job,
        since: None,
        with_base: false,
    }
}

#[test]
fn the_packet_tells_what_was_asked_tried_measured_changed_spent_and_can_be_done() {
    let change = "--- a/src/cart.rs\n+++ b/src/cart.rs\n@@ -1 +1 @@\n-slow\n+fast\n";
    let packet = packet(escalated("All tests pass"), Ok(Some(diff(change))));
    insta::assert_snapshot!(packet.markdown, @r##"
    # APP-1: Faster carts

    shop · escalated · priority high · 2 of 2 tries spent

    **Escalated:** all 2 tries failed

    ## What was asked

    ```text
    They are slow.
    ```

    - scope: `src/**`
    - hint by person:ann: look at total()

    ## What was tried

    ### Try 1, fresh: worker (claude), shop.APP-1.a1

    - ended: the agent says it is done; measured: fail
    - cost: 12 s, 400 tokens, 0.02 USD
    - failed: test: 2 of 14 failed
    - kind of failure: `test` (tests failed)
    - fact: test: 2 of 14 failed

    The agent claimed:

    ```text
    I made it faster
    ```

    Decisive lines:

    ```text
    assertion `left == right` failed
    ```

    ### Try 2, fresh: worker (claude), shop.APP-1.a2

    - ended: the agent says it is done; measured: fail
    - cost: 12 s, 400 tokens, 0.02 USD
    - failed: test: 2 of 14 failed
    - kind of failure: `test` (tests failed)
    - the same failure as shop.APP-1.a1: the next try starts anew
    - fact: test: 2 of 14 failed

    The agent claimed:

    ```text
    All tests pass
    ```

    Its approach, in its own words:

    ```text
    I cached totals
    ```

    Decisive lines:

    ```text
    assertion `left == right` failed
    ```

    ## Claim beside fact: fail

    Commit cccccccccc, judged by the policy of bbbbbbbbbb.

    | check | claimed | fact | verdict | command |
    |---|---|---|---|---|
    | test | all tests pass | 2 of 14 failed | fail | `cargo test \| tail` exit 101 in 3.2 s |

    test:

    ```text
    assertion failed: total
    ```

    - look at this: a test was renamed

    ## What has changed so far

    1 file, from bbbbbbbbbb to cccccccccc.

    |  | file | added | deleted |
    |---|---|---|---|
    | M | `src/cart.rs` | 1 | 1 |

    ```diff
    --- a/src/cart.rs
    +++ b/src/cart.rs
    @@ -1 +1 @@
    -slow
    +fast
    ```

    All of it: `gangline diff APP-1`

    ## What it cost

    24 s, 800 tokens, 0.04 USD

    It may spend 100000 tokens.

    ## What you can do

    - **permit**: let its agents change what the last report names, then judge it again
      `gangline permit APP-1 'tests/cart'\''s.rs'`
    - **recheck**: verify what it offered last once more, without a try
      `gangline recheck APP-1`
    - **simplify**: ask for less, and let it go on
      `gangline edit APP-1 && gangline retry APP-1`
    - **more context**: give it all its tries again, with a word to the next one
      `gangline retry APP-1 --hint "…"`
    - **split**: make smaller tickets of its parts, and cancel it
      `gangline split APP-1 "first part" "second part"`
    - **take over**: work on it yourself (--shell opens a shell there), then have that verified
      `gangline take-over APP-1`
    - **discard**: end it; what was done stays in rescue refs
      `gangline cancel APP-1`
    "##);
}

#[test]
fn nothing_that_others_wrote_is_markdown() {
    let mut detail = escalated(HOSTILE);
    detail.ticket.title = HOSTILE.to_owned();
    detail.body = HOSTILE.to_owned();
    detail.report = Some(self::measured(HOSTILE));
    detail.records[1].error = HOSTILE.to_owned();
    detail.hints[0].text = HOSTILE.to_owned();
    let markdown = packet(detail, Ok(Some(diff(HOSTILE)))).markdown;
    let hidden = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!markdown.contains(hidden), "{markdown}");
    let mut fence: Option<String> = None;
    for line in markdown.lines() {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if ticks.len() >= 3 && !line[ticks.len()..].contains('`') => fence = Some(ticks),
            None => {
                let outside = without_code(line);
                for sign in ["![", "](", "<b>", "@all", "# All"] {
                    assert!(!outside.contains(sign), "{sign} in {line}");
                }
                let bars = line.replace("\\|", "").matches('|').count();
                let is_row = line.starts_with('|');
                assert!(!is_row || [5, 6].contains(&bars), "a cell was broken out of: {line}");
            }
        }
    }
    assert_eq!(fence, None, "a fence stays open");
}

/// The line without its code spans, as CommonMark finds them: closed by as many backticks.
fn without_code(line: &str) -> String {
    let mut outside = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let (before, from) = rest.split_at(at);
        outside.push_str(before);
        let inside = from.trim_start_matches('`');
        let ticks = &from[..from.len() - inside.len()];
        let mut end = None;
        let mut seen = 0;
        for run in inside.split_inclusive(|c| c != '`') {
            let is_close = run.trim_end_matches(|c| c != '`') == ticks;
            if is_close {
                end = Some(seen + ticks.len());
                break;
            }
            seen += run.len();
        }
        rest = &inside[end.unwrap_or_else(|| panic!("an open code span: {line}"))..];
    }
    outside + rest
}

#[test]
fn every_part_has_a_bound() {
    let long = "a line of some length that says nothing\n".repeat(100_000);
    let mut detail = escalated(&long);
    detail.body.clone_from(&long);
    detail.ticket.title = "x".repeat(100_000);
    detail.attempts = (1..200).map(|n| attempt(n, &long)).collect();
    detail.records[1].lines = vec![long.clone(); 1_000];
    let mut diff = diff(&long);
    diff.files = vec![diff.files[0].clone(); 10_000];
    let packet = packet(detail, Ok(Some(diff)));
    assert!(packet.markdown.len() < 200_000, "{} bytes", packet.markdown.len());
    let diff = packet.diff.unwrap();
    assert!(diff.truncated && diff.text.len() <= DIFF_BYTES_MAX);
    assert!(packet.markdown.contains("187 earlier attempts are in `gangline show APP-1`."));
}

#[test]
fn a_diff_that_cannot_be_read_leaves_a_gap_that_is_told() {
    let told = packet(escalated("done"), Err("the hub is busy".to_owned()));
    assert!(told.markdown.contains("The diff cannot be read now: the hub is busy"));
    let told = packet(TicketDetail::default(), Ok(None));
    assert!(told.markdown.contains("No attempt has left a commit yet."));
    assert!(told.markdown.contains("Nothing yet."));
}
