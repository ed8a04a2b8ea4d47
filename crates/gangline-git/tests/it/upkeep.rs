use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

use gangline_git::{Hub, Repacked};
use gangline_process::FileLock;

use crate::world::{World, commit_all, git, head_of, write};

/// Every object that a repository has itself or borrows, reachable or not.
fn objects(repository: &Path) -> BTreeSet<String> {
    let args = ["cat-file", "--batch-all-objects", "--batch-check=%(objectname) %(objecttype)"];
    git(repository, args).lines().map(str::to_owned).collect()
}

/// Packs of several imports, loose objects, and such as nothing leads to.
async fn scattered() -> World {
    let world = World::new().await;
    world.checkout().await;
    for n in 0..6 {
        write(&world.worktree().join("a"), &format!("{n}\n"));
        commit_all(&world.worktree(), "work");
        write(&world.worktree().join("b"), &format!("uncommitted {n}\n"));
        world.import(&world.capture().await).await;
    }
    for n in 0..20 {
        let blob = world.path().join("blob");
        fs::write(&blob, format!("loose {n}")).unwrap();
        git(world.hub.path(), ["hash-object", "-w", blob.to_str().unwrap()]);
    }
    world
}

async fn repacked(hub: &Hub) {
    let done = hub.repack().await.unwrap();
    assert!(matches!(done, Repacked::Done { .. }), "{done:?}");
}

#[tokio::test]
async fn many_packs_become_few_and_no_object_is_lost_reachable_or_not() {
    let world = scattered().await;
    let hub = world.hub.path();
    let (before, refs) = (objects(hub), git(hub, ["for-each-ref"]));
    let size = world.hub.size();
    assert!(size.packs > 5 && size.loose >= 20 && size.loose_refs > 5, "{size:?}");
    assert_eq!(size.packed_at_us, None);

    repacked(&world.hub).await;
    assert_eq!(objects(hub), before);
    assert_eq!(git(hub, ["for-each-ref"]), refs);
    let size = world.hub.size();
    assert!(size.packs <= 2 && size.loose == 0 && size.loose_refs == 0, "{size:?}");
    assert!(size.packed_at_us.is_some() && size.pack_bytes > 0, "{size:?}");
    git(hub, ["fsck", "--strict", "--no-dangling"]);
    // There is nothing left to do, and that is no failure.
    repacked(&world.hub).await;
    assert_eq!(objects(hub), before);
    let again = Hub::existing(hub).unwrap().expect("the hub is gone");
    assert_eq!(again.size().packs, world.hub.size().packs);
}

#[tokio::test]
async fn a_checkout_keeps_what_it_borrows_also_when_the_hub_has_no_name_for_it() {
    let world = World::new().await;
    let base = world.advance("README.md", "a commit that goes\n").await;
    let mut request = world.request();
    (request.base, request.start) = (base.clone(), base.clone());
    let backend = gangline_git::CloneBackend::new(world.hub.clone());
    gangline_git::CheckoutBackend::create(&backend, &request).await.unwrap();
    // The person rewinds, the hub follows, and all names that it has kept are taken away.
    git(&world.person(), ["reset", "--quiet", "--hard", world.base.as_str()]);
    world.hub.fetch_target(&world.repo().await, &crate::world::branch("main")).await.unwrap();
    fs::remove_dir_all(world.hub.path().join("logs")).unwrap();
    let contains = format!("--contains={base}");
    for name in git(world.hub.path(), ["for-each-ref", "--format=%(refname)", &contains]).lines() {
        git(world.hub.path(), ["update-ref", "-d", name]);
    }
    let unreachable = git(world.hub.path(), ["fsck", "--unreachable", "--no-reflogs"]);
    assert!(unreachable.contains(base.as_str()), "{unreachable}");
    for _ in 0..3 {
        repacked(&world.hub).await;
    }
    assert_eq!(git(&world.worktree(), ["show", "HEAD:README.md"]), "a commit that goes");
    write(&world.worktree().join("a"), "more\n");
    commit_all(&world.worktree(), "work");
    git(&world.worktree(), ["fsck", "--no-dangling"]);
    let head = head_of(&world.worktree());
    let captured = world.capture_with(|request| request.base = &base).await;
    let mut import = world.import_request(&captured);
    import.base = &base;
    assert_eq!(world.hub.import_bundle(&import).await.unwrap().head, head);
}

#[tokio::test]
async fn packing_and_importing_keep_out_of_each_others_way() {
    let world = scattered().await;
    let lock = world.hub.path().with_extension("upkeep.lock");
    assert!(lock.exists(), "imports take no lock");
    // An import is under way.
    let importing = fs::File::open(&lock).unwrap();
    importing.lock_shared().unwrap();
    assert_eq!(world.hub.repack().await.unwrap(), Repacked::Busy);
    drop(importing);

    let packing = FileLock::try_acquire(&lock).unwrap().expect("nobody holds it");
    assert_eq!(world.hub.repack().await.unwrap(), Repacked::Busy);
    write(&world.worktree().join("a"), "meanwhile\n");
    let captured = world.capture().await;
    let importing = world.import(&captured);
    tokio::pin!(importing);
    let early = tokio::time::timeout(Duration::from_millis(300), &mut importing).await;
    assert!(early.is_err(), "an import did not wait: {early:?}");
    drop(packing);
    importing.await;
    repacked(&world.hub).await;
}

#[tokio::test]
async fn who_reads_and_imports_beside_it_finds_everything() {
    let world = scattered().await;
    let before = objects(world.hub.path());
    let pack = async {
        for _ in 0..8 {
            // Either is fine: imports come in between.
            let _either: Repacked = world.hub.repack().await.unwrap();
        }
    };
    let import = async {
        for n in 0..8 {
            write(&world.worktree().join("a"), &format!("beside {n}\n"));
            commit_all(&world.worktree(), "beside");
            let imported = world.import(&world.capture().await).await;
            assert_eq!(world.content(&imported.head, "a").await, Some(format!("beside {n}\n")));
            let base = world.content(&world.base, "README.md").await;
            assert_eq!(base.as_deref(), Some("# shop\n"));
        }
    };
    tokio::join!(pack, import);
    repacked(&world.hub).await;
    let after = objects(world.hub.path());
    assert!(before.is_subset(&after), "objects are gone");
    git(world.hub.path(), ["fsck", "--strict", "--no-dangling"]);
}

#[tokio::test]
async fn what_a_killed_git_left_is_removed_when_nobody_can_be_writing_it() {
    let world = World::new().await;
    let packs = world.hub.objects().join("pack");
    let left = |name: &str, age: Duration| {
        let file = fs::File::create(packs.join(name)).unwrap();
        file.set_modified(SystemTime::now() - age).unwrap();
        packs.join(name)
    };
    let days = Duration::from_hours(48);
    let old = [left(".tmp-77-pack-1234.pack", days), left("tmp_pack_x1Y2z3", days)];
    let young = left("tmp_pack_young", Duration::from_mins(5));
    repacked(&world.hub).await;
    assert!(old.iter().all(|path| !path.exists()), "rubbish stays");
    assert!(young.exists(), "what is being written was removed");
}
