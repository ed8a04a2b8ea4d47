//! The real Codex CLI against the model stub.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use gangline_agents::agent_conformance;
use gangline_agents::codex::Codex;
use gangline_agents::conformance::{Behaviour, FLOOD_BYTES, SAID, Subject};
use gangline_agents::definition::Definition;
use gangline_agents::driver::{
    AgentDriver, AgentEnd, AgentEvent, LaunchError, McpServer, Permission, SendError, Session,
    SessionPlan, SessionStart,
};
use gangline_agents::stub::{CODEX, ModelStub, real_agent};

use crate::world::{World, events, launch, rest, until};

const GRACE: Duration = Duration::from_secs(1);

fn program() -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let program = real_agent(&root, &CODEX).unwrap_or_else(|error| panic!("{error}"));
    program.canonicalize().unwrap()
}

struct Desk {
    world: World,
    stub: ModelStub,
}

impl Desk {
    async fn new() -> Self {
        Self { world: World::with_repository().await, stub: ModelStub::start().await.unwrap() }
    }

    /// The definition that ships, as this kind, with the real program and no sandbox.
    fn plan(&self, brief: &str, key: Option<&str>) -> SessionPlan {
        let definition = Definition {
            kind: "codex".parse().unwrap(),
            tools: None,
            program: Some(program().to_string_lossy().into_owned()),
            ..Definition::ticket_worker()
        };
        let mut plan = self.world.plan(definition, brief);
        let base_url = self.stub.base_url() + "/v1";
        plan.env = [("OPENAI_BASE_URL", base_url.as_str()), ("GIT_CONFIG_NOSYSTEM", "1")]
            .into_iter()
            .chain(key.map(|key| ("OPENAI_API_KEY", key)))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        plan
    }

    /// The same in the sandbox.
    async fn confined(&self, brief: &str) -> SessionPlan {
        let sandbox = self.world.sandbox(true).await;
        SessionPlan { sandbox, ..self.plan(brief, Some("sk-dummy")) }
    }

    async fn end(&self, brief: &str, key: Option<&str>) -> AgentEnd {
        let sandbox = self.world.sandbox(true).await;
        let plan = SessionPlan { sandbox, ..self.plan(brief, key) };
        end(events(&Codex, &plan).await)
    }

    /// What the model was told in the last request.
    fn told(&self) -> String {
        self.stub.seen().pop().unwrap().body["input"].to_string()
    }
}

fn end(mut events: Vec<AgentEvent>) -> AgentEnd {
    match events.pop() {
        Some(AgentEvent::Finished(end)) => end,
        other => panic!("{other:?}"),
    }
}

fn completed(summary: &str) -> AgentEnd {
    AgentEnd::Completed { summary: summary.to_owned() }
}

fn is_tool(event: &AgentEvent, name: &str) -> bool {
    matches!(event, AgentEvent::ToolStarted { tool, .. } if tool == name)
}

/// The real program, and beside it whatever it takes to make it behave.
struct Played(Desk);

impl Played {
    fn wrapped(&self, brief: &str, before: &str, after: &str) -> SessionPlan {
        let mut plan = self.0.plan(brief, Some("sk-dummy"));
        let script = self.0.world.root().join("codex.sh");
        let real = program();
        let text = format!("#!/bin/sh\n{before}\n{} \"$@\"\n{after}\n", real.display());
        std::fs::write(&script, text).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        plan.definition.program = Some(script.to_string_lossy().into_owned());
        plan
    }
}

impl Subject for Played {
    fn driver(&self) -> &dyn AgentDriver {
        &Codex
    }

    fn plan(&self, behaviour: Behaviour) -> SessionPlan {
        let says = format!("@@say:{SAID}@@");
        let works = "@@first:working@@ @@run:sleep 600@@";
        let flood = format!("head -c {FLOOD_BYTES} /dev/zero | tr '\\0' x");
        let key = Some("sk-dummy");
        match behaviour {
            Behaviour::Says => self.0.plan(&says, key),
            Behaviour::Floods => {
                self.wrapped(&says, &format!("{flood} | fold; echo; {flood} | fold >&2"), "")
            }
            Behaviour::FloodsOneLine => self.wrapped(&says, "", &flood),
            Behaviour::Hangs => self.0.plan(works, key),
            Behaviour::HangsStubbornly => {
                self.wrapped(works, "trap '' INT TERM", "while :; do sleep 1; done")
            }
            Behaviour::Crashes => {
                let mut plan = self.0.plan(&says, key);
                plan.definition.args =
                    vec!["-c".to_owned(), "model_provider=\"something broke\"".to_owned()];
                plan
            }
            Behaviour::Dies => self.0.plan("@@run:kill -9 $PPID@@", key),
            Behaviour::LeavesProcess => self.wrapped(&says, "setsid sleep 600 &", ""),
        }
    }
}

mod conformance {
    use super::*;
    agent_conformance!(Played(Desk::new().await));
}

#[tokio::test]
async fn one_prompt_is_worked_off_and_gone_on_with_in_mode_exec() {
    let desk = Desk::new().await;
    let exec = |brief: &str| {
        let mut plan = desk.plan(brief, Some("sk-dummy"));
        plan.definition.mode = Some("exec".to_owned());
        plan
    };
    let plan = exec("@@write:a.txt=1@@ @@commit:APP-1: exec@@ @@say:First.@@");
    assert!(!Codex.can_ask(&plan.definition) && !Codex.can_ask_leave(&plan.definition));
    let first = events(&Codex, &plan).await;
    let [AgentEvent::Started { session: Some(session), .. }, ..] = first.as_slice() else {
        panic!("{first:?}")
    };
    assert!(first.iter().any(|event| is_tool(event, "Edit")), "{first:?}");
    assert!(first.iter().any(|event| is_tool(event, "Bash")), "{first:?}");
    assert_eq!(end(first.clone()), completed("First."));
    assert_eq!(desk.world.git(&["log", "-1", "--format=%s"]).await, "APP-1: exec");

    let mut plan = exec("@@say:Second.@@");
    plan.session = SessionStart::Resume { session: session.clone() };
    let mut second = launch(&Codex, &plan);
    assert!(matches!(second.steer("too late"), Err(SendError::Deaf { .. })));
    let second = rest(&mut *second).await;
    assert_eq!(end(second), completed("Second."));
    assert!(desk.told().contains("First."), "it forgot the first turn");

    for (brief, expected) in [("@@err529@@", "Quota"), ("@@err401@@", "AuthFailed")] {
        let end = end(events(&Codex, &exec(brief)).await);
        assert!(format!("{end:?}").starts_with(expected), "{end:?}");
    }
    let plan = SessionPlan { asks_leave: true, ..exec("@@say:x@@") };
    assert!(matches!(Codex.launch(&plan), Err(LaunchError::Definition { .. })));
}

mod e2e {
    use super::*;

    fn server(name: &str, command: &Path) -> McpServer {
        McpServer {
            name: name.to_owned(),
            command: command.to_string_lossy().into_owned(),
            args: vec![],
            env: vec![],
        }
    }

    /// Answers all questions alike; those and the end.
    async fn answering(session: &mut dyn Session, answer: &str) -> (Vec<Permission>, AgentEnd) {
        let mut asked = vec![];
        loop {
            let next = tokio::time::timeout(Duration::from_mins(1), session.next_event()).await;
            let event = next.expect("it goes on in time").expect("it has an end");
            if let AgentEvent::Question { id, permission, .. } = event {
                session.answer(&id, answer).unwrap();
                asked.extend(permission);
            } else if let AgentEvent::Finished(end) = event {
                return (asked, end);
            }
        }
    }

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
        let first = events(&Codex, &desk.confined(&ticket).await).await;
        let [AgentEvent::Started { session: Some(session), model: Some(_) }, ..] = first.as_slice()
        else {
            panic!("{first:?}")
        };
        assert!(first.iter().any(|event| is_tool(event, "Edit")), "{first:?}");
        assert!(first.iter().any(|event| is_tool(event, "Bash")), "{first:?}");
        assert_eq!(end(first.clone()), completed("All tests pass."));
        let tokens = |events: &[AgentEvent]| {
            let all = events.iter().filter_map(|event| {
                let AgentEvent::Usage(usage) = event else { return None };
                Some(usage.tokens)
            });
            all.max()
        };
        assert_eq!(tokens(&first), Some(600));
        assert_eq!(
            desk.world.git(&["log", "-1", "--format=%an: %s"]).await,
            "Ticket Worker: APP-1: round the total"
        );
        assert_eq!(desk.world.git(&["status", "--porcelain"]).await, "");
        assert!(desk.world.outcome().is_file());

        std::fs::write(desk.world.tree().join("more.txt"), "more\n").unwrap();
        let mut plan = desk.confined(&format!("{ticket}\nRound half up.")).await;
        plan.session = SessionStart::Resume { session: session.clone() };
        let second = events(&Codex, &plan).await;
        assert_eq!(end(second.clone()), completed("As hinted."));
        assert_eq!(tokens(&second), Some(240), "the earlier session's tokens are not this one's");
        assert_eq!(desk.world.git(&["log", "-1", "--format=%s"]).await, "APP-1: half up");

        let seen = desk.stub.seen();
        assert!(seen.iter().all(|seen| seen.path == "/v1/responses"), "it calls elsewhere");
        assert!(seen.iter().all(|seen| seen.credential.as_deref() == Some("Bearer sk-dummy")));
        assert!(seen[0].body["input"].to_string().contains("You are a ticket worker."));
        assert!(desk.told().contains("All tests pass."), "it forgot the first turn");
    }

    #[tokio::test]
    async fn a_model_that_is_given_the_tools_themselves_works_too() {
        let desk = Desk::new().await;
        let brief = "@@write:a.txt=1@@ @@run:cat a.txt@@ @@commit:APP-1: plain@@ @@say:Done.@@";
        let mut plan = desk.confined(brief).await;
        plan.model = Some("gpt-5.5".to_owned());
        assert_eq!(end(events(&Codex, &plan).await), completed("Done."));
        assert_eq!(desk.stub.seen()[0].body["model"], "gpt-5.5");
        assert_eq!(desk.world.git(&["log", "-1", "--format=%s"]).await, "APP-1: plain");
    }

    #[tokio::test]
    async fn leave_is_asked_for_each_tool_and_given() {
        let desk = Desk::new().await;
        let brief = "@@write:a.txt=1@@ @@run:cat a.txt | head -1@@ @@say:Done.@@";
        // Rules in the worktree loosen nothing.
        let rules = desk.world.tree().join(".codex/rules");
        std::fs::create_dir_all(&rules).unwrap();
        let all = "prefix_rule(pattern=[\"cat\"], decision=\"allow\")\n";
        std::fs::write(rules.join("all.rules"), all).unwrap();
        let plan = SessionPlan { asks_leave: true, ..desk.confined(brief).await };
        assert!(Codex.can_ask_leave(&plan.definition));
        let mut session = launch(&Codex, &plan);
        let (asked, end) = answering(&mut *session, "allow").await;
        assert_eq!(end, completed("Done."));
        let file = desk.world.tree().join("a.txt").to_string_lossy().into_owned();
        let edit =
            Permission { tool: "Edit".to_owned(), detail: file.clone(), paths: vec![file.clone()] };
        let bash = Permission {
            tool: "Bash".to_owned(),
            detail: "cat a.txt | head -1".to_owned(),
            paths: vec![],
        };
        assert_eq!(asked, [edit, bash]);
        assert_eq!(std::fs::read_to_string(file).unwrap(), "1\n");
    }

    #[tokio::test]
    async fn leave_that_is_denied_keeps_the_tool_from_running_and_its_reason_is_told() {
        let desk = Desk::new().await;
        let brief = "@@write:a.txt=1@@ @@run:touch b.txt@@ @@say:Done.@@";
        let plan = SessionPlan { asks_leave: true, ..desk.confined(brief).await };
        let mut session = launch(&Codex, &plan);
        let (asked, end) = answering(&mut *session, "deny: not in this project").await;
        assert_eq!(asked.len(), 2, "{asked:?}");
        assert_eq!(end, completed("Done."));
        let tree = desk.world.tree();
        assert!(!tree.join("a.txt").exists() && !tree.join("b.txt").exists());
        assert!(desk.told().contains("not in this project"), "the reason is lost");
    }

    #[tokio::test]
    async fn quota_overload_login_and_a_dead_line_are_told_apart() {
        let desk = Desk::new().await;
        let key = Some("sk-dummy");
        let end = desk.end("@@quota:1800000000@@", key).await;
        assert!(matches!(end, AgentEnd::Quota { resets_at: Some(1_800_000_000), .. }), "{end:?}");
        let end = desk.end("@@err429@@", key).await;
        assert!(matches!(end, AgentEnd::Quota { resets_at: None, .. }), "{end:?}");
        let end = desk.end("@@err529:2@@ @@say:well again@@", key).await;
        assert_eq!(end, completed("well again"));
        let end = desk.end("@@err401@@", key).await;
        assert!(matches!(end, AgentEnd::AuthFailed { .. }), "{end:?}");
        let end = desk.end("@@say:hello@@", None).await;
        assert!(matches!(end, AgentEnd::AuthFailed { .. }), "{end:?}");
    }

    #[tokio::test]
    async fn a_provider_that_is_not_there_or_says_nothing_is_not_waited_for_without_a_bound() {
        let desk = Desk::new().await;
        let mut plan = desk.confined("@@say:x@@").await;
        // Nothing listens on a port that was free a moment ago.
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        plan.env.push(("OPENAI_BASE_URL".to_owned(), format!("http://{free}/v1")));
        let refused = end(events(&Codex, &plan).await);
        assert!(matches!(refused, AgentEnd::Quota { .. }), "{refused:?}");

        let mut plan = desk.confined("@@hang@@").await;
        plan.env.push(("API_TIMEOUT_MS".to_owned(), "3000".to_owned()));
        let silent = end(events(&Codex, &plan).await);
        let AgentEnd::Quota { message, .. } = silent else { panic!("{silent:?}") };
        assert_eq!(message, "the model's provider said nothing for 3 s");
    }

    #[tokio::test]
    async fn an_interrupted_and_a_killed_session_can_be_gone_on_with() {
        let desk = Desk::new().await;
        let plan = desk.confined("@@run:sleep 300@@").await;
        let mut session = launch(&Codex, &plan);
        let started = |event: &AgentEvent| matches!(event, AgentEvent::Started { .. });
        let AgentEvent::Started { session: Some(id), .. } = until(&mut *session, started).await
        else {
            panic!("it has no name")
        };
        until(&mut *session, |event| is_tool(event, "Bash")).await;
        session.interrupt().await.unwrap();
        assert_eq!(end(rest(&mut *session).await), AgentEnd::Interrupted);
        assert!(session.stop(GRACE).await.is_proven());

        let mut plan = desk.confined("@@run:sleep 300@@ again").await;
        plan.session = SessionStart::Resume { session: id.clone() };
        let mut session = launch(&Codex, &plan);
        until(&mut *session, |event| is_tool(event, "Bash")).await;
        // As a job's death does it: no word, no grace.
        drop(session);
        while !gangline_process::marked(&plan.marker).is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }

        let mut plan = desk.confined("@@say:Back again.@@").await;
        plan.session = SessionStart::Resume { session: id.clone() };
        let last = events(&Codex, &plan).await;
        let started = |event: &AgentEvent| matches!(event, AgentEvent::Started { session: Some(same), .. } if *same == id);
        assert!(last.iter().any(started), "{last:?}");
        assert_eq!(end(last), completed("Back again."));
        assert!(desk.told().contains("sleep 300"), "it forgot what it was at");
    }

    #[tokio::test]
    async fn a_silent_request_is_interrupted_too() {
        let desk = Desk::new().await;
        let plan = desk.confined("@@hang@@").await;
        let mut session = launch(&Codex, &plan);
        until(&mut *session, |event| matches!(event, AgentEvent::Started { .. })).await;
        session.interrupt().await.unwrap();
        assert_eq!(end(rest(&mut *session).await), AgentEnd::Interrupted);
    }

    #[tokio::test]
    async fn a_stop_ends_the_tool_that_runs_too() {
        let desk = Desk::new().await;
        let file = desk.world.tree().join("late.txt");
        let plan = desk.confined("@@run:sleep 3; echo late > late.txt@@").await;
        let mut session = launch(&Codex, &plan);
        until(&mut *session, |event| is_tool(event, "Bash")).await;
        let proof = session.stop(Duration::from_millis(200)).await;
        assert!(proof.is_proven(), "{proof:?}");
        assert_eq!(gangline_process::marked(&plan.marker), Vec::<u32>::new());
        assert!(!file.exists());
    }

    #[tokio::test]
    async fn what_is_said_meanwhile_reaches_the_working_agent() {
        let desk = Desk::new().await;
        let brief = "@@run:until test -e go; do sleep 0.05; done@@ @@run:echo two@@";
        let plan = desk.confined(brief).await;
        let mut session = launch(&Codex, &plan);
        session.steer("Mind the step.").unwrap();
        until(&mut *session, |event| is_tool(event, "Bash")).await;
        session.steer("Mind the gap.").unwrap();
        std::fs::write(desk.world.tree().join("go"), "").unwrap();
        let end = end(rest(&mut *session).await);
        assert!(matches!(end, AgentEnd::Completed { .. }), "{end:?}");
        let told = desk.told();
        assert!(told.contains("Mind the gap.") && told.contains("Mind the step."), "{told}");
    }

    #[tokio::test]
    async fn a_question_reaches_a_person_and_the_answer_the_agent() {
        let desk = Desk::new().await;
        let brief = r#"
```model-stub
{ "calls": [ { "tool": "request_user_input", "input": { "questions": [ { "id": "way", "header": "Way",
    "question": "Which way?", "options": [ { "label": "Left", "description": "l" }, { "label": "Right", "description": "r" } ] } ] } } ],
  "final": "Thanks." }
```"#;
        let mut plan = desk.confined(brief).await;
        plan.model = Some("gpt-5.5".to_owned());
        assert!(Codex.can_ask(&plan.definition));
        let mut session = launch(&Codex, &plan);
        let question =
            until(&mut *session, |event| matches!(event, AgentEvent::Question { .. })).await;
        let AgentEvent::Question { id, text, options, permission } = question else {
            unreachable!()
        };
        assert_eq!((text.as_str(), options.join("/").as_str()), ("Which way?", "Left/Right"));
        assert_eq!(permission, None);
        session.answer(&id, "Left, but slowly").unwrap();
        assert_eq!(end(rest(&mut *session).await), completed("Thanks."));
        assert!(desk.told().contains("Left, but slowly"));
    }

    #[tokio::test]
    async fn a_server_of_the_plan_gives_the_agent_its_tools() {
        let desk = Desk::new().await;
        let script = desk.world.root().join("mcp.sh");
        std::fs::write(&script, crate::world::MCP_SERVER).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        let brief = r#"
```model-stub
{ "calls": [ { "tool": "mcp__gangline/report", "input": { "summary": "s" } } ], "final": "Reported." }
```"#;
        let mut plan = desk.confined(brief).await;
        plan.model = Some("gpt-5.5".to_owned());
        plan.mcp = vec![server("gangline", &script)];
        plan.sandbox = plan.sandbox.read_only([script.clone()]);
        let events = events(&Codex, &plan).await;
        assert!(events.iter().any(|event| is_tool(event, "mcp__gangline__report")), "{events:?}");
        assert_eq!(end(events), completed("Reported."));
        assert!(desk.told().contains("taken note"), "{}", desk.told());
    }
}
