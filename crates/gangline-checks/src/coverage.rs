//! `CHECK:coverage`: how much of the new code ran, by the files in which the command writes that down.
//!
//! ```text
//!   changed files ──▶ wanted: new lines with code in them, without tests, generated and moved files
//!   coverage files ─▶ (path, line, ran) ──▶ of the wanted lines: ran, missed, not in the data
//!                                     └───▶ of all lines: how many there are, and how many ran
//! ```
//!
//! What lies there before the command begins is removed, like old results are. Whoever writes the
//! files is the agent's code: they are read without following a link, and of what they say only the
//! wanted lines are kept, and a count of all. What a change sets aside itself, by a comment for the tool, has not run.

mod aside;
mod formats;
mod places;
mod total;
mod wanted;

use std::io::{self, Read};
use std::path::Path;
use std::time::{Duration, SystemTime};

use gangline_domain::verdict::{CheckResult, DECISIVE_LINES_MAX, Verdict};
use gangline_policy::{CheckPolicy, Weakened};

use crate::registry::{Facts, count, listed, printable};
use crate::results::{self, FILES_MAX, NoResults};
use crate::subject::{Bench, ChangedPath};
use places::Places;
use total::Total;
use wanted::{Line, Wanted};

/// Bytes that all files of one check may have together.
const BYTES_MAX: u64 = 64 * 1024 * 1024;
/// How far a file's clock may be behind.
const CLOCK_SLACK: Duration = Duration::from_secs(2);

/// Why there is no coverage.
#[derive(Debug, thiserror::Error)]
enum NoCoverage {
    #[error("no coverage was written to {0}")]
    Missing(String),
    #[error(transparent)]
    Search(#[from] NoResults),
    #[error("the coverage in {path} cannot be read: {source}")]
    Unreadable { path: String, source: io::Error },
    #[error("the coverage in {path} is not understood: {why}")]
    Malformed { path: String, why: String },
    #[error("the coverage has more than {BYTES_MAX} bytes")]
    TooLong,
    #[error("the coverage in {0} is a file of the commit, not of this run")]
    Committed(String),
    #[error("the coverage in {0} is older than this run")]
    Old(String),
}

/// Removes what lies where coverage is to be written.
pub(crate) fn remove(checkout: &Path, check: &CheckPolicy) -> Result<(), String> {
    results::remove(checkout, &check.coverage).map_err(|why| why.to_string())
}

/// What ran of the new code while `check` ran, from `began` on; `None` where the policy names no file.
pub(crate) fn measure(
    check: &CheckPolicy,
    facts: &Facts<'_>,
    bench: &Bench,
    began: SystemTime,
) -> Option<CheckResult> {
    if check.coverage.is_empty() {
        return None;
    }
    let (mut wanted, mut total) = (Wanted::of(facts), Total::default());
    let said = read(check, facts.changed, bench, (began, &mut wanted, &mut total));
    let coverage = said.is_ok().then(|| total.told()).flatten();
    let mut measured = match said {
        Ok(()) => judge(check, facts, &wanted),
        // Where no new code could have run, nothing is missing.
        Err(_) if wanted.is_empty() => judge(check, facts, &wanted),
        Err(why) => CheckResult::required("", Verdict::Inconclusive, why.to_string()),
    };
    measured.name = format!("{}:coverage", check.name);
    measured.coverage = coverage;
    measured.required = check.required && check.coverage_min.is_some();
    Some(measured)
}

fn read<'a>(
    check: &CheckPolicy,
    changed: &'a [ChangedPath],
    bench: &'a Bench,
    (began, wanted, total): (SystemTime, &mut Wanted<'a>, &mut Total),
) -> Result<(), NoCoverage> {
    let found = results::find(&bench.checkout, &check.coverage)?;
    if found.is_empty() {
        return Err(NoCoverage::Missing(check.coverage.join(", ")));
    }
    debug_assert!(found.len() <= FILES_MAX, "BUG: the search is bounded");
    let mut left = BYTES_MAX;
    for found in found {
        let path = printable(&found.path);
        let unreadable = |source| NoCoverage::Unreadable { path: path.clone(), source };
        let file = found.folder.file(&found.name).map_err(unreadable)?;
        let about = file.metadata().map_err(unreadable)?;
        left = left.checked_sub(about.len()).ok_or(NoCoverage::TooLong)?;
        if about.modified().map_err(unreadable)? + CLOCK_SLACK < began {
            return Err(NoCoverage::Old(path));
        }
        let mut bytes = Vec::new();
        file.take(about.len()).read_to_end(&mut bytes).map_err(unreadable)?;
        let committed = |changed: &ChangedPath| {
            changed.text_after().is_some_and(|text| text.as_bytes() == bytes)
        };
        if !bytes.is_empty() && changed.iter().any(committed) {
            return Err(NoCoverage::Committed(path));
        }
        let places = Places::of(bench, &found.path, wanted.paths());
        formats::read(&bytes, &places, (&mut *wanted, &mut *total))
            .map_err(|why| NoCoverage::Malformed { path, why: printable(&why) })?;
    }
    Ok(())
}

fn judge(check: &CheckPolicy, facts: &Facts<'_>, wanted: &Wanted<'_>) -> CheckResult {
    let (ran, missed) = (wanted.count(Line::Ran), wanted.count(Line::Missed));
    let aside = wanted.count(Line::Aside);
    let all = ran + missed + aside;
    let mut fact = match all {
        0 => "no new line of code could have run".to_owned(),
        all => format!("{ran} of {} ran ({} %)", count(all, "new line"), ran * 100 / all),
    };
    if aside > 0 {
        fact = format!("{fact}; {aside} of them set aside by a new comment for the tool");
    }
    let unknown = wanted.without_data();
    if !unknown.is_empty() {
        fact = format!(
            "{fact}; no data for {}: {}",
            count(unknown.len(), "changed file"),
            listed(&unknown)
        );
    }
    let mut measured = CheckResult::required("", Verdict::Pass, fact);
    measured.lines =
        wanted.uncovered().map(|line| printable(&line)).take(DECISIVE_LINES_MAX).collect();
    let Some(min) = check.coverage_min else { return measured };
    let what = facts.policy.tests.uncovered;
    if ran * 100 < all * usize::from(min) {
        measured.fact = format!("{}; the policy asks for {min} %", measured.fact);
        measured.permit = wanted.uncovered_paths();
        match what {
            Weakened::Fail => measured.verdict = Verdict::Fail,
            Weakened::Review => measured.doubts.push(measured.fact.clone()),
            Weakened::Note => {}
        }
    }
    // Code that no test loads is in no data at all. What stands there may also be nothing that runs.
    if !unknown.is_empty() && what != Weakened::Note {
        let files = listed(&unknown);
        measured.doubts.push(format!("nothing says whether the new code of {files} ran"));
    }
    measured
}

#[cfg(test)]
mod tests;
