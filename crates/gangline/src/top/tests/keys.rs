//! What keys, events and answers come to.

use std::collections::BTreeSet;

use gangline_api::command::Verb;
use gangline_api::event::EventView;
use gangline_api::status::{ConfigView, RefusedConfig};
use gangline_api::ticket::AlertView;

use super::fixture::{NOW_US, empty, full, model, name, press, types};
use crate::top::board::{Board, Wanted};
use crate::top::model::{Asking, Effect, Message, Model, Reading, Wish};
use crate::top::offers::offers;
use crate::top::rows::{About, Section};
use crate::top::typed::{Key, Typed};
use crate::top::update::update;

fn on(model: &mut Model, key: &str) {
    let at = model.rows.iter().position(|row| row.key == key);
    model.select(at.unwrap_or_else(|| panic!("no row {key}")));
}

fn read(model: &mut Model, board: Board) -> Vec<Effect> {
    update(model, Message::Read(Box::new(board)))
}

#[test]
fn who_blocks_most_is_first() {
    let model = model();
    let needs = model.rows.iter().filter(|row| row.section == Section::Needs);
    let order: Vec<(&str, &str)> = needs.map(|row| (row.key.as_str(), row.word.as_str())).collect();
    let wanted = [
        ("codex", "broken"),
        ("APP-12", "question"),
        ("APP-3", "escalated"),
        ("APP-7", "review"),
        ("APP-9", "silent"),
    ];
    assert_eq!(order, wanted);
    assert_eq!(model.rows[1].right, "holds up 2");
}

#[test]
fn what_is_wrong_with_the_machine_is_a_row_whose_remedy_is_a_command() {
    let mut model = model();
    let mut board = empty();
    board.status.nodes[0].alerts = vec![AlertView {
        kind: "disk".into(),
        text: "1.4 GiB of 251.9 GiB disk free".into(),
        since_us: NOW_US - 90_000_000,
    }];
    board.status.nodes[0].draining = true;
    let refused = RefusedConfig { at_us: NOW_US - 60_000_000, why: "config.toml:4: odd".into() };
    let restart = vec!["http.listen".to_owned()];
    board.status.config = Some(ConfigView { since_us: 0, refused: Some(refused), restart });
    read(&mut model, board);
    let rows: Vec<String> = model
        .rows
        .iter()
        .map(|row| {
            let offered = offers(&model.board, &row.about);
            assert!(offered.len() == 1 && offered[0].act.is_none());
            format!("{} {}: {} ▸ {}", row.key, row.word, row.text, offered[0].command)
        })
        .collect();
    assert_eq!(
        rows,
        [
            "local short: 1.4 GiB of 251.9 GiB disk free ▸ gangline doctor",
            "config.toml refused: config.toml:4: odd ▸ gangline doctor",
            "config.toml restart: waits for the daemon's next start: http.listen \
             ▸ gangline down && gangline up --detach",
            "local drained: nothing new starts on it until it is resumed \
             ▸ gangline node resume local",
        ]
    );
    on(&mut model, "local");
    assert!(press(&mut model, &[Key::Char('u')]).is_empty());
    let flash = model.flash.as_ref().map(|flash| flash.text.as_str());
    assert_eq!(flash, Some("to start makes no sense for the daemon's machine"));
}

#[test]
fn the_selection_stays_on_its_ticket() {
    let mut model = model();
    on(&mut model, "APP-7");
    let mut board = full();
    board.status.circuits.clear();
    board.tickets.retain(|ticket| ticket.key != "APP-12");
    read(&mut model, board.clone());
    assert_eq!(model.selected, Some(About::Ticket(name("APP-7"))));
    assert_eq!(model.place, 1);
    // It has landed: what stands in its place is selected.
    board.tickets.retain(|ticket| ticket.key != "APP-7");
    read(&mut model, board);
    assert_eq!(model.row().map(|row| row.key.as_str()), Some("APP-9"));
}

#[test]
fn a_question_is_answered_with_what_was_written_or_offered() {
    let mut model = model();
    on(&mut model, "APP-12");
    types(&mut model, "a");
    assert_eq!(press(&mut model, &[Key::Enter]), [], "an empty answer is none");
    assert_eq!(press(&mut model, &[Key::Tab, Key::Tab]), []);
    let answer =
        Wish::Answer { ticket: name("APP-12"), question: Some("q1".into()), text: "comma".into() };
    assert_eq!(press(&mut model, &[Key::Enter]), [Effect::Wish(answer)]);
    assert_eq!(model.asking, None);
    types(&mut model, "a");
    let paste = Typed::Paste("two\n\u{1b}[2Jlines".into());
    assert_eq!(update(&mut model, Message::Typed(paste)), []);
    let asked = press(&mut model, &[Key::NewLine, Key::Char('q'), Key::Enter]);
    let [Effect::Wish(Wish::Answer { text, .. })] = &asked[..] else { panic!("{asked:?}") };
    assert_eq!(text, "two\nlines\nq");
    types(&mut model, "a");
    assert_eq!(press(&mut model, &[Key::Char('x'), Key::Esc]), []);
    assert_eq!(model.asking, None);
}

#[test]
fn the_commit_that_is_shown_is_the_one_that_is_approved() {
    let mut model = model();
    on(&mut model, "APP-7");
    assert_eq!(types(&mut model, "y"), []);
    let commit = Some("4f0c6e2b9a17d35e8c1f".to_owned());
    let wish = Wish::Approve { ticket: name("APP-7"), commit };
    assert_eq!(types(&mut model, "y"), [Effect::Wish(wish)]);
}

#[test]
fn a_stop_is_meant_only_when_it_is_said_twice() {
    let mut model = model();
    on(&mut model, "APP-5");
    types(&mut model, "s");
    assert_eq!(types(&mut model, "x"), [], "neither yes nor no");
    assert!(matches!(model.asking, Some(Asking::Sure { .. })));
    assert_eq!(types(&mut model, "n"), []);
    assert_eq!(model.asking, None);
    let wish = Wish::Plain { ticket: name("APP-5"), verb: Verb::Stop };
    assert_eq!(types(&mut model, "sy"), [Effect::Wish(wish)]);
}

#[test]
fn a_hint_is_optional_and_a_reason_is_not() {
    let mut model = model();
    on(&mut model, "APP-3");
    types(&mut model, "r");
    let wish = Wish::Retry { ticket: name("APP-3"), hint: None };
    assert_eq!(press(&mut model, &[Key::Enter]), [Effect::Wish(wish)]);
    types(&mut model, "ruse cents");
    let wish = Wish::Retry { ticket: name("APP-3"), hint: Some("use cents".into()) };
    assert_eq!(press(&mut model, &[Key::Enter]), [Effect::Wish(wish)]);
    on(&mut model, "APP-7");
    types(&mut model, "n");
    assert_eq!(press(&mut model, &[Key::Enter]), []);
    let wish = Wish::Reject { ticket: name("APP-7"), feedback: "no".into() };
    types(&mut model, "no");
    assert_eq!(press(&mut model, &[Key::Enter]), [Effect::Wish(wish)]);
}

#[test]
fn what_makes_no_sense_is_refused_with_a_reason() {
    let mut model = model();
    on(&mut model, "APP-6");
    assert_eq!(types(&mut model, "a"), []);
    let told = model.flash.as_ref().map(|flash| flash.text.as_str());
    assert_eq!(told, Some("APP-6 is queued: it cannot be told to answer"));
    on(&mut model, "codex");
    assert_eq!(types(&mut model, "s"), []);
    assert!(model.flash.is_some());
    let wish = Wish::Close { kind: "codex".into() };
    assert_eq!(types(&mut model, "uy"), [Effect::Wish(wish)]);
}

#[test]
fn a_worktree_is_opened_where_it_is() {
    let mut model = model();
    on(&mut model, "APP-5");
    let path = "/home/ann/worktrees/shop-APP-5".to_owned();
    assert_eq!(types(&mut model, "o"), [Effect::Open { key: "APP-5".into(), path }]);
    let back = update(&mut model, Message::Returned(None));
    assert!(matches!(back[..], [Effect::Read(_)]), "{back:?}");
}

#[test]
fn pages_lie_upon_one_another() {
    let mut model = model();
    on(&mut model, "APP-5");
    assert_eq!(press(&mut model, &[Key::Enter]), [Effect::Detail(name("APP-5"))]);
    assert_eq!(types(&mut model, "f"), [Effect::Follow(name("APP-5"))]);
    assert_eq!(types(&mut model, "f"), [], "it is followed already");
    assert_eq!(types(&mut model, "q"), [Effect::Unfollow]);
    assert_eq!(types(&mut model, "q"), []);
    assert_eq!(types(&mut model, "q"), [Effect::Quit]);
}

#[test]
fn a_filter_finds_by_words_and_goes_with_escape() {
    let mut model = model();
    types(&mut model, "/CENTS");
    let keys = |model: &Model| model.rows.iter().map(|row| row.key.clone()).collect::<Vec<_>>();
    assert_eq!(keys(&model), ["APP-5", "APP-4"]);
    press(&mut model, &[Key::Enter]);
    assert_eq!(model.row().map(|row| row.key.as_str()), Some("APP-5"));
    press(&mut model, &[Key::Esc]);
    assert_eq!(model.rows.len(), full().tickets.len() + 1);
    assert_eq!(model.row().map(|row| row.key.as_str()), Some("APP-5"), "it stays selected");
}

#[test]
fn tab_goes_from_section_to_section() {
    let mut model = model();
    let mut section = |key| {
        press(&mut model, &[key]);
        model.row().map(|row| row.section)
    };
    assert_eq!(section(Key::Tab), Some(Section::Work));
    assert_eq!(section(Key::Tab), Some(Section::Queue));
    assert_eq!(section(Key::BackTab), Some(Section::Work));
    assert_eq!(section(Key::BackTab), Some(Section::Needs));
    assert_eq!(section(Key::BackTab), Some(Section::Waiting));
}

fn event(key: &str) -> EventView {
    EventView {
        seq: 1,
        at_us: NOW_US,
        actor: "gangline".into(),
        kind: "landed".into(),
        project: Some("shop".into()),
        key: Some(key.into()),
        job: None,
        commit: None,
        text: "landed".into(),
    }
}

#[test]
fn a_storm_of_events_is_one_reading_at_a_time() {
    let mut model = model();
    let asked = update(&mut model, Message::Happened(vec![event("APP-4"), event("APP-6")]));
    let changed = BTreeSet::from([name("APP-4"), name("APP-6")]);
    let wanted = Wanted { project: Some("shop".into()), selected: None, changed };
    assert_eq!(asked, [Effect::Read(wanted)]);
    for _ in 0..10 {
        assert_eq!(update(&mut model, Message::Happened(vec![event("APP-5")])), []);
    }
    assert_eq!(model.reading, Reading::BusyAndStale);
    assert_eq!(read(&mut model, full()), []);
    let asked = update(&mut model, Message::Tick(NOW_US));
    let changed = BTreeSet::from([name("APP-5")]);
    let read =
        |effect: &Effect| matches!(effect, Effect::Read(wanted) if wanted.changed == changed);
    assert!(asked.iter().any(read), "{asked:?}");
}

#[test]
fn what_was_missed_is_read_when_the_daemon_is_back() {
    let mut model = model();
    assert_eq!(update(&mut model, Message::Lost("gone".into())), []);
    assert_eq!(update(&mut model, Message::Happened(vec![event("APP-4")])), []);
    assert_eq!(update(&mut model, Message::Tick(NOW_US)), [], "nobody is there to be asked");
    let asked = update(&mut model, Message::Back);
    assert!(matches!(&asked[..], [Effect::Read(wanted)] if wanted.changed.len() == 1));
    // A reading that fails all the same is done again.
    assert_eq!(update(&mut model, Message::Unread("broken".into())), []);
    let asked = update(&mut model, Message::Tick(NOW_US));
    assert!(asked.iter().any(|effect| matches!(effect, Effect::Read(_))), "{asked:?}");
}

#[test]
fn jobs_are_listened_to_only_while_there_are_any() {
    let mut model = model();
    assert_eq!(update(&mut model, Message::Tick(NOW_US)), [Effect::Listen]);
    assert_eq!(update(&mut model, Message::Tick(NOW_US)), [], "one question at a time");
    let nodes = model.board.status.nodes.clone();
    assert_eq!(update(&mut model, Message::Pulses(Some((nodes, vec![])))), []);
    let mut board = full();
    board.tickets.retain(|ticket| ticket.state != "working");
    read(&mut model, board);
    assert_eq!(update(&mut model, Message::Tick(NOW_US)), []);
}
