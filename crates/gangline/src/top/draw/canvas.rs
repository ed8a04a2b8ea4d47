//! Texts at places, cut to the room that they have.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Modifier;
use unicode_width::UnicodeWidthStr as _;

use crate::screen::{Tone, cut};
use crate::top::styled::{Pieces, line, style};

/// What is drawn on.
pub(super) struct Canvas<'a> {
    buffer: &'a mut Buffer,
    colour: bool,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(buffer: &'a mut Buffer, colour: bool) -> Self {
        Self { buffer, colour }
    }

    /// Writes a text into the columns from `x` on, at most `width` of them, and says how many it
    /// took. What does not fit is replaced by `…`.
    pub(super) fn text(&mut self, (x, y): (u16, u16), width: u16, tone: Tone, text: &str) -> u16 {
        if width == 0 || !self.buffer.area.contains((x, y).into()) {
            return 0;
        }
        let text = cut(text, usize::from(width));
        let (end, _) =
            self.buffer.set_stringn(x, y, text, usize::from(width), style(tone, self.colour));
        end - x
    }

    /// The same at the right end of the columns.
    pub(super) fn right(&mut self, (x, y): (u16, u16), width: u16, tone: Tone, text: &str) {
        let text = cut(text, usize::from(width));
        let used = u16::try_from(text.width()).unwrap_or(width).min(width);
        self.text((x + width - used, y), used, tone, &text);
    }

    /// Writes a line of several tones.
    pub(super) fn pieces(&mut self, area: Rect, pieces: &Pieces) {
        if area.height > 0 && area.width > 0 {
            self.buffer.set_line(area.x, area.y, &line(pieces, self.colour), area.width);
        }
    }

    /// A rule, with a title in it.
    pub(super) fn rule(&mut self, area: Rect, tone: Tone, title: &str) {
        if area.height == 0 {
            return;
        }
        let rule = "─".repeat(usize::from(area.width));
        self.text((area.x, area.y), area.width, Tone::Faint, &rule);
        if !title.is_empty() && area.width > 6 {
            let room = usize::from(area.width - 6);
            let title = format!(" {} ", cut(title, room));
            self.text((area.x + 2, area.y), area.width - 3, tone, &title);
        }
    }

    /// Makes a row stand out, with or without colours.
    pub(super) fn mark(&mut self, area: Rect) {
        let bold = ratatui::style::Style::new().add_modifier(Modifier::BOLD);
        self.buffer.set_style(area, bold);
    }

    /// Empties an area.
    pub(super) fn clear(&mut self, area: Rect) {
        for y in area.y..area.bottom() {
            for x in area.x..area.right() {
                self.buffer[(x, y)].reset();
            }
        }
    }
}
