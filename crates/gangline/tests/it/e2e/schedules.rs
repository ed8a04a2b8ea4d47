//! Tickets come again by the clock, and never two of one schedule at once.

use std::time::{Duration, Instant};

use serde_json::Value;

use crate::world::{POLICY, World};

/// A minute, and a look of the daemon.
const PATIENCE: Duration = Duration::from_secs(80);

const SCHEDULES: &str = "
[schedules.busy]
cron = \"* * * * *\"
ticket = \"chores/wait.md\"

[schedules.free]
cron = \"* * * * *\"
ticket = \"chores/wait.md\"
labels = [\"chore\"]

[schedules.gone]
cron = \"* * * * *\"
ticket = \"chores/gone.md\"

[schedules.yearly]
cron = \"0 6 1 1 *\"
timezone = \"Europe/Berlin\"
title = \"Look at the licences\"
enabled = false
";

fn world() -> World {
    let world = World::ready();
    let policy = format!("{POLICY}\n[agents]\ndefault = \"scripted\"\n{SCHEDULES}");
    world.write("gangline.toml", policy);
    let chore = "# Wait\n\n```gangline-script\nsteps:\n  - hang: {}\n```\n";
    world.write("chores/wait.md", chore);
    world.git("add -A");
    world.git("commit --quiet -m Schedules");
    world
}

fn schedule(world: &World, name: &str) -> Value {
    let listed = world.json(&["schedules"]);
    let all = listed["schedules"].as_array().unwrap_or_else(|| panic!("{listed:#}"));
    all.iter().find(|schedule| schedule["name"] == name).unwrap().clone()
}

#[test]
fn a_schedule_is_run_by_hand_and_has_one_ticket_at_a_time() {
    let world = world();
    world.done(&["up", "--detach"]);
    let yearly = schedule(&world, "yearly");
    assert_eq!((&yearly["enabled"], &yearly["next_us"]), (&false.into(), &Value::Null));
    let added = world.json(&["schedules", "run", "yearly"]);
    assert_eq!(added["title"], "Look at the licences");
    assert_eq!(added["labels"], serde_json::json!(["schedule:yearly"]));
    let key = added["key"].as_str().unwrap();
    let again = world.refused(&["schedules", "run", "yearly"]);
    assert!(again.contains("of schedule yearly is"), "{again}");
    world.done(&["cancel", key]);
    world.until(key, |shown| shown["state"] == "cancelled");
    world.done(&["schedules", "run", "yearly"]);
    insta::assert_snapshot!(world.refused(&["schedules", "run", "daily"]), @"
    exit 4
    error: project shop has no schedule daily
     next: gangline schedules
    ");
    let gone = world.refused(&["schedules", "run", "gone"]);
    assert!(gone.contains("chores/gone.md of main does not exist"), "{gone}");
}

#[test]
fn the_clock_adds_a_ticket_once_and_skips_what_is_busy() {
    let world = world();
    world.done(&["up", "--detach"]);
    world.done(&["schedules", "run", "busy"]);
    let begun = Instant::now();
    let decided = |name: &str| {
        let schedule = schedule(&world, name);
        !schedule["last"].is_null() && (name != "busy" || !schedule["skipped"].is_null())
    };
    while !(decided("free") && decided("busy")) {
        assert!(begun.elapsed() < PATIENCE, "{:#}", world.json(&["schedules"]));
        std::thread::sleep(Duration::from_millis(200));
    }
    world.kill_daemon();
    world.done(&["up", "--detach"]);
    for name in ["free", "busy"] {
        let label = format!("schedule:{name}");
        let listed = world.json(&["list", "--all", "--label", &label]);
        assert_eq!(listed["tickets"].as_array().unwrap().len(), 1, "{listed:#}");
    }
    let why = schedule(&world, "busy")["skipped"]["why"].clone();
    assert!(why.as_str().unwrap().starts_with("APP-1 is not closed, but "), "{why}");
    let gone = schedule(&world, "gone")["skipped"]["why"].clone();
    assert_eq!(gone, "chores/gone.md of main does not exist");
    let doctor = world.run(&["doctor", "--replay"]);
    assert_eq!(doctor.code, 0, "{}", doctor.out);
}
