use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use gangline_domain::ids::CommitId;
use gangline_git::{
    Built, CandidateRequest, LandOutcome, LandRequest, ReadBack, Refused, Style, land, read_back,
};

use crate::world::{TIME, World, branch, commit_all, git, git_output, head_of, job, write};

impl World {
    /// A candidate on the base that changes, adds, deletes, links and makes executable.
    async fn candidate(&self) -> CommitId {
        let work = self.path().join("work");
        let hub = self.hub.path().to_str().unwrap();
        git(self.path(), ["clone", "--quiet", "--no-checkout", "--shared", hub, "work"]);
        git(&work, ["checkout", "--quiet", "--detach", self.base.as_str()]);
        write(&work.join("src/lib.rs"), "one\ntwo\nthree\nfour\n");
        write(&work.join("src/deep/new.rs"), "new\n");
        write(&work.join("run.sh"), "#!/bin/sh\n");
        fs::set_permissions(work.join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        symlink("src", work.join("link")).unwrap();
        fs::remove_file(work.join("README.md")).unwrap();
        commit_all(&work, "work");
        git(&work, ["push", "--quiet", hub, "HEAD:refs/gangline/test/work"]);
        let (job, commit) = (job("shop.APP-1.i1"), head_of(&work));
        let request = CandidateRequest {
            job: &job,
            target_tip: &self.base,
            commit: &commit,
            message: "APP-1: Work\n",
            style: Style::Merge,
            time: TIME,
        };
        match self.hub.build_candidate(&request).await.unwrap() {
            Built::Candidate { commit, .. } => commit,
            other @ (Built::NothingNew | Built::Conflict { .. } | Built::Unrelated) => {
                panic!("{other:?}")
            }
        }
    }

    async fn land(&self, new: &CommitId) -> LandOutcome {
        let main = branch("main");
        let request = LandRequest { branch: &main, old: &self.base, new };
        land(&self.repo().await, &self.hub, &request).await
    }

    async fn read_back(&self, new: &CommitId) -> ReadBack {
        let main = branch("main");
        let request = LandRequest { branch: &main, old: &self.base, new };
        read_back(&self.repo().await, &request).await.unwrap()
    }

    fn main(&self) -> String {
        git(&self.person(), ["rev-parse", "refs/heads/main"])
    }
}

/// The tree is exactly the branch, with nothing changed or left over.
fn assert_clean(tree: &Path) {
    assert_eq!(git(tree, ["status", "--porcelain"]), "");
}

fn dirty(outcome: &LandOutcome) -> &[String] {
    match outcome {
        LandOutcome::Refused(Refused::DirtyTree { paths, .. }) => paths,
        other @ (LandOutcome::Landed
        | LandOutcome::Moved { .. }
        | LandOutcome::Refused(_)
        | LandOutcome::Unavailable { .. }) => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_clean_checked_out_target_moves_with_its_tree() {
    let world = World::new().await;
    let new = world.candidate().await;
    assert_eq!(world.read_back(&new).await, ReadBack::StillOld);
    assert_eq!(world.land(&new).await, LandOutcome::Landed);
    assert_eq!(world.main(), new.as_str());
    assert_clean(&world.person());
    assert!(world.person().join("src/deep/new.rs").exists());
    assert!(!world.person().join("README.md").exists());
    assert_eq!(world.read_back(&new).await, ReadBack::Contains);
    assert_eq!(world.land(&new).await, LandOutcome::Landed, "landing again is no error");
}

#[tokio::test]
async fn a_target_that_nobody_has_checked_out_just_moves() {
    let world = World::new().await;
    git(&world.person(), ["checkout", "--quiet", "-b", "elsewhere"]);
    write(&world.person().join("README.md"), "dirty, but elsewhere\n");
    let new = world.candidate().await;
    assert_eq!(world.land(&new).await, LandOutcome::Landed);
    assert_eq!(world.main(), new.as_str());
    assert_eq!(git(&world.person(), ["status", "--porcelain"]), " M README.md");
}

#[tokio::test]
async fn a_target_in_a_linked_worktree_moves_with_that_tree() {
    let world = World::new().await;
    git(&world.person(), ["checkout", "--quiet", "-b", "elsewhere"]);
    git(&world.person(), ["worktree", "add", "--quiet", "../linked", "main"]);
    let linked = world.path().join("linked");
    let new = world.candidate().await;
    write(&linked.join("src/lib.rs"), "mine\n");
    let outcome = world.land(&new).await;
    assert_eq!(dirty(&outcome), ["src/lib.rs"]);
    git(&linked, ["checkout", "--quiet", "--", "."]);
    assert_eq!(world.land(&new).await, LandOutcome::Landed);
    assert_eq!(head_of(&linked), new);
    assert_clean(&linked);
}

/// The path in question, and what the person did.
type Case = (&'static str, fn(&Path));

#[tokio::test]
async fn a_persons_changes_are_never_disturbed() {
    let cases: [Case; 7] = [
        ("README.md", |tree| write(&tree.join("README.md"), "mine\n")),
        ("src/lib.rs", |tree| {
            write(&tree.join("src/lib.rs"), "mine\n");
            git(tree, ["add", "--all"]);
            write(&tree.join("src/lib.rs"), "one\ntwo\nthree\nfour\n");
        }),
        (".gitignore", |tree| fs::remove_file(tree.join(".gitignore")).unwrap()),
        ("src/deep/new.rs", |tree| write(&tree.join("src/deep/new.rs"), "mine, untracked\n")),
        ("src/deep", |tree| write(&tree.join("src/deep"), "a file where a folder goes\n")),
        ("run.sh", |tree| {
            // Ignored files git itself would overwrite.
            write(&tree.join(".git/info/exclude"), "run.sh\n");
            write(&tree.join("run.sh"), "mine, ignored\n");
        }),
        ("link", |tree| symlink("/elsewhere", tree.join("link")).unwrap()),
    ];
    for (path, change) in cases {
        let world = World::new().await;
        let new = world.candidate().await;
        change(&world.person());
        let before = (git(&world.person(), ["status", "--porcelain"]), snapshot(&world.person()));
        let outcome = world.land(&new).await;
        assert_eq!(dirty(&outcome), [path]);
        let after = (git(&world.person(), ["status", "--porcelain"]), snapshot(&world.person()));
        assert_eq!(before, after, "{path}");
        assert_eq!(world.main(), world.base.as_str());
        assert_eq!(world.read_back(&new).await, ReadBack::StillOld);
    }
}

/// Every file with its content, but for git's own.
fn snapshot(tree: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut folders = vec![tree.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap().flatten() {
            let (path, kind) = (entry.path(), entry.file_type().unwrap());
            if kind.is_dir() && entry.file_name() != ".git" {
                folders.push(path);
            } else if kind.is_symlink() {
                found.push((path.display().to_string(), format!("{:?}", fs::read_link(&path))));
            } else if kind.is_file() {
                let text =
                    fs::read(&path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
                found.push((path.display().to_string(), text.unwrap()));
            }
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn files_that_a_landing_does_not_touch_may_be_untracked() {
    let world = World::new().await;
    let new = world.candidate().await;
    write(&world.person().join("notes.txt"), "mine\n");
    assert_eq!(world.land(&new).await, LandOutcome::Landed);
    assert_eq!(git(&world.person(), ["status", "--porcelain"]), "?? notes.txt");
}

#[tokio::test]
async fn a_landing_killed_between_tree_and_reference_is_finished() {
    let world = World::new().await;
    let new = world.candidate().await;
    bring(&world, &new);
    // What git has done when it is killed before the reference moves.
    git(&world.person(), ["read-tree", "-m", "-u", world.base.as_str(), new.as_str()]);
    assert_ne!(git(&world.person(), ["status", "--porcelain"]), "");
    assert_eq!(world.main(), world.base.as_str());
    assert_eq!(world.land(&new).await, LandOutcome::Landed);
    assert_eq!(world.main(), new.as_str());
    assert_clean(&world.person());
}

#[tokio::test]
async fn a_landing_killed_in_the_midst_of_the_files_is_finished() {
    let world = World::new().await;
    let new = world.candidate().await;
    bring(&world, &new);
    // Some files are written, the index is not.
    let tree = world.person();
    write(&tree.join("src/lib.rs"), "one\ntwo\nthree\nfour\n");
    write(&tree.join("src/deep/new.rs"), "new\n");
    symlink("src", tree.join("link")).unwrap();
    fs::remove_file(tree.join("README.md")).unwrap();
    assert_eq!(world.land(&new).await, LandOutcome::Landed);
    assert_eq!(world.main(), new.as_str());
    assert_clean(&tree);
}

#[tokio::test]
async fn a_half_landed_tree_in_which_the_person_has_worked_on_is_left_to_them() {
    let world = World::new().await;
    let new = world.candidate().await;
    bring(&world, &new);
    git(&world.person(), ["read-tree", "-m", "-u", world.base.as_str(), new.as_str()]);
    write(&world.person().join("src/lib.rs"), "mine\n");
    let outcome = world.land(&new).await;
    assert_eq!(dirty(&outcome), ["src/lib.rs"]);
    assert_eq!(fs::read_to_string(world.person().join("src/lib.rs")).unwrap(), "mine\n");
    assert_eq!(world.main(), world.base.as_str());
}

/// The objects, as a push that was killed has brought them.
fn bring(world: &World, new: &CommitId) {
    git(world.hub.path(), ["update-ref", "refs/gangline/test/new", new.as_str()]);
    let hub = world.hub.path().to_str().unwrap();
    git(&world.person(), ["fetch", "--quiet", hub, "refs/gangline/test/new"]);
}

#[tokio::test]
async fn a_locked_index_is_named_and_waited_for() {
    let world = World::new().await;
    let new = world.candidate().await;
    let lock = world.person().canonicalize().unwrap().join(".git/index.lock");
    write(&lock, "");
    let refused = LandOutcome::Refused(Refused::IndexLocked { path: lock.clone() });
    assert_eq!(world.land(&new).await, refused);
    fs::remove_file(lock).unwrap();
    assert_eq!(world.land(&new).await, LandOutcome::Landed);
}

#[tokio::test]
async fn a_branch_that_is_being_rebased_is_left_alone() {
    let world = World::new().await;
    let new = world.candidate().await;
    let rebase = world.person().join(".git/rebase-merge");
    write(&rebase.join("head-name"), "refs/heads/main\n");
    git(&world.person(), ["checkout", "--quiet", "--detach"]);
    let outcome = world.land(&new).await;
    assert!(matches!(outcome, LandOutcome::Refused(Refused::Rebasing { .. })), "{outcome:?}");
    assert_eq!(world.main(), world.base.as_str());
}

#[tokio::test]
async fn a_target_that_moved_is_told_and_not_overwritten() {
    let world = World::new().await;
    let new = world.candidate().await;
    write(&world.person().join("own"), "x");
    commit_all(&world.person(), "the person's own");
    let tip = head_of(&world.person());
    assert_eq!(world.land(&new).await, LandOutcome::Moved { found: Some(tip.clone()) });
    assert_eq!(world.read_back(&new).await, ReadBack::Elsewhere { tip: Some(tip.clone()) });
    assert_eq!(world.main(), tip.as_str());
    // Beyond what landed is landed.
    git(&world.person(), ["reset", "--quiet", "--hard", world.base.as_str()]);
    assert_eq!(world.land(&new).await, LandOutcome::Landed);
    commit_all(&world.person(), "on top");
    assert_eq!(world.read_back(&new).await, ReadBack::Contains);
    assert_eq!(world.land(&new).await, LandOutcome::Landed);
}

#[tokio::test]
async fn history_is_never_rewritten() {
    let world = World::new().await;
    let new = world.advance("README.md", "second\n").await;
    let main = branch("main");
    let back = LandRequest { branch: &main, old: &new, new: &world.base };
    let outcome = land(&world.repo().await, &world.hub, &back).await;
    // The branch contains the base, of course; what must not happen is a step back.
    assert_eq!(outcome, LandOutcome::Refused(Refused::NotFastForward));
    assert_eq!(world.main(), new.as_str());
}

#[tokio::test]
async fn of_eight_landings_at_once_exactly_one_is_the_tip() {
    let world = World::new().await;
    git(&world.person(), ["checkout", "--quiet", "--detach"]);
    let repo = world.repo().await;
    let mut landings = tokio::task::JoinSet::new();
    for n in 1..=8 {
        let new = world.hub_commit(&world.base, "racer", &"x".repeat(n));
        let (repo, hub, old) = (repo.clone(), world.hub.clone(), world.base.clone());
        landings.spawn(async move {
            let main = branch("main");
            let request = LandRequest { branch: &main, old: &old, new: &new };
            (land(&repo, &hub, &request).await, new)
        });
    }
    let outcomes = landings.join_all().await;
    let landed: Vec<_> =
        outcomes.iter().filter(|(outcome, _)| *outcome == LandOutcome::Landed).collect();
    assert_eq!(landed.len(), 1, "{outcomes:?}");
    assert_eq!(world.main(), landed[0].1.as_str());
}

#[tokio::test]
async fn nothing_that_the_persons_repository_has_planted_runs_at_a_landing() {
    let world = World::new().await;
    let new = world.candidate().await;
    let canary = world.path().join("canary");
    let script = format!("#!/bin/sh\ntouch {}\n", canary.display());
    let hooks = [
        "pre-receive",
        "update",
        "post-receive",
        "post-update",
        "push-to-checkout",
        "reference-transaction",
        "post-checkout",
        "proc-receive",
        "pre-push",
        "post-index-change",
    ];
    for folder in [world.person().join(".git/hooks"), world.hub.path().join("hooks")] {
        for hook in hooks {
            write(&folder.join(hook), &script);
            fs::set_permissions(folder.join(hook), fs::Permissions::from_mode(0o755)).unwrap();
        }
    }
    git(&world.person(), ["config", "core.fsmonitor", &format!("touch {}", canary.display())]);
    assert_eq!(world.land(&new).await, LandOutcome::Landed);
    assert!(!canary.exists());
}

#[tokio::test]
async fn a_repository_that_is_gone_is_unavailable_and_not_a_refusal() {
    let world = World::new().await;
    let new = world.candidate().await;
    let repo = world.repo().await;
    fs::rename(world.person(), world.path().join("moved away")).unwrap();
    let main = branch("main");
    let request = LandRequest { branch: &main, old: &world.base, new: &new };
    let outcome = land(&repo, &world.hub, &request).await;
    assert!(matches!(outcome, LandOutcome::Unavailable { .. }), "{outcome:?}");
    assert!(!git_output(world.path(), ["-C", "moved away", "fsck"]).stdout.contains(&b'!'));
}
