//! The real Gemini CLI against the model stub, in the sandbox.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use gangline_agents::acp::Acp;
use gangline_agents::definition::Definition;
use gangline_agents::driver::{
    AgentDriver, AgentEnd, AgentEvent, LaunchError, SessionPlan, SessionStart,
};
use gangline_agents::gemini::Gemini;
use gangline_agents::stub::{GEMINI, ModelStub, real_agent};

use serde_json::{Value, json};

use crate::world::{World, calling, definition, events, launch, rest, tool_server, until, worked};

const SESSION: &str = "7f0c0d0e-0000-4000-8000-000000000001";

struct Desk {
    world: World,
    stub: ModelStub,
}

impl Desk {
    async fn new() -> Self {
        let world = World::with_repository().await;
        // Asked once only, so that failures are quick. Everything else is the driver's.
        std::fs::create_dir(world.home().join(".gemini")).unwrap();
        let settings = r#"{ "general": { "maxAttempts": 1 }, "privacy": "not an object" }"#;
        std::fs::write(world.home().join(".gemini/settings.json"), settings).unwrap();
        Self { world, stub: ModelStub::start().await.unwrap() }
    }

    /// With the real program, in the sandbox.
    async fn plan(&self, front_matter: &str, brief: &str) -> SessionPlan {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let program = real_agent(&root, &GEMINI).unwrap_or_else(|error| panic!("{error}"));
        let program = program.canonicalize().unwrap().to_string_lossy().into_owned();
        let definition = Definition {
            program: Some(program),
            model: Some("gemini-2.5-flash".to_owned()),
            body: "You are a ticket worker.".to_owned(),
            ..definition(front_matter)
        };
        let mut plan = self.world.plan(definition, brief);
        plan.env = [
            ("GEMINI_API_KEY", "dummy"),
            ("GOOGLE_GEMINI_BASE_URL", self.stub.base_url().as_str()),
            ("GIT_CONFIG_NOSYSTEM", "1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        plan.sandbox = self.world.sandbox(true).await;
        plan
    }

    async fn end(&self, brief: &str) -> AgentEnd {
        match events(&Gemini, &self.plan("kind: gemini", brief).await).await.pop() {
            Some(AgentEvent::Finished(end)) => end,
            other => panic!("{other:?}"),
        }
    }
}

fn is_tool(event: &AgentEvent, name: &str) -> bool {
    matches!(event, AgentEvent::ToolStarted { tool, .. } if tool == name)
}

#[tokio::test]
async fn where_leave_must_be_asked_it_is_not_started_and_the_way_is_named() {
    let desk = Desk::new().await;
    let mut plan = desk.plan("kind: gemini", "").await;
    plan.asks_leave = true;
    let Err(LaunchError::Definition { what, .. }) = Gemini.launch(&plan) else { panic!() };
    assert!(what.contains("`kind: acp` with `preset: gemini`"), "{what}");
}

mod e2e {
    use super::*;

    /// The names of all tools that the model was ever offered.
    fn offered(desk: &Desk) -> String {
        let seen = desk.stub.seen();
        let tools = seen.iter().filter_map(|seen| seen.body["tools"].as_array()).flatten();
        let tools = tools.filter_map(|tools| tools["functionDeclarations"].as_array()).flatten();
        let names: BTreeSet<&str> = tools.filter_map(|tool| tool["name"].as_str()).collect();
        Vec::from_iter(names).join(" ")
    }

    fn run(line: &str) -> (&'static str, Value) {
        ("run_shell_command", json!({ "command": line, "description": "d" }))
    }

    #[tokio::test]
    async fn what_is_not_among_its_tools_is_neither_offered_nor_done() {
        let desk = Desk::new().await;
        let tree = desk.world.tree();
        let brief = calling(&[
            ("write_file", json!({ "file_path": tree.join("written.txt"), "content": "1" })),
            ("read_file", json!({ "file_path": tree.join("README.md") })),
            run("touch ran.txt"),
            ("mcp_gangline_report_progress", json!({})),
        ]);
        let mut plan = desk.plan("kind: gemini\ntools: Read, Bash", &brief).await;
        plan.mcp = vec![tool_server()];
        let events = events(&Gemini, &plan).await;
        let expected = "list_background_processes mcp_gangline_report_progress \
                        read_background_output read_file run_shell_command";
        assert_eq!(offered(&desk), expected, "{events:?}");
        assert_eq!(worked(&events), [false, true, true, true], "{events:?}");
        let there = ["written.txt", "ran.txt"].map(|name| tree.join(name).exists());
        assert_eq!(there, [false, true], "{events:?}");
    }

    #[tokio::test]
    async fn a_sub_agent_is_kept_to_the_same_tools() {
        let desk = Desk::new().await;
        let brief = calling(&[(
            "invoke_agent",
            json!({ "agent_name": "generalist", "prompt": "@@run:touch sub.txt@@" }),
        )]);
        let plan = desk.plan("kind: gemini\ntools: Task, Read", &brief).await;
        let events = events(&Gemini, &plan).await;
        assert_eq!(offered(&desk), "complete_task invoke_agent read_file", "{events:?}");
        assert!(!desk.world.tree().join("sub.txt").exists(), "{events:?}");
    }

    #[tokio::test]
    async fn what_is_disallowed_is_denied_and_the_rest_is_not() {
        let desk = Desk::new().await;
        let tree = desk.world.tree();
        let write = ("write_file", json!({ "file_path": tree.join("a"), "content": "1" }));
        let brief = calling(&[run("touch ran.txt"), write]);
        let plan = desk.plan("kind: gemini\ndisallowedTools: Bash", &brief).await;
        let all = events(&Gemini, &plan).await;
        let tools = offered(&desk);
        assert!(!tools.contains("run_shell_command") && tools.contains("write_file"), "{tools}");
        assert_eq!(worked(&all), [false, true], "{all:?}");
        assert!(!tree.join("ran.txt").exists());

        let lines =
            ["touch b && rm a", "touch b > c", "mkdir d", "git status", "git push \"origin\""];
        let limits = "tools: Bash(touch *), Bash(git:*)\ndisallowedTools: Bash(git push *)";
        let plan = desk.plan(&format!("kind: gemini\n{limits}"), &calling(&lines.map(run))).await;
        let all = events(&Gemini, &plan).await;
        assert_eq!(worked(&all), [false, true, false, true, false], "{all:?}");
        assert!(tree.join("a").exists() && tree.join("b").exists() && !tree.join("d").exists());
    }

    #[tokio::test]
    async fn over_the_protocol_it_is_kept_to_its_tools_and_turns_and_still_asks() {
        let desk = Desk::new().await;
        let tree = desk.world.tree();
        let brief = calling(&[
            ("write_file", json!({ "file_path": tree.join("written.txt"), "content": "1" })),
            run("touch ran.txt"),
            ("mcp_gangline_report_progress", json!({})),
            run("touch late.txt"),
        ]);
        let front_matter = "kind: acp\npreset: gemini\ntools: Bash\nmaxTurns: 3";
        let mut plan = desk.plan(front_matter, &brief).await;
        plan.mcp = vec![tool_server()];
        plan.asks_leave = true;
        let mut session = launch(&Acp, &plan);
        for expected in ["Bash", "Other"] {
            let asked =
                until(&mut *session, |event| matches!(event, AgentEvent::Question { .. })).await;
            let AgentEvent::Question { id, permission: Some(permission), .. } = asked else {
                panic!()
            };
            assert_eq!(permission.tool, expected);
            session.answer(&id, "allow").unwrap();
        }
        let events = rest(&mut *session).await;
        let reason = "its turn took too many requests".to_owned();
        let end = AgentEnd::GaveUp { reason };
        assert_eq!(events.last(), Some(&AgentEvent::Finished(end)), "{events:?}");
        assert!(session.stop(Duration::from_millis(200)).await.is_proven());
        let expected = "list_background_processes mcp_gangline_report_progress \
                        read_background_output run_shell_command";
        assert_eq!(offered(&desk), expected);
        let there = ["written.txt", "ran.txt", "late.txt"].map(|name| tree.join(name).exists());
        assert_eq!(there, [false, true, false]);
    }

    #[tokio::test]
    async fn a_fresh_session_works_and_a_resumed_one_goes_on() {
        let desk = Desk::new().await;
        let brief = "Round it.\n@@write:total.txt=3@@ @@commit:Round@@ @@say:Done so.@@";
        let mut plan = desk.plan("kind: gemini", brief).await;
        plan.session = SessionStart::Fresh { id: Some(SESSION.to_owned()) };
        plan.mcp = vec![tool_server()];
        let first = events(&Gemini, &plan).await;
        let started = AgentEvent::Started {
            session: Some(SESSION.to_owned()),
            model: Some("gemini-2.5-flash".to_owned()),
        };
        assert_eq!(first.first(), Some(&started), "{first:?}");
        assert!(first.iter().any(|event| is_tool(event, "write_file")), "{first:?}");
        let end = AgentEnd::Completed { summary: "Done so.".to_owned() };
        assert_eq!(first.last(), Some(&AgentEvent::Finished(end)), "{first:?}");
        assert_eq!(
            desk.world.git(&["log", "-1", "--format=%an: %s"]).await,
            "Ticket Worker: Round"
        );
        assert_eq!(desk.world.git(&["status", "--porcelain"]).await, "");
        let seen = desk.stub.seen();
        assert!(
            seen.iter().any(|seen| seen.body.to_string().contains("gangline_report_progress")),
            "it did not start the server of tools"
        );

        let mut plan = desk.plan("kind: gemini", "@@say:Second.@@").await;
        plan.session = SessionStart::Resume { session: SESSION.to_owned() };
        let second = events(&Gemini, &plan).await;
        assert_eq!(second.first(), Some(&started), "{second:?}");
        let end = AgentEnd::Completed { summary: "Second.".to_owned() };
        assert_eq!(second.last(), Some(&AgentEvent::Finished(end)), "{second:?}");
        let seen = desk.stub.seen();
        let last = seen.last().unwrap().body.to_string();
        assert!(last.contains("Done so."), "it forgot the first turn");
        assert!(last.contains("You are a ticket worker."), "it was not told what it is");
        assert!(
            seen.iter().all(|seen| seen.path.contains("GenerateContent")),
            "it calls elsewhere"
        );
    }

    #[tokio::test]
    async fn quota_login_and_interrupts_are_told_apart_and_a_stop_leaves_nothing() {
        let desk = Desk::new().await;
        let end = desk.end("@@err429@@").await;
        assert!(matches!(end, AgentEnd::Quota { .. }), "{end:?}");
        let end = desk.end("@@err401@@").await;
        assert!(matches!(end, AgentEnd::AuthFailed { .. }), "{end:?}");

        let plan = desk.plan("kind: gemini", "@@run:sleep 300@@").await;
        let mut session = launch(&Gemini, &plan);
        until(&mut *session, |event| is_tool(event, "run_shell_command")).await;
        session.interrupt().await.unwrap();
        let events = rest(&mut *session).await;
        assert_eq!(events.last(), Some(&AgentEvent::Finished(AgentEnd::Interrupted)), "{events:?}");
        assert!(session.stop(Duration::from_millis(200)).await.is_proven());
        assert_eq!(gangline_process::marked(&plan.marker), Vec::<u32>::new());
    }

    #[tokio::test]
    async fn over_the_protocol_it_asks_leave_and_hears_the_answer() {
        let desk = Desk::new().await;
        let brief = "@@run:touch yes.txt@@ @@run:touch no.txt@@ @@say:Well then.@@";
        let mut plan = desk.plan("kind: acp\npreset: gemini", brief).await;
        plan.asks_leave = true;
        let mut session = launch(&Acp, &plan);
        for (command, answer) in [("touch yes.txt", "allow"), ("touch no.txt", "deny")] {
            let asked =
                until(&mut *session, |event| matches!(event, AgentEvent::Question { .. })).await;
            let AgentEvent::Question { id, permission: Some(permission), .. } = asked else {
                panic!()
            };
            assert_eq!((permission.tool.as_str(), permission.detail.as_str()), ("Bash", command));
            session.answer(&id, answer).unwrap();
        }
        let events = rest(&mut *session).await;
        let end = AgentEnd::Completed { summary: "Well then.".to_owned() };
        assert_eq!(events.last(), Some(&AgentEvent::Finished(end)), "{events:?}");
        let tree = desk.world.tree();
        assert!(tree.join("yes.txt").is_file() && !tree.join("no.txt").exists());
        assert!(session.stop(Duration::from_millis(200)).await.is_proven());
    }
}
