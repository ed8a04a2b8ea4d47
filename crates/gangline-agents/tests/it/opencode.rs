//! The real opencode against the model stub, in the sandbox. It is slow: few tests, each with a
//! whole story.

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

use crate::world::{World, definition, events, launch, rest, tool_server, until};

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
