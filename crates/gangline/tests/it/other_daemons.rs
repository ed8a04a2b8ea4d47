//! No daemon, a second one, one of another version, and one whose store is not what it was.

use std::io::{Read as _, Write as _};
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
