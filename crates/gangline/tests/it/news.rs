//! News of what has ended: as a person asks for them, and as a hook of Claude Code does.

use serde_json::{Value, json};

use crate::world::World;

const SESSION: &str = "86190ac6-6c1e-4b7e-9d0f-2a6a5c2f7a10";

/// What Claude Code says when it calls the hook.
pub(crate) fn called(world: &World, event: &str) -> String {
    let called = json!({ "session_id": SESSION, "cwd": world.repo, "hook_event_name": event,
        "stop_hook_active": false });
    called.to_string()
}

pub(crate) fn hook(world: &World, input: &str) -> String {
    let said = world.told(&["mcp", "news", "--hook"], input);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{input}");
    said.out
}

#[test]
fn the_hook_is_entered_beside_what_is_there_and_shown_first() {
    let world = World::ready();
    std::fs::create_dir(world.repo.join(".claude")).unwrap();
    let own = "{\n  \"model\": \"opus\"\n}\n";
    std::fs::write(world.repo.join(".claude/settings.json"), own).unwrap();
    let shown = world.refused(&["mcp", "install", "--for", "claude"]);
    assert!(shown.contains("nothing was written"), "{shown}");
    let install = ["mcp", "install", "--for", "claude", "--yes"];
    let told = world.done(&install);
    assert!(told.contains("wrote .claude/settings.json\nwrote .mcp.json\n"), "{told}");
    let text = || std::fs::read_to_string(world.repo.join(".claude/settings.json")).unwrap();
    let settings: Value = serde_json::from_str(&text()).unwrap();
    assert_eq!(settings["model"], "opus");
    for event in ["UserPromptSubmit", "Stop"] {
        let hook = &settings["hooks"][event][0]["hooks"][0];
        assert_eq!(hook["command"], "gangline mcp news --hook", "{event}");
    }
    let before = text();
    let again = world.done(&install);
    assert!(again.contains(".claude/settings.json has the hook already"), "{again}");
    assert_eq!(text(), before);
    let without = World::ready();
    without.done(&["mcp", "install", "--for", "claude", "--yes", "--no-hook"]);
    assert!(!without.repo.join(".claude/settings.json").exists());
    assert!(without.repo.join(".mcp.json").exists());
}

#[test]
fn where_there_is_nothing_to_tell_the_hook_is_silent_and_starts_nothing() {
    let mut world = World::ready();
    assert_eq!(hook(&world, &called(&world, "UserPromptSubmit")), "");
    assert_eq!(hook(&world, &called(&world, "Stop")), "");
    let elsewhere = World::empty();
    assert_eq!(hook(&elsewhere, &called(&elsewhere, "Stop")), "");
    world.set("GANGLINE_JOB", "shop.APP-1.a1");
    assert_eq!(hook(&world, &called(&world, "Stop")), "");
    assert!(!world.path("run/gangline.sock").exists(), "a daemon was started for nothing");
    let said = world.told(&["mcp", "news", "--hook"], "not JSON");
    assert_eq!((said.code, said.out.as_str()), (1, ""), "2 would be taken for a refusal");
}
