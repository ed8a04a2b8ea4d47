//! A sub-agent that Claude Code asks for becomes a ticket.

use serde_json::{Value, json};

use crate::hook::asked;
use crate::world::World;

fn hook(world: &World, input: &Value) -> String {
    let said = world.told(&["hook", "task", "--agent", "scripted"], &input.to_string());
    assert_eq!(said.code, 0, "{}", said.err);
    let told: Value = serde_json::from_str(&said.out).unwrap();
    let told = &told["hookSpecificOutput"];
    assert_eq!(
        (&told["hookEventName"], &told["permissionDecision"]),
        (&json!("PreToolUse"), &json!("deny"))
    );
    told["permissionDecisionReason"].as_str().unwrap().to_owned()
}

#[test]
fn a_use_of_the_tool_is_one_ticket_however_often_the_hook_is_called() {
    let mut world = World::ready();
    let mut input = asked(&world, "scripted");
    let script = "Round it.\n\n```gangline-script\nsteps:\n  - say: Hello.\n```";
    input["tool_input"]["prompt"] = json!(script);
    // Nobody has started a daemon. Claude Code may have gone elsewhere since it was started.
    input["cwd"] = json!(world.path("home"));
    world.set("CLAUDE_PROJECT_DIR", &world.repo.display().to_string());
    let reason = hook(&world, &input);
    assert!(
        reason.contains("ticket APP-1 was opened") && reason.contains("gangline run APP-1"),
        "{reason}"
    );
    assert_eq!(hook(&world, &input), reason);
    world.kill_daemon();
    assert_eq!(hook(&world, &input), reason);
    let shown = world.json(&["show", "APP-1"]);
    assert_eq!((&shown["title"], &shown["body"]), (&json!("Round the total"), &json!(script)));
    assert_eq!(shown["agent"], "scripted", "{shown:#}");

    input["tool_use_id"] = json!("toolu_2");
    assert!(hook(&world, &input).contains("ticket APP-2 was opened"));
    let listed = world.json(&["list", "--all"]);
    assert_eq!(listed["tickets"].as_array().unwrap().len(), 2, "{listed:#}");

    // A definition that the base commit does not have: Claude Code goes on by itself.
    input["tool_use_id"] = json!("toolu_3");
    input["tool_input"]["subagent_type"] = json!("nobody");
    let said = world.told(&["hook", "task", "--agent", "nobody"], &input.to_string());
    assert!(![0, 2].contains(&said.code) && said.out.is_empty(), "{}: {}", said.code, said.err);
}
