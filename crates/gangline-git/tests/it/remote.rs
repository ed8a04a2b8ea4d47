//! Branches in a repository elsewhere.

use gangline_git::{Remote, RemoteError};

use crate::world::{World, branch, git};

fn remote(world: &World) -> Remote {
    let path = world.path().join("elsewhere.git");
    if !path.exists() {
        git(world.path(), ["init", "--quiet", "--bare", "elsewhere.git"]);
    }
    Remote { url: format!("file://{}", path.display()), authorization: None }
}

fn there(world: &World) -> String {
    git(&world.path().join("elsewhere.git"), ["for-each-ref", "--format=%(refname) %(objectname)"])
}

#[tokio::test]
async fn a_branch_is_made_once_and_taken_away_again() {
    let world = World::new().await;
    let (remote, name) = (remote(&world), branch("gangline/ci/APP-1-x"));
    let commit = world.hub_commit(&world.base, "a", "1");
    for _again in 0..2 {
        world.hub.push_branch(&remote, &name, &commit).await.unwrap();
        assert_eq!(there(&world), format!("refs/heads/{name} {commit}"));
    }
    let listed = world.hub.remote_branches(&remote, "gangline/ci/APP-1-").await.unwrap();
    assert_eq!(listed.get(&name), Some(&commit));
    assert!(world.hub.remote_branches(&remote, "gangline/ci/APP-2-").await.unwrap().is_empty());
    for _again in 0..2 {
        world.hub.remove_branch(&remote, &name, &commit).await.unwrap();
        assert_eq!(there(&world), "");
    }
}

#[tokio::test]
async fn what_others_put_there_is_neither_overwritten_nor_removed() {
    let world = World::new().await;
    let (remote, name) = (remote(&world), branch("gangline/ci/APP-1-x"));
    let commit = world.hub_commit(&world.base, "a", "1");
    let theirs = world.hub_commit(&commit, "b", "2");
    world.hub.push_branch(&remote, &name, &theirs).await.unwrap();
    let refused = world.hub.push_branch(&remote, &name, &commit).await;
    assert!(matches!(refused, Err(RemoteError::NotTaken { .. })), "{refused:?}");
    world.hub.remove_branch(&remote, &name, &commit).await.unwrap();
    assert_eq!(there(&world), format!("refs/heads/{name} {theirs}"));
}

#[tokio::test]
async fn a_place_where_nothing_is_is_told() {
    let world = World::new().await;
    let nowhere = Remote {
        url: format!("file://{}/nowhere.git", world.path().display()),
        authorization: None,
    };
    let found = world.hub.remote_branches(&nowhere, "x").await.unwrap_err().to_string();
    assert!(found.contains("ls-remote failed"), "{found}");
    let other = Remote { url: "ssh://git@localhost/x.git".to_owned(), authorization: None };
    let found = world.hub.remote_branches(&other, "x").await.unwrap_err().to_string();
    assert!(found.contains("transport 'ssh' not allowed"), "{found}");
}
