//! What the driver makes of recorded output.

use std::path::Path;

use super::*;

fn replay(name: &str, exit: i32) -> (Vec<AgentEvent>, AgentEnd) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/opencode");
    let text = std::fs::read_to_string(folder.join(format!("{name}.jsonl"))).unwrap();
    let mut protocol = OpencodeProtocol::default();
    let events = heard(&mut protocol, &text);
    (events, protocol.end(Exit::Code(exit), ""))
}

fn heard(protocol: &mut OpencodeProtocol, text: &str) -> Vec<AgentEvent> {
    text.lines().flat_map(|text| protocol.line(&Line { text: text.to_owned(), cut: 0 })).collect()
}

#[test]
fn one_that_would_take_a_turn_more_than_it_may_is_ended() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/opencode");
    let text = std::fs::read_to_string(folder.join("commit.jsonl")).unwrap();
    let turns = |max: u32| {
        let mut protocol = OpencodeProtocol::new(Some(max));
        heard(&mut protocol, &text);
        (protocol.has_result(), protocol.end(Exit::Signal(15), ""))
    };
    let spent = AgentEnd::GaveUp { reason: "it has used up its turns".to_owned() };
    assert_eq!(turns(4), (true, spent));
    assert!(!turns(5).0, "its last turn is its fifth");
}

#[test]
fn a_run_is_told_and_its_last_step_is_its_result() {
    let (events, end) = replay("commit", 0);
    let shown: Vec<String> = events.iter().map(|event| format!("{event:?}")).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    Started { session: Some("ses_e01f4c45bffe3oTQg8EcZsnN1Z"), model: None }
    ToolStarted { id: "call_2", tool: "todowrite", detail: "", paths: [] }
    ToolFinished { id: "call_2", ok: true, detail: "[\n  {\n    \"content\": \"one\",\n    \"status\": \"completed\",\n    \"priority\": \"high\"\n  },\n  {\n    \"content\": \"two\",\n    \"status\": \"in_progress\",\n    \"priority\": \"high\"\n  }\n]" }
    Plan([PlanItem { text: "one", status: Done }, PlanItem { text: "two", status: InProgress }])
    Usage(Usage { tokens: 120, cost_microusd: 140, wall_ms: 0 })
    ToolStarted { id: "call_4", tool: "write", detail: "/tree/a.txt", paths: ["/tree/a.txt"] }
    ToolFinished { id: "call_4", ok: true, detail: "Wrote file successfully." }
    Usage(Usage { tokens: 240, cost_microusd: 280, wall_ms: 0 })
    ToolStarted { id: "call_6", tool: "bash", detail: "false", paths: [] }
    ToolFinished { id: "call_6", ok: false, detail: "(no output)" }
    Usage(Usage { tokens: 360, cost_microusd: 420, wall_ms: 0 })
    ToolStarted { id: "call_8", tool: "bash", detail: "git add -A && git commit -q -m 'Add a'", paths: [] }
    ToolFinished { id: "call_8", ok: true, detail: "(no output)" }
    Usage(Usage { tokens: 480, cost_microusd: 560, wall_ms: 0 })
    Message { text: "All done." }
    Usage(Usage { tokens: 600, cost_microusd: 700, wall_ms: 0 })
    "#);
    assert_eq!(end, AgentEnd::Completed { summary: "All done.".to_owned() });
}

#[test]
fn ends_are_told_apart() {
    let end = |name, exit| format!("{:?}", replay(name, exit).1);
    insta::assert_snapshot!(
        [
            end("badkey", 1),
            end("badrequest", 1),
            end("overloaded-then-well", 0),
            end("denied", 0),
        ]
        .join("\n"),
        @r#"
        AuthFailed { message: "Incorrect API key provided" }
        Crashed { message: "Something went wrong", exit: "exit code 1" }
        Completed { summary: "Well." }
        Crashed { message: "it ended in the middle of its work\n", exit: "exit code 0" }
        "#
    );
}

#[test]
fn an_interrupt_is_the_reason_unless_it_was_done_already() {
    let mut protocol = OpencodeProtocol::default();
    assert_eq!(protocol.interrupt(), Interrupt::Signals);
    assert_eq!(protocol.end(Exit::Signal(15), ""), AgentEnd::Interrupted);
    let done = r#"{"type":"step_finish","part":{"reason":"stop"}}"#;
    heard(&mut protocol, done);
    assert!(matches!(protocol.end(Exit::Code(0), ""), AgentEnd::Completed { .. }));
}

#[test]
fn a_provider_that_does_not_answer_is_given_up_with_the_words_of_the_log() {
    let mut protocol = OpencodeProtocol::default();
    assert_eq!(protocol.patience(), Some(SILENCE_MAX), "it waits for the first answer");
    heard(&mut protocol, r#"{"type":"step_start","sessionID":"s"}"#);
    assert_eq!(protocol.patience(), None, "a tool may run for long");
    heard(&mut protocol, r#"{"type":"step_finish","part":{"reason":"tool-calls"}}"#);
    assert_eq!(protocol.patience(), Some(SILENCE_MAX));
    protocol.silent();
    let log = r#"timestamp=1 level=ERROR message="stream error" error.error="AI_APICallError: Overloaded""#;
    let end = protocol.end(Exit::Signal(15), log);
    let message = "no word from the model's provider for 10 minutes AI_APICallError: Overloaded";
    assert_eq!(end, AgentEnd::Quota { message: message.to_owned(), resets_at: None });
}

#[test]
fn without_a_step_it_has_crashed_and_unknown_lines_are_kept() {
    let mut protocol = OpencodeProtocol::default();
    for text in ["not json", "{}", r#"{"type":"from_the_future"}"#] {
        assert_eq!(heard(&mut protocol, text), [AgentEvent::Raw(text.to_owned())]);
    }
    let end = protocol.end(Exit::Code(1), "Error: Session not found");
    let message = "Error: Session not found".to_owned();
    assert_eq!(end, AgentEnd::Crashed { message, exit: "exit code 1".to_owned() });
}
