use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use gangline_git::{Needs, provision};

use crate::world::{World, git, write};

fn needs(copy: &[&str], link: &[&str], secrets: &[&str]) -> Needs {
    let owned = |list: &[&str]| list.iter().map(|item| (*item).to_owned()).collect();
    Needs { copy: owned(copy), link: owned(link), secrets: owned(secrets) }
}

#[tokio::test]
async fn untracked_needs_are_there_and_are_not_the_agents_work() {
    let world = World::new().await;
    world.checkout().await;
    let person = world.person();
    write(&person.join("node_modules/a/index.js"), "a\n");
    write(&person.join("node_modules/b/bin.sh"), "b\n");
    fs::set_permissions(person.join("node_modules/b/bin.sh"), fs::Permissions::from_mode(0o755))
        .unwrap();
    symlink("../a/index.js", person.join("node_modules/b/link.js")).unwrap();
    write(&person.join("local.json"), "{}\n");
    write(&person.join("cache/big"), "big\n");
    write(&person.join(".env"), "TOKEN=1\n");
    write(&person.join("other.txt"), "not asked for\n");
    let needs =
        needs(&["node_modules/**", "*.json", "*.md"], &["cache/"], &[".env", "missing.key"]);
    let provisioned = provision(&person, &world.worktree(), &needs).await.unwrap();
    insta::assert_debug_snapshot!(provisioned.excluded(), @r#"
    [
        ".env",
        "local.json",
        "node_modules",
        "cache",
    ]
    "#);
    let secrets: Vec<_> = provisioned.copied.iter().filter(|it| it.secret).collect();
    assert_eq!(secrets.len(), 1);
    let tree = world.worktree();
    let mode = |path: &str| fs::metadata(tree.join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(".env"), mode("node_modules/b/bin.sh")), (0o600, 0o755));
    assert_eq!(fs::read_to_string(tree.join("node_modules/b/link.js")).unwrap(), "a\n");
    assert_eq!(fs::read_to_string(tree.join("cache/big")).unwrap(), "big\n");
    assert!(!tree.join("other.txt").exists());
    assert_eq!(git(&tree, ["status", "--porcelain"]), "");
    let exclude = provisioned.excluded();
    let captured = world.capture_with(|request| request.exclude = &exclude).await;
    assert!(captured.clean, "{:?}", captured.dirty_paths);
}

#[tokio::test]
async fn no_pattern_takes_a_secret() {
    let world = World::new().await;
    world.checkout().await;
    for name in [".env", ".env.local", "tls/server.pem", "id_rsa", "api.key", "plain.txt"] {
        write(&world.person().join("conf").join(name), "secret\n");
    }
    let needs = needs(&["conf"], &["conf/api.*"], &["conf/.env.local"]);
    let provisioned = provision(&world.person(), &world.worktree(), &needs).await.unwrap();
    let there: Vec<String> =
        git(&world.worktree(), ["ls-files", "-o"]).lines().map(str::to_owned).collect();
    assert_eq!(there, ["conf/.env.local", "conf/plain.txt"]);
    assert_eq!(provisioned.skipped.len(), 4, "{:?}", provisioned.skipped);
}

#[tokio::test]
async fn nothing_leads_out_of_the_repository_or_of_the_worktree() {
    let world = World::new().await;
    write(&world.path().join("outside/secret.txt"), "x\n");
    // The tree itself has a link that leads out, where a copy would go.
    symlink(world.path().join("outside"), world.person().join("trap")).unwrap();
    let base = world.advance("README.md", "with a trap\n").await;
    let mut request = world.request();
    (request.base, request.start) = (base.clone(), base);
    let backend = gangline_git::CloneBackend::new(world.hub.clone());
    gangline_git::CheckoutBackend::create(&backend, &request).await.unwrap();
    fs::remove_file(world.person().join("trap")).unwrap();
    write(&world.person().join("trap/planted.txt"), "planted\n");
    symlink("../outside/secret.txt", world.person().join("way-out")).unwrap();
    symlink("/etc/passwd", world.person().join("absolute")).unwrap();
    symlink(".git/config", world.person().join("into-git")).unwrap();
    let needs = needs(&["trap", "way-out", "absolute", "into-git"], &[], &["way-out"]);
    let provisioned = provision(&world.person(), &world.worktree(), &needs).await.unwrap();
    assert!(provisioned.copied.is_empty(), "{provisioned:?}");
    assert!(!world.path().join("outside/planted.txt").exists());
    for name in ["way-out", "absolute", "into-git"] {
        assert!(fs::symlink_metadata(world.worktree().join(name)).is_err(), "{name}");
    }
}

#[tokio::test]
async fn a_path_that_climbs_or_names_git_is_no_pattern() {
    let world = World::new().await;
    world.checkout().await;
    for bad in ["../x", "/etc/*", ".git/config", "a/.GIT/x", "", "a[", "x/../../y"] {
        let refused = provision(&world.person(), &world.worktree(), &needs(&[bad], &[], &[])).await;
        assert!(refused.is_err(), "{bad}");
    }
    let refused =
        provision(&world.person(), &world.worktree(), &needs(&[], &[], &["../.env"])).await;
    assert!(refused.is_err());
}

#[tokio::test]
async fn what_the_checkout_brought_is_never_replaced() {
    let world = World::new().await;
    world.checkout().await;
    write(&world.person().join("README.md"), "the person's edit\n");
    let needs = needs(&["README.md"], &["src"], &[]);
    let provisioned = provision(&world.person(), &world.worktree(), &needs).await.unwrap();
    assert!(provisioned.excluded().is_empty());
    assert_eq!(fs::read_to_string(world.worktree().join("README.md")).unwrap(), "# shop\n");
    assert!(world.worktree().join("src").symlink_metadata().unwrap().is_dir());
}
