use std::fs;

use gangline_git::{Commits, ImportError, RefName, RefPrefix};

use crate::world::{World, commit_all, git, head_of, job, write};

#[tokio::test]
async fn the_same_bundle_again_changes_nothing() {
    let world = World::new().await;
    world.checkout().await;
    write(&world.worktree().join("a"), "committed\n");
    commit_all(&world.worktree(), "work");
    write(&world.worktree().join("b"), "uncommitted\n");
    let captured = world.capture().await;
    let first = world.import(&captured).await;
    let before = git(world.hub.path(), ["for-each-ref"]);
    assert_eq!(world.import(&captured).await, first);
    assert_eq!(git(world.hub.path(), ["for-each-ref"]), before);
    assert_eq!((first.new_commits, first.rescue.as_ref().map(|rescue| rescue.n)), (1, Some(1)));

    // The same files captured at another time are the same rescue.
    let later =
        world.capture_with(|request| request.time = gangline_domain::ids::Timestamp(1)).await;
    assert_ne!(later.rescue, captured.rescue);
    assert_eq!(world.import(&later).await.rescue, first.rescue);
    // Other files are not.
    write(&world.worktree().join("b"), "more\n");
    let more = world.capture().await;
    assert_eq!(world.import(&more).await.rescue.map(|rescue| rescue.n), Some(2));
}

#[tokio::test]
async fn an_amended_head_leaves_the_earlier_one_in_the_hub() {
    let world = World::new().await;
    world.checkout().await;
    write(&world.worktree().join("a"), "1\n");
    commit_all(&world.worktree(), "work");
    let first = world.import(&world.capture().await).await.head;
    git(&world.worktree(), ["commit", "--quiet", "--amend", "--message", "better"]);
    let second = world.import(&world.capture().await).await.head;
    assert_ne!(first, second);
    let attempt = RefName::attempt(&job("shop.APP-1.a1"));
    assert_eq!(world.hub.resolve(&attempt).await.unwrap(), Some(second));
    let listed = world.hub.list_refs(&RefPrefix::Gangline).await.unwrap();
    assert!(listed.iter().any(|(_, commit)| commit == &first), "{listed:?}");
    assert!(!listed.iter().any(|(name, _)| name.as_str().contains("incoming")), "{listed:?}");
}

#[tokio::test]
async fn a_bundle_that_is_too_large_torn_or_missing_is_refused_whole() {
    let world = World::new().await;
    world.checkout().await;
    write(&world.worktree().join("a"), &"line\n".repeat(1000));
    commit_all(&world.worktree(), "work");
    let captured = world.capture().await;
    let bundle = captured.bundle.clone().unwrap();
    let before = git(world.hub.path(), ["for-each-ref"]);

    let mut request = world.import_request(&captured);
    request.bundle_bytes_max = 10;
    let refused = world.hub.import_bundle(&request).await.unwrap_err();
    assert!(matches!(refused, ImportError::TooLarge { .. }), "{refused}");

    let whole = fs::read(&bundle).unwrap();
    for torn in [&whole[..whole.len() / 2], b"garbage", b""] {
        fs::write(&bundle, torn).unwrap();
        let refused = world.hub.import_bundle(&world.import_request(&captured)).await.unwrap_err();
        assert!(matches!(refused, ImportError::Rejected { .. }), "{refused}");
    }
    fs::remove_file(&bundle).unwrap();
    std::os::unix::fs::symlink(world.person().join("README.md"), &bundle).unwrap();
    let refused = world.hub.import_bundle(&world.import_request(&captured)).await.unwrap_err();
    assert!(matches!(refused, ImportError::NoBundle { .. }), "{refused}");
    assert_eq!(git(world.hub.path(), ["for-each-ref"]), before);
    let left = fs::read_dir(world.hub.path().join("gangline-import")).unwrap().count();
    assert_eq!(left, 0, "quarantines stay behind");
}

#[tokio::test]
async fn a_bundle_must_hold_what_the_capture_named_and_nothing_else() {
    let world = World::new().await;
    world.checkout().await;
    write(&world.worktree().join("a"), "1\n");
    commit_all(&world.worktree(), "work");
    let mut captured = world.capture().await;
    let honest = captured.clone();
    captured.head = world.base.clone();
    let refused = world.hub.import_bundle(&world.import_request(&captured)).await.unwrap_err();
    assert!(matches!(refused, ImportError::NotAsCaptured { .. }), "{refused}");
    // A head without a bundle must be known.
    captured = honest.clone();
    captured.bundle = None;
    let refused = world.hub.import_bundle(&world.import_request(&captured)).await.unwrap_err();
    assert!(matches!(refused, ImportError::NotAsCaptured { .. }), "{refused}");
    // A name that is not ours.
    let bundle = honest.bundle.clone().unwrap();
    git(&world.worktree(), ["update-ref", "refs/heads/main", "HEAD"]);
    git(
        &world.worktree(),
        ["bundle", "create", "--quiet", bundle.to_str().unwrap(), "refs/heads/main"],
    );
    let refused = world.hub.import_bundle(&world.import_request(&honest)).await.unwrap_err();
    assert!(matches!(refused, ImportError::NotAsCaptured { .. }), "{refused}");
}

#[tokio::test]
async fn a_bundle_on_commits_that_the_hub_lacks_is_refused() {
    let world = World::new().await;
    world.checkout().await;
    let tree = world.worktree();
    write(&tree.join("a"), "1\n");
    commit_all(&tree, "one");
    let one = head_of(&tree);
    write(&tree.join("a"), "2\n");
    commit_all(&tree, "two");
    let captured = world.capture().await;
    let bundle = captured.bundle.clone().unwrap();
    let name = "refs/gangline/capture/head";
    git(&tree, ["update-ref", name, "HEAD"]);
    let not = format!("^{one}");
    git(&tree, ["bundle", "create", "--quiet", bundle.to_str().unwrap(), name, &not]);
    let refused = world.hub.import_bundle(&world.import_request(&captured)).await.unwrap_err();
    assert!(matches!(refused, ImportError::MissingPrerequisites { .. }), "{refused}");
}

#[tokio::test]
async fn objects_that_fsck_forbids_are_refused_and_the_files_are_saved_all_the_same() {
    let world = World::new().await;
    world.checkout().await;
    let tree = world.worktree();
    write(&tree.join("src/lib.rs"), "work\n");
    commit_all(&tree, "work");
    // A commit as no git would write it by itself.
    let honest = git(&tree, ["cat-file", "commit", "HEAD"]);
    fs::write(tree.join("target-commit"), honest.replace("Person <", "Person <<")).unwrap();
    let commit = git(&tree, ["hash-object", "-t", "commit", "--literally", "-w", "target-commit"]);
    fs::remove_file(tree.join("target-commit")).unwrap();
    git(&tree, ["update-ref", "HEAD", &commit]);

    let captured = world.capture().await;
    let refused = world.hub.import_bundle(&world.import_request(&captured)).await.unwrap_err();
    assert!(
        matches!(&refused, ImportError::Rejected { detail } if detail.contains("badEmail")),
        "{refused}"
    );
    assert!(world.hub.resolve(&RefName::attempt(&job("shop.APP-1.a1"))).await.unwrap().is_none());

    let files = world.capture_with(|request| request.commits = Commits::Leave).await;
    let rescue = world.import(&files).await.rescue.unwrap().commit;
    assert_eq!(world.content(&rescue, "src/lib.rs").await.as_deref(), Some("work\n"));
}
