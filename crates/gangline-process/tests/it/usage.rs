//! What a tree uses, as seen from outside.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::Duration;

use gangline_process::{Limits, Sandbox, folder_bytes, tree_memory, tree_usage};
use tempfile::tempdir;

use crate::world::{sh, until};

const MANY: u64 = 100_000;
const MIB: u64 = 1024 * 1024;

#[tokio::test]
async fn a_tree_is_counted_with_what_left_its_parents() {
    let script = "(setsid sleep 300 &) ; sleep 300 & sleep 300";
    let mut child = sh(script).sandbox(Sandbox::with_system()).spawn().unwrap();
    let pid = child.pid();
    // The sandbox's first process, the shell, and three that sleep.
    until("all of it runs", || (tree_usage(pid, &[], MANY).tasks >= 5).then_some(())).await;
    assert!(tree_usage(pid, &[], 2).tasks <= 3, "it stops counting");
    assert!(child.end(Duration::ZERO).await.is_proven());
    assert_eq!(tree_usage(pid, &[], MANY).tasks, 0);
}

#[tokio::test]
async fn memory_and_processor_time_are_seen() {
    let script = "x=$(head -c 60000000 /dev/zero | tr '\\0' x); echo held; \
                  i=0; while :; do i=$((i + 1)); done";
    for sandbox in [Sandbox::none(), Sandbox::with_system()] {
        let mut child = sh(script).sandbox(sandbox).spawn().unwrap();
        let pid = child.pid();
        let own = std::process::id();
        let held = || (tree_usage(own, &[], MANY).memory_bytes >= 50 * MIB).then_some(());
        until("the memory is held", held).await;
        assert!(tree_memory(own, &[], MANY) >= 50 * MIB);
        let burnt = || (tree_usage(own, &[], MANY).cpu >= Duration::from_millis(300)).then_some(());
        until("time is burnt", burnt).await;
        assert!(child.end(Duration::ZERO).await.is_proven());
        assert_eq!(tree_memory(pid, &[], MANY), 0);
    }
}

#[test]
fn a_folder_takes_what_its_own_files_take() {
    let (dir, other) = (tempdir().unwrap(), tempdir().unwrap());
    fs::create_dir(dir.path().join("deep")).unwrap();
    fs::write(dir.path().join("deep/file"), vec![1; 3_000_000]).unwrap();
    fs::hard_link(dir.path().join("deep/file"), dir.path().join("again")).unwrap();
    fs::write(other.path().join("file"), vec![1; 9_000_000]).unwrap();
    symlink(other.path(), dir.path().join("link")).unwrap();
    let bytes = folder_bytes(dir.path(), u64::MAX);
    assert!((3_000_000..3_200_000).contains(&bytes), "{bytes}");
    assert_eq!(folder_bytes(&dir.path().join("gone"), u64::MAX), 0);
}

#[tokio::test]
async fn limits_of_a_sandbox_hold_unless_the_command_has_its_own() {
    let limits = |files| Limits { open_files: Some(files), ..Limits::default() };
    for sandbox in [Sandbox::none(), Sandbox::with_system()] {
        let sandbox = sandbox.limits(limits(77));
        let inside = sh("ulimit -n").sandbox(sandbox.clone()).output().await.unwrap();
        assert_eq!(inside.stdout.text(), "77\n");
        let own = sh("ulimit -n").sandbox(sandbox).limits(limits(55)).output().await.unwrap();
        assert_eq!(own.stdout.text(), "55\n");
    }
    let cpu = Limits { cpu_seconds: Some(1), ..Limits::default() };
    let burner = sh("while :; do :; done").sandbox(Sandbox::with_system().limits(cpu));
    assert!(!burner.output().await.unwrap().success());
}
