//! What a person is being asked for, docked at the bottom.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use super::strips::keys;
use crate::screen::{Tone, plain, wrap};
use crate::top::editor::Editor;
use crate::top::model::{Asking, Model};

/// Rows of what a text answers, at most.
const ABOUT_ROWS_MAX: usize = 6;
/// Rows of a text that is being written, at most.
const TEXT_ROWS_MAX: usize = 8;

/// Rows that it needs, of those that there are.
pub(super) fn rows(asking: &Asking, area: Rect) -> u16 {
    let width = usize::from(area.width.saturating_sub(2));
    let rows = match asking {
        Asking::Filter => 0,
        Asking::Sure { question, .. } => 1 + wrap(question, width).len(),
        Asking::Text { about, options, editor, .. } => {
            let about = wrap(&plain(about), width).len().min(ABOUT_ROWS_MAX);
            let options = usize::from(!options.is_empty());
            1 + about + options + editor.lines(width).0.len().clamp(1, TEXT_ROWS_MAX)
        }
    };
    u16::try_from(rows).unwrap_or(u16::MAX)
}

/// Draws it, and gives the cursor's place.
pub(super) fn draw(
    model: &Model,
    asking: &Asking,
    (area, footer): (Rect, Rect),
    canvas: &mut Canvas<'_>,
) -> Option<(u16, u16)> {
    let hint = |key: &str, label: &'static str| (key.to_owned(), label);
    match asking {
        Asking::Filter => {
            let text = model.filter.text();
            let used = canvas.text((footer.x, footer.y), footer.width, Tone::Command, "/");
            let room = footer.width.saturating_sub(used + 1);
            let (lines, (_, column)) = model.filter.lines(usize::from(room.max(2)));
            let shown = lines.last().map_or(text.as_str(), String::as_str);
            canvas.text((footer.x + used, footer.y), room, Tone::Plain, shown);
            let column = u16::try_from(column).unwrap_or(0);
            Some((footer.x + used + column, footer.y))
        }
        Asking::Sure { question, .. } => {
            canvas.rule(area, Tone::Attention, "are you sure?");
            let width = usize::from(area.width.saturating_sub(2));
            for (line, y) in wrap(question, width).iter().zip(area.y + 1..area.bottom()) {
                canvas.text((area.x + 2, y), area.width - 2, Tone::Plain, line);
            }
            keys(&[hint("y", "yes"), hint("n", "no")], 2, footer, canvas);
            None
        }
        Asking::Text { title, about, options, option, editor, .. } => {
            canvas.rule(area, Tone::Attention, title);
            let y = question(about, (options, *option), area, canvas);
            let text = Rect { y, height: area.bottom().saturating_sub(y), ..area };
            let mut hints = vec![hint("⏎", "send"), hint("esc", "leave"), hint("^J", "new line")];
            if !options.is_empty() {
                hints.push(hint("tab", "next answer"));
            }
            keys(&hints, 0, footer, canvas);
            written(editor, text, canvas)
        }
    }
}

/// What is answered, and what may be answered. Gives the row below.
fn question(
    about: &str,
    (options, taken): (&[String], Option<usize>),
    area: Rect,
    canvas: &mut Canvas<'_>,
) -> u16 {
    let width = usize::from(area.width.saturating_sub(2));
    let mut lines = wrap(&plain(about), width);
    // On a small screen the answer comes first.
    let room = usize::from(area.height).saturating_sub(2 + usize::from(!options.is_empty()));
    let room = room.min(ABOUT_ROWS_MAX);
    if lines.len() > room {
        lines.truncate(room);
        if let Some(last) = lines.last_mut() {
            last.push_str(" …");
        }
    }
    let mut y = area.y + 1;
    for line in &lines {
        canvas.text((area.x + 2, y), area.width - 2, Tone::Plain, line);
        y += 1;
    }
    if !options.is_empty() && y < area.bottom() {
        let mut x = area.x + 2;
        for (at, option) in options.iter().enumerate() {
            let (mark, tone) = match taken == Some(at) {
                true => ("▸ ", Tone::Strong),
                false => ("· ", Tone::Faint),
            };
            let width = area.right().saturating_sub(x);
            x += canvas.text((x, y), width, tone, &format!("{mark}{option}")) + 2;
        }
        y += 1;
    }
    y
}

/// The text so far: the part around the cursor.
fn written(editor: &Editor, area: Rect, canvas: &mut Canvas<'_>) -> Option<(u16, u16)> {
    if area.height == 0 || area.width < 4 {
        return None;
    }
    let width = area.width - 2;
    let (lines, (row, column)) = editor.lines(usize::from(width));
    let from = (row + 1).saturating_sub(usize::from(area.height));
    for (line, y) in lines[from..].iter().zip(area.y..area.bottom()) {
        canvas.text((area.x, y), 1, Tone::Command, "›");
        canvas.text((area.x + 2, y), width, Tone::Plain, line);
    }
    let column = u16::try_from(column).unwrap_or(0);
    let row = u16::try_from(row - from).unwrap_or(0);
    Some((area.x + 2 + column, area.y + row))
}
