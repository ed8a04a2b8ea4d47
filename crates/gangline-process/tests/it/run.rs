//! `Cmd::output`.

use std::time::Duration;

use gangline_process::{Cmd, Exit, Limits, RunError, Sandbox, SpawnError, marked, sweep};
use tempfile::tempdir;

use crate::role;
use crate::world::{PATIENCE, kill, lives, marker, number_in, sh, until, until_gone};

/// Lines of `env` apart from the marker that this test itself may run under.
fn variables(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with("GANGLINE_")).collect()
}

#[tokio::test]
async fn the_environment_is_empty_but_for_what_is_named() {
    let bare = Cmd::new("env").output().await.unwrap();
    assert_eq!(variables(&bare.stdout.text()), Vec::<&str>::new());

    let named = Cmd::new("env").env("A", "1").env_from_host(&["PATH", "NO_SUCH_VARIABLE"]);
    let path = std::env::var("PATH").unwrap();
    let output = named.output().await.unwrap();
    assert_eq!(variables(&output.stdout.text()), ["A=1".to_owned(), format!("PATH={path}")]);

    let homely = Cmd::new("env").sandbox(Sandbox::none().home("/nowhere")).output().await.unwrap();
    assert_eq!(variables(&homely.stdout.text()), ["HOME=/nowhere"]);
}

#[tokio::test]
async fn debug_output_keeps_values_secret() {
    let shown = format!("{:?}", Cmd::new("x").env("TOKEN", "s3cret"));
    assert!(shown.contains("TOKEN") && !shown.contains("s3cret"), "{shown}");
}

#[tokio::test]
async fn output_carries_exit_code_and_both_streams() {
    let output = sh("echo out; echo err >&2; exit 3").output().await.unwrap();
    assert_eq!(output.status, Exit::Code(3));
    assert_eq!((output.stdout.text(), output.stderr.text()), ("out\n".into(), "err\n".into()));
    assert!(!output.timed_out && !output.success());
    assert_eq!(sh("kill -9 $$").output().await.unwrap().status, Exit::Signal(9));
}

#[tokio::test]
async fn stdin_is_empty_unless_fed() {
    assert_eq!(Cmd::new("cat").output().await.unwrap().stdout.total_bytes, 0);
    // More than pipes hold, in both directions at once.
    let bytes = vec![b'x'; 700_000];
    let output = Cmd::new("cat").stdin_bytes(bytes.clone()).output().await.unwrap();
    assert_eq!(output.stdout.bytes(), bytes);
    let unread = Cmd::new("true").stdin_bytes(bytes).output().await.unwrap();
    assert!(unread.success());
}

#[tokio::test]
async fn all_output_passes_the_tap_in_its_order_also_what_the_cap_cuts() {
    let mut heard = Vec::new();
    let line = sh("seq 1 20000; echo complaint >&2").cap_bytes(20);
    let output = line.output_through(&mut |bytes| heard.extend_from_slice(bytes)).await.unwrap();
    let numbers: Vec<String> = (1..=20_000).map(|n| format!("{n}\n")).collect();
    let expected = numbers.concat();
    assert_eq!(String::from_utf8(heard).unwrap(), expected);
    assert!(output.stdout.truncated);
    assert_eq!(output.stdout.total_bytes, expected.len() as u64);
    assert_eq!(output.stdout.clone().into_bytes(), output.stdout.bytes());
}

#[tokio::test]
async fn what_was_printed_before_the_deadline_has_passed_the_tap() {
    let mut heard = Vec::new();
    let line = sh("echo waiting; sleep 600").deadline(Duration::from_millis(300));
    let output = line.output_through(&mut |bytes| heard.extend_from_slice(bytes)).await.unwrap();
    assert!(output.timed_out);
    assert_eq!(heard, b"waiting\n");
}

#[tokio::test]
async fn output_beyond_the_cap_keeps_head_and_tail() {
    let output = sh("seq 1 20000; seq 1 20000 >&2").cap_bytes(20).output().await.unwrap();
    insta::assert_snapshot!(output.stdout.text(), @"
    1
    2
    3
    4
    5

    [... 108874 bytes cut ...]
    999
    20000
    ");
    assert!(output.stdout.truncated && output.stderr.truncated);
    assert_eq!(output.stdout.total_bytes, 108_894);
}

#[tokio::test]
async fn a_missing_program_is_told_from_a_missing_directory() {
    let here = tempdir().unwrap();
    let missing = Cmd::new("no-such-program").cwd(here.path()).output().await.unwrap_err();
    assert!(matches!(missing, RunError::Spawn(SpawnError::NotFound { .. })), "{missing:?}");

    let nowhere = Cmd::new("true").cwd(here.path().join("gone")).output().await.unwrap_err();
    let told = matches!(nowhere, RunError::Spawn(SpawnError::NoSuchDirectory { .. }));
    assert!(told, "{nowhere:?}");

    std::fs::write(here.path().join("text"), "no program").unwrap();
    let text = Cmd::new("./text").cwd(here.path()).output().await.unwrap_err();
    assert!(matches!(text, RunError::Spawn(SpawnError::PermissionDenied { .. })), "{text:?}");
}

#[tokio::test]
async fn limits_hold_for_the_program() {
    let limits =
        Limits { open_files: Some(64), file_size_bytes: Some(512 * 1024), ..Limits::default() };
    let output = sh("ulimit -n; ulimit -f; ulimit -c").limits(limits).output().await.unwrap();
    assert_eq!(output.stdout.text(), "64\n1024\n0\n");
}

#[tokio::test]
async fn the_deadline_ends_a_grandchild_in_a_session_of_its_own() {
    for marked_run in [true, false] {
        let dir = tempdir().unwrap();
        let file = dir.path().join("pid");
        let script = "setsid sh -c 'echo $$ > pid; exec sleep 300' & echo begun; sleep 300";
        let marker = marker();
        let mut cmd = sh(script).cwd(dir.path()).deadline(Duration::from_secs(2));
        if marked_run {
            cmd = cmd.marker(marker.clone());
        }
        let output = cmd.output().await.unwrap();
        assert!(output.timed_out && !output.success());
        assert_eq!(output.stdout.text(), "begun\n");
        let grandchild = number_in(&file).expect("the grandchild had two seconds to begin");
        assert!(!lives(grandchild), "marked: {marked_run}");
        assert_eq!(marked(&marker), []);
    }
}

#[tokio::test]
async fn what_the_program_leaves_in_its_group_ends_with_it() {
    let output = sh("sleep 300 & echo $!").output().await.unwrap();
    assert!(output.success());
    until_gone(output.stdout.text().trim().parse().unwrap()).await;
}

#[tokio::test]
async fn a_marked_daemon_ends_with_the_program_that_left_it() {
    let script = "setsid sh -c 'echo $$ > pid; exec sleep 300' & until [ -s pid ]; do :; done";
    let dir = tempdir().unwrap();
    let output = sh(script).cwd(dir.path()).marker(marker()).output().await.unwrap();
    assert!(output.success());
    assert!(!lives(number_in(&dir.path().join("pid")).unwrap()));
}

#[tokio::test]
async fn an_unmarked_daemon_that_holds_the_pipe_holds_nobody_up() {
    let script = "setsid sh -c 'echo $$ > pid; exec sleep 300' & until [ -s pid ]; do :; done";
    let dir = tempdir().unwrap();
    let output = sh(script).cwd(dir.path()).output().await.unwrap();
    let daemon = number_in(&dir.path().join("pid")).unwrap();
    let survived = lives(daemon);
    kill(daemon);
    assert!(output.success() && !output.timed_out && output.duration < PATIENCE);
    assert!(survived, "this is what markers and sandboxes are for");
}

#[tokio::test]
async fn after_a_known_program_only_its_group_is_ended_and_the_jobs_end_finds_the_rest() {
    let marker = marker();
    let dir = tempdir().unwrap();
    let script = "sleep 300 & echo $! > group; \
                  setsid sh -c 'echo $$ > pid; exec sleep 300' & until [ -s pid ]; do :; done";
    let cmd = sh(script).cwd(dir.path()).marker(marker.clone()).stays_in_group();
    assert!(cmd.output().await.unwrap().success());
    until_gone(number_in(&dir.path().join("group")).unwrap()).await;

    let daemon = number_in(&dir.path().join("pid")).unwrap();
    assert!(lives(daemon), "the process table was searched all the same");
    assert!(sweep(&marker, PATIENCE).await.is_proven());
    assert!(!lives(daemon));
}

#[tokio::test]
async fn the_end_of_one_command_spares_the_others_of_its_job() {
    let marker = marker();
    let mut other = Cmd::new("sleep").arg("300").marker(marker.clone()).spawn().unwrap();
    let output = sh("setsid sleep 300 & exit 0").marker(marker.clone()).output().await.unwrap();
    assert!(output.success());
    assert_eq!(marked(&marker), [other.pid()]);

    let proof = sweep(&marker, PATIENCE).await;
    assert_eq!((proof.killed, proof.survivors), (vec![other.pid()], vec![]));
    assert_eq!(other.wait().await, Exit::Signal(9));
}

#[tokio::test]
async fn a_sweep_finds_children_that_shed_the_marker() {
    let marker = marker();
    let dir = tempdir().unwrap();
    let script = "env -i setsid sh -c 'echo $$ > pid; exec sleep 300' & exec sleep 300";
    let mut child = sh(script).cwd(dir.path()).marker(marker.clone()).spawn().unwrap();
    let file = dir.path().join("pid");
    let shed = until("the child has begun", || number_in(&file)).await;
    assert!(sweep(&marker, PATIENCE).await.is_proven());
    assert!(!lives(shed));
    child.wait().await;
}

#[tokio::test]
async fn dropping_the_run_ends_the_program() {
    let dir = tempdir().unwrap();
    let file = dir.path().join("pid");
    let script = "setsid sh -c 'echo $$ > pid; exec sleep 300' & sleep 300";
    let running = sh(script).cwd(dir.path()).marker(marker()).output();
    let grandchild = tokio::select! {
        _ = running => panic!("it runs for minutes"),
        pid = until("the grandchild has begun", || number_in(&file)) => pid,
    };
    until_gone(grandchild).await;
}

#[tokio::test]
async fn a_marked_process_hands_its_marker_on() {
    let marker = marker();
    let mut role = role::play("hand-on-marker", "").marker(marker.clone()).spawn().unwrap();
    let (said, _rest) = role::first_line(&mut role).await;
    assert_eq!(said, format!("GANGLINE_JOB={marker}"));
    assert!(role.wait().await.success());
}
