//! What one ticket learns, another is told.

use crate::world::{World, indented};

/// Commits nothing at first, then what is asked for.
fn careless(file: &str, says: &str) -> String {
    let honest = format!(
        "- write: {{ path: {file}, text: \"3.00\\n\" }}\n- commit: \"${{KEY}}: total\"\n\
         - claim: {{ summary: \"{says}\", commits: 1, files: [{file}] }}\n- say: Done.\n"
    );
    format!(
        "- on:\n    try: 1\n    steps:\n      - claim: {{ summary: all done, commits: 1 }}\n      \
         - say: Done.\n    else:\n{}",
        indented(6, &honest)
    )
}

#[test]
fn what_helped_is_offered_to_the_next_that_fails_alike_and_counted() {
    let world = World::ready();
    let file = world.ticket("Round the total", &careless("src/a.txt", "committed what I wrote"));
    let said = world.run(&["run", "-f", &file]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let record = &world.json(&["show", "APP-1"])["records"][0];
    assert_eq!(record["class"], "no_commit", "{record}");
    assert_eq!(record["checks"][0], "commits", "{record}");
    let lesson = world.json(&["lessons"])["lessons"][0].take();
    assert_eq!(lesson["id"], "L1", "{lesson}");
    assert_eq!(lesson["text"], "committed what I wrote");
    assert_eq!(lesson["class"], "no_commit");
    assert_eq!(lesson["source"]["ticket"], "APP-1");

    let file = world.ticket("Paint the door", &careless("src/b.txt", "did as L1 says"));
    let said = world.run(&["run", "-f", &file]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let brief = world.done(&["brief", "APP-2"]);
    for told in [
        "<lessons from=\"project\">",
        "- L1, said by agent scripted of APP-1, which landed as ",
        "against: nothing was committed",
        "committed what I wrote",
        "It failed (nothing was committed): ",
    ] {
        assert!(brief.contains(told), "no `{told}` in {brief}");
    }
    let lessons = world.json(&["lessons"])["lessons"].take();
    assert_eq!(lessons.as_array().unwrap().len(), 1, "it was known: {lessons}");
    assert_eq!((&lessons[0]["offered"], &lessons[0]["helped"]), (&1.into(), &1.into()));

    world.done(&["lessons", "add", "Ask before you touch the schema", "--path", "db/**"]);
    let found = world.json(&["lessons", "search", "schemas"])["lessons"].take();
    assert_eq!(found[0]["id"], "L2", "{found}");
    world.done(&["lessons", "remove", "L2"]);
    let gone = world.run(&["lessons", "remove", "L2"]);
    assert_eq!(gone.code, 4, "{}{}", gone.out, gone.err);
    world.done(&["doctor", "--replay"]);
}

#[test]
fn the_same_failure_again_is_told_and_begins_anew() {
    let world = World::with_policy(&format!(
        "{}\n[agents]\ndefault = \"scripted\"\n[limits]\ntries = 4\n[retry]\nsame_failure = \"fresh\"\n",
        crate::world::POLICY
    ));
    let file = world.ticket("Never mind", "- say: Done.\n");
    assert_eq!(world.run(&["run", "-f", &file]).code, 6);
    let shown = world.json(&["show", "APP-1"]);
    let starts: Vec<&str> =
        shown["attempts"].as_array().unwrap().iter().filter_map(|a| a["start"].as_str()).collect();
    assert_eq!(starts, ["fresh", "resume", "fresh", "fresh"]);
    assert_eq!(shown["records"][1]["same_as"], shown["records"][0]["job"]);
    let text = world.done(&["show", "APP-1"]);
    assert!(text.contains("try 2 failed (no_commit)"), "{text}");
    assert!(text.contains("the same failure as"), "{text}");
    let brief = world.done(&["brief", "APP-1"]);
    assert!(brief.contains("failed in the same way as try"), "{brief}");
    assert!(world.done(&["packet", "APP-1"]).contains("- kind of failure: `no_commit`"));
}
