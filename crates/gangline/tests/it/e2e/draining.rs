//! A node is drained for maintenance, and goes on afterwards.

use crate::world::World;

const SCRIPT: &str = "- write: { path: o.txt, text: o }\n- commit: O\n";

fn draining(world: &World) -> serde_json::Value {
    world.json(&["node", "list"])["nodes"][0]["draining"].clone()
}

#[test]
fn a_drained_node_is_given_nothing_new_also_after_its_daemon_was_killed() {
    let world = World::ready();
    world.done(&["up", "--detach"]);
    assert_eq!(draining(&world), false);
    insta::assert_snapshot!(world.done(&["node", "drain", "local"]), @r"
    node local is being drained; what runs there goes on
     next: gangline node resume local
    ");
    let first = world.json(&["node", "drain", "local"])["seq"].clone();
    assert_eq!(world.json(&["node", "drain", "local"])["seq"], first, "it is said once");
    let key = world.add("Later", SCRIPT);
    let waits = |world: &World| world.json(&["show", &key])["wait"].clone();
    let reason = serde_json::json!({
        "for": "drained",
        "text": "its node to be resumed: local is being drained",
    });
    assert_eq!(waits(&world), reason);
    let listed = world.done(&["list"]);
    assert!(listed.contains("node local is being drained; gangline node resume local"), "{listed}");
    assert!(world.done(&["node", "list"]).contains("draining"));

    world.kill_daemon();
    world.done(&["up", "--detach"]);
    assert_eq!((draining(&world), waits(&world)), (true.into(), reason));
    let doctor = world.run(&["doctor", "--replay"]).out;
    assert!(doctor.contains("local is being drained: nothing new starts on it"), "{doctor}");
    assert!(doctor.contains("give the stored rows"), "{doctor}");

    world.done(&["node", "resume", "local"]);
    assert_eq!(draining(&world), false);
    assert_eq!(world.run(&["run", &key]).code, 0);
    assert_eq!(world.git("show main:o.txt"), "o");
}

#[test]
fn what_runs_on_a_drained_node_lands() {
    let world = World::ready();
    let script = format!("- say: waiting\n- await_steer: {{ within_ms: 20000 }}\n{SCRIPT}");
    let key = world.add("Running", &script);
    world.until_said(&key, "waiting");
    world.done(&["node", "drain", "local"]);
    world.done(&["steer", &key, "go on"]);
    assert_eq!(world.run(&["run", &key]).code, 0);
    assert_eq!(world.git("show main:o.txt"), "o");
}

#[test]
fn a_node_that_nobody_knows_is_not_drained() {
    let world = World::ready();
    world.done(&["up", "--detach"]);
    insta::assert_snapshot!(world.refused(&["node", "drain", "locl"]), @r"
    exit 4
    error: there is no node locl
     next: gangline node list
    ");
}
