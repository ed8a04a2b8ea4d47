use std::path::Path;
use std::time::Duration;

use gangline_agents::agent_conformance;
use gangline_agents::brief::{self, BRIEF_TOKENS_MAX, BriefInput, TicketText};
use gangline_agents::claim::{Status, read_outcome};
use gangline_agents::conformance::{Behaviour, FLOOD_BYTES, SAID, Subject};
use gangline_agents::driver::{
    AgentDriver, AgentEnd, AgentEvent, LaunchError, SendError, SessionPlan, SessionStart,
};
use gangline_agents::scripted::Scripted;
use gangline_process::{Cmd, Output, marked};

use crate::world::{World, definition, events, launch, rest, until};

const AGENT: &str = env!("CARGO_BIN_EXE_gangline-scripted-agent");

struct Player(World);

impl Player {
    /// A plan whose brief carries this script.
    fn script(&self, script: &str) -> SessionPlan {
        let definition = definition(&format!("kind: scripted\nprogram: {AGENT}"));
        let brief = format!("# Ticket\n\n```gangline-script\n{script}\n```\n");
        let mut plan = self.0.plan(definition, &brief);
        plan.env = vec![("GANGLINE_KEY".to_owned(), "APP-1:".to_owned())];
        plan
    }

    async fn events(&self, script: &str) -> Vec<AgentEvent> {
        events(&Scripted, &self.script(script)).await
    }

    async fn end(&self, script: &str) -> AgentEnd {
        match self.events(script).await.pop() {
            Some(AgentEvent::Finished(end)) => end,
            other => panic!("{other:?}"),
        }
    }
}

async fn player() -> Player {
    Player(World::with_repository().await)
}

impl Subject for Player {
    fn driver(&self) -> &dyn AgentDriver {
        &Scripted
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
                "steps:\n- daemonise: { after_ms: 600000, path: x, hold_output: true }\n- say: done".to_owned()
            }
        })
    }
}

mod conformance {
    use super::*;
    agent_conformance!(Player(World::new()));
}

#[tokio::test]
async fn an_honest_script_leaves_a_commit_and_a_claim() {
    let player = player().await;
    let events = player
        .events(
            "steps:
- write: { path: src/total.txt, text: '3.00' }
- run: [cat, src/total.txt]
- leave_dirty: { path: notes.txt, text: later }
- commit: '${KEY} round the total'
- usage: { tokens: 10 }
- usage: { tokens: 5, cost_microusd: 7 }
- write_output: { path: report.md, text: '# Report' }
- claim: { summary: rounded, commits: 1, files: [src/total.txt], tests_pass: true }
- say: All done.",
        )
        .await;
    let shown: Vec<String> = events.iter().map(|event| format!("{event:?}")).collect();
    let shown = shown.join("\n").replace(&format!("{}", std::process::id()), "PID");
    let session =
        shown.find("scripted-").map(|at| shown[at..].split('"').next().unwrap().to_owned());
    insta::assert_snapshot!(shown.replace(&session.unwrap(), "SESSION"), @r#"
    Started { session: Some("SESSION"), model: Some("scripted") }
    ToolStarted { id: "t1", tool: "Write", detail: "src/total.txt", paths: ["src/total.txt"] }
    ToolFinished { id: "t1", ok: true, detail: "" }
    ToolStarted { id: "t2", tool: "Bash", detail: "cat src/total.txt", paths: [] }
    ToolFinished { id: "t2", ok: true, detail: "3.00" }
    ToolStarted { id: "t3", tool: "Write", detail: "notes.txt", paths: ["notes.txt"] }
    ToolFinished { id: "t3", ok: true, detail: "" }
    ToolStarted { id: "t4", tool: "Bash", detail: "git add -A -- . :(exclude,top)notes.txt", paths: [] }
    ToolFinished { id: "t4", ok: true, detail: "" }
    ToolStarted { id: "t5", tool: "Bash", detail: "git commit -q -m APP-1: round the total", paths: [] }
    ToolFinished { id: "t5", ok: true, detail: "" }
    Usage(Usage { tokens: 10, cost_microusd: 0, wall_ms: 0 })
    Usage(Usage { tokens: 15, cost_microusd: 7, wall_ms: 0 })
    ToolStarted { id: "t6", tool: "Write", detail: "report.md", paths: ["report.md"] }
    ToolFinished { id: "t6", ok: true, detail: "" }
    Message { text: "All done." }
    Finished(Completed { summary: "All done." })
    "#);

    let world = &player.0;
    assert_eq!(
        world.git(&["log", "--format=%an: %s", "main"]).await,
        "Ticket Worker: APP-1: round the total\nTicket Worker: base"
    );
    assert_eq!(world.git(&["status", "--porcelain"]).await, "?? notes.txt");
    let outcome = read_outcome(&std::fs::read_to_string(world.outcome()).unwrap()).unwrap();
    assert_eq!(outcome.status, Status::Completed);
    assert_eq!(outcome.claim.commits, Some(1));
    assert!(world.outcome().with_file_name("report.md").is_file());
}

#[tokio::test]
async fn git_can_be_used_in_all_the_wrong_ways() {
    let player = player().await;
    let end = player
        .end(
            "steps:
- write: { path: a.txt, text: a }
- write: { path: b.txt, text: b }
- stage: [a.txt]
- commit: { message: only a, all: false, date: '2001-02-03T04:05:06Z' }
- checkout: { branch: side, create: true }
- commit: { message: the rest }
- commit: { message: nothing, allow_empty: true }
- checkout: main
- nested_repo: inner
- delete: README.md",
        )
        .await;
    assert_eq!(end, AgentEnd::Completed { summary: String::new() });
    let world = &player.0;
    assert_eq!(world.git(&["log", "--format=%as %s", "-1", "main"]).await, "2001-02-03 only a");
    assert_eq!(world.git(&["rev-list", "--count", "main..side"]).await, "2");
    assert_eq!(world.git(&["-C", "inner", "log", "--format=%s"]).await, "inner");
    assert_eq!(world.git(&["status", "--porcelain"]).await, "D README.md\n?? inner/");
}

#[tokio::test]
async fn every_end_arrives_as_what_it_is() {
    let player = player().await;
    let mut ends = vec![];
    for step in [
        "give_up: 'it contradicts itself'",
        "no_change: 'it is so already'",
        "quota: { message: 'limit reached', resets_at: 1800000000 }",
        "auth_fail: 'not logged in'",
        "exit: 0",
        "exit: 7",
        "kill_self: TERM",
        "kill_self: SEGV",
        "write: { path: ., text: x }",
        "write: { path: ., text: x, may_fail: true }",
        "run: { argv: [sh, -c, 'echo no; exit 3'], must_pass: true }",
        "run: [gangline-no-such-program]",
    ] {
        ends.push(format!("{step}: {:?}", player.end(&format!("steps:\n- {step}")).await));
    }
    insta::assert_snapshot!(ends.join("\n"), @r#"
    give_up: 'it contradicts itself': GaveUp { reason: "it contradicts itself" }
    no_change: 'it is so already': NoChangeNeeded { reason: "it is so already" }
    quota: { message: 'limit reached', resets_at: 1800000000 }: Quota { message: "limit reached", resets_at: Some(1800000000) }
    auth_fail: 'not logged in': AuthFailed { message: "not logged in" }
    exit: 0: Crashed { message: "", exit: "exit code 0" }
    exit: 7: Crashed { message: "", exit: "exit code 7" }
    kill_self: TERM: Crashed { message: "", exit: "signal 15" }
    kill_self: SEGV: Crashed { message: "", exit: "signal 11" }
    write: { path: ., text: x }: Crashed { message: "gangline scripted-agent: step 1: .: Is a directory (os error 21)", exit: "exit code 1" }
    write: { path: ., text: x, may_fail: true }: Completed { summary: "" }
    run: { argv: [sh, -c, 'echo no; exit 3'], must_pass: true }: Crashed { message: "gangline scripted-agent: step 1: sh -c echo no; exit 3 failed: no\nexit code 3", exit: "exit code 1" }
    run: [gangline-no-such-program]: Completed { summary: "" }
    "#);
}

#[tokio::test]
async fn a_script_behaves_by_try_session_and_hint() {
    let player = player().await;
    let script = "steps:
- on: { try: 1, steps: [ { say: 'try ${TRY}' }, { exit: 1 } ] }
- on: { hint_contains: round, steps: [ { say: hinted } ], else: [ { say: not hinted } ] }
- on: { resumed: true, steps: [ { say: 'resumed, turn ${TURN}' } ] }";
    let mut input = BriefInput {
        ticket: TicketText {
            key: "APP-1".to_owned(),
            title: "Round".to_owned(),
            body: format!("Please.\n\n```gangline-script\n{script}\n```\n"),
        },
        try_no: 1,
        tries_max: 3,
        ..BriefInput::default()
    };
    let mut said = vec![];
    let mut session =
        SessionStart::Fresh { id: Some("7f0c0d0e-0000-4000-8000-000000000001".to_owned()) };
    for (try_no, hints) in [(1, vec![]), (2, vec![]), (3, vec!["ROUND half up".to_owned()])] {
        (input.try_no, input.hints) = (try_no, hints);
        let brief = brief::render(&input, BRIEF_TOKENS_MAX).unwrap();
        let mut plan = player.0.plan(player.script("").definition, &brief.text);
        plan.env = vec![("GANGLINE_TRY".to_owned(), try_no.to_string())];
        plan.session = session.clone();
        for event in events(&Scripted, &plan).await {
            if let AgentEvent::Started { session: Some(id), .. } = &event {
                session = SessionStart::Resume { session: id.clone() };
            }
            if let AgentEvent::Message { text } = event {
                said.push(text);
            }
        }
    }
    let expected = ["try 1", "not hinted", "resumed, turn 2", "hinted", "resumed, turn 3"];
    assert_eq!(said, expected);
}

#[tokio::test]
async fn a_session_of_another_home_cannot_be_resumed() {
    let player = player().await;
    let mut plan = player.script("steps: []");
    plan.session = SessionStart::Resume { session: "elsewhere".to_owned() };
    let events = events(&Scripted, &plan).await;
    let Some(AgentEvent::Finished(AgentEnd::Crashed { message, exit })) = events.last() else {
        panic!("{events:?}")
    };
    assert_eq!(message, "gangline scripted-agent: there is no session elsewhere");
    assert_eq!(exit, "exit code 1");
}

#[tokio::test]
async fn a_question_waits_for_its_answer_which_chooses_the_way() {
    let player = player().await;
    let plan = player.script(
        "steps:
- ask: { text: Which?, options: [left, right], answers: { left: [ { say: went left } ] }, otherwise: [ { say: 'went ${ANSWER}' } ] }",
    );
    for (answer, expected) in [("Left", "went left"), ("up", "went up")] {
        let mut session = launch(&Scripted, &plan);
        let question =
            until(&mut *session, |event| matches!(event, AgentEvent::Question { .. })).await;
        let AgentEvent::Question { id, text, options, .. } = question else { unreachable!() };
        assert_eq!(
            (text.as_str(), options.as_slice()),
            ("Which?", &["left".to_owned(), "right".to_owned()][..])
        );
        assert!(matches!(session.answer("other", "x"), Err(SendError::NotOpen { .. })));
        session.answer(&id, answer).unwrap();
        assert!(
            matches!(session.answer(&id, answer), Err(SendError::NotOpen { .. })),
            "answered twice"
        );
        let said = AgentEvent::Message { text: expected.to_owned() };
        assert!(rest(&mut *session).await.contains(&said));
    }
}

#[tokio::test]
async fn a_working_agent_can_be_steered() {
    let player = player().await;
    let plan = player.script(
        "steps:\n- say: working\n- await_steer: { within_ms: 60000 }\n- say: 'so ${STEER}'",
    );
    let mut session = launch(&Scripted, &plan);
    until(&mut *session, |event| matches!(event, AgentEvent::Message { .. })).await;
    session.steer("go left").unwrap();
    let events = rest(&mut *session).await;
    let end = AgentEvent::Finished(AgentEnd::Completed { summary: "so go left".to_owned() });
    assert_eq!(events.last(), Some(&end));
}

#[tokio::test]
async fn what_is_forked_or_daemonised_outlives_the_agent_until_it_is_swept() {
    let player = player().await;
    for kind in ["fork", "daemonise"] {
        let orphan = format!("{{ after_ms: 0, path: {kind}.txt, text: alive, linger_ms: 600000 }}");
        let plan = player.script(&format!("steps:\n- {kind}: {orphan}"));
        let mut session = launch(&Scripted, &plan);
        rest(&mut *session).await;
        // By then it is what it shall be: a process between fork and exec shows no marks.
        written(&player.0.tree().join(format!("{kind}.txt"))).await;
        assert!(!marked(&plan.marker).is_empty(), "{kind} did not outlive its agent");
        assert!(session.stop(Duration::from_millis(200)).await.is_proven());
        assert_eq!(marked(&plan.marker), Vec::<u32>::new(), "{kind}");
    }
}

#[tokio::test]
async fn an_orphan_without_marks_escapes_where_there_is_no_sandbox() {
    let player = player().await;
    let plan = player
        .script("steps:\n- fork: { after_ms: 1000, path: x.txt, text: alive, scrub_env: true }");
    let mut session = launch(&Scripted, &plan);
    rest(&mut *session).await;
    // It takes its marks off a moment after it is born.
    let unmarked = async {
        while !marked(&plan.marker).is_empty() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), unmarked).await.expect("it is marked");
    assert!(session.stop(Duration::from_millis(200)).await.is_proven());
    written(&player.0.tree().join("x.txt")).await;
}

/// Waits until an orphan has written its file.
async fn written(file: &Path) {
    let writing = async {
        while std::fs::read_to_string(file).ok().as_deref() != Some("alive") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), writing).await.expect("it writes in time");
}

#[tokio::test]
async fn under_a_sandbox_it_plays_and_leaves_nothing() {
    let player = player().await;
    let elsewhere = player.0.root().join("elsewhere.txt");
    let mut plan = player.script(&format!(
        "steps:
- write: {{ path: a.txt, text: a }}
- commit: from inside
- write: {{ path: {}, text: x, may_fail: true }}
- daemonise: {{ after_ms: 0, path: late.txt, linger_ms: 600000, scrub_env: true }}
- claim: {{ summary: done }}
- say: done",
        elsewhere.display()
    ));
    plan.sandbox = player.0.sandbox(false).await;
    let events = events(&Scripted, &plan).await;
    let end = AgentEvent::Finished(AgentEnd::Completed { summary: "done".to_owned() });
    assert_eq!(events.last(), Some(&end), "{events:?}");
    assert!(!elsewhere.exists());
    assert_eq!(player.0.git(&["log", "--format=%s", "-1"]).await, "from inside");
    assert!(player.0.outcome().is_file());
}

#[tokio::test]
async fn an_unknown_line_is_kept_and_never_fatal() {
    let player = player().await;
    let events = player
        .events("steps:\n- raw: '{\"type\":\"from_the_future\"}'\n- raw: not json\n- say: on")
        .await;
    assert!(events.contains(&AgentEvent::Raw("{\"type\":\"from_the_future\"}".to_owned())));
    assert!(events.contains(&AgentEvent::Raw("not json".to_owned())));
    assert!(events.contains(&AgentEvent::Message { text: "on".to_owned() }));
}

#[tokio::test]
async fn a_definition_s_script_is_used_where_the_ticket_has_none() {
    let world = World::new();
    std::fs::write(world.tree().join("work.yaml"), "steps:\n- say: from the file\n").unwrap();
    for (script, expected) in
        [("script: work.yaml", "from the file"), ("script: |\n  steps:\n  - say: inline", "inline")]
    {
        let definition = definition(&format!("kind: scripted\nprogram: {AGENT}\n{script}"));
        let events = events(&Scripted, &world.plan(definition, "no script here")).await;
        assert!(events.contains(&AgentEvent::Message { text: expected.to_owned() }), "{events:?}");
    }
}

#[tokio::test]
async fn a_wrong_inline_script_is_refused_before_anything_runs() {
    let world = World::new();
    let definition = definition("kind: scripted\nscript: |\n  steps:\n  - nope: 1");
    let Err(error) = Scripted.launch(&world.plan(definition, "")) else { panic!("it started") };
    assert!(matches!(error, LaunchError::Script(_)));
    assert!(error.to_string().starts_with("script of agent test-agent:2:"), "{error}");
}

#[tokio::test]
async fn a_wrong_script_in_a_ticket_is_blamed_at_its_line_in_the_brief() {
    let player = player().await;
    let AgentEnd::Crashed { message, exit } = player.end("steps:\n- wrtie: { path: a }").await
    else {
        panic!("it ran")
    };
    assert_eq!(exit, "exit code 2");
    assert!(
        message
            .starts_with("gangline scripted-agent: MISSION_BRIEF.md:5:3: unknown variant `wrtie`"),
        "{message}"
    );
}

async fn check(file: &Path) -> Output {
    let cmd = Cmd::new(AGENT).arg("--check").arg(file).env_from_host(&["PATH"]);
    cmd.output().await.unwrap()
}

#[tokio::test]
async fn a_script_can_be_checked_without_being_played() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/scripted/every-step.yaml");
    let output = check(&fixture).await;
    assert!(output.success(), "{}", output.stderr.text());
    let world = World::new();
    let wrong = world.root().join("wrong.yaml");
    std::fs::write(&wrong, "steps:\n- sleep: soon\n").unwrap();
    let output = check(&wrong).await;
    assert_eq!(output.status, gangline_process::Exit::Code(2));
    let expected = format!("{}:2:10: expected a whole number from 0 up", wrong.display());
    assert!(output.stderr.text().contains(&expected), "{}", output.stderr.text());
}
