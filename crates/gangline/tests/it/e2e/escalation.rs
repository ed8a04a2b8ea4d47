//! What a person can do with a ticket that was escalated: read its packet, split it, work on it.

use std::os::unix::fs::PermissionsExt as _;

use crate::world::World;

#[test]
fn a_ticket_that_is_too_much_lands_as_its_parts() {
    let world = World::ready();
    let key = world.add("Too much", "- give_up: it is two things\n");
    world.until(&key, |shown| shown["state"] == "escalated");
    assert!(world.done(&["show", &key]).contains("gangline split APP-1"));
    let part = |file: &str| {
        let script = format!("- write: {{ path: {file}, text: {file} }}\n- commit: {file}\n");
        format!("Write {file}\n\n```gangline-script\nsteps:\n{script}```\n")
    };
    let said = world.done(&["split", &key, &part("one.txt"), &part("two.txt")]);
    assert!(said.starts_with("APP-1 is split into APP-2, APP-3\n"), "{said}");
    let second = world.json(&["show", "APP-3"]);
    assert_eq!(second["depends_on"][0]["key"], "APP-2", "{second:#}");
    assert!(second["body"].as_str().unwrap().contains("Part 2 of 2 of APP-1"), "{second:#}");
    assert_eq!(world.state(&key), "cancelled");
    let ended = world.run(&["run", "APP-3"]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert_eq!(world.git("show main:one.txt"), "one.txt");
    assert_eq!(world.git("show main:two.txt"), "two.txt");
    assert!(world.refused(&["split", &key, "a", "b"]).starts_with("exit 5"), "it is closed");
}

#[test]
fn the_packet_of_an_escalated_ticket_holds_its_case() {
    let world = World::ready();
    let steps = "- write: { path: src/half.txt, text: \"half\\n\" }\n- commit: Half\n\
                 - claim: { summary: \"all `done`\", commits: 1, files: [src/other.txt] }\n- say: Done.\n";
    let key = world.add("Half of it", steps);
    world.until(&key, |shown| shown["state"] == "escalated");
    let markdown = world.done(&["packet", &key]);
    for part in [
        "# APP-1: Half of it\n",
        "**Escalated:** ",
        "## What was asked\n",
        "### Try 3, fresh: scripted (scripted), shop.APP-1.a",
        "The agent claimed:\n\n```text\nall `done`\n```\n",
        "## Claim beside fact: fail\n",
        "| A | `src/half.txt` | 1 | 0 |\n",
        "```diff\n",
        "\n+half\n",
        "## What it cost\n",
        "  `gangline split APP-1 \"first part\" \"second part\"`\n",
        "  `gangline retry APP-1 --hint \"…\"`\n",
    ] {
        assert!(markdown.contains(part), "no {part} in {markdown}");
    }
    let packet = world.json(&["packet", &key]);
    assert_eq!(packet["markdown"].as_str().unwrap().trim_end(), markdown.trim_end());
    assert_eq!(packet["diff"]["files"][0]["path"], "src/half.txt");
    assert_eq!(packet["ticket"]["tries_spent"], 3);
    assert!(packet["actions"].as_array().unwrap().iter().any(|to_do| to_do["name"] == "split"));
    assert!(world.refused(&["packet", "APP-9"]).starts_with("exit 4"));
}

const COMMIT: &str = "printf other > other.txt\ngit add -A\n\
    git -c user.name=Ann -c user.email=ann@example.org commit --quiet -m \"For $GANGLINE_TICKET\"\n";

#[test]
fn a_shell_without_a_terminal_needs_to_know_what_its_end_means() {
    let mut world = World::ready();
    world.set("SHELL", "/bin/sh");
    let key =
        world.add("Half of it", "- write: { path: h.txt, text: h }\n- say: here\n- hang: {}\n");
    world.until_said(&key, "here");
    insta::assert_snapshot!(world.refused(&["take-over", &key, "--shell"]), @r##"
    exit 1
    error: a shell needs a terminal, and this is none
     next: gangline take-over APP-1, then work where `gangline open APP-1` says
       or: gangline take-over APP-1 --shell --done, which asks nobody
    "##);
    assert_eq!(world.state(&key), "working", "it was taken over all the same");
    let failed = world.told(&["take-over", &key, "--shell", "--done"], "exit 3\n");
    assert_eq!(failed.code, 1, "{}{}", failed.out, failed.err);
    assert!(failed.err.contains("ended with exit code 3"), "{}", failed.err);
    assert_eq!(world.json(&["show", &key])["taken_over"], true);
    let said = world.told(&["take-over", &key, "--shell", "--done"], COMMIT);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let ended = world.run(&["run", &key]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert_eq!(world.git("show main:other.txt"), "other");
    assert!(world.git("log main --format=%s%b").contains("For APP-1"), "the shell knew the ticket");
}

#[test]
fn an_editor_is_given_the_worktree_and_its_end_hands_it_back() {
    let mut world = World::ready();
    let key = world.add("Half of it", "- give_up: it is too hard\n");
    world.until(&key, |shown| shown["state"] == "escalated");
    // An editor is a program with its arguments, and the worktree as the last one.
    let script = world.path("editor");
    let text = format!("#!/bin/sh\nset -e\ntest \"$1\" = --wait\ncd \"$2\"\n{COMMIT}");
    std::fs::write(&script, text).unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let none = world.told(&["take-over", &key, "--editor", "--done"], "");
    assert!(none.err.contains("neither VISUAL nor EDITOR is set"), "{}{}", none.out, none.err);
    assert_eq!(world.state(&key), "escalated", "it was taken over for an editor that is not there");
    world.set("EDITOR", &format!("{} --wait", script.display()));
    let said = world.told(&["take-over", &key, "--editor", "--done"], "");
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let ended = world.run(&["run", &key]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert_eq!(world.git("show main:other.txt"), "other");
}

#[test]
fn on_a_terminal_a_person_is_asked_when_the_shell_ends() {
    let mut world = World::ready();
    world.set("SHELL", "/bin/sh");
    let key = world.add("Half of it", "- give_up: it is too hard\n");
    world.until(&key, |shown| shown["state"] == "escalated");
    let on_terminal = |typed: &str| {
        let line = format!("{} take-over {key} --shell", World::program_file());
        world.typed(&line, typed)
    };
    let said = on_terminal("exit\nn\n");
    assert!(said.contains("is APP-1 to be verified? [y/N]"), "{said}");
    assert!(said.contains("APP-1 stays yours"), "{said}");
    assert_eq!(world.json(&["show", &key])["taken_over"], true);
    let said = on_terminal(&format!("{COMMIT}exit\ny\n"));
    assert!(said.contains("handed back; it is verified"), "{said}");
    let ended = world.run(&["run", &key]);
    assert_eq!(ended.code, 0, "{}{}", ended.out, ended.err);
    assert_eq!(world.git("show main:other.txt"), "other");
}
