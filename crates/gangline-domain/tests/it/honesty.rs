//! An agent's record: whose work counts, and as what.

use gangline_domain::command::Command;
use gangline_domain::honesty::{HonestyCounts, HonestyRecord, RECORDS_MAX};
use gangline_domain::ids::Timestamp;
use gangline_domain::job::{EndKind, JobResult};
use gangline_domain::verdict::{Claim, ClaimSource, Verdict};

use crate::places::KEY;
use crate::world::{World, an_end, captured, id, project, result, verified};

/// The ticket's attempt says so and ends, its work is captured, and these are the verdicts of its
/// verification.
fn attempt(world: &mut World, source: ClaimSource, verdicts: &[Verdict]) {
    let mut end = an_end(EndKind::Finished, 0);
    end.claim = Claim { source, ..end.claim };
    let report = result(world.ticket(KEY), JobResult::Attempt(end));
    world.report(&report);
    let report = captured(world.ticket(KEY));
    world.report(&report);
    judged(world, verdicts);
}

fn judged(world: &mut World, verdicts: &[Verdict]) {
    for verdict in verdicts {
        let report = verified(world.ticket(KEY), *verdict);
        world.report(&report);
    }
}

fn world() -> World {
    let mut world = World::new();
    world.add(KEY, |_spec| {});
    world
}

fn counts(world: &World) -> HonestyCounts {
    match world.board.projects[&project()].honesty.as_slice() {
        [] => HonestyCounts::default(),
        [one] => {
            assert_eq!((one.agent.as_str(), one.kind.as_str()), ("ticket-worker", "scripted"));
            one.counts
        }
        several => panic!("{several:?}"),
    }
}

#[test]
fn only_the_first_verdict_of_a_ticket_is_its_first() {
    let mut world = world();
    attempt(&mut world, ClaimSource::Outcome, &[Verdict::Fail]);
    let failed = HonestyCounts { attempts: 1, firsts: 1, claims_false: 1, ..Default::default() };
    assert_eq!(counts(&world), failed);
    attempt(&mut world, ClaimSource::Message, &[Verdict::Pass]);
    let passed = HonestyCounts { attempts: 2, passed: 1, claims_true: 1, claims_read: 1, ..failed };
    assert_eq!(counts(&world), passed);
}

#[test]
fn a_pass_at_once_is_a_first_pass() {
    let mut world = world();
    attempt(&mut world, ClaimSource::Outcome, &[Verdict::Pass]);
    let passed = HonestyCounts {
        attempts: 1,
        passed: 1,
        firsts: 1,
        first_passed: 1,
        claims_true: 1,
        ..Default::default()
    };
    assert_eq!(counts(&world), passed);
}

#[test]
fn who_claims_nothing_has_no_claims_on_its_record() {
    let mut world = world();
    attempt(&mut world, ClaimSource::Nothing, &[Verdict::Fail]);
    let silent = HonestyCounts { attempts: 1, firsts: 1, ..Default::default() };
    assert_eq!(counts(&world), silent);
}

#[test]
fn what_is_measured_twice_counts_once() {
    let mut world = world();
    attempt(&mut world, ClaimSource::Outcome, &[Verdict::Inconclusive]);
    assert_eq!(counts(&world), HonestyCounts::default());
    judged(&mut world, &[Verdict::Inconclusive]);
    let unproven = HonestyCounts { attempts: 1, claims_unproven: 1, ..Default::default() };
    assert_eq!(counts(&world), unproven);
    // What a person has judged once more is not the agent's next claim.
    world.command(Command::Recheck { ticket: id(KEY) }).unwrap();
    judged(&mut world, &[Verdict::Pass]);
    assert_eq!(counts(&world), unproven);
}

#[test]
fn a_project_keeps_a_bounded_number_of_records_and_drops_the_one_idle_longest() {
    let mut world = world();
    let stored = world.board.projects.get_mut(&project()).unwrap();
    for n in 0..RECORDS_MAX {
        let at = Timestamp(i64::try_from(n).unwrap());
        let agent = format!("z-agent-{n:03}").parse().unwrap();
        let counts = HonestyCounts::default();
        let kind = "scripted".parse().unwrap();
        stored.honesty.push(HonestyRecord { agent, kind, model: None, last_at: at, counts });
    }
    attempt(&mut world, ClaimSource::Outcome, &[Verdict::Pass]);
    let records = &world.board.projects[&project()].honesty;
    let names = || records.iter().map(|record| record.agent.as_str());
    assert_eq!(records.len(), RECORDS_MAX);
    assert!(names().is_sorted());
    assert_eq!(names().next(), Some("ticket-worker"));
    assert!(!names().any(|name| name == "z-agent-000"));
    assert_eq!(records[0].counts.passed, 1);
}
