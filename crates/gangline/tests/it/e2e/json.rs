//! `--json` on every command gives one document, or one a line.

use crate::world::World;

#[test]
fn every_command_speaks_json() {
    let world = World::ready();
    let key = world.add("One", "- write: { path: o.txt, text: o }\n- commit: O\n");
    let ended = world.run(&["--json", "run", &key]);
    assert_eq!(ended.code, 0, "{}", ended.out);
    let streams = [ended.out, world.done(&["--json", "logs", &key])];
    for line in streams.iter().flat_map(|stream| stream.lines()) {
        serde_json::from_str::<serde_json::Value>(line).expect(line);
    }
    let to = world.path("out").display().to_string();
    for args in [
        &["up", "--detach"][..],
        &["project", "add"],
        &["project", "list"],
        &["add", "--draft", "Two"],
        &["list"],
        &["top"],
        &["show", &key],
        &["diff", &key],
        &["worklog", &key],
        &["agents", "record"],
        &["logs", &key, "--export", &to],
        &["start", "APP-2"],
        &["pause"],
        &["resume"],
        &["node", "list"],
        &["node", "drain", "local"],
        &["node", "resume", "local"],
        &["hold", "APP-2"],
        &["cancel", "APP-2"],
        &["doctor"],
        &["init", "--force"],
        &["down"],
    ] {
        let document = world.json(args);
        assert!(document.get("error").is_none(), "{args:?}: {document:#}");
    }
}
