//! Tests that failed and passed on one tree are remembered.

use gangline_domain::flaky::{FLAKY_MAX, FlakySeen, FlakyTest};
use gangline_domain::job::JobResult;
use gangline_domain::verdict::{Evidence, Verdict};

use crate::world::{World, measured, project, result, tree};

const KEY: &str = "APP-1";

/// One verification in which these tests were seen to be flaky.
fn seen(world: &mut World, tests: &[(&str, bool)]) {
    let head = match &world.ticket(KEY).state {
        gangline_domain::ticket::TicketState::Verifying(verifying) => {
            verifying.submission.snapshot.head.clone()
        }
        other => panic!("{other:?}"),
    };
    // It could not be measured otherwise, and so is measured again and again.
    let mut report = measured(head, tree(0xe), Verdict::Inconclusive);
    let flaky = tests.iter().map(|(test, on_base)| FlakySeen {
        test: (*test).to_owned(),
        failed: 1,
        runs: 2,
        on_base: *on_base,
    });
    report.checks[0].evidence = Some(Evidence {
        command: "cargo test".to_owned(),
        exit: Some(0),
        duration_ms: 10,
        tests: None,
        log_sha256: String::new(),
        log_file: String::new(),
        flaky: flaky.collect(),
    });
    let report = result(world.ticket(KEY), JobResult::Verified(report));
    world.report(&report);
}

fn known(world: &World) -> Vec<FlakyTest> {
    world.board.projects[&project()].flaky.clone()
}

fn world() -> World {
    let mut world = World::new();
    world.add(KEY, |_| {});
    world.advance(KEY, "verifying/runs");
    world
}

#[test]
fn each_test_is_one_record_with_its_counts() {
    let mut world = world();
    seen(&mut world, &[("cart::empty", false), ("cart::full", true)]);
    world.later(5_000);
    let at = world.now;
    seen(&mut world, &[("cart::empty", true)]);
    let known = known(&world);
    let names: Vec<_> = known.iter().map(|test| test.test.as_str()).collect();
    assert_eq!(names, ["cart::empty", "cart::full"]);
    let empty = &known[0];
    assert_eq!((empty.times, empty.failed, empty.runs, empty.on_base), (2, 2, 4, 1));
    assert!(empty.first_at < empty.last_at && empty.last_at >= at);
    assert_eq!(empty.last_ticket.to_string(), KEY);
}

#[test]
fn no_more_are_kept_than_anybody_reads() {
    let mut world = world();
    let names: Vec<String> = (0..=FLAKY_MAX).map(|n| format!("test{n:04}")).collect();
    let tests: Vec<(&str, bool)> = names.iter().map(|name| (name.as_str(), false)).collect();
    seen(&mut world, &tests);
    let known = known(&world);
    assert_eq!(known.len(), FLAKY_MAX);
    assert_eq!(known.last().unwrap().test, names[FLAKY_MAX]);
}
