//! `external-ci`: what a forge's own machines say of the commit. Pure: who asks them is told here only
//! what the answers come to.
//!
//! Every text in an answer is somebody else's. It is shown without control characters and cut short,
//! and decides nothing but by how a run that the policy names has ended.

use gangline_domain::verdict::{CheckResult, DECISIVE_LINES_MAX, Verdict};
use gangline_policy::{Accepted, ExternalCi};
use gangline_ports::forge::{Conclusion, Run, RunState};

use crate::registry::{count, listed, printable};

/// The check's name.
pub const EXTERNAL_CI: &str = "external-ci";

/// Characters of one line of a forge's.
const LINE_CHARS_MAX: usize = 300;
/// Lines of a run's summary.
const SUMMARY_LINES_MAX: usize = 8;

/// What the runs of a commit come to.
#[derive(Debug, Clone)]
pub enum External {
    /// Nothing that is still to come would change it.
    Settled(Box<CheckResult>),
    /// Not yet known, and on what it waits: runs that have not ended, or have not appeared.
    Open(String),
}

/// Judges the runs that there are. One that failed settles it, whatever the others do.
pub fn external_ci(policy: &ExternalCi, runs: &[Run]) -> External {
    let of = |name: &str| runs.iter().filter(|run| run.name == name).collect::<Vec<_>>();
    let wanted: Vec<(&str, Vec<&Run>)> =
        policy.runs.iter().map(|name| (name.as_str(), of(name))).collect();
    let all = || wanted.iter().flat_map(|(_, runs)| runs);
    let failed: Vec<&Run> = all()
        .filter(|run| run.state == RunState::Concluded(Conclusion::Failure))
        .copied()
        .collect();
    if !failed.is_empty() {
        let names: Vec<&str> = failed.iter().map(|run| run.name.as_str()).collect();
        let fact = format!(
            "{} failed on {}: {}",
            count(failed.len(), "run"),
            policy.forge,
            listed(&names)
        );
        return External::Settled(boxed(policy, Verdict::Fail, fact, &failed));
    }
    let waits = |(name, runs): &(&str, Vec<&Run>)| match runs.as_slice() {
        [] => Some(format!("{name} (did not appear)")),
        runs if runs.iter().any(|run| run.state == RunState::Waiting) => {
            Some(format!("{name} (has not ended)"))
        }
        _ended => None,
    };
    let open: Vec<String> = wanted.iter().filter_map(waits).collect();
    if !open.is_empty() {
        return External::Open(listed(&open));
    }
    let odd: Vec<&Run> = all().filter(|run| !is_accepted(policy, &run.state)).copied().collect();
    if !odd.is_empty() {
        let names: Vec<String> =
            odd.iter().map(|run| format!("{} ({})", run.name, word(&run.state))).collect();
        let fact = format!("measured nothing on {}: {}", policy.forge, listed(&names));
        return External::Settled(boxed(policy, Verdict::Inconclusive, fact, &odd));
    }
    let names: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
    let fact = format!("passed on {}: {}", policy.forge, listed(&names));
    External::Settled(boxed(policy, Verdict::Pass, fact, &[]))
}

fn boxed(policy: &ExternalCi, verdict: Verdict, fact: String, runs: &[&Run]) -> Box<CheckResult> {
    Box::new(told(policy, verdict, fact, runs))
}

/// What could not be measured, and why.
pub fn external_ci_unmeasured(policy: &ExternalCi, why: &str) -> CheckResult {
    told(policy, Verdict::Inconclusive, line(why), &[])
}

fn told(policy: &ExternalCi, verdict: Verdict, fact: String, runs: &[&Run]) -> CheckResult {
    let mut check = CheckResult::required(EXTERNAL_CI, verdict, fact);
    check.required = policy.required;
    check.lines = runs.iter().flat_map(|run| lines(run)).take(DECISIVE_LINES_MAX).collect();
    check
}

fn is_accepted(policy: &ExternalCi, state: &RunState) -> bool {
    let RunState::Concluded(conclusion) = state else { return false };
    let as_written = match conclusion {
        Conclusion::Success => Accepted::Success,
        Conclusion::Neutral => Accepted::Neutral,
        Conclusion::Skipped => Accepted::Skipped,
        Conclusion::Failure | Conclusion::Broken(_) => return false,
    };
    policy.accept.contains(&as_written)
}

fn word(state: &RunState) -> String {
    match state {
        RunState::Waiting => "has not ended".to_owned(),
        RunState::Concluded(Conclusion::Success) => "success".to_owned(),
        RunState::Concluded(Conclusion::Neutral) => "neutral".to_owned(),
        RunState::Concluded(Conclusion::Skipped) => "skipped".to_owned(),
        RunState::Concluded(Conclusion::Failure) => "failure".to_owned(),
        RunState::Concluded(Conclusion::Broken(word)) => line(word),
    }
}

/// `build: failure: 3 tests failed`, what it says at length, and where to read on.
fn lines(run: &Run) -> Vec<String> {
    let title =
        if run.title.trim().is_empty() { String::new() } else { format!(": {}", run.title) };
    let mut lines = vec![line(&format!("{}: {}{title}", run.name, word(&run.state)))];
    let summary = run.summary.lines().filter(|line| !line.trim().is_empty());
    lines.extend(
        summary.take(SUMMARY_LINES_MAX).map(|text| line(&format!("  {}", text.trim_end()))),
    );
    if run.url.starts_with("https://") || run.url.starts_with("http://") {
        lines.push(line(&format!("  {}", run.url)));
    }
    lines
}

fn line(text: &str) -> String {
    let cut: String = text.chars().take(LINE_CHARS_MAX).collect();
    printable(&cut)
}

#[cfg(test)]
mod tests;
