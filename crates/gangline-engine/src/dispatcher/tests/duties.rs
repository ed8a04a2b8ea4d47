//! What is asked of the world: once, again when it may have been lost, and taken back.

use gangline_domain::command::{Command, Report};
use gangline_domain::ids::{Fence, JobId};
use gangline_domain::job::{Question, Swap};
use gangline_domain::plan::Wait;
use gangline_domain::ticket::{Landing, LandingStage, StopHow, TicketState};
use gangline_ports::link::FromNode;

use super::bench::{Bench, KEY, add, id, project};
use crate::dispatcher::Input;

#[test]
fn the_swap_of_the_target_is_asked_for_only_when_its_intent_is_durable() {
    let mut bench = Bench::working();
    for _job in ["attempt", "capture", "verification"] {
        bench.report(KEY);
        bench.drain();
    }
    assert_eq!(bench.report(KEY), ["commit integrated+landing_intended"]);
    assert_eq!(bench.commit(), ["land shop.APP-1 1-5", "publish 2"]);
    let (ticket, fence) = (id(KEY), Fence { epoch: 1, n: 5 });
    let proven = Report::Swapped { ticket, fence, swap: Swap::Proven };
    assert_eq!(bench.step(Input::Swapped(proven)), ["commit landed"]);
    assert_eq!(bench.commit(), ["local: retire shop.APP-1", "publish 1"]);
}

#[test]
fn after_a_crash_the_open_intent_is_resolved_first_and_by_the_same_fence() {
    let bench = Bench::intended();
    let (_, told) = bench.restarted(2);
    assert_eq!(told, ["land shop.APP-1 1-5"]);
}

#[test]
fn a_landing_that_could_not_be_tried_is_tried_again_a_little_later() {
    let mut bench = Bench::intended();
    assert!(bench.step(Input::DutyFailed(id(KEY))).is_empty());
    assert!(bench.later(1).is_empty());
    assert_eq!(bench.later(1), ["land shop.APP-1 1-5"]);
}

#[test]
fn a_repository_that_cannot_be_reached_is_tried_ever_more_seldom_and_says_why() {
    let mut bench = Bench::intended();
    let moved = || Input::RepoUnavailable(id(KEY), "it has moved".to_owned());
    let mut waits = vec![];
    for _again in 0..4 {
        bench.step(moved());
        waits.push((1..100).find(|_| !bench.later(1).is_empty()).unwrap());
    }
    assert_eq!(waits, [2, 4, 8, 16], "seconds");
    let seen = bench.dispatcher.nodes_if_changed().unwrap();
    assert_eq!(seen.hindered[&id(KEY)].why, "it has moved");
    let TicketState::Landing(Landing { stage: LandingStage::Intended(intent), .. }) =
        &bench.ticket(KEY).state
    else {
        panic!("its landing is intended")
    };
    let (fence, swap) = (intent.fence, Swap::Refused("its tree is not clean".to_owned()));
    bench.step(Input::Swapped(Report::Swapped { ticket: id(KEY), fence, swap }));
    assert!(bench.dispatcher.nodes_if_changed().unwrap().hindered.is_empty());
}

#[test]
fn what_a_person_says_reaches_the_attempt_when_it_is_durable() {
    let mut bench = Bench::working();
    let (job, fence) = bench.run(KEY);
    let question = Question {
        id: "q1".to_owned(),
        text: "May I?".to_owned(),
        options: vec![],
        asked_at: bench.now,
    };
    let asked = Report::Asked { job, fence, question };
    bench.step(Input::FromNode(FromNode::Result(Box::new(asked))));
    bench.commit();
    let answer = Command::Answer { ticket: id(KEY), question: None, text: "yes".to_owned() };
    assert_eq!(bench.command(answer), ["commit question_answered"]);
    assert_eq!(
        bench.commit(),
        ["local: 1 answers shop.APP-1.a1", "publish 1", "reply 2: done at 5"]
    );
    bench.command(Command::Stop { ticket: id(KEY), how: StopHow::Kill });
    assert_eq!(bench.commit(), ["local: kill shop.APP-1.a1", "publish 1", "reply 3: done at 6"]);
}

#[test]
fn a_job_that_is_not_wanted_any_more_is_fenced_off() {
    let mut bench = Bench::working();
    for _job in ["attempt", "capture"] {
        bench.report(KEY);
        bench.drain();
    }
    bench.command(Command::Cancel { ticket: id(KEY) });
    let told = bench.commit();
    assert_eq!(
        told,
        [
            "local: fenced shop.APP-1.v3 1-3",
            "local: retire shop.APP-1",
            "publish 1",
            "reply 2: done at 9",
        ]
    );
}

#[test]
fn a_job_that_has_ended_by_itself_needs_no_fencing_off() {
    let mut bench = Bench::working();
    bench.report(KEY);
    let told = bench.commit();
    assert_eq!(told, ["local: run shop.APP-1.c2 1-2", "publish 2"]);
}

#[test]
fn a_worktree_that_a_person_takes_over_is_lent_until_it_is_handed_back() {
    let mut bench = Bench::working();
    bench.command(Command::TakeOver { ticket: id(KEY) });
    bench.drain();
    bench.report(KEY);
    bench.drain();
    bench.report(KEY);
    let told = bench.commit();
    assert_eq!(told, ["local: lend shop.APP-1", "publish 2"]);
    // A node or an orchestrator that comes back hears of it again.
    assert_eq!(bench.register("local", &[], &[KEY]), ["local: lend shop.APP-1"]);
    let (mut bench, told) = bench.restarted(2);
    assert_eq!(told, ["local: lend shop.APP-1"]);
    bench.register("local", &[], &[KEY]);
    bench.command(Command::HandBack { ticket: id(KEY) });
    let told = bench.drain();
    assert!(!told.iter().any(|line| line.contains("lend")), "{told:?}");
}

#[test]
fn a_node_that_registers_anew_is_asked_again_for_all_that_it_should_do() {
    let mut bench = Bench::working();
    let held = bench.run(KEY);
    assert_eq!(bench.register("local", &[held], &[]), ["local: run shop.APP-1.a1 1-1"]);
}

#[test]
fn a_node_that_brings_stale_jobs_and_old_worktrees_is_told_so() {
    let mut bench = Bench::working();
    let (job, fence) = bench.run(KEY);
    let older = (job.clone(), Fence { n: 0, ..fence });
    bench.command(add("APP-2"));
    bench.commit();
    bench.command(add("APP-3"));
    bench.commit();
    bench.command(Command::Cancel { ticket: id("APP-3") });
    bench.drain();
    let told = bench.register("west", &[older], &["APP-1", "APP-3"]);
    assert_eq!(told, ["west: fenced shop.APP-1.a1 1-0", "west: retire shop.APP-3"]);
    // A later leader's jobs are not this one's to judge.
    let newer = (job, Fence { epoch: 2, n: 1 });
    assert!(bench.register("west", &[newer], &[]).is_empty());
}

/// The same report again, as a bus that delivers at least once may bring it.
#[test]
fn a_report_that_comes_twice_is_decided_once() {
    let mut bench = Bench::working();
    assert_eq!(bench.report(KEY), ["commit attempt_ended+job_started"]);
    assert!(bench.report(KEY).is_empty());
    assert_eq!(bench.commit(), ["local: run shop.APP-1.c2 1-2", "publish 2"]);
}

#[test]
fn a_report_under_a_stale_fence_changes_nothing_and_ends_its_job() {
    let mut bench = Bench::working();
    let (job, fence) = bench.run(KEY);
    // Of an attempt before it.
    let (job, fence) = (JobId { n: 0, ..job }, Fence { n: fence.n - 1, ..fence });
    let based = Report::Based { job, fence, base: "b".repeat(40).parse().unwrap() };
    let report = |bench: &mut Bench| {
        let message = FromNode::Result(Box::new(based.clone()));
        bench.step(Input::FromNode(message))
    };
    assert_eq!(report(&mut bench), ["local: fenced shop.APP-1.a0 1-0"]);
    // While a batch is in flight nobody is fenced off: it may come to nothing, and with it what
    // makes the fence stale. How busy the store is afterwards does not matter.
    bench.command(add("APP-2"));
    assert!(report(&mut bench).is_empty());
    bench.command(add("APP-3"));
    let told = bench.commit();
    assert!(told.contains(&"local: fenced shop.APP-1.a0 1-0".to_owned()), "{told:?}");
    assert!(told.iter().any(|line| line.starts_with("commit ")), "{told:?}");
}

#[test]
fn everything_is_asked_for_again_now_and_then_for_a_bus_may_have_lost_it() {
    let mut bench = Bench::working();
    let mut told = vec![];
    for _beat in 0..13 {
        told.extend(bench.later(5));
        bench.heartbeat("local");
    }
    assert_eq!(told, ["local: run shop.APP-1.a1 1-1", "local: run shop.APP-1.a1 1-1"]);
}

#[test]
fn a_verified_branch_that_is_not_to_land_is_left_in_the_repository() {
    let mut bench = Bench::with_node();
    let mut settings = bench.dispatcher.board().projects[&project()].settings.clone();
    settings.landing = gangline_domain::project::LandingMode::Branch;
    let settings = Box::new(settings);
    bench.command(Command::ConfigureProject { project: project(), settings });
    bench.commit();
    bench.command(add(KEY));
    bench.commit();
    for _job in ["attempt", "capture"] {
        bench.report(KEY);
        bench.drain();
    }
    bench.report(KEY);
    assert_eq!(bench.commit(), ["publish branch of shop.APP-1", "publish 2"]);
    let commit = format!("{:040x}", 2).parse().unwrap();
    let published = Report::Published { ticket: id(KEY), commit };
    assert_eq!(bench.step(Input::Swapped(published)), ["commit delivered"]);
}

#[test]
fn a_queued_branch_waits_for_its_project_and_goes_on_with_it() {
    let mut bench = Bench::with_node();
    let mut settings = bench.dispatcher.board().projects[&project()].settings.clone();
    settings.landing = gangline_domain::project::LandingMode::Branch;
    let settings = Box::new(settings);
    bench.command(Command::ConfigureProject { project: project(), settings });
    bench.commit();
    bench.command(add(KEY));
    bench.commit();
    for _job in ["attempt", "capture"] {
        bench.report(KEY);
        bench.drain();
    }
    bench.command(Command::PauseProject { project: project() });
    bench.commit();
    bench.report(KEY);
    let wait = |bench: &Bench| bench.dispatcher.waits_for(bench.ticket(KEY), bench.now);
    assert_eq!(bench.commit(), ["publish 2"]);
    assert_eq!(wait(&bench), Wait::Paused);
    bench.command(Command::ResumeProject { project: project() });
    let told = bench.commit();
    assert!(told.contains(&"publish branch of shop.APP-1".to_owned()), "{told:?}");
    assert_eq!(wait(&bench), Wait::Publication);
}

#[test]
fn a_timer_that_is_over_and_waits_for_something_else_does_not_keep_it_awake() {
    let mut bench = Bench::working();
    bench.report(KEY);
    bench.drain();
    bench.command(Command::PauseProject { project: project() });
    bench.commit();
    bench.report(KEY);
    bench.drain();
    // Its verification is due, and waits for the project; only then is there something to do.
    bench.later(1);
    assert_eq!(bench.dispatcher.board().next_timer(), Some(super::bench::START));
    assert_eq!(bench.dispatcher.wakes_at(), None);
}
