//! Tickets that wait for others.

use std::collections::{BTreeMap, BTreeSet};

use gangline_domain::command::{Command, NewTicket, Refusal};
use gangline_domain::deps::find_cycle;
use gangline_domain::ids::TicketKey;
use gangline_domain::plan::{Wait, waits_for};
use gangline_domain::spec::{Deliverable, TicketSpec};
use gangline_domain::ticket::{Reason, TicketState};

use crate::world::{World, id, project, stands};

fn key(text: &str) -> TicketKey {
    text.parse().unwrap()
}

fn on(keys: &[&str]) -> impl FnOnce(&mut TicketSpec) {
    let keys: BTreeSet<TicketKey> = keys.iter().map(|text| key(text)).collect();
    move |spec| spec.depends_on = keys
}

fn refused(world: &World, name: &str, keys: &[&str]) -> Refusal {
    let mut spec = TicketSpec::titled("Do it");
    on(keys)(&mut spec);
    let (key, spec) = (Some(key(name)), Box::new(spec));
    world.decide(&Command::Add { project: project(), key, spec, draft: false }).unwrap_err()
}

#[test]
fn a_ticket_runs_only_when_all_that_it_depends_on_has_landed() {
    let mut world = World::new();
    world.add("APP-1", |_spec| {});
    world.add("APP-2", |spec| spec.deliverable = Deliverable::Report);
    world.add("APP-3", on(&["APP-1", "APP-2"]));
    let waits =
        |world: &World| waits_for(&world.board, &world.nodes, world.ticket("APP-3"), world.now);
    assert_eq!(waits(&world), Wait::Dependencies { on: vec![key("APP-1"), key("APP-2")] });
    world.advance("APP-1", "landing/intended");
    assert_eq!(waits(&world), Wait::Dependencies { on: vec![key("APP-1"), key("APP-2")] });
    world.advance("APP-1", "closed");
    assert_eq!(waits(&world), Wait::Dependencies { on: vec![key("APP-2")] });
    world.advance("APP-2", "closed");
    assert_eq!(stands(world.ticket("APP-3")), "working/running");
}

#[test]
fn a_ticket_whose_dependency_is_cancelled_is_a_persons() {
    let mut world = World::new();
    world.nodes.alive.clear();
    world.add("APP-1", |_spec| {});
    world.add("APP-2", on(&["APP-1"]));
    world.add("APP-3", on(&["APP-2"]));
    world.command(Command::Cancel { ticket: id("APP-1") }).unwrap();
    let TicketState::Escalated(escalation) = &world.ticket("APP-2").state else {
        panic!("{}", stands(world.ticket("APP-2")))
    };
    assert_eq!(escalation.reason, Reason::DependencyCancelled);
    insta::assert_snapshot!(escalation.summary, @"it depends on APP-1, which was cancelled");
    // Whoever depends on that one still may get it.
    assert_eq!(stands(world.ticket("APP-3")), "open");
}

#[test]
fn a_dependency_must_exist_and_be_able_to_land() {
    let mut world = World::new();
    world.nodes.alive.clear();
    world.add("APP-1", |_spec| {});
    world.command(Command::Cancel { ticket: id("APP-1") }).unwrap();
    insta::assert_snapshot!(refused(&world, "APP-2", &["APP-9"]), @"APP-2 cannot depend on APP-9: there is no such ticket");
    insta::assert_snapshot!(refused(&world, "APP-2", &["APP-1"]), @"APP-2 cannot depend on APP-1: it was cancelled");
    insta::assert_snapshot!(refused(&world, "APP-2", &["APP-2"]), @"these tickets would wait for one another: APP-2 → APP-2");
}

fn together(tickets: &[(&str, &[&str])]) -> Command {
    let new = |keys: &&[&str]| {
        let mut spec = TicketSpec::titled("Do it");
        on(keys)(&mut spec);
        NewTicket { spec: Box::new(spec), draft: false }
    };
    let tickets = tickets.iter().map(|(name, keys)| (key(name), new(keys))).collect();
    Command::AddAll { project: project(), tickets }
}

#[test]
fn tickets_that_are_added_together_may_depend_on_one_another() {
    let mut world = World::new();
    world.nodes.alive.clear();
    world.add("APP-9", |_spec| {});
    let command =
        together(&[("APP-1", &["APP-2", "APP-9"]), ("APP-2", &["APP-3"]), ("APP-3", &[])]);
    let events = world.decide(&command).unwrap();
    let order: Vec<String> =
        events.iter().filter_map(|event| Some(event.ticket()?.key.to_string())).collect();
    assert_eq!(order, ["APP-3", "APP-2", "APP-1"], "each comes after those it depends on");
    world.command(command).unwrap();
    assert_eq!(world.board.tickets.len(), 4);
}

#[test]
fn of_tickets_that_are_added_together_all_are_or_none() {
    let mut world = World::new();
    world.nodes.alive.clear();
    world.add("APP-9", |_spec| {});
    let refused = |tickets: &[(&str, &[&str])]| world.decide(&together(tickets)).unwrap_err();
    insta::assert_snapshot!(refused(&[("APP-1", &[]), ("APP-2", &["APP-8"])]), @"APP-2 cannot depend on APP-8: there is no such ticket");
    insta::assert_snapshot!(refused(&[("APP-1", &[]), ("APP-9", &[])]), @"shop.APP-9 exists already");
    insta::assert_snapshot!(refused(&[("APP-1", &["APP-2"]), ("APP-2", &["APP-1"])]), @"these tickets would wait for one another: APP-1 → APP-2 → APP-1");
    let many: Vec<String> = (1..=1_001).map(|n| format!("APP-{n}")).collect();
    let many: Vec<(&str, &[&str])> = many.iter().map(|name| (name.as_str(), &[][..])).collect();
    insta::assert_snapshot!(refused(&many), @"1001 tickets at once are more than 1000");
    let edited = world.decide(&together(&[])).unwrap();
    assert_eq!(edited, [], "nothing is nothing");
}

#[test]
fn a_cycle_in_an_import_is_named_by_the_tickets_on_it() {
    let graph: BTreeMap<TicketKey, BTreeSet<TicketKey>> = [
        ("APP-1", &["APP-2"][..]),
        ("APP-2", &["APP-4", "APP-3"]),
        ("APP-3", &["APP-1"]),
        ("APP-4", &[]),
    ]
    .map(|(from, to)| (key(from), to.iter().map(|text| key(text)).collect()))
    .into();
    let cycle = Refusal::DependencyCycle(find_cycle(&graph).unwrap());
    insta::assert_snapshot!(cycle, @"these tickets would wait for one another: APP-1 → APP-2 → APP-3 → APP-1");
}
