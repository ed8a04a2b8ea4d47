//! Lines of toned text: from what the command line paints, wrapped to a width, into styles.

use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthChar as _;

use crate::screen::Tone;

/// Columns by which a line that goes on is moved to the right at most.
const HANG_MAX: usize = 12;

/// A piece of a line in one tone. Its text is safe for a terminal already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) tone: Tone,
    pub(super) text: String,
}

/// A line.
pub(super) type Pieces = Vec<Piece>;

/// How a line that is too long goes on in the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Break {
    /// At a blank where there is one, moved to the right as its beginning is.
    Words,
    /// Wherever it is full: every character counts.
    Anywhere,
}

/// One piece.
pub(super) fn piece(tone: Tone, text: impl Into<String>) -> Piece {
    Piece { tone, text: text.into() }
}

/// A line that the command line has painted. All escapes in it are its own.
pub(super) fn painted(line: &str) -> Pieces {
    let mut pieces = vec![];
    let mut pen = Pen::default();
    let mut rest = line;
    while let Some(at) = rest.find("\u{1b}[") {
        push(&mut pieces, pen.tone(), &rest[..at]);
        rest = &rest[at + 2..];
        let end = rest.find('m').unwrap_or(rest.len());
        rest[..end].split(';').for_each(|code| pen.change(code));
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    push(&mut pieces, pen.tone(), rest);
    pieces
}

fn push(pieces: &mut Pieces, tone: Tone, text: &str) {
    if text.is_empty() {
        return;
    }
    match pieces.last_mut() {
        Some(last) if last.tone == tone => last.text.push_str(text),
        Some(_) | None => pieces.push(piece(tone, text)),
    }
}

/// What the escapes so far have switched on (ECMA-48, SGR).
#[derive(Debug, Default)]
struct Pen {
    bold: bool,
    faint: bool,
    colour: Option<Tone>,
}

impl Pen {
    fn change(&mut self, code: &str) {
        match code {
            "" | "0" => *self = Self::default(),
            "1" => self.bold = true,
            "2" => self.faint = true,
            "22" => (self.bold, self.faint) = (false, false),
            "31" => self.colour = Some(Tone::Bad),
            "32" => self.colour = Some(Tone::Good),
            "33" => self.colour = Some(Tone::Attention),
            "34" => self.colour = Some(Tone::Command),
            "36" => self.colour = Some(Tone::Active),
            "39" => self.colour = None,
            _unused => {}
        }
    }

    fn tone(&self) -> Tone {
        match (self.colour, self.bold, self.faint) {
            (Some(tone), _, _) => tone,
            (None, true, _) => Tone::Strong,
            (None, false, true) => Tone::Faint,
            (None, false, false) => Tone::Plain,
        }
    }
}

/// In lines of at most so many columns.
pub(super) fn wrapped(line: &[Piece], width: usize, how: Break) -> Vec<Pieces> {
    let width = width.max(2);
    let cells: Vec<(Tone, char)> =
        line.iter().flat_map(|piece| piece.text.chars().map(|c| (piece.tone, c))).collect();
    let hang = match how {
        Break::Words => cells.iter().take_while(|(_, c)| *c == ' ').count(),
        Break::Anywhere => 0,
    };
    let hang = hang.min(HANG_MAX).min(width / 2);
    let (mut lines, mut from) = (vec![], 0);
    loop {
        let indent = if lines.is_empty() { 0 } else { hang };
        let fits = fitting(&cells[from..], width - indent);
        let rest = from + fits;
        let broken = rest < cells.len() && how == Break::Words && cells[rest].1 != ' ';
        let blank = cells[from..rest].iter().rposition(|(_, c)| *c == ' ');
        // Not at the blanks that a line begins with: it would not get shorter.
        let to = match blank.filter(|at| broken && *at > hang) {
            Some(at) => from + at,
            None => rest,
        };
        let mut pieces = vec![];
        push(&mut pieces, Tone::Plain, &" ".repeat(indent));
        for (tone, c) in &cells[from..to] {
            push(&mut pieces, *tone, c.encode_utf8(&mut [0; 4]));
        }
        lines.push(pieces);
        from = to;
        if how == Break::Words && from < cells.len() && cells[from].1 == ' ' {
            from += 1;
        }
        if from >= cells.len() {
            return lines;
        }
    }
}

/// How many of these fit, at least one, with the marks that belong to the last one.
fn fitting(cells: &[(Tone, char)], width: usize) -> usize {
    let mut used = 0;
    for (at, (_, c)) in cells.iter().enumerate() {
        used += c.width().unwrap_or(0);
        if used > width && at > 0 {
            return at;
        }
    }
    cells.len()
}

/// How a tone looks: in the colours of the command line, or without any.
pub(super) fn style(tone: Tone, colour: bool) -> Style {
    let plain = Style::new();
    let coloured = |is: Color| if colour { plain.fg(is) } else { plain };
    match tone {
        Tone::Plain => plain,
        Tone::Strong => plain.add_modifier(Modifier::BOLD),
        Tone::Faint => plain.add_modifier(Modifier::DIM),
        Tone::Good => coloured(Color::Green),
        Tone::Bad => coloured(Color::Red).add_modifier(Modifier::BOLD),
        Tone::Attention => coloured(Color::Yellow),
        Tone::Active => coloured(Color::Cyan),
        Tone::Command => coloured(Color::Blue),
    }
}

/// A line to be drawn.
pub(super) fn line(pieces: &[Piece], colour: bool) -> Line<'static> {
    let span = |piece: &Piece| Span::styled(piece.text.clone(), style(piece.tone, colour));
    Line::from(pieces.iter().map(span).collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::screen::Out;

    fn text(lines: &[Pieces]) -> Vec<String> {
        let one = |line: &Pieces| line.iter().map(|piece| piece.text.as_str()).collect();
        lines.iter().map(one).collect()
    }

    #[test]
    fn every_tone_of_the_command_line_is_read_back() {
        let out = Out::for_page(80);
        for tone in [
            Tone::Plain,
            Tone::Strong,
            Tone::Faint,
            Tone::Good,
            Tone::Bad,
            Tone::Attention,
            Tone::Active,
            Tone::Command,
        ] {
            let line = format!("before {}{}", out.paint(tone, "word"), " after");
            let read = painted(&line);
            let toned: Vec<&Piece> = read.iter().filter(|piece| piece.tone == tone).collect();
            assert!(toned.iter().any(|piece| piece.text.contains("word")), "{tone:?}: {read:?}");
            assert_eq!(text(&[read]), ["before word after"]);
        }
    }

    #[test]
    fn a_long_line_goes_on_below_its_beginning() {
        let line = painted("  fact   one two three four");
        assert_eq!(
            text(&wrapped(&line, 14, Break::Words)),
            ["  fact   one", "  two three", "  four"]
        );
        assert_eq!(text(&wrapped(&painted(""), 14, Break::Words)), [""]);
    }

    #[test]
    fn what_is_to_be_judged_loses_no_character() {
        let line = painted("+    let x = \"日本語\"; ");
        let lines = text(&wrapped(&line, 7, Break::Anywhere));
        assert_eq!(lines.concat(), "+    let x = \"日本語\"; ");
        let wide = |line: &String| unicode_width::UnicodeWidthStr::width(line.as_str()) <= 7;
        assert!(lines.iter().all(wide), "{lines:?}");
    }

    #[test]
    fn a_mark_stays_with_its_letter() {
        let lines = text(&wrapped(&painted("aae\u{301}e\u{301}"), 3, Break::Anywhere));
        assert_eq!(lines, ["aae\u{301}", "e\u{301}"]);
    }

    #[test]
    fn without_colour_nothing_has_a_colour() {
        for tone in [Tone::Good, Tone::Bad, Tone::Attention, Tone::Active, Tone::Command] {
            assert_eq!(style(tone, false).fg, None);
        }
    }
}
