//! All that must not be lost, in one file, and back from it.

use std::path::Path;

use crate::world::World;

/// A world with one ticket landed, one in the middle of its work, and their backup.
fn backed_up() -> (World, String) {
    let world = World::ready();
    let landed = world.add("Landed", "- write: { path: a.txt, text: a }\n- commit: A\n");
    assert_eq!(world.run(&["run", &landed]).code, 0);
    let steps = "- say: at work\n- hang: {}\n";
    let working = world.add("Working", steps);
    world.until_said(&working, "at work");
    let file = world.path("whole.tar").display().to_string();
    // As one leaves it that was killed.
    let copying = world.path("state/backing-up");
    std::fs::create_dir(&copying).unwrap();
    std::fs::write(copying.join("gangline.db"), "half of it").unwrap();
    let kept = world.json(&["backup", &file]);
    assert!(!copying.exists(), "nothing is left behind");
    assert_eq!(kept["projects"], serde_json::json!(["shop"]), "{kept}");
    assert!(kept["bytes"].as_u64().unwrap() > 100_000, "{kept}");
    (world, file)
}

#[test]
fn what_was_backed_up_is_there_again_on_another_machine() {
    let (mut world, file) = backed_up();
    let commit = world.json(&["show", "APP-1"])["landed"].clone();
    assert!(world.refused(&["backup", &file]).contains("is there already"));
    assert!(world.refused(&["restore", &file]).contains("there is a store"));
    assert!(world.refused(&["restore", &file, "--force"]).contains("the daemon runs"));
    world.done(&["down", "--jobs"]);
    let other = world.path("elsewhere").display().to_string();
    world.set("GANGLINE_STATE_DIR", &other);
    let restored = world.json(&["restore", &file]);
    assert_eq!(restored["kept"], serde_json::Value::Null, "{restored}");
    world.done(&["up", "--detach"]);
    let shown = world.json(&["show", "APP-1"]);
    assert_eq!((&shown["state"], &shown["landed"]), (&"landed".into(), &commit));
    assert!(world.done(&["logs", "APP-1"]).contains("commit"), "its journal came along");
    let verified = world.done(&["doctor", "--replay"]);
    assert!(!verified.contains("FAIL"), "{verified}");
    // What was at work begins anew, and has lost no try.
    world.until_said("APP-2", "at work");
    assert_eq!(world.json(&["show", "APP-2"])["tries_spent"], 0);
    let after = world.add("After", "- write: { path: b.txt, text: b }\n- commit: B\n");
    assert_eq!(world.run(&["run", &after]).code, 0, "the hub goes on");
    assert!(Path::new(&other).join("projects/shop/hub.git").is_dir());
}

#[test]
fn a_restore_over_a_store_moves_it_aside_and_one_that_was_killed_is_finished() {
    let (world, file) = backed_up();
    let later = world.add("Later", "- write: { path: c.txt, text: c }\n- commit: C\n");
    assert_eq!(world.run(&["run", &later]).code, 0);
    world.done(&["down", "--jobs"]);
    // As it stands when the process dies behind the mark.
    std::fs::write(world.path("state/restoring.mark"), &file).unwrap();
    let refused = world.refused(&["up", "--detach"]);
    assert!(refused.contains("a restore was broken off"), "{refused}");
    assert!(refused.contains("gangline restore ~/whole.tar --force"), "{refused}");
    let restored = world.json(&["restore", &file, "--force"]);
    let aside = restored["kept"].as_str().unwrap().strip_prefix("~/").unwrap();
    assert!(world.path(aside).join("projects/shop/hub.git").is_dir(), "{restored}");
    assert!(!world.path("state/restoring").exists());
    world.done(&["up", "--detach"]);
    assert!(world.refused(&["show", &later]).starts_with("exit 4"), "it was added later");
    assert_eq!(world.state("APP-1"), "landed");
}

#[test]
fn what_is_no_whole_backup_changes_nothing() {
    let (world, file) = backed_up();
    world.done(&["down", "--jobs"]);
    let whole = std::fs::read(&file).unwrap();
    let cut = world.path("cut.tar");
    std::fs::write(&cut, &whole[..whole.len() / 2]).unwrap();
    let text = world.path("text.tar");
    std::fs::write(&text, "no backup").unwrap();
    for (file, why) in [(&cut, "cannot be restored"), (&text, "cannot be restored")] {
        let file = file.display().to_string();
        let refused = world.refused(&["restore", &file, "--force"]);
        assert!(refused.contains(why), "{refused}");
        assert!(!world.path("state/restoring.mark").exists());
    }
    // An archive that would write elsewhere.
    let evil = world.path("evil.tar").display().to_string();
    std::fs::write(&evil, renamed(whole, b"projects/../../outside")).unwrap();
    let refused = world.refused(&["restore", &evil, "--force"]);
    assert!(refused.contains("it has projects/../../outside"), "{refused}");
    assert!(!world.path("outside").exists());
    let absent = world.refused(&["restore", "nowhere.tar", "--force"]);
    assert!(absent.starts_with("exit 4"), "{absent}");
    world.done(&["up", "--detach"]);
    assert_eq!(world.state("APP-1"), "landed");
}

/// The archive with another name for the last entry of a project, and a head that adds up.
fn renamed(mut archive: Vec<u8>, name: &[u8]) -> Vec<u8> {
    let is_head =
        |block: &[u8]| block.starts_with(b"projects/") && block[257..].starts_with(b"ustar");
    let at = archive.chunks_exact(512).rposition(is_head).unwrap() * 512;
    let head = &mut archive[at..at + 512];
    head[..100].fill(0);
    head[..name.len()].copy_from_slice(name);
    head[148..156].fill(b' ');
    let sum: u32 = head.iter().map(|byte| u32::from(*byte)).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    archive
}
