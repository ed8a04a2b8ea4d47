//! Files that are not as they should be.

use gangline_domain::job::{EndKind, Infra, JobResult, Start};
use gangline_node::{Outcome, WrittenBy, worktree};
use gangline_process::{FileLock, Sandbox, marked};

use crate::world::{HONEST, NOBODY, World, attempt_of, now, running, ticket, until};

/// Runs the job process by hand.
async fn job(spec: &std::path::Path) -> gangline_process::Output {
    gangline_process::Cmd::new(env!("CARGO_BIN_EXE_gangline-job"))
        .arg("--spec")
        .arg(spec)
        .env_from_host(&["PATH", "HOME"])
        .sandbox(Sandbox::none())
        .output()
        .await
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spec_that_cannot_be_read_becomes_a_clear_outcome() {
    let world = World::new().await;
    for (n, text, said) in [
        (1, "{\"version\": 99, \"new\": true}", "is of version 99"),
        (2, "{\"version\": 1, \"pla", "is damaged"),
        (3, "", "is damaged"),
    ] {
        let id = format!("shop.APP-{n}.a1").parse().unwrap();
        let run = world.job_places(&id, crate::world::fence(1));
        std::fs::create_dir_all(run.dir()).unwrap();
        std::fs::write(run.spec(), text).unwrap();
        assert!(job(&run.spec()).await.success());
        let outcome = Outcome::read(&run).unwrap().unwrap();
        assert_eq!((outcome.by, &outcome.job), (WrittenBy::Job, &id));
        let JobResult::Attempt(end) = outcome.result else { panic!() };
        let EndKind::Infra(Infra::Tool(told)) = end.how else { panic!("{end:?}") };
        assert!(told.contains(said), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_starter_ends_quietly_and_touches_nothing() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, "  - say: At it.\n  - sleep: 1500");
    let (id, fence) = world.dispatch(&ticket).await;
    let run = world.job_places(&id, fence);
    until("the agent speaks", || crate::control::says(&run, "At it.")).await;
    let before = std::fs::read(run.identity()).unwrap();
    let second = job(&run.spec()).await;
    assert!(second.success() && second.stderr.text().is_empty(), "{}", second.stderr.text());
    assert_eq!(std::fs::read(run.identity()).unwrap(), before);
    let end = world.attempt_end(&mut ticket, &id, fence).await;
    assert_eq!(end.how, EndKind::Finished);
    let outcome = std::fs::read(run.outcome()).unwrap();
    assert!(job(&run.spec()).await.success(), "nor after the end");
    assert_eq!(std::fs::read(run.outcome()).unwrap(), outcome);
}

/// Else its ticket would count as worked on for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_run_whose_folder_somebody_removed_is_told_to_have_ended() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, "  - say: At it.\n  - sleep: 1500");
    let (id, fence) = world.dispatch(&ticket).await;
    let run = world.job_places(&id, fence);
    until("the agent speaks", || crate::control::says(&run, "At it.")).await;
    std::fs::remove_dir_all(run.dir()).unwrap();
    let end = world.attempt_end(&mut ticket, &id, fence).await;
    assert!(matches!(end.how, EndKind::Infra(_)), "{end:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_starters_at_once_exactly_one_works() {
    let world = World::new().await;
    let ticket = ticket(1, "  - run: [sh, -c, \"echo run >> /output/runs\"]");
    // Prepared by a node that died before it could start the process.
    let (id, fence) = world.dispatch(&ticket).await;
    let run = world.job_places(&id, fence);
    until("the spec is there", || run.spec().exists()).await;
    let spec = run.spec();
    let starters: Vec<_> = (0..6).map(|_| job(&spec)).collect();
    for starter in starters {
        assert!(starter.await.success());
    }
    until("it ends", || run.outcome().exists()).await;
    let runs = std::fs::read_to_string(world.places.output(&ticket.id).join("runs")).unwrap();
    assert_eq!(runs, "run\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_lines_in_a_journal_cost_those_lines_only() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, HONEST);
    let (id, fence) = world.dispatch(&ticket).await;
    let run = world.job_places(&id, fence);
    world.attempt_end(&mut ticket, &id, fence).await;
    let text = std::fs::read_to_string(run.journal()).unwrap();
    let broken = text.replacen("\"kind\":\"message\"", "\"kind\":\"massage\"", 1);
    assert_ne!(text, broken);
    std::fs::write(run.journal(), broken).unwrap();
    std::fs::remove_file(run.offset()).unwrap();
    world.dispatch(&ticket).await;
    assert!(matches!(world.end_of(&id, fence).await, JobResult::Attempt(_)));
    let told: serde_json::Value =
        serde_json::from_slice(&std::fs::read(run.offset()).unwrap()).unwrap();
    assert_eq!((told["broken"].as_u64(), told["usage"]["tokens"].as_u64()), (Some(1), Some(120)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_outcome_is_no_outcome() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, HONEST);
    let (id, fence) = world.dispatch(&ticket).await;
    let run = world.job_places(&id, fence);
    world.attempt_end(&mut ticket, &id, fence).await;
    std::fs::write(run.outcome(), "{\"version\":1,").unwrap();
    world.dispatch(&ticket).await;
    let JobResult::Attempt(end) = world.end_of(&id, fence).await else { panic!() };
    assert!(matches!(end.how, EndKind::Infra(Infra::Tool(_))), "{end:?}");
    assert_eq!(end.usage.tokens, 120, "its journal still tells what it spent");
    assert!(!FileLock::is_held(run.lock()).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_is_no_job_is_told_of() {
    let mut world =
        World::with(crate::world::POLICY, |config| config.launcher.program = "/bin/false".into())
            .await;
    let mut first = ticket(1, HONEST);
    let end = world.attempt(&mut first).await;
    assert!(matches!(end.how, EndKind::Infra(Infra::SpawnFailed(_))), "{end:?}");
    world.config.launcher.program = "/nowhere/gangline".into();
    world.restart_node().await;
    let mut second = ticket(2, HONEST);
    let end = world.attempt(&mut second).await;
    let EndKind::Infra(Infra::SpawnFailed(told)) = end.how else { panic!("{end:?}") };
    assert!(told.contains("/nowhere/gangline"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_gone_fails_the_machine_and_not_the_agent() {
    let mut world = World::new().await;
    std::fs::remove_dir_all(&world.repo).unwrap();
    let mut ticket = ticket(1, HONEST);
    let end = world.attempt(&mut ticket).await;
    let EndKind::Infra(infra) = &end.how else { panic!("{end:?}") };
    assert!(infra.to_string().contains("repo"), "{infra}");
    assert!(attempt_of(&mut ticket).base.is_none());
    assert_eq!(world.capture(&mut ticket, end).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_is_not_installed_is_named() {
    let mut world = World::with(crate::world::POLICY, |config| {
        let kind = "scripted".parse().unwrap();
        config.machine.programs.insert(kind, "/nowhere/agent".into());
    })
    .await;
    let mut ticket = ticket(1, HONEST);
    let end = world.attempt(&mut ticket).await;
    assert_eq!(end.how, EndKind::AgentMissing("/nowhere/agent".to_owned()));
    assert!(end.usage.wall_ms < now().ms_since(ticket.created_at) + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_told_as_one_and_leaves_nothing_half_done() {
    let mut world = World::with(crate::world::POLICY, |config| {
        // The folder of worktrees is on a disk of its own, with room for next to nothing.
        let wrapper = config.places.state.with_file_name("job.sh");
        let worktrees = config.places.state.join("worktrees/shop");
        std::fs::create_dir_all(&worktrees).unwrap();
        let (program, folder) = (config.launcher.program.display(), worktrees.display());
        let mount = format!("mount -t tmpfs -o size=16k none {folder}");
        let text = format!(
            "#!/bin/sh\nexec unshare -Urm sh -c '{mount} && exec {program} \"$@\"' job \"$@\"\n"
        );
        std::fs::write(&wrapper, text).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&wrapper, mode).unwrap();
        config.launcher.program = wrapper;
    })
    .await;
    let mut ticket = ticket(1, HONEST);
    let (job, fence) = world.dispatch(&ticket).await;
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert!(matches!(end.how, EndKind::Infra(Infra::DiskFull(_))), "{end:?}");
    assert_eq!(marked(world.job_places(&job, fence).marker()), NOBODY);
    assert_eq!(world.capture(&mut ticket, end).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_is_no_plain_file_is_refused() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, HONEST);
    let task = world.task(&ticket, now().plus_ms(60_000));
    let run = world.job_places(&task.job, task.fence);
    std::fs::create_dir_all(run.dir()).unwrap();
    std::os::unix::fs::symlink("/dev/zero", run.journal()).unwrap();
    let (job, fence) = world.dispatch(&ticket).await;
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert!(matches!(end.how, EndKind::Infra(Infra::Tool(_))), "{end:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_that_nobody_registered_is_set_aside() {
    let mut world = World::new().await;
    let tree = world.places.worktree(&world.project.id, "worker-1").tree();
    std::fs::create_dir_all(&tree).unwrap();
    std::fs::write(tree.join("somebody.txt"), "x").unwrap();
    let mut ticket = ticket(1, HONEST);
    let end = world.attempt(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished);
    let beside = std::fs::read_dir(tree.parent().unwrap()).unwrap().flatten();
    let aside = beside
        .map(|entry| entry.path())
        .find(|path| path.display().to_string().contains("worker-1.unknown-"));
    assert!(aside.unwrap().join("somebody.txt").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_of_which_only_gits_registry_knows_is_rescued() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, "  - write: { path: kept.txt, text: x }");
    world.attempt(&mut ticket).await;
    let (at, _) = worktree::find(&world.places, &ticket.id).unwrap().unwrap();
    std::fs::remove_file(at.meta()).unwrap();
    world.restart_node().await;
    running(&mut ticket, Start::Fresh);
    let end = world.attempt(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished);
    assert_eq!(world.hub(&["show", "refs/gangline/rescue/APP-1/1:kept.txt"]), "x");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_whose_home_is_gone_begins_anew_on_the_same_work() {
    let mut world = World::new().await;
    let steps = "
  - on:
      resumed: false
      steps:
        - write: { path: half.txt, text: x }
        - run: [sh, -c, \"test -e half.txt\"]
      else:
        - give_up: the session should not have been resumed";
    let mut ticket = ticket(1, steps);
    let (end, snapshot) = world.worked(&mut ticket).await;
    std::fs::remove_dir_all(world.places.home(&ticket.id)).unwrap();
    let left = crate::world::left(&mut ticket, &end, &snapshot);
    running(&mut ticket, Start::Resume(left));
    let end = world.attempt(&mut ticket).await;
    assert_eq!(end.how, EndKind::Finished, "{end:?}");
}

/// A job of a newer program, whose daemon was downgraded while it ran.
#[tokio::test(flavor = "multi_thread")]
async fn an_outcome_that_cannot_be_read_is_told_and_kept() {
    let mut world = World::new().await;
    for (n, text, said) in [
        (
            1,
            "{\"version\": 99, \"result\": {\"attempt\": {\"how\": \"slept\"}}}",
            "is of version 99",
        ),
        (2, "{\"version\": 1, \"jo", "is damaged"),
    ] {
        let mut ticket = ticket(n, HONEST);
        let (job, fence) = world.dispatch(&ticket).await;
        let run = world.job_places(&job, fence);
        until("the agent works", || crate::control::says(&run, "Reading the ticket.")).await;
        world.node.shutdown().await;
        until("the job ends", || run.outcome().exists()).await;
        until("its lock is free", || !FileLock::is_held(run.lock()).unwrap()).await;
        std::fs::write(run.outcome(), text).unwrap();
        world.restart_node().await;
        let end = world.attempt_end(&mut ticket, &job, fence).await;
        let EndKind::Infra(Infra::Tool(told)) = &end.how else { panic!("{end:?}") };
        assert!(told.contains(said), "{told}");
        let (_, kept) = told.split_once("it is kept as ").unwrap();
        assert_eq!(std::fs::read_to_string(kept).unwrap(), text);
        let snapshot = world.capture(&mut ticket, end).await.unwrap();
        assert_eq!(snapshot.new_commits, 1, "its work is captured all the same");
    }
}
