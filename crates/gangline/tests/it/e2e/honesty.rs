//! What becomes of an agent's claims.

use crate::world::{World, indented};

const HONEST: &str = "\
- write: { path: src/total.txt, text: \"3.00\\n\" }
- commit: \"${KEY}: total\"
- claim: { summary: \"rounded half up\", commits: 1, files: [src/total.txt], tests_pass: true }
- say: Done.
";

#[test]
fn an_agent_that_lies_once_has_it_on_its_record() {
    let world = World::ready();
    let steps = format!(
        "- on:\n    try: 1\n    steps:\n      - claim: {{ summary: all done, commits: 1, tests_pass: true }}\n      \
         - say: Done, all tests pass.\n    else:\n{}",
        indented(6, HONEST)
    );
    let file = world.ticket("Lie first", &steps);
    let said = world.run(&["run", "-f", &file]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let mut records = world.json(&["agents", "record"])["agents"].take();
    assert!(records[0]["last_us"].take().as_i64().is_some_and(|at| at > 0));
    // The lie: a commit that is not there, and so not done; its tests were never run. Then done, with
    // commit, file and tests.
    let expected = serde_json::json!([{
        "agent": "scripted", "kind": "scripted", "attempts": 2, "passed": 1,
        "firsts": 1, "first_passed": 0, "claims_true": 4, "claims_false": 2,
        "claims_unproven": 1, "claims_read": 0, "last_us": null,
    }]);
    assert_eq!(records, expected);
    // A second ticket, honest at once.
    let key = world.add("Be honest", &HONEST.replace("3.00", "4.00"));
    let said = world.run(&["run", &key]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let record = &world.json(&["agents", "record"])["agents"][0];
    assert_eq!((record["firsts"].as_u64(), record["first_passed"].as_u64()), (Some(2), Some(1)));
    assert_eq!(
        (record["claims_true"].as_u64(), record["claims_false"].as_u64()),
        (Some(8), Some(2))
    );
    let shown = world.json(&["show", &key]);
    let checks = shown["report"]["checks"].as_array().unwrap();
    let told =
        |name: &str| checks.iter().find(|check| check["name"] == name).unwrap()["claim"].clone();
    assert_eq!(
        [told("commits"), told("files"), told("test"), told("clean")],
        ["true".into(), "true".into(), "true".into(), serde_json::Value::Null]
    );
    // The events alone tell the same.
    let replayed = world.done(&["doctor", "--replay"]);
    assert!(replayed.contains("give the stored rows"), "{replayed}");
}
