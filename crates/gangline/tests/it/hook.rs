//! The hook of Claude Code's sub-agents, where no ticket comes of it, and how it is installed.

use serde_json::{Value, json};

use crate::world::{POLICY, World};

/// What Claude Code says before it starts a sub-agent.
pub(crate) fn asked(world: &World, agent: &str) -> Value {
    json!({
        "session_id": "86190ac6-6c1e-4b7e-9d0f-2a6a5c2f7a10", "cwd": world.repo,
        "permission_mode": "default", "hook_event_name": "PreToolUse", "tool_name": "Agent",
        "tool_use_id": "toolu_01A09q90qw90lq917835lq9",
        "tool_input": { "subagent_type": agent, "description": "Round the total",
            "prompt": "Round the total to cents.\nWith tests." },
    })
}

#[test]
fn what_is_no_business_of_the_hook_is_let_through_without_a_daemon() {
    let mut world = World::ready();
    let through = |world: &World, input: &Value| {
        let said = world.told(&["hook", "task"], &input.to_string());
        assert_eq!((said.code, said.out.as_str(), said.err.as_str()), (0, "", ""), "{input}");
    };
    through(&world, &asked(&world, "explorer"));
    let worker = asked(&world, "ticket-worker");
    let bash = json!({ "tool_name": "Bash", "tool_input": { "command": "ls" } });
    let mut plan = worker.clone();
    plan["permission_mode"] = json!("plan");
    for input in [bash, plan, json!({})] {
        through(&world, &input);
    }
    // An agent of Gangline's own.
    world.set("GANGLINE_JOB", "shop.APP-1.a1");
    through(&world, &worker);
    let without = World::unborn();
    without.git("commit --quiet --allow-empty -m Start");
    through(&without, &asked(&without, "ticket-worker"));
    let elsewhere = World::empty();
    through(&elsewhere, &asked(&elsewhere, "ticket-worker"));
    for world in [world, without, elsewhere] {
        assert!(!world.path("run/gangline.sock").exists(), "a daemon was started for nothing");
    }
}

#[test]
fn nothing_that_goes_wrong_is_taken_for_a_refusal() {
    let world = World::ready();
    let told = |args: &[&str], input: &str| {
        let said = world.told(&[&["hook", "task"], args].concat(), input);
        assert_eq!(said.out, "", "{input}");
        format!("exit {}\n{}", said.code, said.err)
    };
    insta::assert_snapshot!(told(&[], ""), @"
    exit 1
    error: the hook's input is not understood: EOF while parsing a value at line 1 column 0
     next: gangline hook install, which has Claude Code call it
    ");
    insta::assert_snapshot!(told(&[], "Agent"), @"
    exit 1
    error: the hook's input is not understood: expected value at line 1 column 1
     next: gangline hook install, which has Claude Code call it
    ");
    insta::assert_snapshot!(told(&[], r#"{ "tool_name": 7 }"#), @"
    exit 1
    error: the hook's input is not understood: invalid type: integer `7`, expected a string at line 1 column 16
     next: gangline hook install, which has Claude Code call it
    ");
    // An option that this version does not know (yet, or any more).
    assert!(told(&["--bogus"], "{}").starts_with("exit 1\n"));
    assert!(world.run(&["hook", "tusk"]).code == 2);
}

#[test]
fn a_daemon_that_cannot_be_reached_holds_nothing_up() {
    let mut world = World::ready();
    let nowhere = world.path("nowhere").display().to_string();
    std::fs::write(&nowhere, "").unwrap();
    world.set("GANGLINE_RUNTIME_DIR", &nowhere);
    let said = world.told(&["hook", "task"], &asked(&world, "ticket-worker").to_string());
    assert!(![0, 2].contains(&said.code) && said.out.is_empty(), "{}: {}", said.code, said.err);
    assert!(said.err.contains("nowhere"), "{}", said.err);
}

#[test]
fn the_hook_is_installed_beside_what_is_there() {
    let world = World::ready();
    let before = "{\n  \"model\": \"opus\",\n  \"hooks\": {\n    \"Stop\": []\n  }\n}\n";
    world.write(".claude/settings.json", before);
    let read = |name: &str| std::fs::read_to_string(world.repo.join(name)).unwrap_or_default();
    let printed = world.done(&["hook", "install", "--print"]);
    assert_eq!(read(".claude/settings.json"), before);
    assert!(!world.repo.join(".claude/agents").exists());
    insta::assert_snapshot!(world.done(&["hook", "install"]), @"
    wrote .claude/agents/ticket-worker.md
    wrote .claude/settings.json
     next: claude, begun anew: it reads its hooks when it starts
    ");
    assert_eq!(read(".claude/settings.json"), printed);
    let settings: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!((&settings["model"], &settings["hooks"]["Stop"]), (&json!("opus"), &json!([])));
    let hook = &settings["hooks"]["PreToolUse"][0];
    assert_eq!(hook["matcher"], "Task|Agent");
    assert_eq!(hook["hooks"][0]["command"], "gangline hook task");
    insta::assert_snapshot!(world.done(&["hook", "install"]), @".claude/settings.json has the hook already");
    assert_eq!(read(".claude/settings.json"), printed);
    // Gangline knows the definition as it did before.
    let listed = world.json(&["agents", "list"]);
    let agents = listed["agents"].as_array().unwrap();
    let worker = agents.iter().find(|agent| agent["name"] == "ticket-worker").unwrap();
    assert_eq!(worker["file"], ".claude/agents/ticket-worker.md");
    assert_eq!(listed["warnings"], json!([]));

    insta::assert_snapshot!(world.refused(&["hook", "install", "--agent", "scripted"]), @"
    exit 5
    error: .claude/settings.json has the hook already, as `gangline hook task`
     next: change it there to `gangline hook task --agent scripted`
    ");
    let said = world.json(&["hook", "install", "--local", "--agent", "scripted,ticket-worker"]);
    assert_eq!(said["command"], "gangline hook task --agent scripted,ticket-worker");
    let written = json!([".claude/agents/scripted.md", ".claude/settings.local.json"]);
    assert_eq!(said["written"], written);
    let scripted = "---\nname: scripted\ndescription: \"Does one ticket.\"\n---\n\n";
    assert_eq!(read(".claude/agents/scripted.md"), scripted);
    let listed = world.json(&["agents", "list"]);
    let mut agents = listed["agents"].as_array().unwrap().iter();
    let scripted = agents.find(|agent| agent["name"] == "scripted").unwrap();
    assert_eq!((&scripted["kind"], &scripted["default"]), (&json!("scripted"), &json!(true)));
}

#[test]
fn what_cannot_be_installed_leaves_everything_as_it_was() {
    let world = World::with_policy(POLICY);
    let broken = "{\n  \"model\": \"opus\",\n  // mine\n  \"hooks\": {}\n}\n";
    world.write(".claude/settings.json", broken);
    insta::assert_snapshot!(world.refused(&["hook", "install"]), @"
    exit 1
    error: .claude/settings.json:3:3: key must be a string
      | 3 |   // mine
     next: mend the file, then install again; nothing was written
    ");
    insta::assert_snapshot!(world.refused(&["hook", "install", "--agent", "nobody"]), @"
    exit 4
    error: there is no agent definition `nobody`
     next: gangline agents list
    ");
    world.write(".claude/settings.json", "{ \"hooks\": [] }");
    insta::assert_snapshot!(world.refused(&["hook", "install"]), @r#"
    exit 1
    error: .claude/settings.json:1:12: `hooks` is not an object
      | 1 | { "hooks": [] }
     next: mend the file, then install again; nothing was written
    "#);
    world.write(".claude/settings.json", "");
    world.write(".claude/agents/ticket-worker.md", "---\nname: other\n---\nOther.\n");
    insta::assert_snapshot!(world.refused(&["hook", "install"]), @"
    exit 5
    error: .claude/agents/ticket-worker.md defines an agent of another name
     next: rename one of them, then again
    ");
    let nothing = std::fs::read_to_string(world.repo.join(".claude/settings.json")).unwrap();
    assert_eq!(nothing, "");
}
