//! What a commit may not do by itself, and what a person lets it do.

use crate::world::{POLICY, World};

const PROTECTED: &str = "\
- write: { path: .github/workflows/ci.yml, text: \"on: push\\n\" }
- commit: \"${KEY}: run on every push\"
- say: Done.
";

fn world(policy: &str) -> World {
    World::with_policy(&format!("{POLICY}\n[agents]\ndefault = \"scripted\"\n{policy}"))
}

#[test]
fn what_a_person_permits_is_judged_again_without_an_agent() {
    let world = world("[limits]\ntries = 1\n");
    let file = world.ticket("Run on every push", PROTECTED);
    let said = world.run(&["run", "-f", &file]);
    assert_eq!(said.code, 6, "{}{}", said.out, said.err);
    let page = world.done(&["show", "APP-1"]);
    assert!(page.contains("gangline permit APP-1 .github/workflows/ci.yml"), "{page}");
    assert!(page.contains("gangline recheck APP-1"), "{page}");
    // Judged by the same rules it does not pass, and costs nothing.
    world.done(&["recheck", "APP-1"]);
    assert_eq!(world.run(&["run", "APP-1"]).code, 6);
    assert_eq!(world.json(&["show", "APP-1"])["tries_spent"], 1);
    world.done(&["permit", "APP-1", ".github/**"]);
    world.done(&["recheck", "APP-1"]);
    let said = world.run(&["run", "APP-1"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(world.git("show main:.github/workflows/ci.yml"), "on: push");
    let shown = world.json(&["show", "APP-1"]);
    assert_eq!(shown["attempts"].as_array().unwrap().len(), 1, "another agent was run");
    assert_eq!(shown["permits"][0], ".github/**");
}

#[test]
fn a_ticket_that_permits_it_from_the_start_lands() {
    let world = world("");
    let file = world.ticket("Run on every push", PROTECTED);
    let said = world.run(&["run", "-f", &file, "--permit", ".github/**"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
}

#[test]
fn what_is_doubted_waits_for_a_person_though_no_review_is_asked_for() {
    let world = world("[change]\nlines = 3\n");
    let steps = "\
- write: { path: src/total.sh, text: \"one\\ntwo\\nthree\\nfour\\n\" }
- commit: \"${KEY}: total\"
- say: Done.
";
    let file = world.ticket("Write it all down", steps);
    let said = world.run(&["run", "-f", &file]);
    assert_eq!(said.code, 7, "{}{}", said.out, said.err);
    let page = world.done(&["show", "APP-1"]);
    assert!(page.contains("look at this:") && page.contains("at a glance"), "{page}");
    world.done(&["approve", "APP-1"]);
    assert_eq!(world.run(&["run", "APP-1"]).code, 0);
}

#[test]
fn nothing_is_judged_again_that_was_not_offered() {
    let world = world("");
    world.done(&["add", "--draft", "Later"]);
    let refused = world.refused(&["recheck", "APP-1"]);
    assert!(refused.contains("recheck needs it to be escalated or held"), "{refused}");
    let refused = world.refused(&["permit", "APP-1", "/etc/passwd"]);
    assert!(refused.contains("is not a path pattern"), "{refused}");
}

#[test]
fn what_a_check_printed_is_read_again() {
    let world = world("");
    let file = world.ticket("Add a file", "- write: { path: a.txt, text: a }\n- commit: A\n");
    assert_eq!(world.run(&["run", "-f", &file]).code, 0);
    let told = world.done(&["evidence", "APP-1"]);
    assert!(told.contains("sh test.sh") && told.contains("shop.APP-1.v"), "{told}");
    assert_eq!(world.done(&["evidence", "APP-1", "test"]), "1..1\nok 1 - it works\n");
    let log = world.json(&["evidence", "APP-1", "test"]);
    assert_eq!((&log["size"], &log["next"]), (&21.into(), &21.into()));
    let job = log["job"].as_str().unwrap();
    assert_eq!(world.json(&["evidence", "APP-1", "test", "--job", job])["text"], log["text"]);
    for (check, code) in [("../outcome", "bad_name"), ("nothing", "nothing_to_show")] {
        let said = world.run(&["--json", "evidence", "APP-1", check]);
        let told = format!("{}{}", said.out, said.err);
        assert!(said.code != 0 && told.contains(code), "{check}: {told}");
    }
    world.refused(&["evidence", "APP-1", "test", "--job", "shop.APP-2.v1"]);
}
