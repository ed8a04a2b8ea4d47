//! Tickets that come again by the clock.

use gangline_domain::command::{Command, Refusal};
use gangline_domain::event::Event;
use gangline_domain::ids::{ScheduleName, Timestamp};
use gangline_domain::schedule::{ScheduleSettings, ScheduleState, ScheduleText};
use gangline_domain::spec::{Priority, TicketSpec};

use crate::world::{World, id, project, stands};

const MINUTE: i64 = 60_000_000;

fn name() -> ScheduleName {
    "nightly".parse().unwrap()
}

fn schedule() -> ScheduleSettings {
    ScheduleSettings {
        cron: "0 6 * * *".to_owned(),
        timezone: "UTC".to_owned(),
        text: ScheduleText::Written { title: "Tidy".to_owned(), body: String::new() },
        agent: None,
        priority: Priority::Low,
        labels: [].into(),
        enabled: true,
    }
}

/// A world with one schedule, a minute after it was made.
fn world() -> World {
    let mut world = World::with(|settings| {
        settings.schedules.insert(name(), schedule());
    });
    world.later(60_000);
    world
}

fn state(world: &World) -> &ScheduleState {
    &world.board.projects[&project()].schedules[&name()]
}

fn fire(due: Option<Timestamp>) -> Command {
    let spec = Box::new(schedule().spec("nightly", "Tidy".to_owned(), String::new()));
    Command::FireSchedule { project: project(), schedule: name(), due, spec }
}

fn before(world: &World, minutes: i64) -> Timestamp {
    Timestamp(world.now.0 - minutes * MINUTE / 10)
}

#[test]
fn a_due_time_adds_one_ticket_however_often_it_is_found() {
    let mut world = world();
    let due = before(&world, 1);
    world.command(fire(Some(due))).unwrap();
    let labels: Vec<_> = world.ticket("APP-1").spec.labels.iter().cloned().collect();
    assert_eq!(labels, ["schedule:nightly"]);
    assert_eq!(state(&world).since, due);
    assert_eq!(state(&world).last.as_ref().unwrap().ticket.to_string(), "APP-1");
    // Found again, when the ticket has long landed: by a daemon that was killed before it heard.
    world.advance("APP-1", "closed");
    assert_eq!(world.decide(&fire(Some(due))), Ok(vec![]));
    assert_eq!(world.decide(&fire(Some(before(&world, 2)))), Ok(vec![]));
    // What is not due yet is not decided.
    assert_eq!(world.decide(&fire(Some(Timestamp(world.now.0 + 1)))), Ok(vec![]));
}

#[test]
fn while_its_last_ticket_is_not_closed_it_is_skipped_and_says_so() {
    let mut world = world();
    let (first, second, third) = (before(&world, 3), before(&world, 2), before(&world, 1));
    world.command(fire(Some(first))).unwrap();
    world.command(fire(Some(second))).unwrap();
    assert_eq!(world.board.tickets.len(), 1);
    let skipped = state(&world).skipped.clone().unwrap();
    assert_eq!((skipped.due, skipped.why.as_str()), (second, "APP-1 is not closed, but working"));
    let refused = world.decide(&fire(None)).unwrap_err();
    assert!(matches!(refused, Refusal::ScheduleBusy { .. }), "{refused}");
    world.advance("APP-1", "closed");
    // The skipped time stays skipped; the next one adds a ticket.
    assert_eq!(world.decide(&fire(Some(second))), Ok(vec![]));
    world.command(fire(Some(third))).unwrap();
    assert_eq!(stands(world.ticket("APP-2")), "working/running");
    assert_eq!(state(&world).skipped, None);
}

#[test]
fn what_a_person_runs_leaves_the_clock_alone() {
    let mut world = world();
    let since = state(&world).since;
    world.command(fire(None)).unwrap();
    assert_eq!(state(&world).since, since);
    assert_eq!(stands(world.ticket("APP-1")), "working/running");
}

#[test]
fn what_was_due_before_a_schedule_was_there_or_switched_on_is_nobodys() {
    let mut world = world();
    let begun = state(&world).since;
    assert_eq!(world.decide(&fire(Some(begun))), Ok(vec![]));
    let switch = |world: &mut World, enabled: bool| {
        world.configure(|settings| {
            settings.schedules.insert(name(), ScheduleSettings { enabled, ..schedule() });
        });
    };
    switch(&mut world, false);
    world.later(60_000);
    let while_off = before(&world, 1);
    assert_eq!(world.decide(&fire(Some(while_off))), Ok(vec![]));
    switch(&mut world, true);
    assert_eq!(world.decide(&fire(Some(while_off))), Ok(vec![]));
    // A policy that says the same as before changes nothing.
    let since = state(&world).since;
    world.later(60_000);
    switch(&mut world, true);
    assert_eq!(state(&world).since, since);
}

#[test]
fn what_could_not_be_added_is_told_once() {
    let mut world = world();
    let due = before(&world, 1);
    let (project, schedule) = (project(), name());
    let skip = Command::SkipSchedule { project, schedule, due, why: "no such file".to_owned() };
    world.command(skip.clone()).unwrap();
    assert_eq!(state(&world).skipped.as_ref().unwrap().why, "no such file");
    assert_eq!(world.decide(&skip), Ok(vec![]));
    let unknown = Command::FireSchedule {
        project: id("APP-1").project,
        schedule: "weekly".parse().unwrap(),
        due: None,
        spec: Box::new(TicketSpec::titled("Tidy")),
    };
    let refused = world.decide(&unknown).unwrap_err();
    assert_eq!(refused.to_string(), "project shop has no schedule weekly");
    world.configure(|settings| settings.schedules.clear());
    let told = world.log.iter().filter(|of| matches!(of.event, Event::ScheduleSkipped { .. }));
    assert_eq!(told.count(), 1);
    assert!(world.board.projects[&id("APP-1").project].schedules.is_empty());
}
