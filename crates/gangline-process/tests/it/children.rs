//! `Cmd::spawn`, ending, and what happens when the parent dies.

use std::time::Duration;

use gangline_process::{Child, Cmd, Exit, JobMarker, MarkerError, ProcessIdentity};
use tempfile::tempdir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};

use crate::role;
use crate::world::{PATIENCE, kill, lives, marker, number_in, sh, until, until_gone};

/// Waits for the line by which a script says that its traps are set.
pub(crate) async fn ready(child: &mut Child) {
    let mut lines = BufReader::new(child.take_stdout().unwrap()).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.unwrap().unwrap();
    assert_eq!(line.as_deref(), Some("ready"));
}

#[tokio::test]
async fn a_child_talks_over_its_pipes() {
    let mut child = Cmd::new("cat").spawn().unwrap();
    let (mut into, mut from) = (child.take_stdin().unwrap(), child.take_stdout().unwrap());
    into.write_all(b"hello").await.unwrap();
    drop(into);
    let mut said = String::new();
    from.read_to_string(&mut said).await.unwrap();
    assert_eq!((said.as_str(), child.wait().await), ("hello", Exit::Code(0)));
    assert!(child.take_stdin().is_none());
    assert_eq!(child.wait().await, Exit::Code(0), "the end is remembered");
}

#[tokio::test]
async fn a_child_is_asked_before_it_is_killed() {
    let script = "trap 'exit 7' INT; echo ready; while :; do sleep 0.05; done";
    let mut child = sh(script).spawn().unwrap();
    ready(&mut child).await;
    let proof = child.end(PATIENCE).await;
    assert_eq!((proof.killed, proof.survivors), (vec![], vec![]));
    assert_eq!(child.wait().await, Exit::Code(7));
}

#[tokio::test]
async fn a_deaf_child_is_killed() {
    let script = "trap '' INT TERM; echo ready; while :; do sleep 0.05; done";
    let mut child = sh(script).spawn().unwrap();
    ready(&mut child).await;
    let proof = child.end(Duration::from_millis(200)).await;
    assert!(proof.killed.contains(&child.pid()) && proof.is_proven(), "{proof:?}");
    assert_eq!(child.wait().await, Exit::Signal(9));
}

#[tokio::test]
async fn ending_takes_along_what_left_the_group() {
    let dir = tempdir().unwrap();
    let script = "nohup setsid sh -c 'echo $$ > pid; exec sleep 300' & exec sleep 300";
    let mut child = sh(script).cwd(dir.path()).spawn().unwrap();
    let file = dir.path().join("pid");
    let tool = until("the tool has begun", || number_in(&file)).await;
    let proof = child.end(PATIENCE).await;
    assert!(proof.killed.contains(&tool) && proof.is_proven(), "{proof:?}");
    assert!(!lives(tool));
}

#[tokio::test]
async fn dropping_a_child_kills_it_and_its_tools() {
    let dir = tempdir().unwrap();
    let script = "setsid sh -c 'echo $$ > pid; exec sleep 300' & exec sleep 300";
    let child = sh(script).cwd(dir.path()).marker(marker()).spawn().unwrap();
    let file = dir.path().join("pid");
    let tool = until("the tool has begun", || number_in(&file)).await;
    let pid = child.pid();
    drop(child);
    until_gone(pid).await;
    until_gone(tool).await;
}

#[tokio::test]
async fn a_child_dies_with_a_killed_parent_but_not_with_a_thread() {
    // Spawned from a thread that ends at once: the kernel counts threads as parents.
    let runtime = tokio::runtime::Handle::current();
    let spawning = std::thread::spawn(move || {
        let _entered = runtime.enter();
        Cmd::new("cat").spawn().unwrap()
    });
    let mut child = spawning.join().unwrap();
    child.take_stdin().unwrap().write_all(b"still here").await.unwrap();
    let mut said = String::new();
    child.take_stdout().unwrap().read_to_string(&mut said).await.unwrap();
    assert_eq!((said.as_str(), child.wait().await), ("still here", Exit::Code(0)));

    let mut parent = role::play("supervise-plainly", "").spawn().unwrap();
    let grandchild = role::first_line(&mut parent).await.0.parse().unwrap();
    assert!(lives(grandchild));
    kill(parent.pid());
    until_gone(grandchild).await;
    parent.wait().await;
}

#[tokio::test]
async fn the_identity_of_a_dead_process_is_not_alive() {
    let own = ProcessIdentity::current().unwrap();
    assert!(own.is_alive());
    let other_boot = ProcessIdentity { boot_id: "another".into(), ..own.clone() };
    let namesake = ProcessIdentity { start_ticks: own.start_ticks + 1, ..own };
    assert!(!other_boot.is_alive() && !namesake.is_alive());

    let mut child = Cmd::new("cat").spawn().unwrap();
    let identity = ProcessIdentity::of(child.pid()).unwrap().unwrap();
    assert!(identity.is_alive());
    drop(child.take_stdin());
    // Nobody has reaped it yet: a zombie is as dead.
    until("the child is a zombie", || (!identity.is_alive()).then_some(())).await;
    child.wait().await;
    assert!(!identity.is_alive());
}

#[tokio::test]
async fn a_marker_cannot_hold_what_an_environment_block_separates() {
    assert_eq!(JobMarker::new(""), Err(MarkerError::Length { length: 0 }));
    assert_eq!(JobMarker::new("a".repeat(129)), Err(MarkerError::Length { length: 129 }));
    for (text, character) in [("a b", ' '), ("a=b", '='), ("a\0b", '\0'), ("é", 'é')] {
        assert_eq!(JobMarker::new(text), Err(MarkerError::Character { character }));
    }
    assert_eq!(JobMarker::new("job-7.x_Y").unwrap().as_str(), "job-7.x_Y");
}
