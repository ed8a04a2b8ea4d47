//! A board with one of each.

use std::collections::BTreeMap;

use gangline_api::client::TicketRef;
use gangline_api::node::{JobPulse, NodeView, QueueEntry};
use gangline_api::project::{DayView, ProjectView};
use gangline_api::status::{Circuit, Status};
use gangline_api::ticket::{
    AlertView, AttemptView, EscalationView, QuestionView, RecordView, TicketDetail, TicketView,
    UsageView, WaitView,
};
use gangline_api::verification::{CheckView, ClaimView, ReportView};

use crate::top::board::{Board, named};
use crate::top::entry::{rendered, text};
use crate::top::model::{Effect, Message, Model};
use crate::top::typed::{Key, Typed};
use crate::top::update::update;

/// The moment at which everything is shown: 2026-11-03 12:00 UTC.
pub(super) const NOW_US: i64 = 1_793_707_200_000_000;

/// So many seconds ago.
pub(super) fn ago(seconds: i64) -> i64 {
    NOW_US - seconds * 1_000_000
}

pub(super) fn name(key: &str) -> TicketRef {
    TicketRef { project: "shop".into(), key: key.into() }
}

pub(super) fn ticket(key: &str, state: &str, title: &str, seconds: i64) -> TicketView {
    let person = matches!(state, "review" | "escalated" | "held");
    TicketView {
        project: "shop".into(),
        key: key.into(),
        title: title.into(),
        state: state.into(),
        since_us: ago(seconds),
        priority: "medium".into(),
        agent: "claude".into(),
        tries: 3,
        created_us: ago(seconds),
        wait: WaitView {
            reason: if person { "person" } else { "job" }.into(),
            text: if person { "a person to decide" } else { "its job on node local" }.into(),
            ..WaitView::default()
        },
        ..TicketView::default()
    }
}

pub(super) fn of(ticket: TicketView) -> TicketDetail {
    TicketDetail { ticket, deliverable: "commit".into(), ..TicketDetail::default() }
}

fn pulse(job: &str, current: &str, seconds: i64) -> JobPulse {
    JobPulse { job: job.into(), current: current.into(), last_activity_us: ago(seconds) }
}

fn attempt(job: &str, seconds: i64) -> AttemptView {
    AttemptView {
        job: job.into(),
        try_no: 1,
        agent: "claude".into(),
        kind: "claude".into(),
        start: "fresh".into(),
        tier: Some("bubblewrap".into()),
        base: None,
        started_us: ago(seconds),
        deadline_us: ago(-9_000),
        ended_us: None,
        end: None,
        claim: None,
        commit: Some("4f0c6e2b9a17d35e8c1f".into()),
        rescue: None,
        left_out: vec![],
        verdict: None,
        usage: UsageView::default(),
    }
}

fn report(verdict: &str) -> ReportView {
    let check = |name: &str, verdict: &str, fact: &str, lines: &[&str]| CheckView {
        name: name.into(),
        required: true,
        verdict: verdict.into(),
        claimed: Some("all pass".into()),
        claim: Some(if verdict == "pass" { "true" } else { "false" }.into()),
        fact: fact.into(),
        lines: lines.iter().map(|line| (*line).to_owned()).collect(),
        permit: vec![],
        doubts: vec![],
        evidence: None,
    };
    let failed = ["assertion failed: total(0.1, 0.2) == 0.30"];
    ReportView {
        job: "shop.APP-7.v1".into(),
        verdict: verdict.into(),
        commit: "4f0c6e2b9a17d35e8c1f".into(),
        base: "a11ce0ffee0000000000".into(),
        policy_sha256: "00".into(),
        claim: Some(ClaimView {
            source: "outcome".into(),
            summary: "Rounds half to even, all tests pass".into(),
            ending: Some("done".into()),
            truth: Some(if verdict == "pass" { "true" } else { "false" }.into()),
        }),
        checks: vec![
            check("commits", "pass", "1 new commit", &[]),
            check(
                "test",
                verdict,
                if verdict == "pass" { "14 passed" } else { "1 failed" },
                &failed,
            ),
        ],
    }
}

fn asking() -> TicketDetail {
    let mut view = ticket("APP-12", "working", "Parse prices of every shop", 600);
    view.wait.reason = "person".into();
    view.wait.text = "a person to answer its question".into();
    let mut detail = of(view);
    detail.dependents = vec!["APP-20".into(), "APP-21".into()];
    detail.attempts = vec![attempt("shop.APP-12.a1", 600)];
    detail.questions = vec![QuestionView {
        id: "q1".into(),
        text: "Which separator do prices in the old export use? The samples have both, and the \
               README says nothing."
            .into(),
        options: vec!["dot".into(), "comma".into()],
        asked_us: ago(190),
    }];
    detail
}

fn escalated() -> TicketDetail {
    let mut view = ticket("APP-3", "escalated", "Round the total", 4_000);
    view.tries_spent = 3;
    let mut detail = of(view);
    detail.attempts = vec![attempt("shop.APP-3.a3", 5_000)];
    detail.report = Some(report("fail"));
    detail.records = vec![RecordView {
        job: "shop.APP-3.a3".into(),
        try_no: 3,
        cause: "checks_failed".into(),
        class: "test".into(),
        class_text: "a test fails".into(),
        checks: vec!["test".into()],
        fingerprint: None,
        same_as: None,
        error: "test failed".into(),
        approach: "Rounds half to even".into(),
        facts: vec!["1 of 14 tests failed".into()],
        lines: vec!["assertion failed: total(0.1, 0.2) == 0.30".into()],
        spent: true,
    }];
    detail.escalation = Some(EscalationView {
        reason: "tries_spent".into(),
        summary: "all 3 tries are spent; the last one failed test".into(),
        suggestions: vec!["more_context".into(), "split".into(), "discard".into()],
    });
    detail
}

fn reviewed() -> TicketDetail {
    let mut detail = of(ticket("APP-7", "review", "Reject empty input before it is parsed", 720));
    detail.attempts = vec![attempt("shop.APP-7.a1", 900)];
    detail.commit = Some("4f0c6e2b9a17d35e8c1f".into());
    detail.report = Some(report("pass"));
    detail.worktree = Some("/home/ann/worktrees/shop-APP-7".into());
    detail
}

fn working(key: &str, title: &str, microusd: u64) -> TicketDetail {
    let mut detail = of(ticket(key, "working", title, 300));
    detail.attempts = vec![attempt(&format!("shop.{key}.a1"), 300)];
    detail.ticket.usage.cost_microusd = microusd;
    detail.worktree = Some(format!("/home/ann/worktrees/shop-{key}"));
    detail
}

fn silent() -> TicketDetail {
    let mut detail = working("APP-9", "Port the importer", 0);
    detail.ticket.alerts = vec![AlertView {
        kind: "silence".into(),
        text: "nothing has been heard of the agent".into(),
        since_us: ago(1_920),
    }];
    detail
}

fn waiting() -> Vec<TicketView> {
    let mut on = ticket("APP-20", "open", "Show prices in the reader's currency", 500);
    on.wait = WaitView {
        reason: "dependencies".into(),
        text: "APP-12 to land".into(),
        until_us: None,
        on: vec!["APP-12".into()],
    };
    let mut also = on.clone();
    also.key = "APP-21".into();
    also.title = "Sort by price".into();
    let mut circuit = ticket("APP-22", "open", "Translate the invoice", 450);
    circuit.wait.reason = "circuit".into();
    circuit.wait.text = "agent kind codex to be mended: its login has expired".into();
    vec![on, also, circuit]
}

fn project() -> ProjectView {
    let usage = UsageView { tokens: 812_000, cost_microusd: 4_120_000, wall_ms: 9_000_000 };
    let mut project: ProjectView = serde_json::from_value(serde_json::json!({
        "name": "shop", "repo": "/home/ann/shop", "target": "main", "key_prefix": "APP",
        "policy_sha256": "00", "policy": "committed", "review": "required", "landing": "local",
        "paused": false, "tries": 3, "default_agent": "claude", "agents": [],
    }))
    .unwrap();
    project.days = vec![DayView { day_us: NOW_US - 12 * 3_600_000_000, usage }];
    project
}

pub(super) fn status() -> Status {
    Status {
        version: "0.1.0".into(),
        api: 1,
        pid: 7,
        started_us: ago(90_000),
        socket: "/run/gangline.sock".into(),
        http: None,
        state_dir: "/state".into(),
        log: "/state/log".into(),
        seq: 100,
        projects: 1,
        tickets_live: 0,
        tickets_closed: 0,
        circuits: vec![],
        config: None,
        traces: None,
        push: None,
        nodes: vec![NodeView {
            name: "local".into(),
            state: "alive".into(),
            slots: 5,
            kinds: vec!["claude".into()],
            jobs: vec![],
            draining: false,
            alerts: vec![],
        }],
    }
}

/// A project without a ticket.
pub(super) fn empty() -> Board {
    Board {
        status: status(),
        projects: vec![project()],
        tickets: vec![],
        queue: vec![],
        main_agents: vec![],
        details: BTreeMap::new(),
    }
}

/// One of each.
pub(super) fn full() -> Board {
    let mut board = empty();
    board.status.circuits =
        vec![Circuit { kind: "codex".into(), why: "its login has expired".into() }];
    board.status.nodes[0].jobs = vec![
        pulse("shop.APP-12.a1", "Ask Which separator do prices in the old export use?", 190),
        pulse("shop.APP-5.a1", "Edit src/cart/total.rs", 4),
        pulse("shop.APP-8.a1", "half of the pages are ported · Bash cargo test --workspace", 72),
        pulse("shop.APP-9.a1", "Bash make import", 1_920),
    ];
    let details = [
        asking(),
        escalated(),
        reviewed(),
        silent(),
        working("APP-5", "Add up the cart in cents", 120_000),
        working("APP-8", "Port the pages to the new router", 2_310_000),
    ];
    let mut queued = ticket("APP-6", "queued", "Cache exchange rates", 60);
    queued.wait.text = "its turn in the merge queue".into();
    let landing = ticket("APP-4", "landing", "Read prices as cents", 30);
    board.queue = [&landing, &queued]
        .iter()
        .zip(1..)
        .map(|(ticket, position)| QueueEntry {
            project: "shop".into(),
            key: ticket.key.clone(),
            title: ticket.title.clone(),
            state: ticket.state.clone(),
            position,
            commit: "4f0c6e2b9a17d35e8c1f".into(),
            approved_by: "person:ann".into(),
            since_us: ticket.since_us,
        })
        .collect();
    for detail in details {
        board.tickets.push(detail.ticket.clone());
        board.details.insert(named(&detail.ticket), detail);
    }
    board.tickets.extend([queued, landing]);
    board.tickets.extend(waiting());
    board.tickets.sort_by(|a, b| a.key.cmp(&b.key));
    board
}

/// The screen with that.
pub(super) fn model() -> Model {
    Model::new(full(), Some("shop".into()), NOW_US)
}

/// What a screen of this size shows.
pub(super) fn shown(model: &mut Model, size: (u16, u16)) -> String {
    assert_eq!(update(model, Message::Resized(size.0, size.1)).len(), 0, "a page asks for more");
    text(&rendered(model)).join("\n")
}

/// Types keys, and gives what they ask for.
pub(super) fn press(model: &mut Model, keys: &[Key]) -> Vec<Effect> {
    let typed = keys.iter().map(|key| Message::Typed(Typed::Key(*key)));
    typed.flat_map(|message| update(model, message)).collect()
}

/// Types letters.
pub(super) fn types(model: &mut Model, letters: &str) -> Vec<Effect> {
    press(model, &letters.chars().map(Key::Char).collect::<Vec<_>>())
}
