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
fn an_agent_is_told_what_a_person_says_while_it_works_and_so_is_the_next_one() {
    let world = World::ready();
    let script = "- say: waiting\n- await_steer: { within_ms: 20000 }\n- say: \"Heard ${STEER}.\"\n\
                  - on: { try: 2, steps: [ { write: { path: \"${STEER}.txt\", text: one } }, { commit: C } ] }\n";
    let key = world.add("Listen", script);
    world.until_said(&key, "waiting");
    let said = world.json(&["steer", &key, "left"]);
    assert_eq!(said["to_agent"], true, "{said}");
    world.until_said(&key, "Heard left.");
    assert!(world.done(&["logs", &key]).contains("« left"), "it stands in the transcript");
    // The first try committed nothing. The second reads in its brief what was said, and hears more.
    world.until(&key, |shown| shown["attempts"].as_array().is_some_and(|all| all.len() == 2));
    let brief = world.done(&["brief", &key]);
    assert!(brief.contains("left"), "{brief}");
    world.done(&["steer", &key, "right"]);
    world.until(&key, |shown| shown["state"] == "landed");
    assert_eq!(world.git("show main:right.txt"), "one");
    let closed = world.refused(&["steer", &key, "too late"]);
    assert!(closed.contains("is closed: landed"), "{closed}");
}

#[test]
fn a_word_to_a_ticket_without_an_agent_waits_for_the_next_one() {
    let world = World::ready();
    let script =
        "- write: { path: a.txt, text: a }\n- commit: A\n- say: \"I was told: ${HINTS}\"\n";
    let file = world.ticket("Later", script);
    world.done(&["add", "--draft", "-f", &file]);
    let said = world.json(&["steer", "APP-1", "mind the gap"]);
    assert_eq!(said["to_agent"], false, "{said}");
    world.done(&["start", "APP-1"]);
    world.until_said("APP-1", "I was told: mind the gap");
}

#[test]
fn two_attempts_are_told_apart() {
    let world = World::ready();
    let script = r#"- on:
    try: 1
    steps:
      - write: { path: src/one.txt, text: "one\n  two\n" }
      - write: { path: left.txt, text: "<<<<<<< ours\n=======\n>>>>>>> theirs\n" }
      - commit: A
- on:
    try: 2
    steps:
      - write: { path: src/one.txt, text: "one\ntwo\nthree\n" }
      - delete: { path: left.txt, may_fail: true }
      - commit: B
- say: Done.
"#;
    let key = world.add("Twice", script);
    world.until(&key, |shown| shown["state"] == "landed");
    let diff = |args: &[&str]| {
        let mut all = vec!["diff", &key];
        all.extend(args);
        world.json(&all)
    };
    let attempts = world.json(&["show", &key])["attempts"].clone();
    let name = |n: usize| attempts[n]["job"].as_str().unwrap().to_owned();
    let (first, second) = (name(0), name(1));
    assert!(diff(&["--attempt", &first])["text"].as_str().unwrap().contains("+  two"));
    let short = second.rsplit('.').next().unwrap();
    let apart = diff(&["--attempt", short, "--since", &first]);
    assert_eq!((&apart["job"], &apart["since"]), (&second.as_str().into(), &first.as_str().into()));
    let text = apart["text"].as_str().unwrap();
    assert!(text.contains("-  two\n+two\n+three") && !text.contains("+one"), "{text}");
    let text = diff(&["--since", &first, "-w"])["text"].as_str().unwrap().to_owned();
    assert!(!text.contains("-  two") && text.contains("+three"), "{text}");
    let refused = world.refused(&["diff", &key, "--attempt", "a9"]);
    assert!(refused.contains("has no attempt shop.APP-1.a9 that left a commit"), "{refused}");
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

#[test]
fn what_is_asked_for_is_changed_before_the_next_attempt() {
    let world = World::ready();
    let file = world.ticket("Draft", "- write: { path: d.txt, text: old }\n- commit: D\n");
    world.done(&["add", "--draft", "-f", &file]);
    let file = world.ticket("Draft again", "- write: { path: d.txt, text: new }\n- commit: D\n");
    world.done(&["edit", "APP-1", "-f", &file, "--priority", "high", "--label", "docs,urgent"]);
    world.done(&["edit", "APP-1", "--label", "", "--max-cost", "2.50"]);
    let shown = world.json(&["show", "APP-1"]);
    assert_eq!(
        (&shown["title"], &shown["priority"], &shown["labels"], &shown["budget"]),
        (
            &"Draft again".into(),
            &"high".into(),
            &serde_json::json!([]),
            &serde_json::json!({ "cost_microusd": 2_500_000 })
        )
    );
    insta::assert_snapshot!(world.refused(&["edit", "APP-1", "--depends-on", "APP-1"]), @r"
    exit 1
    error: these tickets would wait for one another: APP-1 → APP-1
     next: leave the dependency out
    ");
    insta::assert_snapshot!(world.refused(&["edit", "APP-1", "--title", ""]), @r"
    exit 1
    error: the title is empty
     next: gangline add --help
    ");
    world.done(&["start", "APP-1"]);
    assert_eq!(world.run(&["run", "APP-1"]).code, 0);
    assert_eq!(world.git("show main:d.txt"), "new");
    let key = world.add("Wait", WAITS);
    world.until_said(&key, "waiting");
    world.done(&["edit", &key, "--priority", "critical"]);
    insta::assert_snapshot!(world.refused(&["edit", &key, "--body", "Else."]), @r"
    exit 5
    error: shop.APP-2 is working: while its work is under way, only its priority, its budget and plain labels may be changed
     next: gangline hold APP-2
    ");
    world.done(&["cancel", &key]);
}

#[test]
fn without_a_terminal_or_options_nothing_is_changed() {
    let world = World::ready();
    let key = world.add("Wait", WAITS);
    insta::assert_snapshot!(world.refused(&["edit", &key]), @r"
    exit 2
    error: nothing is said of what is to be changed
     next: gangline edit APP-1 --help
    ");
    world.done(&["cancel", &key]);
}

#[test]
fn in_an_editor_title_and_text_are_changed_and_nothing_that_was_written_is_lost() {
    let mut world = World::ready();
    world.set("TMPDIR", &world.path("home").display().to_string());
    let key = world.add("Wait", WAITS);
    world.until_said(&key, "waiting");
    let editor = world.path("editor").display().to_string();
    world.set("EDITOR", &format!("/bin/sh {editor}"));
    let write = |text: &str| {
        std::fs::write(&editor, format!("printf '{text}' >\"$1\"\n")).unwrap();
    };
    let edit = || world.typed(&format!("{} edit {key}", World::program_file()), "");
    write("# Else\\n\\nIn other words.\\n");
    let said = edit();
    assert!(said.contains("while its work is under way"), "{said}");
    let kept = said.split(" -f ").nth(1).and_then(|rest| rest.split_whitespace().next());
    let home = world.path("").display().to_string();
    let kept = kept.unwrap_or_else(|| panic!("{said}")).replace('~', &home);
    assert_eq!(std::fs::read_to_string(&kept).unwrap(), "# Else\n\nIn other words.\n");
    world.done(&["hold", &key]);
    world.until(&key, |shown| shown["state"] == "held");
    world.done(&["edit", &key, "-f", &kept]);
    assert_eq!(world.json(&["show", &key])["body"], "In other words.");
    write("# Once more\\n\\nBriefly.\\n");
    let said = edit();
    assert!(said.contains("is changed"), "{said}");
    let shown = world.json(&["show", &key]);
    assert_eq!((&shown["title"], &shown["body"]), (&"Once more".into(), &"Briefly.".into()));
    let said = edit();
    assert!(said.contains("stays as it is"), "{said}");
    write("no heading\\n");
    let said = edit();
    assert!(said.contains("is no heading") && said.contains(" -f "), "{said}");
    world.done(&["cancel", &key]);
}
