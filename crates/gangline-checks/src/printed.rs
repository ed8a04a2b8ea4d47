//! What a program printed, as lines that can be read and shown.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter, memchr2};

/// Characters of a line that are read. Longer ones are cut.
const LINE_CHARS_MAX: usize = 4_000;
/// Bytes of a line that are held while its end has not come. The rest of it is not read.
const LINE_BYTES_MAX: usize = 16 * 1024;

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
pub(crate) struct RawLine<'b> {
    pub(crate) bytes: &'b [u8],
    /// Whether it may hold more than one plain line, or escape sequences.
    pub(crate) odd: bool,
}

impl Lines {
    /// Gives each line that ends in `bytes` to `take`.
    pub(crate) fn push(&mut self, bytes: &[u8], mut take: impl FnMut(RawLine<'_>)) {
        // Looked for once: most output has neither.
        let odd = memchr2(ESCAPE, b'\r', bytes).is_some();
        let mut at = 0;
        if !self.begun.is_empty() {
            let Some(end) = memchr(b'\n', bytes) else { return self.begin(bytes) };
            self.begin(&bytes[..end]);
            self.end(&mut take);
            at = end + 1;
        }
        let from = at;
        for end in memchr_iter(b'\n', &bytes[from..]) {
            take(RawLine { bytes: &bytes[at..from + end], odd });
            at = from + end + 1;
        }
        self.begin(&bytes[at..]);
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
        let odd = memchr2(ESCAPE, b'\r', &self.begun).is_some();
        take(RawLine { bytes: &self.begun, odd });
        self.begun.clear();
    }
}

impl RawLine<'_> {
    /// Gives the plain lines that it holds, which is one in most cases, to `take`.
    pub(crate) fn each_plain(&self, mut take: impl FnMut(&str)) {
        match already_plain(self.bytes) {
            Some(plain) => take(plain),
            None => made_plain(self.bytes).iter().for_each(|line| take(line)),
        }
    }
}

/// The line itself, where there is nothing to be taken out of it.
fn already_plain(raw: &[u8]) -> Option<&str> {
    let printable = raw.iter().fold(true, |all, byte| all & (0x20..0x7f).contains(byte));
    if !printable {
        return None;
    }
    let text = std::str::from_utf8(&raw[..raw.len().min(LINE_CHARS_MAX)]).ok()?;
    Some(text.trim_end())
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
