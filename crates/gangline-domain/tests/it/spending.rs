//! Budgets: what an attempt may spend is held back from the others while it runs.

use gangline_domain::budget::{Budget, Usage};
use gangline_domain::job::{EndKind, JobResult};
use gangline_domain::plan::{Wait, waits_for};
use gangline_domain::project::ProjectSettings;
use gangline_domain::ticket::{Reason, TicketState};

use crate::places::KEY;
use crate::world::{World, an_end, captured, ended, project, result, stands};

const DAY_MS: u64 = 86_400_000;

fn tokens(tokens: u64) -> Budget {
    Budget { tokens: Some(tokens), ..Budget::default() }
}

fn limited(change: impl FnOnce(&mut ProjectSettings)) -> World {
    World::with(|settings| {
        settings.limits.agents = 9;
        settings.limits.per_definition = 9;
        change(settings);
    })
}

/// What the running attempt of the ticket was allotted.
fn allotted(world: &World, key: &str) -> Option<u64> {
    let attempt = world.ticket(key).running_attempt();
    attempt.unwrap_or_else(|| panic!("{key} is {}", stands(world.ticket(key)))).allotment.tokens
}

fn waits(world: &World, key: &str) -> Wait {
    waits_for(&world.board, &world.nodes, world.ticket(key), world.now)
}

/// Ends the ticket's attempt after it has spent so much, and captures its work.
fn spend(world: &mut World, key: &str, how: EndKind, tokens: u64) {
    let report = result(world.ticket(key), JobResult::Attempt(an_end(how, tokens)));
    world.report(&report);
    let report = captured(world.ticket(key));
    world.report(&report);
}

#[test]
fn what_is_reserved_is_never_more_than_what_is_left() {
    let mut world = limited(|settings| {
        settings.budgets.project = tokens(1_000);
        settings.budgets.ticket = tokens(400);
    });
    for key in ["APP-1", "APP-2", "APP-3", "APP-4"] {
        world.add(key, |_spec| {});
    }
    let given = ["APP-1", "APP-2", "APP-3"].map(|key| allotted(&world, key));
    assert_eq!(given, [Some(400), Some(400), Some(200)]);
    assert_eq!(waits(&world, "APP-4"), Wait::Budget);
    // What was not spent is free again for the one that waits.
    spend(&mut world, "APP-1", EndKind::Finished, 100);
    assert_eq!(allotted(&world, "APP-4"), Some(300));
}

#[test]
fn a_ticket_that_has_used_up_its_budget_is_a_persons() {
    let mut world = limited(|settings| settings.budgets.ticket = tokens(400));
    world.add(KEY, |spec| spec.budget = tokens(300));
    assert_eq!(allotted(&world, KEY), Some(300));
    spend(&mut world, KEY, EndKind::TimedOut, 100);
    assert_eq!(allotted(&world, KEY), Some(200));
    spend(&mut world, KEY, EndKind::TimedOut, 250);
    let TicketState::Escalated(escalation) = &world.ticket(KEY).state else {
        panic!("{}", stands(world.ticket(KEY)))
    };
    assert_eq!(escalation.reason, Reason::Budget);
}

#[test]
fn the_budget_of_a_day_is_there_again_the_next_day() {
    let mut world = limited(|settings| settings.budgets.day = tokens(500));
    world.add("APP-1", |_spec| {});
    world.add("APP-2", |_spec| {});
    assert_eq!(waits(&world, "APP-2"), Wait::Budget);
    spend(&mut world, "APP-1", EndKind::Finished, 500);
    assert_eq!(waits(&world, "APP-2"), Wait::Budget);
    world.later(DAY_MS - 1);
    assert_eq!(waits(&world, "APP-2"), Wait::Budget);
    world.later(1);
    assert_eq!(allotted(&world, "APP-2"), Some(500));
}

#[test]
fn the_projects_budget_once_spent_holds_everyone() {
    let mut world = limited(|settings| settings.budgets.project = tokens(500));
    world.add("APP-1", |_spec| {});
    spend(&mut world, "APP-1", EndKind::Finished, 600);
    world.add("APP-2", |_spec| {});
    world.later(10 * DAY_MS);
    assert_eq!(waits(&world, "APP-2"), Wait::Budget);
    // More of it is a change of the policy, and takes effect at once.
    world.configure(|settings| settings.budgets.project = tokens(700));
    assert_eq!(allotted(&world, "APP-2"), Some(100));
}

#[test]
fn a_session_is_no_longer_than_what_is_left_of_the_wall_time() {
    let mut world = limited(|settings| {
        settings.budgets.ticket = Budget { wall_ms: Some(60_000), ..Budget::default() };
    });
    world.add(KEY, |_spec| {});
    let deadline = world.ticket(KEY).running_attempt().unwrap().deadline;
    assert_eq!(deadline, world.now.plus_ms(60_000));
}

#[test]
fn the_projects_count_is_the_sum_of_its_tickets() {
    let mut world = limited(|_settings| {});
    for key in ["APP-1", "APP-2"] {
        world.add(key, |_spec| {});
        spend(&mut world, key, EndKind::Finished, 70);
        world.later(DAY_MS);
    }
    let known = &world.board.projects[&project()];
    assert_eq!(known.usage.tokens, 140);
    assert_eq!(known.usage_today.tokens, 70);
    assert_eq!(known.usage_on(world.now), Usage::default());
    let report = ended(world.ticket("APP-2"), EndKind::Finished);
    // The attempt is over, and telling it again counts nothing.
    drop(world.take(&report));
    assert_eq!(world.board.projects[&project()].usage.tokens, 140);
}
