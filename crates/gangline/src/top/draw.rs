//! The model as a frame.
//!
//! ```text
//!   header   whose board, how much needs you, what today cost, whether the daemon is there
//!   list     sections of rows              page   a ticket, a diff, a journal or help
//!   panel    the selected row in full
//!   latest   events, where there is room
//!   footer   keys, or what is being asked
//! ```

mod asking;
mod canvas;
mod list;
mod panel;
mod strips;

use ratatui::Frame;
use ratatui::layout::Rect;

use canvas::Canvas;

use super::model::Model;

/// Rows that a frame has at least which is printed.
const HEIGHT_MIN: u16 = 24;
/// Rows below which the list has all the room.
const PANEL_FROM: u16 = 14;
/// Rows from which the last events are shown.
const LATEST_FROM: u16 = 34;
/// The events, with their heading.
const LATEST_ROWS: u16 = 7;

/// Draws everything.
pub(super) fn draw(model: &Model, frame: &mut Frame<'_>) {
    let area = frame.area();
    let mut canvas = Canvas::new(frame.buffer_mut(), model.colour);
    let (header, rest) = top(area, 1);
    let (rest, footer) = bottom(rest, 1);
    strips::header(model, header, &mut canvas);
    let cursor = if let Some(asking) = &model.asking {
        let rows = asking::rows(asking, rest).min(rest.height);
        let (above, docked) = bottom(rest, rows);
        body(model, above, &mut canvas);
        asking::draw(model, asking, (docked, footer), &mut canvas)
    } else {
        let (above, flash) = bottom(rest, u16::from(model.flash.is_some()));
        body(model, above, &mut canvas);
        strips::flash(model, flash, &mut canvas);
        strips::footer(model, footer, &mut canvas);
        None
    };
    if let Some((x, y)) = cursor {
        frame.set_cursor_position((x, y));
    }
}

fn body(model: &Model, area: Rect, canvas: &mut Canvas<'_>) {
    if let Some(page) = model.pages.last() {
        strips::page(page, area, canvas);
        return;
    }
    let (list, below) = bottom(area, panel_rows(model.size.1).min(area.height / 2));
    let (list, latest) = bottom(list, latest_rows(model, model.size.1));
    list::draw(model, list, canvas);
    strips::latest(model, latest, canvas);
    panel::draw(model, below, canvas);
}

/// Rows that a list or a page has: what one screen is.
pub(super) fn body_rows(model: &Model) -> usize {
    let height = model.size.1.saturating_sub(2);
    let taken = if model.pages.is_empty() { below(model, model.size.1) } else { 0 };
    usize::from(height.saturating_sub(taken)).max(1)
}

/// Rows that the whole list needs, with all that is around it.
pub(super) fn rows_needed(model: &Model) -> u16 {
    let list = u16::try_from(list::lines(model, true).len()).unwrap_or(u16::MAX);
    let fits = |height: &u16| height.saturating_sub(2 + below(model, *height)) >= list;
    (HEIGHT_MIN..u16::MAX).find(fits).unwrap_or(u16::MAX)
}

/// Rows below the list.
fn below(model: &Model, height: u16) -> u16 {
    panel_rows(height) + latest_rows(model, height)
}

fn panel_rows(height: u16) -> u16 {
    match height {
        0..PANEL_FROM => 0,
        PANEL_FROM..20 => 4,
        20..LATEST_FROM => 8,
        _ => 11,
    }
}

fn latest_rows(model: &Model, height: u16) -> u16 {
    if height >= LATEST_FROM && !model.events.is_empty() { LATEST_ROWS } else { 0 }
}

/// So many rows at the top, and the rest.
fn top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    let rest = Rect { y: area.y + rows, height: area.height - rows, ..area };
    (Rect { height: rows, ..area }, rest)
}

/// The rest, and so many rows at the bottom.
fn bottom(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    let rest = Rect { height: area.height - rows, ..area };
    (rest, Rect { y: area.y + rest.height, height: rows, ..area })
}
