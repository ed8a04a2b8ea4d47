//! What an attempt may use of the machine.

use std::time::{Duration, Instant};

use gangline_domain::job::EndKind;
use gangline_process::marked;

use crate::world::{NOBODY, POLICY, World, ticket, without_sandbox};

async fn ended(limit: &str, script: &str, change: fn(&mut gangline_node::NodeConfig)) -> String {
    let policy = format!("{POLICY}\n[resources]\n{limit}\n");
    let mut world = World::with(&policy, change).await;
    let steps = format!(
        "\n  - run: {{ argv: [sh, -c, \"{script}\"], must_pass: false, deadline_ms: 60000 }}\n  - hang: {{}}"
    );
    let mut ticket = ticket(1, &steps);
    let started = Instant::now();
    let (job, fence) = world.dispatch(&ticket).await;
    let end = world.attempt_end(&mut ticket, &job, fence).await;
    assert!(started.elapsed() < Duration::from_secs(19), "{:?}", started.elapsed());
    assert_eq!(marked(world.job_places(&job, fence).marker()), NOBODY);
    let EndKind::Crashed(why) = end.how else { panic!("{:?}", end.how) };
    why
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_beyond_the_limit_ends_the_attempt_and_is_named() {
    let script = "x=$(head -c 90000000 /dev/zero | tr '\\\\0' x); sleep 60";
    for change in [|_: &mut gangline_node::NodeConfig| {}, without_sandbox as fn(&mut _)] {
        let why = ended("memory = \"64MiB\"", script, change).await;
        assert!(why.starts_with("ended at its limit `memory` of 64MiB: "), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_beyond_the_limit_end_the_attempt() {
    // Bounded by itself too, should the limit not hold.
    let script = "for i in $(seq 60); do sleep 60 & done; wait";
    let why = ended("processes = 40", script, |_| {}).await;
    assert_eq!(why, "ended at its limit `processes`: more than 40 processes and threads");
}

#[tokio::test(flavor = "multi_thread")]
async fn processor_time_beyond_the_limit_ends_the_attempt() {
    let script =
        "for i in 1 2; do (n=0; while [ $n -lt 9000000 ]; do n=$((n+1)); done) & done; wait";
    let why = ended("cpu_seconds = 2", script, |_| {}).await;
    assert_eq!(why, "ended at its limit `cpu_seconds` of 2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tree_that_grows_beyond_the_limit_ends_the_attempt() {
    // Each file alone is within the limit, which also bounds single files.
    let script = "for i in 1 2 3; do head -c 4000000 /dev/urandom > f$i; done; sleep 60";
    let why = ended("disk = \"8MiB\"", script, |_| {}).await;
    assert!(why.starts_with("ended at its limit `disk` of 8MiB: "), "{why}");
}
