//! What the daemon does by itself for what it keeps.

use std::time::{Duration, Instant};

use crate::world::World;

#[test]
fn a_hub_in_which_much_has_gathered_is_packed_and_loses_nothing() {
    let world = World::ready();
    world.done(&["up", "--detach"]);
    world.done(&["down"]);
    let hub = world.path("state/projects/shop/hub.git");
    let tip = world.git("rev-parse main");
    let many = hub.join("refs/gangline/kept");
    std::fs::create_dir_all(&many).unwrap();
    for n in 0..1_001 {
        std::fs::write(many.join(n.to_string()), format!("{tip}\n")).unwrap();
    }
    assert!(world.done(&["doctor"]).contains("never packed anew"));
    world.done(&["up", "--detach"]);
    let begun = Instant::now();
    while std::fs::read_dir(&many).is_ok_and(|left| left.count() > 0) {
        assert!(begun.elapsed() < Duration::from_secs(40), "nobody packs it");
        std::thread::sleep(Duration::from_millis(50));
    }
    let kept = world.git_in(&hub, "for-each-ref refs/gangline/kept");
    assert_eq!(kept.lines().count(), 1_001);
    while !world.done(&["doctor"]).contains(" ago") {
        assert!(begun.elapsed() < Duration::from_secs(40), "nobody says that it was packed");
        std::thread::sleep(Duration::from_millis(50));
    }
    let key = world.add("After", "- write: { path: a.txt, text: a }\n- commit: A\n");
    assert_eq!(world.run(&["run", &key]).code, 0);
}

#[test]
fn a_journal_that_is_damaged_is_read_on_behind_the_damage() {
    let world = World::ready();
    let steps = "- say: before\n- write: { path: a.txt, text: a }\n- commit: A\n- say: behind\n";
    let key = world.add("Torn", steps);
    assert_eq!(world.run(&["run", &key]).code, 0);
    let runs = world.path("state/jobs/shop.APP-1.a1");
    let run = std::fs::read_dir(runs).unwrap().next().unwrap().unwrap().path();
    let journal = run.join("journal.jsonl");
    let mut bytes = std::fs::read(&journal).unwrap();
    let said = b"before";
    let at = bytes.windows(said.len()).position(|text| text == said).unwrap();
    bytes[at..at + said.len()].fill(0xff);
    bytes.extend_from_slice(b"{\"torn");
    std::fs::write(&journal, bytes).unwrap();

    let told = world.done(&["logs", &key, "--job", "a1"]);
    assert!(told.contains("a damaged line was passed over"), "{told}");
    assert!(told.contains("behind") && !told.contains("before"), "{told}");
    let to = world.path("out").display().to_string();
    world.done(&["logs", &key, "--export", &to]);
    std::fs::remove_file(&journal).unwrap();
    insta::assert_snapshot!(world.refused(&["logs", &key, "--job", "shop.APP-1.a1"]), @"
    exit 4
    error: shop.APP-1.a1 has no journal
     next: gangline show APP-1
    ");
}

#[test]
fn a_log_that_has_grown_goes_on_in_a_new_file_and_programs_can_read_it() {
    let world = World::ready();
    let config = world.path("config/config.toml");
    std::fs::write(config, "[daemon]\nlog_format = \"json\"\nlog_mib = 1\n").unwrap();
    let log = world.path("state/daemon.log");
    std::fs::create_dir_all(log.parent().unwrap()).unwrap();
    std::fs::write(&log, "x".repeat(1 << 20) + "\n").unwrap();
    std::fs::write(log.with_extension("log.1"), "older").unwrap();
    world.done(&["up", "--detach"]);
    let begun = Instant::now();
    let read = |name: &str| std::fs::read_to_string(log.with_extension(name)).unwrap_or_default();
    while read("log.2") != "older" || !log.exists() {
        assert!(begun.elapsed() < Duration::from_secs(40), "no new file is begun");
        std::thread::sleep(Duration::from_millis(50));
    }
    world.done(&["down"]);
    let old = read("log.1");
    let (filling, told) = old.split_once('\n').unwrap();
    assert_eq!(filling.len(), 1 << 20);
    let mut said = vec![];
    for line in told.lines().chain(read("log").lines()) {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        said.push(line["message"].as_str().unwrap().to_owned());
    }
    assert!(said.iter().any(|message| message == "ready"), "{said:?}");
    assert!(!read("log").is_empty(), "what it says at its end is in the new file");
}
