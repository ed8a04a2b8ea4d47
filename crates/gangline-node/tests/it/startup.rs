//! What an agent's program meets at its start, and where its pushes go.

use gangline_domain::job::{EndKind, Start};

use crate::world::{World, commit_all, left, running, ticket};

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_goes_on_begins_with_the_bases_settings() {
    let mut world = World::new().await;
    std::fs::write(world.repo.join(".mcp.json"), "{\"of\":\"base\"}\n").unwrap();
    std::fs::create_dir(world.repo.join(".gemini")).unwrap();
    std::fs::write(world.repo.join(".gemini/settings.json"), "{}\n").unwrap();
    commit_all(&world.repo, "Settings");
    let steps = r#"
  - on:
      resumed: false
      steps:
        - write: { path: .mcp.json, text: "{\"planted\":1}\n" }
        - write: { path: .codex/config.toml, text: "planted = 1\n" }
        - write: { path: .claude/settings.local.json, text: "{\"planted\":1}\n" }
        - write: { path: .claude/hooks/h.sh, text: "planted\n" }
        - delete: .gemini/settings.json
        - run: [sh, -c, "mkdir evil && echo planted > evil/opencode.json && ln -s evil .opencode"]
        - write: { path: work.txt, text: "mine\n" }
      else:
        - run: [sh, -c, "grep -q base .mcp.json && test -e .gemini/settings.json"]
        - run: [sh, -c, "! test -e .codex/config.toml && ! test -e .claude/settings.local.json"]
        - run: [sh, -c, "! test -e .claude/hooks/h.sh && ! test -e .opencode"]
        - run: [sh, -c, "grep -q mine work.txt"]
  - say: Done."#;
    let mut ticket = ticket(1, steps);
    let (end, snapshot) = world.worked(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished);
    let rescue = snapshot.rescue.clone().expect("what was planted is kept for people");
    let kept = world.hub(&["show", &format!("{rescue}:.mcp.json")]);
    assert!(kept.contains("planted"), "{kept}");
    let left = left(&mut ticket, &end, &snapshot);
    running(&mut ticket, Start::Resume(left));
    let end = world.attempt(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished, "{:?}", end.claim);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_reaches_a_place_of_its_own_and_takes_one_branch() {
    let mut world = World::new().await;
    let steps = r#"
  - write: { path: total.txt, text: "3.00\n" }
  - commit: "${KEY}: round"
  - run: [git, push, origin, HEAD]
  - run: [sh, -c, "git fetch -q origin && git rev-parse -q --verify refs/remotes/origin/$(git symbolic-ref --short HEAD)"]
  - run: [sh, -c, "! git push origin HEAD:refs/heads/main 2> said && grep -q 'only gangline/' said && rm said"]
  - say: Done."#;
    let mut ticket = ticket(1, steps);
    let (end, snapshot) = world.worked(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished, "{:?}", end.claim);
    assert_eq!((snapshot.new_commits, snapshot.clean), (1, true));
    let branches = crate::world::git(&world.repo, &["for-each-ref", "--format=%(refname)"]);
    assert_eq!(branches.trim(), "refs/heads/main", "the person's repository has nothing new");
}
