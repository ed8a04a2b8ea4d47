//! Sections of rows, in columns.

use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr as _;

use super::canvas::Canvas;
use crate::screen::{Tone, brief_age};
use crate::top::model::Model;
use crate::top::rows::{Row, Section};

/// Columns between columns.
const GAP: u16 = 2;
/// Columns from which ages and the right column are shown.
const AGES_FROM: u16 = 60;
/// Columns from which titles have a column of their own.
const TITLES_FROM: u16 = 104;
/// Columns of a key at most.
const KEY_MAX: usize = 18;
/// Columns of the word that says what a row is, at most.
const WORD_MAX: usize = 11;
/// Columns of an age, such as `59 min ago`.
const AGE: u16 = 10;
/// Rows from which sections stand apart.
const APART_FROM: u16 = 12;

/// A line of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Blank,
    Heading(Section),
    /// The row at this place.
    Row(usize),
}

/// All lines of the list.
pub(super) fn lines(model: &Model, apart: bool) -> Vec<Line> {
    let mut lines = vec![];
    for section in Section::ALL {
        let rows = (0..model.rows.len()).filter(|at| model.rows[*at].section == section);
        let rows: Vec<Line> = rows.map(Line::Row).collect();
        let told = matches!(section, Section::Needs | Section::Work);
        if rows.is_empty() && !told {
            continue;
        }
        if apart && !lines.is_empty() {
            lines.push(Line::Blank);
        }
        lines.push(Line::Heading(section));
        lines.extend(rows);
    }
    lines
}

/// Where columns begin and how wide they are.
struct Columns {
    key: u16,
    word: u16,
    ages: bool,
    title: u16,
    text: u16,
    right: u16,
}

impl Columns {
    fn of(model: &Model, width: u16) -> Self {
        let widest = |text: fn(&Row) -> &str| {
            let widths = model.rows.iter().map(|row| text(row).width());
            widths.max().unwrap_or(0)
        };
        let narrow = |columns: usize| u16::try_from(columns).unwrap_or(u16::MAX);
        let key = narrow(widest(|row| &row.key).clamp(5, KEY_MAX));
        let word = narrow(widest(|row| &row.word).clamp(6, WORD_MAX));
        let ages = width >= AGES_FROM;
        let right = if ages { narrow(widest(|row| &row.right).min(12)) } else { 0 };
        let mut room = width.saturating_sub(2 + key + GAP + word + GAP);
        if ages {
            room = room.saturating_sub(AGE + GAP);
        }
        if right > 0 {
            room = room.saturating_sub(right + GAP);
        }
        let title = if width >= TITLES_FROM { room / 3 } else { 0 };
        if title > 0 {
            room = room.saturating_sub(title + GAP);
        }
        Self { key, word, ages, title, text: room, right }
    }
}

/// Draws the part around the selected row.
pub(super) fn draw(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    let lines = lines(model, area.height >= APART_FROM);
    let rows = usize::from(area.height);
    let selected = lines.iter().position(|line| *line == Line::Row(model.place)).unwrap_or(0);
    let from = selected.saturating_sub(rows / 2).min(lines.len().saturating_sub(rows));
    let columns = Columns::of(model, area.width);
    for (line, y) in lines[from..].iter().zip(area.y..area.bottom()) {
        match line {
            Line::Blank => {}
            Line::Heading(section) => heading(model, *section, (area, y), canvas),
            Line::Row(at) => {
                let row = Rect { y, height: 1, ..area };
                draw_row(model, *at, &columns, row, canvas);
            }
        }
    }
}

fn heading(model: &Model, section: Section, (area, y): (Rect, u16), canvas: &mut Canvas<'_>) {
    let count = model.rows.iter().filter(|row| row.section == section).count();
    let used = canvas.text((area.x, y), area.width, Tone::Strong, section.title());
    let told = match (section, count) {
        (_, 0) if !model.filter.is_blank() => "nothing matches the filter".to_owned(),
        (Section::Needs, 0) if model.board.tickets.is_empty() => {
            "nothing: there are no tickets. gangline add \"What is wanted\"".to_owned()
        }
        (section, 0) => section.empty().to_owned(),
        (_any, count) => count.to_string(),
    };
    let x = area.x + used + GAP;
    let tone = match (section, count) {
        (Section::Needs, 1..) => Tone::Attention,
        (Section::Needs, 0) if !model.board.tickets.is_empty() => Tone::Good,
        _calm => Tone::Faint,
    };
    canvas.text((x, y), area.right().saturating_sub(x), tone, &told);
}

fn draw_row(model: &Model, at: usize, columns: &Columns, area: Rect, canvas: &mut Canvas<'_>) {
    let (row, y) = (&model.rows[at], area.y);
    let selected = at == model.place;
    let mut x = area.x;
    let marker = if selected { "▸" } else { " " };
    canvas.text((x, y), 1, Tone::Attention, marker);
    x += 2;
    canvas.text((x, y), columns.key, Tone::Plain, &row.key);
    x += columns.key + GAP;
    canvas.text((x, y), columns.word, row.tone, &row.word);
    x += columns.word + GAP;
    if columns.ages {
        canvas.text((x, y), AGE, Tone::Faint, &age(row, model.now_us));
        x += AGE + GAP;
    }
    if columns.title > 0 {
        canvas.text((x, y), columns.title, Tone::Plain, &row.title);
        x += columns.title + GAP;
    }
    // A title is not said twice.
    let short = row.text.strip_suffix(&row.title).filter(|_| columns.title > 0);
    let text = short.map_or(row.text.as_str(), |text| text.trim_end_matches([':', ' ']));
    let tone = if row.section == Section::Waiting { Tone::Faint } else { Tone::Plain };
    canvas.text((x, y), columns.text, tone, text);
    if columns.right > 0 {
        let x = area.right().saturating_sub(columns.right);
        canvas.right((x, y), columns.right, Tone::Faint, &row.right);
    }
    if selected {
        canvas.mark(area);
    }
}

fn age(row: &Row, now_us: i64) -> String {
    match (row.section, row.since_us) {
        (Section::Work, Some(since)) => format!("{} ago", brief_age(since, now_us)),
        (Section::Needs | Section::Queue | Section::Waiting, Some(since)) => {
            brief_age(since, now_us)
        }
        (_, None) => String::new(),
    }
}
