//! Output that is bounded however much a program prints.

use std::collections::VecDeque;

/// What was kept of one output stream: its beginning and its end.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Capped {
    kept: Vec<u8>,
    /// Bytes that the program wrote, kept or not.
    pub total_bytes: u64,
    /// Whether bytes between beginning and end are missing.
    pub truncated: bool,
}

impl Capped {
    /// The kept bytes. When [`Capped::truncated`], a line `[... N bytes cut ...]` stands where
    /// the missing ones were, so that whatever parses output must ask first.
    pub fn bytes(&self) -> &[u8] {
        &self.kept
    }

    /// The kept bytes, without a copy.
    pub fn into_bytes(self) -> Vec<u8> {
        self.kept
    }

    /// The kept bytes as text; what is no UTF-8 becomes U+FFFD.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.kept).into_owned()
    }
}

/// Gathers a stream in at most `cap` bytes: half for the beginning, the rest for the end.
#[derive(Debug)]
pub(crate) struct Collector {
    head: Vec<u8>,
    head_max: usize,
    tail: VecDeque<u8>,
    tail_max: usize,
    total: u64,
}

impl Collector {
    pub(crate) fn new(cap: usize) -> Self {
        let head_max = cap / 2;
        let tail_max = cap - head_max;
        Self { head: Vec::new(), head_max, tail: VecDeque::new(), tail_max, total: 0 }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.total += bytes.len() as u64;
        let room = self.head_max - self.head.len();
        let (first, rest) = bytes.split_at(room.min(bytes.len()));
        self.head.extend_from_slice(first);
        let rest = &rest[rest.len().saturating_sub(self.tail_max)..];
        let excess = (self.tail.len() + rest.len()).saturating_sub(self.tail_max);
        self.tail.drain(..excess);
        self.tail.extend(rest);
    }

    pub(crate) fn finish(self) -> Capped {
        let Self { head: mut kept, tail, total, .. } = self;
        let cut = total - (kept.len() + tail.len()) as u64;
        if cut > 0 {
            kept.extend_from_slice(format!("\n[... {cut} bytes cut ...]\n").as_bytes());
        }
        let (first, second) = tail.as_slices();
        kept.extend_from_slice(first);
        kept.extend_from_slice(second);
        Capped { kept, total_bytes: total, truncated: cut > 0 }
    }
}

#[cfg(test)]
mod tests;
