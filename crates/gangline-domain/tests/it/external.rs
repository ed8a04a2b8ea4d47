//! Sessions that Gangline did not start: they come, work, hand in, fall silent and go.

use std::collections::BTreeSet;

use gangline_domain::command::{Command, Refusal};
use gangline_domain::external::{External, ExternalEnd, HandIn, HandInHow};
use gangline_domain::ids::{ExternalId, Fence, Timestamp};
use gangline_domain::job::{EndKind, Infra, Start};
use gangline_domain::plan::{Wait, waits_for};
use gangline_domain::ticket::{TicketState, Verifying};
use gangline_domain::verdict::Claim;

use crate::world::{
    World, agent, captured, ended, id, kind, nodes, project, running, settings, stands,
};

const KEY: &str = "APP-1";

fn session(name: &str) -> ExternalId {
    name.parse().unwrap()
}

fn external(name: &str) -> External {
    External {
        id: session(name),
        agent: agent("remote"),
        capabilities: BTreeSet::new(),
        max_concurrent: 1,
        webhook: None,
        heartbeat_timeout_ms: 60_000,
        registered_at: Timestamp(0),
    }
}

/// A project with an agent `remote` of kind external, and a ticket that names it.
fn world() -> World {
    let mut world = World::with(|settings| {
        let mut facts = settings.agents[&agent("strong")].clone();
        facts.kind = kind("external");
        facts.max_concurrent = Some(9);
        settings.agents.insert(agent("remote"), facts);
    });
    world.nodes = nodes(&[("local", 10)]);
    for node in world.nodes.alive.values_mut() {
        node.kinds.insert(kind("external"));
    }
    world.add(KEY, |spec| spec.agent = Some(agent("remote")));
    world
}

fn register(world: &mut World, external: External) {
    let external = Box::new(external);
    world.command(Command::RegisterExternal { project: project(), external }).unwrap();
}

fn go(world: &mut World, name: &str, why: ExternalEnd) {
    let external = session(name);
    world.command(Command::EndExternal { project: project(), external, why }).unwrap();
}

fn hand_in(key: &str, by: &str, fence: Fence, how: HandInHow) -> Command {
    let claim = Claim { summary: "did it".to_owned(), ..Claim::default() };
    let hand_in = Box::new(HandIn { how, claim });
    Command::HandIn { ticket: id(key), external: session(by), fence, hand_in }
}

fn wait(world: &World, key: &str) -> Wait {
    waits_for(&world.board, &world.nodes, world.ticket(key), world.now)
}

fn by(world: &World, key: &str) -> Option<ExternalId> {
    world.ticket(key).running_attempt()?.external.clone()
}

#[test]
fn a_ticket_waits_for_a_session_and_is_assigned_to_it() {
    let mut world = world();
    assert_eq!(wait(&world, KEY), Wait::External { agent: agent("remote") });
    register(&mut world, external("one"));
    assert_eq!(by(&world, KEY), Some(session("one")));
    world.add("APP-2", |spec| spec.agent = Some(agent("remote")));
    assert_eq!(wait(&world, "APP-2"), Wait::Slot { limit: "external" });
    register(&mut world, External { max_concurrent: 2, ..external("two") });
    assert_eq!(by(&world, "APP-2"), Some(session("two")));
    let events = world.log.len();
    register(&mut world, External { max_concurrent: 2, ..external("two") });
    assert_eq!(world.log.len(), events, "a repeated registration says nothing new");
}

#[test]
fn a_session_adds_to_what_its_definition_can_do() {
    let mut world = world();
    register(&mut world, external("one"));
    let needs = |names: &[&str]| -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    };
    let wanted = needs(&["rust"]);
    world.add("APP-2", |spec| spec.capabilities = wanted);
    assert_eq!(
        wait(&world, "APP-2"),
        Wait::Capability { missing: vec!["rust".into()], agent: None }
    );
    register(&mut world, External { capabilities: needs(&["rust"]), ..external("two") });
    assert_eq!(by(&world, "APP-2"), Some(session("two")));
}

#[test]
fn what_is_handed_in_ends_the_attempt_and_is_judged_as_any() {
    let mut world = world();
    register(&mut world, external("one"));
    let (_, fence) = running(world.ticket(KEY));
    let stale = Fence { n: fence.n + 1, ..fence };
    for (by, fence) in [("one", stale), ("two", fence)] {
        let refused = world.command(hand_in(KEY, by, fence, HandInHow::Completed));
        assert!(matches!(refused, Err(Refusal::NotAssigned { .. })), "{refused:?}");
    }
    world.command(hand_in(KEY, "one", fence, HandInHow::Completed)).unwrap();
    let events = world.log.len();
    world.command(hand_in(KEY, "one", fence, HandInHow::Completed)).unwrap();
    assert_eq!(world.log.len(), events, "once is enough");
    // Its job died while it was asked to end; the work is in the worktree all the same.
    let died = EndKind::Infra(Infra::JobDied("no outcome".to_owned()));
    let report = ended(world.ticket(KEY), died);
    world.report(&report);
    let report = captured(world.ticket(KEY));
    world.report(&report);
    let TicketState::Verifying(Verifying { submission, .. }) = &world.ticket(KEY).state else {
        panic!("{}", stands(world.ticket(KEY)))
    };
    assert_eq!(submission.claim.summary, "did it");
    // It is free for the next one.
    world.add("APP-2", |spec| spec.agent = Some(agent("remote")));
    assert_eq!(by(&world, "APP-2"), Some(session("one")));
}

#[test]
fn a_session_that_gives_up_spends_a_try() {
    let mut world = world();
    register(&mut world, external("one"));
    let (_, fence) = running(world.ticket(KEY));
    let gave_up = HandInHow::GaveUp("too hard".to_owned());
    world.command(hand_in(KEY, "one", fence, gave_up)).unwrap();
    let report = ended(world.ticket(KEY), EndKind::Stopped);
    world.report(&report);
    let report = captured(world.ticket(KEY));
    world.report(&report);
    assert_eq!(world.ticket(KEY).tries_spent, 1);
}

#[test]
fn a_session_that_goes_gives_its_ticket_back_and_spends_no_try() {
    for why in [ExternalEnd::Deregistered, ExternalEnd::Lost] {
        let mut world = world();
        register(&mut world, external("one"));
        go(&mut world, "one", why);
        assert_eq!(world.log.last().unwrap().event.type_name(), "stop_requested");
        let report = ended(world.ticket(KEY), EndKind::Stopped);
        world.report(&report);
        let report = captured(world.ticket(KEY));
        world.report(&report);
        let ticket = world.ticket(KEY);
        assert_eq!((stands(ticket).as_str(), ticket.tries_spent), ("open", 0));
        assert!(ticket.left.is_some() && ticket.infra_in_row == 0);
        // The next one goes on with its work.
        register(&mut world, external("two"));
        let attempt = world.ticket(KEY).running_attempt().unwrap();
        assert!(matches!(attempt.start, Start::Resume(_)), "{attempt:?}");
    }
}

#[test]
fn what_was_handed_in_outlives_its_node() {
    let mut world = world();
    register(&mut world, external("one"));
    let (job, fence) = running(world.ticket(KEY));
    world.command(hand_in(KEY, "one", fence, HandInHow::Completed)).unwrap();
    let report = ended(world.ticket(KEY), EndKind::Stopped);
    let facts = world.nodes.alive[&"local".parse().unwrap()].clone();
    world.lose("local");
    assert_eq!(stands(world.ticket(KEY)), "open");
    let mut other = world.clone();
    // Nothing newer holds the ticket.
    other.command(Command::PauseProject { project: project() }).unwrap();
    // Its result comes late, and is adopted: with what was handed in, also when the node is lost
    // once more before its work was captured.
    let back = |world: &mut World| {
        world.change_nodes(|nodes| {
            nodes.dead.clear();
            nodes.alive.insert("local".parse().unwrap(), facts.clone());
        });
    };
    back(&mut other);
    other.report(&report);
    assert_eq!(stands(other.ticket(KEY)), "working/capture runs");
    other.lose("local");
    back(&mut other);
    other.report(&report);
    let report = captured(other.ticket(KEY));
    other.report(&report);
    assert!(stands(other.ticket(KEY)).starts_with("verifying"), "{}", stands(other.ticket(KEY)));
    // Or the node comes back with its job, which is told to end once more.
    world.change_nodes(|nodes| {
        let mut facts = facts.clone();
        facts.jobs.insert((job, fence));
        nodes.dead.clear();
        nodes.alive.insert("local".parse().unwrap(), facts);
    });
    let home = &world.board.projects[&project()];
    let duties = gangline_domain::duty::duties(world.ticket(KEY), home);
    let stops = |duty: &_| matches!(duty, gangline_domain::duty::Duty::Stop { .. });
    assert!(duties.iter().any(stops), "{duties:?}");
}

#[test]
fn a_persons_wish_to_end_it_is_stronger_than_what_is_handed_in() {
    let mut world = world();
    register(&mut world, external("one"));
    let (_, fence) = running(world.ticket(KEY));
    world.command(hand_in(KEY, "one", fence, HandInHow::Completed)).unwrap();
    world.command(Command::Hold { ticket: id(KEY) }).unwrap();
    let report = ended(world.ticket(KEY), EndKind::Stopped);
    world.report(&report);
    let report = captured(world.ticket(KEY));
    world.report(&report);
    assert_eq!(world.ticket(KEY).state.word(), "held");
    let refused = world.command(hand_in(KEY, "one", fence, HandInHow::Completed));
    assert!(matches!(refused, Err(Refusal::NotAssigned { .. })), "{refused:?}");
}

#[test]
fn only_external_agents_take_sessions_and_only_within_bounds() {
    let mut world = world();
    let mut refused = |external: External| {
        let external = Box::new(external);
        let answer = world.command(Command::RegisterExternal { project: project(), external });
        answer.unwrap_err().code()
    };
    assert_eq!(refused(External { agent: agent("nobody"), ..external("a") }), "unknown_agent");
    assert_eq!(refused(External { agent: agent("strong"), ..external("a") }), "not_external");
    assert_eq!(refused(External { max_concurrent: 0, ..external("a") }), "bad_request");
    assert_eq!(refused(External { heartbeat_timeout_ms: 10, ..external("a") }), "bad_request");
    let blank = [" ".to_owned()].into();
    assert_eq!(refused(External { capabilities: blank, ..external("a") }), "bad_request");
    let (external, why) = (session("a"), ExternalEnd::Lost);
    let gone = world.command(Command::EndExternal { project: project(), external, why });
    assert_eq!(gone.unwrap_err().code(), "no_such_external");
    assert!(!settings().agents.contains_key(&agent("remote")));
}
