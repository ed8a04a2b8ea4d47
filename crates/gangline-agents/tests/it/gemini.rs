//! The real Gemini CLI against the model stub, in the sandbox.

use std::path::Path;
use std::time::Duration;

use gangline_agents::acp::Acp;
use gangline_agents::definition::Definition;
use gangline_agents::driver::{
    AgentDriver, AgentEnd, AgentEvent, LaunchError, SessionPlan, SessionStart,
};
use gangline_agents::gemini::Gemini;
use gangline_agents::stub::{GEMINI, ModelStub, real_agent};

use crate::world::{World, definition, events, launch, rest, tool_server, until};

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
