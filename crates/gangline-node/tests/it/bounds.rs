//! What an agent may do to a machine: nothing beyond its bounds.

use std::time::{Duration, Instant};

use gangline_domain::command::Report;
use gangline_domain::job::EndKind;
use gangline_domain::ticket::AlertKind;
use gangline_node::journal::What;
use gangline_process::marked;

use crate::control::{says, whats};
use crate::world::{NOBODY, POLICY, World, attempt_of, fence, now, ticket, without_sandbox};

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_is_capped_and_the_last_words_are_heard() {
    let mut world = World::new().await;
    let steps = "
  - flood: { bytes: 60000000, line_bytes: 2000, to: stdout }
  - flood: { bytes: 5000000, line_bytes: 0, to: stderr }
  - say: Done.";
    let mut ticket = ticket(1, steps);
    let end = world.attempt(&mut ticket).await;
    assert_eq!((end.how, end.claim.summary.as_str()), (EndKind::Finished, "Done."));
    let run = world.job_places(&attempt_of(&mut ticket).job.clone(), fence(10));
    let bytes = std::fs::metadata(run.journal()).unwrap().len();
    assert!(bytes < 40 * 1024 * 1024, "{bytes} bytes of journal");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hanging_agent_is_ended_at_the_deadline() {
    let mut world = World::new().await;
    let steps = "  - hang: { ignore_sigterm: true, ignore_interrupt: true }";
    let mut ticket = ticket(1, steps);
    let started = Instant::now();
    let (job, fence) = world.dispatch_until(&ticket, now().plus_ms(2_000)).await;
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert_eq!(end.how, EndKind::TimedOut);
    assert!(started.elapsed() < Duration::from_secs(12), "{:?}", started.elapsed());
    assert_eq!(marked(world.job_places(&job, fence).marker()), NOBODY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_does_not_keep_its_deadline_is_ended_by_the_node() {
    let mut world = World::new().await;
    let mut ticket = ticket(1, "  - say: At it.\n  - hang: {}");
    let (job, fence) = world.dispatch_until(&ticket, now().plus_ms(4_000)).await;
    let run = world.job_places(&job, fence);
    crate::world::until("the agent speaks", || says(&run, "At it.")).await;
    // A stopped process keeps its lock and hears nothing.
    let identity: gangline_process::ProcessIdentity =
        serde_json::from_slice(&std::fs::read(run.identity()).unwrap()).unwrap();
    let pid = rustix::process::Pid::from_raw(i32::try_from(identity.pid).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::STOP).unwrap();
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert_eq!(end.how, EndKind::TimedOut);
    assert!(end.session.is_some(), "its journal tells the session");
    assert_eq!(marked(run.marker()), NOBODY);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_agent_leaves_running_is_ended_with_it() {
    for (number, choose) in [(1, None), (2, Some(()))] {
        let mut world = World::with(POLICY, |config| {
            if choose.is_some() {
                without_sandbox(config);
            }
        })
        .await;
        let proof = world.places.output(&ticket(number, "").id).join("escaped");
        let steps = format!(
            "
  - daemonise: {{ after_ms: 3000, path: {0}, text: alive, linger_ms: 20000 }}
  - fork: {{ after_ms: 3000, path: {0}2, text: alive, linger_ms: 20000 }}
  - say: Done.",
            proof.display()
        );
        let mut ticket = ticket(number, &steps);
        let (job, fence) = world.dispatch(&ticket).await;
        let end = world.attempt_end(&mut ticket, &job, fence).await;
        assert_eq!(end.how, EndKind::Finished, "{:?}", end.claim);
        let run = world.job_places(&job, fence);
        assert_eq!(marked(run.marker()), NOBODY);
        assert!(whats(&run).iter().any(|what| matches!(what, What::Ended { .. })));
        tokio::time::sleep(Duration::from_millis(3_500)).await;
        assert!(!proof.exists(), "a process outlived its job");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn silence_is_told_once() {
    let mut world = World::with(POLICY, |config| config.job_timing.silence_ms = 1_000).await;
    let ticket = ticket(1, "  - say: Thinking.\n  - sleep: 4500");
    let (job, fence) = world.dispatch(&ticket).await;
    let mut told = 0;
    loop {
        match world.report().await {
            Report::Alerted { kind: AlertKind::Silence, .. } => told += 1,
            Report::Ended { .. } => break,
            _other => {}
        }
    }
    assert_eq!(told, 1);
    let whats = whats(&world.job_places(&job, fence));
    let silent = |what: &&What| matches!(what, What::Alerted { alert: AlertKind::Silence, .. });
    assert_eq!(whats.iter().filter(silent).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_writes_nowhere_but_in_its_own_places() {
    let mut world = World::new().await;
    let repo = world.repo.display().to_string();
    let hub = world.places.hub(&world.project.id).display().to_string();
    let steps = format!(
        "
  - write: {{ path: {repo}/planted, text: x, may_fail: true }}
  - write: {{ path: {hub}/refs/heads/planted, text: x, may_fail: true }}
  - write: {{ path: {hub}/objects/planted, text: x, may_fail: true }}
  - run: {{ argv: [sh, -c, \"ls {repo}\"], must_pass: false }}
  - say: Done."
    );
    let mut ticket = ticket(1, &steps);
    world.attempt(&mut ticket).await;
    for path in [
        format!("{repo}/planted"),
        format!("{hub}/refs/heads/planted"),
        format!("{hub}/objects/planted"),
    ] {
        assert!(!std::path::Path::new(&path).exists(), "{path}");
    }
}
