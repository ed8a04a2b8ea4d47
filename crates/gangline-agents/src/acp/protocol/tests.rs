//! What the driver makes of recorded output of real agents, and of what none has printed yet.

use std::path::Path;

use super::*;
use crate::acp::PRESETS;
use crate::driver::Permission;

fn plan(preset: &str, asks_leave: bool) -> Plan {
    Plan {
        preset: Preset::named(preset).unwrap(),
        cwd: "/tree".to_owned(),
        session: SessionStart::Fresh { id: None },
        prompt: "Do it.".to_owned(),
        mcp: json!([]),
        model: None,
        asks_leave,
        env: BTreeSet::new(),
    }
}

fn recorded(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/acp");
    std::fs::read_to_string(folder.join(format!("{name}.jsonl"))).unwrap()
}

fn heard(protocol: &mut AcpProtocol, text: &str) -> Vec<AgentEvent> {
    text.lines().flat_map(|line| protocol.line(&Line { text: line.to_owned(), cut: 0 })).collect()
}

fn line(protocol: &mut AcpProtocol, line: &Value) -> Vec<AgentEvent> {
    heard(protocol, &line.to_string())
}

/// A replay to its end.
fn replay(plan: Plan, text: &str) -> (Vec<AgentEvent>, Vec<String>, AgentEnd) {
    let (mut protocol, _) = AcpProtocol::new(plan);
    let events = heard(&mut protocol, text);
    let replies = protocol.replies();
    (events, replies, protocol.end(Exit::Code(0), ""))
}

fn shown(events: &[AgentEvent]) -> String {
    events.iter().map(|event| format!("{event:?}")).collect::<Vec<_>>().join("\n")
}

fn update(update: &Value) -> Value {
    json!({ "method": "session/update", "params": { "sessionId": "s", "update": update } })
}

fn chunk(text: &str, id: &str) -> Value {
    update(&json!({
        "sessionUpdate": "agent_message_chunk", "messageId": id,
        "content": { "type": "text", "text": text },
    }))
}

/// An open session `s` whose prompt runs.
fn working(plan: Plan) -> AcpProtocol {
    let (mut protocol, _) = AcpProtocol::new(plan);
    line(&mut protocol, &json!({ "id": 0, "result": { "protocolVersion": 1 } }));
    line(&mut protocol, &json!({ "id": 1, "result": { "sessionId": "s" } }));
    protocol.replies();
    protocol
}

fn stopped(protocol: &mut AcpProtocol, id: u64, reason: &str) -> Vec<AgentEvent> {
    line(protocol, &json!({ "id": id, "result": { "stopReason": reason } }))
}

#[test]
fn a_turn_of_codex_is_told() {
    let (events, _, end) = replay(plan("zed-codex-acp", false), &recorded("codex-commit"));
    insta::assert_snapshot!(shown(&events), @r#"
    Started { session: Some("01a1fe08-e71b-7222-8371-b78709b81bbb"), model: Some("gpt-5.5") }
    Plan([PlanItem { text: "one", status: Done }, PlanItem { text: "two", status: InProgress }])
    Usage(Usage { tokens: 120, cost_microusd: 0, wall_ms: 0 })
    ToolStarted { id: "call_5", tool: "Edit", detail: "Edit /tree/a.txt", paths: ["/tree/a.txt"] }
    ToolFinished { id: "call_5", ok: true, detail: "Success. Updated the following files:\nA a.txt\n" }
    ToolStarted { id: "call_7", tool: "Bash", detail: "cat a.txt", paths: ["/tree/a.txt"] }
    ToolFinished { id: "call_7", ok: true, detail: "one\n" }
    ToolStarted { id: "call_9", tool: "Bash", detail: "git add -A && git commit -q -m 'Add a'", paths: [] }
    ToolFinished { id: "call_9", ok: true, detail: "" }
    Message { text: "All done." }
    "#);
    assert_eq!(end, AgentEnd::Completed { summary: "All done.".to_owned() });
}

#[test]
fn a_turn_of_opencode_is_told() {
    let (events, _, end) = replay(plan("opencode", false), &recorded("opencode-commit"));
    insta::assert_snapshot!(shown(&events), @r#"
    Started { session: Some("ses_e01f5a018ffeTvRzb4Ku6g6jki"), model: Some("stub/stub-model") }
    ToolStarted { id: "call_2", tool: "todowrite", detail: "todowrite", paths: [] }
    ToolFinished { id: "call_2", ok: true, detail: "[\n  {\n    \"content\": \"one\",\n    \"status\": \"completed\",\n    \"priority\": \"high\"\n  },\n  {\n    \"content\": \"two\",\n    \"status\": \"in_progress\",\n    \"priority\": \"high\"\n  }\n]" }
    ToolStarted { id: "call_4", tool: "Edit", detail: "write", paths: ["/tree/a.txt"] }
    ToolFinished { id: "call_4", ok: true, detail: "Wrote file successfully." }
    ToolStarted { id: "call_6", tool: "Bash", detail: "git add -A && git commit -q -m 'Add a'", paths: [] }
    ToolFinished { id: "call_6", ok: true, detail: "(no output)" }
    Usage(Usage { tokens: 100, cost_microusd: 560, wall_ms: 0 })
    Message { text: "All done." }
    Usage(Usage { tokens: 120, cost_microusd: 560, wall_ms: 0 })
    "#);
    assert_eq!(end, AgentEnd::Completed { summary: "All done.".to_owned() });
}

#[test]
fn a_turn_of_gemini_is_told_and_leave_given_for_one_time() {
    let (events, replies, end) = replay(plan("gemini", false), &recorded("gemini-commit"));
    insta::assert_snapshot!(shown(&events), @r#"
    Started { session: Some("e158d618-d257-454b-b59c-a5415525f251"), model: Some("gemini-2.5-flash") }
    ToolStarted { id: "write_todos__write_todos_1795263651638_0", tool: "Other", detail: "Set 2 todo(s)", paths: [] }
    ToolFinished { id: "write_todos__write_todos_1795263651638_0", ok: true, detail: "" }
    ToolStarted { id: "write_file__write_file_1795263651819_0", tool: "Edit", detail: "Writing to a.txt", paths: ["/tree/a.txt"] }
    ToolFinished { id: "write_file__write_file_1795263651819_0", ok: true, detail: "" }
    ToolStarted { id: "run_shell_command__run_shell_command_1795263651921_0", tool: "Bash", detail: "touch zz", paths: [] }
    ToolFinished { id: "run_shell_command__run_shell_command_1795263651921_0", ok: true, detail: "" }
    Message { text: "All done." }
    Usage(Usage { tokens: 480, cost_microusd: 0, wall_ms: 0 })
    "#);
    assert_eq!(end, AgentEnd::Completed { summary: "All done.".to_owned() });
    let given = replies.iter().filter(|line| line.contains("\"proceed_once\"")).count();
    assert_eq!(given, 3, "{replies:?}");
    assert!(!replies.iter().any(|line| line.contains("always")), "{replies:?}");
}

#[test]
fn leave_is_asked_in_the_words_of_rules_and_answered_under_the_agent_s_own_id() {
    for (name, preset, chosen) in [
        ("codex-permission", "zed-codex-acp", "approved"),
        ("opencode-permission", "opencode", "once"),
    ] {
        let (mut protocol, _) = AcpProtocol::new(plan(preset, true));
        let mut asked = vec![];
        for text in recorded(name).lines() {
            for event in heard(&mut protocol, text) {
                if let AgentEvent::Question { id, permission: Some(permission), .. } = event {
                    asked.push(permission);
                    let reply = protocol.answer(&id, "allow").unwrap();
                    let reply: Value = serde_json::from_str(&reply).unwrap();
                    assert_eq!(reply["result"]["outcome"]["optionId"], chosen);
                    let request: Value = serde_json::from_str(text).unwrap();
                    assert_eq!(reply["id"], request["id"]);
                    assert!(matches!(
                        protocol.answer(&id, "allow"),
                        Err(SendError::NotOpen { .. })
                    ));
                }
            }
        }
        let shown: Vec<String> = asked
            .iter()
            .map(|Permission { tool, detail, paths }| format!("{tool} | {detail} | {paths:?}"))
            .collect();
        let edit = if preset == "opencode" { "/tree/b.txt" } else { "Edit /tree/b.txt" };
        assert_eq!(
            shown,
            [format!("Edit | {edit} | [\"/tree/b.txt\"]"), "Bash | touch zz | []".to_owned()],
            "{name}"
        );
        assert_eq!(
            protocol.end(Exit::Code(0), ""),
            AgentEnd::Completed { summary: "With leave.".to_owned() }
        );
    }
}

#[test]
fn after_a_refusal_an_agent_that_ended_its_turn_is_told_to_go_on() {
    for (name, preset, goes_on) in [
        ("codex-denied", "zed-codex-acp", false),
        ("opencode-denied", "opencode", false),
        ("gemini-denied", "gemini", true),
    ] {
        for (answer, reason) in [("deny", ""), ("not now", ": not now")] {
            let (mut protocol, _) = AcpProtocol::new(plan(preset, true));
            let mut rejected = None;
            for text in recorded(name).lines() {
                for event in heard(&mut protocol, text) {
                    if let AgentEvent::Question { id, .. } = event {
                        rejected = Some(protocol.answer(&id, answer).unwrap());
                    }
                }
            }
            let rejected: Value = serde_json::from_str(&rejected.unwrap()).unwrap();
            assert_ne!(rejected["result"]["outcome"]["optionId"], Value::Null, "{name}");
            let told = format!(
                "You were not given leave{reason}. Go on without it, or say why you cannot."
            );
            let replies = protocol.replies();
            let again = replies.iter().any(|line| line.contains(&told));
            // Words are told in any case; the protocol carries none with a refusal.
            assert_eq!(again, !goes_on || !reason.is_empty(), "{name}: {replies:?}");
            assert_eq!(protocol.has_result(), !again, "{name}");
        }
    }
}

#[test]
fn failures_and_ends_are_told_apart() {
    let end = |name: &str, preset| replay(plan(preset, false), &recorded(name)).2;
    insta::assert_snapshot!(
        [
            format!("{:?}", end("codex-quota", "zed-codex-acp")),
            format!("{:?}", end("codex-overloaded", "zed-codex-acp")),
            format!("{:?}", end("codex-badkey", "zed-codex-acp")),
            format!("{:?}", end("opencode-badkey", "opencode")),
            format!("{:?}", end("gemini-quota", "gemini")),
            format!("{:?}", end("codex-cancelled", "zed-codex-acp")),
        ]
        .join("\n"),
        @r#"
        Quota { message: "exceeded retry limit, last status: 429 Too Many Requests", resets_at: None }
        Quota { message: "unexpected status 529 <unknown status code>: Overloaded, url: http://127.0.0.1:1/v1/responses", resets_at: None }
        AuthFailed { message: "unexpected status 401 Unauthorized: Incorrect API key provided, url: http://127.0.0.1:1/v1/responses" }
        AuthFailed { message: "Internal error: Incorrect API key provided" }
        Quota { message: "Rate limit reached", resets_at: None }
        GaveUp { reason: "it ended its turn by itself" }
        "#
    );
}

#[test]
fn an_interrupt_cancels_the_turn_and_what_it_asks() {
    for name in ["codex-cancelled", "opencode-cancelled"] {
        let (mut protocol, _) = AcpProtocol::new(plan("opencode", false));
        let text = recorded(name);
        let (before, last) = text.trim_end().rsplit_once('\n').unwrap();
        heard(&mut protocol, before);
        let Interrupt::Line(cancel) = protocol.interrupt() else { panic!("{name}") };
        assert!(cancel.contains("\"session/cancel\""), "{cancel}");
        heard(&mut protocol, last);
        assert!(protocol.has_result() && !protocol.listens());
        assert_eq!(protocol.end(Exit::Code(0), ""), AgentEnd::Interrupted, "{name}");
    }
    let mut protocol = working(plan("opencode", true));
    let ask = json!({ "id": "x", "method": "session/request_permission", "params": {
        "toolCall": { "toolCallId": "t" }, "options": [] } });
    line(&mut protocol, &ask);
    let Interrupt::Line(lines) = protocol.interrupt() else { panic!() };
    let [answer, cancel] = lines.split('\n').collect::<Vec<_>>()[..] else { panic!("{lines}") };
    assert!(answer.contains("\"cancelled\"") && answer.contains("\"x\""), "{answer}");
    assert!(cancel.contains("session/cancel"), "{cancel}");
    line(&mut protocol, &ask);
    assert!(protocol.replies()[0].contains("\"cancelled\""), "nobody answers any more");
}

#[test]
fn what_a_loaded_session_repeats_is_not_told_again() {
    let mut resumed = plan("zed-codex-acp", false);
    let session = "01a1fe09-ba32-7921-aa7e-33ff4dc1c8e3".to_owned();
    resumed.session = SessionStart::Resume { session };
    // As of an agent that can only load.
    let text = recorded("codex-loaded").replace("\"resume\":{},", "");
    let (events, replies, end) = replay(resumed, &text);
    insta::assert_snapshot!(shown(&events), @r#"
    Started { session: Some("01a1fe09-ba32-7921-aa7e-33ff4dc1c8e3"), model: Some("gpt-5.5") }
    Usage(Usage { tokens: 120, cost_microusd: 0, wall_ms: 0 })
    Message { text: "Second." }
    "#);
    assert!(replies[0].contains("\"session/load\""), "{replies:?}");
    assert_eq!(end, AgentEnd::Completed { summary: "Second.".to_owned() });

    let mut resumed = plan("opencode", false);
    resumed.session = SessionStart::Resume { session: "old".to_owned() };
    let (mut protocol, _) = AcpProtocol::new(resumed);
    let text = recorded("opencode-loaded");
    heard(&mut protocol, text.lines().next().unwrap());
    assert!(protocol.replies()[0].contains("\"session/resume\""));
}

#[test]
fn a_session_that_cannot_be_resumed_says_so() {
    let mut resumed = plan("gemini", false);
    resumed.session = SessionStart::Resume { session: "old".to_owned() };
    let (_, _, end) = replay(resumed, &recorded("gemini-not-loaded"));
    assert_eq!(
        end,
        AgentEnd::Crashed {
            message: "No previous sessions found for this project.".to_owned(),
            exit: "exit code 0".to_owned()
        }
    );
    let mut resumed = plan("gemini", false);
    resumed.session = SessionStart::Resume { session: "old".to_owned() };
    let (_, replies, end) = replay(resumed, r#"{"id":0,"result":{"protocolVersion":1}}"#);
    assert_eq!(replies, Vec::<String>::new());
    let AgentEnd::Crashed { message, .. } = end else { panic!("{end:?}") };
    assert!(message.contains("neither session/load nor session/resume"), "{message}");
}

#[test]
fn another_version_of_the_protocol_is_refused() {
    let (_, replies, end) =
        replay(plan("gemini", false), r#"{"id":0,"result":{"protocolVersion":2}}"#);
    assert_eq!(replies, Vec::<String>::new());
    let AgentEnd::Crashed { message, .. } = end else { panic!("{end:?}") };
    assert_eq!(message, "it speaks version 2 of the Agent Client Protocol, and not 1");
}

#[test]
fn a_login_that_takes_nobody_s_hand_is_done_once() {
    let refused = r#"{"id":1,"error":{"code":-32000,"message":"Authentication required"}}"#;
    let again = refused.replace("\"id\":1", "\"id\":3");
    let met = |methods: Value| {
        json!({ "id": 0, "result": { "protocolVersion": 1, "authMethods": methods } }).to_string()
    };
    let methods = json!([{ "id": "browser" }, { "id": "key", "type": "env_var", "vars": [{ "name": "MY_KEY" }] }]);
    let mut given = plan("gemini", false);
    given.env.insert("MY_KEY".to_owned());
    let (mut protocol, _) = AcpProtocol::new(given);
    heard(&mut protocol, &met(methods.clone()));
    heard(&mut protocol, refused);
    let login = protocol.replies().pop().unwrap();
    assert!(login.contains("\"authenticate\"") && login.contains("\"key\""), "{login}");
    heard(&mut protocol, r#"{"id":2,"result":{}}"#);
    assert!(protocol.replies()[0].contains("session/new"));
    heard(&mut protocol, &again);
    assert_eq!(protocol.replies(), Vec::<String>::new());
    assert!(matches!(protocol.end(Exit::Code(0), ""), AgentEnd::AuthFailed { .. }));

    // By a preset's own knowledge, and not at all without a key.
    let methods = json!([{ "id": "gemini-api-key" }]);
    for (key, logs_in) in [("GEMINI_API_KEY", true), ("OTHER_KEY", false)] {
        let mut given = plan("gemini", false);
        given.env.insert(key.to_owned());
        let (mut protocol, _) = AcpProtocol::new(given);
        heard(&mut protocol, &met(methods.clone()));
        protocol.replies();
        heard(&mut protocol, refused);
        assert_eq!(protocol.replies().len(), usize::from(logs_in), "{key}");
    }
}

#[test]
fn a_model_is_chosen_as_the_agent_lets_it_be_and_a_wrong_one_ends_the_session() {
    let option = json!({ "sessionId": "s", "configOptions": [
        { "id": "mode" }, { "id": "m", "category": "model", "currentValue": "small" } ] });
    let models = json!({ "sessionId": "s", "models": { "currentModelId": "small" } });
    for (opened, method) in [(option, "session/set_config_option"), (models, "session/set_model")] {
        let mut chosen = plan("gemini", false);
        chosen.model = Some("big".to_owned());
        let (mut protocol, _) = AcpProtocol::new(chosen);
        line(&mut protocol, &json!({ "id": 0, "result": { "protocolVersion": 1 } }));
        let events = line(&mut protocol, &json!({ "id": 1, "result": opened }));
        assert!(
            matches!(&events[..], [AgentEvent::Started { model: Some(model), .. }] if model == "big")
        );
        let reply = protocol.replies().pop().unwrap();
        assert!(reply.contains(method) && reply.contains("\"big\""), "{reply}");
        line(
            &mut protocol,
            &json!({ "id": 2, "error": { "code": -32602, "message": "no such model" } }),
        );
        let AgentEnd::Crashed { message, .. } = protocol.end(Exit::Code(0), "") else { panic!() };
        assert_eq!(message, "no such model");
    }
}

#[test]
fn pieces_of_a_message_are_put_together_and_others_parted() {
    let mut protocol = working(plan("opencode", false));
    let said = |text: &str| AgentEvent::Message { text: text.to_owned() };
    assert_eq!(line(&mut protocol, &chunk("Half", "a")), []);
    assert!(protocol.half_said());
    assert_eq!(line(&mut protocol, &chunk(" a word", "a")), []);
    assert_eq!(protocol.pause(), [said("Half a word")]);
    assert!(!protocol.half_said());
    assert_eq!(line(&mut protocol, &chunk(", one.", "a")), []);
    assert_eq!(line(&mut protocol, &chunk("Two.", "b")), [said(", one.")]);
    let thought = update(&json!({ "sessionUpdate": "agent_thought_chunk",
        "content": { "type": "text", "text": "Hm." } }));
    assert_eq!(line(&mut protocol, &thought), [said("Two.")]);
    let long = "x".repeat(20 * 1024);
    let events = line(&mut protocol, &chunk(&long, "c"));
    assert_eq!(events, [AgentEvent::Thought { text: "Hm.".to_owned() }, said(&long)]);
    stopped(&mut protocol, 2, "end_turn");
    let AgentEnd::Completed { summary } = protocol.end(Exit::Code(0), "") else { panic!() };
    assert_eq!(summary.len(), 16 * 1024, "the end of it");
}

#[test]
fn steering_is_queued_where_the_agent_takes_it_and_else_the_turn_is_ended_for_it() {
    let mut protocol = working(plan("opencode", false));
    let second = protocol.steer("Mind the gap.").unwrap();
    assert!(second.contains("session/prompt") && second.contains("Mind the gap."), "{second}");
    stopped(&mut protocol, 2, "end_turn");
    assert!(!protocol.has_result(), "the second is open");
    stopped(&mut protocol, 3, "end_turn");
    assert!(protocol.has_result());
    assert_eq!(protocol.steer("Too late."), Err(SendError::Ended));

    // It does not take two at once after all.
    let mut protocol = working(plan("opencode", false));
    protocol.steer("Mind the gap.").unwrap();
    line(&mut protocol, &json!({ "id": 3, "error": { "code": -32600, "message": "busy" } }));
    stopped(&mut protocol, 2, "end_turn");
    assert!(protocol.replies()[0].contains("Mind the gap."));

    let mut protocol = working(plan("gemini", false));
    assert!(protocol.steer("Mind the gap.").unwrap().contains("session/cancel"));
    assert_eq!(protocol.steer("And the step."), Ok(String::new()), "it is ending already");
    stopped(&mut protocol, 2, "cancelled");
    let prompt = protocol.replies().pop().unwrap();
    assert!(prompt.contains("Mind the gap.") && prompt.contains("And the step."), "{prompt}");
    assert!(!protocol.has_result());
    stopped(&mut protocol, 3, "end_turn");
    assert!(protocol.has_result());
}

#[test]
fn words_that_come_before_the_session_is_open_wait() {
    let (mut protocol, _) = AcpProtocol::new(plan("opencode", false));
    assert_eq!(protocol.steer("Be quick."), Ok(String::new()));
    assert_eq!(protocol.interrupt(), Interrupt::Signals, "there is nothing to cancel");
}

#[test]
fn silence_is_bounded_while_it_waits_for_the_provider_and_never_while_a_tool_runs() {
    let (protocol, _) = AcpProtocol::new(plan("gemini", false));
    assert_eq!(protocol.patience(), Some(OPENING_MAX));
    let mut protocol = working(plan("gemini", false));
    assert_eq!(protocol.patience(), None, "it is not known to be silent for ever");
    drop(stopped(&mut protocol, 2, "end_turn"));

    let mut protocol = working(plan("opencode", false));
    assert_eq!(protocol.patience(), Some(crate::acp::SILENCE_MAX));
    let call =
        update(&json!({ "sessionUpdate": "tool_call", "toolCallId": "t", "kind": "execute" }));
    line(&mut protocol, &call);
    assert_eq!(protocol.patience(), None);
    let done = update(
        &json!({ "sessionUpdate": "tool_call_update", "toolCallId": "t", "status": "failed" }),
    );
    line(&mut protocol, &done);
    assert_eq!(protocol.patience(), Some(crate::acp::SILENCE_MAX));
    protocol.silent();
    let AgentEnd::Quota { message, .. } = protocol.end(Exit::Signal(15), "") else { panic!() };
    assert_eq!(message, "no word from the model's provider for 10 minutes");
}

#[test]
fn a_request_for_leave_that_is_too_long_to_read_ends_the_turn() {
    let mut protocol = working(plan("opencode", true));
    let text = r#"{"id":7,"method":"session/request_permission","params":{"#.to_owned();
    let events = protocol.line(&Line { text, cut: 9 });
    assert!(matches!(&events[..], [AgentEvent::Raw(_)]));
    assert!(protocol.replies()[0].contains("session/cancel"));
    stopped(&mut protocol, 2, "cancelled");
    let AgentEnd::Crashed { message, .. } = protocol.end(Exit::Code(0), "") else { panic!() };
    assert!(message.starts_with("it asked leave in a line of more than"), "{message}");
}

#[test]
fn what_is_not_known_is_kept_and_requests_among_it_are_refused() {
    let mut protocol = working(plan("opencode", false));
    for text in [
        "not json",
        "[]",
        r#"{"method":"_auth/status_update","params":{}}"#,
        r#"{"id":99,"result":{}}"#,
        r#"{"method":"session/update","params":{"sessionId":"another","update":{"sessionUpdate":"plan"}}}"#,
        r#"{"method":"session/update","params":{"sessionId":"s","update":{"sessionUpdate":"new"}}}"#,
    ] {
        assert_eq!(heard(&mut protocol, text), [AgentEvent::Raw(text.to_owned())]);
        assert_eq!(protocol.replies(), Vec::<String>::new(), "{text}");
    }
    let request = r#"{"id":"a","method":"terminal/create","params":{}}"#;
    assert_eq!(heard(&mut protocol, request), [AgentEvent::Raw(request.to_owned())]);
    let reply: Value = serde_json::from_str(&protocol.replies()[0]).unwrap();
    assert_eq!((reply["id"].as_str(), reply["error"]["code"].as_i64()), (Some("a"), Some(-32601)));
}

#[test]
fn only_what_holds_for_one_time_is_ever_allowed() {
    let mut protocol = working(plan("gemini", false));
    let ask = json!({ "id": 0, "method": "session/request_permission", "params": {
        "toolCall": { "toolCallId": "t", "kind": "execute", "title": "x" },
        "options": [{ "optionId": "y", "name": "Always", "kind": "allow_always" }] } });
    line(&mut protocol, &ask);
    let replies = protocol.replies();
    assert!(replies[0].contains("\"cancelled\""), "{replies:?}");
}

#[test]
fn presets_have_names_of_their_own_and_say_how_to_log_in() {
    let names: BTreeSet<&str> = PRESETS.iter().map(|preset| preset.name).collect();
    assert_eq!(names.len(), PRESETS.len());
    for preset in &PRESETS {
        assert!(!preset.login.is_empty(), "{}", preset.name);
        assert!(!preset.program.is_empty() || preset.name == "scripted", "{}", preset.name);
    }
}

#[test]
fn the_documented_presets_are_those_that_exist() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/agent-kinds.md");
    let text = std::fs::read_to_string(file).unwrap();
    let (_, table) = text.split_once("### Presets").unwrap();
    for preset in &PRESETS {
        let command = match preset.name {
            "scripted" => "gangline scripted-agent --acp".to_owned(),
            // Arguments that set it up are not for people.
            "zed-codex-acp" => preset.program.to_owned(),
            _ => [&[preset.program][..], preset.args].concat().join(" "),
        };
        let row = format!("| `{}` | `{command}`", preset.name);
        let line = table.lines().find(|line| line.starts_with(&row));
        let line = line.unwrap_or_else(|| panic!("docs/agent-kinds.md has no row {row}"));
        let steering = match preset.steering {
            Steering::Queues => "second prompt",
            Steering::Yields => "turn is cancelled",
        };
        assert!(line.contains(steering), "{line}");
        let asks = preset.setup(true).is_some();
        assert_eq!(line.contains("not known"), !asks, "{line}");
    }
}
