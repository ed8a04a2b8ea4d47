//! What may run at once, where, and by whom.

use std::collections::BTreeMap;

use gangline_domain::command::Command;
use gangline_domain::job::{EndKind, Start};
use gangline_domain::plan::{Wait, waits_for};
use gangline_domain::project::{AgentFacts, ProjectSettings, ScopeCollision};
use gangline_domain::scope::Scope;
use gangline_domain::spec::TicketSpec;
use gangline_domain::ticket::{Ticket, TicketState};

use crate::places::{KEY, at, end_attempt};
use crate::world::{
    World, agent, captured, ended, id, kind, node, nodes, running, stands, verified,
};

/// Thirty tickets on two nodes, under what the change says of limits; how many attempts run, and
/// what the rest waits for.
fn crowd(change: impl FnOnce(&mut ProjectSettings), agents_max: u32) -> (World, String) {
    let mut world = World::with(change);
    world.nodes = nodes(&[("east", 20), ("west", 20)]);
    world.nodes.agents_max = agents_max;
    for n in 1..=30 {
        world.add(&format!("APP-{n}"), |_spec| {});
    }
    let told = told(&world);
    (world, told)
}

fn told(world: &World) -> String {
    let mut counts: BTreeMap<String, u32> = BTreeMap::new();
    for ticket in world.board.tickets.values() {
        let what = match waits_for(&world.board, &world.nodes, ticket, world.now) {
            Wait::Slot { limit } => format!("wait for {limit}"),
            Wait::Job { .. } => "run".to_owned(),
            other => format!("{other:?}"),
        };
        *counts.entry(what).or_default() += 1;
    }
    let told: Vec<String> = counts.iter().map(|(what, count)| format!("{count} {what}")).collect();
    told.join(", ")
}

#[test]
fn each_limit_holds_and_names_itself() {
    let (_, defaults) = crowd(|_settings| {}, 12);
    assert_eq!(defaults, "2 run, 28 wait for per_definition");
    let wide = |settings: &mut ProjectSettings| {
        settings.limits.agents = 99;
        settings.limits.per_definition = 99;
        settings.limits.worktrees = 99;
    };
    let (_, project) = crowd(
        |settings| {
            wide(settings);
            settings.limits.agents = 5;
        },
        12,
    );
    assert_eq!(project, "5 run, 25 wait for agents");
    let (_, machine) = crowd(wide, 12);
    assert_eq!(machine, "12 run, 18 wait for agents_max");
    let (_, trees) = crowd(
        |settings| {
            wide(settings);
            settings.limits.worktrees = 7;
        },
        12,
    );
    assert_eq!(trees, "7 run, 23 wait for worktrees");
    let own = |settings: &mut ProjectSettings| {
        wide(settings);
        let facts = settings.agents.get_mut(&agent("ticket-worker")).unwrap();
        facts.max_concurrent = Some(3);
    };
    let (_, definition) = crowd(own, 12);
    assert_eq!(definition, "3 run, 27 wait for per_definition");
    let (mut world, _) = crowd(wide, 99);
    assert_eq!(told(&world), "30 run");
    world = World::with(wide);
    world.nodes = nodes(&[("east", 2), ("west", 1)]);
    for n in 1..=30 {
        world.add(&format!("APP-{n}"), |_spec| {});
    }
    assert_eq!(told(&world), "3 run, 27 wait for node");
}

#[test]
fn a_worktree_that_is_not_captured_yet_still_counts() {
    let mut world = World::with(|settings| settings.limits.worktrees = 1);
    world.add("APP-1", |_spec| {});
    world.add("APP-2", |_spec| {});
    let report = ended(world.ticket("APP-1"), EndKind::Finished);
    world.report(&report);
    assert_eq!(stands(world.ticket("APP-1")), "working/capture runs");
    assert_eq!(stands(world.ticket("APP-2")), "open");
    let report = captured(world.ticket("APP-1"));
    world.report(&report);
    assert_eq!(stands(world.ticket("APP-2")), "working/running");
}

#[test]
fn work_is_spread_over_the_nodes_with_most_room() {
    let (world, _) = crowd(
        |settings| {
            settings.limits.per_definition = 6;
            settings.limits.agents = 6;
        },
        12,
    );
    let mut by_node: BTreeMap<String, u32> = BTreeMap::new();
    for run in world.board.busy().filter_map(Ticket::run) {
        *by_node.entry(run.lease.node.to_string()).or_default() += 1;
    }
    assert_eq!(by_node, BTreeMap::from([("east".to_owned(), 3), ("west".to_owned(), 3)]));
}

#[test]
fn verifications_have_a_limit_of_their_own() {
    let mut world = World::with(|settings| {
        settings.limits.agents = 9;
        settings.limits.per_definition = 9;
        settings.limits.verifications = 2;
    });
    for n in 1..=4 {
        world.add(&format!("APP-{n}"), |_spec| {});
        let key = format!("APP-{n}");
        let report = ended(world.ticket(&key), EndKind::Finished);
        world.report(&report);
        let report = captured(world.ticket(&key));
        world.report(&report);
    }
    assert_eq!(told(&world), "2 run, 2 wait for verifications");
    let report = verified(world.ticket("APP-1"), gangline_domain::verdict::Verdict::Fail);
    world.report(&report);
    assert_eq!(stands(world.ticket("APP-3")), "verifying/runs");
}

fn scoped(collision: ScopeCollision, scopes: &[&str]) -> String {
    let mut world = World::with(|settings| settings.limits.scope_collision = collision);
    for (n, scope) in scopes.iter().enumerate() {
        let scope = Scope::try_from(vec![(*scope).to_owned()]).unwrap();
        world.add(&format!("APP-{}", n + 1), |spec| spec.scope = scope);
    }
    told(&world)
}

#[test]
fn tickets_that_may_change_the_same_files_avoid_one_another_unless_told_not_to() {
    use ScopeCollision::{Avoid, Ignore, Warn};
    let both = ["src/cart/**", "src/cart/total.rs"];
    let with = format!("1 Scope {{ with: {:?} }}, 1 run", id("APP-1"));
    assert_eq!(scoped(Avoid, &both), with);
    assert_eq!(scoped(Warn, &both), "2 run");
    assert_eq!(scoped(Ignore, &both), "2 run");
    assert_eq!(scoped(Avoid, &["src/cart/**", "src/login/**"]), "2 run");
}

#[test]
fn a_ticket_needs_a_node_that_can_drive_its_agent() {
    let mut world = World::new();
    let only = |name: &str| [kind(name)].into();
    world.nodes = nodes(&[("east", 5), ("west", 5)]);
    world.nodes.alive.get_mut(&node("east")).unwrap().kinds = only("scripted");
    world.nodes.alive.get_mut(&node("west")).unwrap().kinds = only("claude");
    world.add("APP-1", |spec| spec.agent = Some(agent("strong")));
    assert_eq!(world.ticket("APP-1").run().unwrap().lease.node, node("west"));
    world.change_nodes(|nodes| {
        nodes.alive.remove(&node("west"));
    });
    world.add("APP-2", |spec| spec.agent = Some(agent("strong")));
    assert_eq!(waits_for(&world.board, &world.nodes, world.ticket("APP-2"), world.now), Wait::Node);
}

#[test]
fn a_paused_project_starts_nothing_and_still_brings_work_home() {
    let mut world = at("working/running");
    world.command(Command::PauseProject { project: crate::world::project() }).unwrap();
    world.add("APP-2", |_spec| {});
    let report = ended(world.ticket(KEY), EndKind::Finished);
    world.report(&report);
    assert_eq!(stands(world.ticket(KEY)), "working/capture runs");
    let report = captured(world.ticket(KEY));
    world.report(&report);
    assert_eq!(stands(world.ticket(KEY)), "verifying/due");
    assert_eq!(told(&world), "2 Paused");
    world.command(Command::ResumeProject { project: crate::world::project() }).unwrap();
    assert_eq!(told(&world), "2 run");
}

#[test]
fn a_kind_that_cannot_log_in_is_told_once_and_waited_for() {
    let mut world = at("working/running");
    world.add("APP-2", |_spec| {});
    for key in [KEY, "APP-2"] {
        let report = ended(world.ticket(key), EndKind::AuthFailed("401".to_owned()));
        world.report(&report);
        let report = captured(world.ticket(key));
        world.report(&report);
    }
    let opened = world.log.iter().filter(|event| event.event.type_name() == "circuit_opened");
    assert_eq!(opened.count(), 1);
    let waits = waits_for(&world.board, &world.nodes, world.ticket(KEY), world.now);
    let why = "it could not log in: 401".to_owned();
    assert_eq!(waits, Wait::Circuit { kind: kind("scripted"), why });
    // Another kind is not held up by it.
    world.add("APP-3", |spec| spec.agent = Some(agent("strong")));
    assert_eq!(stands(world.ticket("APP-3")), "working/running");
    world.command(Command::CloseCircuit { kind: kind("scripted") }).unwrap();
    assert_eq!(stands(world.ticket(KEY)), "working/running");
    assert_eq!(world.ticket(KEY).tries_spent, 0);
}

#[test]
fn the_last_try_is_the_fallback_agents_and_resumes_no_session_of_another() {
    let mut world = World::new();
    world.add(KEY, |spec| spec.agent = Some(agent("careful")));
    let mut told = vec![];
    for _try in 0..3 {
        let TicketState::Working(working) = &world.ticket(KEY).state else {
            panic!("{}", stands(world.ticket(KEY)))
        };
        let session = match &working.attempt.start {
            Start::Fresh => "fresh",
            Start::Resume(left) if left.session.is_some() => "its session",
            Start::Resume(_) => "its worktree",
        };
        told.push(format!("{} {session}", working.attempt.agent));
        end_attempt(&mut world, EndKind::TimedOut);
    }
    assert_eq!(told, ["careful fresh", "careful its session", "strong fresh"]);
}

#[test]
fn the_last_try_takes_the_first_fallback_whose_agent_kind_works() {
    let last = |broken: &[&str]| {
        let mut world = World::new();
        world.configure(|settings| {
            let mut facts = settings.agents[&agent("careful")].clone();
            facts.fallback = vec![agent("strong"), agent("ticket-worker")];
            settings.agents.insert(agent("careful"), facts);
        });
        world.add(KEY, |spec| spec.agent = Some(agent("careful")));
        end_attempt(&mut world, EndKind::TimedOut);
        for kind in broken {
            world.open_circuit(kind);
        }
        end_attempt(&mut world, EndKind::TimedOut);
        let ticket = world.ticket(KEY);
        match &ticket.state {
            TicketState::Working(working) => working.attempt.agent.to_string(),
            _waits => format!("{:?}", waits_for(&world.board, &world.nodes, ticket, world.now)),
        }
    };
    assert_eq!(last(&[]), "strong");
    assert_eq!(last(&["claude"]), "ticket-worker");
    let waits = last(&["claude", "scripted"]);
    assert!(waits.starts_with("Circuit { kind: AgentKind(\"scripted\")"), "{waits}");
}

#[test]
fn fallbacks_are_read_as_they_were_stored_when_there_was_one_at_most() {
    let read = |fallback: &str| {
        let text = format!(r#"{{"kind":"claude","max_concurrent":null,"fallback":{fallback}}}"#);
        let facts: AgentFacts = serde_json::from_str(&text).unwrap();
        assert_eq!(serde_json::to_string(&facts).unwrap(), text);
        facts.fallback.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(read("null"), [""; 0]);
    assert_eq!(read(r#""strong""#), ["strong"]);
    assert_eq!(read(r#"["strong","careful"]"#), ["strong", "careful"]);
}

#[test]
fn an_agent_that_was_changed_in_between_resumes_the_worktree_but_not_the_session() {
    let mut world = at("working/running");
    world.nodes.agents_max = 0;
    end_attempt(&mut world, EndKind::TimedOut);
    world.configure(|settings| settings.default_agent = agent("strong"));
    world.change_nodes(|nodes| nodes.agents_max = 1);
    let TicketState::Working(working) = &world.ticket(KEY).state else { panic!("it is free") };
    let Start::Resume(left) = &working.attempt.start else { panic!("{working:?}") };
    assert_eq!((left.session.as_deref(), left.agent.as_str()), (None, "ticket-worker"));
}

#[test]
fn a_definition_that_is_gone_from_the_policy_is_waited_for() {
    let mut world = World::new();
    world.nodes.alive.clear();
    world.add(KEY, |spec| spec.agent = Some(agent("careful")));
    world.configure(|settings| {
        settings.agents.remove(&agent("careful"));
    });
    let waits = waits_for(&world.board, &world.nodes, world.ticket(KEY), world.now);
    assert_eq!(waits, Wait::Definition { agent: agent("careful") });
}

#[test]
fn each_lease_has_a_higher_fence_than_any_before_it() {
    let mut world = at("working/running");
    let mut last = running(world.ticket(KEY)).1;
    for _end in 0..2 {
        end_attempt(&mut world, EndKind::TimedOut);
        let next = running(world.ticket(KEY)).1;
        assert!(next > last, "{next} after {last}");
        last = next;
    }
    // A later leader's first fence is above all of them.
    world.epoch = 2;
    end_attempt(&mut world, EndKind::Quota { until: None, message: "429".to_owned() });
    world.later(3_600_000);
    assert!(running(world.ticket(KEY)).1 > last);
    assert_eq!(running(world.ticket(KEY)).1.epoch, 2);
}

/// The agent that works on a ticket which asks for this, or what it waits for.
fn chosen(world: &mut World, key: &str, change: impl FnOnce(&mut TicketSpec)) -> String {
    world.add(key, change);
    let ticket = world.ticket(key);
    match &ticket.state {
        TicketState::Working(working) => working.attempt.agent.to_string(),
        _waits => match waits_for(&world.board, &world.nodes, ticket, world.now) {
            Wait::Capability { missing, agent } => {
                format!("nobody: {} {agent:?}", missing.join(","))
            }
            other => format!("{other:?}"),
        },
    }
}

/// `ticket-worker` can do nothing in particular; `careful` python, `strong` python and redis.
fn with_capabilities() -> World {
    let mut world = World::with(|settings| settings.limits.agents = 9);
    world.configure(|settings| {
        for (name, can) in [("careful", vec!["python"]), ("strong", vec!["python", "redis"])] {
            let facts = settings.agents.get_mut(&agent(name)).unwrap();
            facts.capabilities = can.into_iter().map(str::to_owned).collect();
        }
    });
    world
}

fn needs(names: &[&str]) -> impl FnOnce(&mut TicketSpec) + use<> {
    let names = names.iter().map(|name| (*name).to_owned()).collect();
    move |spec| spec.capabilities = names
}

#[test]
fn a_ticket_is_matched_by_name_label_or_capability() {
    let mut world = with_capabilities();
    let label =
        |text: &'static str| move |spec: &mut TicketSpec| spec.labels = [text.to_owned()].into();
    assert_eq!(chosen(&mut world, "APP-1", |_spec| {}), "ticket-worker");
    assert_eq!(chosen(&mut world, "APP-2", needs(&["redis"])), "strong");
    assert_eq!(chosen(&mut world, "APP-3", needs(&["python"])), "careful");
    assert_eq!(chosen(&mut world, "APP-4", label("capability:python")), "careful");
    // `careful` has no slot left, and `strong` can do it, too.
    assert_eq!(chosen(&mut world, "APP-5", needs(&["python"])), "strong");
    assert_eq!(
        chosen(&mut world, "APP-6", needs(&["python"])),
        r#"Slot { limit: "per_definition" }"#
    );
    assert_eq!(chosen(&mut world, "APP-7", label("agent:ticket-worker")), "ticket-worker");
    assert_eq!(
        chosen(&mut world, "APP-8", label("area:cart")),
        r#"Slot { limit: "per_definition" }"#
    );
}

#[test]
fn what_nobody_can_do_is_named_and_waited_for_until_somebody_can() {
    let mut world = with_capabilities();
    assert_eq!(chosen(&mut world, "APP-1", needs(&["cobol", "python"])), "nobody: cobol None");
    let both = |spec: &mut TicketSpec| {
        spec.agent = Some(agent("careful"));
        spec.capabilities = ["redis".to_owned()].into();
    };
    let lacks = format!("nobody: redis {:?}", Some(agent("careful")));
    assert_eq!(chosen(&mut world, "APP-2", both), lacks);
    world.configure(|settings| {
        let facts = settings.agents.get_mut(&agent("ticket-worker")).unwrap();
        facts.capabilities = ["cobol".to_owned()].into();
    });
    // Each is somebody's, but all of it is nobody's.
    let waits = waits_for(&world.board, &world.nodes, world.ticket("APP-1"), world.now);
    let missing = vec!["cobol".to_owned(), "python".to_owned()];
    assert_eq!(waits, Wait::Capability { missing, agent: None });
    world.configure(|settings| {
        let facts = settings.agents.get_mut(&agent("strong")).unwrap();
        facts.capabilities.insert("cobol".to_owned());
    });
    assert_eq!(stands(world.ticket("APP-1")), "working/running");
}

#[test]
fn another_who_can_do_it_steps_in_where_a_kind_is_broken_and_no_fallback_does_what_it_cannot() {
    let mut world = with_capabilities();
    world.open_circuit("scripted");
    assert_eq!(chosen(&mut world, "APP-1", needs(&["python"])), "strong");
    let mut world = with_capabilities();
    world.configure(|settings| {
        let facts = settings.agents.get_mut(&agent("strong")).unwrap();
        facts.fallback = vec![agent("careful")];
    });
    world.add(KEY, needs(&["redis"]));
    for _try in 0..2 {
        end_attempt(&mut world, EndKind::TimedOut);
    }
    let TicketState::Working(working) = &world.ticket(KEY).state else { panic!("it is free") };
    assert_eq!((working.attempt.try_no, working.attempt.agent.as_str()), (3, "strong"));
}

#[test]
fn a_session_is_gone_on_with_by_the_agent_that_left_it() {
    let mut world = with_capabilities();
    world.configure(|settings| settings.limits.per_definition = 1);
    world.add("APP-9", |spec| spec.agent = Some(agent("careful")));
    world.add(KEY, needs(&["python"]));
    let agent_of = |world: &World| {
        let TicketState::Working(working) = &world.ticket(KEY).state else { panic!("it runs") };
        working.attempt.agent.to_string()
    };
    assert_eq!(agent_of(&world), "strong");
    let report = ended(world.ticket("APP-9"), EndKind::Finished);
    world.report(&report);
    end_attempt(&mut world, EndKind::TimedOut);
    assert_eq!(agent_of(&world), "strong");
}

/// Checks count their time from when they begin, and a suite that takes longer is inconclusive. A
/// job that had no more time than they have would always end before they can say so.
#[test]
fn a_job_has_more_time_than_the_checks_that_it_runs() {
    for place in ["working/capture runs", "verifying/runs", "landing/runs"] {
        let world = crate::places::at(place);
        let ticket = world.ticket(crate::places::KEY);
        let project = &world.board.projects[&crate::world::project()];
        let deadlines = gangline_domain::duty::duties(ticket, project).into_iter().filter_map(
            |duty| match duty {
                gangline_domain::duty::Duty::Run { deadline, .. } => Some(deadline),
                _other => None,
            },
        );
        let checks_until = ticket
            .run()
            .expect("something runs")
            .lease
            .granted_at
            .plus_ms(project.settings.limits.verification_ms);
        let slack: Vec<u64> = deadlines.map(|at| at.ms_since(checks_until)).collect();
        assert_eq!(slack, [15 * 60_000], "{place}");
    }
}
