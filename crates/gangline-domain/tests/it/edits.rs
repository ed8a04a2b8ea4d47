//! What is asked for is changed.

use std::collections::BTreeSet;

use gangline_domain::command::{Command, Refusal};
use gangline_domain::edit::SpecEdit;
use gangline_domain::ids::TicketKey;
use gangline_domain::spec::Priority;

use crate::places::{ENDS, KEY, LIVE, at};
use crate::world::{World, id, stands};

fn edit(key: &str, edit: SpecEdit) -> Command {
    Command::Edit { ticket: id(key), edit: Box::new(edit) }
}

fn body() -> SpecEdit {
    SpecEdit { body: Some("Round up.".to_owned()), ..SpecEdit::default() }
}

fn on(keys: &[&str]) -> SpecEdit {
    let keys: BTreeSet<TicketKey> = keys.iter().map(|key| key.parse().unwrap()).collect();
    SpecEdit { depends_on: Some(keys), ..SpecEdit::default() }
}

#[test]
fn how_much_it_matters_is_said_at_any_time_and_what_it_is_while_nothing_is_under_way() {
    let mut may = vec![];
    for place in LIVE.into_iter().chain([ENDS[0]]) {
        let world = at(place);
        let urgent = SpecEdit { priority: Some(Priority::Critical), ..SpecEdit::default() };
        world.decide(&edit(KEY, urgent)).unwrap_or_else(|refused| panic!("{place}: {refused}"));
        match world.decide(&edit(KEY, body())) {
            Ok(_) => may.push(place),
            Err(Refusal::UnderWay { .. }) => {}
            Err(other) => panic!("{place}: {other}"),
        }
    }
    insta::assert_snapshot!(may.join(", "), @"draft, open, backoff, parked/quota, parked/answer, held/open, held/verifying, held/review, held/queued, held/taken over, escalated");
}

#[test]
fn what_was_judged_for_something_else_does_not_land() {
    let mut world = at("review");
    let refused = world.command(edit(KEY, body())).unwrap_err();
    insta::assert_snapshot!(refused, @"shop.APP-1 is review: while its work is under way, only its priority, its budget and plain labels may be changed");
    world.command(Command::Hold { ticket: id(KEY) }).unwrap();
    world.command(edit(KEY, body())).unwrap();
    world.command(Command::Resume { ticket: id(KEY) }).unwrap();
    assert_eq!(stands(world.ticket(KEY)), "working/running");
    assert_eq!(world.ticket(KEY).spec.body, "Round up.");
}

#[test]
fn a_ticket_that_others_wait_for_cannot_come_to_wait_for_them() {
    let mut world = World::new();
    world.nodes.alive.clear();
    world.add("APP-1", |_spec| {});
    world.add("APP-2", |spec| spec.depends_on = on(&["APP-1"]).depends_on.unwrap());
    world.add("APP-3", |spec| spec.depends_on = on(&["APP-2"]).depends_on.unwrap());
    let refused = |on_keys: &[&str]| world.decide(&edit("APP-1", on(on_keys))).unwrap_err();
    insta::assert_snapshot!(refused(&["APP-3"]), @"these tickets would wait for one another: APP-1 → APP-3 → APP-2 → APP-1");
    insta::assert_snapshot!(refused(&["APP-1"]), @"these tickets would wait for one another: APP-1 → APP-1");
    insta::assert_snapshot!(refused(&["APP-9"]), @"APP-1 cannot depend on APP-9: there is no such ticket");
    world.command(edit("APP-3", on(&[]))).unwrap();
    world.command(edit("APP-1", on(&["APP-3"]))).unwrap();
    assert_eq!(world.board.dependents(&id("APP-3")).collect::<Vec<_>>(), [&id("APP-1")]);
    assert_eq!(world.board.dependents(&id("APP-2")).count(), 0);
}
