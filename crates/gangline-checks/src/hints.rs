//! From a report that did not pass to what the next try is told. Pure.

use gangline_domain::failure::FailureClass;
use gangline_domain::verdict::{CheckResult, DECISIVE_LINES_MAX, Report, Verdict};

use crate::decisive::FAILED_TEST;
use crate::external_ci::EXTERNAL_CI;
use crate::registry::{count, listed};
use crate::{clean, protected};

/// Bytes of one line: what agents and people are shown is bounded.
const HINT_CHARS_MAX: usize = 600;

/// What a failed verification taught.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recovery {
    /// What kind of failure it was: of the first required check that failed.
    pub class: FailureClass,
    /// One line: what went wrong.
    pub error: String,
    /// What was measured, one line for each required check, with the claim beside it.
    pub facts: Vec<String>,
    /// Decisive lines of the checks that did not pass, at most [`DECISIVE_LINES_MAX`].
    pub lines: Vec<String>,
    /// What to do, in the imperative.
    pub hints: Vec<String>,
}

/// What the next try should know about `report`; `None` when it passed.
pub fn recovery(report: &Report) -> Option<Recovery> {
    let mut open: Vec<&CheckResult> = report.not_passed().collect();
    // What failed comes before what could not be measured; otherwise the report's order stands.
    open.sort_by_key(|check| check.verdict != Verdict::Fail);
    let first = match (open.first(), report.verdict()) {
        (Some(first), _) => *first,
        (None, Verdict::Pass) => return None,
        (None, Verdict::Inconclusive | Verdict::Fail) => return Some(unmeasured(report)),
    };
    let class = FailureClass::of_check(first);
    let others = match open.len() - 1 {
        0 => String::new(),
        others => format!(" (and {})", count(others, "other check")),
    };
    let mut lines: Vec<String> = Vec::new();
    for check in &open {
        lines.extend(
            check.lines.iter().filter(|line| !lines.contains(line)).cloned().collect::<Vec<_>>(),
        );
    }
    lines.truncate(DECISIVE_LINES_MAX);
    Some(Recovery {
        class,
        error: format!("{}: {}{others}", first.name, first.fact),
        facts: facts(report),
        lines,
        hints: open.iter().filter_map(|check| hint(check, report)).collect(),
    })
}

fn unmeasured(report: &Report) -> Recovery {
    Recovery {
        class: FailureClass::NotMeasured,
        error: "nothing was measured".to_owned(),
        facts: facts(report),
        lines: vec![],
        hints: vec![],
    }
}

fn facts(report: &Report) -> Vec<String> {
    let told = |check: &CheckResult| {
        let claimed = check.claimed.as_ref().map(|claim| format!(" (claimed: {claim})"));
        let word = match check.verdict {
            Verdict::Pass => "pass",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Fail => "fail",
        };
        format!("{} {word}: {}{}", check.name, check.fact, claimed.unwrap_or_default())
    };
    report.checks.iter().filter(|check| check.required).map(told).collect()
}

fn hint(check: &CheckResult, report: &Report) -> Option<String> {
    let text = match check.verdict {
        // What could not be measured is for whoever keeps the machine, not for the agent.
        Verdict::Pass | Verdict::Inconclusive => return None,
        Verdict::Fail => hint_for(FailureClass::of_check(check), check, report),
    };
    let text: String = text.chars().take(HINT_CHARS_MAX).collect();
    Some(text).filter(|text| !text.is_empty())
}

fn hint_for(class: FailureClass, check: &CheckResult, report: &Report) -> String {
    let command = check.evidence.as_ref().map_or(check.name.as_str(), |e| e.command.as_str());
    let again = format!("run `{command}` yourself and let it pass before you finish");
    let lines = listed(&check.lines);
    if check.name == EXTERNAL_CI {
        return format!("the forge's own checks fail on your commit: mend what they say: {lines}");
    }
    match class {
        FailureClass::NoCommit => {
            let left = report.checks.iter().find(|check| check.name == clean::NAME);
            let left = left.filter(|clean| !clean.lines.is_empty());
            let left = left.map(|clean| {
                format!("; the worktree had these uncommitted files: {}", listed(&clean.lines))
            });
            format!("{lines}{}", left.unwrap_or_default())
        }
        FailureClass::WrongCommits | FailureClass::Deliverable | FailureClass::Secrets => lines,
        FailureClass::FalseClaim => {
            format!(
                "change what the ticket asks for, and claim only files that your commits change; {lines}"
            )
        }
        FailureClass::Uncommitted => format!(
            "commit what belongs to the work, and delete or ignore (.gitignore) what does not: {lines}"
        ),
        FailureClass::Scope => {
            format!("take back your changes of files that the ticket does not declare: {lines}")
        }
        FailureClass::Protected if check.name == protected::NAME => format!(
            "take back your changes of protected files, or ask for them: only a person may approve \
             them: {lines}"
        ),
        FailureClass::Protected => {
            format!("take that back, or ask for it: only a person may approve it: {lines}")
        }
        FailureClass::TestsWeakened => format!(
            "let the tests prove at least what they proved before, and leave alone how they are \
             run: {lines}"
        ),
        FailureClass::ConflictMarkers => {
            format!("resolve the conflicts and remove their markers: {lines}")
        }
        FailureClass::Setup => format!("the setup does not work with your commit: {lines}"),
        FailureClass::Compile => format!("it does not compile: mend that first; {again}"),
        FailureClass::Test => {
            let names: Vec<&str> =
                check.lines.iter().filter_map(|line| line.strip_prefix(FAILED_TEST)).collect();
            match names.as_slice() {
                [] => format!("{again}; do not weaken or remove tests"),
                names => format!(
                    "these tests fail: {}; {again}; do not weaken or remove tests",
                    listed(names)
                ),
            }
        }
        FailureClass::Type | FailureClass::Lint | FailureClass::Command => again,
        // What could not be measured has a fact, and no lines; checks have none of the others.
        FailureClass::NotMeasured
        | FailureClass::GaveUp
        | FailureClass::Timeout
        | FailureClass::Crash
        | FailureClass::AgentBroken
        | FailureClass::Machine
        | FailureClass::Conflict
        | FailureClass::RedOnMerged
        | FailureClass::Review
        | FailureClass::Rejected
        | FailureClass::Unknown => check.fact.clone(),
    }
}

#[cfg(test)]
mod tests;
