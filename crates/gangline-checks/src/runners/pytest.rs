//! `pytest`: of each session the last summary counts, the lines before it name.

use gangline_domain::verdict::TestCounts;
use memchr::memmem;

use super::reading::{add, later};
use super::{Marks, Reader, Reading, TestStatus, Wants, counted};

/// Frames and summaries, `E   …`, and lists of `FAILED …`, `ERROR …`; results of `-v` end with a percentage,
/// a word in capitals or a reason in brackets.
pub(super) const MARKS: Marks =
    Marks { first: b"=[0123456789nEFPSX", last: b"]DRLS)", indented: false, panics: false };

/// As `-v` says them, and what they are.
const WORDS_OF_TESTS: [(&str, TestStatus); 6] = [
    ("PASSED", TestStatus::Passed),
    ("XPASS", TestStatus::Passed),
    ("FAILED", TestStatus::Failed),
    ("ERROR", TestStatus::Failed),
    ("SKIPPED", TestStatus::Skipped),
    ("XFAIL", TestStatus::Skipped),
];

/// What pytest counts. Plugins count more.
const WORDS: [&str; 8] =
    ["passed", "failed", "error", "errors", "skipped", "xfailed", "xpassed", "deselected"];

#[derive(Debug, Default)]
pub(super) struct Pytest {
    reading: Reading,
    /// Sessions that are over.
    sessions: TestCounts,
    /// The summary of this session.
    session: Option<TestCounts>,
    seen: bool,
    /// Within the short list of what did not pass.
    listing: bool,
}

impl Reader for Pytest {
    fn line(&mut self, line: &str) -> Wants {
        if line.starts_with('=') {
            if line.contains(" test session starts ") {
                self.end();
            }
            self.listing = line.contains(" short test summary info ");
        }
        if let Some(summary) = summary(line) {
            self.session = Some(later(self.session, counts(summary)));
            self.listing = false;
        } else if line.starts_with("E  ") {
            self.reading.line(line);
        } else if self.listing {
            self.listed(line);
        } else if !self.reading.tests.too_many()
            && let Some((name, status)) = verbose(line)
        {
            self.reading.test(name, status);
        }
        Wants::Marked
    }

    fn finish(mut self: Box<Self>) -> Option<Reading> {
        self.end();
        self.reading.add(self.sessions);
        self.seen.then_some(self.reading)
    }
}

impl Pytest {
    fn end(&mut self) {
        if let Some(session) = self.session.take() {
            self.seen = true;
            add(&mut self.sessions, session);
        }
    }

    /// `FAILED test_cart.py::test_empty - AssertionError: an empty cart`
    fn listed(&mut self, line: &str) {
        let Some((status, rest)) = line.split_once(' ') else { return };
        let Some(status) = word(status) else { return };
        let name = without_reason(rest);
        if status == TestStatus::Failed {
            self.reading.name(name);
        } else if !name.contains("::") {
            // `SKIPPED [1] test_cart.py:8: later` is a place.
            return;
        }
        self.reading.test(name, status);
    }
}

/// `test_cart.py::test_names[c - d]`, of which a part looks like the beginning of a reason.
fn without_reason(rest: &str) -> &str {
    let ends = rest.match_indices(" - ").map(|(at, _)| &rest[..at]);
    let whole = |name: &&str| name.matches('[').count() == name.matches(']').count();
    ends.clone().find(whole).or(ends.last()).unwrap_or(rest)
}

/// `test_cart.py::test_sums PASSED [ 25%]`, or with xdist `[gw0] [ 25%] PASSED test_cart.py::test_sums`.
fn verbose(line: &str) -> Option<(&str, TestStatus)> {
    if line.starts_with("[gw") {
        let (status, name) = line.split_once("] ")?.1.split_once("] ")?.1.split_once(' ')?;
        return is_test(name).then_some((name, word(status)?));
    }
    let text = match line.strip_suffix(']') {
        Some(rest) => rest.rsplit_once('[')?.0.trim_end_matches(' '),
        None => line,
    };
    if let Some(name) = text.strip_suffix(" PASSED") {
        return is_test(name).then_some((name.trim_end(), TestStatus::Passed));
    }
    let (name, status) = match text.rsplit_once(' ') {
        Some((name, last)) if word(last).is_some() => (name, word(last)?),
        // `SKIPPED (no database)`
        Some(_) if text.ends_with(')') => {
            let (rest, _reason) = text.split_once(" (")?;
            let (name, last) = rest.rsplit_once(' ')?;
            (name, word(last)?)
        }
        Some(_) | None => return None,
    };
    is_test(name).then_some((name.trim_end(), status))
}

fn is_test(name: &str) -> bool {
    memmem::find(name.as_bytes(), b"::").is_some()
}

fn word(text: &str) -> Option<TestStatus> {
    WORDS_OF_TESTS.iter().find(|(word, _)| *word == text).map(|(_, status)| *status)
}

fn counts(summary: &str) -> TestCounts {
    let mut counts = TestCounts::default();
    for (number, word) in summary.split(',').filter_map(counted) {
        let more = match word {
            "passed" | "xpassed" => TestCounts { passed: number, ..TestCounts::default() },
            "failed" | "error" | "errors" => TestCounts { failed: number, ..TestCounts::default() },
            "skipped" | "xfailed" => TestCounts { skipped: number, ..TestCounts::default() },
            _deselected_or_warnings => TestCounts::default(),
        };
        add(&mut counts, more);
    }
    counts
}

/// The counts in `== 1 failed, 1 passed in 0.02s ==`, with or without the frame.
fn summary(line: &str) -> Option<&str> {
    // Before anything is searched: few lines begin like this.
    if !line.starts_with(['=', 'n']) && !line.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (counts, time) = line.trim_matches(['=', ' ']).rsplit_once(" in ")?;
    let seconds = time.split(' ').next()?.strip_suffix('s')?;
    seconds.parse::<f64>().ok()?;
    let mut parts = counts.split(',').map(counted);
    let all_counts = parts.clone().all(|part| part.is_some());
    let any_known = parts.any(|part| part.is_some_and(|(_, word)| WORDS.contains(&word)));
    (counts == "no tests ran" || (all_counts && any_known)).then_some(counts)
}
