//! Budgets: what an attempt may spend is held back from the others while it runs.

use gangline_domain::budget::{Budget, Usage};
use gangline_domain::command::Command;
use gangline_domain::job::{EndKind, JobResult, Start};
use gangline_domain::plan::{BudgetOf, Shortage, Wait, waits_for};
use gangline_domain::project::ProjectSettings;
use gangline_domain::ticket::{Reason, TicketState};

use crate::places::KEY;
use crate::world::{World, an_end, captured, ended, id, project, result, stands};

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

fn used_up(of: BudgetOf) -> Wait {
    Wait::Budget(Shortage { of, until: None, held_back: false })
}

fn held_back(of: BudgetOf) -> Wait {
    Wait::Budget(Shortage { of, until: None, held_back: true })
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
    assert_eq!(waits(&world, "APP-4"), held_back(BudgetOf::Project));
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
fn a_ticket_that_is_cut_short_by_the_days_budget_goes_on_the_next_day_where_it_was() {
    let mut world = limited(|settings| settings.budgets.day = tokens(500));
    world.add(KEY, |_spec| {});
    spend(&mut world, KEY, EndKind::BudgetSpent, 500);
    assert_eq!(stands(world.ticket(KEY)), "backoff");
    world.later(60_000);
    let Wait::Budget(Shortage { of: BudgetOf::Day, until: Some(until), held_back: false }) =
        waits(&world, KEY)
    else {
        panic!("{:?}", waits(&world, KEY))
    };
    world.later(until.ms_since(world.now));
    let ticket = world.ticket(KEY);
    let start = &ticket.running_attempt().expect("a new day").start;
    assert!(matches!(start, Start::Resume(left) if left.session.is_some()), "{start:?}");
    assert_eq!((ticket.tries_spent, ticket.records.len()), (0, 0));
}

#[test]
fn a_raised_budget_of_the_project_lets_a_ticket_go_on() {
    let mut world = limited(|settings| settings.budgets.project = tokens(500));
    world.add(KEY, |_spec| {});
    spend(&mut world, KEY, EndKind::BudgetSpent, 500);
    world.later(60_000);
    assert_eq!(waits(&world, KEY), used_up(BudgetOf::Project));
    world.configure(|settings| settings.budgets.project = tokens(800));
    assert_eq!(allotted(&world, KEY), Some(300));
}

#[test]
fn what_a_person_lets_go_on_after_its_own_budget_was_spent_goes_on_where_it_was() {
    let mut world = limited(|settings| settings.budgets.ticket = tokens(400));
    world.add(KEY, |_spec| {});
    spend(&mut world, KEY, EndKind::BudgetSpent, 400);
    assert_eq!(stands(world.ticket(KEY)), "escalated");
    world.configure(|settings| settings.budgets.ticket = tokens(900));
    world.command(Command::Retry { ticket: id(KEY), hint: None }).unwrap();
    let start = &world.ticket(KEY).running_attempt().expect("it runs").start;
    assert!(matches!(start, Start::Resume(left) if left.session.is_some()), "{start:?}");
}

#[test]
fn the_budget_of_a_day_is_there_again_the_next_day() {
    let mut world = limited(|settings| settings.budgets.day = tokens(500));
    world.add("APP-1", |_spec| {});
    world.add("APP-2", |_spec| {});
    assert_eq!(waits(&world, "APP-2"), held_back(BudgetOf::Day));
    spend(&mut world, "APP-1", EndKind::Finished, 500);
    let until = Some(world.now.plus_ms(DAY_MS));
    let tomorrow = Wait::Budget(Shortage { of: BudgetOf::Day, until, held_back: false });
    assert_eq!(waits(&world, "APP-2"), tomorrow);
    world.later(DAY_MS - 1);
    assert_eq!(waits(&world, "APP-2"), tomorrow);
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
    assert_eq!(waits(&world, "APP-2"), used_up(BudgetOf::Project));
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
    assert_eq!(known.days.values().map(|spent| spent.tokens).collect::<Vec<_>>(), [70, 70]);
    assert_eq!(known.usage_on(world.now), Usage::default());
    let report = ended(world.ticket("APP-2"), EndKind::Finished);
    // The attempt is over, and telling it again counts nothing.
    drop(world.take(&report));
    assert_eq!(world.board.projects[&project()].usage.tokens, 140);
}
