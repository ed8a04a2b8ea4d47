//! The Test Anything Protocol, and Perl's `prove`, which sums it up.

use gangline_domain::verdict::TestCounts;

use super::{Marks, Reader, Reading, TestStatus, Wants};

/// `ok`, `not ok`, `1..4`, `# …`, `TAP version`, `Bail out!`, `Files=…`; a file's line of `prove`
/// ends with a bracket.
pub(super) const MARKS: Marks =
    Marks { first: b"on1#TBF", last: b")", indented: false, panics: false };

#[derive(Debug, Default)]
pub(super) struct Tap {
    /// What the protocol says. Only the outermost level: subtests are indented, and each is summed
    /// up by a line of its own.
    protocol: Reading,
    planned: Option<u32>,
    versioned: bool,
    prove: Prove,
}

/// What `prove` says: `Files=1, Tests=4, …` counts, and the lines before it say what failed.
#[derive(Debug, Default)]
struct Prove {
    reading: Reading,
    total: Option<u32>,
    failed: u32,
}

impl Reader for Tap {
    fn line(&mut self, line: &str) -> Wants {
        if let Some(plan) = line.strip_prefix("1..") {
            let number = plan.split(' ').next().and_then(|number| number.parse::<u32>().ok());
            let sum = number.map(|number| self.planned.unwrap_or(0).saturating_add(number));
            self.planned = sum.or(self.planned);
        } else if let Some(why) = line.strip_prefix("Bail out!") {
            self.protocol.add(TestCounts { failed: 1, ..TestCounts::default() });
            self.protocol.line(why);
        } else if let Some(told) = line.strip_prefix("# ") {
            let told = told.trim_start_matches(['#', ' ']);
            if ["Failed test", "at ", "got:", "expected:"].iter().any(|w| told.starts_with(w)) {
                self.protocol.line(told);
            }
        } else if let Some((name, status)) = result(line) {
            self.result(name, status);
        } else {
            self.versioned |= line.starts_with("TAP version ");
            self.prove.line(line);
        }
        Wants::Marked
    }

    fn finish(self: Box<Self>) -> Option<Reading> {
        let Self { mut protocol, planned, versioned, prove } = *self;
        if let Some(total) = prove.total {
            let Prove { mut reading, failed, .. } = prove;
            let passed = total.saturating_sub(failed);
            reading.add(TestCounts { passed, failed, skipped: 0 });
            protocol.lines.iter().for_each(|line| reading.line(line));
            return Some(reading);
        }
        let planned = planned?;
        if protocol.counts == TestCounts::default() && planned > 0 && !versioned {
            return None;
        }
        // A test that was planned and never reported did not pass.
        let told = protocol.counts.ran().saturating_add(protocol.counts.skipped);
        let missing = planned.saturating_sub(told);
        protocol.add(TestCounts { failed: missing, ..TestCounts::default() });
        Some(protocol)
    }
}

impl Tap {
    fn result(&mut self, name: &str, status: TestStatus) {
        let mut counts = TestCounts::default();
        match status {
            TestStatus::Skipped => counts.skipped = 1,
            TestStatus::Passed => counts.passed = 1,
            TestStatus::Failed => {
                counts.failed = 1;
                self.protocol.name(name);
            }
        }
        self.protocol.test(name, status);
        self.protocol.add(counts);
    }
}

impl Prove {
    fn line(&mut self, line: &str) {
        if let Some(summary) = line.strip_prefix("Files=") {
            let tests = summary.split_once("Tests=").map(|(_, tests)| tests);
            let total = tests.and_then(|tests| tests.split(',').next()?.parse().ok());
            self.total = total.or(self.total);
        } else if let Some((file, rest)) = line.split_once(" (Wstat: ") {
            let count = rest.split_once("Failed: ").and_then(|(_, n)| n.split(')').next());
            let count = count.and_then(|count| count.parse::<u32>().ok()).unwrap_or(0);
            self.failed = self.failed.saturating_add(count);
            if count > 0 {
                self.reading.name(file);
            }
        }
    }
}

/// `not ok 2 - subtracts # TODO later`
fn result(line: &str) -> Option<(&str, TestStatus)> {
    let (rest, passed) = match line.strip_prefix("not ok") {
        Some(rest) => (rest, false),
        None => (line.strip_prefix("ok")?, true),
    };
    if !(rest.is_empty() || rest.starts_with(' ')) {
        return None;
    }
    let (rest, directive) = rest.split_once(" # ").unwrap_or((rest, ""));
    let directive = directive.get(..4).map(str::to_ascii_lowercase);
    let status = match (directive.as_deref(), passed) {
        (Some("skip" | "todo"), _) => TestStatus::Skipped,
        (Some(_) | None, true) => TestStatus::Passed,
        (Some(_) | None, false) => TestStatus::Failed,
    };
    let rest = rest.trim_start();
    Some((rest.split_once(" - ").map_or(rest, |(_, name)| name), status))
}
