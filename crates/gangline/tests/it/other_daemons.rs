//! No daemon, a second one, one of another version, and one whose store is not what it was.

use std::io::{BufRead as _, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::os::unix::net::UnixListener;

use crate::world::World;

#[test]
fn no_daemon() {
    let world = World::ready();
    insta::assert_snapshot!(world.refused(&["list"]), @"
    exit 3
    error: no daemon answers at ~/run/gangline.sock
     next: gangline up --detach
    ");
    insta::assert_snapshot!(world.refused(&["down"]), @"
    exit 3
    error: no daemon answers at ~/run/gangline.sock
     next: gangline doctor
    ");
    insta::assert_snapshot!(world.refused(&["--json", "show", "APP-1"]), @r#"
    exit 3
    {"error":{"causes":[],"code":"no_daemon","exit":3,"message":"no daemon answers at ~/run/gangline.sock","next":["gangline up --detach"]}}
    "#);
}

#[test]
fn a_second_daemon_is_refused_with_the_first_ones_process() {
    let world = World::ready();
    world.done(&["up", "--detach"]);
    insta::assert_snapshot!(world.refused(&["up"]), @"
    exit 5
    error: a daemon runs already: process PID
     next: gangline list
       or: gangline down
    ");
    insta::assert_snapshot!(world.done(&["up", "--detach"]), @"
    the daemon runs already (process PID)
    project shop is as it was: ~/shop, target main
    ");
    // One that cannot see the first one's socket still meets its lock.
    std::fs::create_dir(world.path("elsewhere")).unwrap();
    let mut second = world.program(&["up"], &world.repo);
    second.env("GANGLINE_RUNTIME_DIR", world.path("elsewhere"));
    let output = second.output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(5), "{said}");
    assert!(said.starts_with("error: another daemon uses the store"), "{said}");
    world.done(&["down"]);
    insta::assert_snapshot!(world.refused(&["down"]), @"
    exit 3
    error: no daemon answers at ~/run/gangline.sock
     next: gangline doctor
    ");
}

#[test]
fn a_daemon_of_another_version() {
    let world = World::ready();
    let listener = UnixListener::bind(world.path("run/gangline.sock")).unwrap();
    let answering = std::thread::spawn(move || {
        let answer = "HTTP/1.1 200 OK\r\ngangline-api: 9\r\ngangline-version: 7.0.0\r\n\
                      content-length: 2\r\nconnection: close\r\n\r\n{}";
        for _ in 0..2 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut asked = [0; 4096];
            let _read = stream.read(&mut asked).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    insta::assert_snapshot!(world.refused(&["list"]), @"
    exit 3
    error: the daemon is gangline 7.0.0 and speaks API version 9; this is gangline 0.1.0 and speaks 1
     next: gangline down && gangline up --detach
    ");
    insta::assert_snapshot!(world.refused(&["add", "x"]), @"
    exit 3
    error: the daemon is gangline 7.0.0 and speaks API version 9; this is gangline 0.1.0 and speaks 1
     next: gangline down && gangline up --detach
    ");
    answering.join().unwrap();
    std::fs::remove_file(world.path("run/gangline.sock")).unwrap();
}

#[test]
fn something_else_at_the_socket() {
    let world = World::ready();
    let listener = UnixListener::bind(world.path("run/gangline.sock")).unwrap();
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut asked = [0; 4096];
        let _read = stream.read(&mut asked).unwrap();
        stream.write_all(b"220 mail.example.org ESMTP\r\n\r\n").unwrap();
    });
    insta::assert_snapshot!(world.refused(&["list"]), @"
    exit 3
    error: what answers at ~/run/gangline.sock is not a gangline daemon
     next: gangline doctor
    ");
    answering.join().unwrap();
    std::fs::remove_file(world.path("run/gangline.sock")).unwrap();
}

#[test]
fn a_socket_that_a_killed_daemon_left_is_replaced() {
    let world = World::ready();
    drop(UnixListener::bind(world.path("run/gangline.sock")).unwrap());
    world.done(&["up", "--detach"]);
}

#[test]
fn a_store_that_is_damaged_or_somebody_elses() {
    let world = World::ready();
    std::fs::write(world.path("state/gangline.db"), vec![7; 8192]).unwrap();
    let said = world.refused(&["add", "x"]);
    insta::assert_snapshot!(said, @"
    exit 3
    error: the daemon did not start: it ended with exit code 1
      | error: ~/state/gangline.db is not a store of Gangline
      |  next: move ~/state/gangline.db away, or choose another state folder
     next: less ~/state/daemon.log
       or: gangline doctor
    ");
    assert_eq!(std::fs::read(world.path("state/gangline.db")).unwrap(), vec![7; 8192]);
}

#[test]
fn a_damaged_store_is_restored_from_the_newest_backup_and_kept_aside() {
    let world = World::ready();
    world.done(&["add", "--draft", "kept"]);
    world.done(&["down"]);
    // The next start finds events and no backup.
    world.done(&["up", "--detach"]);
    let backup = world.until_backed_up();
    world.done(&["add", "--draft", "lost"]);
    world.done(&["down"]);

    let said = world.refused(&["doctor", "--restore-backup", &backup]);
    assert!(said.starts_with("exit 5\nerror: nothing is wrong with ~/state/gangline.db"), "{said}");

    let database = world.path("state/gangline.db");
    let file = std::fs::File::options().write(true).open(&database).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    let damaged = std::fs::read(&database).unwrap();
    let told = |said: String| {
        let said = said.replace(&world.shown(&backup), "BACKUP");
        let (before, age) = said.split_once("backup is ").unwrap_or_else(|| panic!("{said}"));
        let (_, after) = age.split_once(" old").unwrap();
        format!("{before}backup is AGE old{after}")
    };
    insta::assert_snapshot!(told(world.refused(&["up"])), @"
    exit 1
    error: ~/state/gangline.db is damaged: database disk image is malformed
      | the newest whole backup is AGE old and as of event 2: BACKUP
     next: gangline doctor --restore-backup BACKUP
    ");
    let doctor = world.run(&["doctor"]);
    assert_eq!(doctor.code, 1);
    let restore = format!("gangline doctor --restore-backup {}", world.shown(&backup));
    assert!(doctor.out.contains(&restore), "{}", doctor.out);
    insta::assert_snapshot!(told(world.refused(&["doctor", "--restore-backup", "test.sh"])), @"
    exit 1
    error: the backup ~/shop/test.sh cannot be restored
      because it is damaged: file is not a database
      | the newest whole backup is AGE old and as of event 2: BACKUP
     next: gangline doctor --restore-backup BACKUP
    ");
    insta::assert_snapshot!(told(world.refused(&["doctor", "--restore-backup", "absent"])), @"
    exit 4
    error: the backup ~/shop/absent cannot be restored: No such file or directory (os error 2)
      | the newest whole backup is AGE old and as of event 2: BACKUP
     next: gangline doctor --restore-backup BACKUP
    ");
    assert_eq!(std::fs::read(&database).unwrap(), damaged, "a refusal changed the store");

    let restored = world.json(&["doctor", "--restore-backup", &backup]);
    let kept = restored["kept"].as_str().unwrap_or_else(|| panic!("{restored:#}"));
    let kept = kept.replace('~', &world.path("").display().to_string());
    assert_eq!(std::fs::read(kept).unwrap(), damaged);
    world.done(&["up", "--detach"]);
    let tickets = world.json(&["list"])["tickets"].clone();
    let titles: Vec<_> = tickets.as_array().unwrap().iter().map(|t| t["title"].clone()).collect();
    assert_eq!(titles, ["kept"]);
    assert!(
        world
            .refused(&["doctor", "--restore-backup", &backup, "--force"])
            .contains("gangline down")
    );
}

#[test]
fn a_store_that_is_damaged_under_a_daemon_stops_it_with_the_way_back() {
    let world = World::ready();
    world.done(&["add", "--draft", "kept"]);
    world.done(&["down"]);
    world.done(&["up", "--detach"]);
    let backup = world.shown(&world.until_backed_up());
    let database = world.path("state/gangline.db");
    let file = std::fs::File::options().write(true).open(&database).unwrap();
    for page in 1..file.metadata().unwrap().len() / 4096 {
        file.write_all_at(&[0x5a; 512], page * 4096).unwrap();
    }
    insta::assert_snapshot!(world.refused(&["add", "--draft", "y"]), @"
    exit 75
    error: the store is corrupt, and the orchestrator stops; nothing more is done until it is mended
     next: gangline doctor
    ");
    world.until_gone();
    let log = world.shown(&std::fs::read_to_string(world.path("state/daemon.log")).unwrap());
    assert!(log.contains(&format!("next: gangline doctor --restore-backup {backup}")), "{log}");
}

#[test]
fn a_directory_whose_path_is_too_long_for_sockets() {
    let mut world = World::ready();
    let long = world.path(&"long".repeat(25));
    std::fs::create_dir(&long).unwrap();
    world.set("GANGLINE_RUNTIME_DIR", &long.display().to_string());
    let said = world.refused(&["up"]);
    assert!(said.contains("GANGLINE_RUNTIME_DIR"), "{said}");
}

#[test]
fn a_relative_directory_is_refused() {
    let mut world = World::ready();
    world.set("GANGLINE_STATE_DIR", "state");
    insta::assert_snapshot!(world.refused(&["list"]), @r#"
    exit 1
    error: GANGLINE_STATE_DIR is not an absolute path: state
     next: export GANGLINE_STATE_DIR="$PWD/state"
    "#);
}

#[test]
fn a_full_disk_refuses_what_it_cannot_keep_and_keeps_what_it_has_answered() {
    let world = World::ready();
    std::fs::write(world.path("config/config.toml"), "[daemon]\nballast_mib = 2\n").unwrap();
    let mut disk = SmallDisk::with_a_daemon(&world, 16);
    let mut answered = vec![];
    let mut add = |count: usize| {
        for _ in 0..count {
            let said = world.run(&["add", "--draft", "x", "--body", &"x".repeat(20_000)]);
            if said.code != 0 {
                return Some(format!("exit {}\n{}", said.code, said.err));
            }
            answered.push(said.out.split(' ').next().unwrap().to_owned());
        }
        None
    };
    assert_eq!(add(3), None);
    disk.fill();
    let refused = add(200).expect("a full disk takes everything");
    insta::assert_snapshot!(refused, @"
    exit 75
    error: the disk of the store is full; nothing was done
     next: make space, and repeat it
    ");
    // What was held back takes what comes next.
    assert_eq!(add(3), None);
    disk.free();
    assert_eq!(add(3), None);
    let listed = world.json(&["list"]);
    let listed: Vec<_> = listed["tickets"].as_array().unwrap().iter().map(|t| &t["key"]).collect();
    assert_eq!(listed, answered.iter().collect::<Vec<_>>());
    disk.end();
}

/// A daemon whose state directory is a disk of its own, in namespaces that end with it.
struct SmallDisk {
    shell: std::process::Child,
    said: std::io::Lines<std::io::BufReader<std::process::ChildStdout>>,
}

impl SmallDisk {
    fn with_a_daemon(world: &World, mib: u32) -> Self {
        let script = format!(
            "set -e; cd \"$GANGLINE_STATE_DIR\"; \
             mount -t tmpfs -o size={mib}m,mode=700 gangline-test .; cd .; \
             cd \"$OLDPWD\"; \"$0\" up & up=$!; \
             while read -r word; do case $word in \
             fill) cat /dev/zero > \"$GANGLINE_STATE_DIR/fill\" 2>/dev/null || echo filled;; \
             free) rm \"$GANGLINE_STATE_DIR/fill\"; echo freed;; \
             end) kill $up; wait $up; echo ended; exit 0;; esac; done"
        );
        let mut shell = world.other("unshare");
        shell.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]);
        shell.arg(World::program_file());
        shell.stdin(std::process::Stdio::piped()).stdout(std::process::Stdio::piped());
        let mut shell = shell.spawn().unwrap();
        let said = std::io::BufReader::new(shell.stdout.take().unwrap()).lines();
        let mut disk = Self { shell, said };
        disk.until("ready at ");
        disk
    }

    fn until(&mut self, start: &str) {
        let found = self.said.any(|line| line.unwrap().starts_with(start));
        assert!(found, "it ends without `{start}`");
    }

    fn ask(&mut self, word: &str, answer: &str) {
        writeln!(self.shell.stdin.as_mut().unwrap(), "{word}").unwrap();
        self.until(answer);
    }

    fn fill(&mut self) {
        self.ask("fill", "filled");
    }

    fn free(&mut self) {
        self.ask("free", "freed");
    }

    fn end(mut self) {
        self.ask("end", "ended");
        assert!(self.shell.wait().unwrap().success());
    }
}
