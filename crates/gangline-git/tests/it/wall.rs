//! What comes back from behind a capture's wall is a stranger's words.

use std::ffi::OsString;

use gangline_git::{CaptureError, Captured, Inside};
use gangline_process::Tier;

use crate::world::{World, best_tier};

/// A capture whose inner side is this shell script instead.
async fn forged(world: &World, script: &str) -> Result<Captured, CaptureError> {
    let inside =
        Inside { program: "/bin/sh".into(), args: ["-c", script].map(OsString::from).into() };
    world.try_capture_with(|request| request.inside = Box::leak(Box::new(inside))).await
}

fn answer(world: &World, parts: &str) -> String {
    let head = &world.base;
    format!(
        r#"{{"version":1,"captured":{{"head":"{head}","head_problem":null,"new_commits":0,
        "descends_from_base":true,"clean":false,"rescue":null,{parts}}}}}"#
    )
}

#[tokio::test]
async fn a_forged_answer_is_held_to_the_promised_bounds() {
    if best_tier().await == Tier::L0 {
        return;
    }
    let world = World::new().await;
    world.checkout().await;
    let path = r#""a\u001b[2Jb""#;
    let paths = vec![path; 5_000].join(",");
    let text = answer(
        &world,
        &format!(
            r#""branch":{path},"dirty_paths":[{paths}],"strays":[],"bundle":"/etc/passwd",
            "skipped":[{{"path":{path},"why":"too_large"}}]"#
        ),
    );
    std::fs::create_dir_all(world.path().join("scratch")).unwrap();
    std::fs::write(world.path().join("scratch/answer"), text).unwrap();
    let script = format!("cat {}", world.path().join("scratch/answer").display());
    let captured = forged(&world, &script).await.unwrap();
    assert_eq!(captured.branch.as_deref(), Some("a[2Jb"));
    assert_eq!(captured.dirty_paths.len(), 200);
    assert_eq!((&*captured.dirty_paths[0], &*captured.skipped[0].path), ("a[2Jb", "a[2Jb"));
    // Where a bundle is, only the host says.
    assert_eq!(captured.bundle, Some(world.path().join("out/capture.bundle")));
}

#[tokio::test]
async fn what_is_no_answer_is_refused_in_words_fit_to_be_shown() {
    if best_tier().await == Tier::L0 {
        return;
    }
    let world = World::new().await;
    world.checkout().await;
    let newer = r#"echo '{"version":2,"captured":{}}'"#.to_owned();
    let other = answer(&world, r#""branch":null,"dirty_paths":[],"strays":[],"skipped":[]"#)
        .replace(r#""version":1"#, r#""version":2"#)
        .replace(r#""skipped":[]"#, r#""skipped":[],"bundle":null"#);
    let cases = [
        ("echo nonsense".to_owned(), "is not understood"),
        ("exit 0".to_owned(), "is not understood"),
        (newer, "is not understood"),
        (format!("echo '{other}'"), "is of another program"),
        ("head -c 20000000 /dev/zero".to_owned(), "is not understood"),
        (r"printf 'bad \033[2J thing' >&2; exit 3".to_owned(), "exit code 3): bad [2J thing"),
    ];
    for (script, wanted) in cases {
        let error = forged(&world, &script).await.unwrap_err().to_string();
        assert!(error.contains(wanted), "{script}: {error}");
    }
}

#[tokio::test]
async fn the_wall_shows_no_more_than_a_capture_needs() {
    if best_tier().await == Tier::L0 {
        return;
    }
    let world = World::new().await;
    world.checkout().await;
    let (tree, hub) = (world.worktree(), world.hub.path().to_owned());
    let person = world.person();
    let script = format!(
        "for place in {tree}/x {hub}/x {person}/x; do echo x > $place; done; \
         cat {person}/README.md; echo done >&2; exit 9",
        tree = tree.display(),
        hub = hub.display(),
        person = person.display(),
    );
    let error = forged(&world, &script).await.unwrap_err().to_string();
    assert!(error.contains("done"), "{error}");
    assert!(!tree.join("x").exists() && !hub.join("x").exists() && !person.join("x").exists());
    assert!(!error.contains("# shop"), "the person's repository can be read: {error}");
}
