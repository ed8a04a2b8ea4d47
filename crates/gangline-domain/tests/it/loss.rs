//! Nodes that fall silent, and what comes of the work that was on them.

use gangline_domain::command::{Command, Heard, Report};
use gangline_domain::event::TicketEvent;
use gangline_domain::job::{EndKind, Infra, JobResult, Question};
use gangline_domain::plan::{Wait, waits_for};
use gangline_domain::ticket::{AlertKind, Held, HeldFrom, StopHow, TicketState, Working};
use gangline_domain::verdict::Verdict;

use crate::places::{KEY, at};
use crate::world::{
    World, an_end, anna, captured, ended, failed, id, node, nodes, project, result, stands,
    verified,
};

fn two_nodes() -> World {
    let mut world = World::new();
    world.nodes = nodes(&[("east", 3), ("west", 3)]);
    world
}

fn home(world: &World) -> String {
    world.ticket(KEY).run().expect("something runs").lease.node.to_string()
}

#[test]
fn a_lost_node_spends_no_try_and_its_ticket_goes_elsewhere() {
    let mut world = two_nodes();
    world.add(KEY, |_spec| {});
    assert_eq!(home(&world), "east");
    world.lose("east");
    let ticket = world.ticket(KEY);
    assert_eq!((home(&world).as_str(), stands(ticket).as_str()), ("west", "working/running"));
    assert_eq!((ticket.tries_spent, ticket.infra_in_row), (0, 1));
}

#[test]
fn a_suspect_node_keeps_what_it_has_and_gets_nothing_new() {
    let mut world = two_nodes();
    world.nodes.alive.remove(&node("west"));
    world.add(KEY, |_spec| {});
    world.change_nodes(|nodes| nodes.alive.clear());
    assert_eq!(home(&world), "east");
    world.add("APP-2", |_spec| {});
    assert_eq!(waits(&world, "APP-2"), Wait::Node);
    // What ended there is captured as soon as the node is back; until then the wait is told.
    let report = ended(world.ticket(KEY), EndKind::Finished);
    world.report(&report);
    assert_eq!(stands(world.ticket(KEY)), "working/capture due");
    assert_eq!(waits(&world, KEY), Wait::Node);
}

fn waits(world: &World, key: &str) -> Wait {
    waits_for(&world.board, &world.nodes, world.ticket(key), world.now)
}

/// The silent node is heard again, but may not be given anything yet.
fn comes_back(world: &mut World) {
    world.change_nodes(|nodes| nodes.dead.clear());
}

/// The only node is lost while the attempt runs; the attempt's own late report comes back.
fn late(how: EndKind) -> (World, Report) {
    let mut world = at("working/running");
    let report = result(world.ticket(KEY), JobResult::Attempt(an_end(how, 500)));
    world.lose("local");
    assert_eq!(stands(world.ticket(KEY)), "open");
    comes_back(&mut world);
    (world, report)
}

#[test]
fn a_late_result_is_adopted_while_nothing_newer_holds_the_ticket() {
    let (mut world, report) = late(EndKind::Finished);
    world.report(&report);
    assert_eq!(stands(world.ticket(KEY)), "working/capture due");
    world.change_nodes(|nodes| *nodes = self::nodes(&[("local", 1)]));
    world.advance(KEY, "closed");
    assert_eq!(world.board.projects[&project()].usage.tokens, 500);
}

#[test]
fn a_late_result_is_stale_once_a_newer_attempt_holds_the_ticket() {
    let (mut world, report) = late(EndKind::Finished);
    world.change_nodes(|nodes| *nodes = self::nodes(&[("west", 1)]));
    assert_eq!(stands(world.ticket(KEY)), "working/running");
    assert!(matches!(world.take(&report), Heard::Stale { .. }));
}

/// The node is there again, and says that it has this job.
fn back_with(world: &mut World, report: &Report) {
    let (job, fence) = report.job().expect("an attempt's");
    world.change_nodes(|nodes| {
        *nodes = self::nodes(&[("local", 1)]);
        nodes.alive.get_mut(&node("local")).unwrap().jobs.insert((job.clone(), fence));
    });
}

#[test]
fn a_lost_attempt_that_still_runs_goes_on_under_its_old_fence() {
    let (mut world, report) = late(EndKind::Finished);
    assert_eq!(world.ticket(KEY).infra_in_row, 1);
    back_with(&mut world, &report);
    let ticket = world.ticket(KEY);
    assert_eq!((stands(ticket).as_str(), ticket.infra_in_row), ("working/running", 0));
    assert_eq!(
        ticket.run().map(|run| (run.job, run.lease.fence)),
        report.job().map(|(job, fence)| (job.clone(), fence))
    );
    world.report(&report);
    world.advance(KEY, "closed");
}

#[test]
fn a_lost_attempt_goes_on_only_within_the_limits() {
    let (mut world, report) = late(EndKind::Finished);
    world.change_nodes(|nodes| *nodes = self::nodes(&[("west", 1)]));
    let newer = world.ticket(KEY).run().unwrap();
    // Something newer holds the ticket for good, even when that is over.
    back_with(&mut world, &report);
    assert_eq!(world.ticket(KEY).run().unwrap().lease.fence, newer.lease.fence);

    let (mut world, report) = late(EndKind::Finished);
    world.nodes.agents_max = 0;
    back_with_limit(&mut world, &report);
    assert_eq!(stands(world.ticket(KEY)), "open");
    world.report(&report);
    assert_eq!(stands(world.ticket(KEY)), "working/capture runs", "its result is welcome");
}

fn back_with_limit(world: &mut World, report: &Report) {
    let (job, fence) = report.job().expect("an attempt's");
    world.change_nodes(|nodes| {
        *nodes = self::nodes(&[("local", 1)]);
        nodes.agents_max = 0;
        nodes.alive.get_mut(&node("local")).unwrap().jobs.insert((job.clone(), fence));
    });
}

#[test]
fn who_takes_a_ticket_from_its_rest_has_it_for_good() {
    let (mut world, report) = late(EndKind::Finished);
    world.command(Command::Hold { ticket: id(KEY) }).unwrap();
    world.nodes.alive.clear();
    world.command(Command::Resume { ticket: id(KEY) }).unwrap();
    assert_eq!(stands(world.ticket(KEY)), "open");
    // Meanwhile its node may have been told to end the attempt.
    assert!(matches!(world.take(&report), Heard::Stale { .. }));
}

#[test]
fn what_an_attempt_had_asked_and_been_answered_is_not_asked_again_when_it_is_back() {
    let mut world = at("working/running");
    let end = result(world.ticket(KEY), JobResult::Attempt(an_end(EndKind::Finished, 1)));
    let (job, fence) = end.job().map(|(job, fence)| (job.clone(), fence)).unwrap();
    let question = Question {
        id: "q1".to_owned(),
        text: "which?".to_owned(),
        options: vec![],
        asked_at: world.now,
    };
    let asked = Report::Asked { job, fence, question };
    world.report(&asked);
    let answer = Command::Answer { ticket: id(KEY), question: None, text: "this".to_owned() };
    world.command(answer).unwrap();
    world.lose("local");
    back_with(&mut world, &end);
    assert_eq!(world.take(&asked), Heard::Known);
}

#[test]
fn an_alert_is_raised_once_for_an_attempt_and_ends_nothing() {
    let mut world = at("working/running");
    let end = result(world.ticket(KEY), JobResult::Attempt(an_end(EndKind::Finished, 1)));
    let (job, fence) = end.job().map(|(job, fence)| (job.clone(), fence)).unwrap();
    let kind = AlertKind::Silence;
    let raised = Report::Alerted { job: job.clone(), fence, kind, since: world.now };
    let calmed = Report::Calmed { job, fence, kind };
    assert_eq!(world.take(&calmed), Heard::Known, "nothing was raised");
    world.report(&raised);
    assert_eq!(world.take(&raised), Heard::Known);
    assert_eq!(world.ticket(KEY).alerts().count(), 1);
    assert_eq!(stands(world.ticket(KEY)), "working/running");
    world.report(&calmed);
    assert_eq!(world.ticket(KEY).alerts().count(), 0);
    // Everything is told again when a daemon starts; it was all known.
    assert_eq!((world.take(&raised), world.take(&calmed)), (Heard::Known, Heard::Known));
    world.report(&raised_as(&raised, AlertKind::Uncommitted));
    world.report(&end);
    assert_eq!(world.ticket(KEY).alerts().count(), 0, "it has ended");
    assert!(matches!(world.take(&raised), Heard::Known), "and is over");
}

fn raised_as(report: &Report, kind: AlertKind) -> Report {
    let Report::Alerted { job, fence, since, .. } = report else { panic!("{report:?}") };
    Report::Alerted { job: job.clone(), fence: *fence, kind, since: *since }
}

#[test]
fn a_late_failure_of_the_machine_is_not_worth_adopting() {
    let (mut world, report) = late(EndKind::Infra(Infra::JobDied("signal 9".to_owned())));
    assert!(matches!(world.take(&report), Heard::Stale { .. }));
}

#[test]
fn what_was_spent_is_counted_once_however_often_it_is_told() {
    let mut world = at("working/running");
    let end = JobResult::Attempt(an_end(EndKind::Finished, 500));
    let report = result(world.ticket(KEY), end);
    world.report(&report);
    assert_eq!(world.ticket(KEY).usage.tokens, 500);
    // Lost between the end and the capture; the node comes back and tells the end again.
    world.lose("local");
    comes_back(&mut world);
    world.report(&report);
    assert_eq!(stands(world.ticket(KEY)), "working/capture due");
    assert_eq!(world.ticket(KEY).usage.tokens, 500);
    assert_eq!(world.board.projects[&project()].usage_on(world.now).tokens, 500);
}

#[test]
fn a_persons_stop_outlives_the_node_it_was_for() {
    let after = |command: Command, ended_first: bool| {
        let mut world = two_nodes();
        world.add(KEY, |_spec| {});
        world.command(command).unwrap();
        if ended_first {
            let report = ended(world.ticket(KEY), EndKind::Stopped);
            world.report(&report);
        }
        world.lose("east");
        world.board.ticket(&id(KEY)).map_or_else(|| "closed".to_owned(), stands)
    };
    for ended_first in [false, true] {
        let ticket = || id(KEY);
        assert_eq!(after(Command::Cancel { ticket: ticket() }, ended_first), "closed");
        assert_eq!(after(Command::Hold { ticket: ticket() }, ended_first), "held/open");
        let kill = Command::Stop { ticket: ticket(), how: StopHow::Kill };
        assert_eq!(after(kill, ended_first), "held/open");
        assert_eq!(after(Command::TakeOver { ticket: ticket() }, ended_first), "held/open");
    }
}

#[test]
fn a_stopped_ticket_is_held_by_whoever_asked_for_it() {
    let mut world = at("working/running");
    world.command(Command::Hold { ticket: id(KEY) }).unwrap();
    let report = ended(world.ticket(KEY), EndKind::Stopped);
    world.report(&report);
    let report = captured(world.ticket(KEY));
    world.report(&report);
    let TicketState::Held(Held { by, from: HeldFrom::Open }) = &world.ticket(KEY).state else {
        panic!("{}", stands(world.ticket(KEY)))
    };
    assert_eq!(*by, anna());
}

/// A capture that fails again and again must not keep a person from ending it.
#[test]
fn what_a_person_wants_while_the_work_is_captured_is_done_after_it() {
    for place in ["working/capture due", "working/capture runs"] {
        let after = |command: Command| {
            let mut world = at(place);
            world.command(command).unwrap();
            assert_eq!(stands(world.ticket(KEY)), place, "the work is captured first");
            world.nodes.alive = at("working/running").nodes.alive;
            world.later(10_000);
            let report = captured(world.ticket(KEY));
            world.report(&report);
            world.board.ticket(&id(KEY)).map_or_else(|| "closed".to_owned(), stands)
        };
        let ticket = || id(KEY);
        assert_eq!(after(Command::Hold { ticket: ticket() }), "held/open");
        let stop = Command::Stop { ticket: ticket(), how: StopHow::Stop };
        assert_eq!(after(stop), "held/open");
        assert_eq!(after(Command::TakeOver { ticket: ticket() }), "held/taken over");
        assert_eq!(after(Command::Cancel { ticket: ticket() }), "closed");
    }
}

#[test]
fn a_lost_verification_and_a_lost_integration_are_done_again_elsewhere() {
    for place in ["working/capture runs", "verifying/runs", "landing/runs"] {
        let mut world = two_nodes();
        world.add(KEY, |_spec| {});
        world.advance(KEY, place);
        let before = world.ticket(KEY).run().unwrap();
        world.lose("east");
        world.later(10_000);
        let after = world.ticket(KEY).run().unwrap();
        assert!(after.lease.fence > before.lease.fence, "{place}");
        assert_eq!(after.lease.node, node("west"), "{place}");
        assert_eq!(world.ticket(KEY).tries_spent, 0, "{place}");
    }
}

#[test]
fn five_lost_nodes_in_a_row_are_a_persons() {
    let mut world = World::new();
    world.nodes = nodes(&[("n1", 1), ("n2", 1), ("n3", 1), ("n4", 1), ("n5", 1), ("n6", 1)]);
    world.add(KEY, |_spec| {});
    for _node in 0..5 {
        assert_eq!(stands(world.ticket(KEY)), "working/running");
        let lost = home(&world);
        world.lose(&lost);
    }
    assert_eq!(stands(world.ticket(KEY)), "escalated");
    assert_eq!(world.ticket(KEY).tries_spent, 0);
}

/// Both follow at the same moment from the same state; one of them must come first.
#[test]
fn a_capture_that_fails_for_the_last_time_as_its_node_dies_is_no_contradiction() {
    let mut world = at("working/capture runs");
    for _time in 0..4 {
        let report = failed(world.ticket(KEY));
        world.report(&report);
        world.later(60_000);
    }
    let report = failed(world.ticket(KEY));
    let Heard::News(whats) = world.take(&report) else { panic!("it is news") };
    assert!(matches!(whats[..], [TicketEvent::JobFailed { .. }]));
    world.lose("local");
    assert_eq!(stands(world.ticket(KEY)), "escalated");
}

/// What the newer attempt wrote is in the worktree, and nowhere else.
#[test]
fn a_worktree_whose_capture_was_given_up_is_taken_over_with_the_attempt_that_had_it() {
    let mut world = at("working/capture runs");
    for _round in ["an attempt", "the one after it"] {
        let TicketState::Working(Working { attempt, .. }) = world.ticket(KEY).state.clone() else {
            panic!("{}", stands(world.ticket(KEY)))
        };
        for _time in 0..5 {
            let report = failed(world.ticket(KEY));
            world.report(&report);
            world.later(600_000);
        }
        assert_eq!(stands(world.ticket(KEY)), "escalated");
        world.command(Command::TakeOver { ticket: id(KEY) }).unwrap();
        let TicketState::Held(Held { from: HeldFrom::TakenOver(taken), .. }) =
            &world.ticket(KEY).state
        else {
            panic!("{}", stands(world.ticket(KEY)))
        };
        assert_eq!(taken.job, attempt.job);
        world.command(Command::HandBack { ticket: id(KEY) }).unwrap();
        let report = captured(world.ticket(KEY));
        world.report(&report);
        let report = verified(world.ticket(KEY), Verdict::Fail);
        world.report(&report);
        world.command(Command::Retry { ticket: id(KEY), hint: None }).unwrap();
        let report = ended(world.ticket(KEY), EndKind::Finished);
        world.report(&report);
    }
}

#[test]
fn a_node_that_reports_an_attempt_as_a_failed_job_ends_the_attempt() {
    let mut world = at("working/running");
    let report = failed(world.ticket(KEY));
    world.report(&report);
    assert_eq!(stands(world.ticket(KEY)), "working/capture runs");
    let report = captured(world.ticket(KEY));
    world.report(&report);
    assert_eq!((stands(world.ticket(KEY)).as_str(), world.ticket(KEY).tries_spent), ("backoff", 0));
}
