//! Output in bounded pieces: lines of the standard output, and the tail of the standard error.

use std::borrow::Cow;
use std::collections::VecDeque;

/// Bytes that one line may have; what is longer is cut and marked.
pub const LINE_BYTES_MAX: usize = 1024 * 1024;
/// Bytes kept of the standard error's end.
const TAIL_BYTES_MAX: usize = 16 * 1024;
/// Lines of the standard error that a message quotes.
const TAIL_LINES_MAX: usize = 20;

/// One line of output, without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// As far as it was kept. What is not UTF-8 is replaced.
    pub(crate) text: String,
    /// Bytes that were cut off.
    pub(crate) cut: usize,
}

impl Line {
    /// The line of these bytes; none of nothing.
    fn of(bytes: &[u8], cut: usize) -> Option<Self> {
        // Replacing goes byte by byte, and is hardly ever needed.
        let text = match std::str::from_utf8(bytes) {
            Ok(text) => Cow::Borrowed(text),
            Err(_) => String::from_utf8_lossy(bytes),
        };
        let text = text.trim_end_matches('\r').to_owned();
        (!text.is_empty() || cut > 0).then_some(Self { text, cut })
    }

    /// The text, and what was cut off in words.
    pub(crate) fn shown(&self) -> String {
        match self.cut {
            0 => self.text.clone(),
            cut => format!("{} [cut: {cut} more bytes]", self.text),
        }
    }
}

/// Cuts a stream of bytes into lines. Holds at most [`LINE_BYTES_MAX`].
#[derive(Debug, Default)]
pub(crate) struct LineCutter {
    open: Vec<u8>,
    cut: usize,
}

impl LineCutter {
    /// Takes bytes, and gives the lines that they complete; empty ones apart.
    pub(crate) fn push(&mut self, mut bytes: &[u8]) -> Vec<Line> {
        let mut lines = vec![];
        while let Some(end) = memchr::memchr(b'\n', bytes) {
            let (line, rest) = (&bytes[..end], &bytes[end + 1..]);
            if self.open.is_empty() && self.cut == 0 && line.len() <= LINE_BYTES_MAX {
                // Whole as it came, which most are.
                lines.extend(Line::of(line, 0));
            } else {
                self.keep(line);
                lines.extend(self.finish());
            }
            bytes = rest;
        }
        self.keep(bytes);
        lines
    }

    /// The last line, when it had no end.
    pub(crate) fn finish(&mut self) -> Option<Line> {
        let line = Line::of(&self.open, std::mem::take(&mut self.cut));
        self.open.clear();
        // One huge line must not hold its memory for the rest of the session.
        self.open.shrink_to(64 * 1024);
        line
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = LINE_BYTES_MAX - self.open.len();
        let (kept, lost) = bytes.split_at(bytes.len().min(room));
        self.open.extend_from_slice(kept);
        self.cut += lost.len();
    }
}

/// The end of a stream.
#[derive(Debug, Default)]
pub(crate) struct Tail(VecDeque<u8>);

impl Tail {
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        let bytes = &bytes[bytes.len().saturating_sub(TAIL_BYTES_MAX)..];
        let excess = (self.0.len() + bytes.len()).saturating_sub(TAIL_BYTES_MAX);
        self.0.drain(..excess);
        self.0.extend(bytes);
    }

    /// Its last lines, without control characters.
    pub(crate) fn text(&self) -> String {
        let bytes: Vec<u8> = self.0.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<String> = text
            .lines()
            .map(|line| line.chars().filter(|c| !c.is_control()).collect::<String>())
            .filter(|line: &String| !line.trim().is_empty())
            .collect();
        lines[lines.len().saturating_sub(TAIL_LINES_MAX)..].join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(lines: &[Line]) -> Vec<&str> {
        lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn lines_are_cut_wherever_the_reads_fall() {
        let stream = "one\r\n\ntwö\nthree";
        for chunk in 1..=stream.len() {
            let mut cutter = LineCutter::default();
            let mut lines: Vec<Line> =
                stream.as_bytes().chunks(chunk).flat_map(|bytes| cutter.push(bytes)).collect();
            lines.extend(cutter.finish());
            assert_eq!(texts(&lines), ["one", "twö", "three"], "in chunks of {chunk}");
        }
    }

    #[test]
    fn a_line_without_end_takes_bounded_memory_and_says_what_was_cut() {
        let mut cutter = LineCutter::default();
        let block = vec![b'x'; 64 * 1024];
        for _ in 0..40 {
            assert_eq!(cutter.push(&block), []);
        }
        let lines = cutter.push(b"y\nnext\n");
        assert_eq!(lines[0].text.len(), LINE_BYTES_MAX);
        assert_eq!(lines[0].cut, 40 * block.len() + 1 - LINE_BYTES_MAX);
        assert!(lines[0].shown().ends_with("x [cut: 1572865 more bytes]"));
        assert_eq!(lines[1], Line { text: "next".to_owned(), cut: 0 });
    }

    #[test]
    fn what_is_not_utf_8_is_replaced() {
        let mut cutter = LineCutter::default();
        assert_eq!(texts(&cutter.push(b"a\xffb\n")), ["a\u{fffd}b"]);
    }

    #[test]
    fn the_tail_is_the_end_and_harmless() {
        let mut tail = Tail::default();
        for n in 0..10_000 {
            tail.push(format!("line {n}\n").as_bytes());
        }
        tail.push(b"\x1b[31mlast\n");
        let text = tail.text();
        assert_eq!(text.lines().count(), TAIL_LINES_MAX);
        assert!(text.ends_with("line 9999\n[31mlast"), "{text}");
    }
}
