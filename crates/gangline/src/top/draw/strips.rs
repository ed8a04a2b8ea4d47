//! Header, footer, pages, and the last events.

use gangline_api::main_agent::Presence;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::canvas::Canvas;
use crate::cli::tone_of_event;
use crate::screen::{Tone, brief_age, clock, dollars, plain};
use crate::top::model::{Link, Model};
use crate::top::offers::{Act, offers};
use crate::top::page::{Of, Page};
use crate::top::rows::{Section, tokens};

/// The first row.
pub(super) fn header(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    if area.height == 0 {
        return;
    }
    let title = model.pages.last().map_or_else(|| whose(model), Page::title);
    if let Link::Lost { since_us, why } = &model.link {
        let since = brief_age(*since_us, model.now_us);
        let lost = format!("daemon away for {since}, trying again");
        let used = canvas.text((area.x, area.y), area.width, Tone::Strong, &title) + 2;
        let room = area.width.saturating_sub(used);
        let full = format!("{lost}: {}", plain(why));
        let told = if full.width() <= usize::from(room) { &full } else { &lost };
        canvas.right((area.x + used.min(area.width), area.y), room, Tone::Bad, told);
        return;
    }
    let used = canvas.text((area.x, area.y), area.width, Tone::Strong, &title) + 2;
    let room = area.width.saturating_sub(used);
    let mut x = area.right();
    let parts = match model.pages.last() {
        Some(page) => vec![place(model, page)],
        None => counts(model),
    };
    // What does not fit is left out from the right.
    let mut shown: Vec<(Tone, String)> = vec![];
    let mut columns = 0;
    for (tone, text) in parts {
        columns += text.width() + if shown.is_empty() { 0 } else { 3 };
        if columns > usize::from(room) {
            break;
        }
        shown.push((tone, text));
    }
    for (at, (tone, text)) in shown.iter().enumerate().rev() {
        let width = u16::try_from(text.width()).unwrap_or(room);
        x -= width;
        canvas.text((x, area.y), width, *tone, text);
        if at > 0 {
            x -= 3;
            canvas.text((x, area.y), 3, Tone::Faint, " · ");
        }
    }
}

fn whose(model: &Model) -> String {
    let whose = model.project.as_deref().map_or("all projects".to_owned(), plain);
    format!("gangline · {whose}")
}

fn counts(model: &Model) -> Vec<(Tone, String)> {
    let count = |section: Section| model.rows.iter().filter(|row| row.section == section).count();
    let mut parts = vec![match count(Section::Needs) {
        0 => (Tone::Good, "nothing needs you".to_owned()),
        1 => (Tone::Attention, "1 needs you".to_owned()),
        needs => (Tone::Attention, format!("{needs} need you")),
    }];
    parts.push((Tone::Active, format!("{} at work", count(Section::Work))));
    match count(Section::Queue) {
        0 => {}
        queued => parts.push((Tone::Plain, format!("{queued} queued"))),
    }
    // The one that was heard last, while it is there.
    if let Some(agent) = model.board.main_agents.first().filter(|it| it.presence != Presence::Away)
    {
        let tone = if agent.presence == Presence::Active { Tone::Active } else { Tone::Plain };
        let text = format!("{} {}", plain(&agent.name), agent.text.to_lowercase());
        parts.push((tone, text));
    }
    let spent = model.board.today(model.now_us);
    let of = spent.microusd_max.map(|max| format!(" of {}", dollars(max))).unwrap_or_default();
    if spent.microusd > 0 || spent.microusd_max.is_some() {
        parts.push((Tone::Plain, format!("{}{of} today", dollars(spent.microusd))));
    } else if spent.tokens > 0 {
        parts.push((Tone::Plain, format!("{} today", tokens(spent.tokens))));
    }
    if !model.filter.is_blank() {
        parts.insert(0, (Tone::Attention, format!("/{}", plain(&model.filter.text()))));
    }
    parts
}

fn place(model: &Model, page: &Page) -> (Tone, String) {
    let rows = super::body_rows(model);
    let (first, all) = (page.first(rows), page.wrapped.len());
    let text = match (page.awaited, all <= rows) {
        (true, _) | (false, true) => String::new(),
        (false, false) => format!("{}–{} of {all}", first + 1, (first + rows).min(all)),
    };
    let following = matches!(page.of, Of::Journal(_)) && page.tail;
    let text = if following { format!("{text} following").trim_start().to_owned() } else { text };
    (Tone::Faint, text)
}

/// A page's part that is on the screen.
pub(super) fn page(page: &Page, area: Rect, canvas: &mut Canvas<'_>) {
    if page.awaited {
        let words = match page.of {
            Of::Journal(_) => "its agent has said nothing yet",
            Of::Ticket(_) | Of::Diff(_) | Of::Help => "one moment …",
        };
        canvas.text((area.x, area.y), area.width, Tone::Faint, words);
        return;
    }
    let from = page.first(usize::from(area.height));
    for (line, y) in page.wrapped[from..].iter().zip(area.y..area.bottom()) {
        canvas.pieces(Rect { y, height: 1, ..area }, line);
    }
}

/// The last events, where there is room.
pub(super) fn latest(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    if area.height < 2 {
        return;
    }
    canvas.text((area.x, area.y), area.width, Tone::Strong, "LATEST");
    let rows = usize::from(area.height) - 2;
    for (event, y) in model.events.iter().rev().take(rows).zip(area.y + 1..area.bottom()) {
        let what = event.key.as_deref().or(event.project.as_deref()).map(plain).unwrap_or_default();
        canvas.text((area.x + 2, y), 8, Tone::Faint, &clock(event.at_us));
        canvas.text((area.x + 12, y), 12, Tone::Plain, &what);
        let x = area.x + 26;
        let width = area.right().saturating_sub(x);
        canvas.text((x, y), width, tone_of_event(event), &plain(&event.text));
    }
}

/// A word about what has just been done.
pub(super) fn flash(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let Some(flash) = model.flash.as_ref().filter(|_| area.height > 0) else { return };
    let tone = if flash.good { Tone::Good } else { Tone::Bad };
    canvas.clear(area);
    canvas.text((area.x, area.y), area.width, tone, &plain(&flash.text));
}

/// The keys that do something now.
pub(super) fn footer(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let offered = model.subject().map(|about| offers(&model.board, &about)).unwrap_or_default();
    let mut acts: Vec<Act> = offered.iter().filter_map(|offer| offer.act).collect();
    let board = model.pages.is_empty();
    if model.pages.last().is_some_and(|page| page.of == Of::Help) {
        acts.clear();
    }
    let mut hints: Vec<(String, &str)> =
        acts.iter().map(|act| (act.key().to_string(), act.label())).collect();
    if board && model.selected_ticket().is_some() {
        hints.push(("⏎".to_owned(), "show"));
    }
    let last: &[(&str, &str)] = match board {
        true => &[("/", "filter"), ("?", "help"), ("q", "quit")],
        false => &[("?", "help"), ("q", "back")],
    };
    hints.extend(last.iter().map(|(key, label)| ((*key).to_owned(), *label)));
    keys(&hints, last.len(), area, canvas);
}

/// Keys in a row. Where they do not fit, those before the last ones give way.
pub(super) fn keys(hints: &[(String, &str)], keep: usize, area: Rect, canvas: &mut Canvas<'_>) {
    let columns = |hint: &(String, &str)| hint.0.width() + 1 + hint.1.width() + 2;
    let (first, last) = hints.split_at(hints.len() - keep);
    let mut room = usize::from(area.width).saturating_sub(last.iter().map(columns).sum());
    let mut shown = vec![];
    for hint in first {
        let Some(left) = room.checked_sub(columns(hint)) else { break };
        room = left;
        shown.push(hint);
    }
    let mut x = area.x;
    for (key, label) in shown.into_iter().chain(last) {
        let width = area.right().saturating_sub(x);
        x += canvas.text((x, area.y), width, Tone::Command, key) + 1;
        let width = area.right().saturating_sub(x);
        x += canvas.text((x, area.y), width, Tone::Plain, label) + 2;
    }
}
