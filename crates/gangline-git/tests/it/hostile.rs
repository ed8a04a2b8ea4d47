//! What an agent may plant in its checkout. Each trick is captured twice, in a sandbox where the
//! machine has one and without any: nothing planted runs, and the work is saved.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use gangline_git::{Captured, CheckoutBackend, CloneBackend, Commits, Disarmed, Imported, disarm};
use gangline_process::Tier;

use crate::world::{World, best_tier, commit_all, git, git_output, head_of, write};

/// A world with an attempt that has worked: one commit, one uncommitted file.
struct Scene {
    world: World,
    /// Created by whatever planted thing runs.
    canary: PathBuf,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new().await;
        world.checkout().await;
        write(&world.worktree().join("src/done.rs"), "committed\n");
        commit_all(&world.worktree(), "work");
        write(&world.worktree().join("src/open.rs"), "uncommitted\n");
        let canary = world.path().join("canary");
        Self { world, canary }
    }

    fn tree(&self) -> PathBuf {
        self.world.worktree()
    }

    fn dot_git(&self, path: &str) -> PathBuf {
        self.tree().join(".git").join(path)
    }

    /// A program that shows that it ran, placed in the tree.
    fn plant(&self) -> String {
        let script = self.tree().join("planted.sh");
        write(&script, &format!("#!/bin/sh\ntouch {}\ncat\n", self.canary.display()));
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
        script.to_str().unwrap().to_owned()
    }

    fn config(&self, pairs: &[(&str, &str)]) {
        for (key, value) in pairs {
            git(
                &self.tree(),
                ["config", "--file", self.dot_git("config").to_str().unwrap(), key, value],
            );
        }
    }

    async fn capture_at(&self, tier: Tier) -> Captured {
        self.world.capture_with(|request| request.tier = tier).await
    }

    /// Captures and imports at every tier, and removes the worktree. What must hold for all
    /// tricks is asserted here.
    async fn survives(&self) -> (Captured, Imported) {
        assert!(!self.canary.exists(), "the trick went off while it was set up");
        let best = best_tier().await;
        let mut captured = self.capture_at(Tier::L0).await;
        assert!(!self.canary.exists(), "something planted ran on the host");
        if best != Tier::L0 {
            let walled = self.capture_at(best).await;
            assert_eq!((&walled.head, &walled.branch), (&captured.head, &captured.branch));
            captured = walled;
        }
        let imported = self.world.import(&captured).await;
        let rescue = imported.rescue.as_ref().expect("the open file must be saved").commit.clone();
        let open = self.world.content(&rescue, "src/open.rs").await;
        assert_eq!(open.as_deref(), Some("uncommitted\n"), "the work is lost");
        let done = self.world.content(&rescue, "src/done.rs").await;
        assert_eq!(done.as_deref(), Some("committed\n"), "the work is lost");
        self.a_person_looks();
        CloneBackend::new(self.world.hub.clone()).remove(&self.tree()).await.unwrap();
        assert!(!self.canary.exists(), "something planted ran on the host");
        assert!(self.world.person().join("README.md").exists());
        git(self.world.hub.path(), ["fsck", "--connectivity-only"]);
        (captured, imported)
    }

    /// What a person types, or a prompt of theirs runs, in a worktree that was captured.
    #[expect(clippy::disallowed_methods, reason = "a person's git, without Gangline's care")]
    fn a_person_looks(&self) {
        if disarm(&self.world.hub, &self.tree()).unwrap() != Disarmed::Yes {
            return;
        }
        assert_eq!(disarm(&self.world.hub, &self.tree()).unwrap(), Disarmed::Yes);
        let looks: [&[&str]; 4] =
            [&["status"], &["diff"], &["log", "-1"], &["commit", "--allow-empty", "-m", "x"]];
        for look in looks {
            // It may well fail: what it must not do is to run what was planted, or to wait.
            let mut command = Command::new("timeout");
            command.args(["60", "git"]).args(look).current_dir(self.tree());
            let output = command.env("GIT_PAGER", "cat").output().unwrap();
            assert_ne!(output.status.code(), Some(124), "{look:?} hangs");
            assert!(!self.canary.exists(), "{look:?} ran something planted: {output:?}");
        }
    }

    /// As [`Scene::survives`], where the commits too must have come.
    async fn survives_whole(&self) -> Captured {
        let (captured, imported) = self.survives().await;
        assert_eq!((captured.new_commits, imported.new_commits), (1, 1));
        assert!(captured.head_problem.is_none(), "{:?}", captured.head_problem);
        captured
    }
}

#[tokio::test]
async fn hooks() {
    let scene = Scene::new().await;
    let script = scene.plant();
    fs::create_dir_all(scene.dot_git("hooks")).unwrap();
    for hook in
        ["post-checkout", "post-index-change", "pre-commit", "reference-transaction", "post-commit"]
    {
        fs::copy(&script, scene.dot_git("hooks").join(hook)).unwrap();
    }
    let hooks = scene.dot_git("hooks");
    scene.config(&[("core.hooksPath", hooks.to_str().unwrap())]);
    scene.survives_whole().await;
}

#[tokio::test]
async fn a_file_system_monitor() {
    let scene = Scene::new().await;
    let script = scene.plant();
    scene.config(&[("core.fsmonitor", &script), ("core.fsmonitorHookVersion", "1")]);
    scene.survives_whole().await;
}

#[tokio::test]
async fn filters_and_drivers_named_by_attributes() {
    let scene = Scene::new().await;
    let script = scene.plant();
    write(&scene.tree().join(".gitattributes"), "* filter=evil diff=evil merge=evil\n");
    scene.config(&[
        ("filter.evil.clean", &script),
        ("filter.evil.smudge", &script),
        ("filter.evil.process", &script),
        ("filter.evil.required", "true"),
        ("diff.evil.textconv", &script),
        ("diff.evil.command", &script),
        ("merge.evil.driver", &script),
    ]);
    scene.survives_whole().await;
}

#[tokio::test]
async fn an_encoding_that_does_not_exist() {
    let scene = Scene::new().await;
    write(&scene.tree().join(".gitattributes"), "* working-tree-encoding=bogus\n");
    scene.survives_whole().await;
}

#[tokio::test]
async fn a_git_directory_swapped_for_a_file() {
    let scene = Scene::new().await;
    let evil = scene.world.path().join("evil");
    git(scene.world.path(), ["init", "--quiet", "evil"]);
    let script = scene.plant();
    git(&evil, ["config", "core.fsmonitor", &script]);
    fs::remove_dir_all(scene.dot_git("")).unwrap();
    write(&scene.tree().join(".git"), &format!("gitdir: {}\n", evil.join(".git").display()));
    let (captured, _) = scene.survives().await;
    assert_eq!(captured.head, scene.world.base);
    assert!(captured.head_problem.is_some());
}

#[tokio::test]
async fn a_git_directory_swapped_for_a_link() {
    let scene = Scene::new().await;
    let person = scene.world.person().join(".git");
    fs::remove_dir_all(scene.dot_git("")).unwrap();
    symlink(person, scene.tree().join(".git")).unwrap();
    let (captured, _) = scene.survives().await;
    assert_eq!(captured.head, scene.world.base);
}

#[tokio::test]
async fn no_git_directory_at_all() {
    let scene = Scene::new().await;
    fs::remove_dir_all(scene.dot_git("")).unwrap();
    let (captured, imported) = scene.survives().await;
    assert_eq!((captured.head, imported.new_commits), (scene.world.base.clone(), 0));
}

#[tokio::test]
async fn a_corrupt_head() {
    for text in [
        "",
        "garbage\u{1b}[2J",
        "ref: refs/heads/../../../../etc/passwd",
        "ref: refs/heads/nowhere",
    ] {
        let scene = Scene::new().await;
        fs::write(scene.dot_git("HEAD"), text).unwrap();
        let (captured, imported) = scene.survives().await;
        assert_eq!(captured.head, scene.world.base, "{text:?}");
        // The commit is still on its branch, and so is not lost.
        assert_eq!(captured.strays.len(), 1, "{text:?}");
        let rescue = imported.rescue.unwrap().commit;
        let stray = captured.strays[0].commit.as_str();
        git(scene.world.hub.path(), ["merge-base", "--is-ancestor", stray, rescue.as_str()]);
    }
}

#[tokio::test]
async fn a_head_that_is_a_link() {
    let scene = Scene::new().await;
    fs::remove_file(scene.dot_git("HEAD")).unwrap();
    symlink("refs/heads/gangline/APP-1-fix", scene.dot_git("HEAD")).unwrap();
    scene.survives_whole().await;

    let scene = Scene::new().await;
    fs::remove_file(scene.dot_git("HEAD")).unwrap();
    symlink(scene.world.person().join(".git/HEAD"), scene.dot_git("HEAD")).unwrap();
    let (captured, _) = scene.survives().await;
    assert_eq!(captured.head, scene.world.base);
}

#[tokio::test]
async fn a_head_that_is_a_pipe() {
    let scene = Scene::new().await;
    fs::remove_file(scene.dot_git("HEAD")).unwrap();
    let mode = rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR;
    let kind = rustix::fs::FileType::Fifo;
    rustix::fs::mknodat(rustix::fs::CWD, scene.dot_git("HEAD"), kind, mode, 0).unwrap();
    let (captured, _) = scene.survives().await;
    assert_eq!(captured.head, scene.world.base);
}

#[tokio::test]
async fn pipes_under_names_that_git_opens() {
    let scene = Scene::new().await;
    let tree = scene.tree();
    let inner = tree.join("inner/.git");
    fs::create_dir_all(inner.join("refs")).unwrap();
    fs::create_dir_all(inner.join("objects")).unwrap();
    fs::create_dir_all(scene.dot_git("objects/info")).unwrap();
    fs::remove_file(scene.dot_git("objects/info/alternates")).unwrap();
    let pipes = [
        tree.join(".gitignore"),
        tree.join("src/.gitignore"),
        tree.join("src/.gitattributes"),
        tree.join(".gitmodules"),
        inner.join("HEAD"),
        scene.dot_git("objects/info/alternates"),
        scene.dot_git("packed-refs"),
    ];
    for pipe in &pipes {
        if pipe.exists() {
            fs::remove_file(pipe).unwrap();
        }
        let (mode, kind) = (rustix::fs::Mode::RWXU, rustix::fs::FileType::Fifo);
        rustix::fs::mknodat(rustix::fs::CWD, pipe, kind, mode, 0).unwrap();
    }
    let first = tokio::time::timeout(Duration::from_mins(2), scene.capture_at(Tier::L0)).await;
    let named = first.expect("git waits at a pipe").skipped;
    for path in [".gitignore", "src/.gitattributes", ".git/objects/info/alternates"] {
        assert!(named.iter().any(|skipped| skipped.path == path), "{path}: {named:?}");
    }
    scene.survives_whole().await;
}

#[tokio::test]
async fn alternates_that_lead_elsewhere() {
    let scene = Scene::new().await;
    let borrowed = scene.dot_git("objects/info/alternates");
    let text = fs::read_to_string(&borrowed).unwrap();
    let person = scene.world.person().join(".git/objects");
    let text = format!("{text}{}\n/nowhere/objects\n../../../../etc\n", person.display());
    fs::write(borrowed, text).unwrap();
    scene.survives_whole().await;
}

#[tokio::test]
async fn an_objects_directory_that_is_a_link() {
    let scene = Scene::new().await;
    fs::rename(scene.dot_git("objects"), scene.tree().join("moved")).unwrap();
    symlink("../moved", scene.dot_git("objects")).unwrap();
    write(&scene.tree().join(".git/info/exclude"), "moved\n");
    let captured = scene.survives_whole().await;
    assert!(captured.dirty_paths.iter().any(|path| path.starts_with("moved/")));
}

#[tokio::test]
async fn programs_for_fetch_push_and_credentials() {
    let scene = Scene::new().await;
    let script = scene.plant();
    scene.config(&[
        ("remote.origin.url", "ssh://nowhere/x"),
        ("remote.origin.uploadpack", &script),
        ("remote.origin.receivepack", &script),
        ("remote.origin.promisor", "true"),
        ("remote.origin.partialclonefilter", "blob:none"),
        ("extensions.partialClone", "origin"),
        ("core.sshCommand", &script),
        ("core.gitProxy", &script),
        ("core.askPass", &script),
        ("core.alternateRefsCommand", &script),
        ("credential.helper", &script),
        ("uploadpack.packObjectsHook", &script),
        ("gpg.program", &script),
        ("core.editor", &script),
        ("core.pager", &script),
        ("alias.add", &format!("!{script}")),
    ]);
    scene.survives_whole().await;
}

#[tokio::test]
async fn objects_that_would_be_fetched_when_missing() {
    let scene = Scene::new().await;
    let script = scene.plant();
    scene.config(&[
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.url", "ext::sh -c true"),
        ("remote.origin.uploadpack", &script),
        ("remote.origin.promisor", "true"),
        ("protocol.ext.allow", "always"),
    ]);
    // The committed file is gone from the objects.
    let blob = git_output(
        &scene.tree(),
        ["--git-dir", scene.world.hub.path().to_str().unwrap(), "hash-object", "src/done.rs"],
    );
    let blob = String::from_utf8(blob.stdout).unwrap();
    let (folder, file) = blob.trim().split_at(2);
    fs::remove_file(scene.dot_git("objects").join(folder).join(file)).unwrap();
    let (captured, _) = scene.survives().await;
    assert!(captured.head_problem.is_some_and(|problem| problem.contains("incomplete")));
}

#[tokio::test]
async fn included_configuration() {
    let scene = Scene::new().await;
    let script = scene.plant();
    write(&scene.tree().join("more.conf"), &format!("[core]\n\tfsmonitor = {script}\n"));
    let more = scene.tree().join("more.conf");
    let pattern = format!("includeIf.gitdir:{}/.path", scene.world.path().display());
    scene.config(&[("include.path", more.to_str().unwrap()), (&pattern, more.to_str().unwrap())]);
    scene.survives_whole().await;
}

#[tokio::test]
async fn a_worktree_that_is_said_to_be_elsewhere() {
    let scene = Scene::new().await;
    let person = scene.world.person();
    scene.config(&[("core.worktree", person.to_str().unwrap()), ("core.bare", "true")]);
    let captured = scene.survives_whole().await;
    assert_eq!(captured.dirty_paths, ["src/open.rs"]);
}

#[tokio::test]
async fn replaced_and_grafted_history() {
    let scene = Scene::new().await;
    let tree = scene.tree();
    let head = head_of(&tree);
    let fake = git(&tree, ["commit-tree", "-m", "nicer", "HEAD~1^{tree}"]);
    git(&tree, ["replace", head.as_str(), &fake]);
    write(&tree.join(".git/info/grafts"), &format!("{head}\n"));
    write(&tree.join(".git/shallow"), &format!("{head}\n"));
    let captured = scene.survives_whole().await;
    assert!(captured.descends_from_base, "the graft was believed");
    assert_eq!(captured.head, head);
}

#[tokio::test]
async fn references_with_odd_names() {
    let scene = Scene::new().await;
    let head = head_of(&scene.tree());
    let odd =
        ["--output=canary", "a;id", "$(touch canary)", "-x", "main", "ä ö", "x.lock", "\u{1b}[2J"];
    for name in odd {
        fs::write(scene.dot_git("refs/heads").join(name), format!("{head}\n")).unwrap();
    }
    let packed = format!(
        "# pack-refs with: peeled\n{head} refs/heads/--upload-pack=touch\n\
         {head} refs/tags/../../../x\ngarbage\n\n"
    );
    fs::write(scene.dot_git("packed-refs"), packed).unwrap();
    symlink("/etc", scene.dot_git("refs/heads/etc")).unwrap();
    scene.survives_whole().await;
}

#[tokio::test]
async fn a_head_on_a_branch_with_an_odd_name() {
    let scene = Scene::new().await;
    let head = head_of(&scene.tree());
    fs::write(scene.dot_git("refs/heads/--exec=touch canary"), format!("{head}\n")).unwrap();
    fs::write(scene.dot_git("HEAD"), "ref: refs/heads/--exec=touch canary\n").unwrap();
    let captured = scene.survives_whole().await;
    assert_eq!(captured.branch.as_deref(), Some("--exec=touch canary"));
}

#[tokio::test]
async fn submodules_with_commands() {
    let scene = Scene::new().await;
    let tree = scene.tree();
    let script = scene.plant();
    git(&tree, ["init", "--quiet", "sub"]);
    write(&tree.join("sub/file"), "sub\n");
    commit_all(&tree.join("sub"), "sub");
    git(&tree.join("sub"), ["config", "core.fsmonitor", &script]);
    let text =
        format!("[submodule \"sub\"]\n\tpath = sub\n\turl = ext::{script}\n\tupdate = !{script}\n");
    write(&tree.join(".gitmodules"), &text);
    scene.config(&[("submodule.sub.update", &format!("!{script}")), ("submodule.recurse", "true")]);
    scene.survives_whole().await;
}

#[tokio::test]
async fn a_committed_submodule_command_is_refused_and_the_files_are_saved_all_the_same() {
    let scene = Scene::new().await;
    let text = "[submodule \"sub\"]\n\tpath = sub\n\turl = x\n\tupdate = !touch canary\n";
    write(&scene.tree().join(".gitmodules"), text);
    commit_all(&scene.tree(), "planted");
    let captured = scene.capture_at(best_tier().await).await;
    let request = scene.world.import_request(&captured);
    let refused = scene.world.hub.import_bundle(&request).await.unwrap_err();
    assert!(refused.to_string().contains("gitmodulesUpdate"), "{refused}");
    let files = scene.world.capture_with(|request| request.commits = Commits::Leave).await;
    let rescue = scene.world.import(&files).await.rescue.unwrap().commit;
    assert_eq!(scene.world.content(&rescue, ".gitmodules").await.as_deref(), Some(text));
}

#[tokio::test]
async fn nested_repositories_with_commands() {
    let scene = Scene::new().await;
    let tree = scene.tree();
    let script = scene.plant();
    git(&tree, ["init", "--quiet", "nested"]);
    write(&tree.join("nested/file"), "nested\n");
    write(&tree.join("nested/.gitattributes"), "* filter=evil\n");
    for (key, value) in [("core.fsmonitor", &script), ("filter.evil.clean", &script)] {
        git(&tree.join("nested"), ["config", key, value]);
    }
    let (captured, imported) = scene.survives().await;
    let rescue = imported.rescue.unwrap().commit;
    assert_eq!(scene.world.content(&rescue, "nested/file").await.as_deref(), Some("nested\n"));
    assert!(captured.skipped.is_empty(), "{:?}", captured.skipped);
}

#[tokio::test]
async fn a_nested_git_file_that_leads_out() {
    let scene = Scene::new().await;
    let tree = scene.tree();
    write(&tree.join("a/.git"), &format!("gitdir: {}/.git\n", scene.world.person().display()));
    write(&tree.join("a/file"), "kept\n");
    write(&tree.join("b/.git"), "gitdir: ../../../../../../etc\n");
    write(&tree.join("b/file"), "kept\n");
    let (_, imported) = scene.survives().await;
    let rescue = imported.rescue.unwrap().commit;
    for path in ["a/file", "b/file"] {
        assert_eq!(scene.world.content(&rescue, path).await.as_deref(), Some("kept\n"), "{path}");
    }
}

#[tokio::test]
async fn links_that_lead_out_are_kept_as_links() {
    let scene = Scene::new().await;
    let tree = scene.tree();
    write(&scene.world.path().join("outside/secret"), "not the agent's\n");
    symlink(scene.world.path().join("outside"), tree.join("out")).unwrap();
    symlink("/etc/shadow", tree.join("shadow")).unwrap();
    symlink("loop", tree.join("loop")).unwrap();
    // A tracked directory swapped for a link.
    fs::remove_dir_all(tree.join("target")).unwrap_or_default();
    let (_, imported) = scene.survives().await;
    let files = scene.world.files_of(&imported.rescue.unwrap().commit);
    for path in ["out", "shadow", "loop"] {
        assert!(files.contains(&format!("120000 {path}\n")), "{files}");
    }
    assert!(!files.contains("out/secret"));
}

#[tokio::test]
async fn an_index_that_lies() {
    let scene = Scene::new().await;
    let tree = scene.tree();
    write(&tree.join("README.md"), "hidden change\n");
    git(&tree, ["update-index", "--assume-unchanged", "README.md"]);
    git(&tree, ["update-index", "--skip-worktree", "src/lib.rs"]);
    fs::remove_file(tree.join("src/lib.rs")).unwrap();
    fs::write(tree.join(".git/index.lock"), "").unwrap();
    fs::write(tree.join(".git/info/exclude"), "*\n").unwrap();
    let captured = scene.survives_whole().await;
    assert_eq!(captured.dirty_paths, ["README.md", "src/lib.rs", "src/open.rs"]);
}

#[tokio::test]
async fn a_huge_index_and_a_huge_file() {
    let scene = Scene::new().await;
    fs::write(scene.dot_git("index"), vec![0x44; 8 * 1024 * 1024]).unwrap();
    fs::write(scene.dot_git("packed-refs"), vec![b'x'; 20 * 1024 * 1024]).unwrap();
    let huge = fs::File::create(scene.tree().join("huge")).unwrap();
    huge.set_len(1 << 40).unwrap();
    let captured = scene.survives_whole().await;
    assert_eq!(captured.skipped.len(), 1, "{:?}", captured.skipped);
}

#[tokio::test]
async fn ignore_and_attribute_files_that_are_links_or_huge() {
    let scene = Scene::new().await;
    let tree = scene.tree();
    fs::remove_file(tree.join(".gitignore")).unwrap();
    symlink("/dev/zero", tree.join(".gitignore")).unwrap();
    symlink("/dev/zero", tree.join(".gitattributes")).unwrap();
    symlink("/dev/zero", tree.join("src/.gitignore")).unwrap();
    symlink("/dev/zero", tree.join(".mailmap")).unwrap();
    scene.survives().await;
}

#[tokio::test]
async fn paths_that_look_like_options() {
    let scene = Scene::new().await;
    let tree = scene.tree();
    for name in ["--output=canary", "-rf", ":(exclude)*", ":!x", "HEAD", "a\\b", "$(touch canary)"]
    {
        write(&tree.join(name), "kept\n");
    }
    let (_, imported) = scene.survives().await;
    let rescue = imported.rescue.unwrap().commit;
    for name in ["--output=canary", "-rf", ":(exclude)*", "HEAD", "$(touch canary)"] {
        assert_eq!(scene.world.content(&rescue, name).await.as_deref(), Some("kept\n"), "{name}");
    }
}

#[tokio::test]
async fn a_forbidden_tree_in_a_commit() {
    let scene = Scene::new().await;
    let tree = scene.tree();
    let forged = forged_tree(&tree);
    let commit = git(&tree, ["commit-tree", "-p", "HEAD", "-m", "forged", &forged]);
    git(&tree, ["update-ref", "HEAD", &commit]);
    let (captured, imported) = scene.survives().await;
    assert_eq!(imported.head, scene.world.base);
    assert!(captured.head_problem.unwrap().contains("refused"));
}

/// A tree with an entry `.git`, as no git writes one by itself.
fn forged_tree(tree: &Path) -> String {
    let blob = git(tree, ["rev-parse", "HEAD:README.md"]);
    let mut bytes = b"100644 .git\0".to_vec();
    for pair in blob.as_bytes().chunks(2) {
        bytes.push(u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap());
    }
    let file = tree.join(".git/forged");
    fs::write(&file, bytes).unwrap();
    git(tree, ["hash-object", "-t", "tree", "--literally", "-w", file.to_str().unwrap()])
}

/// The tricks are real: git as a person uses it, on the same trees, falls for them.
#[tokio::test]
async fn plain_git_runs_what_is_planted() {
    for trick in ["monitor", "filter", "hook", "swapped"] {
        let scene = Scene::new().await;
        let script = scene.plant();
        match trick {
            "monitor" => scene.config(&[("core.fsmonitor", &script)]),
            "filter" => {
                write(&scene.tree().join(".gitattributes"), "* filter=evil\n");
                scene.config(&[("filter.evil.clean", &script)]);
            }
            "hook" => {
                fs::create_dir_all(scene.dot_git("hooks")).unwrap();
                fs::copy(&script, scene.dot_git("hooks/post-index-change")).unwrap();
            }
            _ => {
                let evil = scene.world.path().join("evil");
                git(scene.world.path(), ["init", "--quiet", "evil"]);
                git(&evil, ["config", "core.fsmonitor", &script]);
                fs::remove_dir_all(scene.dot_git("")).unwrap();
                let text = format!("gitdir: {}\n", evil.join(".git").display());
                write(&scene.tree().join(".git"), &text);
            }
        }
        git_output(&scene.tree(), ["add", "--all"]);
        assert!(scene.canary.exists(), "{trick}");
    }
}
