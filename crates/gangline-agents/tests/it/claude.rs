//! The real Claude Code CLI against the model stub, in the sandbox.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use gangline_agents::claude::Claude;
use gangline_agents::definition::Definition;
use gangline_agents::driver::{
    AgentDriver, AgentEnd, AgentEvent, McpServer, Permission, SessionPlan, SessionStart,
};
use gangline_agents::stub::{ModelStub, real_claude};

use crate::world::{World, events, launch, rest, until};

const SESSION: &str = "7f0c0d0e-0000-4000-8000-000000000001";
const KEY: (&str, &str) = ("ANTHROPIC_API_KEY", "sk-dummy");

struct Desk {
    world: World,
    stub: ModelStub,
}

impl Desk {
    async fn new() -> Self {
        let stub = ModelStub::start().await.unwrap();
        Self { world: World::with_repository().await, stub }
    }

    /// The shipped definition with the real program, in the sandbox.
    async fn plan(&self, brief: &str, credential: Option<(&str, &str)>) -> SessionPlan {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let program = real_claude(&root).unwrap_or_else(|error| panic!("{error}"));
        let definition = Definition {
            program: Some(program.canonicalize().unwrap().to_string_lossy().into_owned()),
            ..Definition::ticket_worker()
        };
        let mut plan = self.world.plan(definition, brief);
        let base_url = self.stub.base_url();
        plan.env = [Some(("ANTHROPIC_BASE_URL", base_url.as_str())), credential]
            .into_iter()
            .chain([Some(("CLAUDE_CODE_MAX_RETRIES", "1")), Some(("GIT_CONFIG_NOSYSTEM", "1"))])
            .flatten()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        plan.sandbox = self.world.sandbox(true).await;
        plan
    }

    async fn end(&self, brief: &str, credential: Option<(&str, &str)>) -> AgentEnd {
        let plan = self.plan(brief, credential).await;
        match events(&Claude, &plan).await.pop() {
            Some(AgentEvent::Finished(end)) => end,
            other => panic!("{other:?}"),
        }
    }
}

fn is_tool(event: &AgentEvent, name: &str) -> bool {
    matches!(event, AgentEvent::ToolStarted { tool, .. } if tool == name)
}

mod e2e {
    use super::*;

    #[tokio::test]
    async fn a_fresh_session_works_and_a_resumed_one_goes_on_with_a_hint() {
        let desk = Desk::new().await;
        let ticket = format!(
            r#"Round the total.

```model-stub
{{ "calls": [ {{ "write": {{ "path": "total.txt", "text": "3.00\n" }} }},
              {{ "run": "cat total.txt" }},
              {{ "commit": "APP-1: round the total" }},
              {{ "write": {{ "path": "{}", "text": "{{\"status\":\"completed\"}}" }} }} ],
  "final": "All tests pass.",
  "when": [ {{ "contains": "half up", "calls": [ {{ "commit": "APP-1: half up" }} ], "final": "As hinted." }} ] }}
```
"#,
            desk.world.outcome().display()
        );
        let mut plan = desk.plan(&ticket, Some(KEY)).await;
        plan.session = SessionStart::Fresh { id: Some(SESSION.to_owned()) };
        let first = events(&Claude, &plan).await;
        let started = AgentEvent::Started {
            session: Some(SESSION.to_owned()),
            model: Some("claude-opus-5-5".to_owned()),
        };
        assert!(first.contains(&started), "{first:?}");
        assert!(first.iter().any(|event| is_tool(event, "Write")), "{first:?}");
        assert!(first.iter().any(|event| is_tool(event, "Bash")), "{first:?}");
        let end = AgentEnd::Completed { summary: "All tests pass.".to_owned() };
        assert_eq!(first.last(), Some(&AgentEvent::Finished(end)));
        assert!(
            first
                .iter()
                .any(|event| matches!(event, AgentEvent::Usage(usage) if usage.tokens == 600)),
            "{first:?}"
        );
        assert_eq!(
            desk.world.git(&["log", "-1", "--format=%an: %s"]).await,
            "Ticket Worker: APP-1: round the total"
        );
        assert_eq!(desk.world.git(&["status", "--porcelain"]).await, "");
        assert!(desk.world.outcome().is_file());

        std::fs::write(desk.world.tree().join("more.txt"), "more\n").unwrap();
        let brief = format!("{ticket}\nRound half up.");
        let mut plan = desk.plan(&brief, Some(KEY)).await;
        plan.session = SessionStart::Resume { session: SESSION.to_owned() };
        let second = events(&Claude, &plan).await;
        assert!(second.contains(&started), "{second:?}");
        let end = AgentEnd::Completed { summary: "As hinted.".to_owned() };
        assert_eq!(second.last(), Some(&AgentEvent::Finished(end)));
        assert_eq!(desk.world.git(&["log", "-1", "--format=%s"]).await, "APP-1: half up");

        let seen = desk.stub.seen();
        assert!(seen.iter().all(|seen| seen.path == "/v1/messages"), "it calls elsewhere");
        assert!(seen.iter().all(|seen| seen.credential.as_deref() == Some("sk-dummy")));
        let [first, .., last] = seen.as_slice() else { panic!("{} requests", seen.len()) };
        assert!(first.body["system"].to_string().contains("You are a ticket worker."));
        let tools: Vec<&str> = first.body["tools"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|tool| tool["name"].as_str())
            .collect();
        assert!(tools.contains(&"Bash") && !tools.contains(&"WebFetch"), "{tools:?}");
        assert!(
            last.body["messages"].to_string().contains("All tests pass."),
            "it forgot the first turn"
        );
    }

    #[tokio::test]
    async fn quota_overload_and_login_are_told_apart() {
        let desk = Desk::new().await;
        let subscriber = Some(("CLAUDE_CODE_OAUTH_TOKEN", "sk-ant-oat01-dummy"));
        let end = desk.end("@@quota:1800000000@@", subscriber).await;
        assert!(matches!(end, AgentEnd::Quota { resets_at: Some(1_800_000_000), .. }), "{end:?}");
        let end = desk.end("@@quota:1800000000@@ with a key", Some(KEY)).await;
        assert!(matches!(end, AgentEnd::Quota { resets_at: None, .. }), "{end:?}");
        let end = desk.end("@@err529@@", Some(KEY)).await;
        assert!(matches!(end, AgentEnd::Quota { .. }), "{end:?}");
        let end = desk.end("@@err529:1@@ @@say:well again@@", Some(KEY)).await;
        assert_eq!(end, AgentEnd::Completed { summary: "well again".to_owned() });
        let end = desk.end("@@err401@@", Some(KEY)).await;
        assert!(matches!(end, AgentEnd::AuthFailed { .. }), "{end:?}");
        let end = desk.end("@@say:hello@@", None).await;
        assert!(matches!(end, AgentEnd::AuthFailed { .. }), "{end:?}");
    }

    #[tokio::test]
    async fn an_interrupt_ends_a_running_tool_and_a_silent_provider() {
        let desk = Desk::new().await;
        let plan = desk.plan("@@run:sleep 300@@", Some(KEY)).await;
        let mut session = launch(&Claude, &plan);
        until(&mut *session, |event| is_tool(event, "Bash")).await;
        session.interrupt().await.unwrap();
        let events = rest(&mut *session).await;
        assert_eq!(events.last(), Some(&AgentEvent::Finished(AgentEnd::Interrupted)));
        assert!(session.stop(std::time::Duration::from_secs(1)).await.is_proven());

        let plan = desk.plan("@@hang@@", Some(KEY)).await;
        let mut session = launch(&Claude, &plan);
        until(&mut *session, |event| matches!(event, AgentEvent::Started { .. })).await;
        session.interrupt().await.unwrap();
        let events = rest(&mut *session).await;
        assert_eq!(events.last(), Some(&AgentEvent::Finished(AgentEnd::Interrupted)));
    }

    #[tokio::test]
    async fn a_stop_ends_the_tool_that_runs_too() {
        let desk = Desk::new().await;
        let file = desk.world.tree().join("late.txt");
        let plan = desk.plan("@@run:sleep 3; echo late > late.txt@@", Some(KEY)).await;
        let mut session = launch(&Claude, &plan);
        until(&mut *session, |event| is_tool(event, "Bash")).await;
        let proof = session.stop(std::time::Duration::from_millis(200)).await;
        assert!(proof.is_proven(), "{proof:?}");
        assert_eq!(gangline_process::marked(&plan.marker), Vec::<u32>::new());
        assert!(!file.exists());
    }

    #[tokio::test]
    async fn a_question_reaches_a_person_and_the_answer_the_agent() {
        let desk = Desk::new().await;
        let brief = r#"
```model-stub
{ "calls": [ { "tool": "AskUserQuestion", "input": { "questions": [ { "question": "Which way?", "header": "Way",
    "multiSelect": false, "options": [ { "label": "Left", "description": "l" }, { "label": "Right", "description": "r" } ] } ] } } ],
  "final": "Thanks." }
```"#;
        let plan = desk.plan(brief, Some(KEY)).await;
        assert!(Claude.can_ask(&plan.definition));
        let mut session = launch(&Claude, &plan);
        let question =
            until(&mut *session, |event| matches!(event, AgentEvent::Question { .. })).await;
        let AgentEvent::Question { id, text, options, .. } = question else { unreachable!() };
        assert_eq!((text.as_str(), options.join("/").as_str()), ("Which way?", "Left/Right"));
        session.answer(&id, "Left, but slowly").unwrap();
        let events = rest(&mut *session).await;
        let end = AgentEnd::Completed { summary: "Thanks.".to_owned() };
        assert_eq!(events.last(), Some(&AgentEvent::Finished(end)), "{events:?}");
        let last = desk.stub.seen().pop().unwrap();
        assert!(last.body["messages"].to_string().contains("Left, but slowly"));
    }

    #[tokio::test]
    async fn what_is_said_meanwhile_reaches_the_working_agent() {
        let desk = Desk::new().await;
        let plan = desk
            .plan("@@run:until test -e go; do sleep 0.05; done@@ @@run:echo two@@", Some(KEY))
            .await;
        let mut session = launch(&Claude, &plan);
        until(&mut *session, |event| is_tool(event, "Bash")).await;
        session.steer("Mind the gap.").unwrap();
        std::fs::write(desk.world.tree().join("go"), "").unwrap();
        let events = rest(&mut *session).await;
        assert!(
            matches!(events.last(), Some(AgentEvent::Finished(AgentEnd::Completed { .. }))),
            "{events:?}"
        );
        let seen = desk.stub.seen();
        assert!(
            seen.iter().any(|seen| seen.body["messages"].to_string().contains("Mind the gap."))
        );
    }

    /// The answer to each question, and the end.
    async fn answering(desk: &Desk, brief: &str, answer: &str) -> (Vec<Permission>, AgentEnd) {
        let plan = SessionPlan { asks_leave: true, ..desk.plan(brief, Some(KEY)).await };
        assert!(Claude.can_ask_leave(&plan.definition));
        let mut session = launch(&Claude, &plan);
        let mut asked = vec![];
        loop {
            let fits = |event: &AgentEvent| {
                matches!(event, AgentEvent::Question { .. } | AgentEvent::Finished(_))
            };
            let search = async {
                loop {
                    let event = session.next_event().await.expect("it has an end");
                    if fits(&event) {
                        return event;
                    }
                }
            };
            let event = tokio::time::timeout(std::time::Duration::from_mins(1), search).await;
            let event = event.expect("it goes on in time");
            if let AgentEvent::Question { id, permission, .. } = event {
                session.answer(&id, answer).unwrap();
                asked.extend(permission);
            } else if let AgentEvent::Finished(end) = event {
                return (asked, end);
            }
        }
    }

    #[tokio::test]
    async fn leave_is_asked_for_each_tool_and_given() {
        let desk = Desk::new().await;
        let brief = "@@write:a.txt=1@@ @@run:touch b.txt@@ @@say:Done.@@";
        let (asked, end) = answering(&desk, brief, "allow").await;
        assert_eq!(end, AgentEnd::Completed { summary: "Done.".to_owned() });
        let file = desk.world.tree().join("a.txt").to_string_lossy().into_owned();
        let write = Permission {
            tool: "Write".to_owned(),
            detail: file.clone(),
            paths: vec![file.clone()],
        };
        let bash =
            Permission { tool: "Bash".to_owned(), detail: "touch b.txt".to_owned(), paths: vec![] };
        assert_eq!(asked, [write, bash]);
        assert_eq!(std::fs::read_to_string(file).unwrap(), "1");
        assert!(desk.world.tree().join("b.txt").is_file());
    }

    #[tokio::test]
    async fn leave_that_is_denied_keeps_the_tool_from_running_and_its_reason_is_told() {
        let desk = Desk::new().await;
        let brief = "@@write:a.txt=1@@ @@run:touch b.txt@@ @@say:Done.@@";
        let (asked, end) = answering(&desk, brief, "deny: not in this project").await;
        assert_eq!(asked.len(), 2, "{asked:?}");
        assert!(
            matches!(&end, AgentEnd::Completed { summary } if summary.starts_with("Done.")),
            "{end:?}"
        );
        let tree = desk.world.tree();
        assert!(!tree.join("a.txt").exists() && !tree.join("b.txt").exists());
        let last = desk.stub.seen().pop().unwrap();
        assert!(last.body["messages"].to_string().contains("not in this project"));
    }

    #[tokio::test]
    async fn a_server_of_the_plan_gives_the_agent_its_tools() {
        let desk = Desk::new().await;
        let script = desk.world.root().join("mcp.sh");
        std::fs::write(&script, crate::world::MCP_SERVER).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let brief = r#"
```model-stub
{ "calls": [ { "tool": "mcp__gangline__report", "input": { "summary": "s" } } ], "final": "Reported." }
```"#;
        let mut plan = desk.plan(brief, Some(KEY)).await;
        plan.mcp = vec![McpServer {
            name: "gangline".to_owned(),
            command: script.to_string_lossy().into_owned(),
            args: vec![],
            env: vec![],
        }];
        plan.sandbox = plan.sandbox.read_only([script.clone()]);
        let events = events(&Claude, &plan).await;
        assert!(events.iter().any(|event| is_tool(event, "mcp__gangline__report")), "{events:?}");
        let end = AgentEnd::Completed { summary: "Reported.".to_owned() };
        assert_eq!(events.last(), Some(&AgentEvent::Finished(end)));
        let seen = desk.stub.seen();
        assert!(seen[0].body.to_string().contains("mcp__gangline__report"), "it is not offered");
        let last = seen.last().unwrap();
        assert!(last.body["messages"].to_string().contains("taken note"));
    }
}
