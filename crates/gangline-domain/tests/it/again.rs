//! The same failure twice: what changes then, and what does not.

use gangline_domain::failure::FailureClass;
use gangline_domain::job::{EndKind, JobResult, Start};
use gangline_domain::project::{ProjectSettings, Retry, SameFailure};
use gangline_domain::ticket::{TicketState, Working};
use gangline_domain::verdict::Verdict;

use crate::places::KEY;
use crate::world::{World, agent, an_end, captured, result, verified};

/// A project with five tries, whose default definition has fallbacks.
fn world(change: impl FnOnce(&mut ProjectSettings)) -> World {
    let mut world = World::with(|settings| {
        settings.limits.tries = 5;
        settings.default_agent = agent("careful");
        change(settings);
    });
    world.add(KEY, |_spec| {});
    world
}

/// The attempt ends, and its commit fails with these lines.
fn fails(world: &mut World, lines: &[&str]) {
    let report = result(world.ticket(KEY), JobResult::Attempt(an_end(EndKind::Finished, 0)));
    world.report(&report);
    let report = captured(world.ticket(KEY));
    world.report(&report);
    let mut report = verified(world.ticket(KEY), Verdict::Fail);
    if let gangline_domain::command::Report::Ended { result, .. } = &mut report
        && let JobResult::Verified(report) = &mut **result
    {
        for check in &mut report.checks {
            check.lines = lines.iter().map(|line| (*line).to_owned()).collect();
        }
    }
    world.report(&report);
}

/// Who is at it now, and how that began.
fn now(world: &World) -> String {
    let ticket = world.ticket(KEY);
    let TicketState::Working(Working { attempt, .. }) = &ticket.state else {
        return ticket.state.word().to_owned();
    };
    let start = match attempt.start {
        Start::Fresh => "fresh",
        Start::Resume(_) => "resumed",
    };
    format!("try {} {start} {}", attempt.try_no, attempt.agent)
}

#[test]
fn another_failure_is_gone_on_with() {
    let mut world = world(|_usual| {});
    fails(&mut world, &["failed: rounds"]);
    assert_eq!(now(&world), "try 2 resumed careful");
    fails(&mut world, &["failed: adds"]);
    assert_eq!(now(&world), "try 3 resumed careful");
    let records = &world.ticket(KEY).records;
    assert!(records.iter().all(|record| record.same_as.is_none()));
    assert!(records.iter().all(|record| record.class() == FailureClass::Test), "{records:?}");
}

#[test]
fn the_same_failure_twice_begins_anew_with_somebody_else() {
    let mut world = world(|_usual| {});
    fails(&mut world, &["failed: rounds after 12 ms"]);
    fails(&mut world, &["failed: rounds after 7 ms"]);
    assert_eq!(now(&world), "try 3 fresh strong");
    let records = &world.ticket(KEY).records;
    assert_eq!(records[1].same_as.as_ref(), Some(&records[0].attempt));
}

#[test]
fn policy_says_who_comes_and_each_repetition_brings_the_next() {
    let agents = vec![agent("strong"), agent("ticket-worker")];
    let mut world = world(|settings| settings.retry = Retry { agents, ..Retry::default() });
    for _ in 0..2 {
        fails(&mut world, &["failed: rounds"]);
    }
    assert_eq!(now(&world), "try 3 fresh strong");
    fails(&mut world, &["failed: rounds"]);
    assert_eq!(now(&world), "try 4 fresh ticket-worker");
    fails(&mut world, &["failed: adds"]);
    // It is the last one: fresh in any case, and with the definition's own fallback.
    assert_eq!(now(&world), "try 5 fresh strong");
}

#[test]
fn policy_may_keep_the_agent() {
    let retry = Retry { same_failure: SameFailure::Fresh, agents: vec![] };
    let mut world = world(|settings| settings.retry = retry);
    for _ in 0..2 {
        fails(&mut world, &["failed: rounds"]);
    }
    assert_eq!(now(&world), "try 3 fresh careful");
}

#[test]
fn the_bound_of_tries_stays() {
    let mut world = world(|_usual| {});
    for _ in 0..5 {
        fails(&mut world, &["failed: rounds"]);
    }
    assert_eq!(now(&world), "escalated");
}
