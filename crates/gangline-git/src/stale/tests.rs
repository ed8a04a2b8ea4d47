use super::*;

#[test]
fn the_lock_is_read_from_what_git_says_and_only_within_the_hub() {
    let said = "error: cannot lock ref 'refs/gangline/targets/main': Unable to create \
                '/hub.git/./refs/gangline/targets/main.lock': File exists.\n\nAnother git process";
    let hub = Path::new("/hub.git");
    let lock = named(said, hub).unwrap();
    assert_eq!(lock, Path::new("/hub.git/refs/gangline/targets/main.lock"));
    assert_eq!(named(said, Path::new("/other.git")), None);
    assert_eq!(named(&said.replace("/./", "/../"), hub), None);
    assert_eq!(named("fatal: Unable to create '/hub.git/config': File exists.", hub), None);
    assert_eq!(named("fatal: not a repository", hub), None);
}

#[test]
fn a_lock_that_may_be_held_stays() {
    let world = tempfile::tempdir().unwrap();
    let lock = world.path().join("main.lock");
    let file = std::fs::File::create(&lock).unwrap();
    clear(&lock, world.path());
    assert!(lock.exists());
    file.set_modified(SystemTime::now() - STALE).unwrap();
    let other = FileLock::try_acquire(world.path().join(CLEARING)).unwrap();
    clear(&lock, world.path());
    assert!(lock.exists(), "somebody else is at it");
    drop(other);
    clear(&lock, world.path());
    assert!(!lock.exists());
}
