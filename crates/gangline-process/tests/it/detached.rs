//! `Cmd::spawn_detached`.

use gangline_process::{Cmd, Exit, ProcessIdentity, Sandbox, SandboxError, SpawnError};
use tempfile::tempdir;

use crate::role;
use crate::world::{kill, sh, until, until_gone};

#[tokio::test]
async fn a_detached_process_outlives_its_parent_and_is_found_by_its_identity() {
    let dir = tempdir().unwrap();
    let log = dir.path().join("log");
    std::fs::write(&log, "earlier\n").unwrap();

    let mut parent = role::play("detach", log.to_str().unwrap()).spawn().unwrap();
    let (said, _rest) = role::first_line(&mut parent).await;
    let pid = said.parse().unwrap();
    let identity = ProcessIdentity::of(pid).unwrap().unwrap();
    let ended = parent.wait().await;

    let written = until("both streams are in the log", || {
        std::fs::read_to_string(&log).ok().filter(|text| text.lines().count() == 3)
    });
    assert_eq!(written.await, "earlier\nout\nerr\n");
    let outlived = identity.is_alive();
    kill(pid);
    assert!(ended.success() && outlived);
    until_gone(pid).await;
    assert!(!identity.is_alive());
}

#[tokio::test]
async fn a_living_parent_reaps_and_learns_the_end() {
    let dir = tempdir().unwrap();
    let script = "[ \"$(ps -o sid= -p $$ | tr -d ' ')\" = $$ ] && exit 5";
    let mut detached = sh(script).spawn_detached(&dir.path().join("log")).unwrap();
    assert_eq!(detached.wait().await, Exit::Code(5), "it leads a session");
    assert_eq!(detached.wait().await, Exit::Code(5));
}

#[tokio::test]
async fn what_cannot_be_detached_is_refused() {
    let dir = tempdir().unwrap();
    let log = dir.path().join("log");
    let sandboxed = Cmd::new("true").sandbox(Sandbox::bubblewrap()).spawn_detached(&log);
    assert!(matches!(sandboxed, Err(SpawnError::Sandbox(SandboxError::Detached))));
    let unlogged = Cmd::new("true").spawn_detached(&dir.path().join("none/log"));
    assert!(matches!(unlogged, Err(SpawnError::Log { .. })));
}
