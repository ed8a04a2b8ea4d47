//! From a command's end to a verdict.

use gangline_domain::verdict::{TestCounts, Verdict};
use gangline_policy::{CheckKind, CheckPolicy, Period};

use super::faults::{self, Fault};
use super::told::Told;
use super::{Ended, Terms};
use crate::decisive;
use crate::printed::Printed;
use crate::registry::count;
use crate::runners::Reading;

/// Last lines that are told of a command that was ended.
const TAIL_LINES: usize = 10;

/// A verdict with its reasons.
#[derive(Debug)]
pub(crate) struct Judged {
    pub(crate) verdict: Verdict,
    pub(crate) fact: String,
    pub(crate) lines: Vec<String>,
    pub(crate) counts: Option<TestCounts>,
}

impl Judged {
    pub(crate) fn inconclusive(fact: String) -> Self {
        Self { verdict: Verdict::Inconclusive, fact, lines: vec![], counts: None }
    }

    pub(crate) fn passed(fact: String) -> Self {
        Self { verdict: Verdict::Pass, fact, lines: vec![], counts: None }
    }
}

/// Judges a command check by how it ended and what it printed.
///
/// A failure counts as the commit's only when the command could do its work: what was missing,
/// killed or cut off says nothing. An exit code of 0 counts as a pass only when, in a check of
/// kind `test`, tests are known to have run.
pub(super) fn judge(check: &CheckPolicy, terms: &Terms<'_>, ended: &Ended, told: &Told) -> Judged {
    let printed = Printed::new(&ended.bytes);
    let reading = told.reading.as_ref();
    let mut judged = if ended.timed_out {
        timed_out(terms, printed)
    } else if let Some(verdict) = failed_tests(ended, reading, printed) {
        verdict
    } else if !ended.exit.success() {
        failed(check, terms, ended, reading, printed)
    } else if let Some(missing) = &told.missing {
        Judged::inconclusive(format!("exit code 0, but {missing}"))
    } else {
        succeeded(check, reading)
    };
    if let Some(disagreement) = &told.disagreement {
        judged.fact = format!("{}; {disagreement}", judged.fact);
    }
    judged.counts = reading.map(|reading| reading.counts);
    judged
}

fn timed_out(terms: &Terms<'_>, printed: Printed<'_>) -> Judged {
    let limit = format_duration(terms.deadline);
    let fact = format!("did not end within {limit}");
    Judged { lines: printed.tail(TAIL_LINES), ..Judged::inconclusive(fact) }
}

/// As a policy would write it, in whole seconds.
fn format_duration(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs() + u64::from(duration.subsec_millis() >= 500);
    Period::seconds(seconds.clamp(1, 86_400)).to_string()
}

/// Tests that are known to have failed decide, whatever the exit code says: a runner may be made
/// to end with 0.
fn failed_tests(ended: &Ended, reading: Option<&Reading>, printed: Printed<'_>) -> Option<Judged> {
    let counts = reading?.counts;
    if counts.failed == 0 {
        return None;
    }
    let ran = count(counts.ran() as usize, "test");
    let mut fact = format!("{} of {ran} failed", counts.failed);
    if ended.exit.success() {
        fact.push_str(", and yet the command exited with 0");
    }
    let lines = decisive::lines(printed, reading);
    Some(Judged { verdict: Verdict::Fail, fact, lines, counts: Some(counts) })
}

fn succeeded(check: &CheckPolicy, reading: Option<&Reading>) -> Judged {
    let Some(min) = check.tests_min.filter(|_| check.kind == CheckKind::Test) else {
        return Judged::passed("exit code 0".to_owned());
    };
    let Some(counts) = reading.map(|reading| reading.counts) else {
        return uncounted(min);
    };
    let skipped = match counts.skipped {
        0 => String::new(),
        skipped => format!(", {skipped} skipped"),
    };
    if counts.ran() == 0 {
        return Judged::inconclusive(format!("no test ran{skipped}; exit code 0"));
    }
    let unnamed = match reading {
        Some(reading) if reading.tests.too_many() => ", too many to be told by name",
        Some(_) | None => "",
    };
    let fact = format!("{} passed{skipped}{unnamed}", count(counts.passed as usize, "test"));
    if counts.ran() < min {
        let fact = format!("{fact}; the policy asks for at least {min}");
        return Judged { verdict: Verdict::Fail, ..Judged::passed(fact) };
    }
    Judged::passed(fact)
}

/// A suite that prints nothing may have been silenced.
fn uncounted(min: u32) -> Judged {
    if min == 0 {
        return Judged::passed("exit code 0; its tests were not counted".to_owned());
    }
    let fact = "exit code 0, but its output holds no counts: no test is known to have run";
    let mut judged = Judged::inconclusive(fact.to_owned());
    judged.lines = vec![
        "let the command print its runner's summary, name the runner in the policy (runner = \
         \"pytest\") where the command hides it, or say tests_min = 0 to trust its exit code alone"
            .to_owned(),
    ];
    judged
}

fn failed(
    check: &CheckPolicy,
    terms: &Terms<'_>,
    ended: &Ended,
    reading: Option<&Reading>,
    printed: Printed<'_>,
) -> Judged {
    if let Some(Fault { fact, mend }) = faults::of_machine(ended.exit, terms.network, printed) {
        let mut judged = Judged::inconclusive(fact);
        judged.lines = std::iter::once(mend).chain(decisive::lines(printed, None)).collect();
        judged.lines.truncate(gangline_domain::verdict::DECISIVE_LINES_MAX);
        return judged;
    }
    let collected_none = reading.is_some_and(|reading| reading.counts.ran() == 0);
    if check.kind == CheckKind::Test && collected_none && faults::says_no_tests(printed) {
        return Judged::inconclusive(format!("no test was collected; {}", ended.exit));
    }
    let fact = match (faults::crash(ended.exit), reading.map(|reading| reading.counts)) {
        (Some(crash), _) => crash,
        (None, Some(counts)) if counts.passed > 0 => {
            format!("{}, though {} passed", ended.exit, count(counts.passed as usize, "test"))
        }
        (None, _) => ended.exit.to_string(),
    };
    let lines = decisive::lines(printed, reading);
    Judged { verdict: Verdict::Fail, fact, lines, counts: None }
}

/// Judges a setup command: it prepares, it does not measure. Only what the commit itself must
/// have caused counts against it.
pub(crate) fn judge_setup(terms: &Terms<'_>, ended: &Ended, printed: Printed<'_>) -> Judged {
    if ended.timed_out {
        return timed_out(terms, printed);
    }
    if ended.exit.success() {
        return Judged::passed("exit code 0".to_owned());
    }
    if let Some(Fault { fact, mend }) = faults::of_machine(ended.exit, terms.network, printed) {
        let mut judged = Judged::inconclusive(fact);
        judged.lines = std::iter::once(mend).chain(decisive::lines(printed, None)).collect();
        return judged;
    }
    let lines = decisive::lines(printed, None);
    let (verdict, fact) = match faults::stale_lock(printed) {
        Some(why) => (Verdict::Fail, why.to_owned()),
        None => (Verdict::Inconclusive, ended.exit.to_string()),
    };
    Judged { verdict, fact, lines, counts: None }
}
