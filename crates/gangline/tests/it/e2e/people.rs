//! People in the middle of it: questions, take-over, and agents that are not there.

use crate::world::{POLICY, World};

#[test]
fn a_question_waits_for_its_answer() {
    let world = World::ready();
    let steps = "- ask:\n    text: Which separator?\n    options: [dot, comma]\n    answers:\n      comma:\n        \
                 - write: { path: s.txt, text: comma }\n        - commit: Comma\n    otherwise:\n      - give_up: no idea\n";
    let file = world.ticket("Ask", steps);
    let said = world.run(&["run", "-f", &file]);
    assert_eq!(said.code, 7, "{}{}", said.out, said.err);
    assert!(said.out.contains("Which separator?"), "{}", said.out);
    assert!(said.out.contains("next: gangline answer APP-1"), "{}", said.out);
    world.done(&["answer", "APP-1", "comma"]);
    let said = world.run(&["run", "APP-1"]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(world.git("show main:s.txt"), "comma");
}

#[test]
fn a_person_takes_a_worktree_over_and_hands_it_back() {
    let world = World::ready();
    let key = world
        .add("Half of it", "- write: { path: half.txt, text: half }\n- say: waiting\n- hang: {}\n");
    world.until_said(&key, "waiting");
    world.done(&["take-over", &key]);
    world.until(&key, |shown| shown["taken_over"] == true);
    let tree =
        world.done(&["open", &key]).trim().replace('~', &world.path("").display().to_string());
    let tree = std::path::PathBuf::from(tree);
    assert_eq!(std::fs::read_to_string(tree.join("half.txt")).unwrap(), "half");
    std::fs::write(tree.join("other.txt"), "other half").unwrap();
    world.git_in(&tree, "add -A");
    world.git_in(&tree, "-c user.name=Ann -c user.email=ann@example.org commit --quiet -m Both");
    world.done(&["take-over", &key, "--done"]);
    let said = world.run(&["run", &key]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    assert_eq!(world.git("show main:other.txt"), "other half");
    assert!(world.done(&["worklog", &key]).contains("person:ann"));
}

#[test]
fn an_agent_that_is_not_installed_is_told_once_and_spends_nothing() {
    let world = World::with_policy(&format!("{POLICY}\n[agents]\ndefault = \"absent\"\n"));
    let definition = "---\nname: absent\nkind: command\nprogram: no-such-agent\n---\n";
    world.write(".gangline/agents/absent.md", definition);
    world.git("add -A");
    world.git("commit --quiet -m Agent");
    let key = world.add("Anything", "- say: never\n");
    world.until(&key, |shown| shown["wait"]["for"] == "circuit");
    let shown = world.json(&["show", &key]);
    assert_eq!(shown["tries_spent"], 0);
    assert!(shown["wait"]["text"].as_str().unwrap().contains("no-such-agent"), "{shown:#}");
    let doctor = world.run(&["doctor"]);
    assert_eq!(doctor.code, 1);
    assert!(doctor.out.contains("gangline resume --agent-kind command"), "{}", doctor.out);
    world.done(&["resume", "--agent-kind", "command"]);
    assert!(world.refused(&["resume", "--agent-kind", "claude"]).starts_with("exit 5"));
}

#[test]
fn the_policy_that_counts_is_shown_as_it_stands_on_the_target() {
    let world = World::ready();
    world.done(&["up", "--detach"]);
    let shown = world.json(&["project", "policy"]);
    assert_eq!(shown["policy"], "committed");
    assert_eq!(shown["is_current"], true, "{shown}");
    let text = std::fs::read_to_string(world.repo.join("gangline.toml")).unwrap();
    assert_eq!(shown["text"], text.as_str());
    world.write("gangline.toml", format!("{text}\n[landing]\nreview = \"required\"\n"));
    let printed = world.done(&["project", "policy"]);
    assert!(printed.contains("# gangline.toml has changes that are not committed"), "{printed}");
    world.git("commit -qam Stricter");
    let shown = world.json(&["project", "policy"]);
    assert!(shown["text"].as_str().unwrap().contains("required"), "{shown}");
}
