//! What comes first: the priority score, and the order of the merge queue.

use gangline_domain::ids::Timestamp;
use gangline_domain::plan::{lane_order, ready_order, score};
use gangline_domain::project::ReviewPolicy;
use gangline_domain::spec::Priority;

use crate::world::{World, id, project};

const DAY_MS: u64 = 86_400_000;

/// A ticket of this priority and age in days, blocked or not, that blocks so many others.
fn scored(priority: Priority, days: u64, blocked: bool, blocks: u64) -> i64 {
    let mut world = World::new();
    world.nodes.alive.clear();
    world.add("APP-1", |_other| {});
    world.add("APP-2", |spec| {
        spec.priority = priority;
        if blocked {
            spec.depends_on.insert("APP-1".parse().unwrap());
        }
    });
    for other in 0..blocks {
        world.add(&format!("APP-{}", 10 + other), |spec| {
            spec.depends_on.insert("APP-2".parse().unwrap());
        });
    }
    score(&world.board, world.ticket("APP-2"), world.now.plus_ms(days * DAY_MS))
}

/// The formula of the work queue prioritisation, in hundredths.
#[test]
fn the_score_is_the_one_of_the_requirements() {
    use Priority::{Critical, High, Low, Medium};
    for (priority, days, blocked, blocks, points) in [
        (Critical, 0, true, 0, 100.0),
        (High, 0, true, 0, 50.0),
        (Medium, 0, true, 0, 25.0),
        (Low, 0, true, 0, 10.0),
        (Low, 0, false, 0, 30.0),
        (Low, 1, false, 0, 30.5),
        (Low, 39, false, 0, 49.5),
        (Low, 40, false, 0, 50.0),
        (Low, 400, false, 0, 50.0),
        (Low, 0, false, 3, 45.0),
        (Medium, 10, true, 2, 40.0),
        (Critical, 400, false, 4, 160.0),
    ] {
        let scored = scored(priority, days, blocked, blocks);
        #[expect(clippy::cast_possible_truncation, reason = "small numbers with one decimal")]
        let expected = (points * 100.0) as i64;
        assert_eq!(scored, expected, "{priority:?} {days} d blocked {blocked} blocks {blocks}");
    }
}

#[test]
fn an_age_below_a_whole_day_and_a_clock_that_went_back_count_nothing() {
    let mut world = World::new();
    world.add("APP-1", |_spec| {});
    let at = |now: Timestamp| score(&world.board, world.ticket("APP-1"), now);
    let fresh = at(world.now);
    assert_eq!(at(world.now.plus_ms(DAY_MS - 1)), fresh);
    assert_eq!(at(Timestamp(0)), fresh);
}

fn keys<'w>(keys: impl Iterator<Item = &'w gangline_domain::ids::TicketId>) -> String {
    keys.map(|id| id.key.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn critical_is_first_then_the_score_then_the_older_then_the_key() {
    let mut world = World::new();
    world.nodes.alive.clear();
    let add = |world: &mut World, key: &str, priority: Priority| {
        world.add(key, |spec| spec.priority = priority);
    };
    add(&mut world, "APP-9", Priority::Low);
    world.later(60 * DAY_MS);
    add(&mut world, "APP-8", Priority::High);
    add(&mut world, "APP-7", Priority::Medium);
    world.later(1);
    add(&mut world, "APP-10", Priority::High);
    add(&mut world, "APP-2", Priority::High);
    // Blocked, and so with fewer points than APP-8; critical all the same.
    world.add("APP-6", |spec| {
        spec.priority = Priority::Critical;
        spec.depends_on.insert("APP-9".parse().unwrap());
    });
    let mut waiting: Vec<_> = world.board.waiting().collect();
    waiting.sort_by_cached_key(|ticket| ready_order(&world.board, ticket, world.now));
    assert_eq!(
        keys(waiting.into_iter().map(|ticket| &ticket.id)),
        "APP-6 APP-8 APP-2 APP-10 APP-9 APP-7"
    );
}

#[test]
fn the_lane_takes_one_by_priority_and_then_whoever_waited_longer() {
    let mut world = World::with(|settings| {
        settings.review = ReviewPolicy::Required;
        settings.limits.per_definition = 9;
        settings.limits.agents = 9;
        settings.limits.verifications = 9;
    });
    for (key, priority) in [
        ("APP-1", Priority::Low),
        ("APP-2", Priority::Low),
        ("APP-3", Priority::High),
        ("APP-4", Priority::Critical),
        ("APP-5", Priority::Low),
    ] {
        world.add(key, |spec| spec.priority = priority);
        world.advance(key, "review");
    }
    let approve = |world: &mut World, key: &str| {
        world.later(1_000);
        let ticket = id(key);
        let approve = gangline_domain::command::Command::Approve { ticket, commit: None };
        world.command(approve).unwrap();
    };
    for key in ["APP-5", "APP-2", "APP-1", "APP-3", "APP-4"] {
        approve(&mut world, key);
    }
    // The first one to come was alone, and so is in the lane already.
    assert_eq!(keys(lane_order(&world.board, &project()).iter()), "APP-4 APP-3 APP-2 APP-1");
    let mut landed = vec![];
    while let Some(key) = in_lane(&world) {
        assert_eq!(lane_order(&world.board, &project()).len() + landed.len(), 4);
        world.advance(&key, "closed");
        landed.push(key);
    }
    assert_eq!(landed.join(" "), "APP-5 APP-4 APP-3 APP-2 APP-1");
}

fn in_lane(world: &World) -> Option<String> {
    let mut landing = world.board.queue().filter(|ticket| ticket.state.word() == "landing");
    landing.next().map(|ticket| ticket.id.key.to_string())
}
