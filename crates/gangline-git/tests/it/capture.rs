use std::fs;
use std::process::Command;

use gangline_git::{
    Backend, BackendKind, CheckoutBackend, Commits, LinkedBackend, Skipped, SkippedWhy,
};
use gangline_process::Tier;

use crate::world::{World, best_tier, commit_all, git, head_of, write};

#[tokio::test]
async fn an_untouched_worktree_needs_no_bundle() {
    let world = World::new().await;
    world.checkout().await;
    let captured = world.capture().await;
    assert_eq!(captured.head, world.base);
    assert_eq!(captured.branch.as_deref(), Some("gangline/APP-1-fix"));
    assert!(captured.clean && captured.descends_from_base && captured.head_problem.is_none());
    assert_eq!((captured.new_commits, captured.rescue, captured.bundle), (0, None, None));
}

#[tokio::test]
async fn commits_and_uncommitted_files_come_in_one_bundle() {
    let world = World::new().await;
    world.checkout().await;
    let tree = world.worktree();
    write(&tree.join("src/lib.rs"), "one\n2\nthree\n");
    commit_all(&tree, "work");
    write(&tree.join("src/new.rs"), "new\n");
    write(&tree.join("target/built"), "ignored\n");
    fs::remove_file(tree.join("README.md")).unwrap();
    fs::set_permissions(
        tree.join("src/lib.rs"),
        std::os::unix::fs::PermissionsExt::from_mode(0o755),
    )
    .unwrap();
    let captured = world.capture().await;
    assert_eq!(captured.head, head_of(&tree));
    assert_eq!((captured.new_commits, captured.clean), (1, false));
    assert_eq!(captured.dirty_paths, ["README.md", "src/lib.rs", "src/new.rs"]);
    let imported = world.import(&captured).await;
    let rescue = imported.rescue.unwrap();
    assert_eq!(rescue.n, 1);
    insta::assert_snapshot!(world.files_of(&rescue.commit), @"
    100644 .gitignore
    100755 src/lib.rs
    100644 src/new.rs
    ");
    let parent = git(world.hub.path(), ["rev-parse", &format!("{}^1", rescue.commit)]);
    assert_eq!(parent, captured.head.as_str());
}

#[tokio::test]
async fn the_same_state_gives_the_same_capture() {
    let world = World::new().await;
    world.checkout().await;
    write(&world.worktree().join("new"), "x\n");
    let (first, second) = (world.capture().await, world.capture().await);
    assert_eq!(first, second);
}

#[tokio::test]
async fn secrets_and_ignored_files_are_never_taken() {
    let world = World::new().await;
    world.checkout().await;
    let tree = world.worktree();
    fs::remove_file(tree.join(".gitignore")).unwrap();
    write(&tree.join(".env"), "TOKEN=1\n");
    write(&tree.join("config/key.txt"), "secret\n");
    write(&tree.join("deps/lib/a.js"), "copied in\n");
    git(&tree, ["init", "--quiet", "deps/nested"]);
    write(&tree.join("new[1].txt"), "mine\n");
    let exclude = [".env", "config/key.txt", "deps"].map(str::to_owned);
    let captured = world.capture_with(|request| request.exclude = &exclude).await;
    let rescue = world.import(&captured).await.rescue.unwrap().commit;
    insta::assert_snapshot!(world.files_of(&rescue), @"
    100644 README.md
    100644 new[1].txt
    100644 src/lib.rs
    ");
}

#[tokio::test]
async fn nested_repositories_are_kept_as_their_files() {
    let world = World::new().await;
    world.checkout().await;
    let tree = world.worktree();
    for (path, commits) in [("nested", true), ("empty", false), ("nested/inner", true)] {
        git(&tree, ["init", "--quiet", path]);
        write(&tree.join(path).join("file"), path);
        write(&tree.join(path).join(".gitignore"), "*.tmp\n");
        write(&tree.join(path).join("x.tmp"), "ignored");
        if commits {
            commit_all(&tree.join(path), "inner");
        }
    }
    // A repository over files that the outer one tracks.
    git(&tree, ["init", "--quiet", "src"]);
    write(&tree.join("src/lib.rs"), "changed\n");
    write(&tree.join("nested/uncommitted"), "x");
    let captured = world.capture().await;
    let rescue = world.import(&captured).await.rescue.unwrap().commit;
    insta::assert_snapshot!(world.files_of(&rescue), @"
    100644 .gitignore
    100644 README.md
    100644 empty/.gitignore
    100644 empty/file
    100644 nested/.gitignore
    100644 nested/file
    100644 nested/inner/.gitignore
    100644 nested/inner/file
    100644 nested/uncommitted
    100644 src/lib.rs
    ");
    assert_eq!(world.content(&rescue, "src/lib.rs").await.as_deref(), Some("changed\n"));
}

#[tokio::test]
async fn a_filled_submodule_is_no_change_and_a_changed_one_is_kept_as_its_files() {
    let world = World::new().await;
    git(world.path(), ["init", "--quiet", "library"]);
    write(&world.path().join("library/lib.c"), "int x;\n");
    commit_all(&world.path().join("library"), "library");
    git(&world.person(), ["submodule", "--quiet", "add", "../library", "library"]);
    let base = world.advance("README.md", "with a library\n").await;
    let mut request = world.request();
    (request.base, request.start) = (base.clone(), base.clone());
    let backend = gangline_git::CloneBackend::new(world.hub.clone());
    backend.create(&request).await.unwrap();
    let empty = world.capture_with(|request| request.base = &base).await;
    assert!(empty.clean, "{:?}", empty.dirty_paths);

    let library = world.path().join("library");
    let url = ["config", "submodule.library.url", library.to_str().unwrap()];
    git(&world.worktree(), ["submodule", "--quiet", "init"]);
    git(&world.worktree(), url);
    git(&world.worktree(), ["submodule", "--quiet", "update"]);
    assert!(world.worktree().join("library/lib.c").exists());
    let filled = world.capture_with(|request| request.base = &base).await;
    assert!(filled.clean, "{:?}", filled.dirty_paths);

    write(&world.worktree().join("library/lib.c"), "int y;\n");
    let changed = world.capture_with(|request| request.base = &base).await;
    assert!(!changed.clean);
    let rescue = world.import(&changed).await.rescue.unwrap().commit;
    assert_eq!(world.content(&rescue, "library/lib.c").await.as_deref(), Some("int y;\n"));
}

#[tokio::test]
async fn commits_on_other_branches_and_stashes_are_kept() {
    let world = World::new().await;
    world.checkout().await;
    let tree = world.worktree();
    git(&tree, ["checkout", "--quiet", "-b", "side"]);
    write(&tree.join("side"), "x");
    commit_all(&tree, "side work");
    let side = head_of(&tree);
    git(&tree, ["checkout", "--quiet", "gangline/APP-1-fix"]);
    write(&tree.join("README.md"), "stashed\n");
    git(&tree, ["stash", "--quiet"]);
    let stash = git(&tree, ["rev-parse", "refs/stash"]);
    let captured = world.capture().await;
    assert!(captured.clean);
    let names: Vec<&str> = captured.strays.iter().map(|stray| stray.name.as_str()).collect();
    assert_eq!(names, ["refs/heads/side", "refs/stash"]);
    let rescue = world.import(&captured).await.rescue.unwrap();
    for commit in [side.as_str(), &stash] {
        let kept = ["merge-base", "--is-ancestor", commit, rescue.commit.as_str()];
        git(world.hub.path(), kept);
    }
}

#[tokio::test]
async fn odd_unreadable_and_huge_files_are_listed_and_the_rest_is_kept() {
    let world = World::new().await;
    world.checkout().await;
    let tree = world.worktree();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    rustix::fs::mknodat(rustix::fs::CWD, tree.join("pipe"), rustix::fs::FileType::Fifo, mode, 0)
        .unwrap();
    let socket = std::os::unix::net::UnixListener::bind(tree.join("src/socket")).unwrap();
    fs::write(tree.join("huge.bin"), vec![7; 2 * 1024 * 1024]).unwrap();
    write(&tree.join("closed"), "x");
    fs::set_permissions(tree.join("closed"), std::os::unix::fs::PermissionsExt::from_mode(0o000))
        .unwrap();
    write(&tree.join(".GIT/x"), "not storable");
    write(&tree.join("odd\nname"), "kept");
    let captured = world.capture().await;
    let skipped = |path: &str, why| Skipped { path: path.to_owned(), why };
    let mut expected = vec![
        skipped(".GIT/x", SkippedWhy::NotStorable),
        skipped("huge.bin", SkippedWhy::TooLarge),
        skipped("pipe", SkippedWhy::NotAFile),
        skipped("src/socket", SkippedWhy::NotAFile),
    ];
    // Without a sandbox, root reads everything.
    if best_tier().await == Tier::L2 || !rustix::process::geteuid().is_root() {
        expected.insert(1, skipped("closed", SkippedWhy::Unreadable));
    }
    assert_eq!(captured.skipped, expected);
    let rescue = world.import(&captured).await.rescue.unwrap().commit;
    assert!(world.files_of(&rescue).contains("odd\\nname"), "{}", world.files_of(&rescue));
    drop(socket);
}

#[tokio::test]
async fn a_detached_or_foreign_head_is_reported_as_it_is() {
    let world = World::new().await;
    world.checkout().await;
    let tree = world.worktree();
    git(&tree, ["checkout", "--quiet", "--detach"]);
    commit_all(&tree, "detached");
    let detached = world.capture().await;
    assert_eq!((detached.branch, detached.new_commits), (None, 1));
    git(&tree, ["checkout", "--quiet", "--orphan", "island"]);
    commit_all(&tree, "of its own");
    let island = world.capture().await;
    assert_eq!(island.branch.as_deref(), Some("island"));
    assert!(!island.descends_from_base);
    let imported = world.import(&island).await;
    assert!(!imported.descends_from_base && imported.new_commits == 1);
}

#[tokio::test]
async fn a_head_that_went_back_is_no_loss() {
    let world = World::new().await;
    let base = world.advance("README.md", "newer\n").await;
    let mut request = world.request();
    (request.base, request.start) = (base.clone(), base.clone());
    gangline_git::CloneBackend::new(world.hub.clone()).create(&request).await.unwrap();
    git(&world.worktree(), ["reset", "--quiet", "--hard", "HEAD~1"]);
    let captured = world.capture_with(|request| request.base = &base).await;
    assert_eq!((&captured.head, captured.new_commits), (&world.base, 0));
    assert!(!captured.descends_from_base && captured.bundle.is_none());
    assert_eq!(world.import(&captured).await.head, world.base);
}

#[tokio::test]
async fn a_linked_worktree_is_captured_through_the_hub() {
    let world = World::new().await;
    let backend = Backend::Linked(LinkedBackend::new(world.hub.clone()));
    backend.create(&world.request()).await.unwrap();
    let tree = world.worktree();
    write(&tree.join("src/lib.rs"), "linked\n");
    commit_all(&tree, "work");
    write(&tree.join("rest"), "uncommitted\n");
    let captured = world.capture_with(|request| request.backend = BackendKind::Linked).await;
    assert_eq!(captured.head, head_of(&tree));
    assert_eq!(captured.branch.as_deref(), Some("gangline/APP-1-fix"));
    assert_eq!(captured.dirty_paths, ["rest"]);
    let rescue = world.import(&captured).await.rescue.unwrap().commit;
    assert_eq!(world.content(&rescue, "rest").await.as_deref(), Some("uncommitted\n"));
}

#[tokio::test]
async fn files_can_be_saved_without_the_commits() {
    let world = World::new().await;
    world.checkout().await;
    write(&world.worktree().join("src/lib.rs"), "committed\n");
    commit_all(&world.worktree(), "work");
    let captured = world.capture_with(|request| request.commits = Commits::Leave).await;
    assert_eq!((&captured.head, captured.new_commits), (&world.base, 0));
    assert!(captured.head_problem.is_some());
    let rescue = world.import(&captured).await.rescue.unwrap().commit;
    assert_eq!(world.content(&rescue, "src/lib.rs").await.as_deref(), Some("committed\n"));
}

#[tokio::test]
async fn what_only_tags_logs_and_older_stashes_name_is_kept() {
    let world = World::new().await;
    world.checkout().await;
    let tree = world.worktree();
    let start = head_of(&tree);
    let mut kept = Vec::new();
    let commit = |name: &str| {
        write(&tree.join(name), name);
        commit_all(&tree, name);
        head_of(&tree)
    };
    kept.push(commit("light"));
    git(&tree, ["tag", "light"]);
    git(&tree, ["reset", "--quiet", "--hard", start.as_str()]);
    kept.push(commit("annotated"));
    git(&tree, ["tag", "-a", "-m", "said", "annotated"]);
    git(&tree, ["reset", "--quiet", "--hard", start.as_str()]);
    git(&tree, ["checkout", "--quiet", "--detach"]);
    kept.push(commit("detached"));
    git(&tree, ["checkout", "--quiet", "-"]);
    kept.push(commit("amended"));
    git(&tree, ["commit", "--quiet", "--amend", "-m", "other"]);
    for name in ["one", "two", "three"] {
        write(&tree.join("README.md"), name);
        git(&tree, ["stash", "--quiet"]);
        kept.push(git(&tree, ["rev-parse", "refs/stash"]).parse().unwrap());
    }
    git(&tree, ["pack-refs", "--all"]);

    let captured = world.capture().await;
    assert!(captured.skipped.is_empty(), "{:?}", captured.skipped);
    let rescue = world.import(&captured).await.rescue.unwrap().commit;
    for commit in &kept {
        let kept = ["merge-base", "--is-ancestor", commit.as_str(), rescue.as_str()];
        git(world.hub.path(), kept);
    }
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "no path is long enough for what this agent does")]
async fn folders_nested_deeper_than_a_path_reaches_are_named_and_cost_little() {
    let world = World::new().await;
    world.checkout().await;
    let tree = world.worktree();
    write(&tree.join("open"), "kept");
    let nest = "import os\nfor i in range(6000):\n    os.mkdir('d'); os.chdir('d')";
    let nested = Command::new("python3").args(["-c", nest]).current_dir(&tree).status();
    assert!(nested.unwrap().success());
    let started = std::time::Instant::now();
    let captured = world.capture().await;
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
    let deep = captured.skipped.iter().any(|skipped| skipped.path.starts_with("d/d/d"));
    assert!(deep, "{:?}", captured.skipped);
    let rescue = world.import(&captured).await.rescue.unwrap().commit;
    assert_eq!(world.content(&rescue, "open").await.as_deref(), Some("kept"));
    // The library's own way needs a descriptor for each level.
    let removed = Command::new("rm").arg("-rf").arg(tree.join("d")).status();
    assert!(removed.unwrap().success());
}
