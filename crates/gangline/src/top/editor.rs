//! A text that a person writes, of one line or several.

use unicode_width::UnicodeWidthChar as _;

use super::typed::Key;
use crate::screen::plain_block;

/// Characters that a text may have.
const CHARS_MAX: usize = 16 * 1024;

/// The text and the place in it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Editor {
    text: Vec<char>,
    /// Before this character.
    at: usize,
}

impl Editor {
    /// The text.
    pub(super) fn text(&self) -> String {
        self.text.iter().collect()
    }

    /// Whether nothing but blanks is there.
    pub(super) fn is_blank(&self) -> bool {
        self.text.iter().all(|c| c.is_whitespace())
    }

    /// Puts another text in its place.
    pub(super) fn set(&mut self, text: &str) {
        *self = Self::default();
        self.paste(text);
    }

    /// Takes in a text as data: what would be a command to the terminal is left out.
    pub(super) fn paste(&mut self, text: &str) {
        for (line, text) in plain_block(text).iter().enumerate() {
            if line > 0 {
                self.insert('\n');
            }
            text.chars().for_each(|c| self.insert(c));
        }
        if text.ends_with('\n') {
            self.insert('\n');
        }
    }

    fn insert(&mut self, c: char) {
        if self.text.len() < CHARS_MAX {
            self.text.insert(self.at, c);
            self.at += 1;
        }
    }

    /// Does what a key says; whether it is one of this text's.
    pub(super) fn key(&mut self, key: Key) -> bool {
        match key {
            Key::Char(c) => self.insert(c),
            Key::NewLine => self.insert('\n'),
            Key::Backspace => {
                let from = self.before();
                self.text.drain(from..self.at);
                self.at = from;
            }
            Key::Delete => {
                let to = self.behind();
                self.text.drain(self.at..to);
            }
            Key::Left => self.at = self.before(),
            Key::Right => self.at = self.behind(),
            Key::Home | Key::Ctrl('a') => self.at = self.line_start(self.at),
            Key::End | Key::Ctrl('e') => self.at = self.line_end(self.at),
            Key::Up => self.vertical(false),
            Key::Down => self.vertical(true),
            Key::Ctrl('u') => {
                let from = self.line_start(self.at);
                self.text.drain(from..self.at);
                self.at = from;
            }
            Key::Ctrl('k') => {
                let to = self.line_end(self.at);
                self.text.drain(self.at..to);
            }
            Key::Ctrl('w') => {
                let from = self.word_start();
                self.text.drain(from..self.at);
                self.at = from;
            }
            Key::Ctrl(_)
            | Key::Enter
            | Key::Esc
            | Key::Tab
            | Key::BackTab
            | Key::PageUp
            | Key::PageDown => return false,
        }
        true
    }

    /// A letter and the marks upon it go together.
    fn before(&self) -> usize {
        let mut at = self.at.saturating_sub(1);
        while at > 0 && is_mark(self.text[at]) {
            at -= 1;
        }
        at
    }

    fn behind(&self) -> usize {
        let mut at = (self.at + 1).min(self.text.len());
        while at < self.text.len() && is_mark(self.text[at]) {
            at += 1;
        }
        at
    }

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].iter().rposition(|c| *c == '\n').map_or(0, |found| found + 1)
    }

    fn line_end(&self, at: usize) -> usize {
        self.text[at..].iter().position(|c| *c == '\n').map_or(self.text.len(), |found| at + found)
    }

    fn word_start(&self) -> usize {
        let before = &self.text[..self.at];
        let word = before.iter().rposition(|c| !c.is_whitespace()).unwrap_or(0);
        before[..word].iter().rposition(|c| c.is_whitespace()).map_or(0, |found| found + 1)
    }

    fn vertical(&mut self, down: bool) {
        let (start, end) = (self.line_start(self.at), self.line_end(self.at));
        let column = self.at - start;
        let to = match down {
            true if end < self.text.len() => end + 1,
            false if start > 0 => self.line_start(start - 1),
            true | false => return,
        };
        self.at = (to + column).min(self.line_end(to));
    }

    /// Its lines at a width, and where in them the place is: line and column.
    pub(super) fn lines(&self, width: usize) -> (Vec<String>, (usize, usize)) {
        let width = width.max(2);
        let (mut lines, mut line, mut used) = (vec![], String::new(), 0);
        let mut place = (0, 0);
        for (at, c) in self.text.iter().enumerate() {
            let wide = if *c == '\n' { 0 } else { c.width().unwrap_or(0) };
            if used + wide > width || (used == width && at == self.at) {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            if at == self.at {
                place = (lines.len(), used);
            }
            if *c == '\n' {
                lines.push(std::mem::take(&mut line));
                used = 0;
            } else {
                line.push(*c);
                used += wide;
            }
        }
        if self.at == self.text.len() {
            if used == width {
                lines.push(std::mem::take(&mut line));
                used = 0;
            }
            place = (lines.len(), used);
        }
        lines.push(line);
        (lines, place)
    }
}

fn is_mark(c: char) -> bool {
    c != '\n' && c.width().unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(editor: &mut Editor, keys: &[Key]) {
        for key in keys {
            assert!(editor.key(*key), "{key:?}");
        }
    }

    #[test]
    fn a_text_is_written_and_mended() {
        let mut editor = Editor::default();
        editor.paste("use a coma");
        typed(&mut editor, &[Key::Left, Key::Char('m'), Key::End, Key::Char('.')]);
        assert_eq!(editor.text(), "use a comma.");
        typed(&mut editor, &[Key::Ctrl('w'), Key::Char('d'), Key::Home, Key::Delete]);
        assert_eq!(editor.text(), "se a d");
        typed(&mut editor, &[Key::Ctrl('k'), Key::Char('x'), Key::Ctrl('u')]);
        assert!(editor.is_blank());
        assert!(!editor.key(Key::Enter));
    }

    #[test]
    fn lines_are_gone_through() {
        let mut editor = Editor::default();
        editor.paste("first\nx\nthird");
        typed(&mut editor, &[Key::Up, Key::Up, Key::Char('!'), Key::Down, Key::Down]);
        assert_eq!(editor.text(), "f!irst\nx\nthird");
        assert_eq!(editor.lines(10).1, (2, 1));
    }

    #[test]
    fn a_letter_goes_with_its_marks() {
        let mut editor = Editor::default();
        editor.paste("ae\u{301}");
        typed(&mut editor, &[Key::Backspace]);
        assert_eq!(editor.text(), "a");
    }

    #[test]
    fn what_is_pasted_is_data() {
        let mut editor = Editor::default();
        editor.paste("\u{1b}[2Jone\u{7}\n\ttwo\n");
        assert_eq!(editor.text(), "one\n    two\n");
        editor.set("three");
        assert_eq!(editor.text(), "three");
    }

    #[test]
    fn the_place_is_where_the_next_letter_goes() {
        let mut editor = Editor::default();
        editor.paste("日本語");
        assert_eq!(editor.lines(4), (vec!["日本".into(), "語".into()], (1, 2)));
        editor.key(Key::Left);
        assert_eq!(editor.lines(4).1, (1, 0));
        let mut full = Editor::default();
        full.paste("abcd");
        assert_eq!(full.lines(4), (vec!["abcd".into(), String::new()], (1, 0)));
    }

    #[test]
    fn a_text_has_a_bound() {
        let mut editor = Editor::default();
        editor.paste(&"a".repeat(CHARS_MAX + 5));
        assert_eq!(editor.text().len(), CHARS_MAX);
    }
}
