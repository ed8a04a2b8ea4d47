//! Names of tickets: given, handed out, taken; and what may be asked of projects.

use gangline_domain::board::{ANSWERS_MAX, Answers, Board, Done};
use gangline_domain::command::{Command, Refusal};
use gangline_domain::event::{Event, Recorded};
use gangline_domain::ids::IdempotencyKey;
use gangline_domain::spec::TicketSpec;

use crate::world::{START, World, agent, anna, id, kind, node, project};

fn add(key: Option<&str>, change: impl FnOnce(&mut TicketSpec)) -> Command {
    let mut spec = TicketSpec::titled("Do it");
    change(&mut spec);
    let key = key.map(|key| key.parse().unwrap());
    Command::Add { project: project(), key, spec: Box::new(spec), draft: true }
}

fn added(world: &mut World, key: Option<&str>) -> String {
    let command = add(key, |_spec| {});
    let events = world.decide(&command).unwrap();
    world.command(command).unwrap();
    events[0].ticket().unwrap().key.to_string()
}

#[test]
fn numbers_go_on_after_the_highest_that_was_given() {
    let mut world = World::new();
    let keys = [None, Some("APP-7"), None, Some("APP-3"), Some("WEB-50"), None]
        .map(|key| added(&mut world, key));
    assert_eq!(keys.join(" "), "APP-1 APP-7 APP-8 APP-3 WEB-50 APP-9");
}

#[test]
fn a_number_that_is_taken_is_left_out() {
    let mut world = World::new();
    added(&mut world, Some("WEB-2"));
    world.configure(|settings| settings.key_prefix = "WEB".to_owned());
    let keys = [None, None].map(|key| added(&mut world, key));
    assert_eq!(keys.join(" "), "WEB-1 WEB-3");
}

#[test]
fn a_project_that_is_added_again_does_not_trip_over_its_earlier_tickets() {
    let mut world = World::new();
    for key in ["APP-1", "APP-2"] {
        added(&mut world, Some(key));
        world.command(Command::Cancel { ticket: id(key) }).unwrap();
    }
    world.command(Command::RemoveProject { project: project() }).unwrap();
    world.configure(|_defaults| {});
    assert_eq!(added(&mut world, None), "APP-3");
}

#[test]
fn the_highest_number_of_all_leaves_the_lower_ones() {
    let mut world = World::new();
    added(&mut world, Some("APP-999999999999"));
    assert_eq!(added(&mut world, None), "APP-1");
}

fn code(world: &World, command: &Command) -> String {
    match world.decide(command) {
        Ok(events) => events.iter().map(Event::type_name).collect::<Vec<_>>().join("+"),
        Err(refusal) => format!("!{}: {refusal}", refusal.code()),
    }
}

#[test]
fn every_command_about_a_project_is_answered_in_words() {
    let mut world = World::new();
    added(&mut world, Some("APP-1"));
    added(&mut world, Some("APP-2"));
    world.command(Command::Cancel { ticket: id("APP-2") }).unwrap();
    let other = || "other".parse().unwrap();
    let settings = Box::new(crate::world::settings());
    let lines = [
        code(&world, &Command::ConfigureProject { project: other(), settings }),
        code(&world, &Command::RemoveProject { project: project() }),
        code(&world, &Command::RemoveProject { project: other() }),
        code(&world, &Command::PauseProject { project: project() }),
        code(&world, &Command::PauseProject { project: other() }),
        code(&world, &Command::ResumeProject { project: project() }),
        code(&world, &Command::CloseCircuit { kind: kind("claude") }),
        code(&world, &Command::DrainNode { node: node("local") }),
        code(&world, &Command::ResumeNode { node: node("local") }),
        code(&world, &add(None, |_spec| {})),
        code(&world, &add(Some("APP-1"), |_spec| {})),
        code(&world, &add(Some("APP-2"), |_spec| {})),
        code(&world, &add(None, |spec| spec.title = " ".to_owned())),
        code(&world, &add(None, |spec| spec.title = "two\nlines".to_owned())),
        code(&world, &add(None, |spec| spec.agent = Some(agent("nobody")))),
        code(&world, &Command::Start { ticket: id("APP-2") }),
        code(&world, &Command::Start { ticket: id("APP-9") }),
    ];
    insta::assert_snapshot!(lines.join("\n"), @"
    project_configured
    !project_in_use: project shop has 1 live tickets, such as APP-1
    !no_such_project: there is no project other
    project_paused
    !no_such_project: there is no project other

    !circuit_not_open: the circuit of agent kind claude is not open
    node_drained

    ticket_added
    !duplicate_key: shop.APP-1 exists already
    !duplicate_key: shop.APP-2 exists already
    !bad_ticket: the title is empty
    !bad_ticket: the title has a line break or another control character: it is one line
    !unknown_agent: project shop has no agent nobody; it has careful, strong, ticket-worker
    !ticket_closed: shop.APP-2 is closed: cancelled
    !no_such_ticket: there is no ticket shop.APP-9
    ");
}

#[test]
fn a_text_without_end_is_refused() {
    let world = {
        let mut world = World::new();
        world.nodes.alive.clear();
        world.add("APP-1", |_spec| {});
        world.command(Command::Hold { ticket: id("APP-1") }).unwrap();
        world
    };
    let hint = Some("x".repeat(gangline_domain::decide::TEXT_BYTES_MAX + 1));
    let refused = world.decide(&Command::Retry { ticket: id("APP-1"), hint }).unwrap_err();
    assert!(matches!(refused, Refusal::BadText { what: "hint", .. }), "{refused}");
}

#[test]
fn the_answers_to_the_last_commands_are_remembered_and_the_oldest_is_forgotten() {
    let mut board = World::new().board;
    let answer = |board: &mut Board, key: &str| {
        let recorded = Recorded {
            seq: board.seq + 1,
            epoch: 1,
            at: START,
            actor: anna(),
            key: Some(key.parse().unwrap()),
            event: Event::ProjectPaused { project: project() },
        };
        board.evolve(&recorded);
    };
    answer(&mut board, "k0");
    // A command with two events is answered with the last one, and counts once.
    answer(&mut board, "k0");
    assert_eq!(board.answers.get(&"k0".parse().unwrap()).map(|done| done.unwrap().seq), Some(3));
    for n in 1..ANSWERS_MAX {
        answer(&mut board, &format!("k{n}"));
    }
    assert_eq!(board.answers.iter().count(), ANSWERS_MAX);
    assert!(board.answers.get(&"k0".parse().unwrap()).is_some());
    answer(&mut board, "one-more");
    assert!(board.answers.get(&"k0".parse().unwrap()).is_none());
    assert!(board.answers.get(&"k1".parse().unwrap()).is_some());
    assert_eq!(board.answers.iter().count(), ANSWERS_MAX);
}

#[test]
fn a_key_is_remembered_with_the_request_that_it_came_with() {
    let key: IdempotencyKey = "k".parse().unwrap();
    let (one, other) = (key.of_request(1), key.of_request(2));
    assert_eq!(one.as_str(), "k 0000000000000001");
    assert_eq!((one.name(), one.as_str().parse()), ("k", Ok(one.clone())));
    let mut answers = Answers::default();
    answers.remember(one.clone(), Done { seq: 7, ticket: None });
    assert_eq!(answers.get(&one).unwrap().unwrap().seq, 7);
    assert_eq!(answers.get(&other).unwrap(), Err(Refusal::KeyReused("k".to_owned())));
    // Of keys from before requests were told apart, nobody can say of which they are.
    assert_eq!(answers.get(&key).unwrap().unwrap().seq, 7);
    for bad in ["k 1", "k ", "k 00000000000000GG", "k  0000000000000001", "", " 0000000000000001"] {
        assert!(bad.parse::<IdempotencyKey>().is_err(), "{bad:?}");
    }
    assert!(IdempotencyKey::sent(one.as_str()).is_err());
}
