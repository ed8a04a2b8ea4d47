//! Whatever is typed and told, on whatever screen: it is drawn, and nothing reaches the terminal
//! that is not meant for it.

use unicode_width::UnicodeWidthStr as _;

use super::fixture::{full, model};
use crate::top::board::Board;
use crate::top::entry::{rendered, text};
use crate::top::model::{Effect, Message, Model};
use crate::top::typed::{Decoder, Typed};
use crate::top::update::update;

const HOSTILE: &[&str] = &[
    "\u{1b}[31mred\u{1b}[0m\u{1b}]0;title\u{7}",
    "\u{9b}2J\u{1b}c\r\n\t\u{8}",
    "日本語の長い題名がここにあります日本語の長い題名がここにあります",
    "e\u{301}e\u{301}\u{301}\u{301} Zoë 👩\u{200d}💻 🏳\u{fe0f}\u{200d}🌈",
    "safe\u{202e}fdp.exe \u{200b}\u{2066}x",
    "a-word-without-any-blank-that-is-longer-than-every-screen-of-this-test-and-then-some-more-of-it",
    "",
];

fn hostile(text: &str) -> Board {
    let mut board = full();
    let said = text.to_owned();
    for ticket in &mut board.tickets {
        ticket.title.clone_from(&said);
        ticket.agent.clone_from(&said);
        ticket.wait.text.clone_from(&said);
        ticket.activity = Some(said.clone());
        ticket.alerts.iter_mut().for_each(|alert| alert.text.clone_from(&said));
    }
    for detail in board.details.values_mut() {
        detail.body.clone_from(&said);
        detail.questions.iter_mut().for_each(|question| {
            question.text.clone_from(&said);
            question.options = vec![said.clone(); 3];
        });
        detail.escalation.iter_mut().for_each(|e| e.summary.clone_from(&said));
        detail.records.iter_mut().for_each(|record| record.lines = vec![said.clone()]);
    }
    for node in &mut board.status.nodes {
        node.jobs.iter_mut().for_each(|job| job.current.clone_from(&said));
    }
    board.status.circuits[0].why = said;
    board
}

fn safe(model: &Model, what: &str) {
    let buffer = rendered(model);
    let clean =
        |symbol: &str| !symbol.chars().any(|c| c.is_control() || "\u{202e}\u{2066}".contains(c));
    assert!(buffer.content.iter().all(|cell| clean(cell.symbol())), "{what}");
    for line in text(&buffer) {
        assert!(line.width() <= usize::from(model.size.0), "{what}: {line}");
    }
}

#[test]
fn nothing_that_an_agent_wrote_reaches_the_terminal_as_a_command() {
    for said in HOSTILE {
        for size in [(80, 24), (120, 40), (40, 10), (200, 60)] {
            let mut model = Model::new(hostile(said), None, 0);
            assert_eq!(update(&mut model, Message::Resized(size.0, size.1)), []);
            for at in 0..model.rows.len() {
                model.select(at);
                safe(&model, said);
                for key in ["a", "r", "\r", "?"] {
                    let mut open = model.clone();
                    for typed in Decoder::default().read(key.as_bytes()) {
                        answered(&mut open, Message::Typed(typed));
                    }
                    safe(&open, said);
                }
            }
        }
    }
}

/// Feeds a message, and the answers that the daemon would give.
fn answered(model: &mut Model, message: Message) {
    for effect in update(model, message) {
        if let Effect::Detail(ticket) = effect
            && let Some(detail) = model.board.details.get(&ticket).cloned()
        {
            assert_eq!(update(model, Message::Detail(Box::new(detail))), []);
        }
    }
}

#[test]
fn whatever_is_typed_on_whatever_screen_is_drawn() {
    let mut seed: u64 = 0x6761_6e67_6c69_6e65;
    let mut random = |below: u64| {
        // SplitMix64: the same keys in every run.
        seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = seed;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    };
    let keys: &[&str] = &[
        "a",
        "y",
        "n",
        "r",
        "s",
        "c",
        "f",
        "d",
        "o",
        "h",
        "u",
        "v",
        "p",
        "t",
        "b",
        "/",
        "?",
        "q",
        "j",
        "k",
        "g",
        "G",
        " ",
        "\t",
        "\r",
        "\n",
        "\u{7f}",
        "\u{1b}",
        "\u{1b}[A",
        "\u{1b}[B",
        "\u{1b}[5~",
        "\u{1b}[6~",
        "\u{1b}[Z",
        "\u{1b}[D",
        "日",
        "\u{17}",
        "\u{15}",
    ];
    let mut model = model();
    for step in 0..4_000 {
        if random(20) == 0 {
            let (width, height) = (random(130), random(45));
            let size = |n: u64| u16::try_from(n + 1).unwrap();
            answered(&mut model, Message::Resized(size(width), size(height)));
        }
        if random(30) == 0 {
            let said = HOSTILE[usize::try_from(random(HOSTILE.len() as u64)).unwrap()];
            answered(&mut model, Message::Read(Box::new(hostile(said))));
            answered(&mut model, Message::Typed(Typed::Paste(said.to_owned())));
        }
        let key = keys[usize::try_from(random(keys.len() as u64)).unwrap()];
        let mut decoder = Decoder::default();
        let mut typed = decoder.read(key.as_bytes());
        typed.extend(decoder.silence());
        for typed in typed {
            answered(&mut model, Message::Typed(typed));
        }
        safe(&model, &format!("step {step}, {key:?}"));
    }
}
