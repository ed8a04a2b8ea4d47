//! The driver for the Agent Client Protocol: with the scripted agent, and with a real one.

use std::path::Path;
use std::time::Duration;

use gangline_agents::acp::Acp;
use gangline_agents::agent_conformance;
use gangline_agents::conformance::{Behaviour, FLOOD_BYTES, SAID, Subject};
use gangline_agents::definition::Definition;
use gangline_agents::driver::{
    AgentDriver, AgentEnd, AgentEvent, LaunchError, Permission, PlanItem, PlanStatus, SessionPlan,
    SessionStart,
};

use gangline_agents::stub::{CODEX_ACP, ModelStub, real_agent};

use crate::world::{World, definition, events, launch, rest, tool_server, until};

const AGENT: &str = env!("CARGO_BIN_EXE_gangline-scripted-agent");

struct Player(World);

impl Player {
    /// A plan whose brief carries this script.
    fn script(&self, script: &str) -> SessionPlan {
        let definition = definition(&format!("kind: acp\npreset: scripted\nprogram: {AGENT}"));
        self.0.plan(definition, &format!("# Ticket\n\n```gangline-script\n{script}\n```\n"))
    }

    async fn end(&self, script: &str) -> AgentEnd {
        match events(&Acp, &self.script(script)).await.pop() {
            Some(AgentEvent::Finished(end)) => end,
            other => panic!("{other:?}"),
        }
    }
}

impl Subject for Player {
    fn driver(&self) -> &dyn AgentDriver {
        &Acp
    }

    fn plan(&self, behaviour: Behaviour) -> SessionPlan {
        let say = format!("- say: {SAID}");
        self.script(&match behaviour {
            Behaviour::Says => format!("steps:\n{say}"),
            Behaviour::Floods => format!(
                "steps:\n- flood: {{ bytes: {FLOOD_BYTES} }}\n- flood: {{ bytes: {FLOOD_BYTES}, to: stderr }}\n{say}"
            ),
            Behaviour::FloodsOneLine => {
                format!("steps:\n- flood: {{ bytes: {FLOOD_BYTES}, line_bytes: 0 }}\n- raw: end")
            }
            Behaviour::Hangs => "steps:\n- say: working\n- hang: {}".to_owned(),
            Behaviour::HangsStubbornly => {
                "steps:\n- say: working\n- hang: { ignore_sigterm: true, ignore_interrupt: true }"
                    .to_owned()
            }
            Behaviour::Crashes => {
                "steps:\n- run: { argv: [sh, -c, 'echo something broke; exit 1'], must_pass: true }"
                    .to_owned()
            }
            Behaviour::Dies => "steps:\n- kill_self: KILL".to_owned(),
            Behaviour::LeavesProcess => {
                "steps:\n- daemonise: { after_ms: 600000, path: x, hold_output: true }\n- say: done"
                    .to_owned()
            }
        })
    }
}

mod conformance {
    use super::*;
    agent_conformance!(Player(World::new()));
}

async fn player() -> Player {
    Player(World::with_repository().await)
}

fn message(text: &str) -> AgentEvent {
    AgentEvent::Message { text: text.to_owned() }
}

#[tokio::test]
async fn what_an_agent_does_is_told_in_the_same_words_as_of_any_kind() {
    let player = player().await;
    let events = events(
        &Acp,
        &player.script(
            "steps:
- think: Hm.
- plan: [write, commit]
- say: I begin.
- write: { path: a.txt, text: a }
- run: [cat, a.txt]
- run: ['false']
- commit: Add a
- usage: { tokens: 15, cost_microusd: 7 }
- say: All done.",
        ),
    )
    .await;
    let [AgentEvent::Started { session: Some(session), .. }, ..] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert!(session.starts_with("scripted-"), "{session}");
    let item = |text: &str| PlanItem { text: text.to_owned(), status: PlanStatus::Pending };
    assert!(events.contains(&AgentEvent::Plan(vec![item("write"), item("commit")])), "{events:?}");
    let shown: Vec<String> = events[1..].iter().map(|event| format!("{event:?}")).collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    Thought { text: "Hm." }
    Plan([PlanItem { text: "write", status: Pending }, PlanItem { text: "commit", status: Pending }])
    Message { text: "I begin." }
    ToolStarted { id: "t1", tool: "Edit", detail: "a.txt", paths: ["a.txt"] }
    ToolFinished { id: "t1", ok: true, detail: "" }
    ToolStarted { id: "t2", tool: "Bash", detail: "cat a.txt", paths: [] }
    ToolFinished { id: "t2", ok: true, detail: "a" }
    ToolStarted { id: "t3", tool: "Bash", detail: "false", paths: [] }
    ToolFinished { id: "t3", ok: false, detail: "\nexit code 1" }
    ToolStarted { id: "t4", tool: "Bash", detail: "git add -A -- .", paths: [] }
    ToolFinished { id: "t4", ok: true, detail: "" }
    ToolStarted { id: "t5", tool: "Bash", detail: "git commit -q -m Add a", paths: [] }
    ToolFinished { id: "t5", ok: true, detail: "" }
    Usage(Usage { tokens: 15, cost_microusd: 7, wall_ms: 0 })
    Message { text: "All done." }
    Finished(Completed { summary: "All done." })
    "#);
    assert_eq!(player.0.git(&["log", "-1", "--format=%s"]).await, "Add a");
}

#[tokio::test]
async fn leave_is_asked_where_the_rules_want_it_and_given_at_once_where_they_do_not() {
    let player = player().await;
    let script = "steps:
- ask: { text: drop_table, options: [allow, deny],
    answers: { allow: [{ say: allowed }] }, otherwise: [{ say: 'denied: ${ANSWER}' }] }";
    let free = events(&Acp, &player.script(script)).await;
    assert!(free.contains(&message("allowed")), "{free:?}");
    assert!(!free.iter().any(|event| matches!(event, AgentEvent::Question { .. })), "{free:?}");

    for (answer, said) in [("allow", "allowed"), ("not on a Friday", "denied: not on a Friday")] {
        let mut plan = player.script(script);
        plan.asks_leave = true;
        let mut session = launch(&Acp, &plan);
        let question =
            until(&mut *session, |event| matches!(event, AgentEvent::Question { .. })).await;
        let AgentEvent::Question { id, text, options, permission } = question else { panic!() };
        assert_eq!(text, "May I use drop_table? drop_table");
        assert_eq!(options, ["allow", "deny"]);
        let expected = Permission {
            tool: "drop_table".to_owned(),
            detail: "drop_table".to_owned(),
            paths: vec![],
        };
        assert_eq!(permission, Some(expected));
        session.answer(&id, answer).unwrap();
        assert!(session.answer(&id, answer).is_err(), "it was answered already");
        let events = rest(&mut *session).await;
        assert!(events.contains(&message(said)), "{events:?}");
        assert!(matches!(events.last(), Some(AgentEvent::Finished(AgentEnd::Completed { .. }))));
    }
}

#[tokio::test]
async fn a_choice_is_a_question_with_its_own_answers_whatever_the_rules() {
    let player = player().await;
    let plan = player.script(
        "steps:\n- ask: { text: Which way?, options: [Left, Right] }\n- say: '${ANSWER} it is'",
    );
    let mut session = launch(&Acp, &plan);
    let question = until(&mut *session, |event| matches!(event, AgentEvent::Question { .. })).await;
    let AgentEvent::Question { id, text, options, permission } = question else { panic!() };
    assert_eq!((text.as_str(), options.join("/").as_str()), ("Which way?", "Left/Right"));
    assert_eq!(permission, None);
    session.answer(&id, "right").unwrap();
    let events = rest(&mut *session).await;
    assert!(events.contains(&message("right it is")), "{events:?}");
}

#[tokio::test]
async fn ends_are_told_apart() {
    let player = player().await;
    let check = async |step: &str, expected: AgentEnd| {
        assert_eq!(player.end(&format!("steps:\n- {step}")).await, expected, "{step}");
    };
    check(
        "give_up: too hard",
        AgentEnd::GaveUp { reason: "the model refuses: too hard".to_owned() },
    )
    .await;
    let message = "rate limit: spent|1800000000".to_owned();
    check(
        "quota: { message: spent, resets_at: 1800000000 }",
        AgentEnd::Quota { message, resets_at: Some(1_800_000_000) },
    )
    .await;
    check("auth_fail: who are you", AgentEnd::AuthFailed { message: "who are you".to_owned() })
        .await;
    let end = player.end("steps:\n- exit: 0").await;
    assert!(matches!(&end, AgentEnd::Crashed { exit, .. } if exit == "exit code 0"), "{end:?}");
}

#[tokio::test]
async fn a_session_goes_on_where_it_is_known_and_nowhere_else() {
    let player = player().await;
    let script = "steps:\n- on: { resumed: true, steps: [{ say: again }], else: [{ say: first }] }";
    let first = events(&Acp, &player.script(script)).await;
    let Some(AgentEvent::Started { session: Some(session), .. }) = first.first() else {
        panic!("{first:?}")
    };
    let mut plan = player.script(script);
    plan.session = SessionStart::Resume { session: session.clone() };
    let second = events(&Acp, &plan).await;
    assert!(second.contains(&message("again")), "{second:?}");
    plan.session = SessionStart::Resume { session: "nobody".to_owned() };
    let events = events(&Acp, &plan).await;
    let Some(AgentEvent::Finished(AgentEnd::Crashed { message, .. })) = events.last() else {
        panic!("{events:?}")
    };
    assert_eq!(message, "there is no such session");
}

#[tokio::test]
async fn what_is_said_meanwhile_is_heard_after_the_turn_was_ended_for_it() {
    let player = player().await;
    let mut plan = player.script("steps:\n- say: working\n- hang: {}");
    plan.cwd = player.0.tree();
    let mut session = launch(&Acp, &plan);
    until(&mut *session, |event| *event == message("working")).await;
    session.steer("Mind the gap.").unwrap();
    let events = rest(&mut *session).await;
    let told = "I am told: Mind the gap.";
    assert!(
        events
            .iter()
            .any(|event| matches!(event, AgentEvent::Message { text } if text.starts_with(told))),
        "{events:?}"
    );
    assert!(matches!(events.last(), Some(AgentEvent::Finished(AgentEnd::Completed { .. }))));
}

#[tokio::test]
async fn a_request_that_is_not_offered_is_refused_and_a_line_nobody_knows_is_kept() {
    let player = player().await;
    let unknown = r#"{"jsonrpc":"2.0","id":0,"method":"fs/read_text_file","params":{}}"#;
    let update = r#"{"jsonrpc":"2.0","method":"session/update","params":{"update":{"sessionUpdate":"from_the_future"}}}"#;
    let events = events(
        &Acp,
        &player.script(&format!(
            "steps:\n- raw: '{unknown}'\n- raw: '{update}'\n- raw: not json\n- say: on"
        )),
    )
    .await;
    for raw in [unknown, update, "not json"] {
        assert!(events.contains(&AgentEvent::Raw(raw.to_owned())), "{events:?}");
    }
    assert!(events.contains(&message("on")), "{events:?}");
}

#[tokio::test]
async fn under_a_sandbox_it_plays_and_a_stop_leaves_nothing() {
    let player = player().await;
    let mut plan = player.script(
        "steps:
- daemonise: { after_ms: 600000, path: late.txt, scrub_env: true }
- say: working
- hang: { ignore_sigterm: true, ignore_interrupt: true }",
    );
    plan.sandbox = player.0.sandbox(false).await;
    let mut session = launch(&Acp, &plan);
    until(&mut *session, |event| *event == message("working")).await;
    let proof = session.stop(Duration::from_millis(200)).await;
    assert!(proof.is_proven(), "{proof:?}");
    assert_eq!(gangline_process::marked(&plan.marker), Vec::<u32>::new());
}

#[test]
fn a_definition_that_cannot_work_is_refused_with_what_to_do() {
    let world = World::new();
    let refused = |front_matter: &str, asks_leave: bool| {
        let mut plan = world.plan(definition(&format!("kind: acp\n{front_matter}")), "");
        plan.asks_leave = asks_leave;
        match Acp.launch(&plan) {
            Err(LaunchError::Definition { what, .. }) => what,
            Err(error) => panic!("{error:?}"),
            Ok(_) => panic!("it started"),
        }
    };
    insta::assert_snapshot!(
        [
            refused("args: []", false),
            refused("preset: gemeni", false),
            refused("preset: goose", true),
            refused("program: /bin/my-agent", true),
            refused("preset: gemini\nsystem_prompt: replace", false),
        ]
        .join("\n"),
        @"
    it names neither a `preset` nor a `program`
    there is no preset `gemeni`; there are claude-agent-acp, codex-acp, zed-codex-acp, gemini, opencode, scripted, auggie, cline, copilot, cursor, droid, goose, junie, kilo, kimi, kiro, qoder, qwen, vibe
    preset `goose` is not known to ask leave, which the project's rules need; these do: claude-agent-acp, codex-acp, zed-codex-acp, gemini, opencode, scripted
    an agent without a preset is not known to ask leave, which the project's rules need; these do: claude-agent-acp, codex-acp, zed-codex-acp, gemini, opencode, scripted
    kind `acp` has no way to replace an agent's system prompt; leave `system_prompt` out
    "
    );
}

/// Codex behind the protocol, against the model stub, in the sandbox.
mod e2e {
    use super::*;

    struct Desk {
        world: World,
        stub: ModelStub,
    }

    impl Desk {
        async fn new() -> Self {
            let (world, stub) = (World::with_repository().await, ModelStub::start().await.unwrap());
            std::fs::create_dir(world.home().join(".codex")).unwrap();
            let config = format!(
                "model = \"gpt-5.5\"
model_provider = \"stub\"

[model_providers.stub]
name = \"stub\"
base_url = \"{}/v1\"
env_key = \"STUB_API_KEY\"
wire_api = \"responses\"
request_max_retries = 1
stream_max_retries = 1
",
                stub.base_url()
            );
            std::fs::write(world.home().join(".codex/config.toml"), config).unwrap();
            Self { world, stub }
        }

        async fn plan(&self, brief: &str) -> SessionPlan {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
            let program = real_agent(&root, &CODEX_ACP).unwrap_or_else(|error| panic!("{error}"));
            let program = program.canonicalize().unwrap().to_string_lossy().into_owned();
            let definition = Definition {
                program: Some(program),
                body: "You are a ticket worker.".to_owned(),
                ..definition("kind: acp\npreset: zed-codex-acp")
            };
            let mut plan = self.world.plan(definition, brief);
            plan.env = vec![
                ("STUB_API_KEY".to_owned(), "dummy".to_owned()),
                ("GIT_CONFIG_NOSYSTEM".to_owned(), "1".to_owned()),
            ];
            plan.sandbox = self.world.sandbox(true).await;
            plan
        }

        async fn end(&self, brief: &str) -> AgentEnd {
            match events(&Acp, &self.plan(brief).await).await.pop() {
                Some(AgentEvent::Finished(end)) => end,
                other => panic!("{other:?}"),
            }
        }
    }

    fn runs(event: &AgentEvent, line: &str) -> bool {
        matches!(event, AgentEvent::ToolStarted { tool, detail, .. } if tool == "Bash" && detail == line)
    }

    #[tokio::test]
    async fn a_session_edits_runs_and_commits_and_is_resumed_with_all_it_knew() {
        let desk = Desk::new().await;
        let brief = "@@write:total.txt=3@@ @@run:cat total.txt@@ @@commit:Round@@ @@say:Done so.@@";
        let mut plan = desk.plan(brief).await;
        plan.mcp = vec![tool_server()];
        let first = events(&Acp, &plan).await;
        let seen = desk.stub.seen();
        assert!(
            seen.iter().any(|seen| seen.body.to_string().contains("report_progress")),
            "it did not start the server of tools"
        );
        let Some(AgentEvent::Started { session: Some(session), model }) = first.first() else {
            panic!("{first:?}")
        };
        assert_eq!(model.as_deref(), Some("gpt-5.5"));
        assert!(first.iter().any(|event| runs(event, "cat total.txt")), "{first:?}");
        let end = AgentEnd::Completed { summary: "Done so.".to_owned() };
        assert_eq!(first.last(), Some(&AgentEvent::Finished(end)), "{first:?}");
        assert_eq!(
            desk.world.git(&["log", "-1", "--format=%an: %s"]).await,
            "Ticket Worker: Round"
        );
        assert_eq!(desk.world.git(&["status", "--porcelain"]).await, "");

        let mut plan = desk.plan("@@say:Second.@@").await;
        plan.session = SessionStart::Resume { session: session.clone() };
        let second = events(&Acp, &plan).await;
        let end = AgentEnd::Completed { summary: "Second.".to_owned() };
        assert_eq!(second.last(), Some(&AgentEvent::Finished(end)), "{second:?}");
        let last = desk.stub.seen().pop().unwrap().body.to_string();
        assert!(last.contains("Done so.") && last.contains("You are a ticket worker."), "{last}");
    }

    #[tokio::test]
    async fn leave_is_asked_for_what_changes_things_and_a_denial_s_reason_is_heard() {
        let desk = Desk::new().await;
        let mut plan = desk.plan("@@run:touch yes.txt@@ @@run:touch no.txt@@").await;
        plan.asks_leave = true;
        let mut session = launch(&Acp, &plan);
        for answer in ["allow", "no.txt is spoken for @@say:Understood.@@"] {
            let asked =
                until(&mut *session, |event| matches!(event, AgentEvent::Question { .. })).await;
            let AgentEvent::Question { id, permission: Some(permission), .. } = asked else {
                panic!()
            };
            assert_eq!(permission.tool, "Bash");
            session.answer(&id, answer).unwrap();
        }
        let events = rest(&mut *session).await;
        let end = AgentEnd::Completed { summary: "Understood.".to_owned() };
        assert_eq!(events.last(), Some(&AgentEvent::Finished(end)), "{events:?}");
        let tree = desk.world.tree();
        assert!(tree.join("yes.txt").is_file() && !tree.join("no.txt").exists());
    }

    #[tokio::test]
    async fn overload_quota_and_login_are_told_apart() {
        let desk = Desk::new().await;
        let end = desk.end("@@err529:1@@ @@say:well again@@").await;
        assert_eq!(end, AgentEnd::Completed { summary: "well again".to_owned() });
        let end = desk.end("@@err429@@").await;
        assert!(matches!(end, AgentEnd::Quota { .. }), "{end:?}");
        let end = desk.end("@@err401@@").await;
        assert!(matches!(end, AgentEnd::AuthFailed { .. }), "{end:?}");
    }

    #[tokio::test]
    async fn it_is_steered_interrupted_and_stopped_with_all_that_runs() {
        let desk = Desk::new().await;
        let plan = desk.plan("@@run:sleep 300@@").await;
        let mut session = launch(&Acp, &plan);
        until(&mut *session, |event| runs(event, "sleep 300")).await;
        session.steer("Never mind. @@run:sleep 400@@").unwrap();
        until(&mut *session, |event| runs(event, "sleep 400")).await;
        session.interrupt().await.unwrap();
        let events = rest(&mut *session).await;
        assert_eq!(events.last(), Some(&AgentEvent::Finished(AgentEnd::Interrupted)), "{events:?}");
        assert!(session.stop(Duration::from_millis(200)).await.is_proven());

        let plan = desk.plan("@@run:sleep 300@@").await;
        let mut session = launch(&Acp, &plan);
        until(&mut *session, |event| runs(event, "sleep 300")).await;
        let proof = session.stop(Duration::from_millis(200)).await;
        assert!(proof.is_proven(), "{proof:?}");
        assert_eq!(gangline_process::marked(&plan.marker), Vec::<u32>::new());
    }
}
