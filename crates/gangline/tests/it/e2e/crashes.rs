//! Daemons die and come back; jobs go on.

use std::io::BufRead as _;

use crate::world::World;

/// Works for two seconds, so that a daemon can die in the middle.
const SLOW: &str = "\
- write: { path: slow.txt, text: slow }
- say: working
- sleep: 2000
- commit: Slow
";

#[test]
fn a_job_outlives_a_killed_daemon_and_is_adopted() {
    let world = World::ready();
    let key = world.add("Slow", SLOW);
    world.until_said(&key, "working");
    world.kill_daemon();
    assert_eq!(world.run(&["list"]).code, 3);
    world.done(&["up", "--detach"]);
    let said = world.run(&["run", &key]);
    assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    let shown = world.json(&["show", &key]);
    assert_eq!(shown["attempts"].as_array().unwrap().len(), 1, "{shown:#}");
    assert_eq!(world.git("show main:slow.txt"), "slow");
    assert_eq!(world.git("log --format=%s main").matches("APP-1: Slow").count(), 1);
    let doctor = world.run(&["doctor", "--replay"]);
    assert_eq!(doctor.code, 0, "{}", doctor.out);
    assert!(doctor.out.contains("give the stored rows"), "{}", doctor.out);
}

#[test]
fn an_ended_daemon_leaves_its_jobs_unless_told_otherwise() {
    let world = World::ready();
    let key = world.add("Slow", SLOW);
    world.until_said(&key, "working");
    let said = world.done(&["down"]);
    assert_eq!(said, "the daemon has ended (process PID); 1 jobs go on without it\n");
    let doctor = world.run(&["doctor"]);
    assert!(doctor.out.contains("1 run without a daemon"), "{}", doctor.out);
    world.done(&["up", "--detach"]);
    assert_eq!(world.run(&["run", &key]).code, 0);

    let key = world.add("Waits", "- say: waiting\n- hang: {}\n");
    world.until_said(&key, "waiting");
    let said = world.done(&["down", "--jobs"]);
    assert_eq!(
        said,
        "the daemon has ended (process PID); 1 jobs were stopped, their work is kept\n"
    );
    assert_eq!(world.processes_at_work(), Vec::<String>::new());
}

#[test]
fn a_watcher_outlives_the_daemon_it_watches_through() {
    let world = World::ready();
    let file = world.ticket("Slow", SLOW);
    let mut run = world.program(&["run", "-f", &file], &world.repo);
    let mut run = run.stdout(std::process::Stdio::null()).spawn().unwrap();
    world.done(&["up", "--detach"]);
    while world.run(&["show", "APP-1"]).code != 0 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    world.until_said("APP-1", "working");
    world.kill_daemon();
    world.done(&["up", "--detach"]);
    assert_eq!(run.wait().unwrap().code(), Some(0));
}

#[test]
fn two_commands_at_once_start_one_daemon() {
    let world = World::ready();
    let start = || {
        let mut program = world.program(&["up", "--detach"], &world.repo);
        program.stdout(std::process::Stdio::null()).spawn().unwrap()
    };
    let mut both = [start(), start(), start()];
    for child in &mut both {
        assert!(child.wait().unwrap().success());
    }
    assert_eq!(world.json(&["up", "--detach"])["pid"], world.daemon());
}

#[test]
fn a_policy_that_was_committed_while_no_daemon_ran_counts() {
    let world = World::ready();
    world.done(&["up", "--detach"]);
    world.done(&["down"]);
    let policy = std::fs::read_to_string(world.repo.join("gangline.toml")).unwrap();
    world.write("gangline.toml", format!("{policy}\n[landing]\nreview = \"required\"\n"));
    world.git("commit --quiet -a -m Reviewed");
    let elsewhere = world.path("home");
    assert_eq!(world.run_in(&elsewhere, &["up", "--detach"]).code, 0);
    let begun = std::time::Instant::now();
    while world.json(&["project", "list"])["projects"][0]["review"] != "required" {
        assert!(begun.elapsed().as_secs() < 20, "the policy is never read anew");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

#[test]
fn a_daemon_in_the_foreground_ends_in_order_when_it_is_told_to() {
    let world = World::ready();
    let mut up = world.program(&["up"], &world.repo);
    let mut up = up.stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut said = std::io::BufReader::new(up.stdout.take().unwrap()).lines();
    assert!(said.any(|line| line.unwrap().starts_with("ready at ")), "it is never ready");
    let listed = world.json(&["project", "list"]);
    assert_eq!(listed["projects"][0]["name"], "shop");
    assert_eq!(up.id(), world.daemon());
    world.terminate(up.id());
    assert_eq!(up.wait().unwrap().code(), Some(0));
    assert!(!world.path("run/gangline.sock").exists());
}
