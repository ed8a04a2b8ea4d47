//! Who is alive: silence counts only while it can be heard.

use gangline_domain::plan::Wait;

use super::bench::{Bench, KEY, add};
use crate::dispatcher::Input;

const LOST: &str = "commit attempt_lost";

fn is_lost(told: &[String]) -> bool {
    told.iter().any(|line| line.starts_with(LOST))
}

#[test]
fn a_node_that_is_silent_for_more_than_fifteen_seconds_is_dead() {
    let mut bench = Bench::working();
    assert!(!is_lost(&bench.later(15)));
    assert!(is_lost(&bench.later(1)));
    assert_eq!(bench.commit(), ["local: fenced shop.APP-1.a1 1-1", "publish 1"]);
    // It comes back, and is as good as any other.
    bench.register("local", &[], &[]);
    assert_eq!(bench.commit(), ["local: run shop.APP-1.a2 1-2", "publish 1"]);
}

#[test]
fn a_node_that_is_heard_every_five_seconds_lives() {
    let mut bench = Bench::working();
    for _beat in 0..24 {
        assert!(!is_lost(&bench.later(5)));
        bench.heartbeat("local");
    }
}

#[test]
fn while_the_bus_does_not_echo_nobody_dies_and_nobody_gets_anything_new() {
    let mut bench = Bench::working();
    bench.step(Input::Link(false));
    assert!(!is_lost(&bench.later(600)));
    bench.command(add("APP-2"));
    bench.commit();
    let wait = bench.dispatcher.waits_for(bench.ticket("APP-2"), bench.now);
    assert_eq!(wait, Wait::Node);
    // When it is back, each has its full time again.
    assert_eq!(bench.step(Input::Link(true)), ["commit attempt_started"]);
    bench.commit();
    assert!(!is_lost(&bench.later(15)));
    assert!(is_lost(&bench.later(1)));
}

#[test]
fn a_laptop_that_slept_kills_nobody_whatever_it_hears_first() {
    let first = |input: fn(&mut Bench) -> Vec<String>| {
        let mut bench = Bench::working();
        bench.now = bench.now.plus_ms(8 * 3_600_000);
        let told = input(&mut bench);
        assert!(!is_lost(&told), "{told:?}");
        bench.drain();
        assert!(!is_lost(&bench.later(14)));
        assert!(is_lost(&bench.later(2)), "but who stays silent is dead");
    };
    first(|bench| bench.step(Input::Tick));
    first(|bench| bench.command(add("APP-2")));
    first(|bench| bench.register("west", &[], &[]));
}

#[test]
fn a_node_that_held_work_before_a_start_has_fifteen_seconds_to_come_back() {
    let (mut bench, told) = Bench::working().restarted(2);
    assert_eq!(told, ["local: run shop.APP-1.a1 1-1"]);
    assert!(!is_lost(&bench.later(15)));
    assert!(is_lost(&bench.later(1)));

    let (mut bench, _) = Bench::working().restarted(2);
    bench.later(10);
    let held = bench.run(KEY);
    assert_eq!(bench.register("local", &[held], &[]), ["local: run shop.APP-1.a1 1-1"]);
    for _beat in 0..10 {
        assert!(!is_lost(&bench.later(5)));
        bench.heartbeat("local");
    }
}

#[test]
fn a_heartbeat_of_a_node_that_has_not_registered_counts_for_nothing() {
    let mut bench = Bench::new();
    bench.heartbeat("west");
    bench.command(add(KEY));
    bench.commit();
    let wait = bench.dispatcher.waits_for(bench.ticket(KEY), bench.now);
    assert_eq!(wait, Wait::Node);
    assert!(!bench.dispatcher.knows(&"west".parse().unwrap()));
}
