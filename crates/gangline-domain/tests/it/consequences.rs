//! What spends a try, and what follows: one line for each way in which something can end.

use gangline_domain::ids::Timestamp;
use gangline_domain::job::{EndKind, Infra, Swap};
use gangline_domain::plan::{Wait, waits_for};
use gangline_domain::project::ReviewPolicy;
use gangline_domain::spec::Deliverable;
use gangline_domain::ticket::{NextStart, TicketState};
use gangline_domain::verdict::Verdict;

use crate::places::{KEY, at, end_attempt};
use crate::world::{
    START, World, a_question, built, captured, conflict, ended, failed, id, result, stands,
    swapped, verified,
};

/// Where the ticket is now, what that cost, and how its next attempt would begin.
fn line(what: &str, world: &World) -> String {
    let Some(ticket) = world.board.ticket(&id(KEY)) else {
        return format!("{what:<36} {:?}", world.board.closed[&id(KEY)]);
    };
    let why = match &ticket.state {
        TicketState::Escalated(escalation) => {
            format!("{}: {:?}", stands(ticket), escalation.reason)
        }
        TicketState::Backoff(backoff) => {
            format!("backoff {} s", backoff.until.ms_since(world.now) / 1_000)
        }
        TicketState::Working(working) => {
            format!(
                "{} try {} {}",
                stands(ticket),
                working.attempt.try_no,
                match working.attempt.start {
                    gangline_domain::job::Start::Fresh => "fresh",
                    gangline_domain::job::Start::Resume(_) => "resumed",
                }
            )
        }
        _other => stands(ticket),
    };
    let next = match ticket.next_start {
        NextStart::Fresh => "fresh",
        NextStart::Resume => "resume",
    };
    let (tries, conflicts, infra) = (ticket.tries_spent, ticket.conflicts, ticket.infra_in_row);
    format!("{what:<36} {why:<34} tries {tries} conflicts {conflicts} infra {infra} next {next}")
}

fn at_end(what: &str, how: EndKind) -> String {
    let mut world = at("working/running");
    // Nothing starts again, so that what follows stays to be seen.
    world.nodes.agents_max = 0;
    end_attempt(&mut world, how);
    line(what, &world)
}

/// The left half of the design's table "What spends a try", and all that it does not name.
#[test]
fn only_what_the_agent_did_spends_a_try() {
    let text = || "why".to_owned();
    let quota = |until| EndKind::Quota { until, message: "429".to_owned() };
    let lines = [
        at_end("finished", EndKind::Finished),
        at_end("no change needed", EndKind::NoChangeNeeded),
        at_end("gave up", EndKind::GaveUp(text())),
        at_end("timed out", EndKind::TimedOut),
        at_end("crashed", EndKind::Crashed(text())),
        at_end("budget spent", EndKind::BudgetSpent),
        at_end("unanswered", EndKind::Unanswered(a_question("q1"))),
        at_end("quota until a moment", quota(Some(START.plus_ms(60_000)))),
        at_end("quota until nobody knows when", quota(None)),
        at_end("quota that is over already", quota(Some(Timestamp(0)))),
        at_end("authentication failed", EndKind::AuthFailed(text())),
        at_end("agent missing", EndKind::AgentMissing("claude".to_owned())),
        at_end("stopped", EndKind::Stopped),
        at_end("node lost", EndKind::Infra(Infra::NodeLost)),
        at_end("job died", EndKind::Infra(Infra::JobDied(text()))),
        at_end("spawn failed", EndKind::Infra(Infra::SpawnFailed(text()))),
        at_end("disk full", EndKind::Infra(Infra::DiskFull(text()))),
        at_end("setup failed", EndKind::Infra(Infra::SetupFailed(text()))),
        at_end("tool failed", EndKind::Infra(Infra::Tool(text()))),
    ];
    insta::assert_snapshot!(lines.join("\n"), @"
    finished                             verifying/runs                     tries 0 conflicts 0 infra 0 next fresh
    no change needed                     verifying/runs                     tries 0 conflicts 0 infra 0 next fresh
    gave up                              open                               tries 1 conflicts 0 infra 0 next resume
    timed out                            open                               tries 1 conflicts 0 infra 0 next resume
    crashed                              open                               tries 1 conflicts 0 infra 0 next resume
    budget spent                         backoff 60 s                       tries 0 conflicts 0 infra 0 next resume
    unanswered                           parked/answer                      tries 0 conflicts 0 infra 0 next resume
    quota until a moment                 parked/quota                       tries 0 conflicts 0 infra 0 next resume
    quota until nobody knows when        parked/quota                       tries 0 conflicts 0 infra 0 next resume
    quota that is over already           parked/quota                       tries 0 conflicts 0 infra 0 next resume
    authentication failed                open                               tries 0 conflicts 0 infra 0 next resume
    agent missing                        open                               tries 0 conflicts 0 infra 0 next resume
    stopped                              held/open                          tries 0 conflicts 0 infra 0 next resume
    node lost                            backoff 2 s                        tries 0 conflicts 0 infra 1 next resume
    job died                             backoff 2 s                        tries 0 conflicts 0 infra 1 next resume
    spawn failed                         backoff 2 s                        tries 0 conflicts 0 infra 1 next resume
    disk full                            backoff 2 s                        tries 0 conflicts 0 infra 1 next resume
    setup failed                         backoff 2 s                        tries 0 conflicts 0 infra 1 next resume
    tool failed                          backoff 2 s                        tries 0 conflicts 0 infra 1 next resume
    ");
}

fn measured_as(what: &str, verdicts: &[Verdict], change: impl FnOnce(&mut World)) -> String {
    let mut world = at("working/running");
    change(&mut world);
    world.nodes.agents_max = 0;
    world.advance(KEY, "verifying/runs");
    for verdict in verdicts {
        let report = verified(world.ticket(KEY), *verdict);
        world.report(&report);
    }
    line(what, &world)
}

#[test]
fn an_inconclusive_check_is_run_once_more_and_never_passes() {
    use Verdict::{Fail, Inconclusive, Pass};
    let reviewed = |world: &mut World| {
        world.configure(|settings| settings.review = ReviewPolicy::Required);
    };
    let lines = [
        measured_as("pass", &[Pass], |_| {}),
        measured_as("pass, reviewed", &[Pass], reviewed),
        measured_as("fail", &[Fail], |_| {}),
        measured_as("inconclusive", &[Inconclusive], |_| {}),
        measured_as("inconclusive, pass", &[Inconclusive, Pass], |_| {}),
        measured_as("inconclusive, fail", &[Inconclusive, Fail], |_| {}),
        measured_as("inconclusive twice", &[Inconclusive, Inconclusive], |_| {}),
    ];
    insta::assert_snapshot!(lines.join("\n"), @"
    pass                                 landing/runs                       tries 0 conflicts 0 infra 0 next fresh
    pass, reviewed                       review                             tries 0 conflicts 0 infra 0 next fresh
    fail                                 open                               tries 1 conflicts 0 infra 0 next resume
    inconclusive                         verifying/runs                     tries 0 conflicts 0 infra 0 next fresh
    inconclusive, pass                   landing/runs                       tries 0 conflicts 0 infra 0 next fresh
    inconclusive, fail                   open                               tries 1 conflicts 0 infra 0 next resume
    inconclusive twice                   escalated: Inconclusive            tries 0 conflicts 0 infra 0 next resume
    ");
}

fn integrated_as(what: &str, found: &[&str]) -> String {
    let mut world = at("landing/runs");
    world.nodes.agents_max = 0;
    for found in found {
        let ticket = world.ticket(KEY);
        let report = match *found {
            "pass" => built(ticket, Verdict::Pass),
            "red" => built(ticket, Verdict::Fail),
            "inconclusive" => built(ticket, Verdict::Inconclusive),
            "conflict" => conflict(ticket),
            "proven" => swapped(ticket, Swap::Proven),
            "moved" => swapped(ticket, Swap::Moved { found: crate::world::commit(9) }),
            "refused" => swapped(ticket, Swap::Refused("dirty".to_owned())),
            unknown => panic!("{unknown}"),
        };
        world.report(&report);
    }
    line(what, &world)
}

#[test]
fn neither_a_collision_nor_a_refused_swap_spends_a_try() {
    let lines = [
        integrated_as("green", &["pass"]),
        integrated_as("red on the merged tree", &["red"]),
        integrated_as("conflict", &["conflict"]),
        integrated_as("inconclusive", &["inconclusive"]),
        integrated_as("inconclusive twice", &["inconclusive", "inconclusive"]),
        integrated_as("proven", &["pass", "proven"]),
        integrated_as("target moved", &["pass", "moved"]),
        integrated_as("refused by the repository", &["pass", "refused"]),
    ];
    insta::assert_snapshot!(lines.join("\n"), @r#"
    green                                landing/intended                   tries 0 conflicts 0 infra 0 next fresh
    red on the merged tree               open                               tries 0 conflicts 1 infra 0 next fresh
    conflict                             open                               tries 0 conflicts 1 infra 0 next fresh
    inconclusive                         landing/runs                       tries 0 conflicts 0 infra 0 next fresh
    inconclusive twice                   escalated: Inconclusive            tries 0 conflicts 0 infra 0 next resume
    proven                               Landed(CommitId("000000000000000000000000000000000000c004"))
    target moved                         landing/runs                       tries 0 conflicts 0 infra 0 next fresh
    refused by the repository            landing/deferred                   tries 0 conflicts 0 infra 0 next fresh
    "#);
}

/// From the first try to the escalation, each failure on a line.
#[test]
fn the_second_try_resumes_the_third_starts_fresh_and_then_a_person_is_asked() {
    let mut world = at("working/running");
    let mut lines = vec![line("", &world)];
    for failure in ["gave up", "verification failed", "timed out"] {
        match failure {
            "gave up" => end_attempt(&mut world, EndKind::GaveUp("hard".to_owned())),
            "timed out" => end_attempt(&mut world, EndKind::TimedOut),
            _verification => {
                world.advance(KEY, "verifying/runs");
                let report = verified(world.ticket(KEY), Verdict::Fail);
                world.report(&report);
            }
        }
        lines.push(line(failure, &world));
    }
    insta::assert_snapshot!(lines.join("\n"), @"
                                         working/running try 1 fresh        tries 0 conflicts 0 infra 0 next fresh
    gave up                              working/running try 2 resumed      tries 1 conflicts 0 infra 0 next resume
    verification failed                  working/running try 3 fresh        tries 2 conflicts 0 infra 0 next fresh
    timed out                            escalated: TriesSpent              tries 3 conflicts 0 infra 0 next fresh
    ");
    let told = world
        .ticket(KEY)
        .records
        .iter()
        .map(|record| format!("try {} {:?}: {}", record.try_no, record.cause, record.error));
    insta::assert_snapshot!(told.collect::<Vec<_>>().join("\n"), @"
    try 1 GaveUp: the agent gave up: hard
    try 2 ChecksFailed: test: 14 tests ran
    try 3 TimedOut: the session's time was up
    ");
}

#[test]
fn a_third_collision_is_a_persons() {
    let mut world = at("landing/runs");
    let mut lines = vec![];
    for collision in ["conflict", "red", "conflict"] {
        world.advance(KEY, "landing/runs");
        let ticket = world.ticket(KEY);
        let report =
            if collision == "red" { built(ticket, Verdict::Fail) } else { conflict(ticket) };
        world.report(&report);
        lines.push(line(collision, &world));
    }
    insta::assert_snapshot!(lines.join("\n"), @"
    conflict                             working/running try 1 fresh        tries 0 conflicts 1 infra 0 next fresh
    red                                  working/running try 1 fresh        tries 0 conflicts 2 infra 0 next fresh
    conflict                             escalated: Conflicts               tries 0 conflicts 3 infra 0 next fresh
    ");
}

#[test]
fn an_entry_of_the_lane_does_not_run_after_its_target_for_ever() {
    let mut world = at("landing/runs");
    for time in 1..=10 {
        assert_eq!(stands(world.ticket(KEY)), "landing/runs", "time {time}");
        let report = built(world.ticket(KEY), Verdict::Pass);
        world.report(&report);
        let moved = Swap::Moved { found: crate::world::commit(9) };
        let report = swapped(world.ticket(KEY), moved);
        world.report(&report);
    }
    let TicketState::Escalated(escalation) = &world.ticket(KEY).state else { panic!() };
    let said = format!("{:?}: {}", escalation.reason, escalation.summary);
    insta::assert_snapshot!(said, @"TargetMoves: the target branch moved 10 times while it was checked as merged");
}

#[test]
fn a_person_hears_in_which_way_the_machine_failed() {
    let mut world = at("verifying/runs");
    for _time in 0..5 {
        let report = failed(world.ticket(KEY));
        world.report(&report);
        if let Wait::Clock { why, .. } =
            waits_for(&world.board, &world.nodes, world.ticket(KEY), world.now)
        {
            assert_eq!(why, "the machine failed: the job's process died: signal 9");
        }
        let ms = world.board.next_timer().map_or(0, |at| at.ms_since(world.now));
        world.later(ms);
    }
    let TicketState::Escalated(escalation) = &world.ticket(KEY).state else { panic!() };
    insta::assert_snapshot!(escalation.summary, @"the machine failed 5 times in a row, the last time so: the job's process died: signal 9");
}

/// A capture that failed and then went well says that the machine works: what follows is counted
/// anew.
#[test]
fn a_capture_that_goes_well_ends_the_row() {
    let mut world = at("working/capture runs");
    for _time in 0..4 {
        let report = failed(world.ticket(KEY));
        world.report(&report);
        let ms = world.board.next_timer().map_or(0, |at| at.ms_since(world.now));
        world.later(ms);
    }
    let report = captured(world.ticket(KEY));
    world.report(&report);
    let report = failed(world.ticket(KEY));
    world.report(&report);
    assert_eq!(
        (stands(world.ticket(KEY)).as_str(), world.ticket(KEY).infra_in_row),
        ("verifying/due", 1)
    );
}

/// The machine fails at every kind of job in turn; each failure waits longer than the last.
#[test]
fn five_failures_of_the_machine_in_a_row_are_a_persons_and_a_success_ends_the_row() {
    let mut world = at("working/running");
    let mut lines = vec![];
    for _time in 0..5 {
        let died = EndKind::Infra(Infra::JobDied("signal 9".to_owned()));
        end_attempt(&mut world, died);
        lines.push(line("attempt", &world));
        let ms = world.board.next_timer().map_or(0, |at| at.ms_since(world.now));
        world.later(ms);
    }
    let mut world = at("verifying/runs");
    for _time in 0..4 {
        let report = failed(world.ticket(KEY));
        world.report(&report);
        lines.push(line("verification", &world));
        let ms = world.board.next_timer().map_or(0, |at| at.ms_since(world.now));
        world.later(ms);
    }
    let report = verified(world.ticket(KEY), Verdict::Pass);
    world.report(&report);
    lines.push(line("verification passed", &world));
    for _time in 0..5 {
        let report = failed(world.ticket(KEY));
        world.report(&report);
        let ms = world.board.next_timer().map_or(0, |at| at.ms_since(world.now));
        world.later(ms);
    }
    lines.push(line("integration, five times", &world));
    insta::assert_snapshot!(lines.join("\n"), @"
    attempt                              backoff 2 s                        tries 0 conflicts 0 infra 1 next resume
    attempt                              backoff 4 s                        tries 0 conflicts 0 infra 2 next resume
    attempt                              backoff 8 s                        tries 0 conflicts 0 infra 3 next resume
    attempt                              backoff 16 s                       tries 0 conflicts 0 infra 4 next resume
    attempt                              escalated: Infrastructure          tries 0 conflicts 0 infra 5 next resume
    verification                         verifying/due                      tries 0 conflicts 0 infra 1 next fresh
    verification                         verifying/due                      tries 0 conflicts 0 infra 2 next fresh
    verification                         verifying/due                      tries 0 conflicts 0 infra 3 next fresh
    verification                         verifying/due                      tries 0 conflicts 0 infra 4 next fresh
    verification passed                  landing/runs                       tries 0 conflicts 0 infra 0 next fresh
    integration, five times              escalated: Infrastructure          tries 0 conflicts 0 infra 5 next resume
    ");
}

#[test]
fn a_machine_that_fails_before_the_checkout_does_not_change_how_the_try_begins() {
    let mut world = at("working/running");
    for _try in 0..2 {
        end_attempt(&mut world, EndKind::TimedOut);
    }
    assert!(line("", &world).contains("try 3 fresh"), "{}", line("", &world));
    let report = ended(world.ticket(KEY), EndKind::Infra(Infra::SpawnFailed("EAGAIN".to_owned())));
    world.report(&report);
    let report = result(world.ticket(KEY), gangline_domain::job::JobResult::Captured(None));
    world.report(&report);
    world.later(60_000);
    // What is left is of the second try; the third has not begun, and is to be fresh.
    assert!(line("", &world).contains("try 3 fresh"), "{}", line("", &world));
}

#[test]
fn a_report_of_another_commit_is_a_failure_of_the_machine_and_no_pass() {
    let mut world = at("verifying/runs");
    let (other, tree) = (crate::world::commit(0xbad), crate::world::tree(0xe));
    let report = crate::world::measured(other, tree, Verdict::Pass);
    let report = result(world.ticket(KEY), gangline_domain::job::JobResult::Verified(report));
    world.report(&report);
    assert_eq!(stands(world.ticket(KEY)), "verifying/due");

    let mut world = at("landing/runs");
    let (job, _) = crate::world::running(world.ticket(KEY));
    let candidate = crate::world::a_candidate(&job);
    let (other, tree) = (candidate.new.clone(), crate::world::tree(0xbad));
    let report = crate::world::measured(other, tree, Verdict::Pass);
    let found = gangline_domain::job::Integration::Built { candidate, report };
    let report = result(world.ticket(KEY), gangline_domain::job::JobResult::Integrated(found));
    world.report(&report);
    assert_eq!(stands(world.ticket(KEY)), "landing/due");
}

#[test]
fn what_a_person_hands_back_spends_no_try_and_goes_back_to_that_person() {
    let mut world = at("held/taken over");
    world.command(gangline_domain::command::Command::HandBack { ticket: id(KEY) }).unwrap();
    world.advance(KEY, "verifying/runs");
    let report = verified(world.ticket(KEY), Verdict::Fail);
    world.report(&report);
    insta::assert_snapshot!(line("", &world), @"                                     escalated: HandedBack              tries 1 conflicts 0 infra 0 next resume");
}

#[test]
fn what_is_not_to_land_is_delivered_when_it_is_verified() {
    for (deliverable, place) in [(Deliverable::Report, "closed"), (Deliverable::Artifact, "closed")]
    {
        let mut world = World::new();
        world.add(KEY, |spec| spec.deliverable = deliverable);
        world.advance(KEY, place);
        assert_eq!(world.board.closed[&id(KEY)], gangline_domain::board::Closed::Delivered);
    }
}

#[test]
fn that_nothing_needs_to_change_is_for_a_person_to_say() {
    let mut world = at("working/running");
    let report = ended(world.ticket(KEY), EndKind::NoChangeNeeded);
    world.report(&report);
    let report = captured(world.ticket(KEY));
    world.report(&report);
    world.advance(KEY, "review");
    let approve = gangline_domain::command::Command::Approve { ticket: id(KEY), commit: None };
    world.command(approve).unwrap();
    assert_eq!(world.board.closed[&id(KEY)], gangline_domain::board::Closed::Delivered);
}
