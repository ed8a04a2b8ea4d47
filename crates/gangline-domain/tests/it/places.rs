//! Every place at which a ticket can stand, each reached by a history.

use gangline_domain::command::{Command, Heard};
use gangline_domain::ids::Timestamp;
use gangline_domain::job::{EndKind, Infra, Swap};
use gangline_domain::project::ReviewPolicy;
use gangline_domain::spec::{Deliverable, TicketSpec};
use gangline_domain::ticket::StopHow;
use gangline_domain::verdict::Verdict;

use crate::world::{
    World, a_question, asked, built, captured, ended, id, project, stands, swapped, verified,
};

/// The ticket that the places are of.
pub(crate) const KEY: &str = "APP-1";

/// A world with the ticket at the place. A ticket in `captured`, `measured` or `built` is caught
/// before the plan has moved it on.
pub(crate) fn at(place: &str) -> World {
    let mut world = World::new();
    let cmd = |world: &mut World, command: Command| world.command(command).unwrap();
    let ticket = || id(KEY);
    match place {
        "draft" => {
            let (project, spec) = (project(), Box::new(TicketSpec::titled("Do it")));
            cmd(&mut world, Command::Add { project, key: None, spec, draft: true });
        }
        "open" => without_nodes(&mut world, "open"),
        "backoff" => after(&mut world, EndKind::Infra(Infra::JobDied("signal 9".to_owned()))),
        "parked/quota" => {
            let message = "limit resets at noon".to_owned();
            after(&mut world, EndKind::Quota { until: Some(Timestamp(i64::MAX)), message });
        }
        "parked/answer" => after(&mut world, EndKind::Unanswered(a_question("q1"))),
        held if held.starts_with("held/") => to_held(&mut world, held),
        "working/asking" => {
            to(&mut world, "working/running");
            let report = asked(world.ticket(KEY), "q1");
            world.report(&report);
        }
        "working/stopping" => {
            to(&mut world, "working/running");
            cmd(&mut world, Command::Stop { ticket: ticket(), how: StopHow::Stop });
        }
        "working/capture due" => {
            to(&mut world, "working/running");
            let report = ended(world.ticket(KEY), EndKind::Finished);
            world.nodes.alive.clear();
            world.report(&report);
        }
        "working/captured" => {
            to(&mut world, "working/capture runs");
            let report = captured(world.ticket(KEY));
            taken(&mut world, &report);
        }
        "verifying/due" => {
            to(&mut world, "working/capture runs");
            let report = captured(world.ticket(KEY));
            world.nodes.alive.clear();
            world.report(&report);
        }
        "verifying/measured" => {
            to(&mut world, "verifying/runs");
            let report = verified(world.ticket(KEY), Verdict::Pass);
            taken(&mut world, &report);
        }
        "review" => to_review(&mut world),
        "queued" => to_queue(&mut world),
        "landing/due" => {
            to(&mut world, "verifying/runs");
            let report = verified(world.ticket(KEY), Verdict::Pass);
            world.nodes.alive.clear();
            world.report(&report);
        }
        "landing/built" => {
            to(&mut world, "landing/runs");
            let report = built(world.ticket(KEY), Verdict::Pass);
            taken(&mut world, &report);
        }
        "landing/deferred" => {
            to(&mut world, "landing/intended");
            let swap = Swap::Refused("its checkout is dirty".to_owned());
            let report = swapped(world.ticket(KEY), swap);
            world.report(&report);
        }
        "landed" => {
            to(&mut world, "closed");
            return world;
        }
        "delivered" => {
            world.add(KEY, |spec| spec.deliverable = Deliverable::Report);
            world.advance(KEY, "closed");
            return world;
        }
        "escalated" => escalated(&mut world),
        "cancelled" => {
            without_nodes(&mut world, "open");
            cmd(&mut world, Command::Cancel { ticket: ticket() });
            return world;
        }
        on_the_happy_way => to(&mut world, on_the_happy_way),
    }
    assert_eq!(stands(world.ticket(KEY)), place);
    world
}

fn to_held(world: &mut World, place: &str) {
    match place {
        "held/open" => without_nodes(world, "open"),
        "held/verifying" => to(world, "verifying/runs"),
        "held/review" => to_review(world),
        "held/queued" => to_queue(world),
        "held/taken over" => {
            escalated(world);
            return world.command(Command::TakeOver { ticket: id(KEY) }).unwrap();
        }
        unknown => panic!("{unknown} is no place"),
    }
    world.command(Command::Hold { ticket: id(KEY) }).unwrap();
}

/// All of them, but for those of closed tickets.
pub(crate) const LIVE: [&str; 26] = [
    "draft",
    "open",
    "backoff",
    "parked/quota",
    "parked/answer",
    "held/open",
    "held/verifying",
    "held/review",
    "held/queued",
    "held/taken over",
    "working/running",
    "working/asking",
    "working/stopping",
    "working/capture due",
    "working/capture runs",
    "working/captured",
    "verifying/due",
    "verifying/runs",
    "verifying/measured",
    "review",
    "queued",
    "landing/due",
    "landing/runs",
    "landing/built",
    "landing/intended",
    "landing/deferred",
];
/// Where nothing is left to do but for a person, or for nobody.
pub(crate) const ENDS: [&str; 4] = ["escalated", "landed", "delivered", "cancelled"];

fn to(world: &mut World, place: &str) {
    world.add(KEY, |_spec| {});
    world.advance(KEY, place);
}

fn without_nodes(world: &mut World, place: &str) {
    world.nodes.alive.clear();
    to(world, place);
}

fn taken(world: &mut World, report: &gangline_domain::command::Report) {
    assert!(matches!(world.take(report), Heard::News(_)), "{report:?} is no news");
}

/// After an attempt that ended in this way, and its capture.
fn after(world: &mut World, how: EndKind) {
    to(world, "working/running");
    end_attempt(world, how);
}

/// Ends the running attempt in this way, and has its work captured.
pub(crate) fn end_attempt(world: &mut World, how: EndKind) {
    let report = ended(world.ticket(KEY), how);
    world.report(&report);
    let report = captured(world.ticket(KEY));
    world.report(&report);
}

fn to_review(world: &mut World) {
    world.configure(|settings| settings.review = ReviewPolicy::Required);
    to(world, "review");
}

/// Behind another ticket that is in the lane.
fn to_queue(world: &mut World) {
    world.add("APP-2", |_spec| {});
    world.advance("APP-2", "landing/runs");
    to(world, "queued");
}

fn escalated(world: &mut World) {
    world.configure(|settings| settings.limits.tries = 1);
    after(world, EndKind::GaveUp("it is too hard".to_owned()));
}
