//! `node --test`, in its `spec` (`ℹ pass 1`) and `tap` (`# pass 1`) reports.

use gangline_domain::verdict::TestCounts;

use super::nested::{Nested, indent, untimed};
use super::node_tap::Protocol;
use super::{Marks, Reader, Reading, TestStatus, Wants};

/// `#`, `ok`, `not ok`, and the marks `ℹ`, `✔`, `✖`, `▶`, `﹣` of UTF-8's E2 and EF.
pub(super) const MARKS: Marks =
    Marks { first: b"#on\xe2\xef", last: b"", indented: true, panics: false };

#[derive(Debug, Default)]
pub(super) struct Node {
    reading: Reading,
    seen: bool,
    suites: Nested,
    /// Within `✖ failing tests:`, where they are listed once more with their reasons.
    listing: bool,
    /// Within one of them that was not counted on.
    excused: bool,
    protocol: Protocol,
}

impl Reader for Node {
    fn line(&mut self, line: &str) -> Wants {
        if let Some((word, number)) = summary(line) {
            self.sum(word, number);
        } else if line == "✖ failing tests:" {
            self.listing = true;
        } else if self.listing {
            match line.strip_prefix("✖ ") {
                Some(name) => {
                    let (name, directive) = name.split_once(" # ").unwrap_or((name, ""));
                    self.excused = !directive.is_empty();
                    if !self.excused {
                        self.reading.name(untimed(name));
                    }
                }
                None if line.contains("Error") && !self.excused => self.reading.line(line),
                None => {}
            }
        } else {
            self.test(line);
        }
        self.protocol.line(line, &mut self.reading)
    }

    fn finish(mut self: Box<Self>) -> Option<Reading> {
        self.protocol.finish(&mut self.reading);
        self.seen.then_some(self.reading)
    }
}

impl Node {
    fn sum(&mut self, word: &str, number: u32) {
        let mut counts = TestCounts::default();
        match word {
            "tests" => self.seen = true,
            "pass" => counts.passed = number,
            "fail" | "cancelled" => counts.failed = number,
            "skipped" | "todo" => counts.skipped = number,
            _suites => {}
        }
        self.listing = false;
        self.reading.add(counts);
    }

    /// `▶ empty` begins a suite, which a line with the same name ends.
    fn test(&mut self, line: &str) {
        let depth = indent(line);
        let Some((mark, name)) = line.trim_start().split_once(' ') else { return };
        let name = untimed(name.split(" # ").next().unwrap_or(name));
        let set_aside = line.contains(" # SKIP") || line.contains(" # TODO");
        let status = match mark {
            "▶" => return self.suites.open(depth, name),
            "﹣" => TestStatus::Skipped,
            "✔" | "✖" | "⚠" if set_aside => TestStatus::Skipped,
            "✔" => TestStatus::Passed,
            "✖" => TestStatus::Failed,
            _other => return,
        };
        let failed = status == TestStatus::Failed;
        let counts = match self.suites.end(depth, name) {
            None => true,
            // A suite fails because of a test in it, unless none did.
            Some(explained) => failed && !explained,
        };
        if counts {
            self.reading.test(&self.suites.name(name, " > "), status);
        }
        if failed {
            self.suites.fail();
        }
    }
}

const WORDS: [&str; 7] = ["tests", "suites", "pass", "fail", "cancelled", "skipped", "todo"];

/// `# pass 1`, with either mark. Both are at the beginning of their lines.
fn summary(line: &str) -> Option<(&str, u32)> {
    let rest = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "))?;
    let (word, number) = rest.split_once(' ')?;
    if !WORDS.contains(&word) {
        return None;
    }
    Some((word, number.parse().ok()?))
}
