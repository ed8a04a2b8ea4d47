use super::*;

/// As Claude Code says it.
fn input() -> Value {
    json!({
        "session_id": "86190ac6-6c1e-4b7e-9d0f-2a6a5c2f7a10", "hook_event_name": "PreToolUse",
        "transcript_path": "/home/ann/.claude/projects/shop/86190ac6.jsonl", "cwd": "/home/ann/shop",
        "permission_mode": "default", "tool_name": "Agent",
        "tool_use_id": "toolu_01A09q90qw90lq917835lq9",
        "tool_input": { "subagent_type": "ticket-worker", "description": "Round the total",
            "prompt": "Round the total to cents.\nWith tests." },
    })
}

fn changed(pointer: &str, to: Value) -> Value {
    let mut input = input();
    *input.pointer_mut(pointer).unwrap() = to;
    input
}

fn asked(input: &Value) -> Asked {
    serde_json::from_value(input.clone()).unwrap()
}

fn ticket(input: &Value) -> Option<AddTicket> {
    Task { agent: vec!["ticket-worker".to_owned(), "tester".to_owned()] }.ticket(&asked(input))
}

#[test]
fn only_the_named_sub_agents_become_tickets() {
    let found = ticket(&input()).unwrap();
    assert_eq!(found.title, "Round the total");
    assert_eq!(found.body, "Round the total to cents.\nWith tests.");
    assert_eq!(found.agent.as_deref(), Some("ticket-worker"));
    let older = ticket(&changed("/tool_name", json!("Task")));
    assert_eq!(older, Some(found));
    let tester = ticket(&changed("/tool_input/subagent_type", json!("tester"))).unwrap();
    assert_eq!(tester.agent.as_deref(), Some("tester"));
    for (pointer, other) in [
        ("/tool_name", json!("Bash")),
        ("/permission_mode", json!("plan")),
        ("/tool_input/subagent_type", json!("explorer")),
        ("/tool_input/subagent_type", json!(7)),
        ("/tool_input", json!({ "command": "ls" })),
        ("/tool_input", json!("ls")),
        ("/tool_input", json!({ "subagent_type": "ticket-worker", "prompt": " " })),
    ] {
        assert_eq!(ticket(&changed(pointer, other)), None, "{pointer}");
    }
    assert_eq!(ticket(&json!({})), None);
}

#[test]
fn a_title_is_one_short_line_whatever_was_said() {
    let title =
        |said: &str| ticket(&changed("/tool_input/description", json!(said))).unwrap().title;
    assert_eq!(title(" \n"), "Round the total to cents.");
    assert_eq!(title("Round\u{1b}[2J the\ntotal"), "Round[2J thetotal");
    assert_eq!(title(&"a ".repeat(200)).len(), 119);
    assert_eq!(title(&"🐕".repeat(200)).len(), 300);
}

#[test]
fn the_same_use_of_the_tool_is_the_same_ticket() {
    let once = |input: &Value| asked(input).once();
    assert_eq!(
        once(&input()),
        "hook/86190ac6-6c1e-4b7e-9d0f-2a6a5c2f7a10/toolu_01A09q90qw90lq917835lq9"
    );
    assert_eq!(once(&input()), once(&changed("/tool_input/prompt", json!("x"))));
    assert_ne!(once(&input()), once(&changed("/session_id", json!("2"))));
    for unusable in [json!(""), json!("two words"), json!("x".repeat(200)), json!("é")] {
        let input = changed("/tool_use_id", unusable);
        assert_ne!(once(&input), once(&input), "{input}");
    }
}
