//! Death at any moment, of the job and of the supervisor.

use std::path::Path;
use std::time::Duration;

use gangline_domain::command::Report;
use gangline_domain::job::{EndKind, Infra, Integration, JobResult};
use gangline_domain::ticket::Ticket;
use gangline_domain::verdict::Verdict;
use gangline_node::{CrashPoint, NodeConfig};
use gangline_ports::link::FromNode;
use gangline_process::marked;

use crate::control::says;
use crate::world::{
    HONEST, NOBODY, POLICY, World, attempt_of, capturing, landing, refenced, ticket, until,
    verifying,
};

/// A node whose job processes kill themselves once at the place that a file names.
async fn mortal() -> World {
    World::with(POLICY, |config: &mut NodeConfig| {
        let wrapper = config.places.state.with_file_name("job.sh");
        let home = config.places.state.with_file_name("mortal");
        std::fs::create_dir_all(&home).unwrap();
        let program = config.launcher.program.display();
        let text = format!("#!/bin/sh\nHOME={} exec {program} \"$@\"\n", home.display());
        std::fs::write(&wrapper, text).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&wrapper, mode).unwrap();
        config.launcher.program = wrapper;
    })
    .await
}

fn die_at(world: &World, place: CrashPoint) {
    let file = world.root.path().join("mortal/die-at");
    std::fs::write(file, format!("{place:?}")).unwrap();
}

fn died(result: &JobResult) -> bool {
    let infra = match result {
        JobResult::Attempt(end) => match &end.how {
            EndKind::Infra(infra) => infra,
            _other => return false,
        },
        JobResult::Failed(infra) => infra,
        _other => return false,
    };
    matches!(infra, Infra::JobDied(_) | Infra::SpawnFailed(_))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_dies_anywhere_is_told_of_and_loses_nothing() {
    use CrashPoint as At;
    let mut world = mortal().await;
    let places = [At::Locked, At::Opened, At::Based, At::CheckedOut, At::AgentStarted];
    for (number, place) in (1..).zip(places) {
        die_at(&world, place);
        let mut ticket = ticket(number, "  - write: { path: kept, text: x }\n  - sleep: 200");
        let (job, fence) = world.dispatch(&ticket).await;
        let end = world.attempt_end(&mut ticket, &job, fence).await;
        assert!(died(&JobResult::Attempt(end.clone())), "{place:?}: {end:?}");
        assert_eq!(marked(world.job_places(&job, fence).marker()), NOBODY, "{place:?}");
        let based = attempt_of(&mut ticket).base.is_some();
        assert_eq!(based, place >= At::Based, "{place:?}");
        let snapshot = world.capture(&mut ticket, end).await;
        assert_eq!(snapshot.is_some(), place >= At::CheckedOut, "{place:?}: {snapshot:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_dies_after_its_agent_leaves_its_commit() {
    use CrashPoint as At;
    let mut world = mortal().await;
    for (number, place) in (1..).zip([At::AgentEnded, At::BeforeOutcome, At::AfterOutcome]) {
        die_at(&world, place);
        let mut ticket = ticket(number, HONEST);
        let (job, fence) = world.dispatch(&ticket).await;
        let end = world.attempt_end(&mut ticket, &job, fence).await;
        let told = place == At::AfterOutcome;
        assert_eq!(end.how == EndKind::Finished, told, "{place:?}: {end:?}");
        assert_eq!(end.usage.tokens, 120, "what it spent is in its journal");
        let snapshot = world.capture(&mut ticket, end).await.unwrap();
        assert_eq!(snapshot.new_commits, 1, "{place:?}");
    }
}

/// Dispatches under ever higher fences until the job does not die.
async fn again(world: &mut World, ticket: &mut Ticket, place: CrashPoint) -> JobResult {
    die_at(world, place);
    let (job, fence) = world.dispatch(ticket).await;
    let result = world.end_of(&job, fence).await;
    assert!(died(&result) || place == CrashPoint::AfterOutcome, "{place:?}: {result:?}");
    assert_eq!(marked(world.job_places(&job, fence).marker()), NOBODY, "{place:?}");
    refenced(ticket);
    let (job, fence) = world.dispatch(ticket).await;
    world.end_of(&job, fence).await
}

#[tokio::test(flavor = "multi_thread")]
async fn captures_that_die_anywhere_are_repeated_with_the_same_effect() {
    use CrashPoint as At;
    let mut world = mortal().await;
    let places = [At::Locked, At::Bundled, At::Imported, At::BeforeOutcome, At::AfterOutcome];
    for (number, place) in (1..).zip(places) {
        let mut ticket = ticket(number, &format!("{HONEST}\n  - write: {{ path: more, text: x }}"));
        let end = world.attempt(&mut ticket).await;
        capturing(&mut ticket, end);
        let result = again(&mut world, &mut ticket, place).await;
        let JobResult::Captured(Some(snapshot)) = result else { panic!("{place:?}: {result:?}") };
        assert_eq!((snapshot.new_commits, snapshot.clean), (1, false));
        let refs = world.refs(&format!("refs/gangline/rescue/APP-{number}"));
        assert_eq!(refs.len(), 1, "{place:?}: one rescue ref for one state, not {refs:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn verifications_and_integrations_that_die_are_repeated_with_the_same_effect() {
    use CrashPoint as At;
    let mut world = mortal().await;
    let mut ticket = ticket(1, HONEST);
    let (end, snapshot) = world.worked(&mut ticket).await;
    verifying(&mut ticket, &end, &snapshot);
    let mut measured = None;
    for place in [At::FreshCheckout, At::Measured, At::BeforeOutcome] {
        let result = again(&mut world, &mut ticket, place).await;
        let JobResult::Verified(report) = result else { panic!("{place:?}: {result:?}") };
        assert_eq!(report.verdict(), Verdict::Pass, "{place:?}");
        measured = Some(report);
        refenced(&mut ticket);
    }
    landing(&mut ticket, &measured.unwrap());
    let mut candidates = vec![];
    for place in [At::CandidateBuilt, At::Measured, At::BeforeOutcome] {
        let result = again(&mut world, &mut ticket, place).await;
        let JobResult::Integrated(Integration::Built { candidate, .. }) = result else {
            panic!("{place:?}: {result:?}")
        };
        candidates.push(candidate.new);
        refenced(&mut ticket);
    }
    candidates.dedup();
    assert_eq!(candidates.len(), 1, "the same candidate however often it is built");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_supervisor_adopts_a_running_job_and_tells_everything_again() {
    let mut world = World::new().await;
    let steps = r#"
  - say: At it.
  - ask: { text: "Go on?", otherwise: [ { write: { path: total.txt, text: "3.00\n" } }, { commit: "${KEY}: round" } ] }"#;
    let mut ticket = ticket(1, steps);
    let (job, fence) = world.dispatch(&ticket).await;
    let run = world.job_places(&job, fence);
    while !matches!(world.report().await, Report::Asked { .. }) {}
    let identity = std::fs::read(run.identity()).unwrap();
    world.restart_node().await;
    let FromNode::Register(register) = world.hear().await else { panic!("registers first") };
    assert_eq!(register.jobs, [(job.clone(), fence)]);
    assert_eq!(register.worktrees, [ticket.id.clone()]);
    let Report::Based { base, .. } = world.report().await else { panic!("told again") };
    attempt_of(&mut ticket).base = Some(base);
    let Report::Asked { question, .. } = world.report().await else { panic!("told again") };
    let said = vec![crate::world::answer(question.id, "yes")];
    let answer = gangline_ports::link::ToNode::Tell { job: job.clone(), fence, said };
    world.send(answer).await;
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert_eq!(end.how, EndKind::Finished);
    assert_eq!(std::fs::read(run.identity()).unwrap(), identity, "no second process");
    let snapshot = world.capture(&mut ticket, end).await.unwrap();
    assert_eq!(snapshot.new_commits, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_supervisor_reads_on_at_the_next_byte() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, "  - say: One.\n  - sleep: 1500\n  - say: Two.");
    let (job, fence) = world.dispatch(&ticket).await;
    let run = world.job_places(&job, fence);
    until("the agent speaks", || says(&run, "One.")).await;
    world.restart_node().await;
    let told: serde_json::Value =
        serde_json::from_slice(&std::fs::read(run.offset()).unwrap()).unwrap();
    let from = told["bytes"].as_u64().unwrap();
    let mut reader = gangline_node::journal::Reader::follow(&run.journal(), from).unwrap();
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert_eq!(end.how, EndKind::Finished);
    // What stands behind that byte is whole lines, and not the first ones.
    let first = reader.next().unwrap().unwrap();
    let gangline_node::journal::Item::Entry(entry) = first else { panic!("{first:?}") };
    assert!(from > 0 && entry.n > 1, "{entry:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_end_while_nobody_watched_is_told_by_the_next_supervisor() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, "  - say: At it.\n  - sleep: 1000");
    let (job, fence) = world.dispatch(&ticket).await;
    let run = world.job_places(&job, fence);
    until("the agent speaks", || says(&run, "At it.")).await;
    world.node.shutdown().await;
    until("the job ends", || run.outcome().exists()).await;
    world.restart_node().await;
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert_eq!(end.how, EndKind::Finished);
    // Told once and accepted, it is not told by yet another one.
    world.restart_node().await;
    assert_eq!(world.hears_report_within(Duration::from_millis(500)).await, None);
    // But whoever asks for it gets it.
    world.dispatch(&ticket).await;
    assert!(matches!(world.end_of(&job, fence).await, JobResult::Attempt(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_death_while_nobody_watched_is_told_by_the_next_supervisor() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, "  - say: At it.\n  - hang: {}");
    let (job, fence) = world.dispatch(&ticket).await;
    let run = world.job_places(&job, fence);
    until("the agent speaks", || says(&run, "At it.")).await;
    world.node.shutdown().await;
    kill_job(&run.identity());
    world.restart_node().await;
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert!(matches!(end.how, EndKind::Infra(Infra::JobDied(_))), "{end:?}");
    assert_eq!(marked(run.marker()), NOBODY);
}

/// As the files look when a laptop was closed for an hour while nobody watched.
#[tokio::test(flavor = "multi_thread")]
async fn a_machine_that_slept_past_a_deadline_ends_no_job() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, "  - say: At it.\n  - sleep: 5000\n  - say: Done.");
    let (job, fence) = world.dispatch(&ticket).await;
    let run = world.job_places(&job, fence);
    until("the agent speaks", || says(&run, "At it.")).await;
    world.node.shutdown().await;
    let mut spec: serde_json::Value =
        serde_json::from_slice(&std::fs::read(run.spec()).unwrap()).unwrap();
    for pointer in ["/task/deadline", "/launched/at"] {
        let at = spec.pointer_mut(pointer).unwrap();
        *at = (at.as_i64().unwrap() - 3_600_000_000).into();
    }
    std::fs::write(run.spec(), spec.to_string()).unwrap();
    world.restart_node().await;
    // The node ends what is overdue for three seconds.
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert_eq!(end.how, EndKind::Finished);
}

pub(crate) fn kill_job(identity: &Path) {
    let identity: gangline_process::ProcessIdentity =
        serde_json::from_slice(&std::fs::read(identity).unwrap()).unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(identity.pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_under_a_higher_fence_ends_the_one_under_the_lower() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, "  - say: At it.\n  - hang: {}");
    let (job, low) = world.dispatch(&ticket).await;
    let run = world.job_places(&job, low);
    until("the agent speaks", || says(&run, "At it.")).await;
    refenced(&mut ticket);
    let (_, high) = world.dispatch(&ticket).await;
    let high_run = world.job_places(&job, high);
    until("the second one works", || says(&high_run, "At it.")).await;
    assert_eq!(marked(run.marker()), NOBODY);
    world.send(gangline_ports::link::ToNode::Kill(World::control(&job, high))).await;
    world.end_of(&job, high).await;
}
