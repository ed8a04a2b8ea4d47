//! The real opencode against the model stub, in the sandbox. It is slow: few tests, each with a
//! whole story.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use gangline_agents::acp::Acp;
use gangline_agents::definition::Definition;
use gangline_agents::driver::{
    AgentDriver, AgentEnd, AgentEvent, LaunchError, Permission, SessionPlan, SessionStart,
};
use gangline_agents::opencode::Opencode;
use gangline_agents::stub::{ModelStub, OPENCODE, real_agent};
use serde_json::json;

use crate::world::{World, calling, definition, events, launch, rest, tool_server, until, worked};

struct Desk {
    world: World,
    stub: ModelStub,
}

impl Desk {
    async fn new() -> Self {
        Self { world: World::with_repository().await, stub: ModelStub::start().await.unwrap() }
    }

    /// With the real program, in the sandbox.
    async fn plan(&self, front_matter: &str, brief: &str) -> SessionPlan {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let program = real_agent(&root, &OPENCODE).unwrap_or_else(|error| panic!("{error}"));
        let program = program.canonicalize().unwrap().to_string_lossy().into_owned();
        let definition = Definition { program: Some(program), ..definition(front_matter) };
        let mut plan = self.world.plan(definition, brief);
        let model = json!({ "name": "Stub", "limit": { "context": 100_000, "output": 8_000 } });
        let config = json!({
            "model": "stub/stub-model", "small_model": "stub/stub-model",
            "enabled_providers": ["stub"],
            "provider": { "stub": {
                "npm": "@ai-sdk/openai-compatible",
                "options": { "baseURL": format!("{}/v1", self.stub.base_url()), "apiKey": "dummy" },
                "models": { "stub-model": model },
            } },
        });
        plan.env = vec![
            ("OPENCODE_CONFIG_CONTENT".to_owned(), config.to_string()),
            ("GIT_CONFIG_NOSYSTEM".to_owned(), "1".to_owned()),
        ];
        plan.sandbox = self.world.sandbox(true).await;
        plan
    }
}

fn started(events: &[AgentEvent]) -> String {
    match events.first() {
        Some(AgentEvent::Started { session: Some(session), .. }) => session.clone(),
        _ => panic!("{events:?}"),
    }
}

fn is_tool(event: &AgentEvent, name: &str) -> bool {
    matches!(event, AgentEvent::ToolStarted { tool, .. } if tool == name)
}

#[tokio::test]
async fn where_leave_must_be_asked_it_is_not_started_and_the_way_is_named() {
    let desk = Desk::new().await;
    let mut plan = desk.plan("kind: opencode", "").await;
    plan.asks_leave = true;
    let Err(LaunchError::Definition { what, .. }) = Opencode.launch(&plan) else { panic!() };
    assert!(what.contains("`kind: acp` with `preset: opencode`"), "{what}");
}

mod e2e {
    use super::*;

    /// The names of all tools that the model was ever offered, its sub-agents' too.
    fn offered(desk: &Desk) -> String {
        let seen = desk.stub.seen();
        let tools = seen.iter().filter_map(|seen| seen.body["tools"].as_array()).flatten();
        let names: BTreeSet<&str> =
            tools.filter_map(|tool| tool["function"]["name"].as_str()).collect();
        Vec::from_iter(names).join(" ")
    }

    #[tokio::test]
    async fn what_is_not_among_its_tools_is_neither_offered_nor_done() {
        let desk = Desk::new().await;
        let tree = desk.world.tree();
        let written = tree.join("written.txt");
        let brief = calling(&[
            ("write", json!({ "filePath": written, "content": "1" })),
            ("read", json!({ "filePath": tree.join("README.md") })),
            ("bash", json!({ "command": "touch ran.txt", "description": "d" })),
            ("gangline_report_progress", json!({})),
            (
                "task",
                json!({
                    "description": "d", "subagent_type": "general", "prompt": "@@run:touch sub.txt@@",
                }),
            ),
        ]);
        let mut plan = desk.plan("kind: opencode\ntools: Read, Bash, Task", &brief).await;
        plan.mcp = vec![tool_server()];
        let events = events(&Opencode, &plan).await;
        assert_eq!(offered(&desk), "bash gangline_report_progress read task", "{events:?}");
        assert_eq!(worked(&events), [false, true, true, true, true], "{events:?}");
        let there = ["written.txt", "ran.txt", "sub.txt"].map(|name| tree.join(name).exists());
        assert_eq!(there, [false, true, true], "{events:?}");
    }

    #[tokio::test]
    async fn what_is_disallowed_is_denied_and_the_rest_is_not() {
        let desk = Desk::new().await;
        let tree = desk.world.tree();
        let run = |line: &str| ("bash", json!({ "command": line, "description": "d" }));
        let brief = calling(&[
            run("touch ran.txt"),
            ("write", json!({ "filePath": tree.join("a"), "content": "1" })),
        ]);
        let plan = desk.plan("kind: opencode\ndisallowedTools: Bash", &brief).await;
        let all = events(&Opencode, &plan).await;
        assert!(!offered(&desk).contains("bash") && offered(&desk).contains("write"));
        assert_eq!(worked(&all), [false, true], "{all:?}");
        assert!(!tree.join("ran.txt").exists());

        let lines = ["touch b && rm a", "touch b", "mkdir c", "git status", "git push origin"];
        let limits = "tools: Bash(touch *), Bash(git:*)\ndisallowedTools: Bash(git push *)";
        let plan = desk.plan(&format!("kind: opencode\n{limits}"), &calling(&lines.map(run))).await;
        let all = events(&Opencode, &plan).await;
        assert_eq!(worked(&all), [false, true, false, true, false], "{all:?}");
        assert!(tree.join("a").exists() && tree.join("b").exists() && !tree.join("c").exists());
    }

    #[tokio::test]
    async fn after_its_last_turn_it_is_ended_and_one_that_needs_no_more_is_done() {
        let desk = Desk::new().await;
        let brief = "@@run:touch 1.txt@@ @@run:touch 2.txt@@ @@run:touch 3.txt@@";
        let plan = desk.plan("kind: opencode\nmaxTurns: 2", brief).await;
        let all = events(&Opencode, &plan).await;
        let end = AgentEnd::GaveUp { reason: "it has used up its turns".to_owned() };
        assert_eq!(all.last(), Some(&AgentEvent::Finished(end)), "{all:?}");
        let there = [1, 2, 3].map(|n| desk.world.tree().join(format!("{n}.txt")).exists());
        assert_eq!(there, [true, true, false], "{all:?}");

        let plan = desk.plan("kind: opencode\nmaxTurns: 2", "@@run:true@@ @@say:Done.@@").await;
        let all = events(&Opencode, &plan).await;
        let end = AgentEnd::Completed { summary: "Done.".to_owned() };
        assert_eq!(all.last(), Some(&AgentEvent::Finished(end)), "{all:?}");
    }

    #[tokio::test]
    async fn over_the_protocol_it_is_kept_to_its_tools_and_still_asks() {
        let desk = Desk::new().await;
        let tree = desk.world.tree();
        let brief = calling(&[
            ("write", json!({ "filePath": tree.join("written.txt"), "content": "1" })),
            ("bash", json!({ "command": "touch ran.txt", "description": "d" })),
            ("gangline_report_progress", json!({})),
        ]);
        let mut plan = desk.plan("kind: acp\npreset: opencode\ntools: Bash", &brief).await;
        plan.mcp = vec![tool_server()];
        plan.asks_leave = true;
        let mut session = launch(&Acp, &plan);
        for expected in ["Bash", "gangline_report_progress"] {
            let asked =
                until(&mut *session, |event| matches!(event, AgentEvent::Question { .. })).await;
            let AgentEvent::Question { id, permission: Some(permission), .. } = asked else {
                panic!()
            };
            assert_eq!(permission.tool, expected);
            session.answer(&id, "allow").unwrap();
        }
        let events = rest(&mut *session).await;
        let end = AgentEnd::Completed { summary: "Done.".to_owned() };
        assert_eq!(events.last(), Some(&AgentEvent::Finished(end)), "{events:?}");
        assert!(session.stop(Duration::from_millis(200)).await.is_proven());
        assert_eq!(offered(&desk), "bash gangline_report_progress");
        assert!(!tree.join("written.txt").exists() && tree.join("ran.txt").exists());
    }

    #[tokio::test]
    async fn a_run_works_through_an_overload_and_a_resumed_one_goes_on() {
        let desk = Desk::new().await;
        let brief = "Round it.\n@@err529:1@@ @@write:total.txt=3@@ @@commit:Round@@ @@say:Done.@@";
        let mut plan = desk.plan("kind: opencode\nsystem_prompt: replace", brief).await;
        plan.definition.body = "You are a ticket worker.".to_owned();
        plan.mcp = vec![tool_server()];
        let first = events(&Opencode, &plan).await;
        let session = started(&first);
        assert!(first.iter().any(|event| is_tool(event, "write")), "{first:?}");
        let end = AgentEnd::Completed { summary: "Done.".to_owned() };
        assert_eq!(first.last(), Some(&AgentEvent::Finished(end)), "{first:?}");
        assert_eq!(
            desk.world.git(&["log", "-1", "--format=%an: %s"]).await,
            "Ticket Worker: Round"
        );
        assert_eq!(desk.world.git(&["status", "--porcelain"]).await, "");
        let seen = desk.stub.seen();
        assert!(seen.iter().any(|seen| {
            seen.body["messages"][0].to_string().contains("You are a ticket worker.")
        }));
        assert!(
            seen.iter().any(|seen| seen.body.to_string().contains("gangline_report_progress")),
            "it did not start the server of tools"
        );

        let mut plan = desk.plan("kind: opencode", "@@say:Second.@@").await;
        plan.session = SessionStart::Resume { session: session.clone() };
        let second = events(&Opencode, &plan).await;
        assert_eq!(started(&second), session);
        let end = AgentEnd::Completed { summary: "Second.".to_owned() };
        assert_eq!(second.last(), Some(&AgentEvent::Finished(end)), "{second:?}");
        let last = desk.stub.seen().pop().unwrap().body.to_string();
        assert!(last.contains("Done."), "it forgot the first turn");
    }

    #[tokio::test]
    async fn over_the_protocol_it_asks_leave_and_is_interrupted() {
        let desk = Desk::new().await;
        let brief = "@@write:yes.txt=1@@ @@run:sleep 300@@";
        let mut plan = desk.plan("kind: acp\npreset: opencode", brief).await;
        plan.asks_leave = true;
        let mut session = launch(&Acp, &plan);
        for expected in ["Edit", "Bash"] {
            let asked =
                until(&mut *session, |event| matches!(event, AgentEvent::Question { .. })).await;
            let AgentEvent::Question { id, permission, .. } = asked else { panic!() };
            let Some(Permission { tool, detail, paths }) = permission else { panic!() };
            assert_eq!(tool, expected, "{detail} {paths:?}");
            session.answer(&id, "allow").unwrap();
        }
        session.interrupt().await.unwrap();
        let events = rest(&mut *session).await;
        assert_eq!(events.last(), Some(&AgentEvent::Finished(AgentEnd::Interrupted)), "{events:?}");
        assert!(session.stop(Duration::from_millis(200)).await.is_proven());
        assert_eq!(gangline_process::marked(&plan.marker), Vec::<u32>::new());
        assert!(desk.world.tree().join("yes.txt").is_file());
    }
}
