//! What a program printed, as lines that can be read and shown.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr2};

/// Characters of a line that are read. Longer ones are cut.
const LINE_CHARS_MAX: usize = 4_000;
/// Bytes of a line that are held while its end has not come. The rest of it is not read.
const LINE_BYTES_MAX: usize = 16 * 1024;

/// Bytes that are looked at together.
const BLOCK_BYTES: usize = 8 * 1024;

const ESCAPE: u8 = 0x1b;

/// Bytes that a program printed, to be read line by line and as often as wanted: nothing of it is
/// made beforehand.
#[derive(Clone, Copy)]
pub(crate) struct Printed<'b>(&'b [u8]);

impl<'b> Printed<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self(bytes)
    }

    /// Plain lines: without colours, cursor movements and other control characters. A carriage
    /// return ends a line, because what a progress bar wrote over was a line as well.
    pub(crate) fn lines(self) -> impl Iterator<Item = Cow<'b, str>> {
        self.0.split(|byte| *byte == b'\n').flat_map(|raw| {
            let (plain, others) = match already_plain(raw) {
                Some(plain) => (Some(Cow::Borrowed(plain)), vec![]),
                None => (None, made_plain(raw)),
            };
            plain.into_iter().chain(others.into_iter().map(Cow::Owned))
        })
    }

    /// The last `max` lines that hold anything.
    pub(crate) fn tail(self, max: usize) -> Vec<String> {
        // From the end, and in steps: a log may be long, and its end is near.
        let mut from = self.0.len();
        loop {
            from = from.saturating_sub(max.saturating_mul(256).max(1));
            let from = match memchr::memrchr(b'\n', &self.0[..from]) {
                Some(newline) => newline + 1,
                None => 0,
            };
            let filled = Self(&self.0[from..]).lines().filter(|line| !line.trim().is_empty());
            let filled: Vec<_> = filled.collect();
            if filled.len() >= max || from == 0 {
                let tail = filled[filled.len().saturating_sub(max)..].iter();
                return tail.map(ToString::to_string).collect();
            }
        }
    }
}

/// Cuts what comes in pieces into lines.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    /// The line that has no end yet, at most [`LINE_BYTES_MAX`] of it.
    begun: Vec<u8>,
}

/// A line as it came, without its end.
#[derive(Clone, Copy)]
pub(crate) enum RawLine<'b> {
    /// Nothing is to be taken out of it, but for blanks at its end.
    Plain(&'b str),
    /// It may hold colours and control characters.
    Other(&'b [u8]),
    /// It may hold several lines as well, or marks within escape sequences.
    Odd(&'b [u8]),
}

impl Lines {
    /// Gives each line that ends in `bytes` to `take`.
    pub(crate) fn push(&mut self, bytes: &[u8], mut take: impl FnMut(RawLine<'_>)) {
        // What is true of a whole block need not be asked of each of its lines.
        for block in bytes.chunks(BLOCK_BYTES) {
            self.block(block, &mut take);
        }
    }

    fn block(&mut self, block: &[u8], take: &mut impl FnMut(RawLine<'_>)) {
        let mut at = 0;
        if !self.begun.is_empty() {
            let Some(end) = memchr(b'\n', block) else { return self.begin(block) };
            self.begin(&block[..end]);
            self.end(take);
            at = end + 1;
        }
        let rest = &block[at..];
        let end = match printable(rest) {
            Some(text) => each_line(rest, |line| take(RawLine::Plain(&text[line]))),
            None if is_odd(rest) => each_line(rest, |line| take(RawLine::Odd(&rest[line]))),
            None => each_line(rest, |line| take(RawLine::Other(&rest[line]))),
        };
        self.begin(&rest[end..]);
    }

    /// Gives the last line, when nothing ended it.
    pub(crate) fn finish(&mut self, mut take: impl FnMut(RawLine<'_>)) {
        if !self.begun.is_empty() {
            self.end(&mut take);
        }
    }

    fn begin(&mut self, bytes: &[u8]) {
        let room = LINE_BYTES_MAX.saturating_sub(self.begun.len());
        self.begun.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }

    fn end(&mut self, take: &mut impl FnMut(RawLine<'_>)) {
        let odd = is_odd(&self.begun);
        take(if odd { RawLine::Odd(&self.begun) } else { RawLine::Other(&self.begun) });
        self.begun.clear();
    }
}

impl RawLine<'_> {
    /// Gives the plain lines that it holds, which is one in most cases, to `take`.
    pub(crate) fn each_plain(self, mut take: impl FnMut(&str)) {
        match self {
            Self::Plain(text) => take(cut(text)),
            Self::Other(raw) | Self::Odd(raw) => match already_plain(raw) {
                Some(plain) => take(plain),
                None => made_plain(raw).iter().for_each(|line| take(line)),
            },
        }
    }
}

/// Gives the place of each line that has an end; says where the last one begins.
fn each_line(bytes: &[u8], mut take: impl FnMut(Range<usize>)) -> usize {
    let mut at = 0;
    for end in memchr_iter(b'\n', bytes) {
        take(at..end);
        at = end + 1;
    }
    at
}

fn is_odd(bytes: &[u8]) -> bool {
    memchr2(ESCAPE, b'\r', bytes).is_some()
}

/// The text of bytes that are visible ASCII, blanks and ends of lines.
fn printable(bytes: &[u8]) -> Option<&str> {
    let visible = |byte: &u8| (0x20..0x7f).contains(byte) || *byte == b'\n';
    // Without a way out: that makes many bytes one step.
    let all = bytes.iter().fold(true, |all, byte| all & visible(byte));
    std::str::from_utf8(bytes).ok().filter(|_| all)
}

/// Of ASCII.
fn cut(text: &str) -> &str {
    let text = text.get(..LINE_CHARS_MAX).unwrap_or(text);
    if text.ends_with(' ') { text.trim_end_matches(' ') } else { text }
}

/// The line itself, where there is nothing to be taken out of it.
fn already_plain(raw: &[u8]) -> Option<&str> {
    printable(raw).map(cut)
}

fn made_plain(raw: &[u8]) -> Vec<String> {
    let raw = &raw[..raw.len().min(LINE_BYTES_MAX)];
    without_escapes(&String::from_utf8_lossy(raw)).split('\r').map(plain).collect()
}

fn plain(line: &str) -> String {
    let visible = line.chars().map(|c| if c == '\t' { ' ' } else { c });
    let mut visible: String = visible.filter(|c| !c.is_control()).take(LINE_CHARS_MAX).collect();
    visible.truncate(visible.trim_end().len());
    visible
}

/// Drops ANSI escape sequences: CSI (`ESC [ … letter`), OSC (`ESC ] … BEL` or `ESC ] … ESC \`)
/// and the two-character ones. One that never ends takes no other line with it.
fn without_escapes(line: &str) -> String {
    let mut kept = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '\u{1b}' {
            kept.push(c);
            continue;
        }
        match chars.next() {
            Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
            Some(']') => {
                while let Some(c) = chars.next() {
                    if c == '\u{7}' {
                        break;
                    }
                    if c == '\u{1b}' {
                        chars.next_if_eq(&'\\');
                        break;
                    }
                }
            }
            Some(_) | None => {}
        }
    }
    kept
}

#[cfg(test)]
mod tests;
