//! What has ended is told once to each who asks.

use serde_json::Value;

use crate::news::{called, hook};
use crate::world::World;

#[test]
fn what_ends_is_told_once() {
    let world = World::ready();
    let (prompt, stop) = (called(&world, "UserPromptSubmit"), called(&world, "Stop"));
    // The session begins before there is a daemon.
    assert_eq!(hook(&world, &prompt), "");
    world.done(&["add", "One", "--draft"]);
    assert_eq!(hook(&world, &stop), "", "nothing has ended");
    assert_eq!(world.done(&["mcp", "news"]), "", "this reader begins now");
    world.done(&["cancel", "APP-1"]);
    let told: Value = serde_json::from_str(&hook(&world, &stop)).unwrap();
    assert_eq!(told["decision"], "block");
    assert!(told["reason"].as_str().unwrap().contains("\nAPP-1 cancelled: "), "{told}");
    assert_eq!(hook(&world, &stop), "", "it is told once");
    assert_eq!(hook(&world, &prompt), "");
    world.done(&["add", "Two", "--draft"]);
    world.done(&["cancel", "APP-2"]);
    let again = stop.replace("\"stop_hook_active\":false", "\"stop_hook_active\":true");
    assert_eq!(hook(&world, &again), "", "who was kept from stopping is not kept again");
    let told: Value = serde_json::from_str(&hook(&world, &prompt)).unwrap();
    let told = told["hookSpecificOutput"]["additionalContext"].as_str().unwrap();
    assert!(told.contains("\nAPP-2 cancelled: ") && !told.contains("APP-1"), "{told}");
    let read = world.done(&["mcp", "news"]);
    assert!(read.contains("APP-1 cancelled: ") && read.contains("APP-2 cancelled: "), "{read}");
    let listed = world.done(&["list"]);
    assert!(listed.starts_with("claude-code of "), "{listed}");
    assert!(listed.contains(": Active - Conversing\n"), "{listed}");
    world.done(&["down"]);
}
