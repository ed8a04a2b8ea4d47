//! From a ticket to a candidate that passed.

use gangline_domain::command::Report;
use gangline_domain::job::{EndKind, Integration, JobResult, Start};
use gangline_domain::spec::Deliverable;
use gangline_domain::ticket::{Cause, TryRecord};
use gangline_domain::verdict::Verdict;
use gangline_node::journal::{Item, Reader, What, Worklog};
use gangline_node::{NodeConfig, worktree};
use gangline_policy::SandboxTier;
use gangline_ports::link::FromNode;

use crate::world::{
    HONEST, POLICY, World, attempt_of, commit_all, git, head, left, running, ticket,
    without_sandbox,
};

#[tokio::test(flavor = "multi_thread")]
async fn an_honest_attempt_becomes_a_verified_candidate() {
    let mut world = World::new().await;
    let base = head(&world.repo);
    let mut ticket = ticket(1, HONEST);
    let (end, snapshot) = world.worked(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished);
    assert_eq!((end.usage.tokens, end.usage.cost_microusd), (120, 5));
    assert!(end.usage.wall_ms > 0 && end.session.is_some());
    assert_eq!(end.claim.commits, Some(1));
    assert_eq!((&snapshot.base, snapshot.new_commits, snapshot.clean), (&base, 1, true));
    assert_eq!(snapshot.branch.as_deref(), Some("gangline/APP-1-round-the-total"));
    assert!(snapshot.rescue.is_none() && snapshot.descends_from_base);

    let report = world.verify(&mut ticket, &end, &snapshot).await;
    assert_eq!(report.verdict(), Verdict::Pass, "{report:#?}");
    assert_eq!((&report.commit, &report.base), (&snapshot.head, &base));
    assert!(report.checks.iter().any(|check| check.name == "test" && check.evidence.is_some()));

    let Integration::Built { candidate, report } = world.integrate(&mut ticket, &report).await
    else {
        panic!("it does not merge")
    };
    assert_eq!(report.verdict(), Verdict::Pass);
    assert_eq!(report.checks[0].name, "verified", "the same tree is not measured twice");
    assert_eq!(candidate.old, base);
    let message = world.hub(&["log", "-1", "--format=%B", candidate.new.as_str()]);
    assert!(message.contains("Gangline-Ticket: ") && message.contains("Gangline-Attempt: "));
    assert_eq!(world.hub(&["show", &format!("{}:total.txt", candidate.new)]), "3.00");
    assert_eq!(head(&world.repo), base, "landing is the orchestrator's");
}

/// The rules may change, and a person's hand is what it takes.
#[tokio::test(flavor = "multi_thread")]
async fn only_what_a_person_hands_back_may_change_protected_files() {
    let mut world = World::new().await;
    let step = "  - run: [sh, -c, 'echo \"# more\" >> gangline.toml']\n  - commit:";
    let changing = HONEST.replace("  - commit:", step);
    let changing =
        changing.replace("[total.txt] }\n  - say", "[total.txt, gangline.toml] }\n  - say");
    let measured = async |world: &mut World, number, how: Option<EndKind>| {
        let mut ticket = ticket(number, &changing);
        let (mut end, snapshot) = world.worked(&mut ticket).await;
        end.how = how.unwrap_or(end.how);
        let report = world.verify(&mut ticket, &end, &snapshot).await;
        let fact = report.checks.iter().find(|check| check.name == "protected").unwrap();
        (ticket, fact.fact.clone(), report)
    };
    let (_, fact, _) = measured(&mut world, 1, None).await;
    assert_eq!(fact, "changed, and needs a person: gangline.toml");
    let (mut ticket, fact, report) = measured(&mut world, 2, Some(EndKind::HandedBack)).await;
    assert_eq!(fact, "approved by a person: gangline.toml");
    assert_eq!(report.verdict(), Verdict::Pass, "{report:#?}");
    let Integration::Built { report, .. } = world.integrate(&mut ticket, &report).await else {
        panic!("it does not merge")
    };
    assert_eq!(report.verdict(), Verdict::Pass, "{report:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_registers_and_then_tells_what_its_jobs_are_at() {
    let mut world = World::new().await;
    let FromNode::Register(message) = world.hear().await else { panic!("registers first") };
    assert_eq!((message.node.as_str(), message.jobs.len()), ("local", 0));
    let mut ticket = ticket(1, "  - say: Working hard.\n  - sleep: 3000");
    let (job, fence) = world.dispatch(&ticket).await;
    loop {
        if let FromNode::Heartbeat(message) = world.hear().await
            && message.jobs.iter().any(|pulse| pulse.current.contains("Working hard."))
        {
            assert_eq!((&message.jobs[0].job, message.jobs[0].fence), (&job, fence));
            assert!(message.jobs[0].journal_bytes > 0);
            break;
        }
    }
    world.attempt_end(&mut ticket, &job, fence).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_agent_finds_its_brief_its_ports_and_its_folders() {
    let mut world = World::new().await;
    let steps = r#"
  - run: [sh, -c, "test $GANGLINE_TRY = 1 && test $GANGLINE_KEY = APP-1 && test $GANGLINE_PORT_BASE -ge 42000"]
  - run: [sh, -c, "grep -q MISSION_BRIEF $GANGLINE_BRIEF && test -w /output && test -w /workspace"]
  - run: [sh, -c, "test -z \"$ANTHROPIC_API_KEY$SSH_AUTH_SOCK\" && touch $HOME/own && touch $TMPDIR/x"]"#;
    let mut ticket = ticket(1, steps);
    let end = world.attempt(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished, "{:?}", end.claim);
    let job = attempt_of(&mut ticket).job.clone();
    let run = world.job_places(&job, crate::world::fence(10));
    let brief = std::fs::read_to_string(run.brief()).unwrap();
    assert!(brief.contains("- test: `sh test.sh`"), "{brief}");
    let log = Worklog::read(&run).unwrap().unwrap();
    assert_eq!(log.started_by, "ai:worker");
    assert!(log.ended.is_some());
    assert!(!run.scratch().exists(), "scratch goes with the job");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lie_is_told_apart_from_the_fact() {
    let mut world = World::new().await;
    let steps = "
  - claim: { summary: \"all tests pass\", commits: 1, tests_pass: true }
  - say: Done.";
    let mut ticket = ticket(1, steps);
    let (end, snapshot) = world.worked(&mut ticket).await;
    assert_eq!((end.how.clone(), snapshot.new_commits), (EndKind::Finished, 0));
    let report = world.verify(&mut ticket, &end, &snapshot).await;
    assert_eq!(report.verdict(), Verdict::Fail);
    let commits = report.checks.iter().find(|check| check.name == "commits").unwrap();
    assert!(commits.claimed.is_some() && commits.fact.starts_with("no new commit"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_attempt_goes_on_with_session_home_and_worktree() {
    let mut world = World::new().await;
    let steps = r#"
  - on:
      resumed: false
      steps:
        - write: { path: total.txt, text: "half done\n" }
        - run: [sh, -c, "touch $HOME/mark"]
      else:
        - run: [sh, -c, "test -e $HOME/mark && grep -q 'half done' total.txt"]
        - write: { path: total.txt, text: "3.00\n" }
        - commit: "${KEY}: round""#;
    let mut ticket = ticket(1, steps);
    let (end, snapshot) = world.worked(&mut ticket).await;
    assert!(!snapshot.clean && snapshot.rescue.is_some(), "{snapshot:?}");
    let rescue = world.refs("refs/gangline/rescue/APP-1");
    assert_eq!(rescue, ["refs/gangline/rescue/APP-1/1"]);
    let left = left(&mut ticket, &end, &snapshot);
    running(&mut ticket, Start::Resume(left));
    let (end, snapshot) = world.worked(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished, "{:?}", end.claim);
    assert_eq!((snapshot.new_commits, snapshot.clean), (1, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_resumed_attempt_finds_the_equal_of_a_worktree_that_is_gone() {
    let mut world = World::new().await;
    let steps = r#"
  - on:
      try: 1
      steps:
        - write: { path: one.txt, text: "one\n" }
        - commit: one
        - write: { path: two.txt, text: "two\n" }
        - delete: README.md
      else:
        - run: [sh, -c, "test -e one.txt && test -e two.txt && ! test -e README.md"]
        - run: [sh, -c, "git log -1 --format=%s | grep -qx one && git status --porcelain | grep -q two.txt"]
        - run: [sh, -c, "test $(git symbolic-ref --short HEAD) = gangline/APP-1-round-the-total"]"#;
    let mut ticket = ticket(1, steps);
    let (end, snapshot) = world.worked(&mut ticket).await;
    let (at, _) = worktree::find(&world.places, &ticket.id).unwrap().unwrap();
    std::fs::remove_dir_all(at.tree()).unwrap();
    let left = left(&mut ticket, &end, &snapshot);
    running(&mut ticket, Start::Resume(left));
    attempt_of(&mut ticket).try_no = 2;
    let end = world.attempt(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished, "{end:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fresh_attempt_begins_anew_with_the_earlier_diff_and_nothing_is_lost() {
    let mut world = World::new().await;
    let steps = r#"
  - on:
      try: 1
      steps:
        - write: { path: wrong.txt, text: "a wrong approach\n" }
        - commit: wrong
        - write: { path: more.txt, text: "uncommitted\n" }
      else:
        - run: [sh, -c, "! test -e wrong.txt && ! test -e more.txt"]
        - run: [sh, -c, "grep -q '+a wrong approach' $GANGLINE_BRIEF && grep -q 'it was red' $GANGLINE_BRIEF"]"#;
    let mut ticket = ticket(1, steps);
    let (end, snapshot) = world.worked(&mut ticket).await;
    // Somebody works in the tree after its capture.
    let (at, _) = worktree::find(&world.places, &ticket.id).unwrap().unwrap();
    std::fs::write(at.tree().join("person.txt"), "by hand\n").unwrap();
    left(&mut ticket, &end, &snapshot);
    let attempt = attempt_of(&mut ticket).job.clone();
    ticket.records.push(TryRecord {
        attempt,
        try_no: 1,
        cause: Cause::ChecksFailed,
        error: "it was red".to_owned(),
        approach: "wrongly".to_owned(),
        facts: vec![],
        lines: vec![],
        spent: true,
        failure: None,
        same_as: None,
    });
    running(&mut ticket, Start::Fresh);
    let (end, snapshot) = world.worked(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished, "{end:?}");
    assert_eq!((snapshot.new_commits, snapshot.clean), (0, true));
    let rescued = world.refs("refs/gangline/rescue/APP-1");
    let last = rescued.last().unwrap();
    assert_eq!(world.hub(&["show", &format!("{last}:person.txt")]), "by hand");
    assert_eq!(world.hub(&["show", &format!("{last}:more.txt")]), "uncommitted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_is_found_without_touching_anything() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, HONEST);
    let (end, snapshot) = world.worked(&mut ticket).await;
    let report = world.verify(&mut ticket, &end, &snapshot).await;
    std::fs::write(world.repo.join("total.txt"), "4.00\n").unwrap();
    let tip = commit_all(&world.repo, "Another total");
    let Integration::Conflict { target, paths } = world.integrate(&mut ticket, &report).await
    else {
        panic!("it merged")
    };
    assert_eq!((target, paths), (tip.clone(), vec!["total.txt".to_owned()]));
    assert_eq!(
        (head(&world.repo), git(&world.repo, &["status", "--porcelain"])),
        (tip, String::new())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_moved_target_is_measured_anew_and_can_be_red() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, HONEST);
    let (end, snapshot) = world.worked(&mut ticket).await;
    let report = world.verify(&mut ticket, &end, &snapshot).await;
    std::fs::write(world.repo.join("test.sh"), "grep -q 2.99 total.txt\n").unwrap();
    let tip = commit_all(&world.repo, "The total is 2.99");
    let Integration::Built { candidate, report } = world.integrate(&mut ticket, &report).await
    else {
        panic!("it does not merge")
    };
    assert_eq!(candidate.old, tip);
    assert_eq!(report.verdict(), Verdict::Fail, "{report:#?}");
    assert_eq!(report.base, tip);
}

#[tokio::test(flavor = "multi_thread")]
async fn setup_runs_before_the_agent_and_its_failure_spends_no_try() {
    let policy =
        format!("{POLICY}\n[setup]\nrun = [\"touch ready\", \"sh -c 'echo broken; exit 3'\"]\n");
    let mut world = World::with(&policy, |_config| {}).await;
    let mut ticket = ticket(1, HONEST);
    let end = world.attempt(&mut ticket).await;
    let EndKind::Infra(infra) = end.how else { panic!("{end:?}") };
    let told = infra.to_string();
    assert!(told.contains("setup failed") && told.contains("exit code 3"), "{told}");
    let snapshot = world
        .capture(
            &mut ticket,
            gangline_domain::job::AttemptEnd { how: EndKind::Infra(infra), ..end },
        )
        .await;
    assert!(snapshot.is_some_and(|snapshot| snapshot.new_commits == 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_is_not_committed_is_taken_from_the_accepted_snapshot() {
    let mut world = World::new().await;
    git(&world.repo, &["rm", "-q", "gangline.toml"]);
    commit_all(&world.repo, "No policy");
    let mut without = ticket(1, HONEST);
    let end = world.attempt(&mut without).await;
    let EndKind::Infra(infra) = end.how else { panic!("{end:?}") };
    assert!(infra.to_string().contains("gangline init"), "{infra}");
    world.project.settings.policy_snapshot = Some(POLICY.to_owned());
    let mut with = ticket(2, HONEST);
    let end = world.attempt(&mut with).await;
    assert_eq!(end.how, EndKind::Finished);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_delivered_without_a_commit() {
    let mut world = World::new().await;
    let steps = "
  - write_output: { path: report.md, text: \"# Findings\\n\\nAll is well.\\n\" }
  - claim: { summary: \"wrote it\" }";
    let mut ticket = ticket(1, steps);
    ticket.spec.deliverable = Deliverable::Report;
    let (end, snapshot) = world.worked(&mut ticket).await;
    let report = world.verify(&mut ticket, &end, &snapshot).await;
    assert_eq!(report.verdict(), Verdict::Pass, "{report:#?}");
    assert!(report.checks.iter().any(|check| check.name == "report"));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_sandbox_by_choice_everything_works_too() {
    let mut world = World::with(POLICY, without_sandbox).await;
    let mut ticket = ticket(1, HONEST);
    let (end, snapshot) = world.worked(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished, "{:?}", end.claim);
    let report = world.verify(&mut ticket, &end, &snapshot).await;
    assert_eq!(report.verdict(), Verdict::Pass, "{report:#?}");
}

/// The second tier, for machines that have no user namespaces.
#[tokio::test(flavor = "multi_thread")]
async fn behind_landlock_an_attempt_works_and_reaches_nothing_else() {
    let landlock = |config: &mut NodeConfig| {
        config.machine.sandbox.tier = Some(SandboxTier::Landlock);
    };
    let mut world = World::with(POLICY, landlock).await;
    let (outside, hub) = (world.repo.join("escaped"), world.places.hub(&world.project.id));
    let tries = format!(
        "echo x > '{0}' || cat '{1}/config' || cat '{2}/gangline.toml' || echo shut > tried",
        outside.display(),
        hub.display(),
        world.repo.display()
    );
    let steps = format!("\n  - run: [sh, -c, \"{tries}\"]{HONEST}");
    let steps = steps.replace("files: [total.txt]", "files: [total.txt, tried]");
    let mut ticket = ticket(1, &steps);
    let (end, snapshot) = world.worked(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished, "{:?}", end.claim);
    assert!(!outside.exists());
    assert_eq!(world.hub(&["show", &format!("{}:tried", snapshot.head)]), "shut");
    let report = world.verify(&mut ticket, &end, &snapshot).await;
    assert_eq!(report.verdict(), Verdict::Pass, "{report:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn untracked_needs_come_along_and_secrets_never_go_back() {
    let policy = format!("{POLICY}\n[worktree]\ncopy = [\"*.local\"]\nsecrets = [\".env\"]\n");
    let mut world = World::with(&policy, |_config| {}).await;
    std::fs::write(world.repo.join("config.local"), "near\n").unwrap();
    std::fs::write(world.repo.join(".env"), "KEY=hush\n").unwrap();
    let steps = r#"
  - run: [sh, -c, "grep -q near config.local && grep -q hush .env && ! test -e .git/alternates"]"#;
    let mut ticket = ticket(1, steps);
    let (end, snapshot) = world.worked(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished, "{:?}", end.claim);
    for name in world.refs("refs/gangline/rescue") {
        let files = world.hub(&["ls-tree", "-r", "--name-only", &name]);
        assert!(!files.contains(".env"), "{name}: {files}");
    }
    assert!(!snapshot.dirty_paths.contains(&".env".to_owned()), "{snapshot:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_is_asked_for_twice_runs_once_and_is_told_of_twice() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, "  - run: [sh, -c, \"echo run >> /output/runs\"]");
    let (job, fence) = world.dispatch(&ticket).await;
    world.dispatch(&ticket).await;
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    world.dispatch(&ticket).await;
    assert_eq!(world.end_of(&job, fence).await, JobResult::Attempt(end));
    let runs = std::fs::read_to_string(world.places.output(&ticket.id).join("runs")).unwrap();
    assert_eq!(runs, "run\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_tells_the_whole_story_in_order() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, HONEST);
    let (job, fence) = world.dispatch(&ticket).await;
    world.attempt_end(&mut ticket, &job, fence).await;
    let mut reader = Reader::follow(&world.job_places(&job, fence).journal(), 0).unwrap();
    let mut kinds = vec![];
    while let Some(item) = reader.next().unwrap() {
        let Item::Entry(entry) = item else { panic!("{item:?}") };
        kinds.push(match entry.what {
            What::Opened { .. } => "opened",
            What::Based { .. } => "based",
            What::Briefed { .. } => "briefed",
            What::AgentStarted { .. } => "agent",
            What::ToolStarted { .. } => "tool",
            What::Ended { survivors, .. } => {
                assert!(survivors.is_empty());
                "ended"
            }
            What::Closed { .. } => "closed",
            _other => continue,
        });
    }
    kinds.dedup();
    assert_eq!(kinds, ["opened", "based", "briefed", "agent", "tool", "ended", "closed"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_base_is_told_before_the_end() {
    let mut world = World::new().await;
    let ticket = ticket(1, HONEST);
    world.dispatch(&ticket).await;
    assert!(matches!(world.report().await, Report::Based { .. }));
    assert!(matches!(world.report().await, Report::Ended { .. }));
}
