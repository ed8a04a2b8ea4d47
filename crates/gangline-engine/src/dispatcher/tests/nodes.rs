//! Who is alive: silence counts only while it can be heard.

use gangline_domain::budget::Usage;
use gangline_domain::command::{Command, Report};
use gangline_domain::ids::{Fence, JobId};
use gangline_domain::job::{AttemptEnd, EndKind, JobResult};
use gangline_domain::plan::Wait;
use gangline_domain::verdict::Claim;
use gangline_ports::link::{AgentHeartbeatMessage, FromNode, JobPulse, MESSAGE_VERSION};

use super::bench::{Bench, KEY, add, id};
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
    // Nothing newer holds the ticket yet: its attempt is let be.
    assert_eq!(bench.commit(), ["publish 1"]);
    // It comes back without it, and is as good as any other.
    bench.register("local", &[], &[]);
    assert_eq!(
        bench.commit(),
        ["local: fenced shop.APP-1.a1 1-1", "local: run shop.APP-1.a2 1-2", "publish 1"]
    );
}

/// With a ticket whose attempt was lost, and what it was.
fn lost() -> (Bench, (JobId, Fence)) {
    let mut bench = Bench::working();
    let held = bench.run(KEY);
    bench.later(16);
    bench.drain();
    (bench, held)
}

#[test]
fn a_lost_attempt_that_its_node_still_has_goes_on_and_is_fenced_off_by_nobody() {
    for restart in [false, true] {
        let (mut bench, held) = lost();
        if restart {
            (bench, _) = bench.restarted(2);
        }
        assert_eq!(bench.register("local", &[held], &[]), ["commit attempt_regained"]);
        assert_eq!(bench.commit(), ["local: run shop.APP-1.a1 1-1", "publish 1"]);
    }
}

#[test]
fn a_node_that_was_only_silent_goes_on_with_what_it_says_that_it_has() {
    let (mut bench, (job, fence)) = lost();
    let pulse =
        JobPulse { job, fence, last_activity: bench.now, current: String::new(), journal_bytes: 0 };
    let message = AgentHeartbeatMessage {
        version: MESSAGE_VERSION,
        node: "local".parse().unwrap(),
        jobs: vec![pulse],
        rooms: vec![],
    };
    let told = bench.step(Input::FromNode(FromNode::Heartbeat(message)));
    assert_eq!(told, ["commit attempt_regained"]);
}

#[test]
fn a_lost_attempt_is_fenced_off_once_something_newer_holds_its_ticket() {
    for restart in [false, true] {
        let (mut bench, _) = lost();
        if restart {
            (bench, _) = bench.restarted(2);
            bench.later(16);
        }
        bench.register("west", &[], &[]);
        let told = bench.commit();
        assert_eq!(told[0], "local: fenced shop.APP-1.a1 1-1");
        assert!(told[1].starts_with("west: run shop.APP-1.a2"), "{told:?}");
        // When it comes back with it after all, it is told again.
        let stale = ("shop.APP-1.a1".parse().unwrap(), Fence { epoch: 1, n: 1 });
        assert_eq!(bench.register("local", &[stale], &[]), ["local: fenced shop.APP-1.a1 1-1"]);
    }
}

#[test]
fn a_late_result_is_a_sign_of_life_of_the_node_that_it_is_adopted_from() {
    let (mut bench, (job, fence)) = lost();
    let end = AttemptEnd {
        how: EndKind::Finished,
        claim: Claim::default(),
        session: None,
        usage: Usage::default(),
    };
    let result = Box::new(JobResult::Attempt(end));
    let report = Box::new(Report::Ended { job, fence, result });
    let told = bench.step(Input::FromNode(FromNode::Result(report)));
    assert_eq!(told, ["commit attempt_adopted+job_started"]);
    assert_eq!(bench.commit(), ["local: run shop.APP-1.c2 1-2", "publish 2"]);
    assert!(!is_lost(&bench.later(15)));
    assert!(is_lost(&bench.later(1)) || bench.ticket(KEY).run().is_none(), "but only for so long");
}

#[test]
fn a_node_that_registers_while_the_board_is_loaded_is_judged_by_that_board() {
    let mut bench = Bench::working();
    let held = bench.run(KEY);
    for key in ["APP-2", "APP-3"] {
        bench.command(add(key));
        bench.commit();
    }
    bench.command(Command::Cancel { ticket: id("APP-3") });
    bench.drain();
    let stored = Box::new(bench.dispatcher.board().clone());
    bench.command(add("APP-4"));
    bench.step(Input::CommitUnknown);
    let stale = (held.0.clone(), Fence { n: 0, ..held.1 });
    assert!(bench.register("west", &[stale, held], &["APP-1", "APP-3"]).is_empty());
    let told = bench.step(Input::Loaded(stored));
    assert!(told.contains(&"west: fenced shop.APP-1.a1 1-0".to_owned()), "{told:?}");
    assert!(told.contains(&"west: retire shop.APP-3".to_owned()), "{told:?}");
    assert!(!told.contains(&"west: retire shop.APP-1".to_owned()), "{told:?}");
    assert!(!told.contains(&"west: fenced shop.APP-1.a1 1-1".to_owned()), "{told:?}");
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
fn what_a_node_runs_short_of_is_told_once_also_over_a_restart() {
    let mut bench = Bench::new();
    bench.register("local", &[], &[]);
    assert_eq!(bench.measured("local", 5), ["commit node_alert_raised"]);
    assert_eq!(bench.commit(), ["publish 1"]);
    assert!(bench.measured("local", 5).is_empty());
    let (mut bench, _) = bench.restarted(2);
    // One that is not there yet is waited for.
    assert!(bench.later(15).is_empty());
    bench.register("local", &[], &[]);
    assert!(bench.measured("local", 5).is_empty());
    assert_eq!(bench.measured("local", 500), ["commit node_alert_cleared"]);
    assert_eq!(bench.commit(), ["publish 1"]);
    assert!(bench.dispatcher.board().node_alerts.is_empty());
}

#[test]
fn a_node_that_is_gone_has_no_alerts() {
    for restart in [false, true] {
        let mut bench = Bench::new();
        bench.register("local", &[], &[]);
        bench.measured("local", 5);
        bench.commit();
        if restart {
            (bench, _) = bench.restarted(2);
        }
        assert!(bench.later(15).is_empty());
        assert_eq!(bench.later(1), ["commit node_alert_cleared"]);
    }
}

#[test]
fn an_alert_of_a_node_that_the_store_did_not_take_is_raised_again() {
    let mut bench = Bench::new();
    bench.register("local", &[], &[]);
    assert_eq!(bench.measured("local", 5), ["commit node_alert_raised"]);
    bench.step(Input::CommitRefused);
    bench.later(5);
    assert_eq!(bench.measured("local", 5), ["commit node_alert_raised"]);
}

fn drain(node: &str) -> Command {
    Command::DrainNode { node: node.parse().unwrap() }
}

#[test]
fn a_drained_node_gets_nothing_new_also_over_a_restart() {
    let mut bench = Bench::with_node();
    assert_eq!(bench.command(drain("local")), ["commit node_drained"]);
    assert_eq!(bench.commit(), ["publish 1", "reply 1: done at 2"]);
    assert_eq!(bench.command(drain("local")), ["reply 2: done at 2"], "it is so already");
    let (mut bench, _) = bench.restarted(2);
    bench.register("local", &[], &[]);
    bench.command(add(KEY));
    bench.drain();
    let wait = |bench: &Bench| bench.dispatcher.waits_for(bench.ticket(KEY), bench.now);
    assert_eq!(wait(&bench), Wait::Drained { nodes: vec!["local".parse().unwrap()] });
    let resume = Command::ResumeNode { node: "local".parse().unwrap() };
    assert_eq!(bench.command(resume), ["commit node_resumed+attempt_started"]);
}

#[test]
fn only_a_node_that_is_known_is_drained_or_resumed() {
    let mut bench = Bench::with_node();
    assert_eq!(bench.command(drain("locl")), ["reply 1: there is no node locl"]);
    bench.command(drain("local"));
    bench.drain();
    // It is away, and its drain may be taken back all the same.
    let (mut bench, _) = bench.restarted(2);
    assert_eq!(bench.command(drain("west")), ["reply 1: there is no node west"]);
    let resume = Command::ResumeNode { node: "local".parse().unwrap() };
    assert_eq!(bench.command(resume), ["commit node_resumed"]);
    bench.drain();
    assert_eq!(bench.command(drain("local")), ["reply 3: there is no node local"]);
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
