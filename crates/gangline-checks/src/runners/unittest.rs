//! Python's `unittest`: `Ran 4 tests in 0.001s`, then `FAILED (failures=1, errors=1)`.

use gangline_domain::verdict::TestCounts;

use super::{Marks, Reader, Reading, TestStatus, Wants};

/// Frames and `Ran …`; results of `-v` end with `ok`, `FAIL`, `ERROR`, a reason in quotes, `failure`
/// or `success`, and a test that has a description has its name on the line before, in brackets.
pub(super) const MARKS: Marks =
    Marks { first: b"=-R", last: b"kLR'\"es)", indented: false, panics: false };

#[derive(Debug, Default)]
pub(super) struct Unittest {
    reading: Reading,
    seen: bool,
    last: Last,
    /// Where the exception is looked for that ended the test named last.
    cause: Cause,
    /// A test whose result comes on the next line.
    described: Option<String>,
}

/// What stood on the line before.
#[derive(Debug, Default)]
enum Last {
    #[default]
    Other,
    /// `=====`: a failing test follows.
    Frame,
    /// `-----`: a sum may follow.
    Dashes,
    /// `Ran 4 tests in 0.001s`, and then nothing.
    Ran(u32),
}

#[derive(Debug, Default, PartialEq, Eq)]
enum Cause {
    #[default]
    No,
    /// Its traceback has not begun.
    Ahead,
    /// Behind `Traceback`: the first line that is not indented.
    Traceback,
}

impl Reader for Unittest {
    fn line(&mut self, line: &str) -> Wants {
        let last = std::mem::take(&mut self.last);
        self.last = match last {
            Last::Ran(total) if line.is_empty() => Last::Ran(total),
            Last::Ran(total) => {
                self.sum(total, line);
                Last::Other
            }
            Last::Dashes if ran(line).is_some() => {
                self.cause = Cause::No;
                ran(line).map_or(Last::Other, Last::Ran)
            }
            Last::Frame => {
                self.failure(line);
                Last::Other
            }
            Last::Dashes | Last::Other if line.starts_with("=====") => {
                self.cause = Cause::No;
                Last::Frame
            }
            Last::Dashes | Last::Other if line.starts_with("-----") => Last::Dashes,
            Last::Dashes | Last::Other => {
                self.explain(line);
                self.verbose(line);
                Last::Other
            }
        };
        let waits = !matches!(self.last, Last::Other) || self.cause != Cause::No;
        Wants::next_if(waits || self.described.is_some())
    }

    fn finish(mut self: Box<Self>) -> Option<Reading> {
        if let Last::Ran(total) = self.last {
            self.sum(total, "");
        }
        self.seen.then_some(self.reading)
    }
}

impl Unittest {
    fn failure(&mut self, line: &str) {
        if let Some(name) = line.strip_prefix("FAIL: ").or_else(|| line.strip_prefix("ERROR: ")) {
            self.reading.name(name);
            // The line of its own, as `-v` has it, may be torn by what the test printed.
            self.reading.test(name, TestStatus::Failed);
            self.cause = Cause::Ahead;
        }
    }

    /// The exception at the end of the traceback: the first line behind it that is not indented.
    fn explain(&mut self, line: &str) {
        match self.cause {
            Cause::Ahead if line.starts_with("Traceback ") => self.cause = Cause::Traceback,
            Cause::Traceback if !line.is_empty() && !line.starts_with(' ') => {
                self.reading.line(line);
                self.cause = Cause::No;
            }
            Cause::No | Cause::Ahead | Cause::Traceback => {}
        }
    }

    /// `test_b (test_u.Cart.test_b) ... FAIL`
    fn verbose(&mut self, line: &str) {
        let described = self.described.take();
        if is_name(line) {
            self.described = Some(line.to_owned());
            return;
        }
        let Some((name, status)) = result(line) else { return };
        if let Some(name) = Some(name).filter(|name| is_name(name)).or(described.as_deref()) {
            self.reading.test(name, status);
        }
    }

    fn sum(&mut self, total: u32, verdict: &str) {
        self.seen = true;
        let not = |word: &str| number_behind(verdict, word);
        let failed = not("(failures=").or(not(" failures=")).unwrap_or(0)
            + not("errors=").unwrap_or(0)
            + not("unexpected successes=").unwrap_or(0);
        let skipped = not("skipped=").unwrap_or(0) + not("expected failures=").unwrap_or(0);
        let passed = total.saturating_sub(failed).saturating_sub(skipped);
        self.reading.add(TestCounts { passed, failed, skipped });
    }
}

/// Results of `-v`, by how a line ends.
const ENDS: [(&str, TestStatus); 5] = [
    (" ... ok", TestStatus::Passed),
    (" ... FAIL", TestStatus::Failed),
    (" ... ERROR", TestStatus::Failed),
    (" ... expected failure", TestStatus::Skipped),
    (" ... unexpected success", TestStatus::Failed),
];

fn result(line: &str) -> Option<(&str, TestStatus)> {
    let end = ENDS.iter().find_map(|(end, status)| Some((line.strip_suffix(end)?, *status)));
    let skipped = || {
        let quoted = line.ends_with(['\'', '"']);
        let (name, _reason) = quoted.then(|| line.split_once(" ... skipped "))??;
        Some((name, TestStatus::Skipped))
    };
    end.or_else(skipped)
}

/// `test_b (test_u.Cart.test_b)`, as Python calls a test.
fn is_name(text: &str) -> bool {
    let Some((name, place)) = text.strip_suffix(')').and_then(|text| text.split_once(" (")) else {
        return false;
    };
    let word = |text: &str| !text.is_empty() && !text.contains([' ', '(', ')']);
    word(name) && word(place) && place.contains('.')
}

fn ran(line: &str) -> Option<u32> {
    let (number, rest) = line.strip_prefix("Ran ")?.split_once(' ')?;
    let is_summary = rest.starts_with("test in ") || rest.starts_with("tests in ");
    number.parse().ok().filter(|_| is_summary)
}

fn number_behind(text: &str, word: &str) -> Option<u32> {
    let (_, rest) = text.split_once(word)?;
    rest.split([',', ')']).next()?.parse().ok().map(|number: u32| number.min(1_000_000_000))
}
