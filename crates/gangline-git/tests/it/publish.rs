use gangline_git::{PublishOutcome, PublishRefused, publish_branch};

use crate::world::{World, branch, commit_all, git, head_of};

#[tokio::test]
async fn a_finished_branch_appears_and_follows_what_gangline_makes_of_it() {
    let world = World::new().await;
    let name = branch("gangline/APP-1-fix");
    let first = world.hub_commit(&world.base, "a", "1");
    // Not a descendant: a fresh try from the base.
    let second = world.hub_commit(&world.base, "a", "22");
    for commit in [&first, &first, &second] {
        let outcome = publish_branch(&world.repo().await, &world.hub, &name, commit).await;
        assert_eq!(outcome, PublishOutcome::Published);
        let tip = git(&world.person(), ["rev-parse", "refs/heads/gangline/APP-1-fix"]);
        assert_eq!(tip, commit.as_str());
    }
}

#[tokio::test]
async fn a_branch_of_the_persons_is_never_overwritten() {
    let world = World::new().await;
    let name = branch("gangline/APP-1-fix");
    let first = world.hub_commit(&world.base, "a", "1");
    let second = world.hub_commit(&first, "a", "22");
    let repo = world.repo().await;
    git(&world.person(), ["branch", name.as_str()]);
    let foreign = |found| PublishOutcome::Refused(PublishRefused::Foreign { found });
    let outcome = publish_branch(&repo, &world.hub, &name, &first).await;
    assert_eq!(outcome, foreign(world.base.clone()), "even one that it contains");
    git(&world.person(), ["branch", "-D", name.as_str()]);

    assert_eq!(publish_branch(&repo, &world.hub, &name, &first).await, PublishOutcome::Published);
    git(&world.person(), ["checkout", "--quiet", name.as_str()]);
    commit_all(&world.person(), "the person goes on");
    let theirs = head_of(&world.person());
    git(&world.person(), ["checkout", "--quiet", "main"]);
    assert_eq!(publish_branch(&repo, &world.hub, &name, &second).await, foreign(theirs));
}

#[tokio::test]
async fn a_branch_that_is_checked_out_is_left_alone() {
    let world = World::new().await;
    let name = branch("gangline/APP-1-fix");
    let first = world.hub_commit(&world.base, "a", "1");
    let second = world.hub_commit(&first, "a", "22");
    let repo = world.repo().await;
    assert_eq!(publish_branch(&repo, &world.hub, &name, &first).await, PublishOutcome::Published);
    git(&world.person(), ["checkout", "--quiet", name.as_str()]);
    let outcome = publish_branch(&repo, &world.hub, &name, &second).await;
    assert!(
        matches!(outcome, PublishOutcome::Refused(PublishRefused::CheckedOut { .. })),
        "{outcome:?}"
    );
    assert_eq!(head_of(&world.person()), first);
}

#[tokio::test]
async fn a_name_that_another_branch_takes_is_told() {
    let world = World::new().await;
    git(&world.person(), ["branch", "gangline"]);
    let name = branch("gangline/APP-1-fix");
    let commit = world.hub_commit(&world.base, "a", "1");
    let outcome = publish_branch(&world.repo().await, &world.hub, &name, &commit).await;
    assert!(
        matches!(outcome, PublishOutcome::Refused(PublishRefused::NameTaken { .. })),
        "{outcome:?}"
    );
}
