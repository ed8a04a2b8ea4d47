//! Worktrees that `git worktree add` makes from the hub: for agents that are trusted, and only
//! where nothing pretends to isolate them.

use crate::world::{POLICY, World};

const LINKED: &str = "[worktree]\nbackend = \"linked\"\n[agents]\ndefault = \"scripted\"\n";

fn world(machine: &str) -> World {
    let world = World::with_policy(&format!("{POLICY}{LINKED}"));
    std::fs::write(world.path("config/config.toml"), machine).unwrap();
    world
}

#[test]
fn a_trusted_agent_works_in_a_linked_worktree_and_its_commit_lands() {
    let world = world("[sandbox]\ntier = \"none\"\nallow_none = true\n");
    let steps = "- on:\n    try: 1\n    steps:\n      - write: { path: half.txt, text: half }\n      \
                 - claim: { summary: all done, commits: 1 }\n    else:\n      \
                 - write: { path: whole.txt, text: whole }\n      - commit: Whole\n";
    let file = world.ticket("Link it", steps);
    let said = world.run(&["run", "-f", &file]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let shown = world.json(&["show", "APP-1"]);
    assert_eq!((&shown["tries_spent"], &shown["state"]), (&1.into(), &"landed".into()));
    assert_eq!(world.git("show main:whole.txt"), "whole");
    // What the first try had not committed was kept, and is still there for the second.
    let hub = world.path("state/projects/shop/hub.git");
    assert_eq!(world.git_in(&hub, "show refs/gangline/rescue/APP-1/1:half.txt"), "half");
    assert!(world.git("log --format=%B -1 main").contains("Gangline-Ticket: "));
}

#[test]
fn a_linked_worktree_is_one_of_the_hubs_and_outlives_the_daemon() {
    let world = world("[sandbox]\ntier = \"none\"\nallow_none = true\n");
    let steps = "- write: { path: half.txt, text: half }\n- say: waiting\n- hang: {}\n";
    let key = world.add("Wait", steps);
    world.until_said(&key, "waiting");
    let tree = world.json(&["open", &key])["path"].as_str().unwrap().to_owned();
    let tree = std::path::PathBuf::from(tree.replace('~', &world.path("").display().to_string()));
    assert!(tree.join(".git").is_file(), "it has a git directory of its own");
    assert_eq!(world.git_in(&tree, "symbolic-ref --short HEAD"), "gangline/APP-1-wait");
    let hub = world.path("state/projects/shop/hub.git").canonicalize().unwrap();
    let common = world.git_in(&tree, "rev-parse --path-format=absolute --git-common-dir");
    assert_eq!(std::path::Path::new(&common).canonicalize().unwrap(), hub);

    world.kill_daemon();
    world.done(&["up", "--detach"]);
    world.done(&["stop", &key]);
    world.until(&key, |shown| shown["state"] == "held");
    assert_eq!(world.processes_at_work(), Vec::<String>::new());
    assert_eq!(world.git_in(&hub, "show refs/gangline/rescue/APP-1/1:half.txt"), "half");
    world.done(&["cancel", &key]);
    // The folder goes first, and then the hub forgets it.
    let is_known = || world.git_in(&hub, "worktree list").contains("gangline/APP-1");
    world.until(&key, |_| !tree.exists() && !is_known());
}

#[test]
fn a_linked_worktree_is_refused_where_agents_are_to_be_isolated() {
    let world = world("");
    insta::assert_snapshot!(world.refused(&["add", "x"]), @r#"
    exit 1
    error: gangline.toml: [worktree] backend = "linked" is for trusted agents that run without a sandbox, and on this machine they run in one
     next: write backend = "clone", and commit it; or tier = "none" and allow_none = true under [sandbox] in the machine's config.toml, and restart the daemon
    "#);
}

#[test]
fn a_ticket_from_before_the_sandbox_gets_no_linked_worktree_either() {
    let world = world("[sandbox]\ntier = \"none\"\nallow_none = true\n");
    world.done(&["add", "--draft", "Link it"]);
    world.done(&["down"]);
    std::fs::remove_file(world.path("config/config.toml")).unwrap();
    let elsewhere = world.path("home");
    let run = |args: &[&str]| assert_eq!(world.run_in(&elsewhere, args).code, 0, "{args:?}");
    run(&["up", "--detach"]);
    run(&["start", "APP-1", "--project", "shop"]);
    let text = |shown: &serde_json::Value| shown["wait"]["text"].as_str().unwrap().to_owned();
    world.until("APP-1", |shown| text(shown).contains("cannot be isolated by a sandbox"));
    assert_eq!(world.json(&["show", "APP-1"])["tries_spent"], 0);
    assert!(!world.path("state/worktrees/shop/shop-APP-1").exists());
}
