//! A goal becomes a plan, the plan drafts, the drafts landed changes.

use serde_json::Value;

use crate::world::{World, indented};

/// A plan of two tickets, the second of which needs the first.
const PLAN: &str = "\
Two steps, one after the other.

# Ticket #1: Make the file
**Priority:** low
**Scope:** `one.txt`

```gangline-script
steps:
  - write: { path: one.txt, text: one }
  - commit: One
```

## Acceptance
- `cat one.txt` says one

# Ticket #2: Copy the file
**Priority:** critical
**Depends on:** #1
**Scope:** `two.txt`

```gangline-script
steps:
  - run: [cp, one.txt, two.txt]
  - commit: Two
```

## Acceptance
- `cat two.txt` says one
";

/// A world whose planner plays scripts.
fn world() -> World {
    let world = World::ready();
    let planner = "---\nname: planner\nkind: scripted\n---\n";
    world.write(".gangline/agents/planner.md", planner);
    world.git("add -A");
    world.git("commit --quiet -m Planner");
    world
}

/// A step that writes this as the plan.
fn writes(plan: &str) -> String {
    format!("- write_output:\n    path: plan.md\n    text: |\n{}\n", indented(6, plan))
}

/// A goal whose planner plays these steps, as a file.
fn goal(world: &World, steps: &str) -> String {
    // What it writes has fences of its own.
    let goal = format!("# Faster carts\n\n````gangline-script\nsteps:\n{steps}````\n");
    let file = world.path("goal.md");
    std::fs::write(&file, goal).unwrap();
    file.display().to_string()
}

fn keys(plan: &Value) -> Vec<&str> {
    let tickets = plan["tickets"].as_array().unwrap();
    tickets.iter().map(|ticket| ticket["key"].as_str().unwrap()).collect()
}

fn states(plan: &Value) -> Vec<&str> {
    let tickets = plan["tickets"].as_array().unwrap();
    tickets.iter().map(|ticket| ticket["state"].as_str().unwrap()).collect()
}

#[test]
fn a_goal_becomes_drafts_that_land_in_order_once_they_are_accepted() {
    let world = world();
    let said = world.done(&["plan", "-f", &goal(&world, &writes(PLAN))]);
    let table = said.rsplit_once("Two steps, one after the other.").expect(&said).1;
    insta::assert_snapshot!(table.trim_end(), @"
    KEY    STATE  PRIORITY  DEPENDS ON  SCOPE    TITLE
    APP-2  draft  low                   one.txt  Make the file
    APP-3  draft  critical  APP-2       two.txt  Copy the file
     next: gangline show APP-2, gangline edit APP-2
     next: gangline plan accept APP-1, or gangline plan drop APP-1
    ");
    let shown = world.json(&["show", "APP-1"]);
    assert_eq!(
        (&shown["state"], &shown["title"]),
        (&"delivered".into(), &"Plan: Faster carts".into())
    );
    let listed = world.json(&["list", "--label", "plan:APP-1"]);
    assert_eq!(keys(&listed), ["APP-2", "APP-3"]);

    // Nothing runs before somebody says so; a person may change it before.
    world.done(&["edit", "APP-2", "--title", "Make file one"]);
    let accepted = world.done(&["plan", "accept", "APP-1", "APP-3"]);
    insta::assert_snapshot!(accepted, @"
    APP-3 of APP-1 opened
    waiting for drafts of the plan: APP-3
     next: gangline plan accept APP-1
    ");
    let accepted = world.json(&["plan", "accept", "APP-1"]);
    assert_eq!(accepted["started"], serde_json::json!(["APP-2"]));
    assert_eq!(accepted["unchanged"], serde_json::json!(["APP-3"]));
    assert_eq!(world.run(&["run", "APP-3"]).code, 0);
    let subjects = world.git("log --reverse --format=%s --no-merges main");
    let subjects: Vec<&str> = subjects.lines().collect();
    let [.., first, second] = subjects.as_slice() else { panic!("{subjects:?}") };
    assert!(first.contains("One") && second.contains("Two"), "{subjects:?}");
    assert_eq!(world.git("show main:two.txt"), "one");
    let plan = world.json(&["plan", "show", "APP-1"]);
    assert_eq!(states(&plan), ["landed", "landed"]);
    // Repeated, it does nothing.
    let again = world.json(&["plan", "accept", "APP-1"]);
    assert_eq!(again["started"], serde_json::json!([]));
    assert_eq!(world.done(&["plan", "drop", "APP-1"]), "APP-1 has no drafts left\n");
}

#[test]
fn a_broken_plan_is_tried_again_with_what_is_wrong() {
    let world = world();
    let broken = PLAN.replace("**Depends on:** #1", "**Depends on:** #2");
    // The second try is told what is wrong, and where; otherwise it gives up.
    let told = "plan.md:16: these tickets would wait for one another: #2 → #2";
    let mended = format!(
        "- on:\n    brief_contains: '{told}'\n    steps:\n{}\n    else: [{{ give_up: not told }}]\n",
        indented(4, &writes(PLAN))
    );
    let steps = format!(
        "- on:\n    try: 1\n    steps:\n{}\n    else:\n{}\n",
        indented(4, &writes(&broken)),
        indented(4, &mended)
    );
    let said = world.run(&["plan", "-f", &goal(&world, &steps)]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let shown = world.json(&["show", "APP-1"]);
    let record = &shown["records"][0];
    assert_eq!(shown["records"].as_array().unwrap().len(), 1, "{shown:#}");
    assert_eq!(record["class"], "deliverable", "{record:#}");
    assert_eq!(keys(&world.json(&["plan", "show", "APP-1"])), ["APP-2", "APP-3"]);
}

#[test]
fn a_plan_has_one_set_of_drafts_whenever_the_daemon_is_killed() {
    let world = world();
    let file = goal(&world, &("- say: planning\n- sleep: 500\n".to_owned() + &writes(PLAN)));
    let added = world.json(&["plan", "--detach", "-f", &file]);
    let key = added["key"].as_str().unwrap().to_owned();
    world.until_said(&key, "planning");
    // Again and again, from before the capture until behind the delivery.
    for _ in 0..8 {
        std::thread::sleep(std::time::Duration::from_millis(250));
        world.kill_daemon();
        world.done(&["up", "--detach"]);
    }
    world.until(&key, |shown| shown["state"] == "delivered");
    world.kill_daemon();
    world.done(&["up", "--detach"]);
    let listed = world.json(&["list", "--all"]);
    assert_eq!(listed["tickets"].as_array().unwrap().len(), 3, "{listed:#}");
    assert_eq!(states(&world.json(&["plan", "show", &key])), ["draft", "draft"]);
    let doctor = world.run(&["doctor", "--replay"]);
    assert_eq!(doctor.code, 0, "{}", doctor.out);
    let dropped = world.done(&["plan", "drop", &key]);
    assert_eq!(dropped, "APP-2, APP-3 of APP-1 cancelled\n");
}

#[test]
fn what_is_no_plan_is_refused_as_one() {
    let world = world();
    world.done(&["add", "--draft", "Other"]);
    insta::assert_snapshot!(world.refused(&["plan", "show", "APP-1"]), @"
    exit 1
    error: shop.APP-1 does not ask for a plan
     next: gangline show APP-1
    ");
    world.done(&["add", "--draft", "--deliverable", "plan", "Planned"]);
    insta::assert_snapshot!(world.refused(&["plan", "accept", "APP-2"]), @"
    exit 5
    error: shop.APP-2 is draft; accept needs it to be delivered
     next: gangline show APP-2
    ");
    insta::assert_snapshot!(world.refused(&["plan", "  "]), @r#"
    exit 1
    error: the goal is empty
     next: gangline plan "What is to be achieved"
    "#);
}
