//! Nodes that are given nothing new while people look after them.

use gangline_domain::board::Board;
use gangline_domain::command::{Command, Refusal};
use gangline_domain::drain;
use gangline_domain::job::{EndKind, JobResult};
use gangline_domain::plan::{Wait, waits_for};
use gangline_domain::reviewer::{OnFindings, ReviewerSettings};
use gangline_domain::verdict::Verdict;

use crate::places::{KEY, at};
use crate::world::{
    World, agent, an_end, anna, captured, ended, id, node, nodes, result, stands, verified,
};

fn drain(world: &mut World, name: &str) {
    world.command(Command::DrainNode { node: node(name) }).unwrap();
}

fn resume(world: &mut World, name: &str) {
    world.command(Command::ResumeNode { node: node(name) }).unwrap();
}

fn waits(world: &World, key: &str) -> Wait {
    waits_for(&world.board, &world.nodes, world.ticket(key), world.now)
}

fn drained(names: &[&str]) -> Wait {
    Wait::Drained { nodes: names.iter().map(|name| node(name)).collect() }
}

fn home(world: &World, key: &str) -> String {
    world.ticket(key).run().expect("something runs").lease.node.to_string()
}

#[test]
fn a_ticket_waits_for_its_node_while_that_is_drained() {
    let mut world = World::new();
    drain(&mut world, "local");
    world.add(KEY, |_spec| {});
    assert_eq!(
        (stands(world.ticket(KEY)).as_str(), waits(&world, KEY)),
        ("open", drained(&["local"]))
    );
    resume(&mut world, "local");
    assert_eq!(stands(world.ticket(KEY)), "working/running");
    let told = world.log.iter().filter(|told| told.event.type_name().starts_with("node_"));
    assert!(told.map(|told| told.actor.clone()).eq([anna(), anna()]), "a person has done both");
}

#[test]
fn what_is_new_goes_to_a_node_that_is_not_drained() {
    let mut world = World::new();
    world.nodes = nodes(&[("east", 3), ("west", 1)]);
    drain(&mut world, "east");
    world.add(KEY, |_spec| {});
    assert_eq!(home(&world, KEY), "west");
    // There is room on the other one; but this one is not drained, and has none.
    world.add("APP-2", |_spec| {});
    assert_eq!(waits(&world, "APP-2"), Wait::Slot { limit: "node" });
    drain(&mut world, "west");
    assert_eq!(waits(&world, "APP-2"), drained(&["east", "west"]));
    resume(&mut world, "east");
    assert_eq!(home(&world, "APP-2"), "east");
}

#[test]
fn what_runs_on_a_drained_node_is_brought_home() {
    let mut world = at("working/running");
    drain(&mut world, "local");
    assert_eq!(stands(world.ticket(KEY)), "working/running");
    world.advance(KEY, "closed");
}

#[test]
fn the_next_try_waits_and_goes_on_with_its_session_afterwards() {
    let mut world = at("working/running");
    drain(&mut world, "local");
    let report = ended(world.ticket(KEY), EndKind::Finished);
    world.report(&report);
    let report = captured(world.ticket(KEY));
    world.report(&report);
    let report = verified(world.ticket(KEY), Verdict::Fail);
    world.report(&report);
    assert_eq!(
        (stands(world.ticket(KEY)).as_str(), waits(&world, KEY)),
        ("open", drained(&["local"]))
    );
    resume(&mut world, "local");
    assert_eq!(stands(world.ticket(KEY)), "working/running");
}

#[test]
fn a_review_waits_too() {
    let reviewer = ReviewerSettings {
        agents: vec![agent("strong")],
        findings: OnFindings::Fail,
        always: false,
        timeout_ms: 600_000,
    };
    let mut world = World::with(|project| project.reviewer = Some(reviewer));
    world.add(KEY, |_spec| {});
    drain(&mut world, "local");
    world.advance(KEY, "verifying/runs");
    let report = verified(world.ticket(KEY), Verdict::Pass);
    world.report(&report);
    assert!(world.ticket(KEY).reviewer().is_none());
    assert_eq!(waits(&world, KEY), drained(&["local"]));
    resume(&mut world, "local");
    assert_eq!(world.ticket(KEY).reviewer().unwrap().agent, agent("strong"));
}

#[test]
fn a_lost_attempt_that_still_runs_there_goes_on_there() {
    let mut world = at("working/running");
    drain(&mut world, "local");
    let report = result(world.ticket(KEY), JobResult::Attempt(an_end(EndKind::Finished, 5)));
    let (job, fence) = report.job().expect("an attempt's");
    let job = (job.clone(), fence);
    world.lose("local");
    assert_eq!(stands(world.ticket(KEY)), "open");
    world.change_nodes(|known| {
        *known = nodes(&[("local", 1)]);
        known.alive.get_mut(&node("local")).unwrap().jobs.insert(job.clone());
    });
    assert_eq!(stands(world.ticket(KEY)), "working/running");
    assert_eq!(world.ticket(KEY).run().map(|run| (run.job, run.lease.fence)), Some(job));
}

#[test]
fn a_drain_is_said_once_and_of_a_node_that_is_known() {
    let mut world = World::new();
    let drain = |name: &str| Command::DrainNode { node: node(name) };
    let resume = |name: &str| Command::ResumeNode { node: node(name) };
    world.command(drain("local")).unwrap();
    assert_eq!(world.decide(&drain("local")), Ok(vec![]));
    world.command(resume("local")).unwrap();
    assert_eq!(world.decide(&resume("local")), Ok(vec![]));

    world.command(drain("gone")).unwrap();
    let known = |board: &Board, command: &Command| {
        drain::known(board, command, |known| *known == node("local")).map_err(|why| why.to_string())
    };
    assert_eq!(known(&world.board, &drain("local")), Ok(()));
    assert_eq!(known(&world.board, &resume("gone")), Ok(()), "its drain is to be ended");
    assert_eq!(known(&world.board, &Command::Hold { ticket: id(KEY) }), Ok(()));
    let stranger = drain("locl");
    assert_eq!(known(&world.board, &stranger), Err("there is no node locl".to_owned()));
    let refused = drain::known(&world.board, &resume("locl"), |_| false);
    assert_eq!(refused.map_err(|why| Refusal::code(&why)), Err("no_such_node"));
}
