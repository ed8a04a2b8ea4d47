//! The output of a test run, read while it comes.

use std::io;

use gangline_domain::verdict::TestCounts;
use gangline_policy::Runner;

use super::{
    Reading, go, go_json, gradle, jest, libtest, mocha, nextest, node, pytest, surefire, tap,
    unittest, vitest,
};
use crate::printed::{Lines, RawLine};

/// Reads one runner's output, line by line.
pub(super) trait Reader: Send {
    /// Takes a line that begins or ends with one of its marks, or that it asked for.
    fn line(&mut self, line: &str) -> Wants;

    /// What was read; `None` where the runner did not run.
    fn finish(self: Box<Self>) -> Option<Reading>;
}

/// Which lines a reader is given after this one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum Wants {
    /// Those with a mark of its own.
    Marked,
    /// The next one, whatever it holds.
    Next,
}

impl Wants {
    /// [`Wants::Next`] when `so`.
    pub(super) fn next_if(so: bool) -> Self {
        if so { Self::Next } else { Self::Marked }
    }
}

/// By which of its bytes a line may matter to a reader. Looking at two bytes of each line is what
/// makes reading fast.
pub(super) struct Marks {
    /// First bytes behind blanks.
    pub(super) first: &'static [u8],
    /// Last bytes before blanks.
    pub(super) last: &'static [u8],
    /// Whether all lines that begin with a blank may matter.
    pub(super) indented: bool,
    /// Whether lines that tell a Rust panic may matter: what many lines begin with would be too wide a
    /// mark for them.
    pub(super) panics: bool,
}

/// How a line begins that tells a Rust panic.
const PANIC: &[u8] = b"thread '";

struct Known {
    runner: Runner,
    name: &'static str,
    marks: Marks,
    reader: fn() -> Box<dyn Reader>,
    /// The runner that drives this one and counts the same tests.
    counted_by: Option<&'static str>,
}

/// In the order in which they are asked what they found. One entry for each runner.
#[rustfmt::skip]
const KNOWN: [Known; 13] = [
    Known { runner: Runner::Nextest, name: "nextest", marks: nextest::MARKS, reader: || Box::<nextest::Nextest>::default(), counted_by: None },
    Known { runner: Runner::Cargo, name: "libtest", marks: libtest::MARKS, reader: || Box::<libtest::Libtest>::default(), counted_by: Some("nextest") },
    Known { runner: Runner::Pytest, name: "pytest", marks: pytest::MARKS, reader: || Box::<pytest::Pytest>::default(), counted_by: None },
    Known { runner: Runner::Unittest, name: "unittest", marks: unittest::MARKS, reader: || Box::<unittest::Unittest>::default(), counted_by: Some("pytest") },
    Known { runner: Runner::Jest, name: "jest", marks: jest::MARKS, reader: || Box::<jest::Jest>::default(), counted_by: None },
    Known { runner: Runner::Vitest, name: "vitest", marks: vitest::MARKS, reader: || Box::<vitest::Vitest>::default(), counted_by: None },
    Known { runner: Runner::Mocha, name: "mocha", marks: mocha::MARKS, reader: || Box::<mocha::Mocha>::default(), counted_by: None },
    Known { runner: Runner::Node, name: "node", marks: node::MARKS, reader: || Box::<node::Node>::default(), counted_by: None },
    Known { runner: Runner::Tap, name: "tap", marks: tap::MARKS, reader: || Box::<tap::Tap>::default(), counted_by: Some("node") },
    Known { runner: Runner::Go, name: "go-json", marks: go_json::MARKS, reader: || Box::<go_json::GoJson>::default(), counted_by: None },
    Known { runner: Runner::Go, name: "go", marks: go::MARKS, reader: || Box::<go::Go>::default(), counted_by: Some("go-json") },
    Known { runner: Runner::Maven, name: "surefire", marks: surefire::MARKS, reader: || Box::<surefire::Surefire>::default(), counted_by: None },
    Known { runner: Runner::Gradle, name: "gradle", marks: gradle::MARKS, reader: || Box::<gradle::Gradle>::default(), counted_by: None },
];

/// One bit for each reader.
type Set = u16;

/// Reads a test run's output in pieces, in bounded memory: pieces are not kept.
pub struct TestOutput {
    lines: Lines,
    readers: Readers,
}

impl TestOutput {
    /// To be read by these runners, or by all of them when none is named.
    pub fn of(runners: &[Runner]) -> Self {
        Self { lines: Lines::default(), readers: Readers::of(runners) }
    }

    /// Takes what was printed next.
    pub fn push(&mut self, bytes: &[u8]) {
        let readers = &mut self.readers;
        self.lines.push(bytes, |raw| readers.take(raw));
    }

    /// What was read; `None` when no runner recognises anything of its own. What several of them
    /// counted is added up: one command may run several suites.
    pub fn finish(mut self) -> Option<Reading> {
        let readers = &mut self.readers;
        self.lines.finish(|raw| readers.take(raw));
        self.readers.finish()
    }

    /// Reads a whole log.
    pub fn read(mut self, mut log: impl io::Read) -> io::Result<Option<TestCounts>> {
        let mut piece = vec![0; 64 * 1024];
        loop {
            match log.read(&mut piece)? {
                0 => return Ok(self.finish().map(|reading| reading.counts())),
                n => self.push(&piece[..n]),
            }
        }
    }
}

struct Readers {
    all: Vec<(&'static Known, Box<dyn Reader>)>,
    first: [Set; 256],
    last: [Set; 256],
    indented: Set,
    panics: Set,
    /// Those that want the next line.
    next: Set,
}

static READERS: [Known; 13] = KNOWN;

impl Readers {
    fn of(runners: &[Runner]) -> Self {
        let speaks = |known: &&Known| runners.is_empty() || runners.contains(&known.runner);
        let mut readers =
            Self { all: vec![], first: [0; 256], last: [0; 256], indented: 0, panics: 0, next: 0 };
        for known in READERS.iter().filter(speaks) {
            let bit = 1 << readers.all.len();
            known.marks.first.iter().for_each(|byte| readers.first[usize::from(*byte)] |= bit);
            known.marks.last.iter().for_each(|byte| readers.last[usize::from(*byte)] |= bit);
            readers.panics |= if known.marks.panics { bit } else { 0 };
            readers.indented |= if known.marks.indented { bit } else { 0 };
            readers.all.push((known, (known.reader)()));
        }
        readers
    }

    fn take(&mut self, raw: RawLine<'_>) {
        let bytes = match raw {
            RawLine::Plain(text) => text.as_bytes(),
            RawLine::Other(bytes) => bytes,
            RawLine::Odd(_) => {
                return raw.each_plain(|line| {
                    let set = self.next | self.marked(line.as_bytes());
                    self.give(set, line);
                });
            }
        };
        let set = self.next | self.marked(bytes);
        if set != 0 {
            raw.each_plain(|line| self.give(set, line));
        }
    }

    /// Those to which a line may matter.
    fn marked(&self, line: &[u8]) -> Set {
        let blank = |byte: &&u8| matches!(byte, b' ' | b'\t');
        let Some(begin) = line.iter().position(|byte| !blank(&byte)) else { return 0 };
        let text = &line[begin..];
        let end = text.iter().rev().find(|byte| !blank(byte)).unwrap_or(&text[0]);
        let indented = if begin > 0 { self.indented } else { 0 };
        let panics = if text.starts_with(PANIC) { self.panics } else { 0 };
        indented | panics | self.first[usize::from(text[0])] | self.last[usize::from(*end)]
    }

    fn give(&mut self, set: Set, line: &str) {
        let mut left = set;
        while left != 0 {
            let n = left.trailing_zeros();
            let bit = 1 << n;
            left &= !bit;
            match self.all[n as usize].1.line(line) {
                Wants::Marked => self.next &= !bit,
                Wants::Next => self.next |= bit,
            }
        }
    }

    fn finish(self) -> Option<Reading> {
        let mut found: Vec<(&'static str, Reading)> = Vec::new();
        for (known, reader) in self.all {
            let Some(reading) = reader.finish().map(Reading::settled) else { continue };
            let by = known.counted_by;
            match found.iter_mut().find(|(name, _)| by.is_some_and(|by| *name == by)) {
                None => found.push((known.name, reading)),
                // They count the same tests, or one of them was printed by a test. What failed
                // has failed.
                Some((_, counted)) if reading.counts.failed > counted.counts.failed => {
                    *counted = reading;
                }
                Some(_) => {}
            }
        }
        found.into_iter().map(|(_, reading)| reading).reduce(Reading::and)
    }
}
