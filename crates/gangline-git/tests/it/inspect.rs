use std::fs;

use gangline_git::{Head, InspectError, TargetError, inspect};

use crate::world::{World, branch, commit_all, git, head_of, write};

#[tokio::test]
async fn a_plain_repository_is_described_from_any_directory_within() {
    let world = World::new().await;
    let repo = inspect(&world.person().join("src")).await.unwrap();
    assert_eq!(repo.toplevel, world.person().canonicalize().unwrap());
    assert_eq!(repo.git_dir, repo.common_dir);
    assert!(!repo.linked && !repo.shallow);
    assert_eq!(repo.head, Head::Branch { name: branch("main"), commit: world.base.clone() });
    assert_eq!(repo.current_branch().unwrap(), &branch("main"));
    assert!(repo.dirty().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_no_working_repository_is_named_for_what_it_is() {
    let world = World::new().await;
    let at = |name: &str| world.path().join(name);
    fs::create_dir(at("plain")).unwrap();
    git(world.path(), ["init", "--quiet", "empty"]);
    git(world.path(), ["init", "--quiet", "--bare", "bare"]);
    assert!(matches!(inspect(&at("nowhere")).await, Err(InspectError::NoSuchDirectory { .. })));
    assert!(matches!(inspect(&at("plain")).await, Err(InspectError::NotARepository { .. })));
    assert!(matches!(inspect(&at("empty")).await, Err(InspectError::NoCommits { .. })));
    assert!(matches!(inspect(&at("bare")).await, Err(InspectError::Bare { .. })));
    assert!(matches!(inspect(&at("person/.git")).await, Err(InspectError::Bare { .. })));
}

#[tokio::test]
async fn a_detached_head_is_told_with_what_to_do() {
    let world = World::new().await;
    git(&world.person(), ["checkout", "--quiet", "--detach"]);
    let repo = world.repo().await;
    assert_eq!(repo.head, Head::Detached { commit: world.base.clone() });
    let told = repo.current_branch().unwrap_err().to_string();
    assert!(told.contains("detached at") && told.contains("git switch"), "{told}");
}

#[tokio::test]
async fn a_missing_target_names_the_branches_that_are_there_and_no_tag_stands_in_for_it() {
    let world = World::new().await;
    git(&world.person(), ["branch", "release/1.0"]);
    git(&world.person(), ["tag", "trunk"]);
    let error = world.repo().await.branch_tip(&branch("trunk")).await.unwrap_err();
    let TargetError::MissingBranch { existing, .. } = &error else { panic!("{error}") };
    assert_eq!(existing, &["main", "release/1.0"]);
}

#[tokio::test]
async fn dirty_paths_are_named_and_untracked_ones_told_apart() {
    let world = World::new().await;
    write(&world.person().join("README.md"), "changed\n");
    write(&world.person().join("new\u{1b}[31m.txt"), "new\n");
    let dirty = world.repo().await.dirty().await.unwrap();
    let named: Vec<_> = dirty.iter().map(|dirty| (dirty.path.as_str(), dirty.untracked)).collect();
    assert_eq!(named, [("README.md", false), ("new[31m.txt", true)]);
}

#[tokio::test]
async fn linked_and_shallow_repositories_are_recognised() {
    let world = World::new().await;
    git(&world.person(), ["worktree", "add", "--quiet", "-b", "other", "../linked"]);
    let linked = inspect(&world.path().join("linked")).await.unwrap();
    assert!(linked.linked && linked.git_dir != linked.common_dir);
    commit_all(&world.person(), "second");
    let url = format!("file://{}", world.person().display());
    git(world.path(), ["clone", "--quiet", "--depth=1", &url, "shallow"]);
    let shallow = inspect(&world.path().join("shallow")).await.unwrap();
    assert!(shallow.shallow);
    let refused = world.hub.fetch_target(&shallow, &branch("main")).await.unwrap_err().to_string();
    assert!(refused.contains("--unshallow"), "{refused}");
}

#[tokio::test]
async fn a_branch_with_a_name_that_is_not_taken_is_named_and_not_used() {
    let world = World::new().await;
    git(&world.person(), ["checkout", "--quiet", "-b", "größe;id"]);
    let repo = world.repo().await;
    assert_eq!(repo.head.commit(), &head_of(&world.person()));
    assert!(repo.current_branch().unwrap_err().to_string().contains("größe;id"));
}

#[tokio::test]
async fn questions_run_nothing_that_the_repository_configures() {
    let world = World::new().await;
    let canary = world.path().join("canary");
    let touch = format!("touch {}", canary.display());
    for key in ["core.fsmonitor", "core.sshCommand", "core.pager", "diff.external"] {
        git(&world.person(), ["config", key, &touch]);
    }
    write(&world.person().join("README.md"), "changed\n");
    let repo = world.repo().await;
    assert_eq!(repo.dirty().await.unwrap().len(), 1);
    repo.branch_tip(&branch("main")).await.unwrap();
    assert!(!canary.exists());
}
