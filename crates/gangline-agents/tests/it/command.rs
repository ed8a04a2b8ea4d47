use gangline_agents::agent_conformance;
use gangline_agents::command::Command;
use gangline_agents::conformance::{Behaviour, FLOOD_BYTES, SAID, Subject};
use gangline_agents::driver::{
    AgentDriver, AgentEnd, AgentEvent, LaunchError, SendError, SessionPlan, SessionStart,
};

use crate::world::{World, definition, events, launch, rest};

struct Shell(World);

impl Subject for Shell {
    fn driver(&self) -> &dyn AgentDriver {
        &Command
    }

    fn plan(&self, behaviour: Behaviour) -> SessionPlan {
        let flood = format!("head -c {FLOOD_BYTES} /dev/zero | tr '\\0' x");
        let script = match behaviour {
            Behaviour::Says => format!("echo {SAID}"),
            Behaviour::Floods => format!("({flood} | fold); ({flood} | fold) >&2; echo {SAID}"),
            Behaviour::FloodsOneLine => flood,
            Behaviour::Hangs => "echo working; sleep 600".to_owned(),
            Behaviour::HangsStubbornly => {
                "trap '' INT TERM; echo working; while :; do sleep 1; done".to_owned()
            }
            Behaviour::Crashes => "echo something broke >&2; exit 1".to_owned(),
            Behaviour::Dies => "kill -9 $$".to_owned(),
            Behaviour::LeavesProcess => "setsid sleep 600 & echo done".to_owned(),
        };
        let mut definition = definition("kind: command\nprogram: sh");
        definition.args = vec!["-c".to_owned(), script, "sh".to_owned()];
        self.0.plan(definition, "the brief")
    }
}

mod conformance {
    use super::*;
    agent_conformance!(Shell(World::new()));
}

/// What a shell one-liner says under a definition.
async fn said(world: &World, front_matter: &str, args: &[&str]) -> Vec<String> {
    let mut definition = definition(&format!("kind: command\nprogram: sh\n{front_matter}"));
    definition.args = args.iter().map(ToString::to_string).collect();
    let plan = world.plan(definition, "the {cwd} brief\n");
    let message = |event| {
        let AgentEvent::Message { text } = event else { return None };
        Some(text)
    };
    events(&Command, &plan).await.into_iter().filter_map(message).collect()
}

#[tokio::test]
async fn the_brief_arrives_by_file_by_stdin_or_as_an_argument() {
    let world = World::new();
    let expected = ["the {cwd} brief"];
    assert_eq!(said(&world, "prompt: file", &["-c", "cat $1", "sh"]).await, expected);
    assert_eq!(said(&world, "prompt: file", &["-c", "cat {brief_file}"]).await, expected);
    assert_eq!(said(&world, "prompt: stdin", &["-c", "cat"]).await, expected);
    assert_eq!(said(&world, "prompt: argument", &["-c", "echo \"$1\"", "sh"]).await, expected);
    let args = ["-c", "echo \"$1\"", "sh", "{brief}"];
    assert_eq!(said(&world, "prompt: argument", &args).await, expected);
}

#[tokio::test]
async fn a_program_knows_its_place_and_nothing_else() {
    let world = World::new();
    let args = [
        "-c",
        "pwd; echo $HOME; echo $GANGLINE_OUTCOME; echo {outcome} {model}; env | cut -d= -f1 | sort",
    ];
    let said = said(&world, "prompt: stdin\nmodel: big", &args).await;
    let (tree, home, outcome) = (world.tree(), world.home(), world.outcome());
    let shown = |path: &std::path::Path| path.to_string_lossy().into_owned();
    assert_eq!(said[..3], [shown(&tree), shown(&home), shown(&outcome)]);
    assert_eq!(said[3], format!("{} big", shown(&outcome)));
    insta::assert_snapshot!(said[4..].join(" "), @"GANGLINE_BRIEF GANGLINE_JOB GANGLINE_OUTCOME GANGLINE_RUN HOME LANG PATH PWD TERM");
}

#[tokio::test]
async fn exit_codes_mean_what_the_definition_says() {
    let world = World::new();
    let mut ends = vec![];
    for code in [0, 1, 3, 4, 9, 75, 77] {
        let mut definition = definition(
            "kind: command\nprogram: sh\nprompt: stdin\nexit_codes: { 9: gave_up, 4: crashed }",
        );
        definition.args = vec!["-c".to_owned(), format!("echo out; echo err >&2; exit {code}")];
        let events = events(&Command, &world.plan(definition, "")).await;
        let Some(AgentEvent::Finished(end)) = events.last() else { panic!("{events:?}") };
        ends.push(format!("{code}: {end:?}"));
    }
    insta::assert_snapshot!(ends.join("\n"), @r#"
    0: Completed { summary: "out" }
    1: Crashed { message: "err", exit: "exit code 1" }
    3: GaveUp { reason: "out" }
    4: Crashed { message: "err", exit: "exit code 4" }
    9: GaveUp { reason: "out" }
    75: Quota { message: "out", resets_at: None }
    77: AuthFailed { message: "out" }
    "#);
}

#[tokio::test]
async fn it_can_neither_be_resumed_nor_steered() {
    let world = World::new();
    let shell = Shell(world);
    let mut plan = shell.plan(Behaviour::Says);
    let mut session = launch(&Command, &plan);
    assert_eq!(session.steer("left"), Err(SendError::Deaf { kind: "command" }));
    assert!(matches!(session.answer("q", "a"), Err(SendError::NotOpen { .. })));
    rest(&mut *session).await;
    plan.session = SessionStart::Resume { session: "x".to_owned() };
    let refused = Command.launch(&plan);
    assert!(matches!(refused, Err(LaunchError::NotResumable { kind: "command" })));
}

#[tokio::test]
async fn under_a_sandbox_it_works_and_cannot_write_elsewhere() {
    let world = World::new();
    let elsewhere = world.root().join("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    let script = format!(
        "echo in > inside.txt; echo out > {}/outside.txt; cat $GANGLINE_BRIEF; echo done",
        elsewhere.display()
    );
    let mut definition = definition("kind: command\nprogram: sh\nprompt: stdin");
    definition.args = vec!["-c".to_owned(), script];
    let mut plan = world.plan(definition, "the brief\n");
    plan.sandbox = world.sandbox(false).await;
    let events = events(&Command, &plan).await;
    let Some(AgentEvent::Finished(AgentEnd::Completed { summary })) = events.last() else {
        panic!("{events:?}")
    };
    assert_eq!(summary, "the brief\ndone");
    assert!(world.tree().join("inside.txt").is_file());
    assert!(!elsewhere.join("outside.txt").exists());
}
