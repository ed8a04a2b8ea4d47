//! `FileLock` between processes.

use gangline_process::FileLock;
use tempfile::tempdir;

use crate::role;
use crate::world::{kill, until};

#[tokio::test]
async fn a_lock_held_by_another_process_ends_with_it() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("lock");
    assert!(!FileLock::is_held(&path).unwrap());
    assert!(!path.exists(), "a look creates nothing");

    let mut holder = role::play("hold-lock", path.to_str().unwrap()).spawn().unwrap();
    assert_eq!(role::first_line(&mut holder).await.0, "ready");
    assert!(FileLock::is_held(&path).unwrap());
    assert!(FileLock::try_acquire(&path).unwrap().is_none());

    kill(holder.pid());
    holder.wait().await;
    assert!(!FileLock::is_held(&path).unwrap());
    let mine = FileLock::try_acquire(&path).unwrap().expect("the holder is dead");
    assert!(FileLock::is_held(&path).unwrap());
    drop(mine);
    assert!(!FileLock::is_held(&path).unwrap());
}

#[tokio::test]
async fn a_look_never_makes_a_new_holder_fail() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("lock");
    drop(FileLock::try_acquire(&path).unwrap());
    let looking = {
        let path = path.clone();
        std::thread::spawn(move || (0..2_000).for_each(|_| drop(FileLock::is_held(&path))))
    };
    while !looking.is_finished() {
        drop(FileLock::try_acquire(&path).unwrap().expect("nobody holds the lock"));
    }
    looking.join().unwrap();
}

#[tokio::test]
async fn a_replaced_lock_file_is_not_a_second_lock() {
    let dir = tempdir().unwrap();
    let path = dir.path().join("lock");
    let first = FileLock::try_acquire(&path).unwrap().unwrap();
    std::fs::remove_file(&path).unwrap();
    // Whoever removes lock files gets what they ask for, but the lock names the file there now.
    let second = until("the new file is locked", || FileLock::try_acquire(&path).unwrap()).await;
    assert!(FileLock::is_held(&path).unwrap());
    drop(first);
    assert!(FileLock::is_held(&path).unwrap());
    drop(second);
}
