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

    let told = world.done(&["logs", &key, "--job", "shop.APP-1.a1"]);
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
