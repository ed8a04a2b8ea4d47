//! What keys do.

use gangline_api::client::TicketRef;
use gangline_api::command::Verb;

use super::board::Board;
use super::draw::body_rows;
use super::editor::Editor;
use super::model::{Asking, Effect, Flash, Model, TextFor, Wish};
use super::offers::{Act, Offer, detail, offers};
use super::page::{self, Of, Page};
use super::rows::{About, Section};
use super::typed::{Key, Typed};
use crate::screen::plain;

/// What was typed.
pub(super) fn typed(model: &mut Model, typed: Typed) -> Vec<Effect> {
    model.flash = None;
    let key = match typed {
        Typed::Key(key) => key,
        Typed::Paste(text) => {
            paste(model, &text);
            return vec![];
        }
    };
    if let Key::Ctrl(letter @ ('l' | 'z')) = key {
        return vec![if letter == 'l' { Effect::Afresh } else { Effect::Suspend }];
    }
    if key == Key::Ctrl('c') && model.asking.is_none() {
        return vec![Effect::Quit];
    }
    match model.asking.take() {
        Some(asking) => asked(model, asking, key),
        None if model.pages.is_empty() => on_board(model, key),
        None => on_page(model, key),
    }
}

/// Only where a text is being written is a paste meant.
fn paste(model: &mut Model, text: &str) {
    match &mut model.asking {
        Some(Asking::Text { editor, .. }) => editor.paste(text),
        Some(Asking::Filter) => {
            model.filter.paste(&plain(text));
            model.arrange();
        }
        Some(Asking::Sure { .. }) | None => {}
    }
}

fn on_board(model: &mut Model, key: Key) -> Vec<Effect> {
    let last = model.rows.len().saturating_sub(1);
    let screen = body_rows(model);
    match key {
        Key::Up | Key::Char('k') => model.select(model.place.saturating_sub(1)),
        Key::Down | Key::Char('j') => model.select(model.place + 1),
        Key::PageUp | Key::Ctrl('b') => model.select(model.place.saturating_sub(screen)),
        Key::PageDown | Key::Ctrl('f') | Key::Char(' ') => model.select(model.place + screen),
        Key::Home | Key::Char('g') => model.select(0),
        Key::End | Key::Char('G') => model.select(last),
        Key::Tab => to_section(model, true),
        Key::BackTab => to_section(model, false),
        Key::Char('/') => model.asking = Some(Asking::Filter),
        Key::Char('?') => help(model),
        Key::Char('q') => return vec![Effect::Quit],
        Key::Esc => {
            model.filter = Editor::default();
            model.arrange();
        }
        Key::Enter => {
            if let Some(ticket) = model.selected_ticket() {
                return show(model, ticket);
            }
        }
        Key::Char(c) => return act(model, c),
        Key::Ctrl(_) | Key::NewLine | Key::Backspace | Key::Delete | Key::Left | Key::Right => {}
    }
    vec![]
}

fn on_page(model: &mut Model, key: Key) -> Vec<Effect> {
    let rows = body_rows(model);
    let Some(page) = model.pages.last_mut() else { return vec![] };
    let screen = isize::try_from(rows).unwrap_or(isize::MAX);
    match key {
        Key::Up | Key::Char('k') => page.scroll(-1, rows),
        Key::Down | Key::Char('j') => page.scroll(1, rows),
        Key::PageUp | Key::Ctrl('b') => page.scroll(-screen, rows),
        Key::PageDown | Key::Ctrl('f') | Key::Char(' ') => page.scroll(screen, rows),
        Key::Home | Key::Char('g') => page.scroll(isize::MIN, rows),
        Key::End | Key::Char('G') => page.scroll(isize::MAX, rows),
        Key::Esc | Key::Char('q') => return back(model),
        Key::Char('?') if page.of == Of::Help => return back(model),
        Key::Char('?') => help(model),
        Key::Enter => {
            if let Some(ticket) = page.ticket().cloned() {
                return show(model, ticket);
            }
        }
        Key::Char(c) => return act(model, c),
        Key::Ctrl(_)
        | Key::NewLine
        | Key::Tab
        | Key::BackTab
        | Key::Backspace
        | Key::Delete
        | Key::Left
        | Key::Right => {}
    }
    vec![]
}

fn back(model: &mut Model) -> Vec<Effect> {
    match model.pages.pop().map(|page| page.of) {
        Some(Of::Journal(_)) => vec![Effect::Unfollow],
        Some(Of::Ticket(_) | Of::Diff(_) | Of::Help) | None => vec![],
    }
}

fn to_section(model: &mut Model, forward: bool) {
    let Some(here) = model.row().map(|row| row.section) else { return };
    let first = |section: Section| model.rows.iter().position(|row| row.section == section);
    let firsts: Vec<usize> = Section::ALL.into_iter().filter_map(first).collect();
    let Some(at) = firsts.iter().rposition(|first| *first <= model.place) else { return };
    let to = match forward {
        true => (at + 1) % firsts.len(),
        false => (at + firsts.len() - 1) % firsts.len(),
    };
    debug_assert_eq!(model.rows[firsts[at]].section, here, "BUG: rows are sorted by section");
    model.select(firsts[to]);
}

fn help(model: &mut Model) {
    let mut page = Page::new(Of::Help, model.size.0);
    page.set(page::help());
    model.pages.push(page);
}

/// Opens a page unless it is the uppermost already; whether it was opened.
fn open_page(model: &mut Model, of: Of) -> bool {
    let is_there = model.pages.last().is_some_and(|page| page.of == of);
    if !is_there {
        // One of each at most: going to and fro makes no stack.
        model.pages.retain(|page| page.of != of);
        model.pages.push(Page::new(of, model.size.0));
    }
    !is_there
}

fn show(model: &mut Model, ticket: TicketRef) -> Vec<Effect> {
    match open_page(model, Of::Ticket(ticket.clone())) {
        true => vec![Effect::Detail(ticket)],
        false => vec![],
    }
}

/// Does what a key offers, or says why it does not.
fn act(model: &mut Model, key: char) -> Vec<Effect> {
    let known = Act::ALL.into_iter().find(|act| act.key() == key);
    let (Some(known), Some(about)) = (known, model.subject()) else { return vec![] };
    let offered = offers(&model.board, &about);
    let meant = offered.iter().find_map(|offer| offer.act.filter(|act| act.key() == key));
    match (meant, about) {
        (None, about) => {
            let text = refused(&model.board, &about, known);
            model.flash = Some(Flash { text, good: false });
            vec![]
        }
        (Some(_), About::Kind(kind)) => {
            let question = format!("does agent kind {} work again?", plain(&kind));
            model.asking = Some(Asking::Sure { question, wish: Wish::Close { kind } });
            vec![]
        }
        // Nothing that is offered for it has a key.
        (Some(_), About::Machine(_)) => vec![],
        (Some(act), About::Ticket(ticket)) => about_ticket(model, act, ticket, &offered),
    }
}

fn refused(board: &Board, about: &About, act: Act) -> String {
    match about {
        About::Kind(kind) => format!("to {} makes no sense for agent kind {kind}", act.label()),
        About::Machine(_) => format!("to {} makes no sense for the daemon's machine", act.label()),
        About::Ticket(ticket) => {
            let state = board.ticket(ticket).map_or("closed", |ticket| ticket.state.as_str());
            format!("{} is {state}: it cannot be told to {}", ticket.key, act.label())
        }
    }
}

fn about_ticket(model: &mut Model, act: Act, ticket: TicketRef, offered: &[Offer]) -> Vec<Effect> {
    let key = plain(&ticket.key);
    let sure = |question: String, wish: Wish| Some(Asking::Sure { question, wish });
    let plainly = |verb: Verb| vec![Effect::Wish(Wish::Plain { ticket: ticket.clone(), verb })];
    match act {
        Act::Answer => {
            let question = detail(&model.board, &ticket)
                .and_then(|detail| detail.questions.first().map(|question| question.id.clone()));
            model.asking = text(model, TextFor::Answer { question }, ticket);
        }
        Act::Reject => model.asking = text(model, TextFor::Reject, ticket),
        Act::Retry => model.asking = text(model, TextFor::Hint, ticket),
        Act::Approve => {
            let commit = detail(&model.board, &ticket).and_then(|detail| detail.commit);
            let short: String = commit.iter().flat_map(|commit| commit.chars().take(10)).collect();
            let question = format!("let {short} of {key} land?").replace("  ", " ");
            model.asking = sure(question, Wish::Approve { ticket, commit });
        }
        Act::Permit => {
            let paths = permits(model, &ticket);
            let question = format!("let the agents of {key} change {}?", plain(&paths.join(", ")));
            model.asking = sure(question, Wish::Permit { ticket, paths });
        }
        Act::Stop => {
            let question = format!("stop {key}? Its agent ends, its work is kept, and it is held.");
            model.asking = sure(question, Wish::Plain { ticket, verb: Verb::Stop });
        }
        Act::Cancel => {
            let question = format!("cancel {key}? Its work is kept under rescue refs.");
            model.asking = sure(question, Wish::Plain { ticket, verb: Verb::Cancel });
        }
        Act::Recheck => return plainly(Verb::Recheck),
        Act::HandBack => return plainly(Verb::HandBack),
        Act::Start => return plainly(Verb::Start),
        Act::Resume => {
            // One key for both: a draft is started.
            let draft = offered.iter().any(|offer| offer.act == Some(Act::Start));
            return plainly(if draft { Verb::Start } else { Verb::Resume });
        }
        Act::Hold => return plainly(Verb::Hold),
        Act::Follow => {
            if open_page(model, Of::Journal(ticket.clone())) {
                return vec![Effect::Follow(ticket)];
            }
        }
        Act::Diff => {
            if open_page(model, Of::Diff(ticket.clone())) {
                return vec![Effect::Diff(ticket)];
            }
        }
        Act::TakeOver => return vec![Effect::TakeOver(ticket)],
        Act::Open => {
            let path = detail(&model.board, &ticket).and_then(|detail| detail.worktree);
            return path.map(|path| Effect::Open { key: ticket.key, path }).into_iter().collect();
        }
    }
    vec![]
}

/// Asks for a text.
fn text(model: &Model, what: TextFor, ticket: TicketRef) -> Option<Asking> {
    let detail = detail(&model.board, &ticket)?;
    let key = plain(&ticket.key);
    let mut options = vec![];
    let (title, about) = match &what {
        TextFor::Answer { .. } => {
            let question = detail.questions.first();
            let offered = question.into_iter().flat_map(|question| &question.options);
            options.extend(offered.map(|option| plain(option)));
            let about = question.map_or(&detail.ticket.wait.text, |question| &question.text);
            (format!("answer {key}"), about.clone())
        }
        TextFor::Reject => (format!("reject {key}"), "what is its agent to do better?".to_owned()),
        TextFor::Hint => (format!("retry {key}"), "a word to the next attempt, if any".to_owned()),
    };
    let (option, editor) = (None, Editor::default());
    Some(Asking::Text { what, ticket, title, about, options, option, editor })
}

/// What the last report asks leave for.
fn permits(model: &Model, ticket: &TicketRef) -> Vec<String> {
    let report = detail(&model.board, ticket).and_then(|detail| detail.report);
    let checks = report.into_iter().flat_map(|report| report.checks);
    let failed = checks.filter(|check| check.required && check.verdict == "fail");
    let mut paths: Vec<String> = failed.flat_map(|check| check.permit).collect();
    paths.sort_unstable();
    paths.dedup();
    paths
}

/// A key for what a person is being asked.
fn asked(model: &mut Model, asking: Asking, key: Key) -> Vec<Effect> {
    let leaves = matches!(key, Key::Esc | Key::Ctrl('c'));
    match asking {
        Asking::Filter => filter(model, key, leaves),
        Asking::Sure { wish, .. } if matches!(key, Key::Char('y' | 'Y')) => {
            return vec![Effect::Wish(wish)];
        }
        Asking::Sure { .. } => {
            if !(leaves || matches!(key, Key::Char('n' | 'N' | 'q'))) {
                model.asking = Some(asking);
            }
        }
        Asking::Text { .. } if leaves => {}
        Asking::Text { .. } => return writing(model, asking, key),
    }
    vec![]
}

fn filter(model: &mut Model, key: Key, leaves: bool) {
    if leaves {
        model.filter = Editor::default();
    } else if key == Key::Up {
        model.select(model.place.saturating_sub(1));
    } else if key == Key::Down {
        model.select(model.place + 1);
    } else if key != Key::NewLine {
        model.filter.key(key);
    }
    if !(leaves || key == Key::Enter) {
        model.asking = Some(Asking::Filter);
    }
    model.arrange();
}

fn writing(model: &mut Model, mut asking: Asking, key: Key) -> Vec<Effect> {
    let Asking::Text { what, ticket, options, option, editor, .. } = &mut asking else {
        return vec![];
    };
    if key == Key::Enter {
        if matches!(what, TextFor::Hint) || !editor.is_blank() {
            return vec![Effect::Wish(wish(what, ticket, editor))];
        }
        model.flash = Some(Flash { text: "there is nothing to send yet".into(), good: false });
    } else if key == Key::Tab && !options.is_empty() {
        let next = option.map_or(0, |at| (at + 1) % options.len());
        *option = Some(next);
        editor.set(&options[next]);
    } else {
        editor.key(key);
    }
    model.asking = Some(asking);
    vec![]
}

fn wish(what: &TextFor, ticket: &TicketRef, editor: &Editor) -> Wish {
    let (ticket, text) = (ticket.clone(), editor.text().trim().to_owned());
    match what {
        TextFor::Answer { question } => Wish::Answer { ticket, question: question.clone(), text },
        TextFor::Reject => Wish::Reject { ticket, feedback: text },
        TextFor::Hint => Wish::Retry { ticket, hint: Some(text).filter(|text| !text.is_empty()) },
    }
}
