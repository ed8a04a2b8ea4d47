use std::fs;

use gangline_domain::ids::CommitId;
use gangline_git::{
    ChangeStatus, Expected, Hub, ObjectFormat, OpenHubError, ReadError, RefChange, RefName,
    RefPrefix, Spaces, WantedFile,
};

use crate::world::{World, branch, commit_all, git, head_of, job, write};

#[tokio::test]
async fn a_hub_is_made_once_however_many_open_it_at_once() {
    let world = World::new().await;
    let path = world.path().join("many");
    let mut opened = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let path = path.clone();
        opened.spawn(async move { Hub::open_or_create(&path, ObjectFormat::Sha1).await });
    }
    while let Some(hub) = opened.join_next().await {
        assert_eq!(hub.unwrap().unwrap().path(), path);
    }
    let config = |key: &str| git(&path, ["config", key]);
    assert_eq!(config("core.fsync"), "all");
    assert_eq!(config("fetch.fsckObjects"), "true");
    assert_eq!(config("gc.auto"), "0");
    assert!(!path.with_extension("partial").exists());
}

#[tokio::test]
async fn a_half_made_hub_is_made_anew_only_while_it_holds_nothing() {
    let world = World::new().await;
    let path = world.path().join("half");
    git(world.path(), ["init", "--quiet", "--bare", "half"]);
    let hub = Hub::open_or_create(&path, ObjectFormat::Sha1).await.unwrap();
    hub.fetch_target(&world.repo().await, &branch("main")).await.unwrap();
    fs::remove_file(path.join("gangline-hub.json")).unwrap();
    let refused = Hub::open_or_create(&path, ObjectFormat::Sha1).await;
    assert!(matches!(refused, Err(OpenHubError::Damaged { .. })), "{refused:?}");
    assert!(path.join("refs/gangline/targets/main").exists());
}

#[tokio::test]
async fn a_hub_of_another_object_format_is_refused_by_name() {
    let world = World::new().await;
    let refused = Hub::open_or_create(world.hub.path(), ObjectFormat::Sha256).await.unwrap_err();
    assert!(matches!(refused, OpenHubError::OtherFormat { .. }), "{refused}");
    let odd = Hub::open_or_create(std::path::Path::new("relative"), ObjectFormat::Sha1).await;
    assert!(matches!(odd, Err(OpenHubError::BadPath { .. })));
}

#[tokio::test]
async fn a_target_is_followed_also_when_it_was_rewound() {
    let world = World::new().await;
    let second = world.advance("README.md", "second\n").await;
    assert_ne!(second, world.base);
    git(&world.person(), ["reset", "--quiet", "--hard", world.base.as_str()]);
    let tip = world.hub.fetch_target(&world.repo().await, &branch("main")).await.unwrap();
    assert_eq!(tip, world.base);
    assert!(world.hub.has_commit(&second).await.unwrap(), "what it left is kept");
}

#[tokio::test]
async fn a_tag_of_the_same_name_does_not_shadow_the_branch() {
    let world = World::new().await;
    git(&world.person(), ["tag", "main"]);
    write(&world.person().join("README.md"), "second\n");
    commit_all(&world.person(), "second");
    let tip = world.hub.fetch_target(&world.repo().await, &branch("main")).await.unwrap();
    assert_eq!(tip, head_of(&world.person()));
}

#[tokio::test]
async fn commits_are_compared_counted_and_listed() {
    let world = World::new().await;
    let base = &world.base;
    fs::remove_file(world.person().join("README.md")).unwrap();
    fs::write(world.person().join("blob"), b"\0\x01").unwrap();
    let tip = world.advance("src/lib.rs", "one\n2\nthree\nfour\n").await;
    let hub = &world.hub;
    assert_eq!(hub.rev_count(base, &tip).await.unwrap(), 1);
    assert!(hub.is_ancestor(base, &tip).await.unwrap());
    assert!(!hub.is_ancestor(&tip, base).await.unwrap());
    let changed = hub.changed_files(base, &tip).await.unwrap();
    let changed: Vec<_> =
        changed.iter().map(|f| (f.path.as_str(), f.status, f.added, f.deleted)).collect();
    assert_eq!(
        changed,
        [
            ("README.md", ChangeStatus::Deleted, Some(0), Some(1)),
            ("blob", ChangeStatus::Added, None, None),
            ("src/lib.rs", ChangeStatus::Modified, Some(2), Some(1)),
        ]
    );
    let diff = hub.diff(base, &tip, Spaces::Count, 64 * 1024).await.unwrap();
    assert!(diff.text.contains("-two\n+2\n") && !diff.truncated, "{}", diff.text);
    assert!(hub.diff(base, &tip, Spaces::Count, 100).await.unwrap().truncated);
    let log = hub.log(base, &tip, 5).await.unwrap();
    assert_eq!(log.len(), 1);
    assert_eq!((log[0].author.as_str(), log[0].subject.as_str()), ("Person", "change src/lib.rs"));
    let missing: CommitId = "0123456789".repeat(4).parse().unwrap();
    assert!(hub.tree_of(&missing).await.is_err());
    assert!(!hub.has_commit(&missing).await.unwrap());
}

#[tokio::test]
async fn a_change_is_carried_over_to_another_base() {
    let world = World::new().await;
    let (base, hub) = (&world.base, &world.hub);
    let work = world.hub_commit(base, "work.rs", "one\n  two\n");
    let moved = world.advance("src/lib.rs", "moved\n").await;
    let carried = hub.carried((base, &work), &moved).await.unwrap().unwrap();
    let left = hub.diff(&carried, &work, Spaces::Count, 64 * 1024).await.unwrap().text;
    assert!(left.contains("src/lib.rs") && !left.contains("work.rs"), "{left}");
    let spaced = world.hub_commit(base, "work.rs", "one\ntwo\n\n");
    let apart = hub.diff(&work, &spaced, Spaces::Count, 64 * 1024).await.unwrap().text;
    assert!(apart.contains("-  two\n+two"), "{apart}");
    let apart = hub.diff(&work, &spaced, Spaces::Ignored, 64 * 1024).await.unwrap().text;
    assert_eq!(apart, "");
    let lines = hub.changed_lines(&work, &spaced, Spaces::Ignored).await.unwrap();
    let lines: Vec<_> = lines.iter().map(|f| (f.path.as_str(), f.added, f.deleted)).collect();
    assert_eq!(lines, [("work.rs", Some(0), Some(0))]);
    // What does not fit is told, not guessed.
    let other = world.hub_commit(base, "src/lib.rs", "mine\n");
    assert_eq!(hub.carried((base, &other), &moved).await.unwrap(), None);
}

#[tokio::test]
async fn files_are_read_from_a_commit_and_links_are_not_followed() {
    let world = World::new().await;
    std::os::unix::fs::symlink("/etc/passwd", world.person().join("link")).unwrap();
    let tip = world.advance("gangline.toml", "version = 1\n").await;
    let hub = &world.hub;
    assert_eq!(world.content(&tip, "gangline.toml").await.as_deref(), Some("version = 1\n"));
    assert_eq!(world.content(&world.base, "gangline.toml").await, None);
    assert!(matches!(hub.read_file(&tip, "link", 100).await, Err(ReadError::NotAFile { .. })));
    assert!(matches!(hub.read_file(&tip, "src", 100).await, Err(ReadError::NotAFile { .. })));
    assert!(matches!(hub.read_file(&tip, "src/lib.rs", 3).await, Err(ReadError::TooLarge { .. })));
    for path in ["", "/etc/passwd", "../x", "a/../b", "./a"] {
        let refused = hub.read_file(&tip, path, 100).await;
        assert!(matches!(refused, Err(ReadError::BadPath { .. })), "{path}");
    }
    assert_eq!(hub.read_file(&tip, "*.toml", 100).await.unwrap(), None, "no pattern is expanded");
}

#[tokio::test]
async fn several_files_are_read_in_one_go_and_answered_in_order() {
    let world = World::new().await;
    fs::create_dir_all(world.person().join("docs/deep")).unwrap();
    fs::write(world.person().join("docs/deep/a b.md"), "deep\n").unwrap();
    fs::write(world.person().join("empty"), "").unwrap();
    let tip = world.advance("src/lib.rs", "1\n").await;
    let read = async |paths: &[&str], bytes_max| {
        let wanted = paths.iter().map(|path| WantedFile { path, bytes_max });
        let wanted: Vec<WantedFile<'_>> = wanted.collect();
        world.hub.read_files(&tip, &wanted).await
    };
    let paths =
        ["src/lib.rs", "none", "docs/deep/a b.md", "no/such/folder", "empty", "README.md/x"];
    let found = read(&paths, 100).await.unwrap();
    let text = |bytes: &Option<Vec<u8>>| bytes.clone().map(|b| String::from_utf8(b).unwrap());
    let found: Vec<Option<String>> = found.iter().map(text).collect();
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(found, [some("1\n"), None, some("deep\n"), None, some(""), None]);
    assert_eq!(read(&[], 100).await.unwrap(), Vec::<Option<Vec<u8>>>::new());

    let refused = read(&["README.md", "docs/deep/a b.md"], 6).await;
    assert!(
        matches!(refused, Err(ReadError::TooLarge { path, found: 7, max: 6 }) if path == "README.md")
    );
    let missing: CommitId = "0123456789".repeat(4).parse().unwrap();
    assert!(world.hub.read_file(&missing, "README.md", 100).await.is_err());
}

#[tokio::test]
async fn a_file_larger_than_all_that_is_read_is_named() {
    let world = World::new().await;
    let tip = world.advance("huge", &"0123456789abcdef".repeat((17 << 20) / 16)).await;
    let wanted = ["README.md", "huge"].map(|path| WantedFile { path, bytes_max: 1000 });
    let refused = world.hub.read_files(&tip, &wanted).await;
    assert!(matches!(refused, Err(ReadError::TooLarge { path, .. }) if path == "huge"));
}

#[tokio::test]
async fn a_target_whose_reference_is_packed_or_symbolic_is_fetched_all_the_same() {
    let world = World::new().await;
    let tip = world.advance("README.md", "2\n").await;
    git(&world.person(), ["pack-refs", "--all"]);
    let hub_refs = world.hub.path().to_owned();
    git(&hub_refs, ["pack-refs", "--all"]);
    let fetch = async |name: &str| {
        world.hub.fetch_target(&world.repo().await, &branch(name)).await.unwrap()
    };
    assert_eq!(fetch("main").await, tip);
    git(&world.person(), ["symbolic-ref", "refs/heads/alias", "refs/heads/main"]);
    assert_eq!(fetch("alias").await, tip);
    let next = world.advance("README.md", "3\n").await;
    assert_eq!((fetch("main").await, fetch("alias").await), (next.clone(), next));
}

#[tokio::test]
async fn of_eight_that_swap_a_reference_at_once_exactly_one_wins() {
    let world = World::new().await;
    let name = RefName::branch(&branch("race"));
    let old = Expected::At(world.base.clone());
    for round in 0..4 {
        let start = Expected::Absent;
        assert_eq!(
            world.hub.set_ref_cas(&name, &world.base, &start).await.unwrap(),
            RefChange::Set
        );
        let mut racers = tokio::task::JoinSet::new();
        for n in 0..8 {
            let new = world.hub_commit(&world.base, "racer", &"x".repeat(round * 10 + n + 1));
            let (hub, name, old) = (world.hub.clone(), name.clone(), old.clone());
            racers.spawn(async move { (hub.set_ref_cas(&name, &new, &old).await.unwrap(), new) });
        }
        let outcomes = racers.join_all().await;
        let won: Vec<_> = outcomes.iter().filter(|(change, _)| *change == RefChange::Set).collect();
        assert_eq!(won.len(), 1, "{outcomes:?}");
        let tip = world.hub.resolve(&name).await.unwrap().unwrap();
        assert_eq!(tip, won[0].1);
        let deleted = world.hub.delete_ref_if(&name, &tip).await.unwrap();
        assert_eq!(deleted, RefChange::Set);
    }
}

#[tokio::test]
async fn a_reference_elsewhere_is_neither_moved_nor_deleted() {
    let world = World::new().await;
    let tip = world.advance("README.md", "x\n").await;
    let name = RefName::attempt(&job("shop.APP-1.a1"));
    let hub = &world.hub;
    assert_eq!(hub.set_ref_cas(&name, &tip, &Expected::Absent).await.unwrap(), RefChange::Set);
    assert_eq!(hub.set_ref_cas(&name, &tip, &Expected::Absent).await.unwrap(), RefChange::Set);
    let lost = RefChange::Lost { found: Some(tip.clone()) };
    let other = hub.set_ref_cas(&name, &world.base, &Expected::Absent).await.unwrap();
    assert_eq!(other, lost);
    assert_eq!(hub.delete_ref_if(&name, &world.base).await.unwrap(), lost);
    assert_eq!(hub.list_refs(&RefPrefix::Attempts).await.unwrap(), [(name.clone(), tip.clone())]);
    assert_eq!(hub.delete_ref_if(&name, &tip).await.unwrap(), RefChange::Set);
    assert_eq!(hub.delete_ref_if(&name, &tip).await.unwrap(), RefChange::Set);
    assert!(hub.list_refs(&RefPrefix::Attempts).await.unwrap().is_empty());
}

#[tokio::test]
async fn rescue_numbers_count_on_beyond_nine() {
    let world = World::new().await;
    let key = "APP-1".parse().unwrap();
    assert_eq!(world.hub.next_rescue_number(&key).await.unwrap(), 1);
    for n in [2, 10] {
        let name = RefName::rescue(&key, n);
        let set = world.hub.set_ref_cas(&name, &world.base, &Expected::Absent).await.unwrap();
        assert_eq!(set, RefChange::Set);
    }
    assert_eq!(world.hub.next_rescue_number(&key).await.unwrap(), 11);
    assert_eq!(world.hub.rescue_refs(&key).await.unwrap().len(), 2);
    assert_eq!(world.hub.next_rescue_number(&"APP-11".parse().unwrap()).await.unwrap(), 1);
}

/// A git that is killed while it holds a reference leaves the lock, and nobody else uses the hub.
#[tokio::test]
async fn locks_that_a_killed_git_left_are_in_nobodys_way() {
    let world = World::new().await;
    let hub = &world.hub;
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_mins(1);
    let left = |name: &str| {
        let lock = hub.path().join(format!("{name}.lock"));
        fs::create_dir_all(lock.parent().unwrap()).unwrap();
        fs::File::create(&lock).unwrap().set_modified(long_ago).unwrap();
    };
    let tip = world.advance("src/lib.rs", "fn moved() {}\n").await;
    left("refs/gangline/targets/main");
    let fetched = hub.fetch_target(&world.repo().await, &branch("main")).await.unwrap();
    assert_eq!(fetched, tip);

    let name = RefName::branch(&branch("work"));
    left(name.as_str());
    let set = hub.set_ref_cas(&name, &tip, &Expected::Absent).await.unwrap();
    assert_eq!(set, RefChange::Set);
    left("packed-refs");
    assert_eq!(hub.delete_ref_if(&name, &tip).await.unwrap(), RefChange::Set);
}
