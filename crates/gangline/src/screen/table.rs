//! Tables that fit: columns that may give way are wrapped or cut.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::out::Out;
use super::paint::Tone;

/// Columns between columns.
const GAP: usize = 2;
/// Columns that a column keeps, however tight it gets.
const COLUMN_MIN: usize = 10;

/// One cell. Its text is safe for a terminal already.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cell {
    text: String,
    tone: Tone,
}

impl Cell {
    /// Without a tone.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), tone: Tone::Plain }
    }

    /// In a tone.
    pub(crate) fn toned(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone }
    }
}

/// What happens to a cell that is wider than its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// The column is as wide as it needs to be.
    Firm,
    /// It is cut.
    Cut,
    /// It goes on in the next line.
    Wrap,
}

/// Rows under headings.
#[derive(Debug)]
pub(crate) struct Table {
    columns: Vec<(&'static str, Fit)>,
    rows: Vec<Vec<Cell>>,
    indent: usize,
}

impl Table {
    /// A column whose heading ends in `…` is cut when it must be, in `~` wrapped.
    pub(crate) fn new<const N: usize>(headings: [&'static str; N]) -> Self {
        let column = |heading: &'static str| match heading.strip_suffix('…') {
            Some(heading) => (heading, Fit::Cut),
            None => match heading.strip_suffix('~') {
                Some(heading) => (heading, Fit::Wrap),
                None => (heading, Fit::Firm),
            },
        };
        Self { columns: headings.into_iter().map(column).collect(), rows: vec![], indent: 0 }
    }

    /// Moved to the right.
    pub(crate) fn indented(self, indent: usize) -> Self {
        Self { indent, ..self }
    }

    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, cells: [Cell; N]) {
        assert_eq!(N, self.columns.len(), "BUG: a row has a cell for each column");
        self.rows.push(cells.into());
    }

    /// Whether there is no row.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The lines, headings first.
    pub(crate) fn render(&self, out: Out) -> Vec<String> {
        let widths = self.widths(out.width());
        let mut lines = vec![];
        if self.columns.iter().any(|(heading, _)| !heading.is_empty()) {
            let heading =
                |(heading, _): &(&str, Fit)| Cell::toned(Tone::Faint, heading.to_uppercase());
            let cells: Vec<Cell> = self.columns.iter().map(heading).collect();
            self.render_row(&cells, &widths, out, &mut lines);
        }
        for row in &self.rows {
            self.render_row(row, &widths, out, &mut lines);
        }
        lines
    }

    fn widths(&self, available: Option<usize>) -> Vec<usize> {
        let natural = |at: usize| {
            let cells = self.rows.iter().map(|row| row[at].text.width());
            cells.chain([self.columns[at].0.width()]).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..self.columns.len()).map(natural).collect();
        let Some(available) = available else { return widths };
        let gaps = self.indent + GAP * widths.len().saturating_sub(1);
        // The widest column that may give way gives way first.
        while widths.iter().sum::<usize>() + gaps > available {
            let soft = (0..widths.len()).filter(|at| self.columns[*at].1 != Fit::Firm);
            match soft.max_by_key(|at| widths[*at]) {
                Some(at) if widths[at] > COLUMN_MIN => widths[at] -= 1,
                Some(_) | None => break,
            }
        }
        widths
    }

    fn render_row(&self, cells: &[Cell], widths: &[usize], out: Out, lines: &mut Vec<String>) {
        let parts: Vec<Vec<String>> = cells
            .iter()
            .zip(&self.columns)
            .zip(widths)
            .map(|((cell, (_, fit)), width)| match fit {
                Fit::Firm => vec![cell.text.clone()],
                Fit::Cut => vec![cut(&cell.text, *width)],
                Fit::Wrap => wrap(&cell.text, *width),
            })
            .collect();
        let height = parts.iter().map(Vec::len).max().unwrap_or(0);
        for at in 0..height {
            let mut line = " ".repeat(self.indent);
            for (column, part) in parts.iter().enumerate() {
                let text = part.get(at).map_or("", String::as_str);
                line.push_str(&out.paint(cells[column].tone, text));
                if column + 1 < parts.len() {
                    let pad = (widths[column] + GAP).saturating_sub(text.width());
                    line.push_str(&" ".repeat(pad));
                }
            }
            lines.push(line.trim_end().to_owned());
        }
    }
}

/// At most so many columns, with `…` where something is missing.
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for c in text.chars() {
        used += c.width().unwrap_or(0);
        if used >= width {
            break;
        }
        kept.push(c);
    }
    kept.push('…');
    kept
}

/// In lines of at most so many columns, broken at blanks where there are any.
pub(crate) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = vec![];
    let mut line = String::new();
    for word in text.split(' ') {
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        for c in word.chars() {
            if line.width() + c.width().unwrap_or(0) > width {
                lines.push(std::mem::take(&mut line));
            }
            line.push(c);
        }
    }
    lines.push(line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(["key", "title…", "why~"]);
        table.row([
            Cell::new("APP-1"),
            Cell::new("Reject empty input before it is parsed"),
            Cell::new("waits for APP-2 to land"),
        ]);
        table.row([Cell::new("APP-22"), Cell::new("日本語の題名"), Cell::new("")]);
        table
    }

    #[test]
    fn without_a_terminal_nothing_is_cut() {
        let lines = table().render(Out::of_width(None));
        insta::assert_snapshot!(lines.join("\n"), @r"
        KEY     TITLE                                   WHY
        APP-1   Reject empty input before it is parsed  waits for APP-2 to land
        APP-22  日本語の題名
        ");
    }

    #[test]
    fn a_narrow_terminal_cuts_one_column_and_wraps_the_other() {
        let lines = table().render(Out::of_width(Some(44)));
        assert!(lines.iter().all(|line| line.width() <= 44));
        insta::assert_snapshot!(lines.join("\n"), @"
        KEY     TITLE              WHY
        APP-1   Reject empty inp…  waits for APP-2
                                   to land
        APP-22  日本語の題名
        ");
    }

    #[test]
    fn a_word_without_blanks_is_broken() {
        assert_eq!(wrap("abcdefgh ij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(cut("日本語", 5), "日本…");
    }
}
