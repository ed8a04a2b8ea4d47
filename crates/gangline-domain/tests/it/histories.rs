//! Not samples: all short histories that an alphabet allows, and random long ones. What must
//! always hold is checked by the world itself, at each event and each time the plan is at rest.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use gangline_domain::command::{Command, Heard, Report};
use gangline_domain::decide::hear;
use gangline_domain::ids::{Fence, TicketId};
use gangline_domain::job::{EndKind, Infra, JobResult, Swap};
use gangline_domain::project::{ProjectSettings, ReviewPolicy};
use gangline_domain::spec::TicketSpec;
use gangline_domain::ticket::{LandingStage, Stage, StopHow, Ticket, TicketState};
use gangline_domain::verdict::Verdict;
use proptest::prelude::*;
use serde_json::Value;

use crate::places::{ENDS, LIVE};
use crate::world::{
    World, a_question, an_end, asked, built, captured, conflict, ended, failed, node, nodes,
    project, result, running, stands, swapped, verified,
};

/// What can happen to a world.
#[derive(Debug, Clone)]
enum Input {
    Command(Command),
    Report(Report),
    /// The clock goes on to the next moment at which something is due.
    Clock,
    NodeLost,
    NodeBack,
}

/// All that can happen now.
fn inputs(world: &World) -> Vec<Input> {
    let mut all = vec![];
    for ticket in world.board.tickets.values() {
        all.extend(commands(&ticket.id).map(Input::Command));
        all.extend(reports(ticket).into_iter().map(Input::Report));
    }
    let paused = world.board.projects[&project()].paused;
    let project = project();
    all.push(Input::Command(if paused {
        Command::ResumeProject { project }
    } else {
        Command::PauseProject { project }
    }));
    for kind in world.board.circuits.keys() {
        all.push(Input::Command(Command::CloseCircuit { kind: kind.clone() }));
    }
    all.extend(world.board.next_timer().map(|_| Input::Clock));
    all.push(if world.nodes.alive.is_empty() { Input::NodeBack } else { Input::NodeLost });
    all
}

fn commands(ticket: &TicketId) -> impl Iterator<Item = Command> + use<> {
    let ticket = || ticket.clone();
    [
        Command::Start { ticket: ticket() },
        Command::Approve { ticket: ticket(), commit: None },
        Command::Reject { ticket: ticket(), feedback: "no".to_owned() },
        Command::Retry { ticket: ticket(), hint: None },
        Command::Answer { ticket: ticket(), question: None, text: "yes".to_owned() },
        Command::Hold { ticket: ticket() },
        Command::Resume { ticket: ticket() },
        Command::Stop { ticket: ticket(), how: StopHow::Kill },
        Command::Cancel { ticket: ticket() },
        Command::TakeOver { ticket: ticket() },
        Command::HandBack { ticket: ticket() },
    ]
    .into_iter()
}

/// What the ticket's job, the landing, or a node that was given up may report.
fn reports(ticket: &Ticket) -> Vec<Report> {
    let why = || "why".to_owned();
    let mut reports = vec![];
    if let Some(lost) = &ticket.lost {
        let result = Box::new(JobResult::Attempt(an_end(EndKind::Finished, 0)));
        let (job, fence) = (lost.attempt.job.clone(), lost.lease.fence);
        reports.push(Report::Ended { job, fence, result });
    }
    match &ticket.state {
        TicketState::Working(working) if ticket.run().is_some() => {
            if matches!(working.stage, Stage::Running { .. }) {
                let quota = EndKind::Quota { until: None, message: why() };
                reports.extend([asked(ticket, "q1"), failed(ticket)]);
                reports.extend(
                    [
                        EndKind::Finished,
                        EndKind::NoChangeNeeded,
                        EndKind::GaveUp(why()),
                        EndKind::BudgetSpent,
                        EndKind::Unanswered(a_question("q1")),
                        quota,
                        EndKind::AuthFailed(why()),
                        EndKind::Stopped,
                        EndKind::Infra(Infra::DiskFull(why())),
                    ]
                    .map(|how| ended(ticket, how)),
                );
            } else {
                let nothing = result(ticket, JobResult::Captured(None));
                reports.extend([captured(ticket), nothing, failed(ticket)]);
            }
        }
        TicketState::Verifying(_) if ticket.run().is_some() => {
            reports.extend(VERDICTS.map(|verdict| verified(ticket, verdict)));
            reports.push(failed(ticket));
        }
        TicketState::Landing(landing) => {
            if matches!(landing.stage, LandingStage::Intended(_)) {
                let moved = Swap::Moved { found: crate::world::commit(0xb2) };
                let refused = Swap::Refused(why());
                reports.extend([Swap::Proven, moved, refused].map(|swap| swapped(ticket, swap)));
            } else if ticket.run().is_some() {
                reports.extend(VERDICTS.map(|verdict| built(ticket, verdict)));
                reports.extend([conflict(ticket), failed(ticket)]);
            }
        }
        _nothing_runs => {}
    }
    reports
}

const VERDICTS: [Verdict; 3] = [Verdict::Pass, Verdict::Fail, Verdict::Inconclusive];

/// What comes of the input, unless it is refused.
fn step(world: &World, input: &Input) -> Option<World> {
    let mut world = world.clone();
    world.log.clear();
    match input {
        Input::Command(command) => world.command(command.clone()).ok()?,
        Input::Report(report) => match world.take(report) {
            Heard::News(_) => world.settle(),
            Heard::Known | Heard::Stale { .. } => return None,
        },
        Input::Clock => {
            let next = world.board.next_timer()?;
            // A timer that is over waits for something else by now; then some time passes.
            world.later(next.ms_since(world.now).max(1));
        }
        Input::NodeLost => world.lose("local"),
        Input::NodeBack => world.change_nodes(|known| *known = nodes(&[("local", 10)])),
    }
    Some(world)
}

/// The same reports under a fence that was never granted to that job change nothing.
fn stale_fences_change_nothing(world: &World) {
    for ticket in world.board.tickets.values().filter(|ticket| ticket.run().is_some()) {
        let (_, held) = running(ticket);
        for report in reports(ticket) {
            let Report::Ended { job, fence, result } = report else { continue };
            if fence != held {
                continue;
            }
            let fence = Fence { n: fence.n - 1, ..fence };
            let stale = Report::Ended { job, fence, result };
            let heard = hear(&world.board, &stale, world.now);
            assert!(!matches!(heard, Heard::News(_)), "{stale:?} is {heard:?}");
        }
    }
}

/// Two worlds with the same shape behave the same: names of jobs and commits, fences and moments
/// count only by which are equal, and what was learned on the way counts not at all.
fn shape(world: &World) -> u64 {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    let mut hasher = DefaultHasher::new();
    for ticket in world.board.tickets.values() {
        let value = serde_json::to_value(&**ticket).unwrap();
        walk("", &value, world.now.0, &mut names, &mut hasher);
    }
    for (id, closed) in &world.board.closed {
        (id, std::mem::discriminant(closed)).hash(&mut hasher);
    }
    world.board.circuits.len().hash(&mut hasher);
    world.board.projects[&project()].paused.hash(&mut hasher);
    world.board.draining.hash(&mut hasher);
    world.nodes.dead.contains(&node("local")).hash(&mut hasher);
    hasher.finish()
}

fn walk(
    key: &str,
    value: &Value,
    now: i64,
    names: &mut BTreeMap<String, usize>,
    hasher: &mut DefaultHasher,
) {
    key.hash(hasher);
    let is_job = |text: &str| text.starts_with("shop.APP-") && text.matches('.').count() == 2;
    let is_commit = |text: &str| text.len() == 40;
    match (key, value) {
        ("records" | "hints" | "jobs" | "usage" | "deadline" | "alarms", _) => {}
        ("until" | "not_before", Value::Number(at)) => {
            at.as_i64().map(|at| (at - now).max(0)).hash(hasher);
        }
        (_, Value::Number(number)) if key.ends_with("_at") || key == "since" => {
            number.as_i64().map(|at| at > now).hash(hasher);
        }
        (_, Value::String(text)) if is_job(text) || is_commit(text) => {
            let next = names.len();
            names.entry(text.clone()).or_insert(next).hash(hasher);
        }
        ("fence", fence) => {
            let next = names.len();
            names.entry(fence.to_string()).or_insert(next).hash(hasher);
        }
        (_, Value::Object(fields)) => {
            for (key, value) in fields {
                walk(key, value, now, names, hasher);
            }
        }
        (_, Value::Array(items)) => {
            items.len().hash(hasher);
            for item in items {
                walk("", item, now, names, hasher);
            }
        }
        (_, plain) => plain.to_string().hash(hasher),
    }
}

/// All histories from this world, breadth first, until so many worlds of different shape were
/// seen. Returns the places at which tickets were seen.
fn explore(start: World, worlds_max: usize) -> BTreeSet<String> {
    let mut seen: HashSet<u64> = HashSet::from([shape(&start)]);
    let mut places = BTreeSet::new();
    let mut layer = vec![start];
    while !layer.is_empty() && seen.len() < worlds_max {
        let mut next_layer = vec![];
        for world in &layer {
            if seen.len() >= worlds_max {
                break;
            }
            stale_fences_change_nothing(world);
            for input in inputs(world) {
                let Some(next) = step(world, &input) else { continue };
                for (id, closed) in &world.board.closed {
                    assert_eq!(next.board.closed.get(id), Some(closed), "after {input:?}");
                }
                if seen.insert(shape(&next)) {
                    places.extend(next.board.tickets.values().map(|ticket| stands(ticket)));
                    places.extend(next.board.closed.values().map(|closed| format!("{closed:?}")));
                    next_layer.push(next);
                }
            }
        }
        layer = next_layer;
    }
    places
}

fn small(change: impl FnOnce(&mut ProjectSettings)) -> World {
    World::with(|settings| {
        settings.limits.tries = 2;
        change(settings);
    })
}

#[test]
fn one_ticket_through_all_short_histories() {
    let mut world = small(|settings| settings.review = ReviewPolicy::Required);
    world.add("APP-1", |_spec| {});
    let places = explore(world, 12_000);
    let passing = ["draft", "working/captured", "verifying/measured", "landing/built"];
    let crowded = ["queued", "held/queued", "held/open"];
    for place in LIVE.into_iter().chain([ENDS[0]]) {
        let expected = !passing.contains(&place) && !crowded.contains(&place);
        assert!(!expected || places.contains(place), "{place} was not reached: {places:?}");
    }
}

#[test]
fn a_ticket_and_one_that_depends_on_it_through_all_short_histories() {
    let mut world = small(|_settings| {});
    world.add("APP-1", |_spec| {});
    world.add("APP-2", |spec| {
        spec.depends_on.insert("APP-1".parse().unwrap());
    });
    let places = explore(world, 12_000);
    assert!(places.contains("Cancelled") && places.contains("escalated"), "{places:?}");
}

#[test]
fn two_tickets_that_want_to_land_through_all_short_histories() {
    let mut world = small(|_settings| {});
    for key in ["APP-1", "APP-2"] {
        world.add(key, |_spec| {});
        world.advance(key, "verifying/runs");
    }
    let places = explore(world, 12_000);
    assert!(places.contains("queued") && places.contains("held/queued"), "{places:?}");
    assert!(places.iter().any(|place| place.starts_with("Landed")), "{places:?}");
}

fn is_report(input: &Input) -> bool {
    matches!(input, Input::Report(_))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// The index is kept up as if it were computed anew each time, the plan comes to rest, and
    /// nothing panics, however long it goes on.
    #[test]
    fn random_histories_keep_all_promises(choices in prop::collection::vec(any::<u16>(), 1..200)) {
        let mut world = World::new();
        for n in 1..=4 {
            world.add(&format!("APP-{n}"), |spec| {
                if n > 2 {
                    spec.depends_on.insert(format!("APP-{}", n - 2).parse().unwrap());
                }
            });
        }
        for choice in choices {
            let mut possible = inputs(&world);
            if choice > u16::MAX / 2 && possible.iter().any(is_report) {
                // Else most tickets would be cancelled before they get anywhere.
                possible.retain(is_report);
            }
            if world.board.tickets.len() < 4 {
                let spec = Box::new(TicketSpec::titled("One more"));
                let add = Command::Add { project: project(), key: None, spec, draft: true };
                possible.push(Input::Command(add));
            }
            let node = node("local");
            possible.push(Input::Command(match world.board.draining.contains(&node) {
                true => Command::ResumeNode { node },
                false => Command::DrainNode { node },
            }));
            let input = &possible[usize::from(choice) % possible.len()];
            if let Some(next) = step(&world, input) {
                world = next;
            }
        }
    }
}

/// What the histories are worth: faults that are planted in the rules do not survive them.
#[cfg(feature = "mutants")]
#[test]
fn a_planted_fault_is_found() {
    use gangline_domain::mutant::{Mutant, plant};
    for mutant in [
        None,
        Some(Mutant::IgnoreFence),
        Some(Mutant::IgnoreDependencies),
        Some(Mutant::TwoInLane),
        Some(Mutant::LandRed),
        Some(Mutant::LostNodeSpendsTry),
        Some(Mutant::ForgetTimers),
    ] {
        let searched = std::thread::spawn(move || {
            plant(mutant);
            let mut world = small(|_settings| {});
            world.add("APP-1", |_spec| {});
            world.add("APP-2", |_spec| {});
            world.add("APP-3", |spec| {
                spec.depends_on.insert("APP-1".parse().unwrap());
            });
            world.advance("APP-1", "landing/runs");
            world.advance("APP-2", "queued");
            explore(world, 3_000);
        });
        assert_eq!(searched.join().is_err(), mutant.is_some(), "{mutant:?}");
    }
}
