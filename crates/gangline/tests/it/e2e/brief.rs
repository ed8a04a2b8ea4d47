//! Briefs: what agents are told, by whom, and who else may be told.

use crate::world::World;

#[test]
fn a_brief_takes_along_what_came_before_and_can_be_read_afterwards() {
    let world = World::ready();
    world.write("AGENTS.md", "Use tabs.\n");
    world.git("add -A");
    world.git("commit --quiet -m Instructions");
    let first = "- write: { path: a.txt, text: a }\n- commit: A\n- claim: { summary: the table is in a.txt }\n";
    let first = world.add("First", first);
    assert_eq!(world.run(&["run", &first]).code, 0);
    let steps = "- on:\n    try: 1\n    steps:\n      - call: { tool: remember_lesson, arguments: { lesson: tabs are wide } }\n      \
                 - give_up: not yet\n    else:\n      - run: { argv: [sh, -c, \"test -d /secrets && ! touch /secrets/x\"], must_pass: true }\n      \
                 - write: { path: b.txt, text: b }\n      - commit: B\n";
    let file = world.ticket("Second", steps);
    let own = world.path("brief.md").display().to_string();
    std::fs::write(&own, "You are the keeper of the till.\n").unwrap();
    let said = world.run(&["run", "-f", &file, "--depends-on", &first, "--brief", &own]);
    assert_eq!(said.code, 0, "{}{}\n{}", said.out, said.err, world.done(&["logs", "APP-2"]));
    let brief = world.done(&["brief", "APP-2"]);
    for told in [
        "# MISSION_BRIEF APP-2: Second",
        "You are the keeper of the till.",
        "<result key=\"APP-1\">",
        "the table is in a.txt",
        "- tabs are wide",
        "Use tabs.",
        "`/secrets`",
        "`report_outcome`",
        "What happened in try 1",
    ] {
        assert!(brief.contains(told), "no `{told}` in {brief}");
    }
    let json = world.json(&["brief", "APP-2"]);
    assert!(json["for"].as_str().unwrap().starts_with("shop.APP-2.a"), "{json}");
}

#[test]
fn packages_tell_nobody_more_than_they_may_see() {
    let world = World::ready();
    world.write("AGENTS.md", "The vault is at noon.\n");
    world.done(&["add", "--draft", "Secret plan", "--label", "c2"]);
    world.done(&["add", "--draft", "Open source it", "--label", "c0"]);
    assert!(world.refused(&["brief", "APP-1"]).contains("has been told anything"));
    let refused = world.refused(&["brief", "APP-1", "--for", "remote-agent"]);
    let expected = "exit 1\nerror: APP-1 is C2 (private), and a remote agent";
    assert!(refused.starts_with(expected), "{refused}");
    assert!(world.done(&["brief", "APP-1", "--for", "local-session"]).contains("Secret plan"));
    let prompt = world.done(&["brief", "APP-2", "--for", "external-model"]);
    assert!(prompt.contains("Open source it") && !prompt.contains("vault"), "{prompt}");
    let remote = world.done(&["brief", "APP-2", "--for", "remote-agent"]);
    assert!(remote.contains("vault") && remote.contains("/secrets"), "{remote}");
}
