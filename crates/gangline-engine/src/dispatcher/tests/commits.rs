//! Nothing leaves before it is durable, and what is not durable never was.

use gangline_domain::command::{Command, NewTicket};
use gangline_domain::spec::TicketSpec;

use super::bench::{Bench, KEY, add, id, project};
use crate::dispatcher::Input;

#[test]
fn an_answer_and_all_that_follows_leave_only_when_the_batch_is_durable() {
    let mut bench = Bench::with_node();
    assert_eq!(bench.command(add(KEY)), ["commit ticket_added+attempt_started"]);
    assert_eq!(bench.commit(), ["local: run shop.APP-1.a1 1-1", "publish 2", "reply 1: done at 2"]);
}

#[test]
fn what_comes_while_a_batch_is_in_flight_goes_with_the_next_one_in_one_commit() {
    let mut bench = Bench::new();
    assert_eq!(bench.command(add("APP-1")), ["commit ticket_added"]);
    for key in ["APP-2", "APP-3", "APP-4"] {
        assert!(bench.command(add(key)).is_empty(), "one batch is in flight");
    }
    assert_eq!(
        bench.commit(),
        ["publish 1", "reply 1: done at 2", "commit ticket_added+ticket_added+ticket_added"]
    );
    assert_eq!(
        bench.commit(),
        ["publish 3", "reply 2: done at 3", "reply 3: done at 4", "reply 4: done at 5"]
    );
}

#[test]
fn inputs_that_are_taken_together_are_written_together() {
    let mut bench = Bench::new();
    for key in ["APP-1", "APP-2", "APP-3"] {
        let input = bench.asked(None, add(key));
        bench.dispatcher.take(input, bench.now);
    }
    let effects = bench.dispatcher.turn(bench.now);
    let told = super::bench::told(&effects);
    assert_eq!(told, ["commit ticket_added+ticket_added+ticket_added"]);
}

#[test]
fn a_refused_batch_was_never_there() {
    let mut bench = Bench::with_node();
    bench.command(add("APP-1"));
    bench.command(add("APP-2"));
    assert_eq!(
        bench.step(Input::CommitRefused),
        [
            "reply 1: the store took nothing; nothing was done",
            "reply 2: the store took nothing; nothing was done",
        ]
    );
    assert!(bench.dispatcher.board().tickets.is_empty());
    // The working board is gone, too: the same key is free again. Nothing is written for a
    // while, because the store has just said that it cannot.
    assert!(bench.command(add("APP-1")).is_empty());
    bench.later(1);
    assert_eq!(bench.commit(), ["local: run shop.APP-1.a1 1-1", "publish 2", "reply 3: done at 2"]);
}

#[test]
fn who_is_refused_for_lack_of_space_is_told_so() {
    let mut bench = Bench::with_node();
    bench.command(add("APP-1"));
    bench.command(add("APP-2"));
    assert_eq!(
        bench.step(Input::DiskFull),
        [
            "reply 1: the disk of the store is full; nothing was done",
            "reply 2: the disk of the store is full; nothing was done",
        ]
    );
    assert!(bench.dispatcher.board().tickets.is_empty());
    bench.command(add("APP-1"));
    bench.later(1);
    assert_eq!(bench.commit(), ["local: run shop.APP-1.a1 1-1", "publish 2", "reply 3: done at 2"]);
}

#[test]
fn a_batch_of_which_nothing_is_known_is_read_back_and_its_callers_are_told_so() {
    let mut bench = Bench::with_node();
    bench.command(add("APP-1"));
    bench.command(add("APP-2"));
    assert_eq!(
        bench.step(Input::CommitUnknown),
        [
            "reply 1: it is not known whether it was done; repeat it with the same key",
            "reply 2: the store took nothing; nothing was done",
            "load",
        ]
    );
    // Until the board is there, nothing is decided.
    assert_eq!(bench.command(add("APP-3")), ["reply 3: the store took nothing; nothing was done"]);
    // The batch had been written after all.
    let mut other = Bench::with_node();
    other.command(add("APP-1"));
    other.commit();
    let stored = Box::new(other.dispatcher.board().clone());
    assert_eq!(bench.step(Input::Loaded(stored)), ["republish 3", "local: run shop.APP-1.a1 1-1"]);
    assert!(bench.dispatcher.board().ticket(&id("APP-1")).is_some());
    assert!(bench.dispatcher.board().ticket(&id("APP-2")).is_none());
}

#[test]
fn what_an_unknown_batch_has_ended_is_ended_on_the_nodes_when_it_turns_out_to_be_written() {
    let mut bench = Bench::working();
    for _job in ["attempt", "capture"] {
        bench.report(KEY);
        bench.drain();
    }
    let (job, fence) = bench.run(KEY);
    let (mut other, _) = bench.restarted(1);
    for bench in [&mut bench, &mut other] {
        bench.command(Command::Cancel { ticket: id(KEY) });
    }
    other.commit();
    let stored = Box::new(other.dispatcher.board().clone());
    bench.step(Input::CommitUnknown);
    let told = bench.step(Input::Loaded(stored));
    assert!(told.contains(&format!("local: fenced {job} {fence}")), "{told:?}");
    assert!(told.contains(&"local: retire shop.APP-1".to_owned()), "{told:?}");
}

#[test]
fn a_board_that_cannot_be_loaded_is_asked_for_again() {
    let mut bench = Bench::new();
    bench.command(add(KEY));
    bench.step(Input::CommitUnknown);
    assert!(bench.step(Input::LoadFailed).is_empty());
    assert!(bench.step(Input::Tick).is_empty(), "not at once");
    assert_eq!(bench.later(1), ["load"]);
}

#[test]
fn a_load_that_takes_long_is_not_begun_anew() {
    let mut bench = Bench::new();
    bench.command(add(KEY));
    let stored = Box::new(bench.dispatcher.board().clone());
    assert_eq!(
        bench.step(Input::CommitUnknown),
        ["reply 1: it is not known whether it was done; repeat it with the same key", "load"]
    );
    for _second in 0..60 {
        assert!(bench.later(1).is_empty(), "the store is busy with the first");
    }
    assert_eq!(bench.step(Input::Loaded(stored)), ["republish 1"]);
}

#[test]
fn no_more_is_taken_in_than_can_wait_for_the_commit_in_flight() {
    let mut bench = Bench::new();
    bench.command(add(KEY));
    let mut taken = 0;
    while !bench.dispatcher.is_full() {
        bench.command(add(&format!("APP-{}", taken + 2)));
        taken += 1;
        assert!(taken < 10_000, "it is never full");
    }
    bench.commit();
    assert!(!bench.dispatcher.is_full(), "what waited is on its way");
}

#[test]
fn a_corrupt_store_ends_the_orchestrator_and_is_not_written_to_again() {
    let said = "reply 1: the store is corrupt, and the orchestrator stops; nothing more is done until it is mended";
    let why = || Input::Broken("page 7 is malformed".to_owned());
    let mut bench = Bench::with_node();
    bench.command(add("APP-1"));
    bench.command(add("APP-2"));
    let told = bench.step(why());
    assert_eq!(
        told,
        [said, "reply 2: the store took nothing; nothing was done", "give up: page 7 is malformed",]
    );
    assert!(bench.command(add("APP-3"))[0].starts_with("reply 3: the store is corrupt"));
    assert!(bench.later(60).is_empty());
    // Also where it is found only when the board is read again.
    let mut bench = Bench::with_node();
    bench.command(add("APP-1"));
    bench.step(Input::CommitUnknown);
    assert_eq!(bench.step(why()), ["give up: page 7 is malformed"]);
}

#[test]
fn tickets_that_are_added_together_are_in_one_commit() {
    let mut bench = Bench::new();
    let spec = |on: &[&str]| {
        let mut spec = TicketSpec::titled("Do it");
        spec.depends_on = on.iter().map(|key| key.parse().unwrap()).collect();
        NewTicket { spec: Box::new(spec), draft: false }
    };
    let tickets = [("APP-1", &["APP-2"][..]), ("APP-2", &[])]
        .map(|(key, on)| (key.parse().unwrap(), spec(on)));
    let command = Command::AddAll { project: project(), tickets: tickets.into() };
    assert_eq!(bench.keyed("k1", command.clone()), ["commit ticket_added+ticket_added"]);
    assert_eq!(bench.commit(), ["publish 2", "reply 1: done at 3"]);
    assert_eq!(bench.keyed("k1", command), ["reply 2: done at 3"]);
}

#[test]
fn a_repeated_key_gets_the_same_answer_and_does_nothing() {
    let mut bench = Bench::new();
    bench.keyed("k1", add("APP-1"));
    // Even while the first one is still on its way.
    assert!(bench.keyed("k1", add("APP-1")).is_empty());
    assert_eq!(bench.commit(), ["publish 1", "reply 1: done at 2", "reply 2: done at 2"]);
    assert_eq!(bench.keyed("k1", add("APP-1")), ["reply 3: done at 2"]);
    // And after another start, because the key is in the event.
    let (mut bench, _) = bench.restarted(2);
    assert_eq!(bench.keyed("k1", add("APP-1")), ["reply 1: done at 2"]);
}

#[test]
fn a_refusal_that_rests_on_what_is_not_durable_waits_for_it() {
    let mut bench = Bench::new();
    bench.command(add("APP-1"));
    assert!(bench.command(add("APP-1")).is_empty(), "APP-1 may never have been there");
    assert_eq!(
        bench.commit(),
        ["publish 1", "reply 1: done at 2", "reply 2: shop.APP-1 exists already"]
    );
    // One that rests on what is durable is told at once.
    assert_eq!(bench.command(add("APP-1")), ["reply 3: shop.APP-1 exists already"]);
}

#[test]
fn a_refusal_on_a_batch_that_came_to_nothing_is_no_refusal() {
    let mut bench = Bench::new();
    bench.command(add("APP-1"));
    bench.command(add("APP-1"));
    let told = bench.step(Input::CommitRefused);
    assert_eq!(told[1], "reply 2: the store took nothing; nothing was done");
}

#[test]
fn a_deposed_leader_steps_down_and_answers_so() {
    let mut bench = Bench::new();
    bench.command(add("APP-1"));
    bench.command(add("APP-2"));
    assert_eq!(
        bench.step(Input::Deposed),
        [
            "reply 1: another orchestrator leads",
            "reply 2: the store took nothing; nothing was done",
            "step down",
        ]
    );
    assert_eq!(bench.command(add("APP-3")), ["reply 3: another orchestrator leads"]);
    assert!(bench.later(60).is_empty());
}

#[test]
fn a_batch_holds_the_rows_as_they_are_after_it() {
    let mut bench = Bench::new();
    bench.command(add("APP-1"));
    bench.commit();
    let cancel = bench.asked(None, Command::Cancel { ticket: id("APP-1") });
    let effects = bench.dispatcher.step(cancel, bench.now);
    let [crate::Effect::Commit(batch)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((batch.epoch, batch.events.len()), (1, 1));
    let [(ticket, Some(_closed))] = &batch.rows.tickets[..] else { panic!("{:?}", batch.rows) };
    assert_eq!(ticket.id, id("APP-1"));
    assert_eq!(batch.rows.projects[0].id, project());
}
