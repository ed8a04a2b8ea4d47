use gangline_api::ticket::{
    BudgetView, DependencyView, EscalationView, HintView, TicketView, UsageView, WaitView,
};
use gangline_api::verification::{CheckView, ClaimView, EvidenceView, ReportView, TestsView};

use super::*;

const SECOND: i64 = 1_000_000;

fn check(name: &str, claimed: Option<&str>, fact: &str, verdict: &str) -> CheckView {
    CheckView {
        doubts: vec![],
        permit: vec![],
        name: name.to_owned(),
        required: true,
        verdict: verdict.to_owned(),
        claimed: claimed.map(str::to_owned),
        claim: None,
        fact: fact.to_owned(),
        lines: vec![],
        evidence: None,
    }
}

fn lied() -> TicketDetail {
    let evidence = EvidenceView {
        command: "cargo test".to_owned(),
        exit: Some(101),
        duration_ms: 3_200,
        tests: Some(TestsView { passed: 12, failed: 2, skipped: 0 }),
        log_sha256: "beefcafe".repeat(8),
        log_file: "test.log".to_owned(),
    };
    let test = CheckView {
        lines: vec!["assertion `left == right` failed\u{1b}[0m".to_owned()],
        claim: Some("false".to_owned()),
        evidence: Some(evidence),
        ..check("test", Some("all tests pass"), "2 of 14 failed", "fail")
    };
    let report = ReportView {
        job: "shop.APP-1.v3".to_owned(),
        verdict: "fail".to_owned(),
        commit: "c".repeat(40),
        base: "b".repeat(40),
        policy_sha256: String::new(),
        claim: Some(ClaimView {
            source: "outcome".into(),
            summary: "Done\u{1b}[2J, all green".into(),
            ending: Some("done".into()),
            truth: Some("false".into()),
        }),
        checks: vec![check("commits", Some("1"), "1 new commit", "pass"), test],
    };
    TicketDetail {
        ticket: TicketView {
            usage: UsageView { tokens: 41_000, cost_microusd: 1_250_000, wall_ms: 92_000 },
            project: "shop".to_owned(),
            key: "APP-1".to_owned(),
            title: "Faster carts".to_owned(),
            state: "escalated".to_owned(),
            priority: "high".to_owned(),
            agent: "ticket-worker".to_owned(),
            wait: WaitView {
                reason: "person".into(),
                text: "a person to decide".into(),
                ..WaitView::default()
            },
            tries_spent: 3,
            tries: 3,
            ..TicketView::default()
        },
        body: "They are slow.".to_owned(),
        depends_on: vec![DependencyView { key: "APP-7".into(), state: "landed".into(), met: true }],
        budget: BudgetView { tokens: Some(100_000), ..BudgetView::default() },
        hints: vec![HintView { by: "person:ann".into(), text: "look at total()".into() }],
        report: Some(report),
        escalation: Some(EscalationView {
            reason: "tries_spent".into(),
            summary: "3 tries failed verification".into(),
            suggestions: ["more_context", "take_over", "discard"].map(str::to_owned).into(),
        }),
        branch: Some("gangline/APP-1-faster-carts".to_owned()),
        ..TicketDetail::default()
    }
}

#[test]
fn the_claim_stands_beside_the_fact() {
    let lines = rendered(&lied(), Out::of_width(Some(100)), 90 * SECOND);
    insta::assert_snapshot!(lines.join("\n"), @r#"
    APP-1  Faster carts  escalated
      project   shop
      state     escalated for 1 min 30 s · priority high · agent ticket-worker · 3 of 3 tries spent
      waits     for a person to decide
      after     APP-7 (landed)
      branch    gangline/APP-1-faster-carts
      spent     1 min 32 s, 41000 of 100000 tokens, 1.25 USD

      They are slow.

    CLAIM BESIDE FACT  fail  commit cccccccccc, judged by the policy of bbbbbbbbbb
      CHECK    CLAIMED                FACT            VERDICT  EVIDENCE
      commits  1                      1 new commit    pass
      test     all tests pass: false  2 of 14 failed  fail     12 passed, 2 failed, 0 skipped; `cargo
                                                               test` exit 101 in 3.2 s, log beefcafe
      test:
        | assertion `left == right` failed
      the agent said: “Done, all green” (done: false)
      hint by person:ann: look at total()

    escalated: 3 tries failed verification

     next: gangline retry APP-1 --hint "…"
       or: gangline take-over APP-1
       or: gangline cancel APP-1
    "#);
}

#[test]
fn nothing_of_an_agent_reaches_the_terminal_raw() {
    let lines = rendered(&lied(), Out::of_width(None), 0);
    assert!(lines.iter().all(|line| !line.chars().any(char::is_control)));
}
