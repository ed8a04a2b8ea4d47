//! The way of a ticket, from the first command to the landed commit.

use crate::world::{POLICY, World, indented};

const HONEST: &str = "\
- write: { path: src/total.txt, text: \"3.00\\n\" }
- commit: \"${KEY}: total\"
- claim: { summary: \"rounded half up\", commits: 1, files: [src/total.txt] }
- say: Done.
";

#[test]
fn two_commands_lead_from_a_repository_to_a_landed_commit() {
    let world = World::unborn();
    world.write("Makefile", "test:\n\t@echo 1..1; echo 'ok 1 - it works'\n");
    world.write(
        ".gangline/agents/ticket-worker.md",
        "---\nname: ticket-worker\nkind: scripted\n---\n",
    );
    world.git("add -A");
    world.git("commit --quiet -m Start");
    world.done(&["init", "--yes"]);
    world.git("add -A");
    world.git("commit --quiet -m Policy");
    let file = world.ticket("Round the total", HONEST);
    let said = world.run(&["run", "-f", &file]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert!(said.out.contains("APP-1  Round the total  landed"), "{}", said.out);
    assert!(said.out.contains("changed src/total.txt"), "no claim beside fact: {}", said.out);
    let landed = world.git("log -1 --format=%B main");
    assert!(landed.starts_with("APP-1: Round the total"), "{landed}");
    assert!(landed.contains("Gangline-Ticket: "), "{landed}");
    assert_eq!(world.git("show main:src/total.txt"), "3.00");
    assert_eq!(std::fs::read_to_string(world.repo.join("src/total.txt")).unwrap(), "3.00\n");
    assert_eq!(world.git("status --porcelain"), "");
}

#[test]
fn a_lie_is_caught_and_the_next_try_knows_why() {
    let world = World::ready();
    let steps = format!(
        "- on:\n    try: 1\n    steps:\n      - claim: {{ summary: all done, commits: 1, tests_pass: true }}\n      \
         - say: Done, all tests pass.\n    else:\n{}",
        indented(6, HONEST)
    );
    let file = world.ticket("Lie first", &steps);
    let said = world.run(&["run", "-f", &file]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let shown = world.json(&["show", "APP-1"]);
    assert_eq!(shown["tries_spent"], 1);
    let record = &shown["records"][0];
    assert_eq!(
        (record["cause"].as_str(), record["spent"].as_bool()),
        (Some("checks_failed"), Some(true))
    );
    assert!(record["error"].as_str().unwrap().contains("no new commit"), "{record}");
    assert_eq!(shown["attempts"][0]["verdict"], "fail");
    assert_eq!(shown["attempts"][1]["verdict"], "pass");
    assert_eq!(shown["landing"]["stage"], "landed");
}

#[test]
fn tries_that_are_spent_end_with_a_person() {
    let world = World::ready();
    let steps = "- on:\n    hint_contains: banana\n    steps:\n      - write: { path: b.txt, text: b }\n      \
                 - commit: B\n    else:\n      - give_up: I cannot find it\n";
    let file = world.ticket("Find it", steps);
    let said = world.run(&["run", "-f", &file]);
    assert_eq!(said.code, 6, "{}{}", said.out, said.err);
    assert!(said.out.contains("gangline retry APP-1 --hint"), "{}", said.out);
    assert_eq!(world.json(&["show", "APP-1"])["tries_spent"], 3);
    // Whoever follows an agent that says no more is told what it waits for.
    let followed = world.done(&["logs", "-f", "APP-1"]);
    assert!(
        followed.ends_with("APP-1 waits for a person to decide: gangline show APP-1\n"),
        "{followed}"
    );
    world.done(&["retry", "APP-1", "--hint", "look under the BANANA"]);
    let said = world.run(&["run", "APP-1"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(world.git("show main:b.txt"), "b");
}

#[test]
fn a_folder_of_tickets_lands_in_the_order_of_its_dependencies() {
    let world = World::ready();
    let ticket = |number: u32, head: &str, steps: &str| {
        let text = format!(
            "# Ticket #{number}: Part {number}\n\n**Priority:** High\n{head}\n```gangline-script\nsteps:\n{steps}```\n"
        );
        world.write(&format!("tickets/{number}-part/README.md"), text);
    };
    ticket(101, "", "  - write: { path: a.txt, text: one }\n  - commit: One\n");
    ticket(
        102,
        "**Depends on:** #101\n",
        "  - run: [test, -f, a.txt]\n  - write: { path: b.txt, text: two }\n  - commit: Two\n",
    );
    world.git("add -A");
    world.git("commit --quiet -m Tickets");
    let said = world.done(&["import", "tickets"]);
    insta::assert_snapshot!(said, @"
    KEY             PRIORITY  DEPENDS ON  TITLE     FILE
    APP-101  added  high                  Part 101  tickets/101-part/README.md
    APP-102  added  high      APP-101     Part 102  tickets/102-part/README.md
    ");
    let said = world.run(&["run", "APP-102"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(world.state("APP-101"), "landed");
    assert_eq!(world.git("show main:b.txt"), "two");
    insta::assert_snapshot!(world.done(&["import", "tickets", "--dry-run"]), @"
    KEY                        PRIORITY  DEPENDS ON  TITLE     FILE
    APP-101  is there already  high                  Part 101  tickets/101-part/README.md
    APP-102  is there already  high      APP-101     Part 102  tickets/102-part/README.md
    ");
    assert!(world.done(&["import", "tickets"]).contains("unchanged"));
}

#[test]
fn what_an_agent_did_can_be_read_and_exported() {
    let world = World::ready();
    let key = world.add("Do it", HONEST);
    let followed = world.done(&["logs", "-f", &key]);
    assert!(followed.contains("[SCRIPTED-1] → Write src/total.txt"), "{followed}");
    // The work log tells where it was also when it is no more.
    world.until(&key, |shown| shown["worktree"].is_null());
    let worklog = world.done(&["worklog", &key]);
    assert!(worklog.contains("ai:scripted"), "{worklog}");
    assert!(worklog.contains("branch    gangline/APP-1-do-it"), "{worklog}");
    let diff = world.done(&["diff", &key]);
    assert!(diff.contains("+3.00"), "{diff}");
    assert!(world.done(&["diff", "--stat", &key]).contains("src/total.txt"));
    let to = world.path("out").display().to_string();
    let files = world.done(&["logs", &key, "--export", &to]);
    assert_eq!(
        files.trim(),
        "~/out/agent-workspace/sessions/session-shop.APP-1.a1/tool_calls.jsonl"
    );
    let file = files.trim().replace('~', &world.path("").display().to_string());
    let calls = std::fs::read_to_string(file.replace("//", "/")).unwrap();
    assert!(calls.lines().any(|line| line.contains(r#""tool":"Write""#)), "{calls}");
    let page = world.done(&["list", "--all"]);
    assert!(page.contains("landed") && page.contains("Do it"), "{page}");
}

#[test]
fn reviewed_work_lands_only_when_it_is_approved() {
    let policy =
        format!("{POLICY}\n[landing]\nreview = \"required\"\n[agents]\ndefault = \"scripted\"\n");
    let world = World::with_policy(&policy);
    let steps = format!(
        "- on:\n    brief_contains: use a comma\n    steps:\n      - write: {{ path: src/total.txt, text: \"3,00\" }}\n      \
         - commit: Comma\n    else:\n{}",
        indented(6, HONEST)
    );
    let file = world.ticket("Round the total", &steps);
    let said = world.run(&["run", "-f", &file]);
    assert_eq!(said.code, 7, "{}{}", said.out, said.err);
    assert!(said.out.contains("next: gangline approve APP-1"), "{}", said.out);
    let before = world.git("rev-parse main");
    world.done(&["reject", "APP-1", "please use a comma"]);
    assert_eq!(world.run(&["run", "APP-1"]).code, 7);
    assert!(world.done(&["diff", "APP-1"]).contains("+3,00"));
    assert_eq!(world.git("rev-parse main"), before, "it landed without leave");
    let stale = world.refused(&["approve", "APP-1", "--commit", &before]);
    assert!(stale.starts_with("exit 5\nerror: you reviewed"), "{stale}");
    world.done(&["approve", "APP-1"]);
    assert_eq!(world.run(&["run", "APP-1"]).code, 0);
    assert_eq!(world.git("show main:src/total.txt"), "3,00");
}
