//! Markdown in which nothing that others wrote is Markdown: their lines stand in fences, their
//! words in code spans, and neither can be closed from within.

use gangline_api::plain::{plain, plain_block, verbatim_block};

/// Characters of one line that are shown.
const LINE_CHARS_MAX: usize = 500;

/// How much of a text is shown.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound {
    pub(super) lines_max: usize,
    pub(super) chars_max: usize,
}

/// A text that somebody said, in a fence of its own.
pub(super) fn said(text: &str, bound: Bound, into: &mut Vec<String>) {
    fence("text", plain_block(text.trim_end()), bound, into);
}

/// Lines of a report, in a fence of their own.
pub(super) fn lines(lines: &[String], bound: Bound, into: &mut Vec<String>) {
    fence("text", lines.iter().map(|line| plain(line)).collect(), bound, into);
}

/// A diff: what is in it is judged, so every character shows.
pub(super) fn diff(text: &str, bound: Bound, into: &mut Vec<String>) {
    fence("diff", verbatim_block(text.trim_end_matches('\n')), bound, into);
}

fn fence(language: &str, all: Vec<String>, bound: Bound, into: &mut Vec<String>) {
    let count = all.len();
    let mut room = bound.chars_max;
    let mut shown = vec![];
    for line in all.into_iter().take(bound.lines_max) {
        let line = cut(&line);
        let chars = line.chars().count() + 1;
        if chars > room {
            break;
        }
        room -= chars;
        shown.push(line);
    }
    let longest = shown.iter().map(|line| run_of_ticks(line)).max().unwrap_or(0);
    let ticks = "`".repeat(longest.max(2) + 1);
    let left_out = count - shown.len();
    into.push(format!("{ticks}{language}"));
    into.append(&mut shown);
    into.extend([ticks, String::new()]);
    if left_out > 0 {
        into.extend([format!("… {left_out} more lines"), String::new()]);
    }
}

/// Some words within a line.
pub(super) fn inline(text: &str) -> String {
    let text = cut(&plain(text));
    let text = text.trim();
    let is_markup = |c: char| "\\`*_[]<>|~&!#@$^{}".contains(c);
    if text.contains(is_markup) || text.contains("://") || text.contains("www.") {
        code(text)
    } else {
        text.to_owned()
    }
}

/// Words to be typed or read exactly.
pub(super) fn code(text: &str) -> String {
    let text = plain(text);
    let ticks = "`".repeat(run_of_ticks(&text) + 1);
    let apart = text.starts_with('`') || text.ends_with('`');
    let blank = if apart { " " } else { "" };
    format!("{ticks}{blank}{text}{blank}{ticks}")
}

/// A row of a table. A bar ends a cell even within a code span, unless it is escaped.
pub(super) fn row<const N: usize>(cells: [String; N]) -> String {
    format!("| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
}

/// The longest run of backticks.
fn run_of_ticks(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

fn cut(line: &str) -> String {
    match line.char_indices().nth(LINE_CHARS_MAX) {
        None => line.to_owned(),
        Some((at, _)) => format!("{}…", &line[..at]),
    }
}
