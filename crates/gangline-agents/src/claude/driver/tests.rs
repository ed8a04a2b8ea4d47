use super::*;
use crate::driver::specimen::plan;

/// The arguments behind those that are always there.
fn tail(plan: &SessionPlan) -> String {
    arguments(plan)[13..].join(" ")
}

#[test]
fn the_definition_becomes_the_command_line() {
    assert_eq!(
        arguments(&plan("", ""))[..13].join(" "),
        "-p --verbose --input-format stream-json --output-format stream-json --permission-mode \
         bypassPermissions --permission-prompt-tool stdio --setting-sources user --strict-mcp-config"
    );
    assert_eq!(tail(&plan("", "")), "--session-id 7f0c");
    let mut full = plan(
        "tools: Read, Bash\ndisallowedTools: WebFetch\nmodel: sonnet\nmaxTurns: 9\nargs: [--debug]",
        "You work.",
    );
    assert_eq!(
        tail(&full),
        "--session-id 7f0c --model sonnet --tools Read,Bash,AskUserQuestion --disallowedTools WebFetch \
         --max-turns 9 --append-system-prompt You work. --debug"
    );
    full.model = Some("opus".to_owned());
    full.session = SessionStart::Resume { session: "abcd".to_owned() };
    assert!(tail(&full).starts_with("--resume abcd --model opus --tools"));
}

#[test]
fn a_body_can_replace_the_system_prompt() {
    assert_eq!(
        tail(&plan("system_prompt: replace\ndescription: Works", "You work.")),
        "--session-id 7f0c --agents {\"worker\":{\"description\":\"Works\",\"prompt\":\"You work.\"}} --agent worker"
    );
}

#[test]
fn who_may_not_ask_cannot_ask() {
    let plan = plan("tools: Read\ndisallowedTools: [AskUserQuestion]", "");
    assert!(!Claude.can_ask(&plan.definition));
    assert_eq!(tail(&plan), "--session-id 7f0c --tools Read --disallowedTools AskUserQuestion");
}

#[test]
fn where_leave_must_be_asked_the_programs_own_modes_decide_nothing() {
    let mode = |plan: &SessionPlan| {
        let args = arguments(plan);
        let at = args.iter().position(|arg| arg == "--permission-mode").unwrap();
        args[at + 1].clone()
    };
    let free = plan("description: d", "");
    assert_eq!(mode(&free), "bypassPermissions");
    let asking = SessionPlan { asks_leave: true, ..free };
    assert_eq!(mode(&asking), "default");
    assert_eq!(tail(&asking), r#"--session-id 7f0c --settings {"permissions":{"ask":["*"]}}"#);
}

#[test]
fn servers_of_tools_are_given_as_configuration() {
    let server = McpServer {
        name: "gangline".to_owned(),
        command: "/usr/bin/gangline".to_owned(),
        args: vec!["worker-mcp".to_owned()],
        env: vec![("GANGLINE_KEY".to_owned(), "APP-1".to_owned())],
    };
    let plan = SessionPlan { mcp: vec![server], ..plan("description: d", "") };
    let args = arguments(&plan);
    let at = args.iter().position(|arg| arg == "--mcp-config").unwrap();
    assert_eq!(
        args[at + 1],
        r#"{"mcpServers":{"gangline":{"args":["worker-mcp"],"command":"/usr/bin/gangline","env":{"GANGLINE_KEY":"APP-1"},"type":"stdio"}}}"#
    );
}
