//! The laws of a checkout backend. Each backend passes all of them.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use gangline_git::{
    Backend, BackendKind, CheckoutBackend, CheckoutError, CloneBackend, Found, LinkedBackend,
    read_meta, scan,
};

use crate::world::{World, branch, commit_all, git, head_of, job, write};

/// The names are written out in [`conformance`], so that a failure is named after its law.
mod laws {
    use super::*;

    pub(super) async fn a_checkout_is_the_branch_at_its_start(world: &World, backend: Backend) {
        let made = backend.create(&world.request()).await.unwrap();
        let tree = world.worktree();
        assert!(!made.existed && made.path == tree);
        assert_eq!(git(&tree, ["symbolic-ref", "HEAD"]), "refs/heads/gangline/APP-1-fix");
        assert_eq!(head_of(&tree), world.base);
        assert_eq!(git(&tree, ["status", "--porcelain"]), "");
        assert_eq!(git(&tree, ["config", "user.name"]), "Worker");
        assert_eq!(git(&tree, ["config", "user.email"]), "worker@localhost");
        assert_eq!(fs::read_to_string(tree.join("src/lib.rs")).unwrap(), "one\ntwo\nthree\n");
    }

    pub(super) async fn an_agent_can_commit_there(world: &World, backend: Backend) {
        backend.create(&world.request()).await.unwrap();
        write(&world.worktree().join("src/new.rs"), "new\n");
        commit_all(&world.worktree(), "work");
        let head = head_of(&world.worktree());
        assert_ne!(head, world.base);
        assert_eq!(world.hub.has_commit(&head).await.unwrap(), !backend.isolated());
    }

    pub(super) async fn creating_again_leaves_the_work_alone(world: &World, backend: Backend) {
        backend.create(&world.request()).await.unwrap();
        write(&world.worktree().join("src/lib.rs"), "changed\n");
        let mut again = world.request();
        again.job = job("shop.APP-1.a2");
        assert!(backend.create(&again).await.unwrap().existed);
        let kept = fs::read_to_string(world.worktree().join("src/lib.rs")).unwrap();
        assert_eq!(kept, "changed\n");
        assert_eq!(read_meta(&world.worktree()).unwrap().unwrap().job, again.job);
    }

    pub(super) async fn what_is_not_the_same_checkout_is_never_replaced(
        world: &World,
        backend: Backend,
    ) {
        fs::create_dir_all(world.worktree()).unwrap();
        write(&world.worktree().join("precious"), "x");
        let refused = backend.create(&world.request()).await;
        assert!(matches!(refused, Err(CheckoutError::Occupied { .. })), "{refused:?}");
        assert!(world.worktree().join("precious").exists());

        let mut elsewhere = world.request();
        elsewhere.path = world.path().join("worktrees/two");
        backend.create(&elsewhere).await.unwrap();
        elsewhere.branch = branch("gangline/APP-1-other");
        let refused = backend.create(&elsewhere).await;
        assert!(matches!(refused, Err(CheckoutError::Occupied { .. })), "{refused:?}");
    }

    pub(super) async fn what_a_killed_maker_left_is_made_anew(world: &World, backend: Backend) {
        let partial = world.path().join("worktrees/shop-APP-1.partial-1");
        write(&partial.join(".git/HEAD"), "half");
        backend.create(&world.request()).await.unwrap();
        assert!(!partial.exists());

        // As after a kill in the midst: registered as being made, the tree not whole.
        let meta = world.path().join("worktrees/shop-APP-1.meta.json");
        let text = fs::read_to_string(&meta).unwrap().replace("\"ready\"", "\"making\"");
        fs::write(&meta, text).unwrap();
        fs::remove_file(world.worktree().join("README.md")).unwrap();
        let half = Found::HalfMade { path: world.worktree() };
        assert_eq!(scan(&world.path().join("worktrees")).unwrap(), [half]);
        let again = CheckoutBackend::create(&backend, &world.request()).await.unwrap();
        assert!(!again.existed && world.worktree().join("README.md").exists());
    }

    pub(super) async fn a_resumed_try_finds_its_equal(world: &World, backend: Backend) {
        let start = world.hub_commit(&world.base, "src/lib.rs", "committed\n");
        let rescue = world.hub_commit(&start, "src/untracked.rs", "not committed\n");
        let mut request = world.request();
        (request.start, request.restore) = (start.clone(), Some(rescue));
        backend.create(&request).await.unwrap();
        let tree = world.worktree();
        assert_eq!(head_of(&tree), start);
        assert_eq!(git(&tree, ["status", "--porcelain"]), "?? src/untracked.rs");
        assert_eq!(fs::read_to_string(tree.join("src/lib.rs")).unwrap(), "committed\n");
    }

    pub(super) async fn a_detached_checkout_is_fresh_and_exact(world: &World, backend: Backend) {
        let commit = world.hub_commit(&world.base, "src/lib.rs", "verify me\n");
        let path = world.path().join("verify/one");
        for _ in 0..2 {
            let made = backend.detached(&path, &job("shop.APP-1.v2"), &commit).await.unwrap();
            assert!(!made.existed);
            assert_eq!(head_of(&path), commit);
            assert!(!path.join("left-over").exists());
            assert_eq!(fs::read_to_string(path.join("src/lib.rs")).unwrap(), "verify me\n");
            write(&path.join("left-over"), "x");
        }
        assert_eq!(read_meta(&path).unwrap().unwrap().branch, None);
    }

    pub(super) async fn removing_leaves_nothing_and_may_be_repeated(
        world: &World,
        backend: Backend,
    ) {
        backend.create(&world.request()).await.unwrap();
        let locked = world.worktree().join("locked/deep");
        fs::create_dir_all(&locked).unwrap();
        write(&locked.join("file"), "x");
        fs::set_permissions(&locked, fs::Permissions::from_mode(0o000)).unwrap();
        std::os::unix::fs::symlink(world.person(), world.worktree().join("out")).unwrap();
        for _ in 0..2 {
            backend.remove(&world.worktree()).await.unwrap();
            assert!(scan(&world.path().join("worktrees")).unwrap().is_empty());
        }
        let trash = fs::read_dir(world.path().join("worktrees/.trash")).unwrap();
        assert_eq!(trash.count(), 0);
        assert!(world.person().join("README.md").exists(), "a link was followed");
        // The place can be used again, and so can the branch.
        assert!(!backend.create(&world.request()).await.unwrap().existed);
    }

    pub(super) async fn many_at_once_all_succeed(world: &World, backend: Backend) {
        let mut making = tokio::task::JoinSet::new();
        for n in 0..12 {
            let (backend, mut request) = (backend.clone(), world.request());
            request.path = world.path().join(format!("worktrees/w{n}"));
            request.branch = branch(&format!("gangline/APP-{n}-x"));
            making.spawn(async move { backend.create(&request).await });
        }
        for made in making.join_all().await {
            assert!(!made.unwrap().existed);
        }
        assert_eq!(scan(&world.path().join("worktrees")).unwrap().len(), 12);
    }

    pub(super) async fn a_commit_that_the_hub_lacks_is_named(world: &World, backend: Backend) {
        let mut request = world.request();
        request.start = "0123456789".repeat(4).parse().unwrap();
        let refused = backend.create(&request).await.unwrap_err();
        assert_eq!(refused.to_string(), format!("the hub has no commit {}", request.start));
        assert!(!world.worktree().exists());
        request.path = Path::new("relative/path").into();
        request.start = world.base.clone();
        assert!(matches!(backend.create(&request).await, Err(CheckoutError::BadPath { .. })));
    }
}

macro_rules! conformance {
    ($backend:ident, $make:expr; $($law:ident),+ $(,)?) => {
        mod $backend {
            use super::*;
            $(#[tokio::test]
            async fn $law() {
                let world = World::new().await;
                let make: fn(&World) -> Backend = $make;
                let backend = make(&world);
                laws::$law(&world, backend).await;
            })+
        }
    };
    ($backend:ident, $make:expr) => {
        conformance!($backend, $make;
            a_checkout_is_the_branch_at_its_start,
            an_agent_can_commit_there,
            creating_again_leaves_the_work_alone,
            what_is_not_the_same_checkout_is_never_replaced,
            what_a_killed_maker_left_is_made_anew,
            a_resumed_try_finds_its_equal,
            a_detached_checkout_is_fresh_and_exact,
            removing_leaves_nothing_and_may_be_repeated,
            many_at_once_all_succeed,
            a_commit_that_the_hub_lacks_is_named,
        );
    };
}

conformance!(clone, |world| Backend::Clone(CloneBackend::new(world.hub.clone())));
conformance!(linked, |world| Backend::Linked(LinkedBackend::new(world.hub.clone())));

#[tokio::test]
async fn only_the_clone_backend_calls_itself_isolated_and_it_is() {
    let world = World::new().await;
    let linked = Backend::Linked(LinkedBackend::new(world.hub.clone()));
    assert!(!linked.isolated() && linked.kind() == BackendKind::Linked);
    let backend = Backend::Clone(CloneBackend::new(world.hub.clone()));
    assert!(backend.isolated() && backend.kind() == BackendKind::Clone);

    backend.create(&world.request()).await.unwrap();
    let before = git(world.hub.path(), ["for-each-ref"]);
    let tree = world.worktree();
    commit_all(&tree, "work");
    git(&tree, ["branch", "main", "HEAD"]);
    git(&tree, ["config", "core.hooksPath", "/tmp"]);
    git(&tree, ["gc", "--quiet", "--prune=now"]);
    assert_eq!(git(world.hub.path(), ["for-each-ref"]), before);
    assert_eq!(git(world.hub.path(), ["config", "core.hooksPath"]), "/dev/null");
    assert!(git(&tree, ["remote"]).is_empty(), "no remote to push to");
    assert_eq!(git(&tree, ["rev-parse", "gangline/base"]), world.base.as_str());
}
