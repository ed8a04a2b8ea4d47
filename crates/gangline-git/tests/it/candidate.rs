use gangline_domain::ids::{CommitId, Timestamp};
use gangline_git::{Built, CandidateRequest, RefName, Style};

use crate::world::{TIME, World, branch, git, job};

fn request<'a>(
    world: &'a World,
    job: &'a gangline_domain::ids::JobId,
    tip: &'a CommitId,
    commit: &'a CommitId,
) -> CandidateRequest<'a> {
    assert!(world.path().exists());
    let message = "APP-1: Fix\n\nGangline-Ticket: APP-1\n";
    CandidateRequest { job, target_tip: tip, commit, message, style: Style::Merge, time: TIME }
}

#[tokio::test]
async fn a_candidate_is_always_a_commit_of_its_own_and_the_same_for_the_same_input() {
    let world = World::new().await;
    let work = world.hub_commit(&world.base, "src/new.rs", "new\n");
    let job = job("shop.APP-1.i4");
    let mut wanted = request(&world, &job, &world.base, &work);
    let built = world.hub.build_candidate(&wanted).await.unwrap();
    assert_eq!(world.hub.build_candidate(&wanted).await.unwrap(), built);
    let Built::Candidate { commit, tree } = built else { panic!("{built:?}") };
    assert_ne!(commit, work, "a fast-forward has no trailers");
    assert_eq!(world.hub.tree_of(&work).await.unwrap(), tree);
    assert_eq!(world.hub.resolve(&RefName::candidate(&job)).await.unwrap(), Some(commit.clone()));
    let shown = git(
        world.hub.path(),
        ["show", "-s", "--format=%P|%an|%cn|%at|%(trailers)", commit.as_str()],
    );
    assert_eq!(
        shown,
        format!("{} {work}|Gangline|Gangline|1700000000|Gangline-Ticket: APP-1", world.base)
    );
    wanted.style = Style::Squash;
    let Built::Candidate { commit: squashed, .. } =
        world.hub.build_candidate(&wanted).await.unwrap()
    else {
        panic!()
    };
    let parents = git(world.hub.path(), ["show", "-s", "--format=%P", squashed.as_str()]);
    assert_eq!(parents, world.base.as_str());
    wanted.time = Timestamp(0);
    assert_ne!(
        world.hub.build_candidate(&wanted).await.unwrap(),
        Built::Candidate { commit: squashed, tree }
    );
}

#[tokio::test]
async fn work_on_an_older_base_is_merged_with_renames_followed() {
    let world = World::new().await;
    let work = world.hub_commit(&world.base, "src/lib.rs", "one\ntwo\n3\n");
    git(&world.person(), ["mv", "src/lib.rs", "src/core.rs"]);
    let tip = world.advance("OTHER.md", "other\n").await;
    let job = job("shop.APP-1.i4");
    let built = world.hub.build_candidate(&request(&world, &job, &tip, &work)).await.unwrap();
    let Built::Candidate { commit, .. } = built else { panic!("{built:?}") };
    assert_eq!(world.content(&commit, "src/core.rs").await.as_deref(), Some("one\ntwo\n3\n"));
    assert_eq!(world.content(&commit, "src/lib.rs").await, None);
    assert!(world.content(&commit, "OTHER.md").await.is_some());
}

#[tokio::test]
async fn a_contradiction_names_its_paths() {
    let world = World::new().await;
    let work = world.hub_commit(&world.base, "src/lib.rs", "one\nmine\nthree\n");
    let tip = world.advance("src/lib.rs", "one\nyours\nthree\n").await;
    let job = job("shop.APP-1.i4");
    let built = world.hub.build_candidate(&request(&world, &job, &tip, &work)).await.unwrap();
    let Built::Conflict { paths, messages } = built else { panic!("{built:?}") };
    assert_eq!(paths, ["src/lib.rs"]);
    assert_eq!(messages, ["CONFLICT (content): Merge conflict in src/lib.rs"]);
    assert!(world.hub.resolve(&RefName::candidate(&job)).await.unwrap().is_none());
}

#[tokio::test]
async fn what_the_target_has_already_is_nothing_new() {
    let world = World::new().await;
    let work = world.hub_commit(&world.base, "src/new.rs", "same\n");
    let tip = world.advance("src/new.rs", "same\n").await;
    let job = job("shop.APP-1.i4");
    for commit in [&work, &world.base, &tip] {
        let built = world.hub.build_candidate(&request(&world, &job, &tip, commit)).await.unwrap();
        assert_eq!(built, Built::NothingNew, "{commit}");
    }
}

#[tokio::test]
async fn the_target_and_not_the_attempt_says_how_files_are_merged() {
    let world = World::new().await;
    let rule = "src/lib.rs merge=union\n";
    let ruled = world.advance(".gitattributes", rule).await;
    let tip = world.advance("src/lib.rs", "one\nyours\nthree\n").await;
    let job = job("shop.APP-1.i4");
    let work = world.hub_commit(&ruled, "src/lib.rs", "one\nmine\nthree\n");
    let built = world.hub.build_candidate(&request(&world, &job, &tip, &work)).await.unwrap();
    assert!(matches!(built, Built::Candidate { .. }), "{built:?}");

    let other = World::new().await;
    let sly = other.hub_commit(&other.base, ".gitattributes", rule);
    let sly = other.hub_commit(&sly, "src/lib.rs", "one\nmine\nthree\n");
    let tip = other.advance("src/lib.rs", "one\nyours\nthree\n").await;
    let built = other.hub.build_candidate(&request(&other, &job, &tip, &sly)).await.unwrap();
    assert!(matches!(built, Built::Conflict { .. }), "{built:?}");
}

#[tokio::test]
async fn unrelated_histories_are_told_and_not_merged() {
    let world = World::new().await;
    let island = world.path().join("island");
    git(world.path(), ["init", "--quiet", "island"]);
    crate::world::commit_all(&island, "alone");
    let island = {
        let hub = world.hub.path().to_str().unwrap();
        git(&island, ["push", "--quiet", hub, "HEAD:refs/gangline/test/island"]);
        crate::world::head_of(&island)
    };
    let job = job("shop.APP-1.i4");
    let built =
        world.hub.build_candidate(&request(&world, &job, &world.base, &island)).await.unwrap();
    assert_eq!(built, Built::Unrelated);
    assert!(world.repo().await.branch_tip(&branch("main")).await.is_ok());
}
