use super::*;
use crate::driver::Permission;
use crate::lines::LineCutter;

/// Replays recorded output, as it would arrive.
fn replay(protocol: &mut ClaudeProtocol, name: &str) -> Vec<AgentEvent> {
    let file = format!("{}/fixtures/claude/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut cutter = LineCutter::default();
    bytes
        .chunks(1000)
        .flat_map(|chunk| cutter.push(chunk))
        .flat_map(|line| protocol.line(&line))
        .collect()
}

fn line(protocol: &mut ClaudeProtocol, json: &Value) -> Vec<AgentEvent> {
    protocol.line(&Line { text: json.to_string(), cut: 0 })
}

fn recorded(name: &str, exit: i32) -> (Vec<AgentEvent>, AgentEnd) {
    let mut protocol = ClaudeProtocol::new(false);
    let events = replay(&mut protocol, name);
    assert!(protocol.has_result(), "{name} has no result");
    (events, protocol.end(Exit::Code(exit), ""))
}

fn shown(events: &[AgentEvent]) -> String {
    let lines: Vec<String> = events.iter().map(|event| format!("{event:?}")).collect();
    lines.join("\n")
}

#[test]
fn every_recording_is_tested() {
    let tested = [
        "commit",
        "denied",
        "interrupted-request",
        "interrupted-tool",
        "invalid-key",
        "invalid-request",
        "max-turns",
        "no-such-session",
        "not-logged-in",
        "overloaded",
        "overloaded-then-well",
        "question",
        "rate-limit-api-key",
        "resumed",
        "steered",
        "two-results",
        "usage-limit",
    ];
    let folder = format!("{}/fixtures/claude", env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().to_string_lossy().replace(".jsonl", ""))
        .collect();
    found.sort();
    assert_eq!(found, tested);
}

#[test]
fn a_whole_session_is_told_in_events() {
    let (events, end) = recorded("commit", 0);
    insta::assert_snapshot!(shown(&events), @r#"
    Started { session: Some("4b8c9715-29b2-4eac-8c73-ca693c79d08d"), model: Some("claude-opus-5-5") }
    ToolStarted { id: "toolu_stub0000", tool: "Write", detail: "/repo/tree/a.txt", paths: ["/repo/tree/a.txt"] }
    Usage(Usage { tokens: 101, cost_microusd: 0, wall_ms: 0 })
    ToolFinished { id: "toolu_stub0000", ok: true, detail: "File created successfully at: /repo/tree/a.txt (file state is current in your context — no need to Read it back)" }
    ToolStarted { id: "toolu_stub0001", tool: "Bash", detail: "cat a.txt", paths: [] }
    Usage(Usage { tokens: 202, cost_microusd: 0, wall_ms: 0 })
    ToolFinished { id: "toolu_stub0001", ok: true, detail: "hi" }
    ToolStarted { id: "toolu_stub0002", tool: "Bash", detail: "git add -A && git commit -q -m 'Add a'", paths: [] }
    Usage(Usage { tokens: 303, cost_microusd: 0, wall_ms: 0 })
    ToolFinished { id: "toolu_stub0002", ok: true, detail: "(Bash completed with no output)" }
    Message { text: "All tests pass." }
    Usage(Usage { tokens: 404, cost_microusd: 0, wall_ms: 0 })
    Usage(Usage { tokens: 480, cost_microusd: 3200, wall_ms: 0 })
    "#);
    assert_eq!(end, AgentEnd::Completed { summary: "All tests pass.".to_owned() });
}

#[test]
fn every_recorded_end_is_told_apart() {
    let ends: Vec<String> = [
        ("denied", 0),
        ("invalid-key", 1),
        ("invalid-request", 1),
        ("max-turns", 1),
        ("no-such-session", 1),
        ("not-logged-in", 1),
        ("overloaded", 1),
        ("overloaded-then-well", 0),
        ("rate-limit-api-key", 1),
        ("usage-limit", 1),
        ("interrupted-tool", 1),
        ("interrupted-request", 1),
    ]
    .iter()
    .map(|(name, exit)| format!("{name}: {:?}", recorded(name, *exit).1))
    .collect();
    insta::assert_snapshot!(ends.join("\n"), @r#"
    denied: Completed { summary: "denied\n[1 tool calls were denied: Bash]" }
    invalid-key: AuthFailed { message: "Invalid API key · Fix external API key" }
    invalid-request: Crashed { message: "API Error: 400 Something went wrong", exit: "exit code 1" }
    max-turns: GaveUp { reason: "Reached maximum number of turns (1)" }
    no-such-session: Crashed { message: "No conversation found with session ID: 7f0c0d0e-0000-4000-8000-00000000000f", exit: "exit code 1" }
    not-logged-in: AuthFailed { message: "Not logged in · Please run /login" }
    overloaded: Quota { message: "API Error: 529 Overloaded. This is a server-side issue, usually temporary — try again in a moment. If it persists, check your inference gateway (127.0.0.1:8080).", resets_at: None }
    overloaded-then-well: Completed { summary: "ok" }
    rate-limit-api-key: Quota { message: "API Error: Request rejected (429) · This request would exceed your account's rate limit. Please try again later.", resets_at: None }
    usage-limit: Quota { message: "You've hit your limit · resets Jan 15, 2027, 8am (UTC)", resets_at: Some(1800000000) }
    interrupted-tool: Interrupted
    interrupted-request: Interrupted
    "#);
}

#[test]
fn limits_are_told_while_they_last() {
    let limits = |name| {
        let (events, _) = recorded(name, 0);
        events
            .into_iter()
            .filter(|event| matches!(event, AgentEvent::Limit { .. }))
            .collect::<Vec<_>>()
    };
    insta::assert_snapshot!(shown(&limits("overloaded-then-well")), @r#"
    Limit { message: "overloaded (529): attempt 1 of 2, the next one in 602 ms", resets_at_s: None }
    Limit { message: "overloaded (529): attempt 2 of 2, the next one in 1164 ms", resets_at_s: None }
    "#);
    insta::assert_snapshot!(shown(&limits("usage-limit")), @r#"Limit { message: "five_hour limit: rejected", resets_at_s: Some(1800000000) }"#);
}

#[test]
fn usage_is_a_running_total_that_results_settle() {
    let totals = |name: &str, resumed| {
        let mut protocol = ClaudeProtocol::new(resumed);
        let usage = replay(&mut protocol, name).into_iter().filter_map(|event| {
            let AgentEvent::Usage(usage) = event else { return None };
            Some((usage.tokens, usage.cost_microusd))
        });
        usage.collect::<Vec<_>>()
    };
    assert_eq!(totals("commit", false), [(101, 0), (202, 0), (303, 0), (404, 0), (480, 3200)]);
    assert_eq!(totals("two-results", false).last(), Some(&(360, 2400)));
    assert_eq!(
        totals("resumed", true).last(),
        Some(&(240, 1600)),
        "the earlier session's cost is not this one's"
    );
    assert_eq!(totals("overloaded", false), []);
}

#[test]
fn older_results_are_settled_by_difference() {
    let mut protocol = ClaudeProtocol::new(false);
    let result = |total: f64| {
        json!({ "type": "result", "subtype": "success", "is_error": false, "result": "x", "total_cost_usd": total,
                "usage": { "input_tokens": 10, "output_tokens": 5, "cache_read_input_tokens": 1000 } })
    };
    let usage = |tokens, cost_microusd| {
        vec![AgentEvent::Usage(gangline_domain::budget::Usage {
            tokens,
            cost_microusd,
            wall_ms: 0,
        })]
    };
    assert_eq!(line(&mut protocol, &result(0.001)), usage(15, 1000));
    assert_eq!(line(&mut protocol, &result(0.0025)), usage(30, 2500));
}

#[test]
fn the_last_of_several_results_counts_and_work_after_one_reopens_the_session() {
    let mut protocol = ClaudeProtocol::new(false);
    replay(&mut protocol, "two-results");
    assert_eq!(
        protocol.end(Exit::Code(0), ""),
        AgentEnd::Completed { summary: "second".to_owned() }
    );

    let mut protocol = ClaudeProtocol::new(false);
    line(
        &mut protocol,
        &json!({ "type": "result", "is_error": false, "result": "a", "queued_turn_count": 1 }),
    );
    assert!(!protocol.has_result(), "a turn is queued");
    line(&mut protocol, &json!({ "type": "result", "is_error": false, "result": "b" }));
    assert!(protocol.has_result() && !protocol.listens());
    line(&mut protocol, &json!({ "type": "assistant", "message": { "content": [] } }));
    assert!(!protocol.has_result() && protocol.listens());
}

#[test]
fn a_question_is_shown_and_its_answer_goes_back_as_the_program_wants_it() {
    let mut protocol = ClaudeProtocol::new(false);
    let events = replay(&mut protocol, "question");
    let question = events.iter().find_map(|event| {
        let AgentEvent::Question { id, text, options, .. } = event else { return None };
        Some((id.clone(), text.clone(), options.clone()))
    });
    let (id, text, options) = question.unwrap();
    assert_eq!(text, "Which way? [Left / Right]\nWhich colours? [Red / Blue]");
    assert_eq!(options, Vec::<String>::new());
    let reply: Value =
        serde_json::from_str(&protocol.answer(&id, "Left\nRed, Blue").unwrap()).unwrap();
    assert_eq!(reply["response"]["request_id"], id);
    let input = &reply["response"]["response"]["updatedInput"];
    assert_eq!(input["answers"], json!({ "Which way?": "Left", "Which colours?": "Red, Blue" }));
    assert_eq!(input["questions"].as_array().unwrap().len(), 2);
    assert!(matches!(protocol.answer(&id, "again"), Err(SendError::NotOpen { .. })));
}

#[test]
fn a_permission_is_a_question_with_two_answers() {
    let mut protocol = ClaudeProtocol::new(false);
    let request = json!({ "type": "control_request", "request_id": "r1", "request": {
        "subtype": "can_use_tool", "tool_name": "Bash", "input": { "command": "ls" } } });
    for (answer, expected) in [
        ("allow", json!({ "behavior": "allow", "updatedInput": { "command": "ls" } })),
        ("no, never", json!({ "behavior": "deny", "message": "no, never" })),
    ] {
        let events = line(&mut protocol, &request);
        let question = AgentEvent::Question {
            id: "r1".to_owned(),
            text: "May I use Bash? ls".to_owned(),
            options: vec!["allow".to_owned(), "deny".to_owned()],
            permission: Some(Permission {
                tool: "Bash".to_owned(),
                detail: "ls".to_owned(),
                paths: vec![],
            }),
        };
        assert_eq!(events, [question]);
        let reply: Value = serde_json::from_str(&protocol.answer("r1", answer).unwrap()).unwrap();
        assert_eq!(reply["response"]["response"], expected);
    }
}

#[test]
fn a_request_that_is_not_known_is_refused_rather_than_left_waiting() {
    let mut protocol = ClaudeProtocol::new(false);
    let request = json!({ "type": "control_request", "request_id": "r9", "request": { "subtype": "mcp_message" } });
    assert!(matches!(line(&mut protocol, &request)[..], [AgentEvent::Raw(_)]));
    let replies = protocol.replies();
    assert_eq!(replies.len(), 1);
    assert!(replies[0].contains("\"request_id\":\"r9\"") && replies[0].contains("\"error\""));
    assert_eq!(protocol.replies(), Vec::<String>::new());
}

#[test]
fn an_interrupt_is_the_recorded_reason_unless_it_was_done_already() {
    let mut protocol = ClaudeProtocol::new(false);
    assert!(
        matches!(protocol.interrupt(), Interrupt::Line(line) if line.contains("\"interrupt\""))
    );
    replay(&mut protocol, "commit");
    assert!(matches!(protocol.end(Exit::Code(0), ""), AgentEnd::Completed { .. }));
    let mut protocol = ClaudeProtocol::new(false);
    protocol.interrupt();
    assert_eq!(protocol.end(Exit::Code(143), ""), AgentEnd::Interrupted);
}

#[test]
fn without_a_result_it_has_crashed() {
    let mut protocol = ClaudeProtocol::new(false);
    let end = protocol.end(Exit::Code(1), "Error: Session ID x is already in use.");
    let message = "Error: Session ID x is already in use.".to_owned();
    assert_eq!(end, AgentEnd::Crashed { message, exit: "exit code 1".to_owned() });
}

#[test]
fn unknown_lines_are_kept_as_they_are() {
    let mut protocol = ClaudeProtocol::new(false);
    for text in [
        "not json",
        "{\"type\":\"from_the_future\"}",
        "{\"type\":\"system\",\"subtype\":\"status\"}",
        "[]",
        "{}",
    ] {
        let events = protocol.line(&Line { text: text.to_owned(), cut: 0 });
        assert_eq!(events, [AgentEvent::Raw(text.to_owned())]);
    }
    let cut = protocol.line(&Line { text: "{}".to_owned(), cut: 7 });
    assert_eq!(cut, [AgentEvent::Raw("{} [cut: 7 more bytes]".to_owned())]);
}

#[test]
fn blocks_of_all_kinds_are_told() {
    let mut protocol = ClaudeProtocol::new(false);
    let events = line(
        &mut protocol,
        &json!({ "type": "assistant", "message": { "content": [
        { "type": "thinking", "thinking": "hm" },
        { "type": "tool_use", "id": "t1", "name": "TodoWrite", "input": { "todos": [
            { "content": "a", "status": "completed" }, { "content": "b", "status": "in_progress" }, { "content": "c" } ] } },
        { "type": "tool_use", "id": "t2", "name": "Grep", "input": { "pattern": "fn", "path": "src" } },
        { "type": "tool_use", "id": "t3", "name": "Bash", "input": { "command": "x".repeat(600) } },
        { "type": "server_tool_use", "id": "t4" },
    ] } }),
    );
    insta::assert_snapshot!(shown(&events).replace(&"x".repeat(500), "(500 x)"), @r#"
    Thought { text: "hm" }
    ToolStarted { id: "t1", tool: "TodoWrite", detail: "{\"todos\":[{\"content\":\"a\",\"status\":\"completed\"},{\"content\":\"b\",\"status\":\"in_progress\"},{\"content\":\"c\"}]}", paths: [] }
    Plan([PlanItem { text: "a", status: Done }, PlanItem { text: "b", status: InProgress }, PlanItem { text: "c", status: Pending }])
    ToolStarted { id: "t2", tool: "Grep", detail: "fn", paths: ["src"] }
    ToolStarted { id: "t3", tool: "Bash", detail: "(500 x)…", paths: [] }
    Raw("{\"id\":\"t4\",\"type\":\"server_tool_use\"}")
    "#);
}
