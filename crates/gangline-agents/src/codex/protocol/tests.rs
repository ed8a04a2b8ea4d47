use super::*;
use crate::codex::exec::ExecProtocol;
use crate::driver::Permission;
use crate::lines::LineCutter;

const SILENCE: Duration = Duration::from_secs(5);

fn recorded(name: &str) -> Vec<Line> {
    let file = format!("{}/fixtures/codex/{name}.jsonl", env!("CARGO_MANIFEST_DIR"));
    let bytes = std::fs::read(&file).unwrap_or_else(|error| panic!("{file}: {error}"));
    let mut cutter = LineCutter::default();
    bytes.chunks(1000).flat_map(|chunk| cutter.push(chunk)).collect()
}

fn fresh() -> CodexProtocol {
    CodexProtocol::new(("thread/start", json!({})), "the brief".to_owned(), SILENCE)
}

fn resumed() -> CodexProtocol {
    CodexProtocol::new(("thread/resume", json!({ "threadId": "t" })), "more".to_owned(), SILENCE)
}

/// Plays a recording to its end, or up to a line that contains a text.
fn play(protocol: &mut dyn Protocol, lines: &mut Vec<Line>, until: &str) -> Vec<AgentEvent> {
    let mut events = vec![];
    while !lines.is_empty() {
        let line = lines.remove(0);
        events.extend(protocol.line(&line));
        if !until.is_empty() && line.text.contains(until) {
            break;
        }
    }
    events
}

fn whole(name: &str, exit: i32) -> (Vec<AgentEvent>, AgentEnd) {
    let mut protocol = fresh();
    let events = play(&mut protocol, &mut recorded(name), "");
    assert!(protocol.has_result(), "{name} has no result");
    (events, protocol.end(Exit::Code(exit), ""))
}

fn line(protocol: &mut dyn Protocol, json: &Value) -> Vec<AgentEvent> {
    protocol.line(&Line { text: json.to_string(), cut: 0 })
}

fn shown(events: &[AgentEvent]) -> String {
    let lines: Vec<String> = events.iter().map(|event| format!("{event:?}")).collect();
    lines.join("\n")
}

#[test]
fn every_recording_is_tested() {
    let tested = include_str!("tests.rs");
    let folder = format!("{}/fixtures/codex", env!("CARGO_MANIFEST_DIR"));
    for entry in std::fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().replace(".jsonl", "");
        assert!(tested.contains(&format!("\"{name}\"")), "{name} is not tested");
    }
}

#[test]
fn a_whole_session_is_told_in_events() {
    let (events, end) = whole("commit", 0);
    insta::assert_snapshot!(shown(&events), @r#"
    Started { session: Some("01a1fe16-2d6b-7a82-b0d0-e5897fc06b11"), model: Some("gpt-5.5") }
    ToolStarted { id: "call_stub0004", tool: "Edit", detail: "/repo/tree/hello.txt", paths: ["/repo/tree/hello.txt"] }
    ToolFinished { id: "call_stub0004", ok: true, detail: "" }
    Usage(Usage { tokens: 120, cost_microusd: 0, wall_ms: 0 })
    ToolStarted { id: "call_stub0006", tool: "Bash", detail: "git add -A && git commit -q -m 'Add hello.txt'", paths: [] }
    ToolFinished { id: "call_stub0006", ok: true, detail: "" }
    Usage(Usage { tokens: 240, cost_microusd: 0, wall_ms: 0 })
    Message { text: "All done." }
    Usage(Usage { tokens: 360, cost_microusd: 0, wall_ms: 0 })
    "#);
    assert_eq!(end, AgentEnd::Completed { summary: "All done.".to_owned() });
    let (events, _) = whole("code", 0);
    insta::assert_snapshot!(shown(&events), @r#"
    Started { session: Some("01a1fe30-b9e6-7421-b1e2-eccc7edae2ce"), model: Some("gpt-6.1-sol") }
    Message { text: "working" }
    ToolStarted { id: "exec-90203faa-9038-4969-a77a-a711cddab8d0", tool: "Edit", detail: "/repo/tree/a.txt", paths: ["/repo/tree/a.txt"] }
    Question { id: "codex-0", text: "May I use Edit? /repo/tree/a.txt", options: ["allow", "deny"], permission: Some(Permission { tool: "Edit", detail: "/repo/tree/a.txt", paths: ["/repo/tree/a.txt"] }) }
    ToolFinished { id: "exec-90203faa-9038-4969-a77a-a711cddab8d0", ok: true, detail: "" }
    Usage(Usage { tokens: 120, cost_microusd: 0, wall_ms: 0 })
    ToolStarted { id: "exec-8995369a-8ba4-4b58-8693-59a07b2d63e9", tool: "Bash", detail: "cat a.txt", paths: [] }
    Question { id: "codex-1", text: "May I use Bash? cat a.txt", options: ["allow", "deny"], permission: Some(Permission { tool: "Bash", detail: "cat a.txt", paths: [] }) }
    ToolFinished { id: "exec-8995369a-8ba4-4b58-8693-59a07b2d63e9", ok: true, detail: "1" }
    Usage(Usage { tokens: 240, cost_microusd: 0, wall_ms: 0 })
    ToolStarted { id: "exec-f32a2293-19bf-4937-a0e8-a6ece347417c", tool: "Bash", detail: "git add -A && git commit -q -m 'x'", paths: [] }
    Question { id: "codex-2", text: "May I use Bash? git add -A && git commit -q -m 'x'", options: ["allow", "deny"], permission: Some(Permission { tool: "Bash", detail: "git add -A && git commit -q -m 'x'", paths: [] }) }
    ToolFinished { id: "exec-f32a2293-19bf-4937-a0e8-a6ece347417c", ok: true, detail: "" }
    Usage(Usage { tokens: 360, cost_microusd: 0, wall_ms: 0 })
    Message { text: "ok" }
    Usage(Usage { tokens: 480, cost_microusd: 0, wall_ms: 0 })
    "#);
}

#[test]
fn the_program_is_greeted_before_anything_is_asked_of_it() {
    let mut protocol = fresh();
    assert!(protocol.first().contains("\"initialize\""));
    let mut lines = recorded("commit");
    play(&mut protocol, &mut lines, "\"id\":0");
    let methods = |replies: Vec<String>| {
        let method = |line: String| {
            let line: Value = serde_json::from_str(&line).unwrap();
            line["method"].as_str().unwrap().to_owned()
        };
        replies.into_iter().map(method).collect::<Vec<_>>()
    };
    assert_eq!(methods(protocol.replies()), ["initialized", "thread/start"]);
    play(&mut protocol, &mut lines, "\"id\":1");
    let replies = protocol.replies();
    assert!(replies[0].contains("the brief"));
    assert_eq!(methods(replies), ["turn/start"]);
}

#[test]
fn every_recorded_end_is_told_apart() {
    let ends = [
        "denied",
        "invalid-key",
        "invalid-request",
        "no-key",
        "no-such-thread",
        "overloaded",
        "rate-limit",
        "refused",
        "server-error",
        "usage-limit",
    ]
    .map(|name| format!("{name}: {:?}", whole(name, 0).1));
    insta::assert_snapshot!(ends.join("\n"), @r#"
    denied: Completed { summary: "ok" }
    invalid-key: AuthFailed { message: "unexpected status 401 Unauthorized: Incorrect API key provided., url: http://127.0.0.1:8080/v1/responses" }
    invalid-request: Crashed { message: "{\"error\":{\"code\":\"invalid_request\",\"message\":\"Something went wrong\",\"param\":null,\"type\":\"invalid_request_error\"}}", exit: "exit code 0" }
    no-key: AuthFailed { message: "Missing environment variable: `OPENAI_API_KEY`." }
    no-such-thread: Crashed { message: "no rollout found for thread id 01a1fe18-e523-7d71-8c6e-38a20d36ebc0", exit: "exit code 0" }
    overloaded: Quota { message: "unexpected status 529 <unknown status code>: The server is currently overloaded., url: http://127.0.0.1:8080/v1/responses", resets_at: None }
    rate-limit: Quota { message: "exceeded retry limit, last status: 429 Too Many Requests", resets_at: None }
    refused: Quota { message: "Connection failed: error sending request", resets_at: None }
    server-error: Quota { message: "We’re currently experiencing high demand, which may cause temporary errors.", resets_at: None }
    usage-limit: Quota { message: "You’ve hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro), visit https://chatgpt.com/settings/usage to purchase more credits or try again at Jan 15th, 2027 8:00 AM.", resets_at: Some(1800000000) }
    "#);
}

#[test]
fn limits_are_told_while_they_last() {
    let (events, _) = whole("overloaded", 0);
    let limits: Vec<AgentEvent> =
        events.into_iter().filter(|event| matches!(event, AgentEvent::Limit { .. })).collect();
    insta::assert_snapshot!(shown(&limits), @r#"Limit { message: "Reconnecting... 1/1: unexpected status 529 <unknown status code>: The server is currently overloaded., url: http://127.0.0.1:8080/v1/responses", resets_at_s: None }"#);
}

#[test]
fn what_earlier_sessions_spent_is_not_counted_again() {
    let totals = |mut protocol: CodexProtocol, name: &str| {
        let events = play(&mut protocol, &mut recorded(name), "");
        let usage = events.into_iter().filter_map(|event| {
            let AgentEvent::Usage(usage) = event else { return None };
            Some(usage.tokens)
        });
        usage.collect::<Vec<_>>()
    };
    assert_eq!(totals(fresh(), "commit"), [120, 240, 360]);
    assert_eq!(totals(resumed(), "resumed"), [120]);
}

#[test]
fn tokens_out_of_the_cache_are_left_out_and_repeats_are_not_counted() {
    let mut meter = Meter::new(true);
    let usage = |input, cached, output| {
        json!({
            "total": { "inputTokens": input * 10, "cachedInputTokens": cached * 10, "outputTokens": output * 10 },
            "last": { "inputTokens": input, "cachedInputTokens": cached, "outputTokens": output },
        })
    };
    let told = |meter: &mut Meter, usage: Value| meter.told(&usage, true).map(|usage| usage.tokens);
    assert_eq!(told(&mut meter, usage(100, 80, 5)), Some(25));
    assert_eq!(told(&mut meter, usage(100, 80, 5)), None);
    assert_eq!(told(&mut meter, usage(110, 80, 5)), Some(125));
    let mut meter = Meter::new(false);
    let turn = json!({ "input_tokens": 100, "cached_input_tokens": 60, "output_tokens": 7 });
    assert_eq!(meter.turn(&turn).map(|usage| usage.tokens), Some(47));
    assert_eq!(meter.turn(&turn), None);
}

/// The questions of a recording, and what the program is told when all are answered so.
fn answered(name: &str, answer: &str) -> (Vec<AgentEvent>, String) {
    let mut protocol = fresh();
    let mut lines = recorded(name);
    let (mut questions, mut told) = (vec![], vec![]);
    while !lines.is_empty() {
        // Replies are numbered as the recorded ones were: what was not said in it is left out.
        for event in play(&mut protocol, &mut lines, "\"method\"") {
            if let AgentEvent::Question { id, .. } = &event {
                told.push(protocol.answer(id, answer).unwrap());
                assert!(matches!(protocol.answer(id, answer), Err(SendError::NotOpen { .. })));
                questions.push(event);
            }
        }
    }
    (questions, told.join("\n"))
}

#[test]
fn leave_is_a_question_with_two_answers() {
    let (questions, told) = answered("permission", "allow");
    insta::assert_snapshot!(shown(&questions) + "\n" + &told, @r#"
    Question { id: "codex-0", text: "May I use Edit? /repo/tree/a.txt", options: ["allow", "deny"], permission: Some(Permission { tool: "Edit", detail: "/repo/tree/a.txt", paths: ["/repo/tree/a.txt"] }) }
    Question { id: "codex-1", text: "May I use Bash? cat a.txt", options: ["allow", "deny"], permission: Some(Permission { tool: "Bash", detail: "cat a.txt", paths: [] }) }
    Question { id: "codex-2", text: "May I use Bash? git add -A && git commit -q -m 'x'", options: ["allow", "deny"], permission: Some(Permission { tool: "Bash", detail: "git add -A && git commit -q -m 'x'", paths: [] }) }
    {"id":0,"result":{"decision":"accept"}}
    {"id":1,"result":{"decision":"accept"}}
    {"id":2,"result":{"decision":"accept"}}
    "#);
    let (questions, told) = answered("mcp", "yes");
    insta::assert_snapshot!(shown(&questions) + "\n" + &told, @r#"
    Question { id: "codex-0", text: "May I use mcp__gangline__submit? {\"summary\":\"x\"}", options: ["allow", "deny"], permission: Some(Permission { tool: "mcp__gangline__submit", detail: "{\"summary\":\"x\"}", paths: [] }) }
    {"id":0,"result":{"action":"accept","content":{}}}
    "#);
    let (_, told) = answered("permission", "deny");
    assert!(told.contains("decline") && !told.contains("steer"), "{told}");
    let (_, told) = answered("mcp", "deny: not now");
    assert!(told.contains("decline") && told.contains("Leave was denied: deny: not now"), "{told}");
}

#[test]
fn a_question_is_shown_and_its_answer_goes_back_as_the_program_wants_it() {
    let (questions, told) = answered("question", "Left\nRed");
    let [AgentEvent::Question { text, options, permission: None, .. }] = questions.as_slice()
    else {
        panic!("{questions:?}")
    };
    assert_eq!(text, "Which way? [Left / Right]\nWhich colour? [Red / Blue]");
    assert_eq!(options, &Vec::<String>::new());
    let told: Value = serde_json::from_str(&told).unwrap();
    let expected = json!({ "way": { "answers": ["Left"] }, "col": { "answers": ["Red"] } });
    assert_eq!(told["result"]["answers"], expected);
}

#[test]
fn a_request_that_is_not_known_is_refused_rather_than_left_waiting() {
    let mut protocol = fresh();
    let request = json!({ "id": "r9", "method": "item/tool/call", "params": {} });
    assert!(matches!(line(&mut protocol, &request)[..], [AgentEvent::Raw(_)]));
    let replies = protocol.replies();
    assert!(replies[0].contains("\"id\":\"r9\"") && replies[0].contains("-32601"), "{replies:?}");
}

#[test]
fn an_interrupt_ends_the_turn_or_where_there_is_none_the_program() {
    for name in ["interrupted-tool", "interrupted-request"] {
        let mut protocol = fresh();
        assert_eq!(protocol.interrupt(), Interrupt::Signals);
        let mut lines = recorded(name);
        play(&mut protocol, &mut lines, "\"turn/started\"");
        let Interrupt::Line(request) = protocol.interrupt() else { panic!("by signals") };
        assert!(request.contains("\"turn/interrupt\"") && request.contains("\"id\":3"));
        assert!(!protocol.has_result());
        play(&mut protocol, &mut lines, "");
        assert!(protocol.has_result());
        assert_eq!(protocol.end(Exit::Code(0), ""), AgentEnd::Interrupted);
    }
}

#[test]
fn what_is_said_reaches_the_turn_that_runs_or_becomes_the_next_one() {
    let mut protocol = fresh();
    assert_eq!(protocol.steer("too early"), Ok(String::new()));
    let mut lines = recorded("steered");
    play(&mut protocol, &mut lines, "\"id\":1");
    protocol.replies();
    play(&mut protocol, &mut lines, "\"id\":2");
    let [kept] = &protocol.replies()[..] else { panic!("it is lost") };
    assert!(kept.contains("too early") && kept.contains("turn/steer"), "{kept}");
    play(&mut protocol, &mut lines, "\"id\":3");

    let late = protocol.steer("too late").unwrap();
    let id = serde_json::from_str::<Value>(&late).unwrap()["id"].clone();
    play(&mut protocol, &mut lines, "");
    assert!(!protocol.has_result() && protocol.listens(), "nobody knows whether it was heard");
    line(&mut protocol, &json!({ "id": id, "error": { "code": -32600, "message": "no turn" } }));
    let [next] = &protocol.replies()[..] else { panic!("it is lost") };
    assert!(next.contains("turn/start") && next.contains("too late"), "{next}");
    assert!(!protocol.has_result());
    assert_eq!(protocol.patience(), Some(SILENCE));
}

#[test]
fn only_the_provider_is_waited_for_with_a_bound() {
    let mut protocol = fresh();
    let mut lines = recorded("permission");
    assert_eq!(protocol.patience(), Some(SILENCE));
    play(&mut protocol, &mut lines, "requestApproval");
    assert_eq!(protocol.patience(), None, "a person is asked");
    protocol.answer("codex-0", "allow").unwrap();
    assert_eq!(protocol.patience(), None, "the tool runs");
    play(&mut protocol, &mut lines, "item/completed");
    assert_eq!(protocol.patience(), Some(SILENCE));
    protocol.silent();
    let end = protocol.end(Exit::Signal(15), "");
    assert!(matches!(end, AgentEnd::Quota { .. }), "{end:?}");
}

#[test]
fn without_a_result_it_has_crashed() {
    let end = fresh().end(Exit::Code(1), "Error: it broke");
    let message = "Error: it broke".to_owned();
    assert_eq!(end, AgentEnd::Crashed { message, exit: "exit code 1".to_owned() });
}

#[test]
fn unknown_lines_are_kept_as_they_are() {
    let texts =
        ["not json", r#"{"method":"from/the/future","params":{}}"#, "[]", "{}", r#"{"id":99}"#];
    for text in texts {
        let whole = Line { text: text.to_owned(), cut: 0 };
        assert_eq!(fresh().line(&whole), [AgentEvent::Raw(text.to_owned())]);
        assert_eq!(
            ExecProtocol::new(false, SILENCE).line(&whole),
            [AgentEvent::Raw(text.to_owned())]
        );
    }
    let cut = fresh().line(&Line { text: "{}".to_owned(), cut: 7 });
    assert_eq!(cut, [AgentEvent::Raw("{} [cut: 7 more bytes]".to_owned())]);
    let item =
        json!({ "method": "item/completed", "params": { "item": { "type": "dream", "id": "x" } } });
    assert!(matches!(line(&mut fresh(), &item)[..], [AgentEvent::Raw(_)]));
}

#[test]
fn a_plan_and_other_tools_are_told() {
    let mut protocol = fresh();
    let mut events = line(
        &mut protocol,
        &json!({ "method": "turn/plan/updated", "params": { "plan": [
            { "step": "a", "status": "completed" }, { "step": "b", "status": "inProgress" }, { "step": "c", "status": "pending" } ] } }),
    );
    for item in [
        json!({ "type": "webSearch", "id": "w", "query": "rust" }),
        json!({ "type": "reasoning", "id": "r", "summary": ["hm"], "content": [] }),
        json!({ "type": "commandExecution", "id": "c", "command": "/bin/bash -lc false", "status": "failed", "exitCode": 1 }),
        json!({ "type": "mcpToolCall", "id": "m", "server": "s", "tool": "t", "arguments": {}, "status": "failed", "error": { "message": "no" } }),
        json!({ "type": "fileChange", "id": "f", "changes": [{ "path": "/a", "kind": { "type": "update", "move_path": "/b" } }], "status": "completed" }),
    ] {
        for method in ["item/started", "item/completed"] {
            let item = json!({ "method": method, "params": { "item": item } });
            events.extend(line(&mut protocol, &item));
        }
    }
    insta::assert_snapshot!(shown(&events), @r#"
    Plan([PlanItem { text: "a", status: Done }, PlanItem { text: "b", status: InProgress }, PlanItem { text: "c", status: Pending }])
    ToolStarted { id: "w", tool: "WebSearch", detail: "rust", paths: [] }
    ToolFinished { id: "w", ok: true, detail: "" }
    Thought { text: "hm" }
    ToolStarted { id: "c", tool: "Bash", detail: "false", paths: [] }
    ToolFinished { id: "c", ok: false, detail: "exit code 1" }
    ToolStarted { id: "m", tool: "mcp__s__t", detail: "{}", paths: [] }
    ToolFinished { id: "m", ok: false, detail: "no" }
    ToolStarted { id: "f", tool: "Edit", detail: "/a /b", paths: ["/a", "/b"] }
    ToolFinished { id: "f", ok: true, detail: "" }
    "#);
}

#[test]
fn a_run_of_one_prompt_is_told_in_events() {
    let run = |name: &str, exit| {
        let mut protocol = ExecProtocol::new(false, SILENCE);
        let events = play(&mut protocol, &mut recorded(name), "");
        assert!(protocol.has_result());
        (events, protocol.end(Exit::Code(exit), ""))
    };
    let (events, end) = run("exec-commit", 0);
    insta::assert_snapshot!(shown(&events) + "\n" + &format!("{end:?}"), @r#"
    Started { session: Some("01a1fe35-367b-7593-adb5-5a1b2f7d26ca"), model: None }
    ToolStarted { id: "item_0", tool: "Edit", detail: "/repo/tree/hello.txt", paths: ["/repo/tree/hello.txt"] }
    ToolFinished { id: "item_0", ok: true, detail: "" }
    ToolStarted { id: "item_1", tool: "Bash", detail: "git add -A && git commit -q -m 'Add hello.txt'", paths: [] }
    ToolFinished { id: "item_1", ok: true, detail: "" }
    Message { text: "All done." }
    Usage(Usage { tokens: 360, cost_microusd: 0, wall_ms: 0 })
    Completed { summary: "All done." }
    "#);
    let ends = ["exec-overloaded", "exec-usage-limit", "exec-invalid-key"]
        .map(|name| format!("{name}: {:?}", run(name, 1).1));
    insta::assert_snapshot!(ends.join("\n"), @r#"
    exec-overloaded: Quota { message: "unexpected status 529 <unknown status code>: The server is currently overloaded., url: http://127.0.0.1:8080/v1/responses", resets_at: None }
    exec-usage-limit: Quota { message: "You’ve hit your usage limit. Upgrade to Pro (https://chatgpt.com/explore/pro), visit https://chatgpt.com/settings/usage to purchase more credits or try again at Jan 15th, 2027 8:00 AM.", resets_at: None }
    exec-invalid-key: AuthFailed { message: "unexpected status 401 Unauthorized: Incorrect API key provided., url: http://127.0.0.1:8080/v1/responses" }
    "#);
    let permission = Permission { tool: "Bash".to_owned(), detail: String::new(), paths: vec![] };
    assert_eq!(items::tool(&json!({ "type": "command_execution", "id": "x" })), Some(permission));
}
