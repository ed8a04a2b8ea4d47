//! What the driver makes of recorded output.

use std::path::Path;

use super::*;

fn replay(name: &str, exit: i32) -> (Vec<AgentEvent>, AgentEnd) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/gemini");
    let text = std::fs::read_to_string(folder.join(format!("{name}.jsonl"))).unwrap();
    let mut protocol = GeminiProtocol::default();
    let events = heard(&mut protocol, &text);
    (events, protocol.end(Exit::Code(exit), ""))
}

fn heard(protocol: &mut GeminiProtocol, text: &str) -> Vec<AgentEvent> {
    text.lines().flat_map(|text| protocol.line(&Line { text: text.to_owned(), cut: 0 })).collect()
}

#[test]
fn a_run_is_told_and_a_failed_command_is_no_success() {
    let (events, end) = replay("commit", 0);
    let shown: Vec<String> = events.iter().map(|event| format!("{event:?}")).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    Started { session: Some("7f0c0d0e-0000-4000-8000-000000000001"), model: Some("gemini-2.5-flash") }
    ToolStarted { id: "write_todos__write_todos_1795263635777_0", tool: "write_todos", detail: "", paths: [] }
    Plan([PlanItem { text: "one", status: Done }, PlanItem { text: "two", status: InProgress }])
    ToolFinished { id: "write_todos__write_todos_1795263635777_0", ok: true, detail: "" }
    ToolStarted { id: "write_file__write_file_1795263635913_0", tool: "write_file", detail: "a.txt", paths: ["a.txt"] }
    ToolFinished { id: "write_file__write_file_1795263635913_0", ok: true, detail: "" }
    ToolStarted { id: "run_shell_command__run_shell_command_1795263635976_0", tool: "run_shell_command", detail: "false", paths: [] }
    ToolFinished { id: "run_shell_command__run_shell_command_1795263635976_0", ok: false, detail: "Command exited with code: 1" }
    ToolStarted { id: "run_shell_command__run_shell_command_1795263636083_0", tool: "run_shell_command", detail: "git add -A && git commit -q -m 'Add a'", paths: [] }
    ToolFinished { id: "run_shell_command__run_shell_command_1795263636083_0", ok: true, detail: "" }
    Message { text: "All done." }
    Usage(Usage { tokens: 600, cost_microusd: 0, wall_ms: 0 })
    "#);
    assert_eq!(end, AgentEnd::Completed { summary: "All done.".to_owned() });
}

#[test]
fn ends_are_told_apart_by_the_status_in_the_exit_code() {
    let end = |name, exit| format!("{:?}", replay(name, exit).1);
    insta::assert_snapshot!(
        [
            end("resumed", 0),
            end("quota", 173),
            end("overloaded", 247),
            end("badkey", 145),
        ]
        .join("\n"),
        @r#"
        Completed { summary: "Second." }
        Quota { message: "[API Error: Rate limit reached]\nPlease wait and try again later. To increase your limits, request a quota increase through AI Studio, or switch to another /auth method", resets_at: None }
        Quota { message: "[API Error: Something went wrong]", resets_at: None }
        AuthFailed { message: "[API Error: {\"error\":{\"message\":\"Incorrect API key provided\",\"type\":\"x\",\"code\":401,\"status\":\"UNAVAILABLE\"}}]" }
        "#
    );
    let ended = |exit, complaints| GeminiProtocol::default().end(Exit::Code(exit), complaints);
    let login = "you must specify the GEMINI_API_KEY environment variable";
    assert_eq!(ended(41, login), AgentEnd::AuthFailed { message: login.to_owned() });
    assert!(matches!(ended(53, ""), AgentEnd::GaveUp { .. }));
    assert!(matches!(ended(42, "no such session"), AgentEnd::Crashed { .. }));
}

#[test]
fn a_status_is_read_only_where_the_api_failed() {
    let check = |code, message: &str, expected| {
        assert_eq!(status(Exit::Code(code), message), expected, "{code}");
    };
    check(144, "[API Error: x]", Some(400));
    check(173, "[API Error: x]", Some(429));
    check(17, "[API Error: x]", Some(529));
    check(173, "something else", None);
    check(100, "[API Error: x]", None);
}

#[test]
fn silence_is_bounded_while_no_tool_runs() {
    let mut protocol = GeminiProtocol::default();
    assert_eq!(protocol.patience(), Some(SILENCE_MAX));
    heard(&mut protocol, r#"{"type":"tool_use","tool_id":"t","tool_name":"run_shell_command"}"#);
    assert_eq!(protocol.patience(), None);
    heard(&mut protocol, r#"{"type":"tool_result","tool_id":"t","status":"success"}"#);
    assert_eq!(protocol.patience(), Some(SILENCE_MAX));
    protocol.silent();
    assert!(matches!(protocol.end(Exit::Signal(9), ""), AgentEnd::Quota { .. }));
}

#[test]
fn an_interrupt_is_the_reason_and_unknown_lines_are_kept() {
    let mut protocol = GeminiProtocol::default();
    for text in ["not json", r#"{"type":"from_the_future"}"#] {
        assert_eq!(heard(&mut protocol, text), [AgentEvent::Raw(text.to_owned())]);
    }
    assert_eq!(protocol.interrupt(), Interrupt::Signals);
    assert_eq!(protocol.end(Exit::Code(130), ""), AgentEnd::Interrupted);
}
