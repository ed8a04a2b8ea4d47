//! Another agent reads what was measured.

use gangline_domain::budget::Usage;
use gangline_domain::command::Command;
use gangline_domain::event::Event;
use gangline_domain::job::{EndKind, JobResult};
use gangline_domain::plan::{Wait, waits_for};
use gangline_domain::reviewer::{AgentReview, Finding, OnFindings, ReviewEnd, ReviewerSettings};
use gangline_domain::ticket::TicketState;
use gangline_domain::verdict::Verdict;

use crate::world::{World, agent, id, kind, result, stands, verified};

const KEY: &str = "APP-1";

/// A ticket whose commit has passed, in a project with these reviewers.
fn at_review(agents: &[&str], change: impl FnOnce(&mut ReviewerSettings)) -> World {
    let mut settings = ReviewerSettings {
        agents: agents.iter().map(|name| agent(name)).collect(),
        findings: OnFindings::Fail,
        always: false,
        timeout_ms: 600_000,
    };
    change(&mut settings);
    let mut world = World::with(|project| project.reviewer = Some(settings));
    world.add(KEY, |_| {});
    world.advance(KEY, "verifying/runs");
    let report = verified(world.ticket(KEY), Verdict::Pass);
    world.report(&report);
    world
}

fn answer(world: &mut World, end: ReviewEnd) {
    let usage = Usage { tokens: 500, ..Usage::default() };
    let review = JobResult::Reviewed(AgentReview { end, usage });
    let report = result(world.ticket(KEY), review);
    world.report(&report);
}

fn finds(blocking: bool) -> ReviewEnd {
    let finding =
        Finding { file: "a.rs".to_owned(), line: Some(3), blocking, text: "off by one".to_owned() };
    ReviewEnd::Answered { summary: String::new(), findings: vec![finding], left_out: 0 }
}

fn waits(world: &World) -> Wait {
    waits_for(&world.board, &world.nodes, world.ticket(KEY), world.now)
}

fn count(world: &World, name: &str) -> usize {
    world.log.iter().filter(|recorded| recorded.event.type_name() == name).count()
}

#[test]
fn one_of_another_kind_goes_first_and_the_author_never() {
    let world = at_review(&["ticket-worker", "careful", "strong"], |_| {});
    let by = world.ticket(KEY).reviewer().unwrap();
    assert_eq!((by.agent.as_str(), by.kind.as_str()), ("strong", "claude"));
    // Where it is the only one left, one of the author's own kind will do.
    let world = at_review(&["ticket-worker", "careful"], |_| {});
    assert_eq!(world.ticket(KEY).reviewer().unwrap().agent.as_str(), "careful");
}

#[test]
fn a_blocking_finding_spends_a_try_and_a_remark_none() {
    let mut world = at_review(&["strong"], |_| {});
    answer(&mut world, finds(true));
    let ticket = world.ticket(KEY);
    assert_eq!((ticket.tries_spent, ticket.usage.tokens), (1, 500));
    let record = ticket.records.last().unwrap();
    assert_eq!(record.error, "review: 1 blocking finding by strong (claude)");
    assert_eq!(record.lines, ["a.rs:3: off by one"]);
    let mut world = at_review(&["strong"], |_| {});
    answer(&mut world, finds(false));
    assert!(stands(world.ticket(KEY)).starts_with("landing"), "{}", stands(world.ticket(KEY)));
}

#[test]
fn what_is_found_may_be_a_persons_to_weigh_or_only_told() {
    let mut world = at_review(&["strong"], |reviewer| reviewer.findings = OnFindings::Review);
    answer(&mut world, finds(true));
    let TicketState::Review(verified) = &world.ticket(KEY).state else { panic!("no review") };
    assert_eq!(verified.doubts, ["review: a.rs:3: off by one"]);
    let mut world = at_review(&["strong"], |reviewer| reviewer.findings = OnFindings::Note);
    answer(&mut world, finds(true));
    assert!(stands(world.ticket(KEY)).starts_with("landing"));
}

#[test]
fn a_quota_is_waited_for_and_no_answer_is_asked_for_twice() {
    let mut world = at_review(&["strong"], |_| {});
    let until = Some(world.now.plus_ms(90_000));
    let quota = EndKind::Quota { until, message: "come back later".to_owned() };
    answer(&mut world, ReviewEnd::Ended(quota));
    let Wait::Clock { why, .. } = waits(&world) else { panic!("{:?}", waits(&world)) };
    assert_eq!(why, "the model's quota is used up: come back later");
    world.later(90_000);
    for _again in 0..2 {
        answer(&mut world, ReviewEnd::Unreadable("it said nothing".to_owned()));
    }
    let TicketState::Escalated(escalation) = &world.ticket(KEY).state else { panic!("passed") };
    let told = "review: it was not reviewed: 2 reviewers gave no answer; the last: the reviewer's \
                answer could not be read: it said nothing";
    assert_eq!(escalation.summary, told);
    assert_eq!(count(&world, "reviewer_started"), 3);
    // Neither the author nor the commands were asked again.
    assert_eq!((world.ticket(KEY).tries_spent, count(&world, "verified")), (0, 1));
}

#[test]
fn a_reviewer_that_cannot_log_in_is_waited_for_where_a_review_is_required() {
    let mut world = at_review(&["strong"], |_| {});
    answer(&mut world, ReviewEnd::Ended(EndKind::AuthFailed("401".to_owned())));
    assert_eq!(count(&world, "circuit_opened"), 1);
    assert!(matches!(waits(&world), Wait::Circuit { .. }), "{:?}", waits(&world));
    world.record(Event::CircuitClosed { kind: kind("claude") }, &crate::world::anna());
    world.settle();
    answer(&mut world, finds(false));
    assert!(stands(world.ticket(KEY)).starts_with("landing"));
    // Where it is only told, it goes on without.
    let mut world = at_review(&["strong"], |reviewer| reviewer.findings = OnFindings::Note);
    answer(&mut world, ReviewEnd::Ended(EndKind::AuthFailed("401".to_owned())));
    assert!(stands(world.ticket(KEY)).starts_with("landing"), "{}", stands(world.ticket(KEY)));
}

#[test]
fn a_reviewer_takes_the_slot_of_an_agent() {
    let mut world = at_review(&["strong"], |_| {});
    world.configure(|project| project.limits.agents = 1);
    world.add("APP-2", |_| {});
    let wait = waits_for(&world.board, &world.nodes, world.ticket("APP-2"), world.now);
    assert_eq!(wait, Wait::Slot { limit: "agents" });
    answer(&mut world, finds(false));
    assert!(stands(world.ticket("APP-2")).starts_with("working"));
}

#[test]
fn the_same_commit_is_not_read_twice_and_a_person_weighs_what_was_found() {
    let mut world = at_review(&["strong"], |_| {});
    world.configure(|project| project.limits.tries = 1);
    answer(&mut world, finds(true));
    assert!(stands(world.ticket(KEY)).starts_with("escalated"));
    world.command(Command::Recheck { ticket: id(KEY) }).unwrap();
    let report = verified(world.ticket(KEY), Verdict::Pass);
    world.report(&report);
    let TicketState::Review(verified) = &world.ticket(KEY).state else { panic!("no review") };
    assert_eq!(verified.doubts, ["review: a.rs:3: off by one"]);
    assert_eq!(count(&world, "reviewer_started"), 1);
}
