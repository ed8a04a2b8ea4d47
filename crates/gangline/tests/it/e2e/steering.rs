//! Running work is stopped, held, ended and let go on; nothing of it is lost.

use crate::world::World;

const WAITS: &str = "- write: { path: half.txt, text: half }\n- say: waiting\n- hang: {}\n";

#[test]
fn a_stopped_ticket_is_held_and_its_work_is_kept() {
    let world = World::ready();
    let key = world.add("Wait", WAITS);
    world.until_said(&key, "waiting");
    world.done(&["stop", &key]);
    world.until(&key, |shown| shown["state"] == "held");
    assert_eq!(world.processes_at_work(), Vec::<String>::new());
    let shown = world.json(&["show", &key]);
    let rescue = shown["attempts"][0]["rescue"].as_str().unwrap_or_else(|| panic!("{shown:#}"));
    let hub = world.path("state/projects/shop/hub.git");
    assert_eq!(world.git_in(&hub, &format!("show {rescue}:half.txt")), "half");
    assert_eq!(shown["tries_spent"], 0);
    world.done(&["cancel", &key]);
    assert_eq!(world.state(&key), "cancelled");
    assert_eq!(world.git_in(&hub, &format!("show {rescue}:half.txt")), "half");
}

#[test]
fn a_killed_agent_leaves_no_process() {
    let world = World::ready();
    let key = world.add(
        "Stubborn",
        "- say: waiting\n- hang: { ignore_sigterm: true, ignore_interrupt: true }\n",
    );
    world.until_said(&key, "waiting");
    world.done(&["kill", &key]);
    world.until(&key, |shown| shown["state"] == "held");
    assert_eq!(world.processes_at_work(), Vec::<String>::new());
}

#[test]
fn a_paused_project_starts_nothing() {
    let world = World::ready();
    world.done(&["up", "--detach"]);
    world.done(&["pause"]);
    let key = world.add("Later", "- write: { path: l.txt, text: l }\n- commit: L\n");
    assert_eq!(world.json(&["show", &key])["wait"]["for"], "paused");
    world.done(&["resume"]);
    assert_eq!(world.run(&["run", &key]).code, 0);
}

#[test]
fn drafts_and_held_tickets_wait_for_a_person() {
    let world = World::ready();
    let file = world.ticket("Draft", "- write: { path: d.txt, text: d }\n- commit: D\n");
    world.done(&["add", "--draft", "-f", &file]);
    assert_eq!(world.run(&["run", "APP-1"]).code, 7);
    assert!(world.refused(&["hold", "APP-1"]).starts_with("exit 5"));
    world.done(&["pause"]);
    world.done(&["start", "APP-1"]);
    world.done(&["hold", "APP-1"]);
    world.done(&["resume"]);
    assert_eq!(world.run(&["run", "APP-1"]).code, 7);
    world.done(&["resume", "APP-1"]);
    assert_eq!(world.run(&["run", "APP-1"]).code, 0);
}
