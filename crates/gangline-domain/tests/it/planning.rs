//! What a planner proposes becomes drafts, with the plan's delivery and at no other time.

use std::collections::BTreeSet;

use gangline_domain::board::Closed;
use gangline_domain::command::Command;
use gangline_domain::event::{Event, TicketEvent};
use gangline_domain::ids::TicketKey;
use gangline_domain::job::JobResult;
use gangline_domain::project::ReviewPolicy;
use gangline_domain::proposal::Proposal;
use gangline_domain::spec::Deliverable;
use gangline_domain::ticket::{TicketState, Verifying};
use gangline_domain::verdict::{Report as Measured, Verdict};

use crate::world::{World, id, measured, project, result, stands, tree};

const TEXT: &str = "Two steps.\n\n# Ticket #1: First\n**Scope:** `src/**`\n## Acceptance\n- a test\n\n\
                    # Ticket #2: Second\n**Depends on:** #1\n**Scope:** anywhere\n## Acceptance\n- a test\n";

/// A world in which the plan `APP-1` is verified.
fn verifying(change: impl FnOnce(&mut World)) -> World {
    let mut world = World::with(|settings| settings.review = ReviewPolicy::Required);
    change(&mut world);
    world.add("APP-1", |spec| {
        spec.deliverable = Deliverable::Plan;
        spec.labels = BTreeSet::from(["c2".to_owned()]);
    });
    world.advance("APP-1", "verifying/runs");
    world
}

fn proposes(world: &mut World, text: Option<&str>) {
    let ticket = world.ticket("APP-1");
    let TicketState::Verifying(Verifying { submission, .. }) = &ticket.state else {
        panic!("{} is not verifying", stands(ticket))
    };
    let head = submission.snapshot.head.clone();
    let proposal = text.map(|text| Box::new(Proposal::read(text, "APP").unwrap()));
    let report = Measured { proposal, ..measured(head, tree(0xe), Verdict::Pass) };
    let report = result(ticket, JobResult::Verified(report));
    world.report(&report);
}

fn wish(keys: &[&str]) -> BTreeSet<TicketKey> {
    keys.iter().map(|key| key.parse().unwrap()).collect()
}

#[test]
fn a_plan_that_passed_is_delivered_together_with_its_drafts() {
    let mut world = verifying(|_world| {});
    proposes(&mut world, Some(TEXT));
    // Nobody reviews it, whatever the policy says: the drafts wait for a person.
    assert_eq!(world.board.closed[&id("APP-1")], Closed::Delivered);
    let (first, second) = (world.ticket("APP-2"), world.ticket("APP-3"));
    assert_eq!((stands(first), stands(second)), ("draft".to_owned(), "draft".to_owned()));
    assert_eq!(second.spec.depends_on, wish(&["APP-2"]));
    let labels: Vec<&str> = first.spec.labels.iter().map(String::as_str).collect();
    assert_eq!(labels, ["c2", "plan:APP-1"]);
    let delivered = world.log.iter().rev().find_map(|recorded| {
        let Event::Ticket { what: TicketEvent::Delivered { drafts, .. }, .. } = &recorded.event
        else {
            return None;
        };
        Some(drafts.clone())
    });
    assert_eq!(delivered.unwrap().into_iter().collect::<BTreeSet<_>>(), wish(&["APP-2", "APP-3"]));
}

#[test]
fn what_cannot_be_added_is_a_failed_try_that_says_why() {
    let mut world = verifying(|_world| {});
    let text = TEXT.replace("**Depends on:** #1", "**Depends on:** #1, APP-99");
    proposes(&mut world, Some(&text));
    let ticket = world.ticket("APP-1");
    assert_eq!(ticket.tries_spent, 1);
    let record = ticket.records.last().unwrap();
    assert_eq!(
        record.error,
        "the plan's tickets cannot be added: #2 cannot depend on APP-99: there is no such ticket"
    );
    assert_eq!(record.lines, std::slice::from_ref(&record.error));
    assert_eq!(world.board.tickets.len(), 1, "nothing was added");

    // The next try mends it.
    world.advance("APP-1", "verifying/runs");
    proposes(&mut world, Some(TEXT));
    assert_eq!(world.board.closed[&id("APP-1")], Closed::Delivered);
}

#[test]
fn a_plan_whose_verification_tells_nothing_of_it_is_a_persons() {
    let mut world = verifying(|_world| {});
    proposes(&mut world, None);
    assert_eq!(stands(world.ticket("APP-1")), "escalated");
}

#[test]
fn two_plans_that_pass_at_once_take_keys_of_their_own() {
    let mut world = verifying(|_world| {});
    world.add("APP-2", |spec| spec.deliverable = Deliverable::Plan);
    world.advance("APP-2", "verifying/runs");
    for key in ["APP-1", "APP-2"] {
        let ticket = world.ticket(key);
        let proposal = Some(Box::new(Proposal::read(TEXT, "APP").unwrap()));
        let TicketState::Verifying(Verifying { submission, .. }) = &ticket.state else { panic!() };
        let head = submission.snapshot.head.clone();
        let report = Measured { proposal, ..measured(head, tree(0xe), Verdict::Pass) };
        let report = result(ticket, JobResult::Verified(report));
        // Both are known before anything follows.
        drop(world.take(&report));
    }
    world.settle();
    let drafts: Vec<String> = world.board.tickets.keys().map(|id| id.key.to_string()).collect();
    assert_eq!(drafts, ["APP-3", "APP-4", "APP-5", "APP-6"]);
}

#[test]
fn drafts_are_started_and_dropped_together_and_only_while_they_are_drafts() {
    let mut world = verifying(|_world| {});
    proposes(&mut world, Some(TEXT));
    let start = |keys: &[&str]| Command::StartDrafts { project: project(), tickets: wish(keys) };
    let drop = |keys: &[&str]| Command::DropDrafts { project: project(), tickets: wish(keys) };
    let unknown = world.decide(&start(&["APP-2", "APP-9"])).unwrap_err();
    assert_eq!(unknown.to_string(), "there is no ticket shop.APP-9");
    world.command(start(&["APP-2"])).unwrap();
    assert_eq!(stands(world.ticket("APP-2")), "working/running");
    // Asked again, and for what is closed: nothing more happens.
    assert_eq!(world.decide(&start(&["APP-1", "APP-2"])), Ok(vec![]));
    world.command(drop(&["APP-2", "APP-3"])).unwrap();
    assert_eq!(stands(world.ticket("APP-2")), "working/running");
    assert_eq!(world.board.closed[&id("APP-3")], Closed::Cancelled);
    assert_eq!(world.decide(&drop(&["APP-2", "APP-3"])), Ok(vec![]));
}
